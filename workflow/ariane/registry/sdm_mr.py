"""SDM-MR: the diagnoses of each case, for the hospital's record system to validate and to merge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ariane.registry.documents import Context, Document
from ariane.registry.orpha import Coder
from ariane.registry.patch import Refusal
from ariane.registry.record import CaseRecord
from ariane.registry.sdm_check import faults_of
from ariane.registry.sdm_diagnosis import diagnoses_of, untellable
from ariane.registry.sdm_document import document
from ariane.registry.sdm_tables import Edition


def write(records: Iterator[CaseRecord], context: Context) -> Iterator[Document | Refusal]:
    """One document for each case, or why it cannot be told.

    Raises:
        ArianeError: the configuration names a version or value sets that do not exist, or the
            nomenclature that is pinned for the destination is missing or another.
    """
    edition = Edition.of(context.options)
    coder = Coder.of(context.destination, context.options, context.knowledge, context.home)
    for record in records:
        yield tell(record, edition, coder)


def tell(record: CaseRecord, edition: Edition, coder: Coder) -> Document | Refusal:
    """The document of a case, or why it cannot be told."""
    reasons = untellable(record, edition)
    if reasons:
        return Refusal(record.case, reasons)
    told = diagnoses_of(record, edition, coder)
    text = document(record.case, told, edition, record.provenance.cycle)
    return Document(f"{record.case}.xml", text)


def check(made: Document, context: Context) -> Iterable[str]:
    """What is wrong with a proposal, each in one sentence that names the field."""
    return faults_of(made.text, made.name, Edition.of(context.options))
