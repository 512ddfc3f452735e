# A delta: only what the change of release touches is evaluated again; then events and flags.


rule reanalyse:
    """Evaluate again what changed since the previous cycle: an overlay.

    REQUIRED INPUTS:
        the shard's store, the prepared release, the changes, the shard's
        tables since the last base, the frozen inputs
    OUTPUTS:
        the same tables as rule rank; findings and ledger hold only what was touched
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
        changes="results/cycles/{cycle}/changes.parquet",
        previous=lambda wildcards: [
            f"{folder}/touched.parquet"
            for folder in shard_folders(before(wildcards.cycle), wildcards.shard)
        ],
        inputs="results/cycles/{cycle}/inputs.json",
        script=lambda wildcards: settled(wildcards.cycle, program("rank_shard.py")),
    output:
        findings="results/cycles/{cycle}/shards/{shard}/findings.parquet",
        ledger="results/cycles/{cycle}/shards/{shard}/ledger.parquet",
        touched="results/cycles/{cycle}/shards/{shard}/touched.parquet",
        phenotype="results/cycles/{cycle}/shards/{shard}/phenotype.parquet",
        standing="results/cycles/{cycle}/shards/{shard}/standing.parquet",
    log:
        "results/logs/reanalyse/{cycle}.{shard}.log",
    benchmark:
        "results/timings/reanalyse/{cycle}.{shard}.tsv"
    wildcard_constraints:
        cycle=one_of(DELTA_CYCLES),
    resources:
        mem_mb=grows(4000, 1, "candidates"),
        runtime=grows(60, 0.5, "candidates"),
    params:
        state=STATE,
        release=lambda wildcards: release_folder(release_of(wildcards.cycle)),
        knowledge=lambda wildcards, input: os.path.dirname(input.knowledge),
        previous=lambda wildcards: shard_folders(
            before(wildcards.cycle), wildcards.shard
        ),
        out=lambda wildcards, output: os.path.dirname(output.findings),
        engine=lambda wildcards: KNOWN[wildcards.cycle].engine["ranking"],
    shell:
        "python {input.script:q} --state {params.state:q} --cycle {wildcards.cycle:q} --shard {wildcards.shard} --release {params.release:q} --knowledge {params.knowledge:q} --candidates {input.candidates:q} --read-keys {input.read_keys:q} --cases results/cases --changes {input.changes:q} --previous {params.previous:q} --out {params.out:q} > {log:q} 2>&1"


rule events:
    """What differs from the previous cycle, why, and which cases must be looked at.

    REQUIRED INPUTS:
        the shard's tables of this cycle and of those it compares with, the prepared release
    OUTPUTS:
        events and flags of the shard, and since when each finding stands
    """
    input:
        current=lambda wildcards: [
            f"{folder}/standing.parquet"
            for folder in shard_folders(chain_of(wildcards.cycle), wildcards.shard)
        ],
        previous=lambda wildcards: [
            f"{folder}/standing.parquet"
            for folder in shard_folders(before(wildcards.cycle), wildcards.shard)
        ],
        past=lambda wildcards: [
            f"{folder}/since.parquet"
            for folder in shard_folders(before(wildcards.cycle)[-1:], wildcards.shard)
        ],
        told=lambda wildcards: [
            f"{folder}/flags.parquet"
            for folder in shard_folders(before(wildcards.cycle)[-1:], wildcards.shard)
        ],
        changes=lambda wildcards: (
            [f"results/cycles/{wildcards.cycle}/changes.parquet"]
            if before(wildcards.cycle)
            else []
        ),
        knowledge=lambda wildcards: settled(
            wildcards.cycle, knowledge(release_of(wildcards.cycle))
        ),
        waiting=lambda wildcards: queue_before(wildcards.cycle),
        script=lambda wildcards: settled(wildcards.cycle, program("find_events.py")),
    output:
        events="results/cycles/{cycle}/shards/{shard}/events.parquet",
        flags="results/cycles/{cycle}/shards/{shard}/flags.parquet",
        since="results/cycles/{cycle}/shards/{shard}/since.parquet",
    log:
        "results/logs/events/{cycle}.{shard}.log",
    benchmark:
        "results/timings/events/{cycle}.{shard}.tsv"
    wildcard_constraints:
        cycle=one_of(TOLD_CYCLES),
    resources:
        mem_mb=grows(2000, 1, "current", "previous"),
        runtime=grows(60, 0.5, "current", "previous"),
    params:
        state=STATE,
        current=lambda wildcards: shard_folders(
            chain_of(wildcards.cycle), wildcards.shard
        ),
        previous=lambda wildcards: shard_folders(
            before(wildcards.cycle), wildcards.shard
        ),
        changes=lambda wildcards, input: (
            ["--changes", *input.changes] if input.changes else []
        ),
        waiting=lambda wildcards, input: (
            ["--waiting", *input.waiting] if input.waiting else []
        ),
        past=lambda wildcards, input: ["--past", *input.past] if input.past else [],
        release=lambda wildcards: release_folder(release_of(wildcards.cycle)),
        knowledge=lambda wildcards, input: os.path.dirname(input.knowledge),
        engine=lambda wildcards: KNOWN[wildcards.cycle].engine["ranking"],
    shell:
        "python {input.script:q} --state {params.state:q} --cycle {wildcards.cycle:q} --shard {wildcards.shard} --current {params.current:q} --previous {params.previous:q} {params.changes:q} {params.waiting:q} {params.past:q} --release {params.release:q} --knowledge {params.knowledge:q} --events {output.events:q} --flags {output.flags:q} --since {output.since:q} > {log:q} 2>&1"


rule follow_up:
    """Who acts next on each flagged finding, and by when; what is overdue first.

    REQUIRED INPUTS:
        flags of every shard, of this cycle and of those it rests on; the frozen inputs
    OUTPUTS:
        results/cycles/{cycle}/follow_up.tsv, and its checksum
    """
    input:
        flags=lambda wildcards: expand(
            "results/cycles/{known}/shards/{shard}/flags.parquet",
            known=[*before(wildcards.cycle), wildcards.cycle],
            shard=SHARDS,
        ),
        inputs="results/cycles/{cycle}/inputs.json",
        script=lambda wildcards: settled(wildcards.cycle, program("follow_up.py")),
    output:
        tsv="results/cycles/{cycle}/follow_up.tsv",
        checksum="results/cycles/{cycle}/follow_up.tsv.sha256",
    log:
        "results/logs/follow_up/{cycle}.log",
    benchmark:
        "results/timings/follow_up/{cycle}.tsv"
    resources:
        mem_mb=grows(2000, 1, "flags"),
        runtime=grows(30),
    params:
        state=STATE,
    shell:
        "python {input.script:q} --state {params.state:q} --results results --cycle {wildcards.cycle:q} --out {output.tsv:q} > {log:q} 2>&1"


rule queue:
    """The flags of all shards in one order; what exceeds the cap of a site waits.

    REQUIRED INPUTS:
        flags of every shard, the frozen policy
    OUTPUTS:
        results/cycles/{cycle}/flags.parquet
    """
    input:
        flags=expand(
            "results/cycles/{{cycle}}/shards/{shard}/flags.parquet", shard=SHARDS
        ),
        inputs="results/cycles/{cycle}/inputs.json",
        script=lambda wildcards: settled(wildcards.cycle, program("queue_flags.py")),
    output:
        "results/cycles/{cycle}/flags.parquet",
    log:
        "results/logs/queue/{cycle}.log",
    benchmark:
        "results/timings/queue/{cycle}.tsv"
    resources:
        mem_mb=grows(2000, 1, "flags"),
        runtime=grows(30),
    params:
        folder=lambda wildcards: f"results/cycles/{wildcards.cycle}",
        inputs=lambda wildcards: STATE / "cycles" / wildcards.cycle / "inputs",
        shards=COHORT.cycle.shards,
        as_of=lambda wildcards: KNOWN[wildcards.cycle].as_of,
    shell:
        "python {input.script:q} --cycle-folder {params.folder:q} --inputs {params.inputs:q} --shards {params.shards} --as-of {params.as_of} --out {output:q} > {log:q} 2>&1"


rule requests:
    """A draft request for a targeted reanalysis for each flag, for a person to read and sign.

    REQUIRED INPUTS:
        all flags of the cycle
    OUTPUTS:
        results/cycles/{cycle}/requests.md, requests.tsv
    """
    input:
        flags="results/cycles/{cycle}/flags.parquet",
        script=program("draft_requests.py"),
    output:
        markdown="results/cycles/{cycle}/requests.md",
        tsv="results/cycles/{cycle}/requests.tsv",
    log:
        "results/logs/requests/{cycle}.log",
    benchmark:
        "results/timings/requests/{cycle}.tsv"
    resources:
        mem_mb=grows(2000, 1, "flags"),
        runtime=grows(30),
    params:
        state=STATE,
        language=SETTINGS.language,
        engine=engine.REPORTING,
    shell:
        "python {input.script:q} --flags {input.flags:q} --state {params.state:q} --cycle {wildcards.cycle:q} --language {params.language} --markdown {output.markdown:q} --tsv {output.tsv:q} > {log:q} 2>&1"
