"""A real HTTP server on the loopback that does wrong what it is told to do wrong."""

from __future__ import annotations

import hashlib
import http.server
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

Fault = Callable[["Handler", "Page"], bool]
"""Answers a request wrongly; returns whether the answer is finished."""


@dataclass
class Page:
    """What lies at a path."""

    body: bytes
    faults: list[Fault] = field(default_factory=list)
    """One for each request, the first first; after them all goes well."""
    always: Fault | None = None
    ranges: bool = True
    etag: bool = True
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """Range header of each request, empty where there was none."""

    @property
    def tag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:12]}"'


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pages: dict[str, Page]

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        page = self.pages.get(self.path)
        if page is None:
            self.say(404, b"")
            return
        page.asked.append(self.headers.get("Range", ""))
        fault = page.faults.pop(0) if page.faults else page.always
        try:
            if fault is None or not fault(self, page):
                self.send(page)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def say(self, code: int, body: bytes, **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def part(self, page: Page) -> tuple[int, int, bool]:
        """Start, end and whether a part is answered."""
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        size = len(page.body)
        same = self.headers.get("If-Range", page.tag) == page.tag
        if not (found and page.ranges and same):
            return 0, size, False
        return int(found[1]), min(int(found[2]) + 1 if found[2] else size, size), True

    def head(self, page: Page, length: int | None = None) -> bytes:
        """Send the head of an answer; returns the body that belongs to it."""
        start, end, part = self.part(page)
        body = page.body[start:end]
        if part and start >= len(page.body):
            self.say(416, b"", Content_Range=f"bytes */{len(page.body)}")
            return b""
        self.send_response(206 if part else 200)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        if part:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(page.body)}")
        if page.etag:
            self.send_header("ETag", page.tag)
        self.send_header("Last-Modified", formatdate(1700000000, usegmt=True))
        for name, value in page.headers.items():
            self.send_header(name, value)
        self.end_headers()
        return body

    def send(self, page: Page) -> None:
        self.wfile.write(self.head(page))

    def hang_up(self) -> None:
        self.wfile.flush()
        self.close_connection = True


def cut(after: int) -> Fault:
    """Close the line after some bytes of the body."""

    def fault(handler: Handler, page: Page) -> bool:
        handler.wfile.write(handler.head(page)[:after])
        handler.hang_up()
        return True

    return fault


def stall(after: int, seconds: float) -> Fault:
    """Fall silent after some bytes."""

    def fault(handler: Handler, page: Page) -> bool:
        handler.wfile.write(handler.head(page)[:after])
        handler.wfile.flush()
        time.sleep(seconds)
        handler.close_connection = True
        return True

    return fault


def drip(pause: float) -> Fault:
    """Send a byte now and then, so that no single read ever times out."""

    def fault(handler: Handler, page: Page) -> bool:
        for byte in handler.head(page):
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(pause)
        return True

    return fault


def claim(difference: int) -> Fault:
    """Say a length that is wrong, send the whole body, close the line."""

    def fault(handler: Handler, page: Page) -> bool:
        start, end, _ = handler.part(page)
        handler.wfile.write(handler.head(page, max(0, end - start + difference)))
        handler.hang_up()
        return True

    return fault


def status(code: int, body: bytes = b"", **headers: str) -> Fault:
    def fault(handler: Handler, page: Page) -> bool:
        handler.say(code, body, **headers)
        return True

    return fault


def instead(body: bytes, **headers: str) -> Fault:
    """Another body under 200."""
    return status(200, body, **headers)


def change(body: bytes) -> Fault:
    """The publisher renews the file before this request is answered."""

    def fault(handler: Handler, page: Page) -> bool:
        page.body = body
        return False

    return fault


@dataclass
class Server:
    pages: dict[str, Page]
    port: int

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def put(self, path: str, body: bytes, **fields: Any) -> Page:
        self.pages[path] = Page(body, **fields)
        return self.pages[path]


@contextmanager
def serving() -> Iterator[Server]:
    pages: dict[str, Page] = {}
    handler = type("OwnHandler", (Handler,), {"pages": pages})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        running.daemon_threads = True
        thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield Server(pages, running.server_port)
        finally:
            running.shutdown()
