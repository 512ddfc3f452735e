"""Downloads and the disk: full, read-only, killed in the middle, two at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from faulty_server import (
    Handler,
    Page,
    Server,
    stall,
)
from fetch_world import BODY, SHA, Fetch, Made, final_files

from ariane.knowledge.fetch.entry import Terms, fetch_file
from ariane.knowledge.fetch.patience import Patience
from ariane.knowledge.fetch.pool import Pool, Receipt
from ariane.model.errors import ArianeError


# Disks and processes.
def test_no_room(
    server: Server, entry: Made, pool: Pool, line: requests.Session, patience: Patience
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


def test_a_full_disk(server: Server, entry: Made, fetch: Fetch, pool: Pool) -> None:
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
    server: Server, entry: Made, line: requests.Session, patience: Patience, tmp_path: Path
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


def test_a_body_without_length(server: Server, entry: Made, fetch: Fetch, pool: Pool) -> None:
    server.put("/a.bin", BODY, always=_chunked)
    assert pool.path(fetch(entry(server.url("/a.bin")))).read_bytes() == BODY


def test_a_body_without_length_that_is_cut(
    server: Server, entry: Made, fetch: Fetch, pool: Pool
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
    end: signal.Signals, server: Server, entry: Made, fetch: Fetch, pool: Pool
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
    server: Server, entry: Made, fetch: Fetch, pool: Pool
) -> None:
    server.put("/a.bin", BODY)
    pool.files.parent.mkdir()
    pool.files.write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(ArianeError, match=r"cannot be written \(.*\)\. Check the rights"):
        fetch(entry(server.url("/a.bin")))


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting read-only needs root")
def test_a_folder_on_a_read_only_disk(
    server: Server, entry: Made, fetch: Fetch, pool: Pool
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
    server: Server, entry: Made, fetch: Fetch, caplog: pytest.LogCaptureFixture
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
    server: Server, entry: Made, fetch: Fetch, pool: Pool
) -> None:
    server.put("/a.bin", BODY)
    made = entry(server.url("/a.bin"))
    receipt = fetch(made)
    text = pool.receipt_path(made).read_text(encoding="utf-8")
    assert Receipt(**{**json.loads(text), "companions": ()}) == receipt
    pool.receipt_path(made).write_text("{", encoding="utf-8")
    with pytest.raises(ArianeError, match=r"a damaged receipt\. Remove it and fetch again"):
        fetch(made)
