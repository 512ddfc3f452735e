# Pages, tables and figures for people, and what of them goes into Snakemake's own report.


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
        html=page_of_case(),
        tsv="results/cycles/{cycle}/cases/{case}.tsv",
        json="results/cycles/{cycle}/cases/{case}.json",
    log:
        "results/logs/page/{cycle}.{case}.log",
    benchmark:
        "results/timings/page/{cycle}.{case}.tsv"
    resources:
        mem_mb=grows(2000),
        runtime=grows(30),
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
    """The cohort's page, its table of cases, its list of flags and its figures.

    REQUIRED INPUTS:
        standing and events of every shard, all flags in order, of this cycle and of those before
        it; who acts next; the changes of the release where there are any
    OUTPUTS:
        results/cycles/{cycle}/cohort.html, cohort.tsv, flags.tsv, figures/*.svg
    """
    input:
        flags="results/cycles/{cycle}/flags.parquet",
        earlier=lambda wildcards: [
            f"results/cycles/{known}/flags.parquet"
            for known in before(wildcards.cycle)
        ],
        follow_up="results/cycles/{cycle}/follow_up.tsv",
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
            subcategory="Cycle {cycle}",
            labels={"what": "page"},
            caption="../workflow/report/cohort_page.rst",
        ),
        tsv=table_of_cohort("cohort"),
        flags=table_of_cohort("flags"),
        figures=[figure_of_cohort(name) for name in FIGURES],
    log:
        "results/logs/cohort/{cycle}.log",
    benchmark:
        "results/timings/cohort/{cycle}.tsv"
    resources:
        mem_mb=grows(4000, 1, "standing"),
        runtime=grows(60, 0.5, "standing"),
    params:
        folder=lambda wildcards: f"results/cycles/{wildcards.cycle}",
        inputs=lambda wildcards: STATE / "cycles" / wildcards.cycle / "inputs",
        release=lambda wildcards: release_folder(release_of(wildcards.cycle)),
        changes=lambda wildcards, input: (
            ["--changes", *input.changes] if input.changes else []
        ),
        before=lambda wildcards: release_before(wildcards.cycle),
        figures=lambda wildcards: f"results/cycles/{wildcards.cycle}/figures",
        shards=COHORT.cycle.shards,
        language=SETTINGS.language,
        engine=engine.REPORTING,
    shell:
        "python {input.script:q} --cycle-folder {params.folder:q} --inputs {params.inputs:q} --release {params.release:q} {params.before:q} {params.changes:q} --follow-up {input.follow_up:q} --shards {params.shards} --language {params.language} --html {output.html:q} --tsv {output.tsv:q} --flags-tsv {output.flags:q} --figures {params.figures:q} > {log:q} 2>&1"
