# From a case's VCF to its candidates, and from a shard's cases to its store.


rule annotate:
    """Normalise a case's VCF, find consequences, write its candidates.

    REQUIRED INPUTS:
        the VCF or VCFs, that of structural variants where there is one, the release's reference
        and transcripts, the BED of regions where one is set
    OUTPUTS:
        results/cases/{case}/variants.bcf with its index, candidates.parquet, annotation.json
    """
    input:
        vcf=lambda wildcards: COHORT.case(wildcards.case).analysis.vcfs,
        sv_vcf=lambda wildcards: sv_vcf_of(wildcards.case),
        reference=COHORT.release.require("reference"),
        transcripts=COHORT.release.require("transcripts"),
        regions=[SETTINGS.regions] if SETTINGS.regions else [],
        vep="results/cases/{case}/vep.vcf.gz" if SETTINGS.engine == "vep" else [],
        tables=constants("consequences.tsv", "engine_words.tsv"),
        script=program("annotate_case.py"),
    output:
        bcf="results/cases/{case}/variants.bcf",
        index="results/cases/{case}/variants.bcf.csi",
        candidates="results/cases/{case}/candidates.parquet",
        summary="results/cases/{case}/annotation.json",
    log:
        "results/logs/annotate/{case}.log",
    benchmark:
        "results/timings/annotate/{case}.tsv"
    resources:
        mem_mb=grows(2000, 1, "vcf"),
        runtime=grows(30, 0.2, "vcf"),
    params:
        samples=samples_of,
        sv_vcf=lambda wildcards: [
            f"--sv-vcf={path}" for path in sv_vcf_of(wildcards.case)
        ],
        padding=SETTINGS.gene_padding,
        regions=["--regions", str(SETTINGS.regions)] if SETTINGS.regions else [],
        consequences=consequences_of,
        engine=engine.ANNOTATION,
    shell:
        "python {input.script:q} --case {wildcards.case:q} --vcf {input.vcf:q} {params.sv_vcf:q} {params.samples:q} --reference {input.reference:q} --transcripts {input.transcripts:q} {params.regions:q} --gene-padding {params.padding} {params.consequences:q} --out-bcf {output.bcf:q} --out-candidates {output.candidates:q} --out-summary {output.summary:q} 2> >(tee {log:q} >&2)"


rule store:
    """Gather a shard's candidates and the keys that their evidence reads.

    REQUIRED INPUTS:
        the candidates of the shard's cases; a shard may have none
    OUTPUTS:
        results/store/{shard}/candidates.parquet, read_keys.parquet
    """
    input:
        candidates=lambda wildcards: [
            f"results/cases/{case}/candidates.parquet"
            for case in COHORT.cases_in(wildcards.shard)
        ],
        script=program("build_store.py"),
    output:
        candidates="results/store/{shard}/candidates.parquet",
        read_keys="results/store/{shard}/read_keys.parquet",
    log:
        "results/logs/store/{shard}.log",
    benchmark:
        "results/timings/store/{shard}.tsv"
    resources:
        mem_mb=grows(2000, 1, "candidates"),
        runtime=grows(30, 0.05, "candidates"),
    params:
        engine=engine.ANNOTATION,
    shell:
        "python {input.script:q} --candidates {input.candidates:q} --out-candidates {output.candidates:q} --out-read-keys {output.read_keys:q} > {log:q} 2>&1"
