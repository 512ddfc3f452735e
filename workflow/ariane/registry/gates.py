"""Gates: which records may go to which destination, and what stops an export altogether.

Consent is asked for each destination, before anything is written; silence is not consent. A record
that could name a person is refused; a national number anywhere stops the export.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass, replace
from enum import StrEnum
from typing import Any, Final

from ariane.intake.consents import registries_by_name
from ariane.intake.identity import holds_ins, names_identity, tells_a_person
from ariane.intake.words import plain
from ariane.model.case import Consent, Status
from ariane.model.errors import ArianeError
from ariane.registry.consent_now import ConsentNow
from ariane.registry.patch import Refusal
from ariane.registry.record import CaseRecord


class Purpose(StrEnum):
    """What an export is for: it decides which consent opens it."""

    IMPASSE = "impasse"
    """The diagnosis-impasse registry that a filière or a centre keeps."""
    BNDMR = "bndmr"
    """The national rare-disease data bank, through BaMaRa."""
    ERN = "ern"
    """The registry of a European reference network: one signed consent for each."""
    MATCHMAKER = "matchmaker"
    """Matchmaker Exchange."""
    REUSE = "reuse"
    """Research tables."""
    OBSERVATORY = "observatory"
    """Indicators of groups, from the same persons as the BNDMR."""
    REANALYSIS = "reanalysis"
    """A request to the laboratory that holds the data."""


@dataclass(frozen=True)
class Destination:
    """Where an export goes."""

    purpose: Purpose
    registry: str = ""
    """Of an ERN: its registry, as ``resources/registry/ern_registries.tsv`` writes it."""
    third_country: bool = False
    """Whether the recipient lies outside the European Economic Area: consent to that is asked on
    top."""

    @property
    def label(self) -> str:
        """A name for files: ``bndmr``, ``ern-EpiCARE``, ``reuse-third-country``."""
        parts = [str(self.purpose), self.registry, "third-country" if self.third_country else ""]
        return "-".join(filter(None, parts))

    @classmethod
    def parse(cls, text: str, *, third_country: bool = False) -> Destination:
        """Read ``bndmr``, ``ern:EpiCARE``, ``matchmaker`` and so on.

        Raises:
            ArianeError: no such destination, or an ERN without exactly one registry.
        """
        word, _, name = text.partition(":")
        try:
            purpose = Purpose(word)
        except ValueError:
            known = ", ".join(Purpose)
            raise ArianeError(f"destination {word!r} is not known. Use one of {known}.") from None
        if purpose is not Purpose.ERN:
            if name:
                raise ArianeError(f"destination {text!r}: only an ERN has a registry. Drop it.")
            return cls(purpose, "", third_country)
        held = registries_by_name().get(plain(name), ())
        if len(held) != 1:
            advice = f"Choose {' or '.join(held)}." if held else "See ern_registries.tsv."
            raise ArianeError(f"destination {text!r} does not name one ERN registry. {advice}")
        return cls(purpose, held[0], third_country)


def refusals(consent: Consent, status: Status, destination: Destination) -> tuple[str, ...]:
    """Why nothing of a person may go to a destination; empty where it may."""
    reasons = list(_of_consent(consent, destination))
    if destination.third_country and not consent.third_countries:
        reasons.append("no consent_third_countries")
    if status is Status.WITHDRAWN:
        reasons.append("consent withdrawn")
    return tuple(reasons)


def _of_consent(consent: Consent, destination: Destination) -> Iterator[str]:
    purpose = destination.purpose
    if purpose in (Purpose.BNDMR, Purpose.OBSERVATORY):
        # Non-opposition; where nobody wrote it down, the consent to the registry speaks.
        if consent.opposition:
            yield "opposition_bndmr"
        elif consent.opposition is None and not consent.registry:
            yield "neither opposition_bndmr nor consent_registry says that it may"
    elif purpose is Purpose.ERN:
        if destination.registry not in consent.ern_registries:
            also = ": a yes names no registry" if consent.ern else ""
            yield f"consent_ern does not name {destination.registry}{also}"
    else:
        scope = _SCOPES[purpose]
        if not getattr(consent, scope):
            yield f"no consent_{scope}"
        if purpose is Purpose.IMPASSE and consent.opposition:
            yield "opposition_bndmr"


_SCOPES: Final = {
    Purpose.IMPASSE: "registry",
    Purpose.MATCHMAKER: "matchmaking",
    Purpose.REUSE: "research",
    Purpose.REANALYSIS: "reanalysis",
}


@dataclass
class Gate:
    """Lets pass what may go to a destination, and keeps what may not with the reason."""

    destination: Destination
    now: Mapping[str, ConsentNow] | None = None
    """Consents as they stand today, which overrule those of the records; None asks the records
    alone."""
    refused: list[Refusal] = field(default_factory=list)
    stops: list[str] = field(default_factory=list)
    """Places of numbers shaped like an INS; the numbers themselves are kept nowhere."""

    def passing(self, records: Iterable[CaseRecord]) -> Iterator[CaseRecord]:
        """The records that may leave, in the order given; the others are in ``refused``.

        A record that leaves tells the consents that opened the gate.
        """
        for number, record in enumerate(records, start=1):
            texts = list(texts_of(record))
            numbers = [place for place, text in texts if holds_ins(text)]
            if numbers:
                case = f"case {number} of the cycle" if holds_ins(record.case) else record.case
                self.stops += [f"{case}: {place}" for place in numbers]
                continue
            reasons = self._reasons(record)
            personal = [p for p, text in texts if _written_by_people(p) and tells_a_person(text)]
            if personal:
                reasons += (f"identity in a value: {', '.join(personal)}",)
            if reasons:
                self.refused.append(Refusal(record.case, reasons))
            elif self.now is None:
                yield record
            else:
                yield replace(record, consent=self.now[record.case].consent)

    def _reasons(self, record: CaseRecord) -> tuple[str, ...]:
        if self.now is None:
            decision = record.decision
            left = decision is not None and decision.outcome is Status.WITHDRAWN
            status = Status.WITHDRAWN if left else record.status
            return refusals(record.consent, status, self.destination)
        today = self.now.get(record.case)
        if today is None:
            return ("no longer in the families sheet",)
        status = Status.WITHDRAWN if today.withdrawn else record.status
        return refusals(today.consent, status, self.destination)

    def close(self, documents: str) -> None:
        """See that nothing stops the export.

        Args:
            documents: what was to be written, for the message.

        Raises:
            ArianeError: a number shaped like an INS stands in a record or a document.
        """
        if self.stops:
            places = "\n".join(f"  {place}" for place in sorted(self.stops))
            raise ArianeError(
                f"{documents}: not written. A number shaped like an INS stands at these places:\n"
                f"{places}\nRemove it there, and begin a new cycle. A pseudonym is never an INS."
            )


def identity_places(name: str, text: str, columns: Sequence[str] = ()) -> list[str]:
    """Where a finished document names a person: lines with an INS, columns named like an identity.

    Args:
        name: what to call the document.
        text: its whole text.
        columns: of a table, its header.
    """
    found = [f"{name}: column {number}" for number, c in enumerate(columns, 1) if names_identity(c)]
    lines = enumerate(text.split("\n"), start=1)
    return found + [f"{name}:{number}" for number, line in lines if holds_ins(line)]


def _written_by_people(place: str) -> bool:
    """Whether the text at a place of a record was typed in the sheet or the decisions."""
    return place.split(".")[0].split("[")[0] in _TYPED


_TYPED: Final = frozenset(
    {
        "case", "patient", "relatives", "laboratory", "site", "filiere", "pre_indication",
        "decision", "earlier",
    }
)  # fmt: skip
_SHARED: Final = "provenance"
"""The field that is the same in all records: it names the release and no person."""


def texts_of(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Each text of a record, with the path that leads to it."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, tuple | list):
        for number, inner in enumerate(value):
            yield from texts_of(inner, f"{place}[{number}]")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield f"{place}, a key", str(key)
            yield from texts_of(inner, f"{place}.{key}")
    elif is_dataclass(value):
        for name, inner in vars(value).items():
            if name != _SHARED and inner is not None:
                yield from texts_of(inner, f"{place}.{name}" if place else name)
