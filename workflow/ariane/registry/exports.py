"""Exports: one table of formats, and the one way in which any of them is written.

Gate first, then the writer, then the format's own checker and a last look for identities; only then
does anything appear under the folder asked for, all or nothing. Nothing is ever sent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ariane import files
from ariane.intake.words import unsafe_name
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError
from ariane.registry import (
    ern_cde,
    fhir,
    fhir_check,
    flat_tables,
    matchmaker,
    observatory,
    phenopackets,
    phenopackets_check,
    rd_code,
    sdm_mr,
)
from ariane.registry.consent_now import ConsentNow
from ariane.registry.documents import Context, Document
from ariane.registry.gates import Destination, Gate, Purpose, identity_places
from ariane.registry.patch import Refusal
from ariane.registry.read_records import Records
from ariane.registry.record import CaseRecord
from ariane.registry.written_exports import RECEIPT, refused_table, remember
from ariane.safe import tsv

Writer = Callable[[Iterator[CaseRecord], Context], Iterable[Document | Refusal]]
"""Makes the documents of the records that passed the gate, in their order; what its format cannot
hold it refuses with the reason."""

Checker = Callable[[Document, Context], Iterable[str]]
"""What is wrong with a document, each in one sentence; nothing where it is right."""


@dataclass(frozen=True)
class Format:
    """One kind of export."""

    title: str
    purposes: tuple[Purpose, ...]
    """Where it may go; of several the user names one."""
    write: Writer
    check: Checker
    third_country: bool = False
    """Whether its recipient always lies outside the European Economic Area."""


FORMATS: Final[Mapping[str, Format]] = {
    "rd-code": Format(
        "ORPHA codes of the cases, by the recommendations of RD-CODE",
        (Purpose.ERN, Purpose.BNDMR, Purpose.REUSE),
        rd_code.write,
        rd_code.check,
    ),
    "phenopackets": Format(
        "GA4GH Phenopackets v2, one for each case",
        (Purpose.REUSE, Purpose.ERN, Purpose.REANALYSIS),
        phenopackets.write,
        phenopackets_check.check,
    ),
    "fhir": Format(
        "HL7 FHIR R4B Genomics Reporting, one bundle for each case",
        (Purpose.REUSE, Purpose.ERN, Purpose.REANALYSIS),
        fhir.write,
        fhir_check.check,
    ),
    "sdm-mr": Format(
        "Diagnoses for the French minimum data set of rare diseases (SDM-MR, CDA R2)",
        (Purpose.BNDMR,),
        sdm_mr.write,
        sdm_mr.check,
    ),
    "ern-cde": Format(
        "Common data elements of the ERN registries, undiagnosed cases by HPO and HGVS",
        (Purpose.ERN,),
        ern_cde.write,
        ern_cde.check,
    ),
    "matchmaker": Format(
        "Matchmaker Exchange, one search request for each case",
        (Purpose.MATCHMAKER,),
        matchmaker.write,
        matchmaker.check,
    ),
    "flat-tables": Format(
        "Flat tables in the manner of GREGoR and seqr",
        (Purpose.REUSE,),
        flat_tables.write,
        flat_tables.check,
    ),
    "observatory": Format(
        "Indicators of errance and impasse, small counts left out",
        (Purpose.OBSERVATORY,),
        observatory.write,
        observatory.check,
    ),
}
"""Every format by its name on the command line. A new one is a line here."""


@dataclass(frozen=True)
class Outcome:
    """What an export came to."""

    folder: Path
    refused_table: Path
    documents: tuple[str, ...]
    passed: int
    refused: int


def destination_of(name: str, given: str, *, third_country: bool = False) -> Destination:
    """The destination of an export.

    Args:
        name: the format.
        given: the destination as named by the user; may be empty where the format has only one.
        third_country: whether the user says that the recipient lies outside the EEA.

    Raises:
        ArianeError: no such format or destination, or the format does not go there.
    """
    if name not in FORMATS:
        raise ArianeError(f"format {name!r} is not known. Use one of {', '.join(sorted(FORMATS))}.")
    form = FORMATS[name]
    allowed = ", ".join(form.purposes)
    if not given and (len(form.purposes) > 1 or form.purposes[0] is Purpose.ERN):
        raise ArianeError(f"{name}: to whom? Name one with --for: {allowed} (ern:REGISTRY).")
    abroad = third_country or form.third_country
    found = Destination.parse(given or str(form.purposes[0]), third_country=abroad)
    if found.purpose not in form.purposes:
        raise ArianeError(f"{name} does not go to {found.purpose}. Use one of {allowed}.")
    return found


def export(
    name: str,
    records: Records,
    destination: Destination,
    out: Path,
    *,
    now: Mapping[str, ConsentNow] | None,
    options: Mapping[str, Any],
    home: Path = Path(),
    state: Path | None = None,
) -> Outcome:
    """Write one export into a folder of its own, and the table of refused cases beside it.

    Documents of an earlier export that are not made again are removed: a consent may have been
    withdrawn since.

    Args:
        name: the format, a key of :data:`FORMATS`.
        records: the records of a cycle.
        destination: where it goes.
        out: folder under which ``{name}.{destination}/`` is written.
        now: consents as they stand today; None asks those that the cycle froze.
        options: the configuration's block ``exports``.
        home: working folder, which the paths of that block start from.
        state: the run's state, which keeps where exports lie for the erasure of a case; None keeps
            nothing.

    Raises:
        ArianeError: an identity was found or a document is not right; nothing is written then.
    """
    form, gate = FORMATS[name], Gate(destination, now)
    context = Context(destination, records.provenance, records.knowledge, home, options)
    folder = out / f"{name}.{destination.label}"
    table = refused_table(folder)
    if state is not None:
        remember(state, folder)
    counted = _Counted()
    problems: list[str] = []
    sums: dict[str, str] = {}
    earlier = _documents_of(folder / RECEIPT)
    with files.staging(folder, RECEIPT) as work:
        for document in form.write(counted.all_of(gate.passing(records)), context):
            if isinstance(document, Refusal):
                gate.refused.append(document)
                counted.count -= 1
                continue
            reason = unsafe_name(document.name)
            if reason or document.name in {*sums, RECEIPT}:
                raise ArianeError(f"{name}: a document cannot be named {document.name!r}. {reason}")
            gate.stops += identity_places(document.name, document.text, document.columns)
            problems += [f"{document.name}: {found}" for found in form.check(document, context)]
            path = work / document.name
            path.write_text(document.text, encoding="utf-8", newline="")
            sums[document.name] = files.sha256_of(path)
        gate.close(str(folder))
        if problems:
            listed = "\n".join(f"  {problem}" for problem in problems)
            raise ArianeError(f"{folder}: not written, the export breaks its format:\n{listed}")
        refused = [(r.case, "; ".join(r.reasons)) for r in gate.refused]
        refused += sorted(records.left_out.items())
        receipt = {
            "format": name,
            "destination": destination.label,
            "cycle": records.provenance.cycle,
            "release": records.provenance.release,
            "as_of": records.provenance.as_of,
            "engine": dict(records.provenance.engine),
            "interpretable": records.provenance.interpretable,
            "cases": counted.count,
            "refused": len(refused),
            "documents": sums,
        }
        (work / RECEIPT).write_text(to_json(receipt) + "\n", encoding="utf-8")
        files.write_text(table, tsv(("case", "reasons"), sorted(refused)))
        for old in earlier - sums.keys():
            (folder / old).unlink(missing_ok=True)
    return Outcome(folder, table, tuple(sorted(sums)), counted.count, len(refused))


@dataclass
class _Counted:
    count: int = field(default=0)

    def all_of(self, records: Iterable[CaseRecord]) -> Iterator[CaseRecord]:
        for record in records:
            self.count += 1
            yield record


def _documents_of(receipt: Path) -> set[str]:
    """The documents that an earlier receipt vouches for; nothing where there is none."""
    try:
        named: Sequence[str] = list(json.loads(receipt.read_text(encoding="utf-8"))["documents"])
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return {str(name) for name in named if not unsafe_name(str(name))}
