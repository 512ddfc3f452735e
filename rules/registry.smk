# Proposals for the registries that people keep. A registry file is never an input or output here.


localrules:
    write_back,


rule propose:
    """What a registry could receive after a cycle: a patch, made from results alone.

    REQUIRED INPUTS:
        flags and standing of every shard in this cycle, findings of all it rests on
    OUTPUTS:
        results/cycles/{cycle}/registry/{registry}.patch.json
    """
    input:
        flags=expand(
            "results/cycles/{{cycle}}/shards/{shard}/flags.parquet", shard=SHARDS
        ),
        inputs="results/cycles/{cycle}/inputs.json",
        mapping=lambda wildcards: SETTINGS.registries[wildcards.registry].mapping,
        tables=constants("registry/impasse.yaml"),
        script=program("propose_registry.py"),
    output:
        "results/cycles/{cycle}/registry/{registry}.patch.json",
    log:
        "results/logs/propose/{cycle}.{registry}.log",
    benchmark:
        "results/timings/propose/{cycle}.{registry}.tsv"
    resources:
        mem_mb=grows(2000, 1, "flags"),
        runtime=grows(60),
    params:
        inputs=lambda wildcards: STATE / "cycles" / wildcards.cycle / "inputs",
        results=lambda wildcards: "results/cycles",
        engine=engine.REPORTING,
    shell:
        "python {input.script:q} --inputs {params.inputs:q} --cycles {params.results:q} --mapping {input.mapping:q} --out {output:q} 2> >(tee {log:q} >&2)"


rule write_back:
    """Write a patch into a registry: journaled, idempotent, people's edits win.

    REQUIRED INPUTS:
        the patch; the registry, a file or a table, is given by its address alone
    OUTPUTS:
        results/cycles/{cycle}/registry/{registry}.receipt.json
    """
    input:
        patch="results/cycles/{cycle}/registry/{registry}.patch.json",
        mapping=lambda wildcards: SETTINGS.registries[wildcards.registry].mapping,
        script=program("apply_registry.py"),
    output:
        "results/cycles/{cycle}/registry/{registry}.receipt.json",
    log:
        "results/logs/write_back/{cycle}.{registry}.log",
    benchmark:
        "results/timings/write_back/{cycle}.{registry}.tsv"
    params:
        registry=lambda wildcards: SETTINGS.registries[wildcards.registry].address,
        state=lambda wildcards: STATE / "registry" / wildcards.registry,
        as_of=lambda wildcards: KNOWN[wildcards.cycle].as_of,
    shell:
        "python {input.script:q} --registry {params.registry:q} --mapping {input.mapping:q} --patch {input.patch:q} --state {params.state:q} --as-of {params.as_of} --actor ariane --receipt {output:q} 2> >(tee {log:q} >&2)"
