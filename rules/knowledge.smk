# From a release to tables, and from two releases to what changed between them.


rule prepare_release:
    """Verify a release's files and lay them out as tables.

    REQUIRED INPUTS:
        the release's manifest and every file it names
    OUTPUTS:
        the tables of results/releases/{release}/knowledge, and their summary, written last
    """
    input:
        manifest=lambda wildcards: release_folder(wildcards.release) / "manifest.yaml",
        tables=constants(
            "assertion_words.tsv",
            "assertion_sources.tsv",
            "review_stars.tsv",
            "inheritance_modes.tsv",
            "consequences.tsv",
        ),
        script=program("prepare_release.py"),
    output:
        summary="results/releases/{release}/knowledge/summary.json",
    log:
        "results/logs/prepare_release/{release}.log",
    benchmark:
        "results/timings/prepare_release/{release}.tsv"
    resources:
        mem_mb=grows(4000),
        runtime=grows(120),
    params:
        release=lambda wildcards, input: os.path.dirname(input.manifest),
        out=lambda wildcards, output: os.path.dirname(output.summary),
        engine=engine.KNOWLEDGE,
    shell:
        "python {input.script:q} --release {params.release:q} --out {params.out:q} 2> >(tee {log:q} >&2)"


rule compare:
    """What the release of a cycle says that the release of the previous cycle did not.

    REQUIRED INPUTS:
        both releases, prepared
    OUTPUTS:
        results/cycles/{cycle}/changes.parquet
    """
    input:
        old=lambda wildcards: knowledge(release_of(KNOWN[wildcards.cycle].previous)),
        new=lambda wildcards: knowledge(release_of(wildcards.cycle)),
        script=program("compare_releases.py"),
    output:
        "results/cycles/{cycle}/changes.parquet",
    log:
        "results/logs/compare/{cycle}.log",
    benchmark:
        "results/timings/compare/{cycle}.tsv"
    resources:
        mem_mb=grows(4000),
        runtime=grows(60),
    params:
        old=lambda wildcards: release_folder(
            release_of(KNOWN[wildcards.cycle].previous)
        ),
        new=lambda wildcards: release_folder(release_of(wildcards.cycle)),
        old_knowledge=lambda wildcards, input: os.path.dirname(input.old),
        new_knowledge=lambda wildcards, input: os.path.dirname(input.new),
        engine=engine.RANKING,
    shell:
        "python {input.script:q} {params.old:q} {params.new:q} --old-knowledge {params.old_knowledge:q} --new-knowledge {params.new_knowledge:q} --out {output:q} > {log:q} 2>&1"
