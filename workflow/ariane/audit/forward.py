"""Forward: from a record of a resource to everything that used it, in every cycle.

"This ClinVar submission was withdrawn: which proposals rest on it?"
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ariane import files
from ariane.audit import records
from ariane.audit.folders import Folders
from ariane.audit.reading import Reader, read_cycle
from ariane.audit.uses import BESIDE, NAMES_IT, UNDER_KEY, Sought, Uses
from ariane.knowledge.kinds import ASSERTING, BY_NAME
from ariane.model.errors import ArianeError
from ariane.model.tables import EVENTS, LEDGER, STANDING
from ariane.reanalyse import effective

Row = dict[str, Any]


def evidence_of(folders: Folders, sought: Sought) -> Uses:
    """Records, evidence rows, findings, events and flags that rest on what is sought.

    Raises:
        ArianeError: no such kind of resource, or nothing was asked; no cycle has begun.
    """
    _check(sought)
    uses = Uses(str(sought))
    for cycle in folders.known():
        reader = read_cycle(folders, cycle.cycle)
        if not (folders.cycle(cycle.cycle) / "shards").is_dir():
            uses.notices.append(f"cycle {cycle.cycle}: begun and not run, or its results deleted")
            continue
        try:
            _of_cycle(reader, sought, uses)
        except (
            ArianeError
        ) as problem:  # a table or release of long ago may be gone: the rest stands
            uses.unread.append(cycle.cycle)
            uses.notices.append(f"cycle {cycle.cycle}: {problem}")
    return uses


def rests(uses: Uses, cycle: str) -> Mapping[str, set[str]]:
    """By case, the told findings that rest on what is sought in a cycle."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in uses.findings:
        if row["cycle"] == cycle:
            found[row["case"]].add(row["finding"])
    return found


def _check(sought: Sought) -> None:
    given = [sought.key, sought.record, sought.gene, sought.disease]
    if sum(map(bool, given)) != 1 or bool(sought.resource) != bool(sought.key):
        raise ArianeError(
            "Ask for one thing: --resource NAME --key KEY, or --record, --gene or --disease."
        )
    if sought.resource and sought.resource not in {*BY_NAME, "spectra"}:
        raise ArianeError(
            f"{sought.resource!r} is no kind of resource. Known are: {', '.join(BY_NAME)}."
        )


def _of_cycle(reader: Reader, sought: Sought, uses: Uses) -> None:
    release = reader.frozen.cycle.release
    folder = reader.folders.knowledge(release)
    reach = records.reach(folder, sought.resource, sought.key) if sought.key else None
    if release not in {one["release"] for one in uses.records}:
        uses.records += [{"release": release, **one} for one in _held(folder, sought)]
    for shard in reader.frozen.shards:
        for case, rows in sorted(_rows(reader, shard, sought, reach).items()):
            _of_case(reader, case, rows, sought, reach, uses)


def _held(folder: Path, sought: Sought) -> Iterator[Row]:
    """What a prepared release holds of what is sought."""
    for name in sorted({*BY_NAME, "spectra"} if not sought.resource else {sought.resource}):
        table = records.table_of(name)
        if table is None:
            continue
        if sought.key:
            rows = records.under(folder, table, sought.key) or []
        else:
            column = next(c for c in ("record", "gene", "disease") if getattr(sought, c))
            if column not in table.columns or (column == "gene" and name in ASSERTING):
                continue
            rows = records.rows_where(folder, table, column, getattr(sought, column))
        for row in rows:
            key = sought.key or row.get("variant") or row.get("gene") or ""
            yield {"resource": name, "key": key, "record": row["record"], "row": row}


def _rows(
    reader: Reader, shard: str, sought: Sought, reach: records.Reach | None
) -> dict[str, list[Row]]:
    """Ledger rows in force that match, by case; of a disease, the cases with a hypothesis of it."""
    chain = reader.folders.chain(reader.cycle, shard)
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in in_force(chain, lambda part: _mask(part, sought, reach)):
        found[row["case"]].append(row)
    name = "gene" if sought.gene else "disease" if sought.disease else ""
    if name:
        asked = [(name, "=", sought.gene or sought.disease)]
        path = chain[-1] / "standing.parquet"
        for row in files.read_arrow(path, STANDING, filters=asked).to_pylist():
            found.setdefault(row["case"], [])
    # Events are asked of each case that has one of this cause, rows or not: a record that went
    # leaves none.
    path = chain[-1] / "events.parquet"
    if path.is_file():
        for row in _events(path, sought, reach):
            found.setdefault(row["case"], [])
    return found


def in_force(chain: Sequence[Path], mask: Callable[[pa.Table], pa.Array]) -> list[Row]:
    """Ledger rows of a chain that are in force and match, in the table's order.

    Only the (case, gene) pairs that matched in any folder become objects: a ledger of a large
    cohort is never read whole into Python.
    """
    pairs: set[effective.Pair] = set()
    for folder in chain:
        part = files.read_arrow(folder / "ledger.parquet", LEDGER)
        pairs |= effective.pairs_in(part.filter(mask(part)))
    rows = effective.held(chain, LEDGER, pairs) if pairs else LEDGER.schema.empty_table()
    return list(rows.filter(mask(rows)).to_pylist())


def _mask(rows: pa.Table, sought: Sought, reach: records.Reach | None) -> pa.Array:
    if sought.record:
        return pc.equal(rows["record"], sought.record)
    if reach is None:
        return pc.equal(rows["read_key"], sought.gene or sought.disease)
    keys = pa.array(sorted(reach.keys), pa.string())
    of_resource = pc.equal(rows["resource"], reach.resource)
    return pc.and_(of_resource, pc.is_in(rows["read_key"], value_set=keys))


def _how(row: Row, sought: Sought, reach: records.Reach | None) -> str:
    if sought.record or (reach is not None and row["record"] in reach.records):
        return NAMES_IT
    if reach is None or row["read_key"] == sought.key:
        return UNDER_KEY
    return BESIDE


def _of_case(
    reader: Reader,
    case: str,
    rows: Sequence[Row],
    sought: Sought,
    reach: records.Reach | None,
    uses: Uses,
) -> None:
    if case not in reader.cases:
        return
    cycle = reader.cycle
    standing = reader.standing(case)
    genes = {row["gene"] for row in rows}
    named = {row["finding"] for row in rows}
    if sought.gene or sought.disease:
        # A hypothesis rests on what joins its gene and disease, though no row of it says so.
        wanted = [
            row
            for row in standing
            if row["finding"] and sought.gene in ("", row["gene"])
            and sought.disease in ("", row["disease"])
        ]  # fmt: skip
        genes |= {row["gene"] for row in wanted}
        named |= {row["finding"] for row in wanted}
    told = {row["finding"] for row in reader.told(case, genes)} if genes else set[str]()
    uses.untold += len(named - told)
    for row in rows:
        if row["finding"] in told:
            uses.evidence.append({"cycle": cycle, **row, "how": _how(row, sought, reach)})
    for finding in sorted(named & told):
        uses.findings.append({"cycle": cycle, "case": case, **_rank(finding, standing, sought)})
    events = _events(reader.shard(case) / "events.parquet", sought, reach, case)
    uses.events += [{"cycle": cycle, **row} for row in events]
    causes = {(row["finding"], row["kind"]) for row in events}
    for flag in reader.flags(case):
        own = any(flag["finding"] == finding for finding, _ in causes if finding)
        if own or flag["finding"] in named & told:
            how = "of an event with this cause" if own else "of a finding that rests on it"
            uses.flags.append({"cycle": cycle, **flag, "how": how})


def _rank(finding: str, standing: Sequence[Row], sought: Sought) -> Row:
    rows = [
        row
        for row in standing
        if row["finding"] == finding and sought.disease in ("", row["disease"])
    ]
    best = min(rows, key=lambda row: (row["rank"], row["hypothesis"]), default=None)
    if best is None:
        return {"finding": finding, "rank": 0, "disease": "", "posterior": 0.0}
    return {"finding": finding} | {name: best[name] for name in ("rank", "disease", "posterior")}


def _events(path: Path, sought: Sought, reach: records.Reach | None, case: str = "") -> list[Row]:
    """Events of a cycle whose cause is what is sought; a digest alone names no cause."""
    if sought.record or not path.is_file():
        return []
    keys = sorted(reach.keys) if reach else [sought.gene or sought.disease]
    asked: list[tuple[str, str, Any]] = [("cause_key", "in", keys)]
    asked += [("cause_resource", "=", reach.resource)] if reach else []
    asked += [("case", "=", case)] if case else []
    return list(files.read_arrow(path, EVENTS, filters=asked).to_pylist())
