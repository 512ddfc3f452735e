"""Bringing one file from an address, through every break of the line, to a part file that is whole.

The part file bears no final name. It is resumed only when the server vouches that the rest belongs
to the same version of the file (If-Range with ETag or Last-Modified, RFC 9110, 13.1.5).
"""

from __future__ import annotations

import errno
import json
import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import requests

from ariane.files import write_text
from ariane.knowledge.fetch.http import NO_NETWORK, Answer, Passing, ask
from ariane.knowledge.fetch.patience import Patience, amount
from ariane.model.errors import ArianeError

log = logging.getLogger(__name__)
T = TypeVar("T")

MARK: Final = ".state.json"
"""Ends the name of the file beside a part file that says what the part is a part of."""


@dataclass(frozen=True)
class Arrival:
    """A file that came whole, with what the server said of it."""

    address: str
    """As asked."""
    final_address: str
    """After redirects."""
    size: int
    etag: str = ""
    last_modified: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _State:
    address: str
    validator: str
    total: int | None
    arrival: Arrival | None = None


def tried(
    address: str, patience: Patience, attempt: Callable[[], T], progress: Callable[[], int]
) -> T:
    """Try until it works, with the pauses of the table between attempts.

    An attempt that got further than any before it starts the count anew: a long download may break
    often, as long as it moves.

    Args:
        address: for messages.
        patience: the pauses.
        attempt: raises :class:`Passing` for a fault that may pass.
        progress: bytes that lie settled.

    Raises:
        ArianeError: no attempt worked.
    """
    furthest, failures = progress(), 0
    while True:
        try:
            return attempt()
        except Passing as problem:
            reached = progress()
            failures = 1 if reached > furthest else failures + 1
            furthest = max(furthest, reached)
            attempts = len(patience.pauses_seconds) + 1
            if failures >= attempts:
                kept = f" The {amount(reached)} that came are kept." if reached else ""
                raise ArianeError(
                    f"{address}: {problem}; {_times(attempts)} in vain.{kept} Run the same "
                    f"command again later. {NO_NETWORK}."
                ) from None
            pause = max(patience.pauses_seconds[failures - 1], problem.wait)
            log.warning("%s: %s; trying again in %g seconds.", address, problem, pause)
            time.sleep(pause)


def _times(count: int) -> str:
    return "tried once" if count == 1 else f"tried {count} times"


def download(
    line: requests.Session,
    address: str,
    part: Path,
    patience: Patience,
    name: str = "",
    inspect: Callable[[Answer], None] = lambda _: None,
) -> Arrival:
    """Bring a whole file to ``part``, resuming what an earlier run left there.

    Args:
        line: see :func:`ariane.knowledge.fetch.http.session`.
        address: the file's address.
        part: where the bytes gather; its folder is made.
        patience: time-outs and pauses.
        name: what progress lines call the file.
        inspect: sees each answer before its body is read, and may refuse it.

    Raises:
        ArianeError: the file does not come, or cannot be written.
    """
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        return tried(
            address,
            patience,
            lambda: _attempt(line, address, part, patience, name or part.name, inspect),
            lambda: _size(part),
        )
    except OSError as problem:
        raise unwritable(part, problem) from None


def forget(part: Path) -> None:
    """Remove a part file and its mark."""
    part.unlink(missing_ok=True)
    _mark(part).unlink(missing_ok=True)


def unwritable(path: Path, problem: OSError) -> ArianeError:
    """What to tell when a download cannot be written."""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        free = shutil.disk_usage(path.parent).free if path.parent.is_dir() else 0
        return ArianeError(
            f"{path}: the disk is full or the file reaches a limit ({problem.strerror}; "
            f"{amount(free)} free, {amount(_size(path))} had come). Make room and run the same "
            "command again; it resumes."
        )
    return ArianeError(
        f"{path}: cannot be written ({problem.strerror}). Check the rights of the folder."
    )


def _attempt(
    line: requests.Session,
    address: str,
    part: Path,
    patience: Patience,
    name: str,
    inspect: Callable[[Answer], None],
) -> Arrival:
    state = _read_state(part)
    if state is None or state.address != address or not state.validator:
        forget(part)
        state = None
    elif state.arrival and state.arrival.size == _size(part):
        return state.arrival  # stopped between the last byte and the final name
    start = _size(part) if state else 0
    validator = state.validator if state else ""
    try:
        with ask(line, address, patience, start, validator=validator) as answer:
            if start and answer.start == 0:
                log.info("%s: begins anew, the server does not resume what came before.", name)
                part.unlink(missing_ok=True)
            elif start and state and answer.total != state.total:
                raise Passing("the file changed between two attempts", restart=True)
            _refuse_page(answer, part.name, address)
            inspect(answer)
            _write_state(part, _State(address, answer.validator, answer.total))
            _pour(answer, part, patience, name)
            arrival = Arrival(
                address,
                answer.address,
                _size(part),
                answer.etag,
                answer.last_modified,
                answer.headers,
            )
            if answer.total is not None and arrival.size != answer.total:
                raise Passing(
                    f"{arrival.size} bytes came of a file of {answer.total}", restart=True
                )
            _write_state(part, _State(address, answer.validator, arrival.size, arrival))
            return arrival
    except Passing as problem:
        if problem.restart:
            forget(part)
        raise


def _pour(answer: Answer, part: Path, patience: Patience, name: str) -> None:
    began, told, came = time.monotonic(), time.monotonic(), 0
    with part.open("ab" if answer.start else "wb") as handle:
        for piece in answer.read():
            handle.write(piece)
            came += len(piece)
            now = time.monotonic()
            if now - told >= patience.report_seconds:
                told = now
                log.info("%s", progress(name, answer.start + came, answer.total, came, now - began))


def progress(name: str, size: int, total: int | None, came: int, seconds: float) -> str:
    """A line of progress: how much of how much, how fast, how long still.

    Args:
        name: what comes.
        size: bytes that are there.
        total: bytes wanted, None when unknown.
        came: bytes of this attempt.
        seconds: duration of this attempt.
    """
    speed = came / seconds if seconds > 0 else 0.0
    if not total:
        return f"{name}: {amount(size)}, {amount(speed)}/s"
    left = f", {(total - size) / speed:.0f} s left" if speed else ""
    share = 100 * size // total
    return f"{name}: {amount(size)} of {amount(total)} ({share} %), {amount(speed)}/s{left}"


def _refuse_page(answer: Answer, name: str, address: str) -> None:
    kind = answer.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml") and ".htm" not in name:
        raise ArianeError(
            f"{address}: a web page came instead of {name.removesuffix('.part')}. A proxy's login "
            "page, or the publisher moved the file: open the address in a browser."
        )


def _mark(part: Path) -> Path:
    return part.with_name(part.name + MARK)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _write_state(part: Path, state: _State) -> None:
    write_text(_mark(part), json.dumps(asdict(state), sort_keys=True))


def _read_state(part: Path) -> _State | None:
    try:
        raw = json.loads(_mark(part).read_text(encoding="utf-8"))
        arrival = raw.pop("arrival")
        return _State(**raw, arrival=Arrival(**arrival) if arrival else None)
    except (OSError, ValueError, TypeError, KeyError):
        return None
