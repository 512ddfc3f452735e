"""Every kind of resource that a release may hold, declared once.

A kind says what its files are called, what they are looked up by, what silence means, and what
they serve. The manifest's checks, the preparation, the look-ups, the comparison of releases and
the pages all read this table: a new resource is one entry here and one reader in ``reading.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ariane.knowledge import tables
from ariane.model.evidence import ABSENT, NOT_COVERED
from ariane.model.tables import Table


class Key(StrEnum):
    """What a resource is looked up by."""

    VARIANT = "variant"
    POSITION = "position"
    REGION = "region"
    CODON = "codon"
    GENE = "gene"
    DISEASE = "disease"
    TERM = "term"
    ACCESSION = "accession"


@dataclass(frozen=True)
class Kind:
    """One kind of resource."""

    name: str
    formats: tuple[str, ...]
    key: Key
    serves: str
    """What it is read for, in a few words."""
    missing: str = ABSENT
    """What it means that the resource holds no record under a key. That the release holds no such
    resource is always ``no resource``."""
    table: Table | None = None
    """The table it is laid out in; None when it is read as it lies, or by a part of its own."""
    by_region: bool = False
    """Too large to be laid out: read where it lies, by position, through its index."""
    evidence: bool = False
    """Whether rows of the ledger rest on it. Its changes touch cases, and gaining or losing it
    changes every case; other kinds are only shown."""
    whole: bool = False
    """Its change cannot be local: every case is ranked again."""
    everywhere: bool = False
    """Phenotype and standing of every case rest on it: its change is no case's own."""
    required: bool = False
    basic: bool = False
    """Whether its absence is told in a sentence of its own, not in a list of names."""
    named: bool = False
    """Whether it is told by name where others that are absent are only counted: a geneticist would
    expect it in an interpretation."""
    needs: tuple[str, ...] = ()
    """Other kinds that shape its table beside its own file."""


KINDS: Final[tuple[Kind, ...]] = (
    Kind("reference", ("fasta",), Key.REGION, "annotation, checks of inputs", whole=True,
         basic=True, evidence=True, required=True),
    Kind("transcripts", ("gff3",), Key.GENE, "consequences", whole=True, basic=True, evidence=True,
         required=True),
    Kind("genes", ("hgnc_tsv",), Key.GENE, "symbols, NCBI and Ensembl numbers to HGNC ids",
         basic=True, evidence=True),
    Kind("genes_earlier", ("hgnc_tsv",), Key.GENE, "symbols of an earlier date to HGNC ids",
         evidence=True),
    Kind("genes_withdrawn", ("hgnc_withdrawn",), Key.GENE, "withdrawn HGNC ids to their successors",
         evidence=True),
    Kind("hpo_ontology", ("obo",), Key.TERM, "phenotype", basic=True, evidence=True,
         everywhere=True),
    Kind("hpo_french", ("babelon_tsv",), Key.TERM, "shown: French names of HPO terms"),
    Kind("hpo_annotations", ("hpoa",), Key.DISEASE, "phenotype, modes of inheritance",
         basic=True, evidence=True, everywhere=True),
    Kind("gene_disease", ("phenotype_to_genes", "genes_to_phenotype"), Key.GENE, "hypotheses",
         table=tables.GENE_DISEASE, basic=True, evidence=True, everywhere=True,
         needs=("hpo_annotations", "genes", "genes_earlier", "genes_withdrawn", "transcripts")),
    Kind("laboratory", ("consensus_tsv", "clinvar_vcf"), Key.VARIANT,
         "ASSERT before all others, PS1, PM1, PM5, PVS1: the laboratory's own classifications",
         table=tables.LABORATORY, evidence=True, needs=("genes", "genes_earlier",
         "genes_withdrawn")),
    Kind("assertions", ("clinvar_vcf", "consensus_tsv"), Key.VARIANT,
         "ASSERT, PS1, PM1, PM5, PP2, BP1, PVS1", table=tables.ASSERTIONS, basic=True,
         evidence=True, needs=("genes", "genes_earlier", "genes_withdrawn")),
    Kind("consensus", ("consensus_tsv", "clinvar_vcf"), Key.VARIANT,
         "ASSERT, PS1, PM1, PM5, PVS1: a second source beside ClinVar (VKGL and its like)",
         table=tables.CONSENSUS, evidence=True, needs=("genes", "genes_earlier",
         "genes_withdrawn")),
    Kind("assertion_dates", ("clinvar_summary",), Key.ACCESSION,
         "shown: when ClinVar's records were last evaluated", table=tables.ASSERTION_DATES),
    Kind("frequencies", ("gnomad_vcf",), Key.VARIANT, "BA1, BS1, PM2", missing=NOT_COVERED,
         table=tables.FREQUENCIES, basic=True, evidence=True),
    Kind("in_house", ("in_house_vcf",), Key.VARIANT,
         "BA1, BS1 beside `frequencies`, the own family left out", table=tables.IN_HOUSE,
         evidence=True, named=True),
    Kind("coverage", ("bed",), Key.REGION,
         "PM2: absent at a covered site, or not covered", missing=NOT_COVERED,
         table=tables.COVERAGE, basic=True, evidence=True, whole=True),
    Kind("constraint", ("gnomad_tsv", "gnomad_v4_tsv"), Key.GENE, "PP2, CNV_2H",
         table=tables.CONSTRAINT, basic=True, evidence=True,
         needs=("genes", "genes_earlier", "genes_withdrawn")),
    Kind("dosage", ("clingen_tsv",), Key.GENE, "PVS1's gate, copy numbers (CNV_2A to 2J)",
         table=tables.DOSAGE, basic=True, evidence=True,
         needs=("genes", "genes_earlier", "genes_withdrawn")),
    Kind("dosage_regions", ("clingen_regions_tsv",), Key.REGION,
         "copy numbers: regions lost or gained (CNV_2A to 2G)",
         table=tables.DOSAGE_REGIONS, basic=True, evidence=True),
    Kind("structural_frequencies", ("gnomad_sv_vcf", "sv_bed"), Key.REGION,
         "BA1, BS1, PM2, CNV_4O of structural variants", missing=NOT_COVERED,
         table=tables.STRUCTURAL_FREQUENCIES, basic=True, evidence=True),
    Kind("structural_coverage", ("bed",), Key.REGION, "PM2 of structural variants",
         missing=NOT_COVERED, table=tables.STRUCTURAL_COVERAGE, basic=True, evidence=True,
         whole=True),
    Kind("validity", ("clingen_validity_csv",), Key.GENE,
         "PVS1's gate: ClinGen gene-disease validity", table=tables.VALIDITY, evidence=True,
         needs=("genes", "genes_earlier", "genes_withdrawn")),
    Kind("gencc", ("gencc_tsv",), Key.GENE,
         "PVS1's gate: gene-disease validity of many curators", table=tables.GENCC, evidence=True,
         needs=("genes", "genes_earlier", "genes_withdrawn")),
    Kind("panels", ("panelapp_tsv", "panelapp_json"), Key.GENE,
         "shown: panels of England or Australia; lists of genes of an indication",
         table=tables.PANELS, everywhere=True,
         needs=("genes", "genes_earlier", "genes_withdrawn")),
    Kind("orphanet_genes", ("orphadata_product6",), Key.GENE, "shown: Orphanet's genes of diseases",
         table=tables.ORPHANET_GENES, needs=("genes", "genes_earlier", "genes_withdrawn")),
    Kind("orphanet_references", ("orphadata_product1",), Key.DISEASE,
         "shown: ORPHA, OMIM, MONDO and ICD codes of diseases",
         table=tables.ORPHANET_REFERENCES),
    Kind("orphanet_french", ("orphadata_product1",), Key.DISEASE,
         "shown: French names of diseases", table=tables.ORPHANET_FRENCH),
    Kind("revel", ("revel_csv",), Key.VARIANT, "PP3, BP4", by_region=True, named=True,
         evidence=True, whole=True),
    Kind("alphamissense", ("alphamissense_tsv",), Key.VARIANT, "PP3, BP4 where the profile says so",
         by_region=True, named=True, evidence=True, whole=True),
    Kind("cadd", ("cadd_tsv",), Key.VARIANT, "PP3, BP4 where the profile says so",
         by_region=True, named=True, evidence=True, whole=True),
    Kind("spliceai", ("spliceai_vcf",), Key.VARIANT, "PP3, BP4, BP7 of splicing", by_region=True,
         named=True, evidence=True, whole=True),
    Kind("splice_open", ("pangolin_vcf",), Key.VARIANT,
         "shown: Pangolin, whose code and models are free", by_region=True, named=True),
    Kind("phylop", ("bigwig", "bedgraph"), Key.POSITION, "shown", by_region=True),
)  # fmt: skip
"""In the order in which they are read and shown."""

BY_NAME: Final[Mapping[str, Kind]] = {kind.name: kind for kind in KINDS}
FORMATS: Final[Mapping[str, tuple[str, ...]]] = {kind.name: kind.formats for kind in KINDS}
"""Kinds of resource that this version reads, each with the formats it knows."""

REQUIRED: Final = tuple(kind.name for kind in KINDS if kind.required)
"""Without these nothing can be annotated."""

FULL_PASS: Final = tuple(kind.name for kind in KINDS if kind.whole)
"""Resources whose change cannot be local: every case is ranked again."""

EVIDENCE: Final = frozenset(kind.name for kind in KINDS if kind.evidence)
"""Resources that rows of the ledger rest on."""

NAMED: Final = frozenset(kind.name for kind in KINDS if kind.named)
"""Kinds that are told by name where others are only counted."""

BASIC: Final = frozenset(kind.name for kind in KINDS if kind.basic)
"""Resources whose absence is told in a sentence of its own."""

ASSERTING: Final = ("laboratory", "assertions", "consensus")
"""Kinds that assert a class of an allele, the one to hear first at the head."""
