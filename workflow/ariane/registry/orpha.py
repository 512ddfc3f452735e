"""ORPHA codes for a destination, at the level of disorders and never by guess.

The code comes from a signed Decision alone. It is put through the nomenclature in force at the
destination, which is pinned in the configuration. Where no code may stand there is none, and the
reason is told: the phenotype then speaks by its HPO terms.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ariane.knowledge.nomenclature import Nomenclature, Rank, State, named, read_pack
from ariane.model.case import Status
from ariane.model.errors import ArianeError
from ariane.registry.filieres import classifications
from ariane.registry.gates import Destination, Purpose
from ariane.registry.orpha_links import OrphaLinks
from ariane.registry.reasons import Reason, in_words, reason
from ariane.registry.record import CaseRecord, DecisionRecord

UNDIAGNOSED: Final = "ORPHA:616874"
"""Rare disorder without a determined diagnosis after full investigation; for experts only."""

_UNPINNED: Final = reason("unpinned")
_SOLVING: Final = (Status.SOLVED, Status.PARTLY_SOLVED)
_ORPHA: Final = re.compile(r"(?:ORPHA|Orphanet|ORDO)[:_](\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Code:
    """An ORPHA code, or why there is none."""

    orpha: str
    """``ORPHA:58``; empty where none may stand."""
    label: str
    """Its name in the language of the pack."""
    reasons: tuple[Reason, ...]
    """What was done to reach it, or why there is none; empty where the code stood as it was."""

    @property
    def reason(self) -> str:
        """The reasons in English, as tables for data managers have them."""
        return in_words(self.reasons, "en")


def code_of(orpha: str, nomenclature: Nomenclature) -> Code:
    """The code to report for an entry: deprecated moved, subtype to disorder, the rest refused.

    Coding what was coded changes nothing, and no group, obsolete or inactive entry is ever given.
    """
    entries = nomenclature.entries
    entry, seen = entries.get(orpha), {orpha}
    notes: list[Reason] = []

    def refused(why: Reason) -> Code:
        return Code("", "", (*notes, why))

    if entry is None:
        return refused(reason("unknown", code=orpha, version=nomenclature.version))
    while entry.state is State.DEPRECATED:
        target = entries.get(entry.targets[0]) if len(entry.targets) == 1 else None
        if target is None or target.id in seen:
            return refused(reason("moved_nowhere", code=entry.id))
        notes.append(reason("moved", code=entry.id, to=target.id))
        entry = target
        seen.add(target.id)
    if entry.state is State.OBSOLETE and entry.targets:
        listed = named(entries, entry.targets)
        return refused(reason("obsolete", code=entry.id, others=listed))
    if entry.state is not State.ACTIVE:
        return refused(reason("inactive", code=entry.id, state=entry.state))
    if entry.rank is Rank.SUBTYPE:
        above = entries.get(entry.disorders[0]) if len(entry.disorders) == 1 else None
        if above is None:
            return refused(reason("subtype_alone", code=entry.id))
        notes.append(reason("subtype", code=entry.id, name=entry.name, to=above.id))
        entry = above
    if entry.rank is not Rank.DISORDER or entry.state is not State.ACTIVE:
        return refused(reason("level", code=named(entries, [entry.id]), rank=entry.rank))
    return Code(entry.id, entry.name, tuple(notes))


@dataclass(frozen=True)
class Coder:
    """Codes the records of one export."""

    nomenclature: Nomenclature | None
    """None where no pack is pinned for the destination: then nothing is coded."""
    links: OrphaLinks
    undiagnosed: bool
    """Whether :data:`UNDIAGNOSED` may be written there."""

    @classmethod
    def of(
        cls,
        destination: Destination,
        options: Mapping[str, Any],
        knowledge: Path,
        home: Path,
        *,
        rd_code: bool = False,
    ) -> Coder:
        """The coder of a destination.

        Args:
            destination: where the export goes.
            options: the configuration's block ``exports``.
            knowledge: the cycle's release, prepared.
            home: folder that the configuration's paths start from.
            rd_code: whether the export is the RD-CODE table.

        Raises:
            ArianeError: the pinned pack is missing, or is not the one that was pinned.
        """
        pins = _by_label(options.get("nomenclatures", {}))
        purpose = destination.purpose
        own = replace(destination, third_country=False).label
        pin = pins.get(own) or pins.get(str(purpose))
        pack = None
        if pin:
            pack = read_pack(
                home / pin["pack"], pin["version"], pin["sha256"], tuple(classifications())
            )
        takes = rd_code or purpose is Purpose.ERN
        if purpose is Purpose.BNDMR:
            takes = bool(options.get("bndmr_takes_undiagnosed", False))
        return cls(pack, OrphaLinks.of(knowledge), takes)

    def code(self, record: CaseRecord) -> Code:
        """The code of a case, or why it has none."""
        code = self._code(record)
        past = [d for d in record.earlier if d.outcome is Status.IMPASSE and d.signed]
        if not past or not self.undiagnosed or code.orpha == UNDIAGNOSED:
            return code
        # Whoever holds the earlier code must know that it no longer stands.
        gone = reason("withdrawn", code=UNDIAGNOSED, report=past[-1].report)
        return Code(code.orpha, code.label, (*code.reasons, gone))

    def _code(self, record: CaseRecord) -> Code:
        if self.nomenclature is None:
            return _none(_UNPINNED)
        decided = record.decided
        if decided is None:
            return _none(reason("undecided", status=record.status))
        if decided.outcome is Status.IMPASSE:
            return self._undiagnosed(decided, self.nomenclature)
        return self._decided(decided)

    def _decided(self, decided: DecisionRecord) -> Code:
        if decided.outcome not in _SOLVING:
            return _none(reason("no_diagnosis", outcome=decided.outcome))
        if decided.disease is None:
            return _none(reason("no_disease"))
        return self.of_disease(decided.disease.id)

    def of_disease(self, disease: str) -> Code:
        """The code of a disease that a decision names, whatever it says of it; or why none."""
        nomenclature = self.nomenclature
        if nomenclature is None:
            return _none(_UNPINNED)
        written = _ORPHA.fullmatch(disease)
        if written:
            return self._never_undiagnosed(code_of(f"ORPHA:{written[1]}", nomenclature))
        exact = self.links.exact(disease)
        if not exact:
            return _none(reason("not_exact", disease=disease))
        codes = [code_of(orpha, nomenclature) for orpha in exact]
        held = sorted({code.orpha for code in codes} - {""})
        if len(held) > 1:
            listed = named(nomenclature.entries, held)
            return _none(reason("several", disease=disease, codes=listed))
        first = next((c for c in codes if c.orpha), codes[0])
        origin = reason("exact", disease=disease, codes=tuple(exact))
        return self._never_undiagnosed(Code(first.orpha, first.label, (origin, *first.reasons)))

    def _undiagnosed(self, decided: DecisionRecord, nomenclature: Nomenclature) -> Code:
        lacking = tuple(n for n in ("actor", "role", "date") if not getattr(decided, n).strip())
        if lacking:
            return _none(reason("unsaid", fields=lacking))
        if not self.undiagnosed:
            return _none(reason("held_back", code=UNDIAGNOSED))
        code = code_of(UNDIAGNOSED, nomenclature)
        done = reason("worked_up", role=decided.role, report=decided.report)
        return Code(code.orpha, code.label, (*code.reasons, done))

    def _never_undiagnosed(self, code: Code) -> Code:
        """A diagnosis is never "without a determined diagnosis", whatever a decision names."""
        if code.orpha != UNDIAGNOSED:
            return code
        return _none(reason("not_a_diagnosis", code=UNDIAGNOSED))


def _none(why: Reason) -> Code:
    return Code("", "", (why,))


def _by_label(pins: Mapping[str, Any]) -> dict[str, Any]:
    """Pins under the labels of destinations; a name that is none would be passed over unsaid."""
    found = {}
    for name, pin in pins.items():
        label = name
        if name != Purpose.ERN:
            try:
                label = Destination.parse(name.replace("-", ":", 1)).label
            except ArianeError as problem:
                raise ArianeError(f"'exports.nomenclatures', key {name!r}: {problem}") from None
        found[label] = pin
    return found
