"""One run of the workflow at a time: what an earlier one left behind neither stands nor lies about.

When Snakemake is killed, jobs of its may go on, on this machine or on a node, and put their files
in place long after another run, perhaps of another configuration, has made its own. So each run
writes a mark of its own into the working folder when it starts, its jobs inherit the mark by their
environment, and a program puts a file in place only while the mark is still that of its run.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ariane.model.errors import ArianeError

VARIABLE: Final = "ARIANE_RUN"
"""The mark of a run, in the environment of its jobs. A program started by hand has none."""
MARK: Final = Path(".snakemake") / "ariane" / "run"
"""The mark of the run that started last, below the working folder."""
FORGOTTEN: Final = 7 * 24 * 3600
"""Seconds after which a temporary file of another machine is nobody's any more."""

_LOG: Final = re.compile(r"results/logs/[\w./-]+\.log")
_LAST: Final = 20
"""Lines of a log that are told."""

_TEMPORARY: Final = re.compile(r"\..+\.(?P<host>[^/]+)-(?P<pid>\d+)-[0-9a-z_]{8}(\.[^/]+)?")


def new_mark() -> str:
    """Draw the mark of a run, and hand it to all jobs that this process starts."""
    os.environ[VARIABLE] = secrets.token_hex(8)
    return os.environ[VARIABLE]


def begin(mark: str, *folders: Path) -> None:
    """From here on the run of this mark is the only one whose files are kept.

    Args:
        mark: from :func:`new_mark`.
        folders: where temporary files of dead programs are removed.
    """
    MARK.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = MARK.with_name(temporary_name(MARK.name))
    beside.write_text(mark, encoding="utf-8")
    beside.replace(MARK)
    for folder in folders:
        for path in left_behind(folder):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def followed() -> None:
    """See that no other run has started in this folder since the one that this program serves.

    Raises:
        ArianeError: one has.
    """
    own = os.environ.get(VARIABLE)
    if not own:
        return
    try:
        last = MARK.read_text(encoding="utf-8")
    except FileNotFoundError:
        return
    if last != own:
        raise ArianeError(
            "Another run of the workflow has started in this folder after the one that started "
            "this program. Nothing was written: that run makes the file itself. Nothing to do."
        )


def failures(log: Path, folder: Path = Path()) -> Iterator[str]:
    """What the programs that failed in a run said at their end: the message that people need.

    Snakemake shows it of itself only where it tells every job's details, too.

    Args:
        log: Snakemake's own log; it names the command of each job that failed.
        folder: the working folder.
    """
    text = log.read_text(encoding="utf-8", errors="replace")
    commands = re.findall(r"^Command '.*?' returned non-zero exit status", text, re.M | re.S)
    named = [_LOG.findall(command)[-1:] for command in commands]
    for path in dict.fromkeys(one for found in named for one in found):
        if (folder / path).is_file():
            lines = (folder / path).read_text(encoding="utf-8", errors="replace").splitlines()
            yield "\n".join([f"{path} says:", *(f"    {line}" for line in lines[-_LAST:])])


def temporary_name(stem: str, suffix: str = "") -> str:
    """A hidden name that no other program takes: host, process and chance are in it."""
    mark = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    return f".{stem}.{mark}{suffix}"


def left_behind(folder: Path) -> Iterator[Path]:
    """Temporary files and folders whose programs are dead, anywhere below a folder.

    What a program on another machine holds cannot be told from what it left, before it is old.
    """
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    for entry in entries:
        found = _TEMPORARY.fullmatch(entry.name)
        if found and _is_dead(found["host"], int(found["pid"]), entry):
            yield Path(entry.path)
        elif entry.is_dir(follow_symlinks=False):
            yield from left_behind(Path(entry.path))


def _is_dead(host: str, pid: int, entry: os.DirEntry[str]) -> bool:
    if host != socket.gethostname():
        try:
            return time.time() - entry.stat(follow_symlinks=False).st_mtime > FORGOTTEN
        except FileNotFoundError:
            return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:  # another user's, alive
        return False
    return False


def quiet_about_disks() -> None:
    """Let Snakemake's own log fail in silence where the disk refuses it.

    What cannot be logged then is a job's fault, which is told on the terminal; Python would print a
    traceback of its own for each line. Any other fault of a log handler is told as before.
    """
    usual = logging.Handler.handleError

    def handle(handler: logging.Handler, record: logging.LogRecord) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            usual(handler, record)

    logging.Handler.handleError = handle  # type: ignore[method-assign,assignment]
