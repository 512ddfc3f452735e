"""Fetch, cut to the regions, release: one command for a file too large to be kept whole."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from faulty_server import Server, cut

from ariane.files import REPOSITORY
from ariane.knowledge.context import Context, contigs_of
from ariane.knowledge.genes import GeneNames
from ariane.knowledge.release import Release
from ariane.knowledge.scores import read_scores

FASTA = ">chr1\n" + "ACGTACGTAC\n" * 3000
GFF3 = """##gff-version 3
chr1\t.\tgene\t12001\t15000\t.\t+\t.\tID=gene:ENSG1;Name=ABC1;biotype=protein_coding
chr1\t.\tmRNA\t12001\t15000\t.\t+\t.\tID=transcript:ENST1;Parent=gene:ENSG1
chr1\t.\texon\t12001\t15000\t.\t+\t.\tParent=transcript:ENST1
"""
HEAD = "chr,hg19_pos,grch38_pos,ref,alt,aaref,aaalt,REVEL,Ensembl_transcriptid\n"
REVEL = HEAD + "".join(
    f"1,{n + 5},{n},A,G,M,V,0.{n // 1000:02},ENST1\n" for n in range(101, 30000, 100)
)
CUT = ("--only", "ref", "gff", "revel")
NAMED = ("--release", "r1", "--as-of", "2026-01-15")


def zipped(text: str, name: str = "revel_with_transcript_ids") -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(name, text)
    return held.getvalue()


def entry(address: str, kind: str, form: str, **fields: Any) -> dict[str, Any]:
    licence = {"class": "open", "text": "CC0-1.0"}
    made = {"title": kind, "kind": kind, "format": form, "assembly": "GRCh38", "version": "1"}
    made |= {"by": "file", "address": address, "size": None, "licence": licence}
    made |= {"disk": {"peak": None, "after": None}, "default": True, "checked": False}
    return made | fields


@pytest.fixture
def manifest(server: Server, tmp_path: Path) -> Path:
    server.put("/ref.fa.gz", gzip.compress(FASTA.encode()))
    server.put("/genes.gff3.gz", gzip.compress(GFF3.encode()))
    server.put("/revel.zip", zipped(REVEL))
    prepare = {"prepare": ["bgzip_fasta"]}
    revel = {"file": "revel.slim.tsv.gz", "prepare": ["slim"], "assembly": "any", "default": False}
    ask = {"class": "bring your own", "text": "ask", "ask": "https://example.org/ask"}
    hand = {"by": "hand", "file": "spliceai.vcf.gz", "prepare": ["slim"], "licence": ask}
    downloads = {
        "ref": entry(server.url("/ref.fa.gz"), "reference", "fasta", **prepare),
        "gff": entry(server.url("/genes.gff3.gz"), "transcripts", "gff3"),
        "revel": entry(server.url("/revel.zip"), "revel", "revel_csv", **revel),
        "spliceai": entry("https://example.org/x.vcf.gz", "spliceai", "spliceai_vcf", **hand),
    }
    path = tmp_path / "manifest.yaml"
    path.write_text(yaml.safe_dump({"schema": 1, "downloads": downloads}), encoding="utf-8")
    return path


def fetch(folder: Path, manifest: Path, *words: str) -> subprocess.CompletedProcess[str]:
    patience = folder / "patience.yaml"
    table = yaml.safe_load((REPOSITORY / "resources" / "fetching.yaml").read_text("utf-8"))
    table |= {"pauses_seconds": [0.01], "stall_seconds": 0.5, "disk_reserve_bytes": 0}
    patience.write_text(yaml.safe_dump(table), encoding="utf-8")
    program = REPOSITORY / "scripts" / "fetch_resources.py"
    told = [str(program), "--manifest", str(manifest), "--patience", str(patience), *words]
    return subprocess.run(
        [sys.executable, *told], cwd=folder, capture_output=True, text=True, check=False, timeout=99
    )


def places(path: Path, column: int) -> list[int]:
    with gzip.open(path, "rt") as lines:
        return [int(one.split("\t")[column]) for one in lines if not one.startswith("#")]


def leftovers(folder: Path) -> list[str]:
    parts = folder / "releases" / "files" / ".parts"
    return [str(p) for p in parts.rglob("*") if p.is_file() and p.suffix != ".lock"]


def test_fetch_cut_and_release_are_one_flow(manifest: Path, tmp_path: Path, server: Server) -> None:
    server.pages["/revel.zip"].faults = [cut(1000)]
    done = fetch(tmp_path, manifest, *CUT, *NAMED, "--padding", "500", "--receipt", "out.json")
    assert done.returncode == 0, done.stderr
    release = Release.open(tmp_path / "releases" / "r1")
    release.verify()
    assert places(release.require("revel"), 2) == list(range(11501, 15500, 100))
    context = Context(GeneNames.of(()), contigs_of(release), release.require("reference"))
    found = read_scores(release, "revel", ["chr1-12001-A-G", "chr1-9001-A-G"], context)
    assert [one["score"] for one in found["chr1-12001-A-G"]] == [0.12]
    assert "chr1-9001-A-G" not in found, "outside the regions: cut"
    receipt = json.loads((tmp_path / "out.json").read_text("utf-8"))["fetched"]["revel"]
    assert receipt["came_size"] == len(zipped(REVEL)), "what came is recorded beside what stayed"
    assert leftovers(tmp_path) == []


def test_other_regions_cut_anew_and_the_same_ask_nothing(
    manifest: Path, tmp_path: Path, server: Server
) -> None:
    bed = tmp_path / "r.bed"
    bed.write_text("1\t20000\t20301\n", encoding="utf-8")
    for times in (1, 1):
        assert fetch(tmp_path, manifest, *CUT, "--regions", str(bed)).returncode == 0
        assert len(server.pages["/revel.zip"].asked) == times
    bed.write_text("1\t20000\t20101\n", encoding="utf-8")
    done = fetch(tmp_path, manifest, *CUT, "--regions", str(bed), "--receipt", "out.json")
    assert done.returncode == 0, done.stderr
    receipt = json.loads((tmp_path / "out.json").read_text("utf-8"))["fetched"]["revel"]
    assert places(tmp_path / "releases" / "files" / receipt["file"], 2) == [20001, 20101]


def test_named_alone_it_brings_what_it_is_cut_by(manifest: Path, tmp_path: Path) -> None:
    done = fetch(tmp_path, manifest, "--only", "revel", "--receipt", "out.json")
    assert done.returncode == 0, done.stderr
    receipt = json.loads((tmp_path / "out.json").read_text("utf-8"))["fetched"]["revel"]
    assert places(tmp_path / "releases" / "files" / receipt["file"], 2)[0] == 7001


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (zipped(HEAD + "2,5,5,A,G,M,V,0.1,ENST1\n"), "none of its 1 lines lies in the regions"),
        (zipped(HEAD + "1\t5\t5\tA\n"), ":2: not a line of the format revel_csv"),
        (b"<html><body>try later</body></html>", "a web page came instead of the file"),
    ],
)
def test_what_cannot_be_cut_is_told(
    body: bytes, message: str, manifest: Path, tmp_path: Path, server: Server
) -> None:
    server.put("/revel.zip", body)
    done = fetch(tmp_path, manifest, *CUT, *NAMED)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "releases" / "r1").exists()
    assert not list((tmp_path / "releases" / "files").glob("[!.]*/revel*"))


def test_without_a_reference_or_transcripts_it_says_so(manifest: Path, tmp_path: Path) -> None:
    held = yaml.safe_load(manifest.read_text("utf-8"))
    for name, message in (
        ("gff", "no transcripts say where the genes lie"),
        ("ref", "no reference"),
    ):
        del held["downloads"][name]
        manifest.write_text(yaml.safe_dump(held), encoding="utf-8")
        done = fetch(tmp_path, manifest, "--only", "revel")
        assert done.returncode == 2
        assert f"revel: {message}" in done.stderr
        assert "Traceback" not in done.stderr


VCF = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n" + "".join(
    f"1\t{n}\t.\tA\tG\t.\t.\tSpliceAI=G|ABC1|0.1|0|0|0|1|2|3|4\n" for n in range(101, 30000, 100)
)


@pytest.mark.parametrize("indexed", [False, True])
def test_a_file_of_ones_own_is_cut_unless_it_has_its_index(
    indexed: bool, manifest: Path, tmp_path: Path
) -> None:
    import pysam

    own = tmp_path / "own" / "spliceai" / "spliceai.vcf.gz"
    own.parent.mkdir(parents=True)
    plain = own.with_name("plain.vcf")
    plain.write_text(VCF, encoding="utf-8")
    pysam.tabix_compress(str(plain), str(own))
    if indexed:
        pysam.tabix_index(str(own), preset="vcf")
    before = own.read_bytes()
    done = fetch(tmp_path, manifest, "--only", "ref", "gff", "spliceai", *NAMED, "--padding", "0")
    assert done.returncode == 0, done.stderr
    release = Release.open(tmp_path / "releases" / "r1")
    kept = places(release.require("spliceai"), 1)
    assert kept == list(range(101, 30000, 100) if indexed else range(12001, 15000, 100))
    assert own.read_bytes() == before
