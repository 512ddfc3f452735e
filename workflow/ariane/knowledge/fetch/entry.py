"""Fetching one entry of the manifest into the pool."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import requests

from ariane.files import sha256_of
from ariane.knowledge.fetch.checksums import Checksum, in_headers, read_companion
from ariane.knowledge.fetch.download import Arrival, download, forget, unwritable
from ariane.knowledge.fetch.http import Answer
from ariane.knowledge.fetch.manifest import BY_HAND, Download
from ariane.knowledge.fetch.patience import Patience, amount
from ariane.knowledge.fetch.pool import AS_IT_CAME, Pool, Receipt, WrongBody, asked, check
from ariane.knowledge.fetch.refine import refine
from ariane.model.errors import ArianeError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Terms:
    """What the laboratory wants and has agreed to."""

    require_checksums: bool = False
    """Refuse what nobody gives a checksum for."""
    agreed: frozenset[str] = frozenset()
    """Entries under an agreement that the laboratory says it has."""
    own: Path = Path("own")
    """Folder in which the laboratory puts files that are never downloaded: ``{entry}/{file}``."""
    rehash: bool = False
    """Read again what lies in the pool, and compare checksums."""


def take_own(entry: Download, pool: Pool, terms: Terms) -> Receipt | None:
    """Take a file that the laboratory put into its own folder; None when there is none.

    The laboratory's file is copied, never moved or changed.

    Raises:
        ArianeError: it cannot be read, or is another kind of file.
    """
    given = terms.own / entry.name / entry.file
    if not given.is_file():
        return None
    want = asked(entry, f"own {given.stat().st_size} {given.stat().st_mtime_ns}")
    with pool.claimed(entry):
        if held := pool.here(entry, want, terms.rehash):
            return held
        log.info("%s: taking %s.", entry.name, given)
        work = pool.work(entry)
        try:
            work.mkdir(parents=True, exist_ok=True)
            path = work / entry.file
            shutil.copyfile(given, path)
            indexes = []
            for suffix in (".tbi", ".csi", ".fai", ".gzi"):
                beside = given.with_name(given.name + suffix)
                if beside.is_file():
                    indexes.append(work / beside.name)
                    shutil.copyfile(beside, work / beside.name)
            arrival = Arrival(str(given), str(given), path.stat().st_size)
            return _settle(entry, pool, path, arrival, want, "the laboratory", tuple(indexes))
        except OSError as problem:
            raise unwritable(work / entry.file, problem) from None


def refused(entry: Download, terms: Terms) -> str:
    """Why an entry is not downloaded, with what to do; an empty string when it may be."""
    place = terms.own / entry.name / entry.file
    if entry.by == "hand":
        return (
            f"{entry.name}: {entry.title} is never downloaded ({entry.licence}). Get it at "
            f"{entry.ask or entry.source}, put it at {place}, and run the same command again."
        )
    if entry.licence_class in BY_HAND and entry.name not in terms.agreed:
        return (
            f"{entry.name}: {entry.title} asks for an agreement ({entry.licence}). Ask at "
            f"{entry.ask}; then put the file at {place}, or say --agreed {entry.name} if your "
            "laboratory has the agreement."
        )
    return ""


def fetch_file(
    entry: Download, pool: Pool, line: requests.Session, patience: Patience, terms: Terms
) -> Receipt:
    """Fetch a whole file, check it, prepare it, and move it into the pool.

    Raises:
        ArianeError: it does not come, or is not what was meant. No file is left under a final name.
    """
    want = asked(entry)
    with pool.claimed(entry):
        if held := pool.here(entry, want, terms.rehash):
            return held
        expected = _expected(entry, pool, line, patience, want)
        part = pool.work(entry) / f"{entry.address.rsplit('/', 1)[-1] or entry.file}.part"

        def inspect(answer: Answer) -> None:
            if terms.require_checksums and not (expected or in_headers(answer.headers, "")):
                raise ArianeError(
                    f"{entry.name}: neither the manifest nor the publisher gives a checksum, and "
                    "--require-checksums is set. Leave it out, or record what comes without it."
                )
            _see_room(part, answer, patience)

        arrival, checked_by = _bring(entry, part, line, patience, expected, inspect)
        try:
            whole = _linked(part, entry)
            return _settle(entry, pool, whole, arrival, want, checked_by)
        except OSError as problem:
            raise unwritable(part, problem) from None


def _linked(part: Path, entry: Download) -> Path:
    """A second name for the part, so that a preparation that is cut short finds it again."""
    whole = part.with_name(entry.file if not entry.prepare else part.name.removesuffix(".part"))
    whole.unlink(missing_ok=True)
    try:
        os.link(part, whole)
    except OSError:  # a disk without links
        part.replace(whole)
    return whole


def _bring(
    entry: Download,
    part: Path,
    line: requests.Session,
    patience: Patience,
    expected: tuple[Checksum, ...],
    inspect: Callable[[Answer], None],
) -> tuple[Arrival, str]:
    for left in range(max(1, patience.wrong_bodies) - 1, -1, -1):
        arrival = download(line, entry.address, part, patience, entry.name, inspect)
        sent = in_headers(arrival.headers, entry.address)
        known = (*expected, sent) if sent else expected
        try:
            check(part, entry, known, patience)
        except WrongBody as problem:
            forget(part)
            if not left:
                raise ArianeError(
                    f"{entry.address}: {problem}. Nothing was kept. If the publisher renewed the "
                    "file, give its new checksum in the manifest; else ask the publisher or fetch "
                    "on another line."
                ) from None
            log.warning("%s: %s; fetching it once more.", entry.address, problem)
            continue
        return arrival, "; ".join(c.said_by for c in known) or AS_IT_CAME
    raise AssertionError("unreachable")


def _expected(
    entry: Download, pool: Pool, line: requests.Session, patience: Patience, want: str
) -> tuple[Checksum, ...]:
    found = [entry.checksum] if entry.checksum else []
    if entry.checksum_address:
        beside = pool.work(entry) / "checksum.part"
        forget(beside)
        download(line, entry.checksum_address, beside, patience, f"checksum of {entry.name}")
        text = beside.read_bytes().decode("utf-8", "replace")
        forget(beside)
        name = entry.address.rsplit("/", 1)[-1]
        found.append(read_companion(text, name, entry.checksum_algorithm, entry.checksum_address))
    earlier = pool.receipt(entry)
    if earlier and earlier.asked == want:
        by = f"the receipt {pool.receipt_path(entry)} of the first fetch"
        found.append(Checksum("sha256", earlier.came_sha256, by))
    return tuple(found)


def _see_room(part: Path, answer: Answer, patience: Patience) -> None:
    if answer.total is None:
        return
    there = part.stat().st_size if part.exists() and answer.start else 0
    need = answer.total - there + patience.disk_reserve_bytes
    free = shutil.disk_usage(part.parent).free
    if need > free:
        raise ArianeError(
            f"{part.parent}: {amount(answer.total - there)} are still to come and "
            f"{amount(patience.disk_reserve_bytes)} stay in reserve, but {amount(free)} are free. "
            "Make room, or give another folder with --releases."
        )


def _settle(
    entry: Download,
    pool: Pool,
    whole: Path,
    arrival: Arrival,
    want: str,
    checked_by: str,
    indexes: tuple[Path, ...] = (),
) -> Receipt:
    came = sha256_of(whole)
    path, companions = refine(whole, entry.prepare) if entry.prepare else (whole, indexes)
    if path.name != entry.file:
        path, companions = _renamed(path, companions, entry.file)
    place, checksum, size = pool.enter(path, companions)
    receipt = Receipt(
        name=entry.name,
        version=entry.version,
        asked=want,
        address=arrival.final_address,
        last_modified=arrival.last_modified,
        came_sha256=came,
        came_size=arrival.size,
        checked_by=checked_by,
        file=place,
        sha256=checksum,
        size=size,
        companions=tuple(sorted(one.name for one in companions)),
    )
    pool.write(entry, receipt)
    shutil.rmtree(pool.work(entry), ignore_errors=True)
    if checked_by == AS_IT_CAME:
        log.warning(
            "%s: no checksum is known beforehand; recorded as it came: sha256 %s, %d bytes.",
            entry.name,
            came,
            arrival.size,
        )
    else:
        log.info("%s: %s, checked by %s.", entry.name, amount(size), checked_by)
    return receipt


def _renamed(path: Path, companions: tuple[Path, ...], name: str) -> tuple[Path, tuple[Path, ...]]:
    moved = tuple(
        one.replace(one.with_name(name + one.name.removeprefix(path.name))) for one in companions
    )
    return path.replace(path.with_name(name)), moved
