"""HGVS names: a table worked out by hand, every VCF spelling, and names read back."""

from __future__ import annotations

import csv
from pathlib import Path

import pysam
import pytest
from hgvs_world import LENGTH, PLUS, mirrored, other_strand, reference, transcript
from hypothesis import given, settings
from hypothesis import strategies as st

from ariane.annotate.accessions import genomic_prefixes, read_accessions
from ariane.annotate.genes import Transcript
from ariane.annotate.hgvs import (
    Namer,
    joined,
)
from ariane.annotate.hgvs_edit import left_aligned, run_right, trimmed
from ariane.annotate.hgvs_repeats import period, repeat_change
from ariane.annotate.sequence import Reference
from ariane.knowledge.contigs import Contigs
from ariane.model.errors import ArianeError

TABLE = Path(__file__).with_name("hgvs_cases.tsv")
ON = {"+": "chr1", "-": "chr2"}


def cases() -> list[dict[str, str]]:
    lines = [x for x in TABLE.read_text("utf-8").splitlines() if not x.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t"))


@pytest.fixture(scope="session")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    return reference(tmp_path_factory.mktemp("hgvs"))


@pytest.fixture(scope="session")
def namer(bases: Reference) -> Namer:
    return Namer(bases)


def told(text: str) -> str:
    return "" if text == "-" else text


def spellings(
    bases: Reference, contig: str, pos: int, ref: str, alt: str
) -> list[tuple[int, str, str]]:
    """The same variant elsewhere along its repeat, and with bases around it."""
    edit = trimmed(*left_aligned(bases, contig, trimmed(pos, ref, alt)))
    pure = not (edit.removed and edit.inserted)
    found = []
    for by in range(run_right(bases, contig, edit) + 1 if pure else 1):
        moved = edit.moved(by) if pure else edit
        for before, after in ((1, 0), (0, 1), (3, 2)):
            left = bases.bases(contig, moved.start - before, before).decode()
            right = bases.bases(contig, moved.end + 1, after).decode()
            old, new = left + moved.removed + right, left + moved.inserted + right
            found.append((moved.start - before, old, new))
    return found


@pytest.mark.parametrize("strand", ["+", "-"])
@pytest.mark.parametrize("case", cases(), ids=lambda c: f"{c['pos']}-{c['ref']}-{c['alt']}"[:40])
def test_names_worked_out_by_hand(
    namer: Namer, bases: Reference, case: dict[str, str], strand: str
) -> None:
    pos, ref, alt = int(case["pos"]), case["ref"], case["alt"]
    assert PLUS[pos - 1 : pos - 1 + len(ref)] == ref
    if strand == "+":
        assert namer.genomic("chr1", pos, ref, alt) == f"chr1:g.{case['g']}"
    else:
        pos, ref, alt = mirrored(pos, ref, alt)
    wanted = (told(case["c"]), told(case["p"]))
    gene, contig = transcript(strand), ON[strand]
    for spelled in [(pos, ref, alt), *spellings(bases, contig, pos, ref, alt)]:
        assert namer.names(gene, contig, *spelled)[:2] == wanted, spelled
    if wanted[0]:
        back = namer.genomic_of(gene, contig, wanted[0])
        assert back == left_aligned(bases, contig, trimmed(pos, ref, alt))


@st.composite
def variants(draw: st.DrawFn) -> tuple[int, str, str]:
    """Any change of up to seven bases inside or beside the transcript."""
    pos = draw(st.integers(42, 236))
    old = PLUS[pos - 1 : pos - 1 + draw(st.integers(0, 7))]
    new = draw(
        st.text("ACGT", max_size=7)
        | st.just(old * 2)
        | st.just(old[: len(old) // 2])
        | st.just(other_strand(old))
    )
    return pos - 1, PLUS[pos - 2] + old, PLUS[pos - 2] + new


@settings(max_examples=400)
@given(variant=variants(), coding=st.booleans())
def test_a_name_is_one_for_all_spellings_and_reads_back(
    namer: Namer, bases: Reference, variant: tuple[int, str, str], coding: bool
) -> None:
    if variant[1] == variant[2]:
        assert namer.names(transcript(), "chr1", *variant)[:2] == ("", "")
        return
    span = (61, 187) if coding else None
    both = []
    for strand, alleles in (("+", variant), ("-", mirrored(*variant))):
        gene, contig = transcript(strand, coding=span, identity=f"E{coding}"), ON[strand]
        names = namer.names(gene, contig, *alleles)
        genomic = namer.genomic(contig, *alleles)
        both.append(names)
        for spelled in spellings(bases, contig, *alleles):
            assert namer.names(gene, contig, *spelled) == names
            assert namer.genomic(contig, *spelled) == genomic
        if names.c:
            assert names.c.startswith("c." if coding else "n.")
            assert bool(names.p) is coding
            back = namer.genomic_of(gene, contig, names.c)
            assert back == left_aligned(bases, contig, trimmed(*alleles))
            assert namer.names(gene, contig, *back) == names
    assert both[0][:2] == both[1][:2]
    if both[0].c:
        turned = (LENGTH + 1 - both[1].high, LENGTH + 1 - both[1].low)
        assert (both[0].low, both[0].high) == turned


@given(variant=variants())
def test_the_protein_is_the_one_that_its_name_tells(
    namer: Namer, variant: tuple[int, str, str]
) -> None:
    """Written out: names of changes inside exon 2 against a translation of the whole sequence."""
    edit = trimmed(*variant)
    if variant[1] == variant[2] or not (edit.start > 111 and edit.end < 140):
        return
    name = namer.names(transcript(), "chr1", *variant).p
    changed = PLUS[: edit.start - 1] + edit.inserted + PLUS[edit.end :]
    shift = len(edit.inserted) - len(edit.removed)
    coding = changed[60:80] + changed[110 : 140 + shift] + changed[171 + shift : 228 + shift]
    before, after = translate(PLUS[60:80] + PLUS[110:140] + PLUS[171:228]), translate(coding)
    first = next((at for at in range(len(before)) if before[at : at + 1] != after[at : at + 1]), -1)
    if first < 0:
        assert name.endswith("=)")
    elif "fs" in name:
        assert shift % 3
        length = after.index("*") - first + 1 if "*" in after else "?"
        assert name.endswith(f"fsTer{length})")
        assert f"{first + 1}" in name
    elif name.endswith("Ter)") and after[first] == "*":
        assert f"{first + 1}Ter)" in name
    elif not name.endswith("?"):
        assert shift % 3 == 0 or "ext" in name


def translate(bases: str) -> str:
    order, letters = "TCAG", "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
    made = ""
    for at in range(0, len(bases) - 2, 3):
        a, b, c = (order.index(base) for base in bases[at : at + 3])
        made += letters[16 * a + 4 * b + c]
        if made.endswith("*"):
            break
    return made


def test_without_coding_sequence(namer: Namer) -> None:
    rna = transcript(coding=None, identity="rna")
    assert namer.names(rna, "chr1", 60, "C", "CT")[:2] == ("n.10_11insT", "")
    assert namer.names(rna, "chr1", 81, "G", "A")[:2] == ("n.30+1G>A", "")
    assert namer.names(Transcript("E", "", "x", "", 1, 9, "+"), "chr1", 5, "A", "C")[:2] == ("", "")


def test_incomplete_coding_sequence(namer: Namer) -> None:
    """Phase 2: the first two bases end a codon that begins before the transcript."""
    cut = transcript(coding=(51, 187), phase="2", mane="", identity="cut")
    assert namer.names(cut, "chr1", 51, "C", "A")[:2] == ("c.1C>A", "p.?")
    # GAC TTC ACA: residues 2, 3 and 4 after the cut one.
    assert namer.names(cut, "chr1", 53, "G", "C")[:2] == ("c.3G>C", "p.(Asp2His)")
    assert namer.names(cut, "chr1", 55, "CTTC", "C")[:2] == ("c.6_8del", "p.(Phe3del)")
    open_end = transcript(coding=(61, 184), mane="", identity="open")
    assert namer.names(open_end, "chr1", 182, "A", "G").p == "p.(Lys21Glu)"
    assert namer.names(open_end, "chr1", 180, "TA", "T").p == "p.(Lys21SerfsTer?)"
    odd = transcript(coding=(61, 185), mane="", identity="odd")
    assert namer.names(odd, "chr1", 185, "T", "C")[:2] == ("c.64T>C", "p.?")
    hole = transcript(identity="hole")
    hole.cds[1] = (114, 140, "0")
    assert namer.names(hole, "chr1", 73, "G", "T")[:2] == ("c.13G>T", "p.?")


def test_start_codons_other_than_atg(namer: Namer) -> None:
    for mane, wanted in (("select", "p.(Met1?)"), ("", "p.(Leu1Val)")):
        gene = transcript(coding=(67, 187), mane=mane, identity=f"cut{mane}")
        assert namer.names(gene, "chr1", 67, "C", "G")[:2] == ("c.1C>G", wanted)


def test_selenocysteine_and_mitochondria(tmp_path: Path) -> None:
    path = tmp_path / "r.fa"
    sec = "ATGAAATGACTTTGGTAAAAA"
    mito = "ATAAAATGACTTTA"
    path.write_text(f">chr1\nCC{sec}\n>chrM\nCC{mito}\n", "utf-8")
    pysam.faidx(str(path))
    namer = Namer(Reference(path))

    def gene(first: int, last: int, end: int) -> Transcript:
        made = Transcript("E", "1", "protein_coding", "select", 3, end, "+")
        made.exons, made.cds = [(3, end)], [(first, last, "0")]
        return made

    reading = gene(3, 20, 23)
    assert namer.names(reading, "chr1", 9, "T", "C")[:2] == ("c.7T>C", "p.(Sec3Arg)")
    assert namer.names(reading, "chr1", 11, "A", "G")[:2] == ("c.9A>G", "p.(Sec3Trp)")
    assert namer.names(reading, "chr1", 17, "G", "A")[:2] == ("c.15G>A", "p.(Trp5Ter)")
    assert namer.names(reading, "chr1", 8, "ATGA", "A")[:2] == ("c.7_9del", "p.(Sec3del)")
    assert namer.names(reading, "chr1", 8, "ATGAC", "CTGAG").p == "p.(Lys2_Leu4delinsAsnSecVal)"
    # chrM: AUA begins, UGA is Trp, and the tail of A makes the last TA a stop codon.
    short = gene(3, 16, 16)
    assert namer.genomic("chrM", 9, "T", "C") == "chrM:m.9T>C"
    assert namer.names(short, "chrM", 5, "A", "G").p == "p.(Met1=)"
    assert namer.names(short, "chrM", 3, "A", "C").p == "p.(Met1?)"
    assert namer.names(short, "chrM", 11, "A", "G").p == "p.(Trp3=)"
    assert namer.names(short, "chrM", 12, "C", "T").p == "p.(Leu4Phe)"
    assert namer.names(short, "chrM", 16, "A", "G").p == "p.(Ter5TrpextTer?)"
    assert namer.names(short, "chrM", 11, "AC", "A").p == "p.(Leu4PhefsTer?)"


def test_unknown_bases_are_unknown(tmp_path: Path) -> None:
    path = tmp_path / "r.fa"
    path.write_text(f">chr1\n{PLUS[:110]}{'N' * 30}{PLUS[140:]}\n", "utf-8")
    pysam.faidx(str(path))
    namer, gene = Namer(Reference(path)), transcript()
    assert namer.names(gene, "chr1", 111, "C", "T")[:2] == ("c.21C>T", "p.?")
    assert namer.names(gene, "chr1", 65, "A", "G")[:2] == ("c.5A>G", "p.(Lys2Arg)")
    assert namer.names(gene, "chr1", 63, "GAAA", "G")[:2] == ("c.4_6del", "p.(Lys2del)")
    assert namer.names(gene, "chr1", 63, "GA", "G")[:2] == ("c.6del", "p.?")
    for alt in ("*", "<DEL>", ".", "R"):
        assert namer.names(gene, "chr1", 65, "A", alt)[:2] == ("", "")
        assert namer.genomic("chr1", 65, "A", alt) == ""


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("NM_1.2:c.5A>G", (65, "A", "G")),
        ("c.5A > G", (65, "A", "G")),
        ("c.4delA", (63, "GA", "G")),
        ("c.4_5dupAA", (63, "G", "GAA")),
        ("c.4_6del", (63, "GAAA", "G")),
        ("c.13_15delGAGinsTAA", (73, "GAG", "TAA")),
        ("c.6_7insA", (63, "G", "GA")),
        ("c.20+16C>A", (96, "C", "A")),  # counted from the farther exon
    ],
)
def test_older_spellings_are_read(namer: Namer, name: str, read: tuple[int, str, str]) -> None:
    assert namer.genomic_of(transcript(), "chr1", name) == read


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("c.5A>C;6A>C", "not a c. or n. name"),
        ("p.(Lys2Arg)", "not a c. or n. name"),
        ("n.5A>G", "counts c. positions"),
        ("c.5C>G", "the reference has A there"),
        ("c.4delG", "the reference has A there"),
        ("c.67A>G", "not a position"),
        ("c.-11A>G", "not a position"),
        ("c.*99A>G", "not a position"),
        ("c.19+1G>A", "not a position"),
        ("c.20+31G>A", "not a position"),
        ("c.5-1A>G", "not a position"),
        ("c.0A>G", "not a position"),
        ("c.6_4del", "lies after the last"),
        ("c.4_6insT", "two neighbouring bases"),
        ("c.4_6delinsAAA", "changes nothing"),
    ],
)
def test_names_that_do_not_fit_are_told(namer: Namer, name: str, said: str) -> None:
    with pytest.raises(ArianeError, match=said):
        namer.genomic_of(transcript(), "chr1", name)


def test_accessions_by_name_and_length(tmp_path: Path) -> None:
    lengths = {"chr1": 248956422, "2": 243199373, "X": 9, "MT": 16569, "chrM": 16571}
    assert genomic_prefixes(Contigs(lengths)) == {
        "chr1": "NC_000001.11:g.",
        "2": "NC_000002.11:g.",
        "X": "X:g.",
        "MT": "NC_012920.1:m.",
        "chrM": "NC_001807.4:m.",
    }
    assert joined("NM_1.2", "c.5A>G") == "NM_1.2:c.5A>G"
    assert joined("NM_1.2", "") == joined("", "") == ""
    with pytest.raises(ArianeError, match="no such file"):
        read_accessions(tmp_path / "no.tsv")
    bad = tmp_path / "bad.tsv"
    bad.write_text("contig\tlength\n1\tx\n", "utf-8")
    with pytest.raises(ArianeError, match="not a table"):
        read_accessions(bad)


def test_repeats_as_clinvar_writes_them(bases: Reference) -> None:
    def repeat(pos: int, ref: str, alt: str) -> str:
        return repeat_change(bases, "chr1", trimmed(pos, ref, alt))

    assert repeat(117, "CCAG", "C") == "119AGC[1]"
    assert repeat(120, "G", "GCAG") == "119AGC[3]"
    assert repeat(129, "GGGC", "G") == "131GCG[1]"
    assert repeat(63, "GA", "G") == ""
    assert repeat(66, "ACTT", "A") == ""
    assert repeat(65, "AA", "GC") == ""
    assert [period(text) for text in ("A", "AA", "TATA", "TAT", "CAGCAG")] == [1, 1, 2, 3, 3]
