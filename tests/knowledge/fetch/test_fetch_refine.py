"""What is done to a whole file: packed, unpacked, indexed; a wrong kind of file is told."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pysam
import pytest

from ariane.knowledge.fetch.refine import refine
from ariane.model.errors import ArianeError

FASTA = b">chr1\n" + b"ACGTA\n" * 30000 + b">chr2\nGG\n"
TABLE = b"#chrom\tpos\tscore\n" + b"".join(b"chr1\t%d\t1\n" % n for n in range(1, 9000))


@pytest.mark.parametrize("name", ["a.fa.gz", "a.fa"])
def test_a_reference_is_packed_and_indexed(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(FASTA) if name.endswith("gz") else FASTA)
    made, indexes = refine(path, ("bgzip_fasta",))
    assert [one.name for one in (made, *indexes)] == ["a.fa.gz", "a.fa.gz.fai", "a.fa.gz.gzi"]
    with pysam.FastaFile(str(made)) as fasta:
        assert (fasta.fetch("chr2"), fasta.get_reference_length("chr1")) == ("GG", 150000)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        one.name for one in (made, *indexes)
    )
    whole = made.read_bytes()
    assert refine(made, ("bgzip_fasta",))[0].read_bytes() == whole  # packed already: left as it is


@pytest.mark.parametrize("packed", [True, False])
def test_a_table_is_indexed(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "a.tsv.gz"
    path.write_bytes(gzip.compress(TABLE) if packed else TABLE)
    made, indexes = refine(path, ("index_tsv",))
    with pysam.TabixFile(str(made)) as table:
        assert [line.split("\t")[1] for line in table.fetch("chr1", 99, 101)] == ["100", "101"]
    assert [one.name for one in indexes] == ["a.tsv.gz.tbi"]


def test_a_member_of_a_zip_and_a_gzip(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("inner/a.csv.gz", gzip.compress(b"x,y\n", mtime=0))
    made, indexes = refine(path, ("unzip:inner/a.csv.gz", "gunzip"))
    assert (made.name, made.read_bytes(), indexes) == ("a.csv", b"x,y\n", ())
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.parametrize(
    ("name", "content", "step", "message"),
    [
        ("a.fa.gz", gzip.compress(b"no\n", mtime=0), "bgzip_fasta", "not a FASTA file"),
        ("a.fa.gz", gzip.compress(FASTA)[:-30], "bgzip_fasta", "the step 'bgzip_fasta'"),
        ("a.vcf.gz", gzip.compress(b"##\n", mtime=0), "index_vcf", "not packed with bgzip"),
        ("a.tsv", b"a\n", "gunzip", "its name does not end in .gz"),
        ("a.zip", b"PK no", "unzip:b", "the step 'unzip:b' of the manifest fails"),
    ],
)
def test_what_cannot_be_done(
    tmp_path: Path, name: str, content: bytes, step: str, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ArianeError, match=message):
        refine(path, (step,))


def test_a_member_that_is_not_there(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.writestr("b", "x")
    with pytest.raises(ArianeError, match=r"it holds no 'c', but b\. Mend 'prepare'"):
        refine(tmp_path / "a.zip", ("unzip:c",))
