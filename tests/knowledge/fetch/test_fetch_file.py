"""A server that truncates, stalls, lies, changes: the right file or a clear message."""

from __future__ import annotations

import gzip
import hashlib
import random
import time
from pathlib import Path

import pytest
from faulty_server import (
    Fault,
    Handler,
    Page,
    Server,
    change,
    claim,
    cut,
    drip,
    instead,
    stall,
    status,
)
from fetch_world import BODY, SHA, Fetch, Made, final_files

from ariane.knowledge.fetch.checksums import Checksum
from ariane.knowledge.fetch.pool import AS_IT_CAME, Pool
from ariane.model.errors import ArianeError


def test_a_file_comes_whole(server: Server, entry: Made, fetch: Fetch, pool: Pool) -> None:
    server.put("/a.bin", BODY)
    receipt = fetch(entry(server.url("/a.bin"), checksum=Checksum("sha256", SHA, "the manifest")))
    assert receipt.file == f"{SHA[:16]}/a.bin"
    assert pool.path(receipt).read_bytes() == BODY
    assert (receipt.sha256, receipt.size, receipt.checked_by) == (SHA, len(BODY), "the manifest")
    assert final_files(pool) == [receipt.file]
    assert not any((pool.files / ".parts").glob("thing-1/*"))


def test_a_second_fetch_asks_nothing(server: Server, entry: Made, fetch: Fetch) -> None:
    page = server.put("/a.bin", BODY)
    first = fetch(entry(server.url("/a.bin")))
    assert first.checked_by == AS_IT_CAME
    assert fetch(entry(server.url("/a.bin"))) == first
    assert len(page.asked) == 1


# Faults that pass: the file comes, and what had come is not asked for again.
PASSING: dict[str, tuple[list[Fault], list[str]]] = {
    "cut in the middle": ([cut(50_000)], ["", "bytes=50000-"]),
    "cut twice": ([cut(50_000), cut(50_000)], ["", "bytes=50000-", "bytes=100000-"]),
    "cut before the first byte": ([cut(0)], ["", ""]),
    "stall": ([stall(70_000, 1.0)], ["", "bytes=70000-"]),
    "stall before the head": ([lambda h, p: bool(time.sleep(0.6)) or True], ["", ""]),
    "a byte now and then": ([drip(0.01)], ["", None]),  # type: ignore[list-item]
    "says too much": ([claim(+1000)], ["", "bytes=200001-", ""]),
    "500 then well": ([status(500)], ["", ""]),
    "502, 504": ([status(502), status(504)], ["", "", ""]),
    "503 with Retry-After": ([status(503, Retry_After="1")], ["", ""]),
    "416 on the rest": ([cut(50_000), status(416)], ["", "bytes=50000-", ""]),
    "part of another place": (
        [cut(50_000), status(206, b"x" * 10, Content_Range="bytes 7-16/200001")],
        ["", "bytes=50000-", ""],
    ),
}


@pytest.mark.parametrize("name", PASSING)
def test_a_fault_that_passes(
    name: str, server: Server, entry: Made, fetch: Fetch, pool: Pool
) -> None:
    faults, asked = PASSING[name]
    page = server.put("/a.bin", BODY, faults=list(faults))
    receipt = fetch(entry(server.url("/a.bin")))
    assert pool.path(receipt).read_bytes() == BODY
    assert len(page.asked) == len(asked)
    assert all(want is None or want == got for want, got in zip(asked, page.asked, strict=True))


def test_retry_after_is_waited_for(server: Server, entry: Made, fetch: Fetch) -> None:
    server.put("/a.bin", BODY, faults=[status(503, Retry_After="1")])
    began = time.monotonic()
    fetch(entry(server.url("/a.bin")))
    assert time.monotonic() - began >= 1


def test_a_long_download_may_break_more_often_than_it_may_fail(
    server: Server, entry: Made, fetch: Fetch, pool: Pool
) -> None:
    page = server.put("/a.bin", BODY, faults=[cut(20_000)] * 8)
    assert pool.path(fetch(entry(server.url("/a.bin")))).read_bytes() == BODY
    assert len(page.asked) == 9


def test_a_server_that_does_not_resume(
    server: Server, entry: Made, fetch: Fetch, pool: Pool
) -> None:
    page = server.put("/a.bin", BODY, faults=[cut(50_000)], ranges=False)
    assert pool.path(fetch(entry(server.url("/a.bin")))).read_bytes() == BODY
    assert page.asked == ["", "bytes=50000-"]


def test_a_file_that_changes_between_two_attempts_is_never_mixed(
    server: Server, entry: Made, fetch: Fetch, pool: Pool
) -> None:
    other = random.Random(2).randbytes(180_000)  # noqa: S311
    page = server.put("/a.bin", BODY, faults=[cut(50_000), change(other)])
    assert pool.path(fetch(entry(server.url("/a.bin")))).read_bytes() == other
    assert page.asked == ["", "bytes=50000-"]


def test_without_validator_nothing_is_resumed(
    server: Server, entry: Made, fetch: Fetch, pool: Pool
) -> None:
    def nameless(handler: Handler, page: Page) -> bool:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(page.body)))
        handler.end_headers()
        handler.wfile.write(page.body[:50_000])
        handler.hang_up()
        return True

    page = server.put("/a.bin", BODY, faults=[nameless])
    assert pool.path(fetch(entry(server.url("/a.bin")))).read_bytes() == BODY
    assert page.asked == ["", ""]


NOISE = random.Random(3).randbytes(9000).hex()  # noqa: S311
GZ = gzip.compress(b"one line\n" * 20_000 + NOISE.encode() + b"\n")

IN_VAIN = (
    "; tried 3 times in vain. Run the same command again later. A compute node often has no "
    "internet: fetch on a transfer node, or install an offline bundle."
)
NOTHING_KEPT = (
    ". Nothing was kept. If the publisher renewed the file, give its new checksum in the manifest; "
    "else ask the publisher or fetch on another line."
)
# Faults that do not pass: exact words after the address, and nothing under a final name.
ENDING: dict[str, tuple[str, bytes, Fault, str]] = {
    "404": (
        "a.bin",
        BODY,
        status(404),
        (
            "nothing lies there (404 Not Found). The publisher may have moved it: look for "
            "its present address, and give it in the manifest, or another version with --version."
        ),
    ),
    "403": (
        "a.bin",
        BODY,
        status(403),
        (
            "the server refuses (403 Forbidden). The network's proxy may block it, or the "
            "file asks for an agreement: open the address in a browser."
        ),
    ),
    "400": (
        "a.bin",
        BODY,
        status(400),
        (
            "the server answers 400 (Bad Request), which ends the download. Check the "
            "address in the manifest."
        ),
    ),
    "500 for ever": (
        "a.bin",
        BODY,
        status(500),
        "the server says 500 (Internal Server Error)" + IN_VAIN,
    ),
    "Retry-After too long": (
        "a.bin",
        BODY,
        status(503, Retry_After="3600"),
        (
            "the server asks to come back in 3600 seconds (503). Run the same command then; "
            "what came is kept."
        ),
    ),
    "stalls for ever": (
        "a.bin",
        BODY,
        stall(0, 0.8),
        "nothing came for 0.3 seconds, after 0 bytes of 200.0 kB" + IN_VAIN,
    ),
    "truncates for ever": (
        "a.bin",
        BODY,
        cut(0),
        "the body stopped after 0 bytes of 200001" + IN_VAIN,
    ),
    "says too little, packed": (
        "a.gz",
        GZ,
        claim(-100),
        "its gzip stream stops before the end: the file was cut" + NOTHING_KEPT,
    ),
    "web page, said to be one": (
        "a.gz",
        GZ,
        instead(b"<html>please log in</html>", Content_Type="text/html; charset=utf-8"),
        (
            "a web page came instead of a.gz. A proxy's login page, or the publisher moved "
            "the file: open the address in a browser."
        ),
    ),
    "web page, not said to be one": (
        "a.tsv",
        b"a\tb\n",
        instead(b"<!DOCTYPE html><p>please log in", Content_Type="text/plain"),
        "a web page came instead of the file" + NOTHING_KEPT,
    ),
    "another kind of file": (
        "a.gz",
        GZ,
        instead(b"not packed\n"),
        "what came is not packed with gzip, as its name says" + NOTHING_KEPT,
    ),
    "empty": ("a.tsv", b"a\tb\n", instead(b""), "an empty file came" + NOTHING_KEPT),
    "packed on the way": (
        "a.bin",
        BODY,
        instead(gzip.compress(BODY), Content_Encoding="gzip"),
        (
            "the server packs what it sends (gzip) though asked not to, so that length and "
            "checksum cannot be compared. Name another address in the manifest."
        ),
    ),
}


@pytest.mark.parametrize("name", ENDING)
def test_a_fault_that_does_not_pass(
    name: str, server: Server, entry: Made, fetch: Fetch, pool: Pool
) -> None:
    file, body, fault, message = ENDING[name]
    server.put(f"/{file}", body, always=fault)
    url = server.url(f"/{file}")
    with pytest.raises(ArianeError) as told:
        fetch(entry(url))
    assert str(told.value) == f"{url}: {message}"
    assert final_files(pool) == []
    assert pool.receipt(entry(url)) is None


@pytest.mark.parametrize(
    ("fault", "came"),
    [(instead(b"x" * 1000), b"x" * 1000), (claim(-100), BODY[:-100])],
    ids=["another body", "too short a length"],
)
def test_a_wrong_body_is_told_with_both_checksums(
    server: Server, entry: Made, fetch: Fetch, pool: Pool, fault: Fault, came: bytes
) -> None:
    page = server.put("/a.bin", BODY, always=fault)
    url = server.url("/a.bin")
    with pytest.raises(ArianeError) as told:
        fetch(entry(url, checksum=Checksum("sha256", SHA, "the manifest")))
    assert str(told.value) == (
        f"{url}: what came is not what was meant: sha256 is {hashlib.sha256(came).hexdigest()}, "
        f"and {SHA} after the manifest. Nothing was kept. If the publisher renewed the file, give "
        "its new checksum in the manifest; else ask the publisher or fetch on another line."
    )
    assert len(page.asked) == 2  # once more, in case the line was at fault, and no oftener
    assert final_files(pool) == []
    assert not list((pool.files / ".parts" / "thing-1").glob("*.part"))


def test_a_wrong_body_once_is_mended(server: Server, entry: Made, fetch: Fetch, pool: Pool) -> None:
    server.put("/a.bin", BODY, faults=[instead(b"x" * 1000)])
    made = entry(server.url("/a.bin"), checksum=Checksum("sha256", SHA, "the manifest"))
    assert pool.path(fetch(made)).read_bytes() == BODY


def test_no_server(entry: Made, fetch: Fetch, pool: Pool) -> None:
    with pytest.raises(ArianeError) as told:
        fetch(entry("http://127.0.0.1:9/a.bin"))
    assert str(told.value) == (
        "http://127.0.0.1:9/a.bin: no connection to the server; tried 3 times in vain. Run the "
        "same command again later. A compute node often has no internet: fetch on a transfer "
        "node, or install an offline bundle."
    )
    assert final_files(pool) == []


def test_redirects_in_a_circle(server: Server, entry: Made, fetch: Fetch, pool: Pool) -> None:
    server.put("/a.bin", b"", always=status(302, Location="/b.bin"))
    server.put("/b.bin", b"", always=status(302, Location="/a.bin"))
    url = server.url("/a.bin")
    with pytest.raises(ArianeError) as told:
        fetch(entry(url))
    assert str(told.value) == (
        f"{url}: more than 4 redirects, perhaps in a circle. Check the address in the manifest."
    )


def test_a_redirect_is_followed_and_recorded(server: Server, entry: Made, fetch: Fetch) -> None:
    server.put("/old.bin", b"", always=status(301, Location="/a.bin"))
    server.put("/a.bin", BODY)
    assert fetch(entry(server.url("/old.bin"))).address == server.url("/a.bin")


@pytest.mark.parametrize("scheme", ["ftp", "s3"])
def test_schemes_that_are_not_read(scheme: str, entry: Made, fetch: Fetch) -> None:
    with pytest.raises(ArianeError, match=f"{scheme} scheme is not read. Give an https"):
        fetch(entry(f"{scheme}://example.org/a.bin"))


def test_a_file_address(tmp_path: Path, entry: Made, fetch: Fetch, pool: Pool) -> None:
    mirror = tmp_path / "mirror with space" / "a.bin"
    mirror.parent.mkdir()
    mirror.write_bytes(BODY)
    assert pool.path(fetch(entry(mirror.as_uri(), file="a.bin"))).read_bytes() == BODY
    with pytest.raises(ArianeError, match=r"No such file or directory\. Check the address"):
        fetch(entry((tmp_path / "absent").as_uri()))
