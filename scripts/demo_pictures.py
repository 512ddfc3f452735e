"""Take the pictures of the documentation from the pages of a finished demo run."""

from __future__ import annotations

import argparse
import html
import logging
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ariane import files
from ariane.cli import run
from ariane.model.errors import ArianeError

log = logging.getLogger(__name__)

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
WIDTH: Final = 1366
"""Pixels: a small laptop's screen."""
LARGEST: Final = 250_000
"""Bytes a picture may have: it lies in the repository for ever."""
PATIENCE: Final = 120
"""Seconds that one picture may take."""

_FRAME: Final = """<!doctype html><meta charset="utf-8"><style>
html, body {{ margin: 0; overflow: hidden; background: #f2f5f8 }}
iframe {{ display: block; border: 0; margin-top: {top}px; width: {width}px; height: {height}px }}
</style><iframe src="{source}"></iframe>"""


@dataclass(frozen=True)
class Picture:
    """One picture: the part of a page from a section on."""

    name: str
    page: str
    """Below the cycle's folder."""
    section: str = ""
    """Identifier of the section to begin with; the page's top when empty."""
    height: int = 768
    open: str = ""
    """Identifier of a folded part that is shown open, as after a click."""


PICTURES: Final = (
    Picture("cohort", "cohort.html", height=860),
    Picture("figures", "cohort.html", "indicators", 570),
    Picture("case", "cases/DEMO-06.html"),
    Picture("candidate", "cases/DEMO-05.html", "candidate-1", 860),
    Picture("ledger", "cases/DEMO-06.html", "ledger-1", 900, open="ledger-1"),
    Picture("findings", "cases/DEMO-04.html", "findings", 420),
    Picture("impasse", "cases/DEMO-03.html"),
)


def main(argv: list[str]) -> None:
    """Take each picture with a headless browser."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycle", type=Path, default=Path("results/cycles/2025-01"))
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"))
    args = parser.parse_args(argv)
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise ArianeError("no Chromium was found. Install it (Debian: apt-get install chromium).")
    missing = sorted({one.page for one in PICTURES if not (args.cycle / one.page).is_file()})
    if missing:
        raise ArianeError(f"{args.cycle}: lacks {', '.join(missing)}. Run 'make demo' first.")
    for one in PICTURES:
        target: Path = args.out / f"{one.name}.png"
        _take(browser, one, args.cycle / one.page, target)
        log.info("%s: %d kB.", target, target.stat().st_size // 1000)


def _take(browser: str, picture: Picture, page: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        text = page.read_text(encoding="utf-8")
        if picture.open:
            text = text.replace(f'id="{picture.open}"', f'id="{picture.open}" open', 1)
        (Path(folder) / "page.html").write_text(text, encoding="utf-8")
        top = 16 if picture.section else 0
        source = "page.html" + (f"#{picture.section}" if picture.section else "")
        frame = Path(folder) / "frame.html"
        frame.write_text(
            _FRAME.format(top=top, width=WIDTH, height=picture.height, source=html.escape(source)),
            encoding="utf-8",
        )
        shot = Path(folder) / "shot.png"
        command = [browser, "--headless", "--disable-gpu", "--hide-scrollbars"]
        if os.geteuid() == 0:
            command.append("--no-sandbox")  # Chromium refuses to run as root with one
        command += [f"--user-data-dir={folder}/profile", f"--screenshot={shot}"]
        command += [f"--window-size={WIDTH},{picture.height}", frame.as_uri()]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
        except (OSError, subprocess.SubprocessError) as problem:
            raise ArianeError(f"{page}: the browser took no picture ({problem}).") from None
        if not shot.is_file() or shot.stat().st_size > LARGEST:
            raise ArianeError(f"{target}: no picture, or one above {LARGEST} bytes. Not written.")
        target.parent.mkdir(parents=True, exist_ok=True)
        with files.replacing(target) as temporary:
            shutil.copyfile(shot, temporary)


if __name__ == "__main__":
    run(main)
