"""Checksums of a download: from the manifest, beside the file, in headers, or recorded."""

from __future__ import annotations

import base64
import hashlib

import pytest
import requests
from faulty_server import (
    Server,
)
from fetch_world import BODY, SHA, Fetch, Made, final_files

from ariane.knowledge.fetch.checksums import Checksum
from ariane.knowledge.fetch.entry import Terms, fetch_file
from ariane.knowledge.fetch.patience import Patience
from ariane.knowledge.fetch.pool import Pool
from ariane.model.errors import ArianeError


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
def test_a_checksum_from_beside(form: str, server: Server, entry: Made, fetch: Fetch) -> None:
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
    text: str, what: str, server: Server, entry: Made, fetch: Fetch, pool: Pool
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


def test_a_companion_that_is_absent(server: Server, entry: Made, fetch: Fetch) -> None:
    server.put("/a.bin", BODY)
    beside = server.url("/a.bin.md5")
    with pytest.raises(ArianeError, match=r"a\.bin\.md5: nothing lies there \(404 Not Found\)"):
        fetch(entry(server.url("/a.bin"), checksum_address=beside, checksum_algorithm="md5"))


def test_a_companion_that_disagrees(server: Server, entry: Made, fetch: Fetch, pool: Pool) -> None:
    server.put("/a.bin", BODY)
    server.put("/a.bin.md5", f"{md5(b'other')}  a.bin\n".encode())
    beside = server.url("/a.bin.md5")
    with pytest.raises(ArianeError, match=f"{md5(b'other')} after {beside}. Nothing was kept"):
        fetch(entry(server.url("/a.bin"), checksum_address=beside, checksum_algorithm="md5"))
    assert final_files(pool) == []


def test_checksums_that_the_server_sends(
    server: Server, entry: Made, fetch: Fetch, pool: Pool
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
    server: Server, entry: Made, pool: Pool, line: requests.Session, patience: Patience
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
    server: Server, entry: Made, fetch: Fetch, pool: Pool
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
    entry: Made,
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
    with pytest.raises(ArianeError, match=r"it is not what was fetched\. Remove it"):
        fetch_file(made, pool, line, patience, Terms(rehash=True))
    path.write_bytes(BODY[:-1])
    with pytest.raises(ArianeError, match=r"it is not what was fetched\. Remove it"):
        fetch(made)
