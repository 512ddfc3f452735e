# Downloads, each into the pool of the releases, and a release made of them.
#
# This file stands alone, for the workflow proper cannot be planned before its release is there:
#
#     snakemake --snakefile rules/resources.smk --cores 4 --config release=2026-01 as_of=2026-01-15
#
# No rule names a file under releases/ as its output: each writes a receipt. Run it on a transfer
# node; all rules are local.

import os
import sys
from pathlib import Path
from shlex import quote

from ariane.knowledge.fetch.manifest import MANIFEST, read_catalogue
from ariane.model.errors import ArianeError


container: "docker://ariane:0.1.0"


SCRIPT = os.path.relpath(
    Path(workflow.current_basedir).parent / "scripts" / "fetch_resources.py"
)
RELEASE = str(config.get("release", ""))
AS_OF = str(config.get("as_of", ""))
ASSEMBLY = str(config.get("assembly", "GRCh38"))
WORDS = str(config.get("options", "")).split()

shell.prefix(
    f"set -euo pipefail; export PATH={quote(str(Path(sys.executable).parent))}:$PATH; "
)

try:
    if not (RELEASE and AS_OF):
        raise ArianeError(
            "Give --config release=NAME as_of=DATE, such as 2026-01-15; also: assembly=GRCh37, "
            "only='NAME NAME', options='words for fetch_resources.py', manifest=FILE."
        )
    CATALOGUE = Path(config.get("manifest", MANIFEST))
    ENTRIES = [
        entry.name
        for entry in read_catalogue(CATALOGUE, as_of=AS_OF).choose(
            ASSEMBLY, str(config.get("only", "")).split()
        )
    ]
except ArianeError as problem:
    print(problem, file=sys.stderr)
    sys.exit(2)


localrules:
    make_release,
    fetch,


rule make_release:
    """A release of what was fetched.

    REQUIRED INPUTS:
        the receipt of each download
    OUTPUTS:
        results/resources/releases/{release}.json; the release itself lies under releases/
    """
    default_target: True
    input:
        receipts=expand(
            "results/resources/{as_of}/{entry}.json", as_of=AS_OF, entry=ENTRIES
        ),
        script=SCRIPT,
    output:
        f"results/resources/releases/{RELEASE}.json",
    log:
        f"results/logs/make_release/{RELEASE}.log",
    benchmark:
        f"results/timings/make_release/{RELEASE}.tsv"
    params:
        manifest=str(CATALOGUE),
        entries=ENTRIES,
        words=WORDS,
        release=RELEASE,
        as_of=AS_OF,
        assembly=ASSEMBLY,
    shell:
        "python {input.script:q} --manifest {params.manifest:q} --assembly {params.assembly} --as-of {params.as_of:q} --release {params.release:q} --only {params.entries:q} --receipt {output:q} {params.words:q} 2> >(tee {log:q} >&2)"


rule fetch:
    """One download, resumed where an earlier run stopped.

    REQUIRED INPUTS:
        none but the manifest; the network
    OUTPUTS:
        results/resources/{as_of}/{entry}.json; the file itself lies in the pool of the releases
    """
    input:
        script=SCRIPT,
    output:
        "results/resources/{as_of}/{entry}.json",
    log:
        "results/logs/fetch/{as_of}.{entry}.log",
    benchmark:
        "results/timings/fetch/{as_of}.{entry}.tsv"
    params:
        manifest=str(CATALOGUE),
        assembly=ASSEMBLY,
        words=WORDS,
    shell:
        "python {input.script:q} --manifest {params.manifest:q} --assembly {params.assembly} --as-of {wildcards.as_of:q} --only {wildcards.entry:q} --receipt {output:q} {params.words:q} 2> >(tee {log:q} >&2)"
