"""From a manifest to a release: faults told, what is not open never fetched."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pysam
import pytest
import requests
import yaml
from faulty_server import Server, cut, status

from ariane.files import REPOSITORY
from ariane.knowledge.fetch.collect import see_room
from ariane.knowledge.fetch.entry import Terms, refused
from ariane.knowledge.fetch.manifest import BY_HAND, MANIFEST, read_catalogue
from ariane.knowledge.fetch.pages import fetch_pages
from ariane.knowledge.fetch.patience import Patience, amount, read_patience
from ariane.knowledge.fetch.pool import Pool
from ariane.knowledge.release import LICENCE_CLASSES, Release
from ariane.model.errors import ArianeError, InputFaults

FASTA = ">chr1\n" + "ACGTACGTAC\n" * 3000
GFF3 = """##gff-version 3
chr1\t.\tgene\t5001\t9000\t.\t+\t.\tID=gene:ENSG1;Name=ABC1;biotype=protein_coding
chr1\t.\tmRNA\t5001\t9000\t.\t+\t.\tID=transcript:ENST1;Parent=gene:ENSG1;biotype=protein_coding
chr1\t.\texon\t5001\t9000\t.\t+\t.\tParent=transcript:ENST1
chr1\t.\tCDS\t5001\t8000\t.\t+\t0\tParent=transcript:ENST1
"""
VCF = """##fileformat=VCFv4.2
##FILTER=<ID=PASS,Description="All filters passed">
##INFO=<ID=AF,Number=A,Type=Float,Description="Frequency">
##INFO=<ID=nhomalt,Number=A,Type=Integer,Description="Homozygotes">
##INFO=<ID=vep,Number=.,Type=String,Description="Words">
##contig=<ID=chr1,length=30000>
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
""" + "".join(
    f"chr1\t{n}\t.\tA\tG\t.\tPASS\tAF=0.25;vep=x{n};nhomalt=1\n" for n in range(100, 30000, 100)
)
LICENCE = {"class": "open", "text": "CC0-1.0"}


def described(address: str, kind: str | None, form: str, **fields: Any) -> dict[str, Any]:
    made = {
        "title": f"A {kind}",
        "kind": kind,
        "format": form,
        "assembly": "any",
        "version": "1",
        "by": "file",
        "address": address,
        "size": None,
        "disk": {"peak": None, "after": None},
        "licence": LICENCE,
        "default": True,
        "checked": False,
    }
    return made | fields


@pytest.fixture
def manifest(server: Server, tmp_path: Path) -> Path:
    """Small files in the forms of the real ones, and a manifest of them."""
    server.put("/ref.fa.gz", gzip.compress(FASTA.encode()))
    server.put("/genes.gff3.gz", gzip.compress(GFF3.encode()))
    server.put("/genes.tsv", b"hgnc_id\tsymbol\nHGNC:1\tABC1\n")
    packed = tmp_path / "sites.vcf.bgz"
    (tmp_path / "sites.vcf").write_text(VCF, encoding="utf-8")
    pysam.tabix_compress(str(tmp_path / "sites.vcf"), str(packed))
    pysam.tabix_index(str(packed), preset="vcf")
    server.put("/sites.chr1.vcf.bgz", packed.read_bytes())
    server.put("/sites.chr1.vcf.bgz.tbi", Path(f"{packed}.tbi").read_bytes())
    server.put("/new.tsv", b"a\tb\n")
    content = {
        "schema": 1,
        "downloads": {
            "ref": described(
                server.url("/ref.fa.gz"), "reference", "fasta", prepare=["bgzip_fasta"]
            ),
            "genes_gff": described(server.url("/genes.gff3.gz"), "transcripts", "gff3"),
            "names": described(server.url("/genes.tsv"), "genes", "hgnc_tsv", version="current"),
            "sites": described(
                server.url("/sites.{contig}.vcf.bgz"),
                "frequencies",
                "gnomad_vcf",
                by="regions",
                file="slim.vcf.bgz",
                contigs=["chr1"],
                fields=["AF", "nhomalt"],
                covers=True,
            ),
            "later": described(server.url("/new.tsv"), "not_yet", "new_tsv"),
            "mine": described(
                "https://example.org/scores.tsv",
                "spliceai",
                "spliceai_vcf",
                by="hand",
                file="scores.tsv",
                licence={
                    "class": "bring your own",
                    "text": "ask first",
                    "ask": "https://example.org/ask",
                },
            ),
        },
    }
    path = tmp_path / "manifest.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path


def fetch(folder: Path, manifest: Path, *words: str) -> subprocess.CompletedProcess[str]:
    patience = folder / "patience.yaml"
    table = yaml.safe_load((REPOSITORY / "resources" / "fetching.yaml").read_text("utf-8"))
    table |= {"pauses_seconds": [0.01], "stall_seconds": 0.5, "disk_reserve_bytes": 0}
    patience.write_text(yaml.safe_dump(table), encoding="utf-8")
    program = REPOSITORY / "scripts" / "fetch_resources.py"
    return subprocess.run(
        [sys.executable, str(program), "--manifest", str(manifest), "--patience", str(patience),
         *words],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


NAMED = ("--release", "r1", "--as-of", "2026-01-15")


def test_a_release_of_what_was_fetched(manifest: Path, tmp_path: Path, server: Server) -> None:
    server.pages["/ref.fa.gz"].faults = [cut(1000), status(503)]
    done = fetch(tmp_path, manifest, *NAMED, "--receipt", "out.json", "--padding", "500")
    assert done.returncode == 0, done.stderr
    release = Release.open(tmp_path / "releases" / "r1")
    release.verify()
    assert sorted(release.resources) == [
        "coverage", "frequencies", "genes", "reference", "transcripts",
    ]  # fmt: skip
    assert release.resources["genes"].version == "2026-01-15"
    assert release.resources["reference"].date == "2023-11-14"  # the server's Last-Modified
    with pysam.FastaFile(str(release.require("reference"))) as fasta:
        assert fasta.fetch("chr1", 10, 14) == "ACGT"
    with pysam.VariantFile(str(release.require("frequencies"))) as vcf:
        positions = [one.pos for one in vcf]
    assert positions == list(range(4600, 9501, 100))[-len(positions) :]
    assert (positions[0], positions[-1]) == (4600, 9500)
    assert release.require("coverage").read_text(encoding="utf-8") == "chr1\t4500\t9500\n"
    assert (
        "later: fetched, not read by this version of Ariane; it stays in the pool." in done.stderr
    )
    assert (
        "mine: A spliceai is never downloaded (ask first). Get it at https://example.org/ask, put "
        "it at own/mine/scores.tsv, and run the same command again." in done.stderr
    )
    receipt = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert set(receipt["fetched"]) == {"ref", "genes_gff", "names", "sites", "later"}
    assert receipt["release"]["genes"] == release.sha256("genes")
    # Nothing lies twice: the release shares the pool of the downloads.
    files = [p.name for p in (tmp_path / "releases" / "files").rglob("*.gz")]
    assert sorted(files) == ["genes.gff3.gz", "ref.fa.gz"]


def test_the_same_bytes_a_second_time(manifest: Path, tmp_path: Path, server: Server) -> None:
    first, second = tmp_path / "one", tmp_path / "two"
    for folder in (first, second):
        folder.mkdir()
        assert fetch(folder, manifest, *NAMED).returncode == 0
    texts = [(f / "releases/r1/manifest.yaml").read_text("utf-8") for f in (first, second)]
    assert texts[0] == texts[1]
    asked = sum(len(page.asked) for page in server.pages.values())
    assert fetch(first, manifest, *NAMED).returncode == 0
    assert sum(len(page.asked) for page in server.pages.values()) == asked


def test_a_file_of_ones_own_is_taken_and_left_as_it_is(manifest: Path, tmp_path: Path) -> None:
    own = tmp_path / "own" / "mine" / "scores.tsv"
    own.parent.mkdir(parents=True)
    own.write_text("x\n", encoding="utf-8")
    done = fetch(tmp_path, manifest, "--only", "mine", "--receipt", "out.json")
    assert done.returncode == 0, done.stderr
    receipt = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["fetched"]["mine"]
    assert (tmp_path / "releases" / "files" / receipt["file"]).read_text("utf-8") == "x\n"
    assert own.read_text(encoding="utf-8") == "x\n"
    assert receipt["checked_by"] == "the laboratory"


def test_one_fault_does_not_keep_the_others_from_coming(
    manifest: Path, tmp_path: Path, server: Server
) -> None:
    server.pages["/genes.tsv"].always = status(404)
    server.pages["/new.tsv"].always = status(403)
    done = fetch(tmp_path, manifest, *NAMED)
    assert done.returncode == 2
    assert f"{server.url('/genes.tsv')}: nothing lies there" in done.stderr
    assert f"{server.url('/new.tsv')}: the server refuses" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "releases" / "r1").exists()
    server.pages["/genes.tsv"].always = server.pages["/new.tsv"].always = None
    assert fetch(tmp_path, manifest, *NAMED).returncode == 0
    assert len(server.pages["/ref.fa.gz"].asked) == 1


def test_a_release_without_reference_is_refused(manifest: Path, tmp_path: Path) -> None:
    done = fetch(tmp_path, manifest, *NAMED, "--only", "names")
    assert done.returncode == 2
    assert "r1: a release needs reference and transcripts. Name such a download" in done.stderr
    assert not (tmp_path / "releases" / "r1").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--only", "nothing"), "there is no download 'nothing'. Known are: ref, genes_gff"),
        (("--version", "ref"), "--version ref: write NAME=VERSION"),
        (("--version", "no=1"), "there is no download 'no'"),
        (("--version", "ref=../x"), "'../x' is no version"),
        (("--release", "r1"), "A release needs --as-of DATE"),
        (("--regions", "absent.bed"), "absent.bed"),
        (("--only", "sites", "--stream-limit", "10"), "would pass through the line, more than"),
        (("--only", "names", "--require-checksums"), "names: neither the manifest nor"),
    ],
)
def test_what_is_wrongly_asked(
    words: tuple[str, ...], message: str, manifest: Path, tmp_path: Path
) -> None:
    done = fetch(tmp_path, manifest, *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_the_rules_fetch_and_make_the_release(manifest: Path, tmp_path: Path) -> None:
    snakefile = REPOSITORY / "rules" / "resources.smk"
    program = Path(sys.executable).parent / "snakemake"
    words = [
        str(program), "--snakefile", str(snakefile), "--cores", "2", "--directory", str(tmp_path),
        "--config", "release=r1", "as_of=2026-01-15", f"manifest={manifest}",
        "only=ref genes_gff names sites",
    ]  # fmt: skip
    for said in ("", "Nothing to be done"):
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr
        assert said in done.stderr
    Release.open(tmp_path / "releases" / "r1").verify()
    held = json.loads((tmp_path / "results/resources/releases/r1.json").read_text("utf-8"))
    assert "frequencies" in held["release"]


# The manifest that is shipped.
def test_the_shipped_manifest_is_well_formed() -> None:
    catalogue = read_catalogue()
    for assembly in ("GRCh38", "GRCh37"):
        chosen = catalogue.choose(assembly)
        kinds = [one.kind for one in chosen if one.kind]
        assert {"reference", "transcripts", "genes", "assertions", "frequencies"} <= set(kinds)
        assert {one.licence_class for one in chosen} == {"open"}
    for one in catalogue.downloads.values():
        assert one.licence_class in LICENCE_CLASSES
        assert bool(refused(one, Terms())) == (one.by == "hand" or one.licence_class in BY_HAND), (
            one.name
        )
        assert one.by == "hand" or one.address.startswith("https://"), one.name
        assert "{" not in one.file
        assert "{" not in one.address.replace("{contig}", "")
        assert one.checked is False  # nothing here was compared with a server yet
    assert not any(one.peak and one.after and one.peak < one.after for one in chosen)


def test_another_version_leaves_what_belongs_to_the_first() -> None:
    name = "clinvar_grch38"
    shipped = read_catalogue().downloads[name]
    other = read_catalogue(versions={name: "2026-08-22"}).downloads[name]
    assert other.address.endswith("/archive_2.0/2026/clinvar_20260822.vcf.gz")
    assert other.checksum_address == other.address + ".md5"
    assert (other.size, other.date) == (None, "2026-08-22")
    assert shipped.size
    dated = read_catalogue(as_of="2026-01-15").downloads["gencc"]
    assert (dated.version, dated.date) == ("2026-01-15", "2026-01-15")


def test_every_fault_of_a_manifest_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "manifest.yaml"
    lines = MANIFEST.read_text(encoding="utf-8").splitlines()
    begin = lines.index("  hgnc:")
    entry_lines = lines[begin : begin + 12]
    text = "\n".join(["schema: 1", "downloads:", *entry_lines])
    assert "licence: {class: open" in text
    text = text.replace("class: open", "class: free").replace("https://storage", "ftp://storage")
    text = text.replace("size: 16913890", "size: -3").replace("by: file", "by: file\n    colour: x")
    path.write_text(text.replace("{version}", "{vision}") + "\n", encoding="utf-8")
    with pytest.raises(InputFaults) as told:
        read_catalogue(path)
    said = str(told.value)
    count = len(path.read_text("utf-8").splitlines())
    for fault in told.value.faults:
        assert 1 <= int(fault.where.rsplit(":", 1)[1]) <= count
    assert "licence.class: 'free' is not among the choices. Write one of: open" in said
    assert "address: 'ftp://storage" in said
    assert "size: -3 does not fit" in said
    assert "hgnc: colour is unknown. Remove it" in said
    assert "{vision} is no known place" in said


@pytest.mark.parametrize("text", ["", "[]", "schema: 2\ndownloads: {}", "schema: 1", "a: [", "x"])
def test_what_is_no_manifest(text: str, tmp_path: Path) -> None:
    path = tmp_path / "manifest.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ArianeError):
        read_catalogue(path)


def test_two_of_one_kind_are_refused() -> None:
    with pytest.raises(ArianeError, match="one 'frequencies', but gnomad_joint and gnomad_exomes"):
        read_catalogue().choose("GRCh38", also=["gnomad_exomes"])
    with pytest.raises(ArianeError, match="clinvar_grch37 is on GRCh37, the release on GRCh38"):
        read_catalogue().choose("GRCh38", only=["clinvar_grch37"])


def test_room_is_looked_at_before_anything_starts(
    pool: Pool, patience: Patience, caplog: pytest.LogCaptureFixture
) -> None:
    chosen = read_catalogue().choose("GRCh38", only=["reference_grch38", "hpo_ontology"])
    with caplog.at_level("INFO"):
        see_room(chosen, pool, patience)
    assert "Disk: about 1.9 GB at the peak, 970.5 MB after" in caplog.text
    large = [replace(chosen[0], peak=10**18)]
    with pytest.raises(ArianeError, match=r"about 1000000\.0 TB are needed at the peak"):
        see_room(large, pool, patience)


def test_patience_is_a_table(tmp_path: Path) -> None:
    assert read_patience().pauses_seconds
    path = tmp_path / "p.yaml"
    path.write_text("version: 1\npauses_seconds: 3\nhaste: 1\n", encoding="utf-8")
    with pytest.raises(ArianeError) as told:
        read_patience(path)
    assert "'pauses_seconds' must be a list of numbers" in str(told.value)
    assert "'stall_seconds' must be a number" in str(told.value)
    assert "'haste' is unknown" in str(told.value)
    assert [amount(n) for n in (12, 1500, 2e9)] == ["12 bytes", "1.5 kB", "2.0 GB"]


# An API in pages.
def page(server: Server, number: int, results: list[int], following: str | None, n: int) -> None:
    body = {"count": n, "next": following, "results": [{"id": one} for one in results]}
    server.put(f"/api/?page={number}" if number > 1 else "/api/", json.dumps(body).encode())


def test_all_pages_together(
    server: Server, entry: Any, pool: Pool, line: requests.Session, patience: Patience
) -> None:
    page(server, 1, [5, 1], server.url("/api/?page=2"), 3)
    page(server, 2, [3], None, 3)
    server.pages["/api/?page=2"].faults = [cut(3), status(502)]
    made = entry(server.url("/api/"), by="pages", file="all.jsonl")
    receipt = fetch_pages(made, pool, line, patience)
    assert pool.path(receipt).read_text("utf-8") == '{"id":1}\n{"id":3}\n{"id":5}\n'
    assert fetch_pages(made, pool, line, patience) == receipt


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ('{"count": 4, "next": null, "results": [{"id": 3}]}', "hold 3 results and state 4"),
        ('{"count": 3, "next": null, "results": [{"id": 1}]}', "changed while it was read"),
        ('{"count": 3, "next": "/api/", "results": []}', "in a circle or to another server"),
        ('{"count": 3, "next": "http://other.example/", "results": []}', "to another server"),
        ('{"detail": "gone"}', "not a page of results"),
        ("[]", "not a page of results"),
    ],
)
def test_pages_that_do_not_belong_together(
    second: str, message: str, server: Server, entry: Any, pool: Pool, line: requests.Session,
    patience: Patience,
) -> None:  # fmt: skip
    page(server, 1, [5, 1], "?page=2", 3)
    server.put("/api/?page=2", second.encode())
    with pytest.raises(ArianeError, match=message):
        fetch_pages(entry(server.url("/api/"), by="pages", file="a"), pool, line, patience)
    assert [p for p in pool.files.glob("*/*") if not p.parent.name.startswith(".")] == []
