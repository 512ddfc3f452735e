"""What structural variants do to a gene, against a count base by base and in the mirror."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ariane.annotate.genes import Gene, Transcript
from ariane.annotate.places import place
from ariane.annotate.structural import StructuralVariant, parse
from ariane.annotate.structural_effects import StructuralEffect, effect_on
from ariane.annotate.terms import shipped_terms

LENGTH = 10_000
EXONS = [(1001, 1100), (2001, 2090), (3001, 3061), (4001, 4102), (5001, 5300)]
CODING = (1051, 5033)  # 50 + 90 + 61 + 102 + 33 = 336 bases


def gene(
    exons: list[tuple[int, int]] | None = None,
    coding: tuple[int, int] | None = CODING,
    strand: str = "+",
) -> Gene:
    exons = exons or EXONS
    cds = []
    if coding:
        parts = [(max(s, coding[0]), min(e, coding[1])) for s, e in exons]
        cds = [(s, e, "0") for s, e in parts if s <= e]
    start, end = exons[0][0], exons[-1][1]
    named = {"id": "ENST1", "version": "1", "biotype": "protein_coding", "mane": "select"}
    place = {"start": start, "end": end, "strand": strand}
    made = Transcript(**named, **place, exons=exons, cds=cds)
    return Gene("HGNC:1", "ENSG1", "ONE", "chr1", start, end, strand, "protein_coding", [made])


def mirrored(original: Gene) -> Gene:
    """The same gene on the other strand of a chromosome read backwards."""

    def turn(low: int, high: int) -> tuple[int, int]:
        return LENGTH + 1 - high, LENGTH + 1 - low

    (old,) = original.transcripts
    exons = sorted(turn(*exon) for exon in old.exons)
    cds = sorted((*turn(s, e), phase) for s, e, phase in old.cds)
    start, end = turn(original.start, original.end)
    strand = "-" if original.strand == "+" else "+"
    made = replace(old, strand=strand, start=start, end=end, exons=exons, cds=cds)
    return replace(original, strand=strand, start=start, end=end, transcripts=[made])


def allele(kind: str, low: int, high: int, info: str = "") -> StructuralVariant:
    """An allele that takes, copies or turns ``low..high``; an insertion lies after ``high``."""
    pos, end = (low - 1, high) if kind != "INS" else (high, high)
    fields = ["chr1", str(pos), ".", "N", f"<{kind}>", ".", ".", f"END={end}{info}"]
    made = parse(fields, lambda contig, position: "N")
    assert isinstance(made, StructuralVariant)
    return made


def effect(kind: str, low: int, high: int, on: Gene | None = None) -> StructuralEffect:
    made = effect_on(allele(kind, low, high), on or gene(), 1000, shipped_terms())
    assert made is not None
    return made


def told(made: StructuralEffect) -> tuple[str, str, str, int | None]:
    return "&".join(shipped_terms().ordered(made.terms)), made.place, made.nmd, made.protein_lost


@pytest.mark.parametrize("strand", ["+", "-"])
def test_small_and_structural_variants_word_a_place_alike(strand: str) -> None:
    (transcript,) = gene(strand=strand).transcripts
    for low, high in ((2011, 2020), (2050, 3010), (900, 5400), (2500, 2600)):
        words = place(transcript, (low, high)).words
        assert words == effect("DEL", low, high, gene(strand=strand)).place
        assert words.startswith(("exons", "exon", "intron"))


CUT = "feature_truncation&coding_sequence_variant"
SHIFT = "frameshift_variant&feature_truncation"
HEAD = "feature_elongation&coding_sequence_variant&5_prime_UTR_variant"
TAIL = "feature_elongation&coding_sequence_variant&3_prime_UTR_variant"
RAGGED = "splice_donor_variant&feature_truncation&coding_sequence_variant"
DONOR = "splice_donor_variant&splice_donor_region_variant"
"""Terms as they stand in the candidates."""


@pytest.mark.parametrize(
    ("kind", "low", "high", "expected"),
    [
        ("DEL", 900, 5400, ("transcript_ablation", "exons 1-5/5", "", 1000)),
        ("DEL", 1900, 2200, ("feature_truncation&inframe_deletion", "exon 2/5", "", 268)),
        ("DEL", 2900, 3200, (SHIFT, "exon 3/5", "expected", 583)),
        ("DEL", 2900, 4500, (SHIFT, "exons 3-4/5", "escapes", 583)),
        ("DEL", 2011, 2020, (SHIFT, "exon 2/5", "expected", 821)),
        ("DEL", 2011, 3016, ("feature_truncation&inframe_deletion", "exons 2-3/5", "", 286)),
        (
            "DEL",
            2011,
            2500,
            (RAGGED, "exon 2/5", "", 238),
        ),
        (
            "DEL",
            500,
            1500,
            ("start_lost&feature_truncation&5_prime_UTR_variant", "exon 1/5", "", 149),
        ),
        (
            "DEL",
            3900,
            6000,
            ("stop_lost&feature_truncation&3_prime_UTR_variant", "exons 4-5/5", "expected", 402),
        ),
        ("DEL", 1200, 1300, ("intron_variant", "intron 1/4", "", None)),
        ("DEL", 1101, 1150, (DONOR, "intron 1/4", "", None)),
        ("DEL", 5100, 5200, ("feature_truncation&3_prime_UTR_variant", "exon 5/5", "", 0)),
        ("DUP", 900, 5400, ("transcript_amplification", "exons 1-5/5", "", None)),
        ("DUP", 2900, 3200, ("frameshift_variant&feature_elongation", "exon 3/5", "expected", 402)),
        ("DUP", 1900, 2200, ("feature_elongation&inframe_insertion", "exon 2/5", "", None)),
        ("DUP", 500, 2200, (HEAD, "exons 1-2/5", "", None)),
        ("DUP", 4900, 5100, (TAIL, "exon 5/5", "", None)),
        ("DUP", 1200, 1300, ("intron_variant", "intron 1/4", "", None)),
        ("INV", 1900, 2200, (CUT, "intron 1/4, intron 2/4", "", 268)),
        ("INV", 1900, 9000, (CUT, "intron 1/4", "", 851)),
        ("INV", 1200, 1300, ("intron_variant", "intron 1/4", "", None)),
        ("INS", 2021, 2020, ("feature_elongation&protein_altering_variant", "exon 2/5", "", None)),
        ("INS", 1201, 1200, ("intron_variant", "intron 1/4", "", None)),
    ],
)  # fmt: skip
def test_effects(
    kind: str, low: int, high: int, expected: tuple[str, str, str, int | None]
) -> None:
    assert told(effect(kind, low, high)) == expected


def test_what_leaves_a_gene_alone() -> None:
    terms = shipped_terms()
    assert effect_on(allele("INV", 500, 9000), gene(), 1000, terms) is None
    assert effect_on(allele("DEL", 7000, 8000), gene(), 1000, terms) is None
    near = effect_on(allele("DEL", 5400, 5500), gene(), 1000, terms)
    assert near is not None
    assert near.terms == {"downstream_gene_variant"}


def test_a_breakend_cuts_and_a_close_pair_deletes() -> None:
    def read(alt: str, pos: int = 2500) -> StructuralVariant:
        fields = ["chr1", str(pos), ".", "N", alt, ".", ".", "."]
        made = parse(fields, lambda contig, position: "N")
        assert isinstance(made, StructuralVariant)
        return made

    terms = shipped_terms()
    cut = effect_on(read("N[chr9:300["), gene(), 1000, terms)
    assert cut is not None
    assert told(cut)[0] == "feature_truncation&coding_sequence_variant"
    as_deletion = effect_on(read("N[chr1:3501["), gene(), 1000, terms)
    assert as_deletion == effect("DEL", 2501, 3500)
    as_inversion = effect_on(read("N]chr1:3500]"), gene(), 1000, terms)
    assert as_inversion == effect("INV", 2501, 3500)


def test_rna_gene() -> None:
    made = effect("DEL", 2011, 2020, gene(coding=None))
    assert told(made)[0] == "feature_truncation&non_coding_transcript_exon_variant"
    assert made.protein_lost is None


@st.composite
def genes(draw: st.DrawFn) -> Gene:
    """One to five exons, a coding span within them, either strand."""
    exons, at = [], draw(st.integers(1000, 1100))
    for _ in range(draw(st.integers(1, 5))):
        size = draw(st.integers(3, 60))
        exons.append((at, at + size - 1))
        at += size + draw(st.integers(12, 80))
    bases = [p for s, e in exons for p in range(s, e + 1)]
    first = draw(st.integers(0, len(bases) - 3))
    last = draw(st.integers(first + 2, len(bases) - 1))
    return gene(exons, (bases[first], bases[last]), draw(st.sampled_from("+-")))


places = st.tuples(st.integers(900, 1700), st.integers(0, 300))


@given(on=genes(), kind=st.sampled_from(("DEL", "DUP", "INV", "INS", "CNV")), place=places)
@example(on=gene(), kind="INV", place=(967, 133))
@example(on=gene(), kind="INV", place=(2001, 800))
def test_the_mirror_gives_the_same(on: Gene, kind: str, place: tuple[int, int]) -> None:
    low, high = place[0], place[0] + place[1]
    if kind == "INS":
        low = high + 1
    terms = shipped_terms()
    turned = (LENGTH + 1 - high, LENGTH + 1 - low)
    one = effect_on(allele(kind, low, high), on, 200, terms)
    two = effect_on(allele(kind, *turned), mirrored(on), 200, terms)
    if one is None or two is None:
        assert one is two
        return
    assert replace(one, place="") == replace(two, place="")
    assert sorted(one.place.split(", ")) == sorted(two.place.split(", "))


@given(on=genes(), place=places)
def test_the_frame_counted_base_by_base(on: Gene, place: tuple[int, int]) -> None:
    low, high = place[0], place[0] + place[1]
    made = effect_on(allele("DEL", low, high), on, 200, shipped_terms())
    (transcript,) = on.transcripts
    coding = [p for s, e, _ in transcript.cds for p in range(s, e + 1)]
    left = [p for p in coding if not low <= p <= high]
    if made is None or not made.transcript or "transcript_ablation" in made.terms:
        return
    lost = len(coding) - len(left)
    if made.terms & {"frameshift_variant", "inframe_deletion"}:
        assert ("frameshift_variant" in made.terms) == (lost % 3 != 0)
        ends = (coding[:3], coding[-3:])
        assert not any(low <= p <= high for end in ends for p in end)
    if "frameshift_variant" in made.terms:
        ordered = coding if on.strand == "+" else coding[::-1]
        kept = next(n for n, p in enumerate(ordered) if low <= p <= high)
        assert made.protein_lost == round(1000 * (len(coding) - kept) / len(coding))
        assert made.nmd in ("expected", "escapes")
    elif made.protein_lost is not None and "stop_lost" not in made.terms:
        assert made.protein_lost == round(1000 * lost / len(coding))
    if lost == 0:
        assert not made.terms & {"frameshift_variant", "inframe_deletion", "start_lost"}


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (900, 5400, ("coding_sequence_variant", "exons 1-5/5", "", None)),
        (2050, 3010, ("coding_sequence_variant", "exons 2-3/5", "", None)),
        (2200, 2400, ("intron_variant", "intron 2/4", "", None)),
        (1005, 1020, ("5_prime_UTR_variant", "exon 1/5", "", None)),
        (700, 800, ("upstream_gene_variant", "", "", None)),
    ],
)
def test_of_a_complex_variant_only_the_place_is_told(
    low: int, high: int, expected: tuple[str, str, str, int | None]
) -> None:
    made = parse(["chr1", str(low - 1), ".", "N", "<CPX>", ".", ".", f"END={high}"], _n)
    assert isinstance(made, StructuralVariant)
    found = effect_on(made, gene(), 1000, shipped_terms())
    assert found is not None
    assert told(found) == expected


@pytest.mark.parametrize("strand", ["+", "-"])
@pytest.mark.parametrize(
    ("alt", "pos", "place"),
    [("N.", 2050, "exon 2/5"), (".N", 2050, "exon 2/5"), ("NACG.", 2500, "intron 2/4")],
)
def test_a_breakend_without_a_mate_cuts_the_gene_and_promises_no_loss(
    alt: str, pos: int, place: str, strand: str
) -> None:
    on = gene(strand=strand)
    made = parse(["chr1", str(pos), ".", "N", alt, ".", ".", "."], _n)
    assert isinstance(made, StructuralVariant)
    found = effect_on(made, on, 1000, shipped_terms())
    assert found is not None
    assert {"feature_truncation", "coding_sequence_variant"} <= found.terms
    if strand == "+":
        assert found.place == place
    assert (found.nmd, found.protein_lost) == ("", None)
    assert effect_on(made, replace(on, contig="chr2"), 1000, shipped_terms()) is None


def _n(contig: str, position: int) -> str:
    return "N"


@pytest.mark.parametrize(
    ("low", "high", "reach"),
    [
        (900, 5400, "whole"),
        (1001, 5300, "whole"),
        (1002, 5300, "end"),
        (1001, 5299, "start"),
        (1002, 5299, "within"),
        (500, 2200, "start"),
        (3900, 6000, "end"),
        (1200, 1300, "within"),
    ],
)
@pytest.mark.parametrize("kind", ["DEL", "DUP"])
def test_how_a_stretch_lies_on_the_transcript(kind: str, low: int, high: int, reach: str) -> None:
    assert effect(kind, low, high).reach == reach
    mirror = effect(kind, LENGTH + 1 - high, LENGTH + 1 - low, mirrored(gene()))
    assert mirror.reach == reach, "ends are told as transcribed"


def test_no_reach_is_told_of_other_changes() -> None:
    assert effect("INV", 1900, 2200).reach == ""
    assert effect("DEL", 5400, 5500).reach == ""
