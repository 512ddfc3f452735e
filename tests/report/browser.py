"""A real Chromium for the tests of pages: Debian's, driven by Playwright, with no network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
LAPTOP = {"width": 1366, "height": 768}


def chromium() -> str:
    """The browser's path; the test is skipped, by name, where there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    pytest.importorskip("playwright", reason="Playwright is not installed (pip install playwright)")
    return found


@contextmanager
def started() -> Iterator[Browser]:
    """The browser, running."""
    path = chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        # Chromium refuses to run as root with a sandbox.
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = play.chromium.launch(executable_path=path, args=options)
        try:
            yield browser
        finally:
            browser.close()


class Opened:
    """A page in the browser, with everything that it said or asked for."""

    def __init__(self, browser: Browser, path: Path, size: dict[str, int] | None = None) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        self.context = browser.new_context(viewport=size or LAPTOP, accept_downloads=True)
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", self._dialog)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())

    def _dialog(self, dialog: Any) -> None:
        self.said.append(f"dialog {dialog.type}: {dialog.message}")
        dialog.dismiss()

    @property
    def elsewhere(self) -> list[str]:
        """Requests beyond the page itself and what it made."""
        return [url for url in self.asked[1:] if not url.startswith("blob:")]

    def saved(self, button: str, folder: Path) -> Path:
        """What a button saves."""
        with self.page.expect_download() as waiting:
            self.page.click(button)
        target = folder / waiting.value.suggested_filename
        waiting.value.save_as(target)
        return target
