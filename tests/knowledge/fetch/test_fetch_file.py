"""A server that truncates, stalls, lies and changes: a clear message or the right file, no half one."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import requests
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

from ariane.knowledge.fetch.checksums import Checksum
from ariane.knowledge.fetch.entry import Terms, fetch_file
from ariane.knowledge.fetch.manifest import Download
from ariane.knowledge.fetch.patience import Patience
from ariane.knowledge.fetch.pool import AS_IT_CAME, Pool, Receipt
from ariane.model.errors import ArianeError

BODY = random.Random(1).randbytes(200_000) + b"\n"
SHA = hashlib.sha256(BODY).hexdigest()
MADE = Callable[..., Download]


def final_files(pool: Pool) -> list[str]:
    """Every file under a final name: outside the folders of parts and receipts."""
    return sorted(
        str(path.relative_to(pool.files))
        for path in pool.files.rglob("*")
        if path.is_file() and not path.relative_to(pool.files).parts[0].startswith(".")
    )


@pytest.fixture
def fetch(pool: Pool, line: requests.Session, patience: Patience) -> Callable[[Download], Receipt]:
    return lambda entry: fetch_file(entry, pool, line, patience, Terms())


Fetch = Callable[[Download], Receipt]


def test_a_file_comes_whole(server: Server, entry: MADE, fetch: Fetch, pool: Pool) -> None:
    server.put("/a.bin", BODY)
    receipt = fetch(entry(server.url("/a.bin"), checksum=Checksum("sha256", SHA, "the manifest")))
    assert receipt.file == f"{SHA[:16]}/a.bin"
    assert pool.path(receipt).read_bytes() == BODY
    assert (receipt.sha256, receipt.size, receipt.checked_by) == (SHA, len(BODY), "the manifest")
    assert final_files(pool) == [receipt.file]
    assert not any((pool.files / ".parts").glob("thing-1/*"))


def test_a_second_fetch_asks_nothing(server: Server, entry: MADE, fetch: Fetch) -> None:
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
    name: str, server: Server, entry: MADE, fetch: Fetch, pool: Pool
) -> None:
    faults, asked = PASSING[name]
    page = server.put("/a.bin", BODY, faults=list(faults))
    receipt = fetch(entry(server.url("/a.bin")))
    assert pool.path(receipt).read_bytes() == BODY
    assert len(page.asked) == len(asked)
    assert all(want is None or want == got for want, got in zip(asked, page.asked, strict=True))


def test_retry_after_is_waited_for(server: Server, entry: MADE, fetch: Fetch) -> None:
    server.put("/a.bin", BODY, faults=[status(503, Retry_After="1")])
    began = time.monotonic()
    fetch(entry(server.url("/a.bin")))
    assert time.monotonic() - began >= 1


def test_a_long_download_may_break_more_often_than_it_may_fail(
    server: Server, entry: MADE, fetch: Fetch, pool: Pool
) -> None:
    page = server.put("/a.bin", BODY, faults=[cut(20_000)] * 8)
    assert pool.path(fetch(entry(server.url("/a.bin")))).read_bytes() == BODY
    assert len(page.asked) == 9


def test_a_server_that_does_not_resume(
    server: Server, entry: MADE, fetch: Fetch, pool: Pool
) -> None:
    page = server.put("/a.bin", BODY, faults=[cut(50_000)], ranges=False)
    assert pool.path(fetch(entry(server.url("/a.bin")))).read_bytes() == BODY
    assert page.asked == ["", "bytes=50000-"]


def test_a_file_that_changes_between_two_attempts_is_never_mixed(
    server: Server, entry: MADE, fetch: Fetch, pool: Pool
) -> None:
    other = random.Random(2).randbytes(180_000)
    page = server.put("/a.bin", BODY, faults=[cut(50_000), change(other)])
    assert pool.path(fetch(entry(server.url("/a.bin")))).read_bytes() == other
    assert page.asked == ["", "bytes=50000-"]


def test_without_validator_nothing_is_resumed(
    server: Server, entry: MADE, fetch: Fetch, pool: Pool
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


GZ = gzip.compress(b"one line\n" * 20_000 + random.Random(3).randbytes(9000).hex().encode() + b"\n")

# Faults that do not pass: exact words, and nothing under a final name.
ENDING: dict[str, tuple[str, bytes, Fault, str]] = {
    "404": (
        "a.bin",
        BODY,
        status(404),
        "{url}: nothing lies there (404 Not Found). The publisher may have moved it: look for its "
        "present address, and give it in the manifest, or another version with --version.",
    ),
    "403": (
        "a.bin",
        BODY,
        status(403),
        "{url}: the server refuses (403 Forbidden). The network's proxy may block it, or the file "
        "asks for an agreement: open the address in a browser.",
    ),
    "400": (
        "a.bin",
        BODY,
        status(400),
        "{url}: the server answers 400 (Bad Request), which ends the download. Check the address "
        "in the manifest.",
    ),
    "500 for ever": (
        "a.bin",
        BODY,
        status(500),
        "{url}: the server says 500 (Internal Server Error); tried 3 times in vain. Run the same "
        "command again later. A compute node often has no internet: fetch on a transfer node, or "
        "install an offline bundle.",
    ),
    "Retry-After too long": (
        "a.bin",
        BODY,
        status(503, Retry_After="3600"),
        "{url}: the server asks to come back in 3600 seconds (503). Run the same command then; "
        "what came is kept.",
    ),
    "stalls for ever": (
        "a.bin",
        BODY,
        stall(0, 0.8),
        "{url}: nothing came for 0.3 seconds, after 0 bytes of 200.0 kB; tried 3 times in vain. "
        "Run the same command again later. A compute node often has no internet: fetch on a "
        "transfer node, or install an offline bundle.",
    ),
    "truncates for ever, without resuming": (
        "a.bin",
        BODY,
        cut(0),
        "{url}: the body stopped after 0 bytes of 200001; tried 3 times in vain. Run the same "
        "command again later. A compute node often has no internet: fetch on a transfer node, or "
        "install an offline bundle.",
    ),
    "says too little, packed": (
        "a.gz",
        GZ,
        claim(-100),
        "{url}: its gzip stream stops before the end: the file was cut. Nothing was kept. If the "
        "publisher renewed the file, give its new checksum in the manifest; else ask the publisher "
        "or fetch on another line.",
    ),
    "web page, said to be one": (
        "a.gz",
        GZ,
        instead(b"<html>please log in</html>", Content_Type="text/html; charset=utf-8"),
        "{url}: a web page came instead of a.gz. A proxy's login page, or the publisher moved the "
        "file: open the address in a browser.",
    ),
    "web page, not said to be one": (
        "a.tsv",
        b"a\tb\n",
        instead(b"<!DOCTYPE html><p>please log in", Content_Type="text/plain"),
        "{url}: a web page came instead of the file. Nothing was kept. If the publisher renewed "
        "the file, give its new checksum in the manifest; else ask the publisher or fetch on "
        "another line.",
    ),
    "another kind of file": (
        "a.gz",
        GZ,
        instead(b"not packed\n"),
        "{url}: what came is not packed with gzip, as its name says. Nothing was kept. If the "
        "publisher renewed the file, give its new checksum in the manifest; else ask the publisher "
        "or fetch on another line.",
    ),
    "empty": (
        "a.tsv",
        b"a\tb\n",
        instead(b""),
        "{url}: an empty file came. Nothing was kept. If the publisher renewed the file, give its "
        "new checksum in the manifest; else ask the publisher or fetch on another line.",
    ),
    "packed on the way": (
        "a.bin",
        BODY,
        instead(gzip.compress(BODY), Content_Encoding="gzip"),
        "{url}: the server packs what it sends (gzip) though asked not to, so that length and "
        "checksum cannot be compared. Name another address in the manifest.",
    ),
}


@pytest.mark.parametrize("name", ENDING)
def test_a_fault_that_does_not_pass(
    name: str, server: Server, entry: MADE, fetch: Fetch, pool: Pool
) -> None:
    file, body, fault, message = ENDING[name]
    server.put(f"/{file}", body, always=fault)
    url = server.url(f"/{file}")
    with pytest.raises(ArianeError) as told:
        fetch(entry(url))
    assert str(told.value) == message.format(url=url)
    assert final_files(pool) == []
    assert pool.receipt(entry(url)) is None


@pytest.mark.parametrize(
    ("fault", "came"),
    [(instead(b"x" * 1000), b"x" * 1000), (claim(-100), BODY[:-100])],
    ids=["another body", "too short a length"],
)
def test_a_wrong_body_is_told_with_both_checksums(
    server: Server, entry: MADE, fetch: Fetch, pool: Pool, fault: Fault, came: bytes
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


def test_a_wrong_body_once_is_mended(server: Server, entry: MADE, fetch: Fetch, pool: Pool) -> None:
    server.put("/a.bin", BODY, faults=[instead(b"x" * 1000)])
    made = entry(server.url("/a.bin"), checksum=Checksum("sha256", SHA, "the manifest"))
    assert pool.path(fetch(made)).read_bytes() == BODY


def test_no_server(entry: MADE, fetch: Fetch, pool: Pool) -> None:
    with pytest.raises(ArianeError) as told:
        fetch(entry("http://127.0.0.1:9/a.bin"))
    assert str(told.value) == (
        "http://127.0.0.1:9/a.bin: no connection to the server; tried 3 times in vain. Run the "
        "same command again later. A compute node often has no internet: fetch on a transfer "
        "node, or install an offline bundle."
    )
    assert final_files(pool) == []


def test_redirects_in_a_circle(server: Server, entry: MADE, fetch: Fetch, pool: Pool) -> None:
    server.put("/a.bin", b"", always=status(302, Location="/b.bin"))
    server.put("/b.bin", b"", always=status(302, Location="/a.bin"))
    url = server.url("/a.bin")
    with pytest.raises(ArianeError) as told:
        fetch(entry(url))
    assert str(told.value) == (
        f"{url}: more than 4 redirects, perhaps in a circle. Check the address in the manifest."
    )


def test_a_redirect_is_followed_and_recorded(server: Server, entry: MADE, fetch: Fetch) -> None:
    server.put("/old.bin", b"", always=status(301, Location="/a.bin"))
    server.put("/a.bin", BODY)
    assert fetch(entry(server.url("/old.bin"))).address == server.url("/a.bin")


@pytest.mark.parametrize("scheme", ["ftp", "s3"])
def test_schemes_that_are_not_read(scheme: str, entry: MADE, fetch: Fetch) -> None:
    with pytest.raises(ArianeError, match=f"{scheme} scheme is not read. Give an https"):
        fetch(entry(f"{scheme}://example.org/a.bin"))


def test_a_file_address(tmp_path: Path, entry: MADE, fetch: Fetch, pool: Pool) -> None:
    mirror = tmp_path / "mirror with space" / "a.bin"
    mirror.parent.mkdir()
    mirror.write_bytes(BODY)
    assert pool.path(fetch(entry(mirror.as_uri(), file="a.bin"))).read_bytes() == BODY
    with pytest.raises(ArianeError, match="No such file or directory. Check the address"):
        fetch(entry((tmp_path / "absent").as_uri()))


# Checksums that come from beside the file.
def md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


COMPANIONS = {
    "md5sum": f"{md5(b'other')}  b.bin\n{md5(BODY)}  a.bin\n",
    "with a folder": f"{md5(BODY)}  /pub/x/a.bin\n",
    "binary mark": f"{md5(BODY)} *a.bin\r\n",
    "bare": md5(BODY),
    "BSD": f"MD5 (a.bin) = {md5(BODY).upper()}\n",
}


@pytest.mark.parametrize("form", COMPANIONS)
def test_a_checksum_from_beside(form: str, server: Server, entry: MADE, fetch: Fetch) -> None:
    server.put("/a.bin", BODY)
    server.put("/a.bin.md5", COMPANIONS[form].encode())
    beside = server.url("/a.bin.md5")
    made = entry(server.url("/a.bin"), checksum_address=beside, checksum_algorithm="md5")
    assert fetch(made).checked_by == beside


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("<html>moved</html>", "no md5 checksum"),
        (f"{md5(b'other')}  b.bin\n", "no md5 checksum"),
        (f"{md5(BODY)[:-1]}  a.bin\n", "no md5 checksum"),
        ("", "no md5 checksum"),
        (f"{md5(BODY)}  a.bin\n{md5(b'other')}  old/a.bin\n", "several checksums"),
    ],
)
def test_a_companion_that_is_none(
    text: str, what: str, server: Server, entry: MADE, fetch: Fetch, pool: Pool
) -> None:
    page = server.put("/a.bin", BODY)
    server.put("/a.bin.md5", text.encode())
    beside = server.url("/a.bin.md5")
    with pytest.raises(ArianeError) as told:
        fetch(entry(server.url("/a.bin"), checksum_address=beside, checksum_algorithm="md5"))
    assert str(told.value) == (
        f"{beside}: it holds {what} of a.bin. Look at the address; the publisher may have changed "
        "its form. Without it, take 'checksum' out of the manifest's entry: the file is then "
        "recorded as it comes."
    )
    assert page.asked == []
    assert final_files(pool) == []


def test_a_companion_that_is_absent(server: Server, entry: MADE, fetch: Fetch) -> None:
    server.put("/a.bin", BODY)
    beside = server.url("/a.bin.md5")
    with pytest.raises(ArianeError, match=r"a\.bin\.md5: nothing lies there \(404 Not Found\)"):
        fetch(entry(server.url("/a.bin"), checksum_address=beside, checksum_algorithm="md5"))


def test_a_companion_that_disagrees(server: Server, entry: MADE, fetch: Fetch, pool: Pool) -> None:
    server.put("/a.bin", BODY)
    server.put("/a.bin.md5", f"{md5(b'other')}  a.bin\n".encode())
    beside = server.url("/a.bin.md5")
    with pytest.raises(ArianeError, match=f"{md5(b'other')} after {beside}. Nothing was kept"):
        fetch(entry(server.url("/a.bin"), checksum_address=beside, checksum_algorithm="md5"))
    assert final_files(pool) == []


def test_checksums_that_the_server_sends(
    server: Server, entry: MADE, fetch: Fetch, pool: Pool
) -> None:
    good = base64.b64encode(hashlib.md5(BODY, usedforsecurity=False).digest()).decode()
    url = server.url("/a.bin")
    server.put("/a.bin", BODY, headers={"x-goog-hash": f"crc32c=AAAA==,md5={good}"})
    assert fetch(entry(url)).checked_by == f"the header x-goog-hash of {url}"
    bad = base64.b64encode(bytes(32)).decode()
    server.put("/b.bin", BODY, headers={"Repr-Digest": f"sha-256=:{bad}:"})
    with pytest.raises(ArianeError, match=f"{'0' * 64} after the header repr-digest"):
        fetch(entry(server.url("/b.bin"), name="other"))


def test_checksums_may_be_required(
    server: Server, entry: MADE, pool: Pool, line: requests.Session, patience: Patience
) -> None:
    server.put("/a.bin", BODY)
    strict = Terms(require_checksums=True)
    with pytest.raises(ArianeError) as told:
        fetch_file(entry(server.url("/a.bin")), pool, line, patience, strict)
    assert str(told.value) == (
        "thing: neither the manifest nor the publisher gives a checksum, and --require-checksums "
        "is set. Leave it out, or record what comes without it."
    )
    assert final_files(pool) == []
    known = entry(server.url("/a.bin"), checksum=Checksum("sha256", SHA, "the manifest"))
    assert fetch_file(known, pool, line, patience, strict).sha256 == SHA


def test_what_was_recorded_first_binds_the_next_fetch(
    server: Server, entry: MADE, fetch: Fetch, pool: Pool
) -> None:
    page = server.put("/a.bin", BODY)
    made = entry(server.url("/a.bin"))
    first = fetch(made)
    pool.path(first).unlink()
    page.body = BODY[:-1] + b"!"
    with pytest.raises(ArianeError, match=r"of the first fetch\. Nothing was kept"):
        fetch(made)
    page.body = BODY
    assert fetch(made).sha256 == first.sha256


def test_a_spoiled_file_of_the_pool_is_told(
    server: Server,
    entry: MADE,
    fetch: Fetch,
    pool: Pool,
    line: requests.Session,
    patience: Patience,
) -> None:
    server.put("/a.bin", BODY)
    made = entry(server.url("/a.bin"))
    path = pool.path(fetch(made))
    path.write_bytes(BODY[:-1] + b"!")
    assert fetch(made)  # the size alone is compared
    with pytest.raises(ArianeError, match="it is not what was fetched. Remove it"):
        fetch_file(made, pool, line, patience, Terms(rehash=True))
    path.write_bytes(BODY[:-1])
    with pytest.raises(ArianeError, match="it is not what was fetched. Remove it"):
        fetch(made)


# Disks and processes.
def test_no_room(
    server: Server, entry: MADE, pool: Pool, line: requests.Session, patience: Patience
) -> None:
    server.put("/a.bin", BODY)
    greedy = replace(patience, disk_reserve_bytes=10**18)
    with pytest.raises(ArianeError, match=r"200\.0 kB are still to come and .* stay in reserve"):
        fetch_file(entry(server.url("/a.bin")), pool, line, greedy, Terms())
    assert final_files(pool) == []


PROGRAM = """
import resource, sys
from pathlib import Path
sys.path.insert(0, {here!r})
from conftest import PATIENCE
from dataclasses import replace
from ariane.knowledge.fetch.entry import Terms, fetch_file
from ariane.knowledge.fetch.http import session
from ariane.knowledge.fetch.manifest import Download
from ariane.knowledge.fetch.pool import Pool
from ariane.model.errors import ArianeError
if {limit}:
    import signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
entry = Download("thing", "A thing", "genes", "hgnc_tsv", "any", "1", "open", "CC0", "", "file",
    {url!r}, "a.bin", None, None, None, False, "invented", "2026-01-01")
patience = replace(PATIENCE, stall_seconds=20)
try:
    print(fetch_file(entry, Pool(Path({releases!r})), session(patience), patience, Terms()).file)
except ArianeError as problem:
    print(problem)
    sys.exit(2)
"""


def process(server: Server, pool: Pool, limit: int = 0) -> subprocess.Popen[str]:
    text = PROGRAM.format(
        here=str(Path(__file__).parent),
        url=server.url("/a.bin"),
        releases=str(pool.releases),
        limit=limit,
    )
    return subprocess.Popen(
        [sys.executable, "-c", text], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_a_full_disk(server: Server, entry: MADE, fetch: Fetch, pool: Pool) -> None:
    page = server.put("/a.bin", BODY)
    with process(server, pool, limit=100_000) as running:
        out, _ = running.communicate(timeout=30)
    assert running.returncode == 2
    assert "the disk is full or the file reaches a limit (File too large;" in out
    assert "100.0 kB had come). Make room and run the same command again; it resumes." in out
    assert final_files(pool) == []
    fetch(entry(server.url("/a.bin")))
    assert page.asked == ["", "bytes=100000-"]


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_disk_that_is_truly_full(
    server: Server, entry: MADE, line: requests.Session, patience: Patience, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=120k", "none", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no tmpfs can be mounted here")
    try:
        server.put("/a.bin", BODY, headers={"Transfer-Encoding": "identity"})
        server.pages["/a.bin"].always = _chunked
        small = Pool(disk / "releases")
        with pytest.raises(ArianeError, match=r"the disk is full .*No space left on device"):
            fetch_file(entry(server.url("/a.bin")), small, line, patience, Terms())
        assert final_files(small) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def _chunked(handler: Handler, page: Page) -> bool:
    """Without a length, so that the room cannot be seen to beforehand."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for at in range(0, len(page.body), 10_000):
        piece = page.body[at : at + 10_000]
        handler.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
    handler.wfile.write(b"0\r\n\r\n")
    return True


def test_a_body_without_length(server: Server, entry: MADE, fetch: Fetch, pool: Pool) -> None:
    server.put("/a.bin", BODY, always=_chunked)
    assert pool.path(fetch(entry(server.url("/a.bin")))).read_bytes() == BODY


def test_a_body_without_length_that_is_cut(
    server: Server, entry: MADE, fetch: Fetch, pool: Pool
) -> None:
    def broken(handler: Handler, page: Page) -> bool:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"2710\r\n" + page.body[:10_000] + b"\r\n")
        handler.hang_up()
        return True

    server.put("/a.bin", BODY, always=broken)
    with pytest.raises(ArianeError, match="the body stopped after 10000 bytes; tried 3 times"):
        fetch(entry(server.url("/a.bin")))
    assert final_files(pool) == []


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_process_is_resumed(
    end: signal.Signals, server: Server, entry: MADE, fetch: Fetch, pool: Pool
) -> None:
    page = server.put("/a.bin", BODY, faults=[stall(120_000, 5.0)])
    part = pool.files / ".parts" / "thing-1" / "a.bin.part"
    with process(server, pool) as running:
        limit = time.monotonic() + 20
        while not (part.exists() and part.stat().st_size >= 110_000):
            assert time.monotonic() < limit
            time.sleep(0.02)
        running.send_signal(end)
        running.wait(timeout=10)
    assert final_files(pool) == []
    came = part.stat().st_size
    fetch(entry(server.url("/a.bin")))
    assert page.asked == ["", f"bytes={came}-"]


def test_two_at_once_fetch_once(server: Server, pool: Pool) -> None:
    page = server.put("/a.bin", BODY, faults=[stall(1000, 0.5)])
    page.faults.append(lambda h, p: False)
    with process(server, pool) as one, process(server, pool) as two:
        outs = [one.communicate(timeout=30)[0], two.communicate(timeout=30)[0]]
    assert outs[0] == outs[1] == f"{SHA[:16]}/a.bin\n"
    assert len(page.asked) == 2  # one broken attempt and its rest, not two downloads
    assert final_files(pool) == [f"{SHA[:16]}/a.bin"]


def test_a_folder_that_cannot_be_written(
    server: Server, entry: MADE, fetch: Fetch, pool: Pool
) -> None:
    server.put("/a.bin", BODY)
    pool.files.parent.mkdir()
    pool.files.write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(ArianeError, match=r"cannot be written \(.*\)\. Check the rights"):
        fetch(entry(server.url("/a.bin")))


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting read-only needs root")
def test_a_folder_on_a_read_only_disk(
    server: Server, entry: MADE, fetch: Fetch, pool: Pool
) -> None:
    server.put("/a.bin", BODY)
    pool.releases.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "ro,size=100k", "none", str(pool.releases)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no tmpfs can be mounted here")
    try:
        with pytest.raises(ArianeError, match=r"cannot be written \(Read-only file system\)"):
            fetch(entry(server.url("/a.bin")))
    finally:
        subprocess.run(["umount", str(pool.releases)], check=True)


def test_progress_is_told(
    server: Server, entry: MADE, fetch: Fetch, caplog: pytest.LogCaptureFixture
) -> None:
    def slowly(handler: Handler, page: Page) -> bool:
        body = handler.head(page)
        for at in range(0, len(body), 50_000):
            handler.wfile.write(body[at : at + 50_000])
            handler.wfile.flush()
            time.sleep(0.06)
        return True

    server.put("/a.bin", BODY, always=slowly)
    with caplog.at_level("INFO"):
        fetch(entry(server.url("/a.bin")))
    assert any("thing: " in m and " of 200.0 kB (" in m and "s left" in m for m in caplog.messages)


def test_a_receipt_reads_the_same_for_all(
    server: Server, entry: MADE, fetch: Fetch, pool: Pool
) -> None:
    server.put("/a.bin", BODY)
    made = entry(server.url("/a.bin"))
    receipt = fetch(made)
    text = pool.receipt_path(made).read_text(encoding="utf-8")
    assert Receipt(**{**json.loads(text), "companions": ()}) == receipt
    pool.receipt_path(made).write_text("{", encoding="utf-8")
    with pytest.raises(ArianeError, match="a damaged receipt. Remove it and fetch again"):
        fetch(made)
