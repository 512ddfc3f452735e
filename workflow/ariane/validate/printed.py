"""A page as PDF, printed by a Chromium that is installed; the same page gives the same bytes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from ariane.files import write_bytes

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
_SECONDS: Final = 120
_DATES: Final = re.compile(rb"/(CreationDate|ModDate) \(D:(\d{14})")


def print_page(html: Path, pdf: Path, date: str) -> str:
    """Print a page.

    Args:
        html: the page.
        pdf: the file to write.
        date: ISO date that the file bears instead of the clock's.

    Returns:
        why there is no PDF, in a sentence with what to do; empty when it was written.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    advice = f"Open {html.name} in a browser and print it to PDF."
    if browser is None:
        return f"There is no Chromium here, so no PDF was made. {advice}"
    with tempfile.TemporaryDirectory(prefix="ariane-print-") as scratch:
        made = Path(scratch) / "page.pdf"
        command = [
            *(browser, "--headless", "--disable-gpu", "--no-pdf-header-footer"),
            *(f"--user-data-dir={scratch}/profile", f"--print-to-pdf={made}"),
            # Chromium refuses to run as root with a sandbox.
            *(["--no-sandbox"] if os.geteuid() == 0 else []),
            html.resolve().as_uri(),
        ]
        try:
            done = subprocess.run(command, capture_output=True, check=False, timeout=_SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            return f"{browser} did not print the page within {_SECONDS} seconds. {advice}"
        if done.returncode or not made.is_file():
            return f"{browser} did not print the page. {advice}"
        write_bytes(pdf, dated(made.read_bytes(), date))
    return ""


def dated(content: bytes, date: str) -> bytes:
    """A PDF whose dates are those given; of the same length, so that its table of places holds."""
    digits = date.replace("-", "").encode() + b"000000"
    return _DATES.sub(lambda found: b"/" + found[1] + b" (D:" + digits, content)
