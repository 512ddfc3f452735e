"""An allele written anywhere along a repeat meets the case's own, which bcftools left-aligns."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pysam
import pysam.bcftools
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ariane.knowledge.alignment import Aligner
from ariane.model.errors import ArianeError

BASES = st.text("AC", min_size=1, max_size=4)  # two letters: repeats at every turn


def reference(folder: Path, sequence: str) -> Path:
    path = folder / "r.fa"
    path.write_text(f">1\n{sequence}\n", encoding="utf-8")
    pysam.faidx(str(path))
    return path


def by_bcftools(folder: Path, fasta: Path, alleles: list[tuple[int, str, str]]) -> list[str]:
    """One allele a file, so that nothing sorts or joins them."""
    found = []
    for pos, ref, alt in alleles:
        vcf = folder / "one.vcf"
        head = (
            "##fileformat=VCFv4.2\n##contig=<ID=1>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        )
        vcf.write_text(head + f"1\t{pos}\t.\t{ref}\t{alt}\t.\t.\t.\n", encoding="utf-8")
        said = pysam.bcftools.norm("--no-version", "-f", str(fasta), str(vcf))
        (line,) = [ln for ln in said.splitlines() if not ln.startswith("#")]
        fields = line.split("\t")
        found.append(f"{fields[1]}-{fields[3]}-{fields[4]}")
    return found


@settings(max_examples=60, deadline=None)
@given(st.text("AC", min_size=12, max_size=40), st.data())
def test_alleles_are_placed_as_bcftools_norm_places_them(
    sequence: str, data: st.DataObject
) -> None:
    alleles = []
    for _ in range(4):
        start = data.draw(st.integers(0, len(sequence) - 1))
        ref = sequence[start : start + data.draw(st.integers(1, 5))]
        alt = data.draw(BASES.filter(lambda a, r=ref: a != r))
        alleles.append((start + 1, ref, alt))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fasta = reference(folder, sequence)
        aligner = Aligner(fasta)
        ours = ["-".join(map(str, aligner.place("1", *allele))) for allele in alleles]
        assert ours == by_bcftools(folder, fasta, alleles)


@settings(max_examples=80, deadline=None)
@given(st.text("ACG", min_size=8, max_size=30), st.data())
def test_one_edit_has_one_key_however_it_is_written(sequence: str, data: st.DataObject) -> None:
    """The same edited sequence, written at any place and width, is one allele."""
    start = data.draw(st.integers(1, len(sequence) - 1))
    width = data.draw(st.integers(0, min(3, len(sequence) - start)))
    new = data.draw(
        st.text("ACG", max_size=3).filter(lambda t: t != sequence[start : start + width])
    )
    edited = sequence[:start] + new + sequence[start + width :]
    with tempfile.TemporaryDirectory() as name:
        aligner = Aligner(reference(Path(name), sequence))
        keys = set()
        for left in range(len(sequence)):
            for right in range(left + 1, len(sequence) + 1):
                ref = sequence[left:right]
                alt_end = len(edited) - (len(sequence) - right)
                alt = edited[left:alt_end]
                whole = sequence[:left] + alt + sequence[right:]
                if alt and alt != ref and alt_end > left and whole == edited and len(ref) < 12:
                    keys.add(aligner.place("1", left + 1, ref, alt))
        # A substitution that is also an insertion beside it may be written in no second way.
        assert len(keys) <= 1


def test_what_disagrees_with_the_reference_is_not_moved(tmp_path: Path) -> None:
    aligner = Aligner(reference(tmp_path, "GCACACAT"))
    assert aligner.place("1", 6, "CA", "C") == (6, "CA", "C")  # REF is AC there
    assert aligner.place("2", 6, "CA", "C") == (6, "CA", "C")  # no such contig
    assert aligner.place("1", 5, "ACA", "A") == (1, "GCA", "G")
    assert aligner.place("1", 1, "G", "CG") == (1, "G", "CG")  # nothing lies before it


def test_a_reference_without_index_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArianeError, match="samtools faidx"):
        Aligner(tmp_path / "none.fa")
