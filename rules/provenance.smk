# What a cycle was made from, and what it made.
#
# A rule and not an onsuccess handler: the manifest is a target like any other, made again when
# anything it names was, missing when the cycle did not end, and never when nothing was to be done.


localrules:
    run_manifest,


rule run_manifest:
    """Write down inputs, code, environment, release and files of a cycle, each by its checksum.

    REQUIRED INPUTS:
        all else that the cycle consists of. The manifest of the cycle before is named where there
        is one, and is no input: a cycle is not made again for the sake of it
    OUTPUTS:
        results/cycles/{cycle}/run_manifest.json
    """
    input:
        told=told_of_cycle(),
        script=program("run_manifest.py"),
    output:
        "results/cycles/{cycle}/run_manifest.json",
    log:
        "results/logs/run_manifest/{cycle}.log",
    benchmark:
        "results/timings/run_manifest/{cycle}.tsv"
    wildcard_constraints:
        cycle=one_of([CYCLE]),
    params:
        releases=SETTINGS.releases,
        engine=engine.REPORTING,
    shell:
        'python {input.script:q} --cycle {wildcards.cycle:q} --releases {params.releases:q} --command "${{ARIANE_COMMAND:-}}" > {log:q} 2>&1'
