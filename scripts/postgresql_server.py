"""A PostgreSQL server of its own for tests and benchmarks: on a socket in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

PLACES: Final = "/usr/lib/postgresql"
"""Where Debian's packages put each version's programs, which are not in the path."""


def unable() -> str:
    """Why no server can be started here; empty when it can."""
    if _programs() is None:
        return "PostgreSQL is not installed (Debian: apt-get install postgresql)"
    if os.getuid() == 0 and not _account():
        return "PostgreSQL does not run as root, and there is no account 'postgres' or 'nobody'"
    return ""


@contextmanager
def running() -> Iterator[str]:
    """Start a server; yield the URL of an empty database; stop it."""
    programs = _programs()
    if programs is None:
        raise FileNotFoundError(unable())
    account: dict[str, Any] = {}
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        if os.getuid() == 0:  # the server refuses to run as root
            entry = pwd.getpwnam(_account())
            account = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        data = folder / "data"

        def call(program: str, *arguments: str) -> None:
            command = [str(programs / program), *arguments]
            subprocess.run(
                command, check=True, cwd=folder, stdout=subprocess.DEVNULL, timeout=120, **account
            )

        call("initdb", "--pgdata", str(data), "--username=ariane", "--auth=trust",
             "--encoding=UTF8", "--no-locale", "--no-sync")  # fmt: skip
        # No machine fails here: only clients do.
        options = f"-c fsync=off -c listen_addresses='' -c unix_socket_directories='{folder}'"
        log = str(folder / "log")
        call("pg_ctl", "--pgdata", str(data), "--wait", "-o", options, "--log", log, "start")
        try:
            yield f"postgresql://ariane@/postgres?host={folder}"
        finally:
            call("pg_ctl", "--pgdata", str(data), "--wait", "--mode=immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path | None:
    found = shutil.which("pg_ctl")
    beside = Path(found).resolve().parent if found else None
    if beside is not None and (beside / "initdb").exists():
        return beside
    folders = sorted(Path(PLACES).glob("*/bin/pg_ctl"), key=lambda p: _version(p.parts[-3]))
    return folders[-1].parent if folders else None


def _version(name: str) -> float:
    return float(name) if name.replace(".", "", 1).isdigit() else 0.0


def _account() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), "")
