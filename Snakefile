# Ariane: leads unsolved rare-disease cases out of the diagnostic impasse.
#
# Configuration, includes and the targets; every stage stands in rules/, all logic in
# workflow/ariane/, every program in scripts/. See docs/architecture.md.

from snakemake.utils import min_version

min_version("9.14.1")

if not config:

    configfile: "config/config.yaml"


# One environment for every rule (only VEP has its own): environment.yml, or an image built from
# workflow/envs/Containerfile (OCI) under this name, or from ariane.def (Apptainer); none is published.
container: "docker://ariane:0.1.0"


report: "workflow/report/workflow.rst"


include: "rules/common.smk"
include: "rules/knowledge.smk"
include: "rules/vep.smk"
include: "rules/annotate.smk"
include: "rules/quality.smk"
include: "rules/rank.smk"
include: "rules/reanalyse.smk"
include: "rules/report.smk"
include: "rules/registry.smk"
include: "rules/provenance.smk"


rule all:
    default_target: True
    input:
        cycle_targets(),
