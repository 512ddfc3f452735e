"""Fetching one entry of the manifest into the pool."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import requests

from ariane.files import sha256_of
from ariane.knowledge.fetch.checksums import Checksum, in_headers, read_companion
from ariane.knowledge.fetch.cutting import Cutter
from ariane.knowledge.fetch.download import Arrival, download, forget, unwritable
from ariane.knowledge.fetch.http import Answer
from ariane.knowledge.fetch.manifest import BY_HAND, Download
from ariane.knowledge.fetch.patience import Patience, amount
from ariane.knowledge.fetch.pool import AS_IT_CAME, Came, Pool, Receipt, WrongBody, asked, check
from ariane.knowledge.fetch.refine import refine
from ariane.model.errors import ArianeError

log = logging.getLogger(__name__)

_INDEXES: Final = (".tbi", ".csi", ".fai", ".gzi")


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


def take_own(
    entry: Download, pool: Pool, terms: Terms, cutter: Callable[[], Cutter] | None = None
) -> Receipt | None:
    """Take a file that the laboratory put into its own folder; None when there is none.

    The laboratory's file is copied, never moved or changed. One that is to be cut may bear the name
    it is published under; with an index beside it, it counts as cut already.

    Args:
        entry: the entry.
        pool: where it goes.
        terms: names the folder.
        cutter: gives what the file is cut to; asked only for an entry that is cut.

    Raises:
        ArianeError: it cannot be read, or is another kind of file.
    """
    folder = terms.own / entry.name
    names = [entry.file, entry.address.rsplit("/", 1)[-1]] if entry.is_cut else [entry.file]
    given = next((folder / name for name in names if name and (folder / name).is_file()), None)
    if given is None:
        return None
    beside = [given.with_name(given.name + suffix) for suffix in _INDEXES]
    beside = [one for one in beside if one.is_file()]
    cut = cutter() if entry.is_cut and cutter and not beside else None
    seen = f"own {given.stat().st_size} {given.stat().st_mtime_ns}"
    want = asked(entry, f"{seen} {cut.digest}" if cut else seen)
    with pool.claimed(entry):
        if held := pool.here(entry, want, terms.rehash):
            return held
        log.info("%s: taking %s.", entry.name, given)
        work = pool.work(entry)
        try:
            work.mkdir(parents=True, exist_ok=True)
            path = work / given.name
            shutil.copyfile(given, path)
            indexes = [work / one.name for one in beside]
            for source, target in zip(beside, indexes, strict=True):
                shutil.copyfile(source, target)
            arrival = Arrival(str(given), str(given), path.stat().st_size)
            said = "the laboratory"
            return _settle(entry, pool, path, arrival, want, said, tuple(indexes), cut)
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
    entry: Download,
    pool: Pool,
    line: requests.Session,
    patience: Patience,
    terms: Terms,
    cutter: Cutter | None = None,
) -> Receipt:
    """Fetch a whole file, check it, prepare it, and move it into the pool.

    Args:
        entry: the entry.
        pool: where it goes.
        line: the session.
        patience: time-outs and tries.
        terms: what the laboratory agreed to.
        cutter: what the file is cut to; needed by an entry that is cut.

    Raises:
        ArianeError: it does not come, or is not what was meant. No file is left under a final name.
    """
    want = asked(entry, cutter.digest if cutter else "")
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
            return _settle(entry, pool, whole, arrival, want, checked_by, cutter=cutter)
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
    cutter: Cutter | None = None,
) -> Receipt:
    came = sha256_of(whole)
    slim = (lambda path: cutter.cut(path, entry.format)) if cutter else None
    # What is cut and comes with its index was cut before: it stays as it is.
    steps = () if entry.is_cut and indexes else entry.prepare
    path, companions = refine(whole, steps, slim) if steps else (whole, indexes)
    if path.name != entry.file:
        path, companions = _renamed(path, companions, entry.file)
    line = Came(arrival.final_address, arrival.size, came, arrival.last_modified)
    receipt = pool.keep(entry, want, path, companions, line, checked_by=checked_by)
    if checked_by == AS_IT_CAME:
        log.warning(
            "%s: no checksum is known beforehand; recorded as it came: sha256 %s, %d bytes.",
            entry.name,
            came,
            arrival.size,
        )
    else:
        log.info("%s: %s, checked by %s.", entry.name, amount(receipt.size), checked_by)
    return receipt


def _renamed(path: Path, companions: tuple[Path, ...], name: str) -> tuple[Path, tuple[Path, ...]]:
    moved = tuple(
        one.replace(one.with_name(name + one.name.removeprefix(path.name))) for one in companions
    )
    return path.replace(path.with_name(name)), moved
