"""One request to an address, and every way in which its answer can be less than it says.

``requests`` is used for what it keeps well: proxies and certificates of a hospital's network,
redirects, connections. It does not resume, and no kept library that was looked at does all of
resuming with If-Range, a stall time-out and a length check (pooch and fsspec start a file anew), so
that part is here and in :mod:`ariane.knowledge.fetch.download`.
"""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import requests
import urllib3

from ariane.knowledge.fetch.patience import Patience, amount
from ariane.model.errors import ArianeError

AGENT: Final = "Ariane-fetch/1"
NO_NETWORK: Final = (
    "A compute node often has no internet: fetch on a transfer node, or install an offline bundle"
)
_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


class Passing(Exception):
    """A fault that may pass: the download is tried again.

    Args:
        what: what happened, in words that complete "ADDRESS: ...".
        wait: seconds that the server asks to wait.
        restart: whether what came so far is worthless.
    """

    def __init__(self, what: str, wait: float = 0.0, restart: bool = False) -> None:
        super().__init__(what)
        self.wait = wait
        self.restart = restart


@dataclass
class Answer:
    """What a server answered, its body still to be read."""

    address: str
    """After redirects."""
    start: int
    """Offset of the body's first byte in the whole file."""
    length: int | None
    """Bytes that the body will have, where the server says it."""
    total: int | None
    """Bytes of the whole file, where the server says it."""
    etag: str = ""
    last_modified: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    read: Callable[[], Iterator[bytes]] = field(default=lambda: iter(()))
    """The body in pieces; raises :class:`Passing` when it stalls or stops early."""

    @property
    def validator(self) -> str:
        """What tells this version of the file from another: a strong ETag, else Last-Modified."""
        strong = self.etag if self.etag and not self.etag.startswith("W/") else ""
        return strong or self.last_modified


def session(patience: Patience) -> requests.Session:
    """A session that asks for bytes as they are, and follows few redirects."""
    made = requests.Session()
    made.headers.update({"User-Agent": AGENT, "Accept-Encoding": "identity"})
    made.max_redirects = patience.redirects
    return made


@contextmanager
def ask(
    line: requests.Session,
    address: str,
    patience: Patience,
    start: int = 0,
    end: int | None = None,
    validator: str = "",
) -> Iterator[Answer]:
    """Ask for a file, or for its bytes from ``start`` up to but not including ``end``.

    Args:
        line: see :func:`session`.
        address: ``https:``, ``http:`` or ``file:``.
        patience: time-outs.
        start: first byte wanted.
        end: byte after the last wanted; None for the rest.
        validator: ETag or Last-Modified of what came before; another version is then sent whole.

    Raises:
        Passing: a fault that may pass.
        ArianeError: a fault that will not.
    """
    scheme = urlsplit(address).scheme
    if scheme == "file":
        with _ask_disk(address, patience, start, end, validator) as answer:
            yield answer
        return
    if scheme not in ("http", "https"):
        raise ArianeError(
            f"{address}: {scheme or 'no'} scheme is not read. Give an https, http or file address; "
            "the publishers that offered ftp give the same files over https."
        )
    headers = {}
    if start or end is not None:
        headers["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
        if validator:
            headers["If-Range"] = validator
    try:
        response = line.get(
            address,
            headers=headers,
            stream=True,
            timeout=(patience.connect_seconds, patience.stall_seconds),
        )
    except requests.RequestException as problem:
        raise _of_request(address, problem, patience) from None
    with response:
        _check_status(address, response, patience)
        yield _answer(address, response, patience, start if headers else 0)


def _answer(address: str, response: requests.Response, patience: Patience, start: int) -> Answer:
    final = str(response.url)
    if urlsplit(address).scheme == "https" and urlsplit(final).scheme != "https":
        raise ArianeError(
            f"{address}: it is redirected to {final}, which is not encrypted. Name that address "
            "in the manifest if it is meant."
        )
    packed = response.headers.get("Content-Encoding", "identity")
    if packed not in ("", "identity"):
        raise ArianeError(
            f"{address}: the server packs what it sends ({packed}) though asked not to, so that "
            "length and checksum cannot be compared. Name another address in the manifest."
        )
    length = _whole_number(response.headers.get("Content-Length"))
    total = length
    if response.status_code == 206:
        found = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if not found or int(found[1]) != start:
            raise Passing("the server answers another part of the file than asked", restart=True)
        total = None if found[3] == "*" else int(found[3])
        length = int(found[2]) - start + 1
    else:
        start = 0
    return Answer(
        address=final,
        start=start,
        length=length,
        total=total,
        etag=response.headers.get("ETag", ""),
        last_modified=response.headers.get("Last-Modified", ""),
        headers={name.lower(): value for name, value in response.headers.items()},
        read=lambda: _body(response, length, patience),
    )


def _body(response: requests.Response, length: int | None, patience: Patience) -> Iterator[bytes]:
    came = 0
    window, in_window = time.monotonic(), 0
    while True:
        try:
            piece = response.raw.read1(patience.chunk_bytes, decode_content=False)
        except (urllib3.exceptions.TimeoutError, TimeoutError):
            raise Passing(_stalled(came, length, patience)) from None
        except (urllib3.exceptions.HTTPError, OSError) as problem:
            if isinstance(problem, OSError) and "timed out" in str(problem):
                raise Passing(_stalled(came, length, patience)) from None
            raise Passing(_stopped(came, length)) from None
        if not piece:
            break
        came += len(piece)
        in_window += len(piece)
        yield piece
        now = time.monotonic()
        if now - window >= patience.slow_seconds:
            if in_window < patience.slow_bytes:
                raise Passing(
                    f"the line gave {amount(in_window)} in {now - window:.0f} seconds: it stalls"
                )
            window, in_window = now, 0
    if length is not None and came != length:
        raise Passing(_stopped(came, length))


def _stalled(came: int, length: int | None, patience: Patience) -> str:
    return f"nothing came for {patience.stall_seconds:g} seconds, after {amount(came)}{_of(length)}"


def _stopped(came: int, length: int | None) -> str:
    return f"the body stopped after {came} bytes{'' if length is None else f' of {length}'}"


def _of(length: int | None) -> str:
    return "" if length is None else f" of {amount(length)}"


def _check_status(address: str, response: requests.Response, patience: Patience) -> None:
    code = response.status_code
    if code in (200, 206):
        return
    if code == 416:
        raise Passing("the server has no such part of the file (416)", restart=True)
    if code in (408, 425, 429, 500, 502, 503, 504):
        wait = _retry_after(response.headers.get("Retry-After", ""))
        if wait > patience.longest_retry_after_seconds:
            raise ArianeError(
                f"{address}: the server asks to come back in {wait:.0f} seconds ({code}). "
                "Run the same command then; what came is kept."
            )
        raise Passing(f"the server says {code} ({response.reason})", wait=wait)
    if code in (401, 403, 407, 451):
        raise ArianeError(
            f"{address}: the server refuses ({code} {response.reason}). The network's proxy may "
            "block it, or the file asks for an agreement: open the address in a browser."
        )
    if code in (404, 410):
        raise ArianeError(
            f"{address}: nothing lies there ({code} {response.reason}). The publisher may have "
            "moved it: look for its present address, and give it in the manifest, or another "
            "version with --version."
        )
    raise ArianeError(
        f"{address}: the server answers {code} ({response.reason}), which ends the download. "
        "Check the address in the manifest."
    )


def _of_request(
    address: str, problem: requests.RequestException, patience: Patience
) -> Passing | ArianeError:
    if isinstance(problem, requests.TooManyRedirects):
        return ArianeError(
            f"{address}: more than {patience.redirects} redirects, perhaps in a circle. Check the "
            "address in the manifest."
        )
    if isinstance(problem, requests.exceptions.SSLError):
        return ArianeError(
            f"{address}: the server's certificate is not accepted. If your network has its own "
            "authority, name its file in REQUESTS_CA_BUNDLE."
        )
    if isinstance(problem, requests.ReadTimeout):
        return Passing(f"no answer came within {patience.stall_seconds:g} seconds")
    if isinstance(problem, requests.ConnectTimeout):
        return Passing(f"no connection within {patience.connect_seconds:g} seconds")
    if isinstance(problem, requests.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return Passing("no connection to the server")
    return ArianeError(f"{address}: not an address that can be asked. Check the manifest.")


def _retry_after(text: str) -> float:
    """Seconds of a Retry-After header, which gives seconds or a date (RFC 9110, 10.2.3)."""
    if text.strip().isdecimal():
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError):
        return 0.0


def _whole_number(text: str | None) -> int | None:
    return int(text) if text and text.strip().isdecimal() else None


@contextmanager
def _ask_disk(
    address: str, patience: Patience, start: int, end: int | None, validator: str
) -> Iterator[Answer]:
    path = Path(unquote(urlsplit(address).path))
    try:
        handle = path.open("rb")
    except OSError as problem:
        raise ArianeError(f"{address}: {problem.strerror}. Check the address.") from None
    with handle:
        state = path.stat()
        total = state.st_size
        # Nanoseconds and size tell a changed file from the one that was begun.
        mark = f'"{state.st_mtime_ns}-{total}"'
        if validator not in ("", mark):
            start, end = 0, None
        stop = total if end is None else min(end, total)

        def read() -> Iterator[bytes]:
            handle.seek(start)
            left = stop - start
            while left > 0:
                piece = handle.read(min(patience.chunk_bytes, left))
                if not piece:
                    raise Passing(_stopped(stop - start - left, stop - start))
                left -= len(piece)
                yield piece

        yield Answer(address, start, max(0, stop - start), total, etag=mark, read=read)
