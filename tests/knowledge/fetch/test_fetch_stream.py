"""A remote file by region: every record of the regions and no other, on any line."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pysam
import pytest
import requests
from faulty_server import Fault, Page, Server, change, claim, cut, instead, stall, status
from hypothesis import given, settings
from hypothesis import strategies as st

from ariane.files import sha256_of
from ariane.knowledge.fetch.manifest import Download
from ariane.knowledge.fetch.patience import Patience
from ariane.knowledge.fetch.pool import Pool, Receipt
from ariane.knowledge.fetch.regions import Regions, overlaps, read_bed
from ariane.knowledge.fetch.stream import chosen, fetch_regions
from ariane.knowledge.fetch.tabix import byte_range, pieces, read_tabix, unpacked
from ariane.model.errors import ArianeError, InputFaults

HEADER = """##fileformat=VCFv4.2
##FILTER=<ID=PASS,Description="All filters passed">
##FILTER=<ID=AC0,Description="No allele">
##INFO=<ID=AC,Number=A,Type=Integer,Description="Count">
##INFO=<ID=AF,Number=A,Type=Float,Description="Frequency">
##INFO=<ID=AF_afr,Number=A,Type=Float,Description="Another frequency">
##INFO=<ID=nhomalt,Number=A,Type=Integer,Description="Homozygotes">
##INFO=<ID=lcr,Number=0,Type=Flag,Description="Low complexity">
##INFO=<ID=vep,Number=.,Type=String,Description="Long words">
##contig=<ID=chr1,length=248956422>
##contig=<ID=chr2,length=242193529>
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO
"""


def gnomad(folder: Path, contig: str, seed: int = 1, count: int = 6000) -> Path:
    """A file in gnomAD's form, with some long deletions, packed and indexed."""
    chance = random.Random(seed)  # noqa: S311
    path = folder / f"{contig}.vcf"
    at = 10_000
    with path.open("w", encoding="utf-8") as out:
        out.write(HEADER)
        for number in range(count):
            at += chance.choice((0, 1, 7, 60, 300, 9000 if number % 500 == 0 else 2))
            ref = "A" * chance.choice((1, 1, 1, 2, 400 if number % 97 == 0 else 5))
            noise = f"{chance.getrandbits(600):x}"
            flag = ";lcr" if number % 3 == 0 else ""
            out.write(
                f"{contig}\t{at}\trs{number}\t{ref}\tG\t50\tPASS\t"
                f"AC={number};AF_afr=0.5;AF=1e-05{flag};vep={noise};nhomalt={number % 4}\n"
            )
    packed = Path(f"{path}.bgz")
    pysam.tabix_compress(str(path), str(packed), force=True)
    pysam.tabix_index(str(packed), preset="vcf", force=True)
    return packed


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("gnomad")
    return {contig: gnomad(folder, contig, n) for n, contig in enumerate(("chr1", "chr2"))}


@pytest.fixture
def pages(server: Server, made: dict[str, Path]) -> dict[str, Page]:
    for contig, path in made.items():
        server.put(f"/{contig}.bgz.tbi", Path(f"{path}.tbi").read_bytes())
        server.put(f"/{contig}.bgz", path.read_bytes())
    return server.pages


@pytest.fixture
def joint(server: Server, entry: Callable[..., Download]) -> Download:
    return entry(
        server.url("/{contig}.bgz"),
        name="gnomad",
        by="regions",
        file="slim.vcf.bgz",
        fields=("AC", "AF", "nhomalt", "lcr", "non_par?"),
        contigs=("chr1", "chr2"),
        covers=True,
    )


Stream = Callable[..., Receipt]


@pytest.fixture
def stream(pool: Pool, line: requests.Session, patience: Patience, joint: Download) -> Stream:
    def run(regions: Regions, entry: Download = joint, limit: int | None = None) -> Receipt:
        return fetch_regions(entry, regions, pool, line, patience, limit)

    return run


WIDE = Regions.of([("1", 10_000, 90_000), ("chr1", 120_000, 121_000), ("chr2", 30_000, 200_000)])


def expected(made: dict[str, Path], regions: Regions) -> list[str]:
    """What pysam reads of the local files, by going through them whole."""
    lines = []
    for contig, path in made.items():
        with pysam.VariantFile(str(path)) as vcf:
            for one in vcf:
                if any(
                    one.start < end and one.start + len(one.ref or "") > start
                    for start, end in regions.on(contig)
                ):
                    flag = ";lcr" if "lcr" in one.info else ""
                    lines.append(
                        f"{contig}\t{one.pos}\t.\t{one.ref}\tG\t.\tPASS\t"
                        f"AC={one.info['AC'][0]};AF=1e-05;nhomalt={one.info['nhomalt'][0]}{flag}"
                    )
    return lines


def records(pool: Pool, receipt: Receipt) -> list[str]:
    with pysam.BGZFile(str(pool.path(receipt)), "r", index=None) as handle:
        return [line.decode() for line in handle if not line.startswith(b"#")]


def test_all_records_of_the_regions_and_no_other(
    pages: dict[str, Page], stream: Stream, pool: Pool, made: dict[str, Path]
) -> None:
    receipt = stream(WIDE)
    assert records(pool, receipt) == expected(made, WIDE)
    assert len(records(pool, receipt)) > 1000
    with pysam.VariantFile(str(pool.path(receipt))) as vcf:
        assert list(vcf.header.info) == ["AC", "AF", "nhomalt", "lcr"]
        assert "AC0" in vcf.header.filters
        assert sum(1 for _ in vcf.fetch("chr2", 30_000, 40_000)) > 10  # its index serves
    assert (pool.files / receipt.covers).read_text(encoding="utf-8") == (
        "chr1\t10000\t90000\nchr1\t120000\t121000\nchr2\t30000\t200000\n"
    )
    assert not (pool.files / ".parts" / "gnomad-1").exists()


def test_the_same_regions_again_ask_nothing(
    pages: dict[str, Page], stream: Stream, pool: Pool
) -> None:
    first = stream(WIDE)
    asked = {path: len(page.asked) for path, page in pages.items()}
    assert stream(WIDE) == first
    assert asked == {path: len(page.asked) for path, page in pages.items()}


def test_the_same_bytes_whatever_the_size_of_pieces(
    pages: dict[str, Page],
    pool: Pool,
    line: requests.Session,
    patience: Patience,
    joint: Download,
    tmp_path: Path,
) -> None:
    found = set()
    for number, size in enumerate((1, 20_000, 10**9)):
        other = Pool(tmp_path / str(number))
        receipt = fetch_regions(joint, WIDE, other, line, replace(patience, slice_bytes=size))
        found.add(sha256_of(other.path(receipt)))
    assert len(found) == 1
    assert receipt.came_size < sum(len(page.body) for page in pages.values())


FAULTS: dict[str, Fault] = {
    "cut": cut(3000),
    "cut at once": cut(0),
    "stall": stall(3000, 0.6),
    "500": status(500),
    "503 with Retry-After": status(503, Retry_After="0"),
    "says too much": claim(+500),
    "another part": status(206, b"x", Content_Range="bytes 0-0/10"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_in_the_middle(
    name: str, pages: dict[str, Page], stream: Stream, pool: Pool, made: dict[str, Path]
) -> None:
    well: Fault = lambda handler, page: False  # noqa: E731
    pages["/chr1.bgz"].faults = [well, well, well, FAULTS[name], well, FAULTS[name]]
    pages["/chr2.bgz.tbi"].faults = [FAULTS[name]]
    assert records(pool, stream(WIDE)) == expected(made, WIDE)


def test_a_damaged_block_is_seen(
    pages: dict[str, Page], stream: Stream, pool: Pool, made: dict[str, Path]
) -> None:
    good = pages["/chr1.bgz"].body
    bad = bytearray(good)
    bad[60_000:60_010] = bytes(10)
    pages["/chr1.bgz"].body = bytes(bad)
    with pytest.raises(ArianeError, match=r"bytes \d+ to \d+: .*tried 3 times in vain"):
        stream(WIDE)
    assert [p for p in pool.files.glob("*/*") if not p.parent.name.startswith(".")] == []


def test_what_lies_settled_is_not_asked_for_again(
    pages: dict[str, Page], stream: Stream, pool: Pool, made: dict[str, Path]
) -> None:
    page = pages["/chr2.bgz"]
    page.faults = [lambda h, p: False] * 3 + [status(404)]
    with pytest.raises(ArianeError, match="nothing lies there"):
        stream(WIDE)
    first = {request for request in pages["/chr1.bgz"].asked if request != "bytes=0-0"}
    pages["/chr1.bgz"].asked.clear()
    assert records(pool, stream(WIDE)) == expected(made, WIDE)
    again = set(pages["/chr1.bgz"].asked) - {"bytes=0-0"}
    assert len(first) > 5
    assert len(again) == 1  # the header


def test_a_file_that_changes_on_the_way_is_never_mixed(
    pages: dict[str, Page], stream: Stream, pool: Pool, tmp_path: Path, made: dict[str, Path]
) -> None:
    other = gnomad(tmp_path, "chr1", seed=9)
    page = pages["/chr1.bgz"]
    page.faults = [lambda h, p: False] * 4 + [change(other.read_bytes())]
    with pytest.raises(ArianeError) as told:
        stream(WIDE)
    assert str(told.value).endswith(
        "/chr1.bgz: the file changed while it was streamed. Run the same command again: what was "
        "read of the old one is not used."
    )
    pages["/chr1.bgz.tbi"].body = Path(f"{other}.tbi").read_bytes()
    assert records(pool, stream(WIDE)) == expected(made | {"chr1": other}, WIDE)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda p: setattr(p["/chr1.bgz"], "ranges", False), "does not give parts of a file"),
        (lambda p: p.pop("/chr1.bgz.tbi"), "nothing lies there (404 Not Found)"),
        (
            lambda p: setattr(p["/chr1.bgz.tbi"], "body", p["/chr1.bgz.tbi"].body[:200]),
            "not a whole tabix index (.tbi)",
        ),
        (
            lambda p: setattr(p["/chr1.bgz"], "body", p["/chr1.bgz"].body[:30_000]),
            "the index speaks of bytes that",
        ),
        (
            lambda p: setattr(p["/chr1.bgz.tbi"], "always", instead(b"<html>log in</html>")),
            "not a whole tabix index (.tbi)",
        ),
    ],
)
def test_what_cannot_be_streamed(
    spoil: Callable[[dict[str, Page]], object],
    message: str,
    pages: dict[str, Page],
    stream: Stream,
    pool: Pool,
) -> None:
    spoil(pages)
    with pytest.raises(ArianeError) as told:
        stream(WIDE)
    assert message in str(told.value)
    assert [p for p in pool.files.glob("*/*") if not p.parent.name.startswith(".")] == []


def test_fields_that_are_not_there(pages: dict[str, Page], stream: Stream, joint: Download) -> None:
    with pytest.raises(ArianeError, match="the INFO fields fafmax are not declared there"):
        stream(WIDE, replace(joint, fields=("AC", "fafmax")))


def test_more_than_was_allowed(pages: dict[str, Page], stream: Stream) -> None:
    with pytest.raises(ArianeError, match=r"would pass through the line, more than 1\.0 kB"):
        stream(WIDE, limit=1000)
    assert all(not page.asked or "bgz" in path for path, page in pages.items())


def test_regions_on_no_contig_of_the_file(pages: dict[str, Page], stream: Stream) -> None:
    with pytest.raises(ArianeError, match="no region lies on a contig of this file"):
        stream(Regions.of([("chr7", 1, 1000)]))


def test_lines_may_stay_as_they_are(
    server: Server, stream: Stream, pool: Pool, tmp_path: Path, entry: Callable[..., Download]
) -> None:
    table = tmp_path / "scores.tsv"
    lines = [f"1\t{n}\tA\tC\t0.{n}\n" for n in range(1, 3000)]
    table.write_text("#chrom\tpos\tref\talt\tscore\n" + "".join(lines), encoding="utf-8")
    packed = tmp_path / "scores.tsv.gz"
    pysam.tabix_compress(str(table), str(packed))
    pysam.tabix_index(str(packed), seq_col=0, start_col=1, end_col=1, meta_char="#")
    server.put("/scores.1.gz", packed.read_bytes())
    server.put("/scores.1.gz.tbi", Path(f"{packed}.tbi").read_bytes())
    scores = entry(
        server.url("/scores.{contig}.gz"), by="regions", file="scores.tsv.gz", contigs=("1",)
    )
    receipt = stream(Regions.of([("chr1", 100, 200)]), scores)
    with pysam.BGZFile(str(pool.path(receipt)), "r", index=None) as handle:
        found = [line.decode() + "\n" for line in handle]
    assert found == ["#chrom\tpos\tref\talt\tscore\n", *lines[100:200]]
    assert receipt.covers == ""
    with pysam.TabixFile(str(pool.path(receipt))) as table_of_scores:
        assert sum(1 for _ in table_of_scores.fetch("1", 149, 160)) == 11


SPANS = st.lists(
    st.tuples(st.integers(0, 200_000), st.integers(1, 40_000)).map(lambda t: (t[0], t[0] + t[1])),
    min_size=1,
    max_size=6,
)


@settings(max_examples=150, deadline=None)
@given(spans=SPANS)
def test_the_index_misses_no_record(
    made_once: dict[str, Path], spans: list[tuple[int, int]]
) -> None:
    """The virtual offsets hold what a reading of the whole file finds, in any regions."""
    regions = Regions.of(("chr1", *span) for span in spans)
    path = made_once["chr1"]
    raw = path.read_bytes()
    index = read_tabix(Path(f"{path}.tbi"))
    found: list[str] = []
    for span in pieces(index.spans("chr1", regions.on("chr1")), index, "chr1", 7000):
        start, end = byte_range(span)
        text = unpacked(raw[start:end], span)
        kept = chosen(text, index, regions.on("chr1"), ("AC", "AF", "nhomalt", "lcr"))
        found += [line.decode().rstrip("\n") for line in kept]
    assert found == expected({"chr1": path}, regions)


@pytest.fixture(scope="module")
def made_once(made: dict[str, Path]) -> dict[str, Path]:
    return made


@given(
    spans=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=6),
    start=st.integers(0, 80),
    size=st.integers(1, 12),
)
def test_overlap_is_what_it_says(spans: list[tuple[int, int]], start: int, size: int) -> None:
    regions = Regions.of(("1", at, at + length) for at, length in spans)
    covered = {base for at, length in spans for base in range(at, at + length)}
    assert overlaps(regions.on("chr1"), start, start + size) == any(
        base in covered for base in range(start, start + size)
    )
    assert regions.bases == len(covered)


def test_every_wrong_line_of_a_bed_is_told(tmp_path: Path) -> None:
    bed = tmp_path / "a.bed"
    bed.write_text("track x\nchr1\t1\t5\nchr1\t7\nchr1\t9\t9\nchr2\ta\t9\n\n", encoding="utf-8")
    with pytest.raises(InputFaults) as told:
        read_bed(bed)
    assert [fault.where for fault in told.value.faults] == [f"{bed}:{n}" for n in (3, 4, 5)]
    bed.write_text("# nothing\n", encoding="utf-8")
    with pytest.raises(InputFaults, match="it holds no region"):
        read_bed(bed)
    bed.write_text("chrM\t5\t9\n", encoding="utf-8")
    assert read_bed(bed, padding=7).spans == {"MT": ((0, 16),)}
