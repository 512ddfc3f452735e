# Pages and tables for people.


rule page:
    """A case's page, its table of hypotheses and the data behind both.

    REQUIRED INPUTS:
        the shard's tables in this cycle and those it rests on, the case's annotation and calls,
        the store
    OUTPUTS:
        results/cycles/{cycle}/cases/{case}.html, .tsv, .json
    """
    input:
        shard=lambda wildcards: [
            f"{folder}/events.parquet"
            for folder in shard_folders(
                chain_of(wildcards.cycle), COHORT.shard(wildcards.case)
            )
        ],
        summary="results/cases/{case}/annotation.json",
        calls="results/cases/{case}/variants.bcf",
        store=lambda wildcards: f"results/store/{COHORT.shard(wildcards.case)}/candidates.parquet",
        knowledge=lambda wildcards: knowledge(release_of(wildcards.cycle)),
        script=program("report_case.py"),
    output:
        html=report(
            "results/cycles/{cycle}/cases/{case}.html",
            category="Cases",
            labels={"case": "{case}", "cycle": "{cycle}"},
            caption="../workflow/report/case_page.rst",
        ),
        tsv="results/cycles/{cycle}/cases/{case}.tsv",
        json="results/cycles/{cycle}/cases/{case}.json",
    log:
        "results/logs/page/{cycle}.{case}.log",
    benchmark:
        "results/timings/page/{cycle}.{case}.tsv"
    params:
        shard=lambda wildcards: COHORT.shard(wildcards.case),
        folder=lambda wildcards: f"results/cycles/{wildcards.cycle}",
        inputs=lambda wildcards: STATE / "cycles" / wildcards.cycle / "inputs",
        knowledge=lambda wildcards, input: os.path.dirname(input.knowledge),
        release=lambda wildcards: release_folder(release_of(wildcards.cycle)),
        store=lambda wildcards, input: os.path.dirname(input.store),
        language=SETTINGS.language,
        engine=engine.REPORTING,
    shell:
        "python {input.script:q} --case {wildcards.case:q} --cycle-folder {params.folder:q} --shard {params.shard:q} --inputs {params.inputs:q} --knowledge {params.knowledge:q} --release {params.release:q} --summary {input.summary:q} --store {params.store:q} --language {params.language} --html {output.html:q} --tsv {output.tsv:q} --json {output.json:q} > {log:q} 2>&1"


rule cohort:
    """The cohort's page, its table of cases and its list of flags.

    REQUIRED INPUTS:
        standing and events of every shard, all flags in order; the changes of the release where
        there are any
    OUTPUTS:
        results/cycles/{cycle}/cohort.html, cohort.tsv, flags.tsv
    """
    input:
        flags="results/cycles/{cycle}/flags.parquet",
        standing=expand(
            "results/cycles/{{cycle}}/shards/{shard}/standing.parquet", shard=SHARDS
        ),
        changes=lambda wildcards: (
            [f"results/cycles/{wildcards.cycle}/changes.parquet"]
            if before(wildcards.cycle)
            else []
        ),
        script=program("report_cohort.py"),
    output:
        html=report(
            "results/cycles/{cycle}/cohort.html",
            category="Cohort",
            labels={"cycle": "{cycle}"},
            caption="../workflow/report/cohort_page.rst",
        ),
        tsv="results/cycles/{cycle}/cohort.tsv",
        flags="results/cycles/{cycle}/flags.tsv",
    log:
        "results/logs/cohort/{cycle}.log",
    benchmark:
        "results/timings/cohort/{cycle}.tsv"
    params:
        folder=lambda wildcards: f"results/cycles/{wildcards.cycle}",
        inputs=lambda wildcards: STATE / "cycles" / wildcards.cycle / "inputs",
        release=lambda wildcards: release_folder(release_of(wildcards.cycle)),
        changes=lambda wildcards, input: (
            ["--changes", *input.changes] if input.changes else []
        ),
        shards=COHORT.cycle.shards,
        language=SETTINGS.language,
        engine=engine.REPORTING,
    shell:
        "python {input.script:q} --cycle-folder {params.folder:q} --inputs {params.inputs:q} --release {params.release:q} {params.changes:q} --shards {params.shards} --language {params.language} --html {output.html:q} --tsv {output.tsv:q} --flags-tsv {output.flags:q} > {log:q} 2>&1"
