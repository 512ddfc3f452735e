"""The in-house frequency table: how often the laboratory's own unrelated families carry an allele.

It is made once, by ``scripts/make_inhouse.py``, and frozen inside a release, so that other cases
never change a result. Of each family one person is counted. Families stand in the header as digests
of their cases' identifiers, and each rare allele names the families that carry it, so that a case
is never judged by its own family's alleles.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow.compute as pc

from ariane.files import open_text, read_arrow
from ariane.knowledge.context import Context
from ariane.knowledge.vcf_records import read_records
from ariane.model.canonical import digest
from ariane.model.genotype import decode_family
from ariane.model.tables import CANDIDATES

NAMED_CARRIERS: Final = 50
"""Families an allele names at most; of a more frequent one, each counted case takes off as much as
one family can have given."""

_FAMILY: Final = re.compile(r'##family=<ID=(\w+),Cases="([^"]*)">')


@dataclass(frozen=True)
class Counted:
    """One family: who is counted for it, and which cases are of it."""

    cases: tuple[str, ...]
    person: str
    """Member whose calls are counted."""
    male: bool | None
    candidates: Path
    """``candidates.parquet`` of the case."""


@dataclass
class Tally:
    """Counts of one allele."""

    alleles: int = 0
    chromosomes_less: int = 0
    """Chromosomes fewer than two for each family: a male's X, Y, mitochondria."""
    homozygotes: int = 0
    hemizygotes: int = 0
    carriers: list[str] = field(default_factory=list)


def case_digest(case: str) -> str:
    """How a case is named in the table: no pseudonym leaves the cohort's own folder."""
    return digest({"case": case})


def count(families: Sequence[Counted]) -> dict[tuple[str, int, str, str], Tally]:
    """Alleles of the counted persons by (contig, position, ref, alt)."""
    tallies: dict[tuple[str, int, str, str], Tally] = {}
    for number, family in enumerate(families):
        seen: set[tuple[str, int, str, str]] = set()
        for site, genotypes in _calls(family.candidates):
            if site in seen:
                continue  # one allele in two genes is one allele
            seen.add(site)
            call = decode_family(genotypes).get(family.person)
            carried = sum(1 for allele in call.alleles if allele == 1) if call else 0
            if not call or not carried:
                continue
            hemizygous = len(call.alleles) == 1 or (_sexual(site[0]) and family.male is True)
            carried = 1 if hemizygous else carried
            tally = tallies.setdefault(site, Tally())
            tally.alleles += carried
            tally.homozygotes += carried == 2
            tally.hemizygotes += hemizygous
            tally.carriers.append(f"{number}:{carried}:{1 if hemizygous else 2}")
    return tallies


def _calls(path: Path) -> Iterator[tuple[tuple[str, int, str, str], str]]:
    columns = ["chrom", "pos", "ref", "alt", "genotypes"]
    rows = read_arrow(path, CANDIDATES, columns, ~pc.field("alt").isin(["", "."]))
    for batch in rows.to_batches(max_chunksize=20_000):
        for row in batch.to_pylist():
            if set(row["ref"] + row["alt"]) <= set("ACGTN"):
                yield (row["chrom"], row["pos"], row["ref"], row["alt"]), row["genotypes"]


def _sexual(chrom: str) -> bool:
    return chrom.removeprefix("chr") in ("X", "Y")


def chromosomes(chrom: str, families: Iterable[Counted]) -> int:
    """Chromosomes that the counted persons have of a contig.

    Who was not called is counted as carrying the reference: a table of exomes and panels thus gives
    frequencies that are too low rather than too high. The pseudoautosomal regions are counted as
    the rest of X and Y.
    """
    bare = chrom.removeprefix("chr")
    if bare in ("M", "MT"):
        return sum(1 for _ in families)
    if bare == "Y":
        return sum(1 for family in families if family.male is not False)
    if bare == "X":
        return sum(1 if family.male else 2 for family in families)
    return sum(2 for _ in families)


def lines(
    families: Sequence[Counted],
    tallies: Mapping[tuple[str, int, str, str], Tally],
    contigs: Mapping[str, int],
) -> Iterator[str]:
    """The table as lines of a VCF, in order of the reference's contigs and of position."""
    yield "##fileformat=VCFv4.2\n##source=Ariane in-house frequencies 1\n"
    for number, family in enumerate(families):
        cases = ",".join(sorted(case_digest(case) for case in family.cases))
        yield f'##family=<ID={number},Cases="{cases}">\n'
    for name, per, told in (
        ("AC", "A", "Alleles in unrelated families"),
        ("AN", "1", "Chromosomes in unrelated families"),
        ("nhomalt", "A", "Homozygous persons"),
        ("nhemi", "A", "Hemizygous persons"),
    ):
        yield f'##INFO=<ID={name},Number={per},Type=Integer,Description="{told}">\n'
    told = "family:alleles:chromosomes of each family that carries it; absent where too many"
    yield f'##INFO=<ID=carriers,Number=.,Type=String,Description="{told}">\n'
    for contig, length in contigs.items():
        yield f"##contig=<ID={contig},length={length}>\n"
    yield "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    order = {contig: place for place, contig in enumerate(contigs)}
    total = {contig: chromosomes(contig, families) for contig in contigs}
    for chrom, pos, ref, alt in sorted(
        (site for site in tallies if site[0] in order), key=lambda s: (order[s[0]], *s[1:])
    ):
        tally = tallies[chrom, pos, ref, alt]
        number = max(total[chrom], tally.alleles)
        info = f"AC={tally.alleles};AN={number};nhomalt={tally.homozygotes}"
        info += f";nhemi={tally.hemizygotes}"
        if len(tally.carriers) <= NAMED_CARRIERS:
            info += f";carriers={','.join(tally.carriers)}"
        yield f"{chrom}\t{pos}\t.\t{ref}\t{alt}\t.\tPASS\t{info}\n"


def read_in_house(path: Path, context: Context) -> Iterator[dict[str, Any]]:
    """Alleles of an in-house table.

    Raises:
        ArianeError: the file is not a complete VCF.
    """
    for line in read_records(path):
        said = {
            "ac": int(line.info["AC"]),
            "an": int(line.info["AN"]),
            "homozygotes": int(line.info["nhomalt"]) if "nhomalt" in line.info else None,
            "hemizygotes": int(line.info["nhemi"]) if "nhemi" in line.info else None,
            "carriers": line.info.get("carriers", ""),
        }
        variant = context.variant(line.chrom, line.pos, line.ref, line.alts[0])
        yield {"variant": variant, **said, "record": digest(said)}


def read_families(path: Path) -> Iterator[dict[str, str]]:
    """Digests of the cases whose family an in-house table counts."""
    with open_text(path) as handle:
        for line in handle:
            if not line.startswith("##"):
                break
            if found := _FAMILY.match(line):
                for case in filter(None, found[2].split(",")):
                    yield {"case": case, "family": found[1]}


@dataclass(frozen=True)
class InHouse:
    """What the laboratory's other families say of one allele."""

    ac: int
    an: int
    homozygotes: int | None
    hemizygotes: int | None
    own_left_out: bool

    @property
    def faf95(self) -> float:
        """Filtering frequency: the lower bound of the 95 % interval of the count under Poisson.

        Few families give a low bound, so that one carrier among twenty is not "5 %" (Whiffin and
        others, Genet Med 2017). Six significant digits.
        """
        if self.ac <= 0 or self.an <= 0:
            return 0.0
        from scipy.special import gammaincinv  # loading it takes as long as all else: few need it

        return float(f"{float(gammaincinv(self.ac, 0.05)) / self.an:.6g}")


def without_family(record: Mapping[str, Any], family: str) -> InHouse:
    """Counts of a record without one family's own alleles; ``family`` is empty if not counted."""
    ac, an = int(record["ac"]), int(record["an"])
    homozygotes, hemizygotes = record["homozygotes"], record["hemizygotes"]
    if not family:
        return InHouse(ac, an, homozygotes, hemizygotes, False)
    if not record["carriers"]:
        taken = min(2, ac), min(2, an)
    else:
        given = [c.split(":") for c in record["carriers"].split(",")]
        own = [(int(alleles), int(of)) for number, alleles, of in given if number == family]
        if not own:
            return InHouse(ac, an, homozygotes, hemizygotes, False)
        taken = own[0]
        if taken == (2, 2) and homozygotes is not None:
            homozygotes = max(0, homozygotes - 1)
        if taken[1] == 1 and hemizygotes is not None:
            hemizygotes = max(0, hemizygotes - 1)
    return InHouse(max(0, ac - taken[0]), max(0, an - taken[1]), homozygotes, hemizygotes, True)
