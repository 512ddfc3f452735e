"""The tables that a release is laid out in once it has been read."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from ariane.model.tables import table

_STR: Final = pa.string()
_INT: Final = pa.int32()
_FLOAT: Final = pa.float64()


ASSERTIONS: Final = table(
    "assertions",
    "variant accession record",
    variant=_STR,
    klass=_STR,  # P, P/LP, LP, VUS, LB, B/LB, B, conflicting, other
    stars=_INT,
    accession=_STR,
    conditions=_STR,
    gene=_STR,
    record=_STR,
)
KNOWN_ALLELES: Final = table(
    "known_alleles",
    "gene variant transcript",
    gene=_STR,
    variant=_STR,
    transcript=_STR,
    consequence=_STR,
    codon=_STR,
    aa_ref=_STR,
    aa_alt=_STR,
    klass=_STR,
    stars=_INT,
    accession=_STR,
    record=_STR,
)
"""Alleles asserted (likely) pathogenic, with their consequence: for PS1, PM5, PVS1's gate."""

FREQUENCIES: Final = table(
    "frequencies", "variant record", variant=_STR, af=_FLOAT, homozygotes=_INT, record=_STR
)
GENE_DISEASE: Final = table(
    "gene_disease",
    "gene disease",
    gene=_STR,
    symbol=_STR,
    disease=_STR,
    disease_name=_STR,
    modes=_STR,  # AD, AR, XLD, XLR, MT, YL, none, joined by a space; empty: not stated
    record=_STR,
)
GENES: Final = table("genes", "gene", gene=_STR, symbol=_STR, ncbi=_STR, former=_STR)
CONSTRAINT: Final = table("constraint", "gene", gene=_STR, loeuf=_FLOAT, pli=_FLOAT, record=_STR)
DOSAGE: Final = table("dosage", "gene", gene=_STR, haploinsufficiency=_STR, record=_STR)
COVERAGE: Final = table("coverage", "chrom start", chrom=_STR, start=_INT, end=_INT)

ALL: Final = (
    ASSERTIONS,
    KNOWN_ALLELES,
    FREQUENCIES,
    GENE_DISEASE,
    GENES,
    CONSTRAINT,
    DOSAGE,
    COVERAGE,
)
