# What the calls say of the analysis itself. Files for the laboratory: no page of a case reads them.


rule quality:
    """Sex, relatedness, Mendelian errors, contamination and calling of one case.

    REQUIRED INPUTS:
        the case's normalised BCF, the release's reference
    OUTPUTS:
        results/quality/{case}.json
    """
    input:
        bcf="results/cases/{case}/variants.bcf",
        reference=COHORT.release.require("reference"),
        tables=constants("quality.yaml"),
        script=program("check_quality.py"),
    output:
        "results/quality/{case}.json",
    log:
        "results/logs/quality/{case}.log",
    benchmark:
        "results/timings/quality/{case}.tsv"
    resources:
        mem_mb=grows(1000, 1, "bcf"),
        runtime=grows(30, 0.1, "bcf"),
    params:
        members=lambda wildcards: to_json(
            [asdict(member) for member in COHORT.case(wildcards.case).members]
        ),
        separate=lambda wildcards: (
            ["--separate"] if COHORT.case(wildcards.case).analysis.more_vcfs else []
        ),
    shell:
        "python {input.script:q} --case {wildcards.case:q} --bcf {input.bcf:q} --members {params.members:q} --reference {input.reference:q} {params.separate:q} --out {output:q} > {log:q} 2>&1"


rule quality_list:
    """The laboratory's list of all cases, errors first.

    REQUIRED INPUTS:
        the quality file of each case
    OUTPUTS:
        results/quality/quality.tsv, quality.html
    """
    input:
        cases=expand("results/quality/{case}.json", case=CASES),
        script=program("check_quality.py"),
    output:
        tsv="results/quality/quality.tsv",
        html="results/quality/quality.html",
    log:
        "results/logs/quality_list.log",
    benchmark:
        "results/timings/quality_list.tsv"
    resources:
        mem_mb=grows(2000),
        runtime=grows(60),
    params:
        language=SETTINGS.language,
    shell:
        "python {input.script:q} --gather {input.cases:q} --out {output.tsv:q} --html {output.html:q} --language {params.language} > {log:q} 2>&1"
