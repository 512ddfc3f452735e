"""The tables that a release is laid out in once it has been read."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from ariane.model.tables import Table, table

_STR: Final = pa.string()
_INT: Final = pa.int32()
_FLOAT: Final = pa.float64()


def _asserting(name: str) -> Table:
    return table(
        name,
        "variant accession record",
        variant=_STR,
        klass=_STR,  # P, P/LP, LP, VUS, LB, B/LB, B, conflicting, other
        stars=_INT,
        accession=_STR,
        conditions=_STR,  # joined by |
        conflicts=_STR,  # the classes that disagree, with how many say each: Pathogenic(1)|...
        evaluated=_STR,  # ISO date of the last evaluation, '' where the source does not give it
        gene=_STR,  # keys of the genes that the record names, joined by |; '' where it names none
        record=_STR,
    )


ASSERTIONS: Final = _asserting("assertions")
CONSENSUS: Final = _asserting("consensus")
LABORATORY: Final = _asserting("laboratory")
ASSERTION_DATES: Final = table(
    "assertion_dates", "accession evaluated", accession=_STR, evaluated=_STR
)
KNOWN_ALLELES: Final = table(
    "known_alleles",
    "gene variant transcript resource accession record",
    gene=_STR,
    variant=_STR,
    transcript=_STR,
    consequence=_STR,
    codon=_STR,
    aa_ref=_STR,
    aa_alt=_STR,
    hgvs_c=_STR,
    hgvs_p=_STR,
    place=_STR,  # exon 3/27, intron 3/26
    nmd=_STR,  # as in the candidates' table
    protein_lost=_INT,
    klass=_STR,
    stars=_INT,
    accession=_STR,
    resource=_STR,  # the kind that asserts it: laboratory, assertions, consensus
    record=_STR,
)
"""Alleles asserted (likely) pathogenic, and those asserted (likely) benign that change the protein
or a splice site, with their consequence: the neighbours that the criteria read."""

ASSERTED_ELSEWHERE: Final = table(
    "asserted_elsewhere", "gene variant", gene=_STR, symbol=_STR, variant=_STR
)
"""Alleles asserted (likely) pathogenic for a gene with a disease in which they do not lie: a far
enhancer, a promoter, an intron of another gene. ``gene`` is empty for those that lie in no gene
and of which no assertion names one with a disease: nothing can rank them."""

SPECTRA: Final = table(
    "spectra",
    "gene",
    gene=_STR,
    missense=pa.bool_(),  # missense is a common mechanism and a rare benign finding: PP2
    truncating=pa.bool_(),  # disease is nearly always by loss of function: BP1
    record=_STR,
)
"""How the alleles asserted of a gene are spread (``knowledge/spectra.py``)."""

FREQUENCIES: Final = table(
    "frequencies",
    "variant record",
    variant=_STR,
    af=_FLOAT,  # the frequency that evidence reads: faf95 where given, else grpmax, else total
    basis=_STR,  # which of them: faf95, grpmax, total
    faf95=_FLOAT,  # filtering frequency, the highest of any group; null where not given
    grpmax=_FLOAT,
    total=_FLOAT,
    ac=_INT,
    an=_INT,
    homozygotes=_INT,  # null where not given: unknown is not none
    hemizygotes=_INT,
    filters=_STR,  # failed filters joined by ;, '' when passed or not filtered
    record=_STR,
)
IN_HOUSE: Final = table(
    "in_house",
    "variant record",
    variant=_STR,
    ac=_INT,
    an=_INT,
    homozygotes=_INT,
    hemizygotes=_INT,
    carriers=_STR,  # family:alleles:chromosomes joined by a comma; '' where too many to name
    record=_STR,
)
IN_HOUSE_FAMILIES: Final = table("in_house_families", "case family", case=_STR, family=_STR)
"""Digests of the cases whose family was counted, with the family's number in ``carriers``."""

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
CONSTRAINT: Final = table(
    "constraint",
    "gene",
    gene=_STR,
    loeuf=_FLOAT,
    pli=_FLOAT,
    missense=_FLOAT,
    missense_z=_FLOAT,
    missense_oe=_FLOAT,
    lof_oe=_FLOAT,
    lof_expected=_FLOAT,
    record=_STR,
)
PROTEINS: Final = table("proteins", "gene", gene=_STR, residues=_INT)
"""Length of the protein of each gene's MANE Select transcript, else of its longest."""
DOSAGE: Final = table(
    "dosage", "gene", gene=_STR, haploinsufficiency=_STR, triplosensitivity=_STR, record=_STR
)
COVERAGE: Final = table("coverage", "chrom start", chrom=_STR, start=_INT, end=_INT)
VALIDITY: Final = table(
    "validity",
    "gene disease mode record",
    gene=_STR,
    disease=_STR,  # MONDO:0007947
    disease_name=_STR,
    mode=_STR,
    classification=_STR,  # Definitive, Strong, Moderate, Limited, Disputed, Refuted, ...
    evaluated=_STR,
    record=_STR,
)
GENCC: Final = table(
    "gencc",
    "gene disease submitter mode record",
    gene=_STR,
    disease=_STR,
    disease_name=_STR,
    mode=_STR,
    classification=_STR,
    submitter=_STR,
    evaluated=_STR,
    record=_STR,
)
PANELS: Final = table(
    "panels",
    "gene panel record",
    gene=_STR,
    panel=_STR,
    panel_name=_STR,
    confidence=_STR,  # 3 green, 2 amber, 1 red
    mode=_STR,
    record=_STR,
)
ORPHANET_GENES: Final = table(
    "orphanet_genes",
    "gene disease association record",
    gene=_STR,
    disease=_STR,  # ORPHA:558
    disease_name=_STR,
    association=_STR,
    status=_STR,
    record=_STR,
)


def _orphanet(name: str) -> Table:
    return table(
        name,
        "disease reference relation record",
        disease=_STR,
        disease_name=_STR,
        reference=_STR,  # OMIM:154700, MONDO:0007947, ICD-10:Q87.4
        relation=_STR,  # E exact, NTBT narrower to broader, BTNT broader to narrower, ND undecided
        status=_STR,
        record=_STR,
    )


ORPHANET_REFERENCES: Final = _orphanet("orphanet_references")
ORPHANET_FRENCH: Final = _orphanet("orphanet_french")
"""The same with the names in French."""
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
    LABORATORY,
    ASSERTIONS,
    CONSENSUS,
    ASSERTION_DATES,
    KNOWN_ALLELES,
    ASSERTED_ELSEWHERE,
    SPECTRA,
    FREQUENCIES,
    IN_HOUSE,
    IN_HOUSE_FAMILIES,
    GENE_DISEASE,
    GENES,
    CONSTRAINT,
    PROTEINS,
    DOSAGE,
    COVERAGE,
    VALIDITY,
    GENCC,
    PANELS,
    ORPHANET_GENES,
    ORPHANET_REFERENCES,
    ORPHANET_FRENCH,
    STRUCTURAL_FREQUENCIES,
    STRUCTURAL_COVERAGE,
    DOSAGE_REGIONS,
)
