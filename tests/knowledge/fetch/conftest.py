"""A faulty server, a patience of fractions of a second, and entries to fetch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from faulty_server import Server, serving

from ariane.knowledge.fetch.entry import Terms, fetch_file
from ariane.knowledge.fetch.http import session
from ariane.knowledge.fetch.manifest import Download
from ariane.knowledge.fetch.patience import Patience
from ariane.knowledge.fetch.pool import Pool, Receipt

PATIENCE = Patience(
    pauses_seconds=(0.01, 0.01),
    connect_seconds=1,
    stall_seconds=0.3,
    slow_bytes=100,
    slow_seconds=0.3,
    longest_retry_after_seconds=2,
    redirects=4,
    wrong_bodies=2,
    report_seconds=0.05,
    chunk_bytes=4096,
    disk_reserve_bytes=0,
    slice_bytes=20000,
    stream_limit_bytes=10**9,
    size_tolerance=3,
)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture
def patience() -> Patience:
    return PATIENCE


@pytest.fixture
def line() -> Iterator[requests.Session]:
    with session(PATIENCE) as made:
        yield made


@pytest.fixture
def pool(tmp_path: Path) -> Pool:
    return Pool(tmp_path / "releases")


@pytest.fixture
def fetch(pool: Pool, line: requests.Session, patience: Patience) -> Callable[[Download], Receipt]:
    return lambda entry: fetch_file(entry, pool, line, patience, Terms())


@pytest.fixture
def entry() -> Callable[..., Download]:
    def make(address: str, **fields: Any) -> Download:
        made = Download(
            name="thing",
            title="A thing",
            kind="genes",
            format="hgnc_tsv",
            assembly="any",
            version="1",
            licence_class="open",
            licence="CC0-1.0",
            ask="",
            by="file",
            address=address,
            file=address.rsplit("/", 1)[-1],
            size=None,
            peak=None,
            after=None,
            checked=False,
            source="invented",
            date="2026-01-01",
        )
        return replace(made, **fields)

    return make
