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
DOSAGE: Final = table(
    "dosage", "gene", gene=_STR, haploinsufficiency=_STR, triplosensitivity=_STR, record=_STR
)
COVERAGE: Final = table("coverage", "chrom start", chrom=_STR, start=_INT, end=_INT)
STRUCTURAL_FREQUENCIES: Final = table(
    "structural_frequencies",
    "kind chrom start end chrom2 pos2 record",
    kind=_STR,  # DEL, DUP, INV, BND, CNV, INS
    chrom=_STR,
    start=_INT,  # first base; of an insertion or breakend the base before it
    end=_INT,
    chrom2=_STR,  # of a breakend's mate
    pos2=_INT,
    af=_FLOAT,
    homozygotes=_INT,
    record=_STR,
)
STRUCTURAL_COVERAGE: Final = table(
    "structural_coverage", "chrom start", chrom=_STR, start=_INT, end=_INT
)
DOSAGE_REGIONS: Final = table(
    "dosage_regions",
    "chrom start end region record",
    region=_STR,
    name=_STR,
    chrom=_STR,
    start=_INT,  # 1-based
    end=_INT,
    haploinsufficiency=_STR,
    triplosensitivity=_STR,
    record=_STR,
)

ALL: Final = (
    ASSERTIONS,
    KNOWN_ALLELES,
    FREQUENCIES,
    GENE_DISEASE,
    GENES,
    CONSTRAINT,
    DOSAGE,
    COVERAGE,
    STRUCTURAL_FREQUENCIES,
    STRUCTURAL_COVERAGE,
    DOSAGE_REGIONS,
)
