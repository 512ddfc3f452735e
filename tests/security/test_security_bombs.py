"""Small files that unpack to large ones, and lines without an end: refused, in little memory."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from security_tools import MIB, bgzip_bomb, gzip_bomb, measured

from ariane import bounds
from ariane.bounds import LINE, BeyondBounds, guarded, opened, refuse_bomb, whole
from ariane.files import read_yaml
from ariane.knowledge.fetch.refine import refine
from ariane.knowledge.nomenclature import read_pack
from ariane.knowledge.vcf_files import incomplete
from ariane.model.errors import ArianeError
from ariane.registry.workbook import read_workbook

VCF = b"##fileformat=VCFv4.2\n##x="
BIG = 200
"""MiB of the bombs; each is some 200 kB."""
ALLOWED = 300
"""MiB that a reader may take over them: a line up to its limit, twice, and the reader's own."""

READERS = {
    "obo": ("from ariane.knowledge.hpo import load_obo", "load_obo(path)", b"[Term]\nid: HP:"),
    "hpoa": (
        "from ariane.knowledge.readers import read_hpoa", "list(read_hpoa(path))",
        b"database_id\tdisease_name\tqualifier\thpo_id\tx\ty\n",
    ),
    "vcf": ("from ariane.intake.vcf import glance", "glance(path).faults", VCF),
    "header": ("from ariane.knowledge.vcf_files import header_of", "header_of(path)", VCF),
    "ped": ("from ariane.intake.ped import read_ped", "read_ped(path, 'x')", b"F x 0 0 1 2"),
    "phenopacket": (
        "from ariane.intake.phenopacket import read_phenopacket", "read_phenopacket(path)",
        b'{"id": "',
    ),
    "decisions": (
        "from ariane.knowledge.decisions import read_decisions", "read_decisions(path)", b"case_id",
    ),
    "hgnc": (
        "from ariane.knowledge.genes import read_hgnc", "read_hgnc(path)", b"hgnc_id\tsymbol\n",
    ),
    "bed": (
        "from ariane.knowledge.regions import bed_lines", "list(bed_lines(path))", b"chr1\t1\t2",
    ),
    "gff": ("from ariane.annotate.genes import read_genes", "read_genes(path)", b"chr1\tx\tgene\t"),
    "yaml": ("from ariane.files import read_yaml", "read_yaml(path)", b"a: "),
    "orphadata": (
        "from ariane.knowledge.orphanet import read_references",
        "list(read_references(path, None))", b"<JDBOR><Disorder><Name>",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(READERS))
def test_a_packed_line_without_an_end(name: str, tmp_path: Path) -> None:
    setup, call, head = READERS[name]
    path = gzip_bomb(tmp_path / "bomb.gz", head, BIG)
    assert path.stat().st_size < MIB
    grown, told = measured(setup, call, path)
    # lxml itself takes no text of more than ten million bytes.
    assert ("no whole XML document" if name == "orphadata" else "more than") in told
    assert grown < ALLOWED


@pytest.mark.parametrize("name", ["vcf", "header"])
def test_the_same_packed_with_bgzip(name: str, tmp_path: Path) -> None:
    setup, call, _ = READERS[name]
    grown, told = measured(setup, call, bgzip_bomb(tmp_path / "bomb.vcf.gz", VCF, BIG))
    assert "MiB" in told
    assert grown < ALLOWED


def test_a_plain_line_without_an_end(tmp_path: Path) -> None:
    path = tmp_path / "hp.obo"
    with path.open("wb") as out:
        out.write(b"[Term]\nid: HP:")
        out.truncate(BIG * MIB)
    grown, told = measured("from ariane.knowledge.hpo import load_obo", "load_obo(path)", path)
    assert f"{path}: a line of more than {LINE >> 20} MiB" in told
    assert grown < ALLOWED


def test_many_short_lines_unpack_only_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "FREE", 16 * MIB)  # a gibibyte would take long to write
    path = gzip_bomb(tmp_path / "x.vcf.gz", VCF + b"\n", 64, b"##y\n")
    assert bounds.RATIO * path.stat().st_size < 64 * MIB
    with pytest.raises(BeyondBounds, match=r"x\.vcf\.gz: unpacks to more than 500 times"):
        list(opened(path))
    assert "unpacks to more than 500 times" in incomplete(path)
    with pytest.raises(ArianeError, match="unpacks to more than 500 times"):
        refine(path, ("gunzip",))
    assert [p.name for p in tmp_path.iterdir()] == ["x.vcf.gz"]  # nothing half done is left


def test_what_is_honest_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "FREE", MIB)
    lines = [f"chr1\t{i * 977}\t{i * 977 + 120}\n".encode() for i in range(200_000)]
    path = tmp_path / "x.bed.gz"
    path.write_bytes(gzip.compress(b"".join(lines)))
    assert list(opened(path)) == lines


def test_a_line_up_to_the_limit_passes() -> None:
    line = b"A" * (LINE - 1) + b"\n"
    with guarded(io.BytesIO(line * 2), "x") as handle:
        assert [len(one) for one in handle] == [LINE, LINE]


def zipped(members: dict[str, int]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, mebibytes in members.items():
            with target.open(name, "w") as member:
                for _ in range(mebibytes):
                    member.write(bytes(MIB))
    return out.getvalue()


def test_a_workbook_that_is_a_bomb(tmp_path: Path) -> None:
    path = tmp_path / "registry.xlsx"
    path.write_bytes(zipped({"xl/workbook.xml": 150}))
    setup = "from ariane.registry.workbook import read_workbook"
    grown, told = measured(setup, "read_workbook(path.read_bytes(), 'registry.xlsx')", path)
    assert "registry.xlsx: unpacks to 150 MiB" in told
    assert grown < 50


def test_a_zip_that_lies_of_its_size_is_cut_not_obeyed() -> None:
    raw = bytearray(zipped({"xl/workbook.xml": 100}))
    real, lie = (100 * MIB).to_bytes(4, "little"), (1000).to_bytes(4, "little")
    raw = raw.replace(real, lie)
    with pytest.raises(ArianeError, match="damaged workbook"):
        read_workbook(bytes(raw), "registry.xlsx")


def test_a_nomenclature_that_is_a_bomb(tmp_path: Path) -> None:
    from ariane.files import sha256_of

    path = tmp_path / "pack.zip"
    path.write_bytes(zipped({"ORPHAnomenclature_en_2024.xml": 120}))
    with pytest.raises(ArianeError, match=r"pack\.zip: unpacks to 120 MiB"):
        read_pack(path, "2024-01-01", sha256_of(path))


def test_the_size_of_members_is_asked_before_they_are_read() -> None:
    member = zipfile.ZipInfo("x")
    member.file_size = 10 * MIB
    refuse_bomb([member], 1000, "x.zip", 20 * MIB)  # small things may pack well
    with pytest.raises(BeyondBounds, match=r"x\.zip: unpacks to 20 MiB"):
        refuse_bomb([member] * 2, 1000, "x.zip", 15 * MIB)
    member.file_size = 100 * MIB
    with pytest.raises(BeyondBounds):
        refuse_bomb([member], 1000, "x.zip", 1 << 40)


def test_yaml_that_multiplies(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    path = tmp_path / "bomb.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ArianeError, match=r"bomb\.yaml:\d+: not a YAML document"):
        read_yaml(path)
    path.write_text("a: &a [*a]", encoding="utf-8")
    with pytest.raises(ArianeError, match=r"bomb\.yaml"):
        read_yaml(path)
    path.write_text("a: &a [1, 2]\nb: *a\nc: {<<: {d: *a}}", encoding="utf-8")
    assert read_yaml(path) == {"a": [1, 2], "b": [1, 2], "c": {"d": [1, 2]}}


@pytest.mark.parametrize("text", ["[" * 5000, "a: 2024-13-45", "a: " + "9" * 5000, "- " * 5000])
def test_yaml_that_no_loader_expects(text: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ArianeError, match=r"odd\.yaml"):
        read_yaml(path)


def test_a_huge_header_of_a_vcf(tmp_path: Path) -> None:
    contigs = "".join(f"##contig=<ID=c{i},length={i + 1}>\n" for i in range(100_000))
    path = tmp_path / "x.vcf"
    path.write_text(
        f"##fileformat=VCFv4.2\n{contigs}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ts\n"
        "c1\t1\t.\tA\tG\t.\t.\t.\tGT\t0/1\n"
    )
    grown, told = measured(
        "from ariane.intake.vcf import glance",
        "(lambda seen: (len(seen.contigs), seen.records, seen.faults))(glance(path))", path,
    )  # fmt: skip
    assert told == "(100000, 1, [])"
    assert grown < ALLOWED


def test_json_that_nests_without_end(tmp_path: Path) -> None:
    from ariane.intake.phenopacket import read_phenopacket

    path = tmp_path / "packet.json"
    for depth in (500, 900, 100_000):
        path.write_text('{"id":' + "[" * depth + "]" * depth + "}", encoding="utf-8")
        packet, faults = read_phenopacket(path)
        assert packet is None
        assert [fault.where for fault in faults] == [str(path)]
    path.write_text(json.dumps({"id": "x", "subject": {"id": "9" * 5000}}), encoding="utf-8")
    read_phenopacket(path)


def test_a_cell_of_a_registry_that_fills_the_file() -> None:
    from ariane.registry.csv_file import load
    from ariane.registry.mapping import parse_mapping

    mapping = parse_mapping({"key": "id", "columns": {"gene": "ariane_g"}}, "m.yaml")
    wide = "id;ariane_g\n1;" + "x" * (8 * MIB) + "\n2;y\n"
    assert load(wide.encode(), mapping).cell(1, "ariane_g") == "x" * (8 * MIB)


@given(st.text(alphabet="0123456789-+.eE_ ٣", max_size=30) | st.integers(0, 10**40).map(str))
def test_a_whole_number_fits_64_bits_or_is_none(text: str) -> None:
    found = whole(text)
    if text.isdecimal() and len(text) <= 18:
        assert found == int(text)
        assert found < 2**63
    else:
        assert found is None


def test_a_number_of_thousands_of_digits_is_none() -> None:
    assert whole("9" * 5000) is None  # int() would raise
