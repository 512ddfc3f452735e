"""The environment of a run: interpreter, packages, programs, code. No host, no user, no path."""

from __future__ import annotations

import platform
import re
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, Final

from ariane.files import REPOSITORY, sha256_of
from ariane.model.canonical import digest

LOCK: Final = REPOSITORY / "requirements.lock"
_PIN: Final = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
_CODE: Final = ("Snakefile", "rules/*.smk", "scripts/*.py", "workflow/ariane/**/*.py")


def environment(lock: Path = LOCK) -> dict[str, Any]:
    """What this process runs in.

    Args:
        lock: the pinned packages; a version that is installed and not pinned there is told apart.
    """
    pinned = locked(lock)
    versions = import_module("pysam.version")
    installed = {name: found for name in pinned if (found := _installed(name)) is not None}
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": f"{platform.system()} {platform.machine()}",
        "programs": {
            "pysam": str(versions.__version__),
            "htslib": str(versions.__htslib_version__),
            "bcftools": str(versions.__bcftools_version__),
        },
        "lock_sha256": sha256_of(lock) if lock.is_file() else None,
        "packages": dict(sorted(installed.items())),
        "not_as_locked": {
            name: {"locked": sorted(pinned[name]), "installed": found}
            for name, found in sorted(installed.items())
            if found not in pinned[name]
        },
    }


def locked(lock: Path) -> dict[str, set[str]]:
    """The versions that a lock pins of each package; several where the platform decides."""
    found: dict[str, set[str]] = {}
    text = lock.read_text(encoding="utf-8") if lock.is_file() else ""
    for name, version in _PIN.findall(text):
        found.setdefault(name.lower(), set()).add(version)
    return found


def code(root: Path = REPOSITORY) -> str:
    """Digest of the programs, rules and package: which code was at hand, whatever its version."""
    paths = {path for pattern in _CODE for path in root.glob(pattern) if path.is_file()}
    return digest({path.relative_to(root).as_posix(): sha256_of(path) for path in paths})


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
