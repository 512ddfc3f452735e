"""RD-CODE table: how each case is coded for rare-disease statistics, and on what grounds."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Final

from ariane.model.case import Status
from ariane.registry.documents import Context, Document
from ariane.registry.filieres import suggest
from ariane.registry.orpha import UNDIAGNOSED, Coder
from ariane.registry.record import CaseRecord
from ariane.safe import tsv

NAME: Final = "rd_code.tsv"

COLUMNS: Final = (
    "case",
    "status",
    "ascertainment",
    "orpha_code",
    "orpha_name",
    "code_reason",
    "disease_decided",
    "gene_id",
    "gene",
    "hpo",
    "report",
    "decided_on",
    "filieres",
    "filiere_declared",
    "erns",
    "filiere_open",
    "nomenclature",
    "cycle",
    "release",
)

ASCERTAINMENT: Final = {
    Status.SOLVED: "diagnosed",
    Status.PARTLY_SOLVED: "partly diagnosed",
    Status.IMPASSE: "undiagnosed after full investigation",
    Status.REFUTED: "diagnosis refuted",
}
"""What a signed decision ascertains, for all cases and not for the diagnosed alone: the first
recommendation of RD-CODE (OJRD 2024, s13023-024-03030-2). The words are ours."""

ONGOING: Final = "under investigation"


def write(records: Iterator[CaseRecord], context: Context) -> Iterator[Document]:
    """One table, a line for each case."""
    coder = Coder.of(
        context.destination, context.options, context.knowledge, context.home, rd_code=True
    )
    yield Document(NAME, tsv(COLUMNS, [_row(record, coder) for record in records]), COLUMNS)


def check(document: Document, _: Context) -> Iterable[str]:
    """The columns, and that no code stands that a signed report does not bear."""
    if document.text.split("\n", 1)[0] != "\t".join(COLUMNS):
        yield "other columns than those of the format"
        return
    rows = csv.DictReader(io.StringIO(document.text), delimiter="\t")
    for number, row in enumerate(rows, start=2):
        code = row["orpha_code"]
        if code and not row["report"]:
            yield f"line {number}: a code without a signed report"
        undiagnosed = row["ascertainment"] == ASCERTAINMENT[Status.IMPASSE]
        if code and (code == UNDIAGNOSED) != undiagnosed:
            yield f"line {number}: {code} does not go with '{row['ascertainment']}'"
        if not code and not row["code_reason"]:
            yield f"line {number}: neither a code nor a reason"


def _row(record: CaseRecord, coder: Coder) -> list[object]:
    decided = record.decided
    code = coder.code(record)
    disease = decided.disease if decided else None
    gene = decided.gene if decided else None
    told = [code.orpha] if code.orpha else coder.links.of_gene(gene.id) if gene else []
    pack = coder.nomenclature
    # Nothing can be told of a filière from what says that there is no diagnosis.
    place = suggest(record.filiere, set(told) - {UNDIAGNOSED}, pack)
    return [
        record.case,
        record.status.value,
        ASCERTAINMENT.get(decided.outcome, ONGOING) if decided else ONGOING,
        code.orpha,
        code.label,
        code.reason,
        disease.id if disease else "",
        gene.id if gene else "",
        gene.label if gene else "",
        " ".join(term.id for term in record.observed),
        decided.report if decided else "",
        decided.date if decided else "",
        " ".join(place.filieres),
        place.declared,
        " ".join(place.erns),
        " ".join(place.open),
        pack.version if pack else "",
        record.provenance.cycle,
        record.provenance.release,
    ]
