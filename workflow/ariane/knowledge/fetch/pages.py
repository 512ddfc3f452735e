"""An API that answers in pages (PanelApp's): all pages together as one file of JSON lines."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from ariane.files import write_text
from ariane.knowledge.fetch.download import download, forget, unwritable
from ariane.knowledge.fetch.manifest import Download
from ariane.knowledge.fetch.patience import Patience
from ariane.knowledge.fetch.pool import AS_IT_CAME, Pool, Receipt, asked
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError

log = logging.getLogger(__name__)


def fetch_pages(entry: Download, pool: Pool, line: requests.Session, patience: Patience) -> Receipt:
    """Follow ``next`` from page to page, and keep every result, sorted, one a line.

    An API is alive: it has no checksum, and what came is recorded under the version asked for. When
    the number of results is not the ``count`` that the pages state, something changed between two
    pages and nothing is kept.

    Raises:
        ArianeError: a page does not come or is none, or results were lost or came twice.
    """
    want = asked(entry)
    with pool.claimed(entry):
        if held := pool.here(entry, want):
            return held
        work = pool.work(entry)
        try:
            results = _results(entry, work, line, patience)
            path = work / entry.file
            text = "".join(f"{one}\n" for one in sorted(map(to_json, results)))
            write_text(path, text)
            receipt = pool.keep(entry, want, path, checked_by=AS_IT_CAME)
        except OSError as problem:
            raise unwritable(work, problem) from None
        log.warning(
            "%s: %d results of a living API, recorded as they came: sha256 %s.",
            entry.name,
            len(results),
            receipt.sha256,
        )
        return receipt


def _results(
    entry: Download, work: Path, line: requests.Session, patience: Patience
) -> list[dict[str, Any]]:
    address, seen, results, stated = entry.address, set[str](), list[dict[str, Any]](), 0
    while address:
        seen.add(address)
        page = _page(address, work, line, patience, f"{entry.name}, page {len(seen)}")
        stated = page["count"]
        results += page["results"]
        following = page.get("next") or ""
        address = urljoin(address, following) if following else ""
        if address in seen or urlsplit(address or entry.address)[:2] != urlsplit(entry.address)[:2]:
            raise ArianeError(
                f"{entry.address}: its pages lead to {address}, in a circle or to another server. "
                "Look at the API; it may have changed."
            )
    if len(results) != stated or len(set(map(to_json, results))) != stated:
        raise ArianeError(
            f"{entry.address}: the pages hold {len(results)} results and state {stated}: the "
            "source changed while it was read. Run the same command again."
        )
    return results


def _page(
    address: str, work: Path, line: requests.Session, patience: Patience, name: str
) -> dict[str, Any]:
    part = work / "page.json.part"
    forget(part)
    download(line, address, part, patience, name)
    try:
        page = json.loads(part.read_bytes())
        if not isinstance(page["results"], list) or not isinstance(page["count"], int):
            raise TypeError
    except (ValueError, TypeError, KeyError):
        raise ArianeError(
            f"{address}: not a page of results ('count', 'next', 'results'). Look at the API; it "
            "may have changed."
        ) from None
    forget(part)
    return dict(page)
