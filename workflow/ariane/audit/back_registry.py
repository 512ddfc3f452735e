"""Back: from a cell of a registry to the write, the patch, the people and the bytes below it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ariane.audit.back import Asked, decisions, evidence, people
from ariane.audit.folders import Folders
from ariane.audit.links import Link, State, Walk
from ariane.audit.reading import Reader, read_cycle
from ariane.intake.config import Registry
from ariane.model.errors import ArianeError
from ariane.registry.journal import Journal, opened
from ariane.registry.keys import Keyring
from ariane.registry.mapping import RegistryMapping, read_mapping
from ariane.registry.merge import index_rows, same
from ariane.registry.patch import Patch, Proposal, read_patch
from ariane.registry.places import open_place
from ariane.registry.state import StateFolder, read_verified

_DECIDED: Final = frozenset({"outcome", "report"})
"""Fields that come from a signed decision alone."""
_NAMING: Final = frozenset({"gene", "variant", "disease", "posterior", "proposal_status"})
"""Fields that rest on the leading gene."""


@dataclass(frozen=True)
class Cell:
    """A cell of a registry."""

    registry: str
    """Name of the registry in the configuration."""
    key: str
    """What stands in the row's key column: the pseudonym."""
    column: str
    """Name of the column, or of the field that it holds."""


def back_from_cell(
    folders: Folders, registries: Mapping[str, Registry], cell: Cell, *, hashing: bool = True
) -> Walk:
    """Walk from a cell to the journal, the patch, the decision or finding, and the bytes.

    Args:
        folders: of the run.
        registries: of the configuration.
        cell: where to start.
        hashing: see :func:`ariane.audit.back.back`.

    Raises:
        ArianeError: no such registry, column or row, or the journal does not verify.
    """
    if cell.registry not in registries:
        known = ", ".join(sorted(registries)) or "none"
        raise ArianeError(f"registry {cell.registry!r} is not configured. Known are: {known}.")
    registry = registries[cell.registry]
    mapping = read_mapping(folders.home / registry.mapping)
    asked = f"Back from registry {cell.registry}, row {cell.key}, column {cell.column}"
    name, column = _column(mapping, cell.column)
    found = _now(folders, registry, mapping, cell, column)
    if not name:
        told = "a column that people keep: Ariane never writes it"
        return Walk(asked, (Link("cell", str(registry.address), f"{found!r}, in {told}"),))
    keys, journal = read_verified(StateFolder(folders.state / "registry" / cell.registry))
    links: list[Link] = []
    last = None
    for record, change in writes(journal, keys, cell.key):
        if column in change["cells"]:
            put_back = record["seq"] in journal.reverted
            links.append(_write(folders, journal, record, change["cells"][column], put_back))
            last = last if put_back else (record, change["cells"][column]["new"])
    if last is None:
        told = f"{found!r}: the journal holds no write of this cell that stands"
        return Walk(
            asked, (Link("cell", str(registry.address), told), *links, *_erased(journal, keys))
        )
    record, wrote = last
    held = same(name, found, wrote)
    told = (
        f"{found!r}, as Ariane wrote it"
        if held
        else f"{found!r}; Ariane wrote {wrote!r}, and people changed it since"
    )
    head = Link("cell", str(registry.address), told, State.SAME if held else State.TOLD)
    below = _below(folders, cell, name, record, hashing)
    return Walk(asked, (head, *links, *below))


def writes(
    journal: Journal, keys: Keyring, case: str
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The writes of a case that were carried out, with what each changed, in order."""
    for record in journal.carried_out:
        for change in opened(record, keys):
            if change.get("case") == case:
                yield record, change


def _column(mapping: RegistryMapping, given: str) -> tuple[str, str]:
    """Field and column that somebody named; the field is empty for a column of people's."""
    for name, column in mapping.columns.items():
        if given in (name, column):
            return name, column
    return "", given


def _now(
    folders: Folders, registry: Registry, mapping: RegistryMapping, cell: Cell, column: str
) -> str:
    address = registry.address if registry.file is None else str(folders.home / registry.file)
    _, document = open_place(address, mapping).read()
    rows, twice = index_rows(document, mapping)
    if not document.has(column):
        raise ArianeError(f"{address}: has no column {column!r}. Check --column.")
    if cell.key not in rows:
        raise ArianeError(f"{address}: no row has {cell.key!r} in {mapping.key!r}. Check --row.")
    if cell.key in {entry["case"] for entry in twice}:
        raise ArianeError(f"{address}: several rows have {cell.key!r}. Ariane writes none of them.")
    return document.cell(rows[cell.key], column)


def _write(
    folders: Folders,
    journal: Journal,
    record: Mapping[str, Any],
    change: Mapping[str, str],
    back: bool,
) -> Link:
    note = ", reverted since" if back else ""
    why = "a reversal" if record.get("reverts") is not None else f"cycle {record['cycle']}"
    told = (
        f"record {record['seq']}: {change['old']!r} -> {change['new']!r}, {why}, as of "
        f"{record['as_of']}, by {record['actor']}{note}"
    )
    # The chain and the seals were verified when the journal was read.
    held = {
        "seq": record["seq"],
        "hash": journal.hashes[record["seq"] - 1],
        "patch": record["patch"],
    }
    return Link("journal", folders.relative(journal.path), told, State.SAME, held)


def _erased(journal: Journal, keys: Keyring) -> Iterator[Link]:
    gone = sum("erased" in change for one in journal.carried_out for change in opened(one, keys))
    if gone:
        told = f"{gone} change(s) of erased cases can be read by nobody"
        yield Link("journal", journal.path.name, told)


def _below(
    folders: Folders, cell: Cell, name: str, record: Mapping[str, Any], hashing: bool
) -> Iterator[Link]:
    """From a write to the patch and what it rests on."""
    if not record["patch"]:
        told = "written by a reversal: it rests on the write before the one that was put back"
        yield Link("patch", "", told)
        return
    cycle = str(record["cycle"])
    path = folders.cycle(cycle) / "registry" / f"{cell.registry}.patch.json"
    where = folders.relative(path)
    if not path.is_file():
        yield Link("patch", where, "the patch is no longer there", State.MISSING)
        return
    try:
        patch = read_patch(path)
    except ArianeError:
        yield Link("patch", where, "the file is damaged", State.DIFFERS)
        return
    equal = patch.sha256 == record["patch"]
    told = f"cycle {cycle}, release {patch.release}: " + (
        "the patch that was written" if equal else f"not the patch that was written: {patch.sha256}"
    )
    yield Link(
        "patch", where, told, State.SAME if equal else State.DIFFERS, {"sha256": patch.sha256}
    )
    proposal = next((one for one in patch.proposals if one.case == cell.key), None)
    if proposal is None:
        yield Link("proposal", where, "the patch proposes nothing of this case", State.DIFFERS)
        return
    told = f"{name} = {proposal.values.get(name, '')!r}"
    yield Link("proposal", where, told, held=dict(proposal.values))
    for cause in proposal.causes:
        told = f"{cause['reason']}: {cause['sentence']}"
        yield Link("cause of the proposal", where, told, held=dict(cause))
    yield from _receipt(folders, cycle, cell, record)
    reader = read_cycle(folders, cycle)
    yield from _reasons(reader, name, patch, proposal, hashing)


def _receipt(folders: Folders, cycle: str, cell: Cell, record: Mapping[str, Any]) -> Iterator[Link]:
    path = folders.cycle(cycle) / "registry" / f"{cell.registry}.receipt.json"
    where = folders.relative(path)
    if not path.is_file():
        yield Link("receipt", where, "the receipt is no longer there", State.MISSING)
        return
    told = json.loads(path.read_text(encoding="utf-8"))
    equal = told["patch"] == record["patch"]
    sentence = f"of patch {told['patch'][:16]}…, by {told['actor']}, as of {told['as_of']}"
    yield Link("receipt", where, sentence, State.SAME if equal else State.DIFFERS)


def _reasons(
    reader: Reader, name: str, patch: Patch, proposal: Proposal, hashing: bool
) -> Iterator[Link]:
    """What a proposed value rests on: a decision, or findings and all below them."""
    case = proposal.case
    if name in ("cycle", "release"):
        told = f"cycle {patch.cycle} under release {patch.release}, as frozen"
        where = reader.folders.relative(reader.frozen.folder / "cycle.json")
        yield Link("cycle", where, told, State.SAME)
        return
    if name in _DECIDED:
        yield from decisions(reader, case)
        return
    found = findings_of_proposal(reader, name, proposal)
    if not found:
        told = "this value rests on no finding of the case: nothing leads, or its flags name none"
        yield from decisions(reader, case)
        yield Link("finding", "", told)
        return
    yield from people(reader, case, found)
    yield from evidence(reader, Asked(case), found, hashing)


def findings_of_proposal(reader: Reader, name: str, proposal: Proposal) -> list[dict[str, Any]]:
    """The told findings on which a proposed value rests.

    Those of the flags that caused it, and for the gene and what is said of it the best ranked
    finding of that gene.
    """
    named = {cause["finding"] for cause in proposal.causes if cause["finding"]}
    symbol = proposal.values.get("gene", "")
    if name in _NAMING and symbol:
        ranked = [
            row
            for row in reader.standing(proposal.case)
            if row["rank"] > 0 and symbol in (row["symbol"], row["gene"])
        ]
        best = min(ranked, key=lambda row: (row["rank"], row["hypothesis"]), default=None)
        led = {best["finding"]} if best else set()
        named = (named & {row["finding"] for row in ranked}) | led
    genes = {finding.split("|")[0] for finding in named}
    told = reader.told(proposal.case, genes)
    return [row for row in told if row["finding"] in named]
