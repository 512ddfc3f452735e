"""Class rows of a copy-number variant: Riggs and others, Genet Med 2020, sections 1 to 4.

One (case, gene) is evaluated at a time. What is read is therefore what belongs to this gene, the
regions that the variant touches, and how many genes it takes, counted when the case was annotated.
That another gene of the stretch is haploinsufficient is told in that gene's own findings.

Each row moves the ledger by what its item moves the converted sum (:meth:`CnvTable.ledger`), from
section 1 on, so that the rows add up to the points of the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ariane.knowledge.assertions import PATHOGENIC
from ariane.knowledge.lookup import Knowledge
from ariane.model.evidence import ABSENT, NO_RESOURCE, Evidence, Ledger
from ariane.model.structural import spot_of
from ariane.phrases import say
from ariane.rank.class_row import Candidate, class_row, other_alleles
from ariane.rank.cnv_table import CnvTable, load_cnv
from ariane.rank.profile import Profile

PREFIX: Final = "CNV_"
UNWEIGHED: Final = say("Riggs 2020 gives no points for being rare")
"""Why PM2 of a copy-number variant does not count, though it is met."""

_NONE: Final = "2"
"""The row that says that nothing of section 2 was found."""
_SENSITIVE: Final = ("2A", "2C", "2D")
"""Items of section 2 that rest on an established gene or region, where they give points."""
_EXONS: Final = re.compile(r"exon (\d+)/(\d+)\Z")


@dataclass(frozen=True)
class Item:
    """One item that holds for a variant, with what was read for it."""

    code: str
    points: int
    """Hundredths of Riggs' points."""
    words: str
    resource: str
    read_key: str
    record: str
    of_gene: bool = False
    """Whether it rests on this gene being established haploinsufficient."""


def is_copy_number(candidate: Candidate) -> bool:
    """Whether a variant is a loss or gain of copies whose genes were counted: a DEL or DUP without
    its sequence, not on the mitochondria."""
    return candidate["kind"] in ("DEL", "DUP") and candidate["genes_hit"] is not None


def by_riggs(rows: Iterable[Evidence]) -> bool:
    """Whether an allele's class comes from Riggs' sections and not from the rules of sequence
    variants."""
    return any(row.code.startswith(f"{PREFIX}1") and not row.suppressed for row in rows)


def riggs_sum(candidate: Candidate, rows: Iterable[Evidence], profile: Profile) -> int:
    """Sum of the sections that count among an allele's rows, in hundredths of Riggs' points."""
    items = load_cnv(profile.cnv).items(str(candidate["kind"]))
    codes = [row.code.removeprefix(PREFIX) for row in rows if _counts(row)]
    return sum(items[code].points for code in codes)


def established(rows: Iterable[Evidence]) -> bool:
    """Whether section 2 found an established gene or region."""
    return any(
        _counts(row) and row.code.removeprefix(PREFIX)[:2] in _SENSITIVE and row.points > 0
        for row in rows
    )


def _established(item: Item) -> bool:
    return item.code[:2] in _SENSITIVE and item.points > 0


def _counts(row: Evidence) -> bool:
    return row.code.startswith(PREFIX) and not row.suppressed


def with_copy_number(
    candidate: Candidate, rows: Sequence[Evidence], known: Knowledge, profile: Profile
) -> list[Evidence]:
    """The class rows of an allele, with Riggs' sections where it is a copy-number variant.

    One of two systems classes it, never both: Riggs' sections, or the rules of sequence variants
    with PVS1. The latter class what lies within the gene (2E, 2I), and the loss of a gene that is
    not established haploinsufficient though its loss is a known mechanism (mostly of recessive
    diseases), where PVS1 says more than the sections do: its tree is made for whole genes too (Abou
    Tayoun 2018).
    """
    if not is_copy_number(candidate):
        return list(rows)
    table = load_cnv(profile.cnv)
    items = table.items(str(candidate["kind"]))
    second = _overlap(candidate, known, profile, table)
    if candidate["reach"] == "within" and (second is None or second.code != "2A"):
        code = "2E" if candidate["kind"] == "DEL" else "2I"
        told = item_row(candidate, _of_case(candidate, table, code), 0, items[code].why)
        return [*rows, told]
    found = [_content(candidate, known, table), second, _number(candidate, table)]
    common = next((row for row in rows if _is(row, "BS1") and row.points < 0), None)
    if common is not None:
        read = (common.sentence, common.resource, common.read_key, common.record)
        found.append(Item("4O", items["4O"].points, *read))
    held = [item for item in found if item is not None]
    null = sum(row.points for row in rows if _is(row, "PVS1"))
    of_gene = second is not None and second.of_gene
    if null > 0 and not of_gene and null >= table.ledger(sum(item.points for item in held)):
        reason = say("the loss of this gene counts by PVS1, which says more")
        return [*rows, *(item_row(candidate, item, 0, reason) for item in held)]
    made = list(rows_of(candidate, held, table))
    if second is None:
        made.append(_nothing(candidate, known))
    return [*(_given_way(row, second) for row in rows), *made]


def rows_of(
    candidate: Candidate, items: Sequence[Item], table: CnvTable, before: int = 0
) -> Iterator[Evidence]:
    """Rows of items in the order of their sections, each with the step of the converted sum.

    Args:
        candidate: the variant.
        items: what holds for it.
        table: the points.
        before: what earlier sections sum to, in hundredths.
    """
    for item in items:
        after = before + item.points
        yield item_row(candidate, item, table.ledger(after) - table.ledger(before), after=after)
        before = after


def item_row(
    candidate: Candidate,
    item: Item,
    points: int,
    suppressed: str = "",
    after: int | None = None,
) -> Evidence:
    """The row of one item, with Riggs' points and, where it counts, their sum so far."""
    told = {"said": item.words, "code": item.code, "points": item.points / 100}
    return Evidence(
        variant=candidate["variant"],
        ledger=Ledger.CLASS,
        code=f"{PREFIX}{item.code}",
        points=points,
        sentence=say("{said} (Riggs 2020, {code}: {points:+.2f})", **told)
        if after is None
        else say(
            "{said} (Riggs 2020, {code}: {points:+.2f}, sum {sum:+.2f})", sum=after / 100, **told
        ),
        resource=item.resource,
        read_key=item.read_key,
        record=item.record,
        suppressed=suppressed,
    )


def _of_case(candidate: Candidate, table: CnvTable, code: str, hit: int | None = None) -> Item:
    """An item that the annotation of the case alone tells, with the genes hit where they count."""
    item = table.items(str(candidate["kind"]))[code]
    words = item.text
    if hit is not None:
        words = say("{said}: {count}, wholly or in part", said=words, count=hit)
    return Item(code, item.points, words, "transcripts", candidate["gene"], "case")


def _content(candidate: Candidate, known: Knowledge, table: CnvTable) -> Item:
    """Section 1. A curated region is a functional element; others are not in a release."""
    held = candidate["genes_hit"] or known.regions.get(candidate["variant"])
    return _of_case(candidate, table, "1A" if held else "1B")


def _number(candidate: Candidate, table: CnvTable) -> Item:
    """Section 3."""
    hit = candidate["genes_hit"]
    reached = [
        (item.genes_from, code)
        for code, item in table.items(str(candidate["kind"])).items()
        if item.genes_from is not None and hit >= item.genes_from
    ]
    return _of_case(candidate, table, max(reached)[1], hit)


def _overlap(
    candidate: Candidate, known: Knowledge, profile: Profile, table: CnvTable
) -> Item | None:
    """Section 2: the one item that counts, or None."""
    loss = candidate["kind"] == "DEL"
    found = _loss if loss else _gain
    return next(found(candidate, known, profile, _Regions(candidate, known, table), table), None)


class _Regions:
    """ClinGen's regions that a variant touches, by what they say of its kind of change."""

    def __init__(self, candidate: Candidate, known: Knowledge, table: CnvTable) -> None:
        spot = spot_of(candidate["variant"])
        self.key = spot.region_key if spot else ""
        self.word = "haploinsufficiency" if candidate["kind"] == "DEL" else "triplosensitivity"
        held = known.regions.get(candidate["variant"], ())
        sensitive = [r for r in held if r[self.word] in table.established]
        benign = [r for r in held if r[self.word] in table.benign]
        self.whole = next((r for r in sensitive if r["covered"] == 1000), None)
        self.part = next(iter(sensitive), None)
        self.around = next(
            (r for r in benign if spot and r["start"] <= spot.low and spot.high <= r["end"]), None
        )
        self.beside = next(iter(benign), None)

    def item(self, code: str, table: CnvTable, kind: str, region: Mapping[str, Any]) -> Item:
        item = table.items(kind)[code]
        words = _by_clingen(item.text, region["name"], self.word, region[self.word])
        return Item(code, item.points, words, "dosage_regions", self.key, region["record"])


def _loss(
    candidate: Candidate, known: Knowledge, profile: Profile, regions: _Regions, table: CnvTable
) -> Iterator[Item]:
    reach = candidate["reach"]
    gene = _curated(candidate, known, "haploinsufficiency", table)
    if gene is not None and reach == "whole":
        yield _of_gene(candidate, "2A", gene, table)
    if regions.whole is not None:
        yield regions.item("2A", table, "DEL", regions.whole)
    coding = (candidate["protein_lost"] or 0) > 0
    if gene is not None and reach == "start":
        yield _of_gene(candidate, "2C-1" if coding else "2C-2", gene, table)
    if gene is not None and reach == "end":
        yield _of_gene(candidate, _end_lost(candidate, known, profile, coding), gene, table)
    if regions.around is not None:
        yield regions.item("2F", table, "DEL", regions.around)
    if coding and (predicted := _predicted(candidate, known, table)) is not None:
        yield predicted
    if regions.part is not None:
        yield regions.item("2B", table, "DEL", regions.part)
    if regions.beside is not None:
        yield regions.item("2G", table, "DEL", regions.beside)


def _end_lost(candidate: Candidate, known: Knowledge, profile: Profile, coding: bool) -> str:
    """2D-1 to 2D-4. Witnesses of 2D-2 are other truncating alleles in the very exon."""
    if not coding:
        return "2D-1"
    only = _EXONS.match(candidate["place"])
    if only is None:
        return "2D-4"
    shown = any(
        record["klass"] in PATHOGENIC
        and record["stars"] >= profile.pvs1.shown_stars
        and record["transcript"] == candidate["transcript"]
        and record["place"] == candidate["place"]
        for record in other_alleles(candidate, known.nulls.get(candidate["gene"], ()))
    )
    return "2D-2" if shown else "2D-3"


def _gain(
    candidate: Candidate, known: Knowledge, _: Profile, regions: _Regions, table: CnvTable
) -> Iterator[Item]:
    reach = candidate["reach"]
    gene = _curated(candidate, known, "triplosensitivity", table)
    if gene is not None and reach == "whole":
        yield _of_gene(candidate, "2A", gene, table)
    if regions.whole is not None:
        yield regions.item("2A", table, "DUP", regions.whole)
    if regions.around is not None:
        code = "2E" if candidate["genes_cut"] else "2D"
        yield regions.item(code, table, "DUP", regions.around)
    sensitive = _curated(candidate, known, "haploinsufficiency", table)
    if sensitive is not None and reach in ("whole", "start", "end"):
        yield _of_gene(candidate, "2H" if reach == "whole" else "2J", sensitive, table)
    if regions.part is not None:
        yield regions.item("2B", table, "DUP", regions.part)
    if regions.beside is not None:
        yield regions.item("2G", table, "DUP", regions.beside)
    if reach in ("start", "end"):
        yield _of_case(candidate, table, "2L")


def _curated(
    candidate: Candidate, known: Knowledge, word: str, table: CnvTable
) -> Mapping[str, Any] | None:
    """ClinGen's record of the gene where it says that its dosage matters."""
    records = known.dosage.get(candidate["gene"], ())
    return next((record for record in records if record[word] in table.established), None)


def _of_gene(candidate: Candidate, code: str, record: Mapping[str, Any], table: CnvTable) -> Item:
    kind = str(candidate["kind"])
    item = table.items(kind)[code]
    gain = kind == "DUP" and code == "2A"
    word = "triplosensitivity" if gain else "haploinsufficiency"
    place = f" ({candidate['place']})" if candidate["place"] else ""
    words = _by_clingen(item.text, f"{candidate['symbol']}{place}", word, record[word])
    read = (words, "dosage", candidate["gene"], record["record"])
    return Item(code, item.points, *read, of_gene=kind == "DEL")


def _by_clingen(text: str, name: str, scale: str, score: str) -> str:
    return say(
        "{said}: {text}, ClinGen {scale} {score}", said=text, text=name, scale=scale, score=score
    )


def _predicted(candidate: Candidate, known: Knowledge, table: CnvTable) -> Item | None:
    """2H: both predictors that the release may hold."""
    for record in known.constraint.get(candidate["gene"], ()):
        pli, loeuf = record["pli"], record["loeuf"]
        if pli is None or loeuf is None:
            continue
        if pli >= table.pli_from and loeuf < table.loeuf_below:
            item = table.loss["2H"]
            words = say(
                "{said}: {gene}, pLI {pli:.2f}, LOEUF {loeuf:.2f}",
                said=item.text,
                gene=candidate["symbol"],
                pli=pli,
                loeuf=loeuf,
            )
            key = candidate["gene"]
            return Item("2H", item.points, words, "constraint", key, record["record"])
    return None


def _nothing(candidate: Candidate, known: Knowledge) -> Evidence:
    """The row that says why section 2 is passed over: found, absent or no resource."""
    word = "haploinsufficiency" if candidate["kind"] == "DEL" else "triplosensitivity"
    records = known.dosage.get(candidate["gene"], ())
    words = say(
        "no established dosage of {gene} or of a region; other genes of the stretch speak in their "
        "own findings",
        gene=candidate["symbol"],
    )
    if records:
        words = say(
            "no established dosage of {gene} ({score} {scale} score by ClinGen) or of a region; "
            "other genes of the stretch speak in their own findings",
            gene=candidate["symbol"],
            score=records[0][word] or "no",
            scale=word,
        )
    read = known.has("dosage") or known.has("dosage_regions")
    record = str(records[0]["record"]) if records else ABSENT if read else NO_RESOURCE
    return class_row(
        candidate,
        f"{PREFIX}{_NONE}",
        0,
        words,
        resource="dosage",
        read_key=candidate["gene"],
        record=record,
        suppressed=say("section 2 is passed over") if read else say("no dosage resource"),
    )


def _given_way(row: Evidence, second: Item | None) -> Evidence:
    """A row of the rules of sequence variants beside Riggs' sections: one fact, one row."""
    if _is(row, "PVS1") and second is not None and _established(second):
        return row.suppress(say("the same loss counts by {code}", code=PREFIX + second.code))
    if not row.points:
        return row
    if _is(row, "PM2"):
        return row.suppress(UNWEIGHED)
    if _is(row, "BS1"):
        return row.suppress(say("the same frequency counts by {code}", code=f"{PREFIX}4O"))
    return row.suppress(say("a copy-number variant is classed by Riggs 2020"))


def _is(row: Evidence, criterion: str) -> bool:
    return row.code.partition("_")[0] == criterion
