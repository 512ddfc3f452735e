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
from ariane.registry.record import CaseRecord, DecisionRecord

UNDIAGNOSED: Final = "ORPHA:616874"
"""Rare disorder without a determined diagnosis after full investigation; for experts only."""

_UNPINNED: Final = "no nomenclature is pinned for this destination"
_SOLVING: Final = (Status.SOLVED, Status.PARTLY_SOLVED)
_ORPHA: Final = re.compile(r"(?:ORPHA|Orphanet|ORDO)[:_](\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Code:
    """An ORPHA code, or why there is none."""

    orpha: str
    """``ORPHA:58``; empty where none may stand."""
    label: str
    """Its name in the language of the pack."""
    reason: str
    """What was done to reach it, or why there is none; empty where the code stood as it was."""


def code_of(orpha: str, nomenclature: Nomenclature) -> Code:
    """The code to report for an entry: deprecated moved, subtype to disorder, the rest refused.

    Coding what was coded changes nothing, and no group, obsolete or inactive entry is ever given.
    """
    entries = nomenclature.entries
    entry, seen = entries.get(orpha), {orpha}
    notes: list[str] = []

    def refused(why: str) -> Code:
        return Code("", "", "; ".join([*notes, why]))

    if entry is None:
        return refused(f"{orpha} is not in the nomenclature of {nomenclature.version}")
    while entry.state is State.DEPRECATED:
        target = entries.get(entry.targets[0]) if len(entry.targets) == 1 else None
        if target is None or target.id in seen:
            return refused(f"{entry.id} is deprecated without one entry that it moved to")
        notes.append(f"{entry.id} moved to {target.id}")
        entry = target
        seen.add(target.id)
    if entry.state is State.OBSOLETE and entry.targets:
        listed = named(entries, entry.targets)
        return refused(f"{entry.id} is obsolete and refers to {listed}: a person must choose")
    if entry.state is not State.ACTIVE:
        return refused(f"{entry.id} is {entry.state}")
    if entry.rank is Rank.SUBTYPE:
        above = entries.get(entry.disorders[0]) if len(entry.disorders) == 1 else None
        if above is None:
            return refused(f"{entry.id} is a subtype without one disorder above it")
        notes.append(f"subtype {entry.id} ({entry.name}) reported as {above.id}")
        entry = above
    if entry.rank is not Rank.DISORDER or entry.state is not State.ACTIVE:
        return refused(f"{named(entries, [entry.id])} is a {entry.rank}, which codes no diagnosis")
    return Code(entry.id, entry.name, "; ".join(notes))


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
        gone = f"withdraws {UNDIAGNOSED} of report {past[-1].report}"
        return Code(code.orpha, code.label, _joined(code.reason, gone))

    def _code(self, record: CaseRecord) -> Code:
        if self.nomenclature is None:
            return Code("", "", _UNPINNED)
        decided = record.decided
        if decided is None:
            return Code("", "", f"{record.status.value}: no signed decision")
        if decided.outcome is Status.IMPASSE:
            return self._undiagnosed(decided, self.nomenclature)
        return self._decided(decided)

    def _decided(self, decided: DecisionRecord) -> Code:
        if decided.outcome not in _SOLVING:
            return Code("", "", f"{decided.outcome.value}: no diagnosis stands")
        if decided.disease is None:
            return Code("", "", "the decision names no disease")
        return self.of_disease(decided.disease.id)

    def of_disease(self, disease: str) -> Code:
        """The code of a disease that a decision names, whatever it says of it; or why none."""
        nomenclature = self.nomenclature
        if nomenclature is None:
            return Code("", "", _UNPINNED)
        written = _ORPHA.fullmatch(disease)
        if written:
            return self._never_undiagnosed(code_of(f"ORPHA:{written[1]}", nomenclature))
        exact = self.links.exact(disease)
        if not exact:
            return Code("", "", f"{disease} has no exact ORPHA code in this release")
        codes = [code_of(orpha, nomenclature) for orpha in exact]
        held = sorted({code.orpha for code in codes} - {""})
        if len(held) > 1:
            listed = named(nomenclature.entries, held)
            return Code("", "", f"{disease} has several exact codes: {listed}")
        first = next((c for c in codes if c.orpha), codes[0])
        origin = f"{disease} is exactly {' and '.join(exact)}"
        return self._never_undiagnosed(
            Code(first.orpha, first.label, _joined(origin, first.reason))
        )

    def _undiagnosed(self, decided: DecisionRecord, nomenclature: Nomenclature) -> Code:
        lacking = [n for n in ("actor", "role", "date") if not getattr(decided, n).strip()]
        if lacking:
            return Code("", "", f"impasse decided without {' and '.join(lacking)}")
        if not self.undiagnosed:
            return Code("", "", f"impasse: {UNDIAGNOSED} is not written to this destination")
        code = code_of(UNDIAGNOSED, nomenclature)
        done = f"full work-up recorded by {decided.role} in report {decided.report}"
        return Code(code.orpha, code.label, _joined(code.reason, done))

    def _never_undiagnosed(self, code: Code) -> Code:
        """A diagnosis is never "without a determined diagnosis", whatever a decision names."""
        if code.orpha != UNDIAGNOSED:
            return code
        return Code("", "", f"{UNDIAGNOSED} is no diagnosis: the case is said to be solved")


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


def _joined(*parts: str) -> str:
    return "; ".join(filter(None, parts))
