"""What an invented release knows: small enough to draw at random."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reanalyse_genome import SYMBOLS

from ariane.model.canonical import digest

Row = dict[str, Any]

DISEASES = ("OMIM:1", "OMIM:2", "OMIM:3", "ORPHA:4")
TERMS = tuple(f"HP:00010{n:02d}" for n in range(1, 10))


@dataclass(frozen=True)
class Said:
    """One assertion of one allele, as a reader would give it."""

    klass: str
    stars: int
    conditions: str = ""
    accession: str = ""
    conflicts: str = ""

    def record(self) -> Row:
        said = {
            "klass": self.klass,
            "stars": self.stars,
            "accession": self.accession,
            "conditions": self.conditions,
            "gene": "",
            "conflicts": self.conflicts,
            "evaluated": "",
        }
        # As the readers do: the digest covers what is said, not of which allele.
        return {**said, "record": digest(said)}


@dataclass(frozen=True)
class World:
    """What one release knows."""

    assertions: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)
    frequencies: Mapping[str, float] = field(default_factory=dict)
    gene_disease: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Modes by (gene, disease)."""
    names: Mapping[str, str] = field(default_factory=dict)
    dosage: Mapping[str, str] = field(default_factory=dict)
    constraint: Mapping[str, float] = field(default_factory=dict)
    described: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """HPO's frequency text by (disease, term)."""
    ontology: str = "plain"
    """``plain``, ``merged``, ``obsolete``, ``moved`` or ``grown``."""
    structural: Mapping[tuple[str, str, int, int], float] = field(default_factory=dict)
    """Frequency by kind, contig, first and last base; of a breakend the two ends' bases."""
    regions: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """Both scores by first and last base of a region on chr1."""
    covered: tuple[tuple[str, int, int], ...] = (("chr1", 0, 4000), ("chrX", 0, 9_000_000))
    consensus: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)
    laboratory: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)
    failed: frozenset[str] = frozenset()
    """Alleles whose frequency record failed a filter."""
    in_house: Mapping[str, tuple[int, int, str]] = field(default_factory=dict)
    """Alleles, chromosomes and carriers by allele."""
    families: Mapping[str, str] = field(default_factory=dict)
    """The counted family by case."""
    validity: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    """Alleles asserted for a gene that they do not lie in, with that gene."""
    gencc: Mapping[str, str] = field(default_factory=dict)
    """GenCC's word by gene."""
    spread: Mapping[str, str] = field(default_factory=dict)
    """``missense``, ``truncating`` or ``mixed`` by gene; the others are counted."""
    homozygotes: Mapping[str, int] = field(default_factory=dict)
    """Homozygotes in the population by allele; the others are not counted."""
    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """What REVEL and SpliceAI say of substitutions, by kind; no kind that is not named is held."""
    panels: Mapping[str, str] = field(default_factory=dict)
    """Confidence of a gene on the one panel: evidence of nothing, but a case may ask for it."""
    called: Mapping[str, str] = field(default_factory=dict)
    """Symbol of a gene in HGNC's table; the others keep theirs."""
    onsets: Mapping[str, str] = field(default_factory=dict)
    """HPO term of onset by disease."""
    lacks: frozenset[str] = frozenset()
    """Optional kinds of resource that the release does not hold."""


def obo(kind: str) -> str:
    """Thirteen terms: abnormality, two branches, leaves; the last leaf's fate by ``kind``."""
    terms = {"HP:0000001": [], "HP:0000118": ["HP:0000001"], "HP:0000005": ["HP:0000001"]}
    branch = {t: "HP:0000118" if i < 2 else TERMS[i % 2] for i, t in enumerate(TERMS)}
    if kind == "moved":
        branch[TERMS[5]] = TERMS[0] if branch[TERMS[5]] == TERMS[1] else TERMS[1]
    out = ["format-version: 1.2", f"data-version: hp/releases/{kind}", ""]
    stanzas = {**{t: list(p) for t, p in terms.items()}, **{t: [p] for t, p in branch.items()}}
    if kind == "grown":
        stanzas["HP:0001099"] = [TERMS[3]]
    for term, parents in stanzas.items():
        if term == TERMS[-1] and kind in ("merged", "obsolete"):
            if kind == "obsolete":
                out += ["[Term]", f"id: {term}", f"name: term {term}", "is_obsolete: true", ""]
            continue
        out += ["[Term]", f"id: {term}", f"name: term {term}"]
        if kind == "merged" and term == TERMS[2]:
            out.append(f"alt_id: {TERMS[-1]}")
        out += [f"is_a: {p}" for p in parents] + [""]
    return "\n".join(out)


def hpoa(world: World) -> str:
    columns = "database_id disease_name qualifier hpo_id reference evidence onset frequency sex"
    header = [*columns.split(), "modifier", "aspect", "biocuration"]
    lines = ["#description: invented", "\t".join(header)]
    for (disease, term), share in sorted(world.described.items()):
        cells = [disease, disease, "", term, "X:1", "PCS", "", share, "", "", "P", "X"]
        lines.append("\t".join(cells))
    for disease, onset in sorted(world.onsets.items()):
        cells = [disease, disease, "", onset, "X:1", "PCS", "", "", "", "", "C", "X"]
        lines.append("\t".join(cells))
    return "\n".join(lines) + "\n"


def hgnc(world: World) -> str:
    """HGNC's table of the genes."""
    lines = ["hgnc_id\tsymbol\tentrez_id\talias_symbol\tprev_symbol"]
    lines += [f"{gene}\t{symbol}\t\t\t" for gene, symbol in symbols(world).items()]
    return "\n".join(lines) + "\n"


def symbols(world: World) -> dict[str, str]:
    """Each gene's symbol under a release."""
    return {**SYMBOLS, **world.called}


def predictions(kind: str, said: Mapping[str, float]) -> str:
    """Scores of substitutions as their makers write them."""
    lines = []
    for key, score in said.items():
        chrom, pos, ref, alt = key.split("-")
        if kind == "revel":
            cells = [chrom, ".", pos, ref, alt, ".", ".", str(score), ""]
        else:
            deltas = f"SpliceAI={alt}|X|{score}|0|0|0|.|.|.|."
            cells = [chrom, pos, ".", ref, alt, ".", ".", deltas]
        lines.append((chrom, int(pos), "\t".join(cells)))
    return "".join(f"{line}\n" for _, _, line in sorted(lines))
