"""Published cases for the exome benchmark: which qualify, what their papers say, which are taken.

A case qualifies when every causal allele is written as a VCF record inside the regions and its
reference bases agree with the reference. Cases are chosen without chance: see :func:`choose`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from ariane.files import open_text
from ariane.knowledge.readers import read_hpoa

DOMINANT: Final = "heterozygous"
RECESSIVE: Final = "homozygous"
COMPOUND: Final = "compound heterozygous"
X_LINKED: Final = "hemizygous"

_STATES: Final = {
    ("heterozygous",): DOMINANT,
    ("homozygous",): RECESSIVE,
    ("heterozygous", "heterozygous"): COMPOUND,
    ("hemizygous",): X_LINKED,
}
_SHARES: Final = ((X_LINKED, 3, 28), (COMPOUND, 7, 28), (RECESSIVE, 8, 28), (DOMINANT, 10, 28))
"""Share of each zygosity in a choice, as (zygosity, parts, of), the rarest first."""
_PMID: Final = re.compile(r"PMID[_:](\d+)")
_POINT: Final = re.compile(r"([*-]?\d+)([+-]\d+)?")
_FIT: Final[Mapping[str, frozenset[str]]] = {
    # A deletion-insertion in frame has no term of its own; engines differ by what remains of it.
    "inframe_indel": frozenset({"inframe_deletion", "inframe_insertion", "missense_variant"}),
    # The Sequence Ontology has finer places than the region of a splice site.
    "splice_region_variant": frozenset(
        {
            *("splice_region_variant", "splice_donor_region_variant"),
            *("splice_donor_5th_base_variant", "splice_polypyrimidine_tract_variant"),
        }
    ),
}
_INFRAME: Final = frozenset({"inframe_deletion", "inframe_insertion", "inframe_indel"})


class Bases(Protocol):
    """A reference that gives bases of a 0-based half-open interval."""

    def fetch(self, reference: str, start: int, end: int) -> str:
        """The bases."""


@dataclass(frozen=True)
class Allele:
    """One causal allele as its paper gives it."""

    chrom: str
    pos: int
    ref: str
    alt: str
    hgvs_c: str
    hgvs_p: str

    @property
    def expected(self) -> str:
        """The Sequence Ontology term that the published HGVS announces; '' when none does."""
        return expected_consequence(self.hgvs_c, self.hgvs_p)

    @property
    def shifts_frame(self) -> bool:
        """Whether the allele adds or removes a number of bases that three does not divide."""
        return (len(self.ref) - len(self.alt)) % 3 != 0

    @property
    def published(self) -> str:
        """The change without its transcript: ``c.123A>G p.(Lys41Arg)``."""
        parts = (self.hgvs_c.partition(":")[2], self.hgvs_p.partition(":")[2])
        return " ".join(filter(None, parts))

    def fits(self, consequence: str) -> bool:
        """Whether a consequence (terms joined by ``&``) is what the paper announces.

        HGVS names a frameshift whose first new codon is a stop as a nonsense change; the length
        of the allele tells, and either term is right.
        """
        found = set(consequence.split("&"))
        wanted = set(_FIT.get(self.expected, {self.expected}))
        if self.expected in _INFRAME:
            wanted.add("protein_altering_variant")
        if self.expected == "stop_gained" and self.shifts_frame:
            wanted.add("frameshift_variant")
        return bool(self.expected) and bool(found & wanted)


@dataclass(frozen=True)
class Published:
    """One published case."""

    id: str
    gene: str
    """HGNC identifier."""
    symbol: str
    disease: str
    zygosity: str
    alleles: tuple[Allele, ...]
    sex: str
    """``MALE``, ``FEMALE`` or ``UNKNOWN_SEX``."""
    unseen: bool
    """The case's paper is not among the references of the disease's HPO annotation."""
    pair_known: bool
    """The release links the gene with the published disease."""
    packet: Mapping[str, Any]


def expected_consequence(hgvs_c: str, hgvs_p: str) -> str:
    """The Sequence Ontology term that published HGVS announces, or '' when it announces none.

    The protein says it where it is given (HGVS recommendations 21.0: ``fs``, ``Ter``, ``ext``,
    ``=``, ``Met1?``). Where it is ``p.?`` or absent, the place in the coding sequence does:
    positions +1 and +2 are a donor, -1 and -2 an acceptor site, +3 to +8 and -3 to -8 a splice
    region (SO:0001630), farther ones an intron.
    """
    protein = hgvs_p.partition(":")[2].removeprefix("p.").strip("()")
    change = hgvs_c.partition(":")[2].removeprefix("c.").replace(" ", "")
    if protein not in ("", "?"):
        return _of_protein(protein)
    points = [(int(m[1].lstrip("*-")), int(m[2] or 0)) for m in _POINT.finditer(_place(change))]
    offsets = [offset for _, offset in points]
    if not points or not any(offsets):
        return ""
    crosses = len(offsets) > 1 and (0 in offsets or points[0][0] != points[-1][0])
    nearest = 1 if crosses else min(abs(offset) for offset in offsets)
    if nearest <= 2:
        donor = next(offset for offset in offsets if offset) > 0
        return "splice_donor_variant" if donor else "splice_acceptor_variant"
    return "splice_region_variant" if nearest <= 8 else "intron_variant"


def _place(change: str) -> str:
    return re.split(r"[ACGT]|del|dup|ins|inv|=", change, maxsplit=1)[0]


def _of_protein(protein: str) -> str:
    if "ext" in protein:
        return "stop_lost"
    if "fs" in protein:
        return "frameshift_variant"
    if protein.startswith("Met1") and (protein.endswith("?") or protein[4:5].isalpha()):
        return "start_lost"
    if protein.endswith("="):
        return "synonymous_variant"
    if "delins" in protein:
        return "stop_gained" if protein.endswith("Ter") else "inframe_indel"
    if protein.endswith("del"):
        return "inframe_deletion"
    if protein.endswith("dup") or "ins" in protein:
        return "inframe_insertion"
    if protein.endswith(("Ter", "*")):
        return "stop_gained"
    return "missense_variant" if re.fullmatch(r"[A-Z][a-z]{2}\d+[A-Z][a-z]{2}", protein) else ""


def read_regions(path: Path) -> dict[str, list[tuple[int, int]]]:
    """Intervals of a BED by contig, 0-based, half open, merged."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    with open_text(path) as handle:
        for line in handle:
            fields = line.split("\t")
            if len(fields) >= 3 and fields[1].strip().isdigit():
                found[fields[0]].append((int(fields[1]), int(fields[2])))
    return {chrom: merged(spans) for chrom, spans in found.items()}


def merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Intervals sorted, those that touch made one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def inside(
    regions: Mapping[str, Sequence[tuple[int, int]]], chrom: str, pos: int, length: int
) -> bool:
    """Whether a 1-based stretch of bases lies wholly in one of the regions."""
    return any(start < pos and pos - 1 + length <= end for start, end in regions.get(chrom, ()))


def read_published(data: Path) -> list[Published]:
    """Every published case of one allele, or two of them, that has a VCF record for each."""
    references = _references(data)
    pairs = _pairs(data)
    found = []
    with open_text(data / "cases" / "phenopackets.jsonl.gz") as handle:
        for line in handle:
            case = _published(json.loads(line), references, pairs)
            if case is not None:
                found.append(case)
    return sorted(found, key=lambda case: case.id)


def qualifying(
    cases: Iterable[Published], regions: Mapping[str, Sequence[tuple[int, int]]], bases: Bases
) -> list[Published]:
    """Cases whose alleles all lie in the regions and agree with the reference."""
    return [
        case
        for case in cases
        if all(
            inside(regions, one.chrom, one.pos, len(one.ref))
            and bases.fetch(one.chrom, one.pos - 1, one.pos - 1 + len(one.ref)).upper() == one.ref
            for one in case.alleles
        )
    ]


def choose(cases: Sequence[Published], count: int, seed: int) -> list[Published]:
    """Take cases without chance, the same for the same seed.

    Each zygosity has its share (of 28: three hemizygous, seven compound, eight homozygous, ten
    heterozygous). Within it, one at a time: unseen before seen, then the gene taken least so far,
    then alleles not taken yet, then a pair of gene and disease that the release knows, then the
    order of a hash of the seed and the case, which leaves the consequences in their natural mix.
    Cases whose paper announces no consequence for one of the alleles are left aside.
    """
    able = [case for case in cases if all(allele.expected for allele in case.alleles)]
    genes: Counter[str] = Counter()
    alleles: set[Allele] = set()
    taken: list[Published] = []

    def cost(case: Published) -> tuple[bool, int, bool, bool, str]:
        again = not alleles.isdisjoint(case.alleles)
        mark = hashlib.sha256(f"{seed}:{case.id}".encode()).hexdigest()
        return not case.unseen, genes[case.gene], again, not case.pair_known, mark

    for zygosity, parts, of in _SHARES:
        pool = [case for case in able if case.zygosity == zygosity]
        wanted = count - len(taken) if zygosity == DOMINANT else max(1, count * parts // of)
        for _ in range(min(wanted, len(pool))):
            best = min(pool, key=cost)
            pool.remove(best)
            taken.append(best)
            genes[best.gene] += 1
            alleles.update(best.alleles)
    return taken


def _references(data: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in read_hpoa(data / "hpo" / "2024-03-06" / "phenotype.hpoa.gz"):
        found[row["database_id"]].update(row["reference"].split(";"))
    return found


def _pairs(data: Path) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    with open_text(data / "hpo" / "2024-03-06" / "phenotype_to_genes.txt.gz") as handle:
        columns = next(handle).rstrip("\n").split("\t")
        gene, disease = columns.index("gene_symbol"), columns.index("disease_id")
        for line in handle:
            fields = line.rstrip("\n").split("\t")
            found.add((fields[gene], fields[disease]))
    return found


def _published(
    raw: Mapping[str, Any], references: Mapping[str, set[str]], pairs: set[tuple[str, str]]
) -> Published | None:
    read = [
        (interpretation["diagnosis"]["disease"]["id"], each["variantInterpretation"])
        for interpretation in raw.get("interpretations", ())
        for each in interpretation["diagnosis"].get("genomicInterpretations", ())
        if "variantInterpretation" in each
    ]
    told = [one["variationDescriptor"] for _, one in read]
    state = _STATES.get(tuple(one.get("allelicState", {}).get("label", "") for one in told))
    genes = {(one["geneContext"]["valueId"], one["geneContext"]["symbol"]) for one in told}
    if state is None or len(genes) != 1 or not all("vcfRecord" in one for one in told):
        return None
    ((gene, symbol),) = genes
    alleles = tuple(map(_allele, told))
    if len(set(alleles)) != len(alleles):
        return None
    disease = read[0][0]
    papers = set(_PMID.findall(raw["id"]))
    papers |= {m for e in raw["metaData"].get("externalReferences", ()) for m in _papers(e)}
    return Published(
        id=raw["id"],
        gene=gene,
        symbol=symbol,
        disease=disease,
        zygosity=state,
        alleles=alleles,
        sex=raw["subject"].get("sex", "UNKNOWN_SEX"),
        unseen=not {f"PMID:{paper}" for paper in papers} & references.get(disease, set()),
        pair_known=(symbol, disease) in pairs,
        packet=raw,
    )


def _papers(reference: Mapping[str, Any]) -> Iterator[str]:
    yield from _PMID.findall(str(reference.get("id", "")))


def _allele(told: Mapping[str, Any]) -> Allele:
    record = told["vcfRecord"]
    words = {one["syntax"]: str(one["value"]) for one in told.get("expressions", ())}
    return Allele(
        chrom=record["chrom"],
        pos=int(record["pos"]),
        ref=record["ref"],
        alt=record["alt"],
        hgvs_c=words.get("hgvs.c", ""),
        hgvs_p=words.get("hgvs.p", ""),
    )
