# What the rules share: the cohort, the paths of programs, and which cycle lies on which.
#
# The cohort is read when the workflow is planned. A cycle that has begun is read from its frozen
# inputs; one that has not has all its inputs checked here, and every fault is told before any job
# starts (exit status 2).

import os
import re
import sys
from dataclasses import asdict
from pathlib import Path
from shlex import quote

from ariane import runs
from ariane.files import keep_from_others
from ariane.intake.looked import REMEMBERED
from ariane.model import engine
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError
from ariane.reanalyse.cohort import hand_over, open_cohort
from ariane.reanalyse.frozen import configuration_file
from ariane.report.figures import NAMES as FIGURES

ROOT = Path(workflow.current_basedir).parent
STATE = Path("state")

# Logs, folders and results alike, on each node: a job reads this file again. Snakemake has made its
# own folder by now.
keep_from_others(Path(".snakemake"), Path("results"), STATE)

runs.quiet_about_disks()

# Programs run with the interpreter that runs Snakemake.
shell.prefix(
    f"set -euo pipefail; export PATH={quote(str(Path(sys.executable).parent))}:$PATH; "
)

# What the jobs of this run, on whichever machine, are told of the cohort: see hand_over.
PLAN = Path(".snakemake") / "ariane" / "plan.json"

try:
    if workflow.is_main_process:
        COHORT = open_cohort(config, STATE, remembered=REMEMBERED)
    else:
        COHORT = open_cohort(config, STATE, handed=PLAN)
except ArianeError as problem:
    print(problem, file=sys.stderr)
    sys.exit(2)

SETTINGS = COHORT.settings
CYCLE = COHORT.cycle.cycle
# A batch has no shards: a store or a page made of it alone would lose everybody else.
SHARDS = [] if SETTINGS.batch else COHORT.shards
CASES = [case.id for case in COHORT.cases]
# Every cycle that this one rests on, oldest first, each with the release it was made under.
KNOWN = {known.cycle: known for known in (*COHORT.previous, COHORT.cycle)}

if workflow.is_main_process:
    MARK = runs.new_mark()
    # The words of the command are known here only: a job's own command line is another. They go
    # by the environment, for as a parameter they would make the manifest again at each new word.
    # Linux takes 128 KiB of one variable: of a command that names thousands of files, the head.
    os.environ.update(
        ARIANE_COMMAND=to_json(
            sys.argv if len(to_json(sys.argv)) < 50_000 else [*sys.argv[:10], "..."]
        )
    )
    for notice in COHORT.notices:
        print(notice, file=sys.stderr)


onstart:
    runs.begin(MARK, Path("results"), STATE)
    hand_over(COHORT, config, PLAN)


onerror:
    # Newer versions of Snakemake give the paths of several logs, others one.
    for path in listed(log):
        for told in runs.failures(Path(path)):
            print(told, file=sys.stderr)


def one_of(names):
    """A pattern that matches the names given and nothing else."""
    return "|".join(map(re.escape, names)) if names else "(?!)"


wildcard_constraints:
    case=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    cycle=one_of([]) if SETTINGS.batch else r"[A-Za-z0-9][A-Za-z0-9._-]*",
    release=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    registry=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    shard=one_of([]) if SETTINGS.batch else r"\d+-of-\d+",


def program(name):
    """Path of a program, relative to the working folder, so that an edit reruns its rule."""
    return os.path.relpath(ROOT / "scripts" / name)


def constants(*names):
    """Tables of resources/ that a step reads, relative to the working folder."""
    return [os.path.relpath(ROOT / "resources" / name) for name in names]


def configuration_of(cycle):
    """The configuration that a cycle began with, as JSON: a later edit belongs to the next one."""
    stored = configuration_file(STATE, cycle)
    return (
        stored.read_text(encoding="utf-8")
        if stored.is_file()
        else to_json(dict(config))
    )


def samples_of(wildcards):
    """Members, sample names and sexes of a case, as arguments."""
    members = COHORT.case(wildcards.case).sequenced
    sexes = [f"--sex={member.id}={member.sex}" for member in members]
    return [f"--sample={member.id}={member.sample}" for member in members] + sexes


def sv_vcf_of(case):
    """The VCF of structural variants of a case, as a list that may be empty."""
    path = COHORT.case(case).analysis.sv_vcf
    return [path] if path else []


def consequences_of(wildcards):
    """Whose consequences a case is annotated with, as arguments."""
    if SETTINGS.engine != "vep":
        return ["--engine", SETTINGS.engine]
    return ["--engine", "vep", "--vep", f"results/cases/{wildcards.case}/vep.vcf.gz"]


def release_folder(name):
    """Folder of a release."""
    return SETTINGS.releases / name


def release_of(cycle):
    """Name of the release that a cycle was made under."""
    return KNOWN[cycle].release


def release_before(cycle):
    """The release of the cycle before, as arguments; none for a first one."""
    previous = KNOWN[cycle].previous
    if previous not in KNOWN:
        return []
    return ["--release-before", str(release_folder(release_of(previous)))]


def knowledge(release):
    """The file that marks a release as prepared."""
    return f"results/releases/{release}/knowledge/summary.json"


def chain_of(cycle):
    """The cycles that make up a cycle's state, from the last base, oldest first."""
    names = list(KNOWN)
    upto = names[: names.index(cycle) + 1]
    return upto[max(i for i, name in enumerate(upto) if KNOWN[name].base) :]


def before(cycle):
    """The cycles that make up the state before a cycle; none for a first one."""
    previous = KNOWN[cycle].previous
    return chain_of(previous) if previous in KNOWN else []


def queue_before(cycle):
    """All flags of the cycle before, some of which may wait; none for a first one."""
    previous = KNOWN[cycle].previous
    return [f"results/cycles/{previous}/flags.parquet"] if previous in KNOWN else []


def settled(cycle, path):
    """An input that no longer makes a past cycle out of date: it is made anew only when missing.

    The store grows and programs change; what an earlier cycle said must stay what it was.
    """
    return path if cycle == CYCLE else ancient(path)


def shard_folders(cycles, shard):
    """A shard's folders in some cycles."""
    return [f"results/cycles/{cycle}/shards/{shard}" for cycle in cycles]


FULL_CYCLES = [name for name, known in KNOWN.items() if known.kind == "full"]
# The oldest may follow a cycle that is not known here. What it said stays what it was; the
# configuration of that cycle makes it again.
TOLD_CYCLES = [
    name
    for name, known in KNOWN.items()
    if not known.previous or known.previous in KNOWN
]
DELTA_CYCLES = [name for name in TOLD_CYCLES if KNOWN[name].kind == "delta"]


def grows(floor, per_mb=0, *names):
    """A resource as a function: a floor, more for each MB of some inputs, double at each attempt.

    Partition and account are the site's: they come from the user's profile, never from a rule.
    """

    def amount(wildcards, input, attempt):
        size = sum(
            os.path.getsize(path)
            for name in names
            for path in listed(getattr(input, name))
        )
        return round((floor + per_mb * size / 1e6) * 2 ** (attempt - 1))

    return amount


def listed(files):
    """One file, or several, as a list."""
    return [files] if isinstance(files, str) else list(files)


def batch_targets():
    """What can be made of single cases before the cycle that takes them up begins."""
    return expand("results/cases/{case}/candidates.parquet", case=CASES) + expand(
        "results/quality/{case}.json", case=CASES
    )


def told_of_cycle():
    """Everything that a finished cycle tells people and registries."""
    folder = f"results/cycles/{CYCLE}"
    targets = [f"{folder}/cohort.html", f"{folder}/cohort.tsv", f"{folder}/flags.tsv"]
    targets.append(f"{folder}/follow_up.tsv")
    targets += [f"{folder}/requests.md", f"{folder}/requests.tsv"]
    targets += ["results/quality/quality.tsv"] if CASES else []
    if SETTINGS.pages == "all":
        targets += [f"{folder}/cases/{case}.html" for case in CASES]
    targets += [
        f"{folder}/registry/{name}.receipt.json" for name in SETTINGS.registries
    ]
    return targets


def cycle_targets():
    """Everything that a finished cycle consists of: the manifest names all else.

    Of a batch, what single cases consist of.
    """
    if SETTINGS.batch:
        return batch_targets()
    return [*told_of_cycle(), f"results/cycles/{CYCLE}/run_manifest.json"]


# Each caption of the report holds a link to each of its files, so that its making time grows with
# the square of their number: a large cohort's pages stay out of it (docs/cohort-page.md).
REPORTED = 200


def page_of_case():
    """A case's page, marked for the report where the cohort is small."""
    path = "results/cycles/{cycle}/cases/{case}.html"
    if len(CASES) > REPORTED:
        return path
    return report(
        path,
        category="Cases",
        subcategory="Cycle {cycle}",
        labels={"case": "{case}"},
        caption="../workflow/report/case_page.rst",
    )


def figure_of_cohort(name):
    """One figure of the cohort, marked for the report."""
    return report(
        f"results/cycles/{{cycle}}/figures/{name}.svg",
        category="Cohort",
        subcategory="Cycle {cycle}",
        labels={"what": f"figure: {name}"},
        caption=f"../workflow/report/figure_{name}.rst",
    )


def table_of_cohort(name):
    """One table of the cohort, marked for the report."""
    return report(
        f"results/cycles/{{cycle}}/{name}.tsv",
        category="Cohort",
        subcategory="Cycle {cycle}",
        labels={"what": f"table: {name}"},
        caption=f"../workflow/report/table_{name}.rst",
    )
