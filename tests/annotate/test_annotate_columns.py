"""What is asked of whole columns is what is asked one by one."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pysam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane.annotate.contig_map import ContigMap
from ariane.annotate.genes import Transcript
from ariane.annotate.genetic_code import MITOCHONDRIAL, STANDARD, GeneticCode
from ariane.annotate.near import _codes, _terms
from ariane.annotate.normalise import index_of, normalise
from ariane.annotate.places import place
from ariane.annotate.sequence import Reference
from ariane.annotate.transcript_map import TranscriptMap


@st.composite
def transcripts(draw: st.DrawFn) -> Transcript:
    """One of any shape: short exons, short introns, introns of no length, coding or not."""
    start = draw(st.integers(1, 400))
    position, exons = start, []
    for _ in range(draw(st.integers(1, 5))):
        size = draw(st.sampled_from([1, 2, 3, 4, 5, 9, 30]))
        exons.append((position, position + size - 1))
        position += size + draw(st.sampled_from([0, 1, 2, 19, 23, 24, 25, 60]))
    exonic = [p for low, high in exons for p in range(low, high + 1)]
    cds: list[tuple[int, int, str]] = []
    if draw(st.booleans()):
        low, high = sorted(draw(st.tuples(st.sampled_from(exonic), st.sampled_from(exonic))))
        cds = [(max(s, low), min(e, high), "0") for s, e in exons if s <= high and low <= e]
    strand = draw(st.sampled_from("+-"))
    return Transcript("T", "1", "x", "", exons[0][0], exons[-1][1], strand, "", exons, cds)


@given(several=st.lists(transcripts(), min_size=1, max_size=4))
def test_positions_on_many_transcripts_are_those_on_each(several: list[Transcript]) -> None:
    known = ContigMap(several)
    for number, transcript in enumerate(several):
        one = TranscriptMap(transcript)
        positions = np.arange(one.start, one.end + 1)
        which = np.full(len(positions), number)
        at = known.locate(which, positions)
        assert (at.inside | at.between).all()
        assert known.index(which, positions).tolist() == [one.index(p) for p in positions.tolist()]
        labels = known.labels(which, positions, at).to_pylist()
        assert labels == [one.label(p) for p in positions.tolist()]
        assert (known.cds_first[number], known.cds_last[number]) == (one.cds_first, one.cds_last)
        outside = np.array([one.start - 1, one.end + 1])
        beyond = known.locate(which[:1].repeat(2), outside)
        assert not (beyond.inside | beyond.between).any()
        words = known.places(which, at).to_pylist()
        codes = _codes(known, which, positions, at).tolist()
        for position, word, code in zip(positions.tolist(), words, codes, strict=True):
            told = place(transcript, (position, position))
            assert word == told.words
            if known.regular[number]:
                assert _terms(code) == (told.terms, told.near)


def test_a_transcript_of_usual_shape_is_read_by_columns() -> None:
    exons = [(100, 200), (300, 400)]
    usual = Transcript("T", "1", "x", "", 100, 400, "+", "", exons, [(150, 200, "0")])
    assert ContigMap([usual]).regular.tolist() == [True]


@given(bases=st.text("ACGTN", max_size=1000), code=st.sampled_from([STANDARD, MITOCHONDRIAL]))
def test_bases_are_translated_codon_by_codon(bases: str, code: GeneticCode) -> None:
    codons = [bases[at : at + 3] for at in range(0, len(bases) - 2, 3)]
    letters = "".join(code.letters.get(codon, "X") for codon in codons)
    assert code.translated(bases) == letters
    whole, stop, _ = letters.partition("*")
    assert code.translated(bases, to_stop=True) == whole + stop


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_bases_are_the_same_packed_or_not(tmp_path: Path, packed: bool, end: str) -> None:
    rng = random.Random(3)  # noqa: S311
    held = {name: "".join(rng.choices("ACGTNacgt", k=size)) for name, size in (("a", 95), ("b", 7))}
    path = tmp_path / ("r.fa.gz" if packed else "r.fa")
    lines = "".join(
        f">{name} told{end}"
        + "".join(f"{bases[n : n + 10]}{end}" for n in range(0, len(bases), 10))
        for name, bases in held.items()
    )
    (tmp_path / "plain.fa").write_bytes(lines.encode())
    if packed:
        pysam.tabix_compress(str(tmp_path / "plain.fa"), str(path))
    else:
        path.write_bytes(lines.encode())
    pysam.faidx(str(path))
    reference = Reference(path)
    for name, bases in held.items():
        for start in range(1, len(bases) + 1):
            for size in (1, 5, 40):
                expected = bases[start - 1 : start - 1 + size].upper().encode()
                assert reference.bases(name, start, size) == expected
        positions = np.arange(-1, len(bases) + 3)
        found = reference.at(name, positions).tolist()
        assert found == [
            ord(bases[p - 1].upper()) if 1 <= p <= len(bases) else 0 for p in positions
        ]
        reference.let_go()
    assert reference.at("absent", np.array([1, 2])).tolist() == [0, 0]
    assert reference.bases("a", 96, 3) == b""


def test_an_indel_that_moves_far_left_is_put_in_order(tmp_path: Path) -> None:
    rng = random.Random(4)  # noqa: S311
    bases = "".join(rng.choices("ACGT", k=300)) + "CA" * 3000 + "".join(rng.choices("ACGT", k=300))
    reference = tmp_path / "r.fa"
    reference.write_text(f">chr1\n{bases}\n", encoding="utf-8")
    pysam.faidx(str(reference))
    vcf = tmp_path / "v.vcf"
    records = [(n, "C", "T") for n in range(1301, 6001, 10)] + [(6200, bases[6199:6202], "A")]
    records[-1] = (6200, bases[6199:6202], bases[6199])
    lines = ["##fileformat=VCFv4.2", "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS"]
    lines += [f"chr1\t{pos}\t.\t{ref}\t{alt}\t.\t.\t.\tGT\t0/1" for pos, ref, alt in records]
    vcf.write_text("\n".join(lines) + "\n", encoding="utf-8")
    made = normalise(vcf, ["S"], reference, tmp_path)
    assert index_of(made.bcf).is_file()
    with pysam.VariantFile(str(made.bcf)) as found:
        positions = [record.pos for record in found]
        assert len(list(found.fetch("chr1", 0, 400))) == 1
    assert positions == sorted(positions)
    assert positions[0] < 310
    assert len(positions) == len(records)
