# VEP as the engine of consequences, where the configuration chooses it (engine: vep).
#
# It sees alleles only: no genotype, no sample name.


rule vep_sites:
    """Write a case's alleles, split and left-aligned, without genotypes.

    REQUIRED INPUTS:
        the VCF or VCFs, the release's reference, the BED of regions where one is set
    OUTPUTS:
        results/cases/{case}/sites.vcf.gz
    """
    input:
        vcf=lambda wildcards: COHORT.case(wildcards.case).analysis.vcfs,
        reference=COHORT.release.require("reference"),
        regions=[SETTINGS.regions] if SETTINGS.regions else [],
        script=program("vep_sites.py"),
    output:
        "results/cases/{case}/sites.vcf.gz",
    log:
        "results/logs/vep_sites/{case}.log",
    benchmark:
        "results/timings/vep_sites/{case}.tsv"
    resources:
        mem_mb=grows(1000, 1, "vcf"),
        runtime=grows(30, 0.1, "vcf"),
    params:
        samples=lambda wildcards: [
            one for one in samples_of(wildcards) if one.startswith("--sample=")
        ],
        regions=["--regions", str(SETTINGS.regions)] if SETTINGS.regions else [],
        engine=engine.ANNOTATION,
    shell:
        "python {input.script:q} --vcf {input.vcf:q} {params.samples:q} --reference {input.reference:q} {params.regions:q} --out {output:q} 2> >(tee {log:q} >&2)"


rule vep:
    """Ask VEP, offline, for the consequences of a case's alleles.

    REQUIRED INPUTS:
        the case's alleles, the release's reference, the cache's folder (config key vep_cache)
    OUTPUTS:
        results/cases/{case}/vep.vcf.gz, with CSQ
    """
    input:
        sites="results/cases/{case}/sites.vcf.gz",
        reference=COHORT.release.require("reference"),
    output:
        "results/cases/{case}/vep.vcf.gz",
    log:
        "results/logs/vep/{case}.log",
    benchmark:
        "results/timings/vep/{case}.tsv"
    conda:
        "../workflow/envs/vep.yaml"
    threads: 4
    resources:
        mem_mb=grows(8000),
        runtime=grows(240, 0.5, "sites"),
    params:
        cache=SETTINGS.vep_cache,
        assembly=lambda wildcards: COHORT.case(wildcards.case).analysis.assembly,
        distance=SETTINGS.gene_padding,
    shell:
        "vep --offline --cache --dir_cache {params.cache:q} --species homo_sapiens --assembly {params.assembly:q} --fasta {input.reference:q} --format vcf --input_file {input.sites:q} --vcf --compress_output bgzip --output_file {output:q} --force_overwrite --no_stats --fork {threads} --distance {params.distance} --allele_number --symbol --hgvs --hgvsg --mane --canonical --numbers --total_length --biotype --transcript_version > {log:q} 2>&1"
