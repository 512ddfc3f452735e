"""What a release knows of given keys: the only way that evidence reads knowledge."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from ariane.files import query, read_table
from ariane.knowledge import tables
from ariane.knowledge.annotations import DiseaseTerms
from ariane.knowledge.disruption import NULL_CONSEQUENCES, disrupts, is_missense
from ariane.knowledge.hpo import Ontology, load_obo
from ariane.knowledge.kinds import ASSERTING, BY_NAME
from ariane.knowledge.prepare import DISEASE_TERMS, SUMMARY, read_summary
from ariane.knowledge.release import Release
from ariane.knowledge.structural import load_limits, matches, regions
from ariane.model.errors import ArianeError
from ariane.model.stretches import codons_of, stretch_of
from ariane.model.tables import Table

__all__ = ["NULL_CONSEQUENCES", "Covered", "Keys", "Knowledge", "look_up", "select"]

Rows = Mapping[str, tuple[Mapping[str, Any], ...]]
"""Records by key, each key's records in the order of the table."""


@dataclass(frozen=True)
class Keys:
    """What is to be looked up."""

    variants: frozenset[str] = frozenset()
    codons: frozenset[str] = frozenset()
    genes: frozenset[str] = frozenset()
    stretches: frozenset[str] = frozenset()
    """Parts of a transcript's protein: see :mod:`ariane.model.stretches`."""


@dataclass(frozen=True)
class Knowledge:
    """The records of one release under given keys."""

    present: frozenset[str]
    """Kinds of resource that the release holds."""
    assertions: Rows
    """By variant, from every kind that asserts; each record names its kind as ``resource``."""
    codons: Rows
    """Known single-residue changes, by codon."""
    nulls: Rows
    """Known alleles that disrupt a transcript, pathogenic and benign, by gene."""
    frequencies: Rows
    """By variant."""
    in_house: Rows
    """By variant: the laboratory's own families."""
    families: Mapping[str, str]
    """The family that the in-house table counts for a case, by the case's digest."""
    gene_disease: Rows
    """By gene."""
    constraint: Rows
    dosage: Rows
    covered: Covered
    structural: Rows = field(default_factory=dict)
    """Structural frequencies that match, by variant, the best match first."""
    regions: Rows = field(default_factory=dict)
    """ClinGen's dosage regions that a loss or gain touches, by variant."""
    structural_covered: Covered | None = None
    """Where the structural frequencies can see."""
    stretches: Rows = field(default_factory=dict)
    """Known missense alleles, pathogenic and benign, by part of a protein."""
    spectra: Rows = field(default_factory=dict)
    """How the asserted alleles of a gene are spread, by gene."""
    validity: Rows = field(default_factory=dict)
    """ClinGen's gene-disease validity, by gene."""
    proteins: Rows = field(default_factory=dict)
    """Length of the protein, by gene."""
    gencc: Rows = field(default_factory=dict)
    """GenCC's gene-disease validity, by gene."""
    scores: Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]] = field(default_factory=dict)
    """What predictors say, by kind, then by variant."""

    def has(self, kind: str) -> bool:
        """Whether the release holds a resource of that kind."""
        return kind in self.present


@dataclass(frozen=True)
class Covered:
    """Where the frequency resource can see."""

    starts: Mapping[str, list[int]]
    ends: Mapping[str, list[int]]

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> Covered:
        """Merge 0-based half-open intervals."""
        starts: dict[str, list[int]] = {}
        ends: dict[str, list[int]] = {}
        for row in sorted(rows, key=lambda r: (r["chrom"], r["start"], r["end"])):
            first, last = starts.setdefault(row["chrom"], []), ends.setdefault(row["chrom"], [])
            if last and row["start"] <= last[-1]:
                last[-1] = max(last[-1], row["end"])
            else:
                first.append(row["start"])
                last.append(row["end"])
        return cls(starts, ends)

    def holds(self, chrom: str, pos: int) -> bool:
        """Whether a 1-based position is covered."""
        at = bisect.bisect_right(self.starts.get(chrom, []), pos - 1) - 1
        return at >= 0 and pos <= self.ends[chrom][at]


def look_up(folder: Path, keys: Keys) -> Knowledge:
    """Read the records of a prepared release under the given keys.

    Raises:
        ArianeError: the release was not prepared in this folder, or a table there is damaged.
    """
    if not (folder / SUMMARY).is_file():
        raise ArianeError(
            f"{folder}: the release is not prepared there. Run the rule prepare_release."
        )
    summary = read_summary(folder)
    return Knowledge(
        present=frozenset(summary["present"]),
        assertions=_asserted(folder, keys.variants),
        codons=select(folder, tables.KNOWN_ALLELES, "codon", keys.codons - {""}),
        nulls=_only(disrupts, select(folder, tables.KNOWN_ALLELES, "gene", keys.genes)),
        frequencies=select(folder, tables.FREQUENCIES, "variant", keys.variants),
        in_house=select(folder, tables.IN_HOUSE, "variant", keys.variants),
        families=_families(folder),
        gene_disease=select(folder, tables.GENE_DISEASE, "gene", keys.genes),
        constraint=select(folder, tables.CONSTRAINT, "gene", keys.genes),
        dosage=select(folder, tables.DOSAGE, "gene", keys.genes),
        covered=Covered.of(read_table(folder / "coverage.parquet", tables.COVERAGE)),
        structural=matches(folder, keys.variants, load_limits()),
        regions=regions(folder, keys.variants),
        structural_covered=Covered.of(
            read_table(folder / "structural_coverage.parquet", tables.STRUCTURAL_COVERAGE)
        ),
        stretches=_stretches(folder, keys.stretches),
        spectra=select(folder, tables.SPECTRA, "gene", keys.genes),
        validity=select(folder, tables.VALIDITY, "gene", keys.genes),
        proteins=select(folder, tables.PROTEINS, "gene", keys.genes),
        gencc=select(folder, tables.GENCC, "gene", keys.genes),
    )


def _only(wanted: Callable[[str], bool], held: Rows) -> Rows:
    kept = {key: tuple(r for r in rows if wanted(r["consequence"])) for key, rows in held.items()}
    return {key: rows for key, rows in kept.items() if rows}


def _stretches(folder: Path, stretches: frozenset[str]) -> Rows:
    """Known missense alleles of some parts of proteins, through the codons of those parts."""
    codons = frozenset(codon for stretch in stretches for codon in codons_of(stretch))
    found: dict[str, list[Mapping[str, Any]]] = {}
    for codon, rows in select(folder, tables.KNOWN_ALLELES, "codon", codons).items():
        kept = [row for row in rows if is_missense(row["consequence"])]
        if kept:
            found.setdefault(stretch_of(codon), []).extend(kept)
    return {key: tuple(rows) for key, rows in found.items()}


def _asserted(folder: Path, variants: frozenset[str]) -> Rows:
    found: dict[str, tuple[Mapping[str, Any], ...]] = {}
    for kind in ASSERTING:
        table = BY_NAME[kind].table
        if table is not None:
            for variant, rows in select(folder, table, "variant", variants).items():
                said = tuple({**row, "resource": kind} for row in rows)
                found[variant] = found.get(variant, ()) + said
    return found


def _families(folder: Path) -> Mapping[str, str]:
    rows = read_table(folder / "in_house_families.parquet", tables.IN_HOUSE_FAMILIES)
    return {row["case"]: row["family"] for row in rows}


def select(folder: Path, table: Table, column: str, keys: frozenset[str]) -> Rows:
    """Records of one table of a prepared release under some keys."""
    if not keys:
        return {}
    wanted = pa.table({column: pa.array(sorted(keys), type=pa.string())})
    order = ", ".join((column, *table.sort))
    rows = query(
        f"SELECT held.* FROM held SEMI JOIN wanted USING ({column}) ORDER BY {order}",  # noqa: S608
        held=folder / f"{table.name}.parquet",
        wanted=wanted,
    )
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row[column], []).append(row)
    return {key: tuple(held) for key, held in found.items()}


@dataclass(frozen=True)
class PhenotypeKnowledge:
    """The ontology and the disease descriptions of a release."""

    ontology: Ontology
    table: DiseaseTerms


def load_phenotypes(release: Release, folder: Path) -> PhenotypeKnowledge | None:
    """The phenotype side of a release, or None when it holds no HPO or no annotations."""
    ontology = release.path("hpo_ontology")
    if ontology is None or release.path("hpo_annotations") is None:
        return None
    return PhenotypeKnowledge(load_obo(ontology), DiseaseTerms.load(folder / DISEASE_TERMS))
