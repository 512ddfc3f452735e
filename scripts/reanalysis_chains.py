"""Chains of real releases: each delta against a full pass, and flags of cases without an answer."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from rank_measures import line
from reanalysis_measures import quiet
from reanalysis_strata import Entry, columns_of, read_records
from reanalysis_world import Flagged, Knowledge, shards


def steps_of(args: argparse.Namespace) -> list[tuple[Path, str]]:
    """The releases in order, one source at a time: HPO's folders, then the columns of assertions.

    HPO's folders are those beside the one named, in the order of their names.
    """
    folders = sorted(path for path in args.hpo_from.parent.iterdir() if path.is_dir())
    columns = columns_of(args.assertions)
    return [(folder, columns[0]) for folder in folders] + [
        (folders[-1], column) for column in columns[1:]
    ]


def chains(
    args: argparse.Namespace, entries: Sequence[Entry], knowledge: Knowledge, work: Path
) -> dict[str, Any]:
    """Take cases through all releases by deltas.

    Args:
        args: the arguments of the program.
        entries: the cases; only those of the stratum ``quiet`` are counted for flags.
        knowledge: the releases.
        work: an existing folder.

    Returns:
        how many states were compared with a full pass and were equal, and by interval between two
        releases the flags of quiet cases.
    """
    steps = steps_of(args)
    benches = [knowledge.bench(*step) for step in steps]
    flags: list[dict[str, list[Flagged]]] = [{} for _ in steps[1:]]
    pairs = equal = 0
    for shard in shards([entry.patient for entry in entries], work / "chains"):
        chain = [shard.full(benches[0])]
        for number, (before, after) in enumerate(pairwise(benches)):
            changes = knowledge.changes(before, after)
            longer = [*chain, shard.delta(after, chain, changes)]
            flags[number] |= shard.flags(chain, longer, changes, after.release.as_of)[0]
            pairs += 1
            equal += shard.digests(longer) == shard.digests([shard.full(after)])
            chain = longer
    made = {}
    still = [entry for entry in entries if entry.stratum == "quiet"]
    for number, ((hpo, column), (next_hpo, next_column)) in enumerate(pairwise(steps)):
        records = read_records(args.assertions, column, next_column)
        raised = frozenset(record.key for record in records if record.raised)
        told = quiet(still, flags[number], raised, args.seed)
        if hpo != next_hpo:
            name = f"quiet_hpo_{hpo.name}_{next_hpo.name}"
        else:
            name = f"quiet_assertions_{column}_{next_column}"
        made[name] = told
        kept = ("flags_per_200", "records_raised", "raised_carried", "flags_per_raised_record")
        print(line(name, told["n"], {key: told[key] for key in kept}), flush=True)
    return {"pairs": pairs, "equal": equal, "quiet": made}
