# A full pass: every (case, gene) of a shard is evaluated.


localrules:
    freeze,


rule freeze:
    """Begin a cycle: freeze its inputs under state/, which no rule names as its output.

    REQUIRED INPUTS:
        the sheet, decisions and policy of the configuration, the first time
    OUTPUTS:
        results/cycles/{cycle}/inputs.json, the receipt with the checksum of each frozen file
    """
    input:
        script=lambda wildcards: settled(wildcards.cycle, program("new_cycle.py")),
    output:
        "results/cycles/{cycle}/inputs.json",
    log:
        "results/logs/freeze/{cycle}.log",
    benchmark:
        "results/timings/freeze/{cycle}.tsv"
    params:
        settings=lambda wildcards: configuration_of(wildcards.cycle),
        state=STATE,
    shell:
        "python {input.script:q} --settings {params.settings:q} --state {params.state:q} --receipt {output:q} > {log:q} 2>&1"


rule rank:
    """Evaluate every candidate of a shard under a release: a new base.

    REQUIRED INPUTS:
        the shard's store, the prepared release, the frozen inputs
    OUTPUTS:
        findings, ledger, touched, phenotype and standing of the shard
    """
    input:
        candidates=lambda wildcards: settled(
            wildcards.cycle, f"results/store/{wildcards.shard}/candidates.parquet"
        ),
        read_keys=lambda wildcards: settled(
            wildcards.cycle, f"results/store/{wildcards.shard}/read_keys.parquet"
        ),
        knowledge=lambda wildcards: settled(
            wildcards.cycle, knowledge(release_of(wildcards.cycle))
        ),
        inputs="results/cycles/{cycle}/inputs.json",
        script=lambda wildcards: settled(wildcards.cycle, program("rank_shard.py")),
    output:
        findings="results/cycles/{cycle}/shards/{shard}/findings.parquet",
        ledger="results/cycles/{cycle}/shards/{shard}/ledger.parquet",
        touched="results/cycles/{cycle}/shards/{shard}/touched.parquet",
        phenotype="results/cycles/{cycle}/shards/{shard}/phenotype.parquet",
        standing="results/cycles/{cycle}/shards/{shard}/standing.parquet",
    log:
        "results/logs/rank/{cycle}.{shard}.log",
    benchmark:
        "results/timings/rank/{cycle}.{shard}.tsv"
    wildcard_constraints:
        cycle=one_of(FULL_CYCLES),
    resources:
        mem_mb=grows(4000, 1, "candidates"),
        runtime=grows(60, 0.5, "candidates"),
    params:
        state=STATE,
        release=lambda wildcards: release_folder(release_of(wildcards.cycle)),
        knowledge=lambda wildcards, input: os.path.dirname(input.knowledge),
        out=lambda wildcards, output: os.path.dirname(output.findings),
        engine=lambda wildcards: KNOWN[wildcards.cycle].engine["ranking"],
    shell:
        "python {input.script:q} --state {params.state:q} --cycle {wildcards.cycle:q} --shard {wildcards.shard} --release {params.release:q} --knowledge {params.knowledge:q} --candidates {input.candidates:q} --read-keys {input.read_keys:q} --cases results/cases --out {params.out:q} > {log:q} 2>&1"
