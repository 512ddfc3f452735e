"""RD-CODE table: how each case is coded for rare-disease statistics, and on what grounds."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Final

from ariane.registry.documents import Context, Document
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
    "gene",
    "hpo",
    "report",
    "decided_on",
    "cycle",
    "release",
)


def write(records: Iterator[CaseRecord], _: Context) -> Iterator[Document]:
    """One table, a line for each case."""
    rows = [_row(record) for record in records]
    yield Document(NAME, tsv(COLUMNS, rows), COLUMNS)


def check(document: Document, _: Context) -> Iterable[str]:
    """The columns, and that a code never stands without a signed report."""
    rows = list(csv.DictReader(io.StringIO(document.text), delimiter="\t"))
    if document.text.split("\n", 1)[0] != "\t".join(COLUMNS):
        yield "other columns than those of the format"
        return
    for number, row in enumerate(rows, start=2):
        if row["orpha_code"] and not row["report"]:
            yield f"line {number}: a code without a signed report"


def _row(record: CaseRecord) -> list[object]:
    decided = record.decided
    disease = decided.disease if decided else None
    gene = decided.gene if decided else None
    return [
        record.case,
        record.status.value,
        "decided" if decided else "not decided",
        "",
        "",
        "no nomenclature is pinned for this destination: no code is given",
        disease.id if disease else "",
        gene.label or gene.id if gene else "",
        " ".join(term.id for term in record.observed),
        decided.report if decided else "",
        decided.date if decided else "",
        record.provenance.cycle,
        record.provenance.release,
    ]
