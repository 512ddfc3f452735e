"""Erase a case from a run: its results, rows of every cycle, lines of the inputs, its exports."""

from __future__ import annotations

import argparse
import logging
import secrets
from hashlib import sha256
from pathlib import Path

from ariane.cli import run
from ariane.files import write_text
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError
from ariane.reanalyse.erasure import Erased, erase
from ariane.registry.state import StateFolder, forget_case
from ariane.registry.written_exports import erase_exports

log = logging.getLogger(__name__)


def main(argv: list[str]) -> None:
    """Erase, record that it was done, tell what people must still do."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", required=True, help="identifier of the case")
    parser.add_argument("--by", required=True, help="identifier of the person who answers for it")
    parser.add_argument("--date", required=True, help="date of the request, such as 2026-02-28")
    parser.add_argument("--directory", type=Path, default=Path(), help="working folder of the run")
    parser.add_argument(
        "--exports",
        type=Path,
        nargs="*",
        default=[],
        metavar="FOLDER",
        help="folders of exports from before Ariane kept where they lie (each holds export.json)",
    )
    args = parser.parse_args(argv)
    home: Path = args.directory
    state = home / "state"
    if not (state / "cycles").is_dir():
        raise ArianeError(f"{state / 'cycles'}: there is no run here. Check --directory.")
    exports = erase_exports(state, home, args.case, args.exports)
    done = erase(home, args.case)
    done.deleted += exports.deleted
    done.rewritten += exports.rewritten
    backups: list[str] = []
    for folder in sorted((state / "registry").glob("*")):
        if folder.is_dir():
            backups += forget_case(StateFolder(folder), args.case, as_of=args.date, actor=args.by)
    _record(state, args.case, args.by, args.date, done)
    log.info("Deleted %d files and folders, rewrote %d.", len(done.deleted), len(done.rewritten))
    if exports.deleted:
        log.info(
            "Of these %d were documents of exports: write those exports again, and tell whoever "
            "received one.",
            len(exports.deleted),
        )
    log.info(
        "Now take the case out of the sheet, the decisions and the registry, and delete its VCF: "
        "these are yours, as are patches, receipts and draft requests that you wrote elsewhere. "
        "Earlier releases of an in-house table still count its alleles."
    )
    left = [*map(str, done.left), *backups, *map(str, exports.left)]
    if left:
        raise ArianeError("These still name the case. Look at each: " + "; ".join(left))


def _record(state: Path, case: str, by: str, date: str, done: Erased) -> None:
    """One line that tells of the erasure without the pseudonym.

    The digest is salted, so that whoever holds the pseudonym can show that it was this one, and
    nobody reads it from the line.
    """
    path = state / "erasures.jsonl"
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    salt = secrets.token_hex(16)
    line = {
        "by": by,
        "date": date,
        "salt": salt,
        "sha256": sha256(f"{salt}{case}".encode()).hexdigest(),
        "deleted": len(done.deleted),
        "rewritten": len(done.rewritten),
    }
    write_text(path, before + to_json(line) + "\n")
    path.chmod(0o600)


if __name__ == "__main__":
    run(main)
