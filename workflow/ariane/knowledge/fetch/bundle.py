"""One offline bundle: the repository, wheels of every dependency, releases, and their checksums."""

from __future__ import annotations

import hashlib
import io
import logging
import platform
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ariane.files import replacing, sha256_of
from ariane.knowledge.release import MANIFEST, Release
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError

log = logging.getLogger(__name__)

SUMS: Final = "SHA256SUMS"
INSTALLER: Final = "install.sh"
REQUIREMENTS: Final = "requirements.offline.txt"
_WHEEL: Final = re.compile(r"([A-Za-z0-9_.]+)-([^-]+)(?:-\d[^-]*)?-[^-]+-[^-]+-[^-]+\.whl")


@dataclass(frozen=True)
class Made:
    """What a bundle holds."""

    path: Path
    commit: str
    wheels: int
    releases: tuple[str, ...]
    size: int


def make_wheels(lock: Path, folder: Path) -> None:
    """Bring a wheel of each line of a lock, its hash compared; sdists are built here.

    The wheels are those of this machine's Python and platform.

    Raises:
        ArianeError: pip fails; its last lines are told.
    """
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"),
            *("--require-hashes", "--no-deps", "-r", str(lock), "-w", str(folder)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = " ".join(done.stderr.strip().splitlines()[-3:])
        raise ArianeError(
            f"{lock}: the wheels cannot be brought ({last}). Run this where a package index can be "
            "reached, or give a folder of wheels with --wheels."
        )


def make_bundle(
    repository: Path, wheels: Path, releases: Path, names: Iterable[str], out: Path
) -> Made:
    """Write the bundle. The same commit, wheels and releases give the same bytes.

    Args:
        repository: a git repository; its HEAD is taken, never what is not committed.
        wheels: folder of wheels.
        releases: folder of releases.
        names: the releases to take along, each verified first.
        out: the tar file, written at once under its final name.

    Raises:
        ArianeError: no repository, no wheel, two wheels of one package, or a damaged release.
    """
    commit = _git(repository, "rev-parse", "HEAD").decode().strip()
    seconds = int(_git(repository, "show", "-s", "--format=%ct", "HEAD"))
    if changed := _git(repository, "status", "--porcelain", "--untracked-files=no").splitlines():
        log.warning("%d changed files are not committed; the bundle holds HEAD.", len(changed))
    found = sorted(wheels.glob("*.whl"))
    if not found:
        raise ArianeError(f"{wheels}: no wheel lies here. Give a folder of wheels.")
    taken = tuple(sorted(set(names)))
    content: dict[str, bytes | Path] = {
        "repository.tar": _git(repository, "archive", "--format=tar", "HEAD"),
        REQUIREMENTS: _requirements(found).encode(),
        **{f"wheels/{path.name}": path for path in found},
    }
    for name in taken:
        content |= {f"releases/{place}": path for place, path in _release_files(releases / name)}
    about = {"commit": commit, "python": _python(), "machine": _machine(), "releases": list(taken)}
    content["bundle.json"] = (to_json(about) + "\n").encode()
    content[INSTALLER] = _installer(repository).encode()
    content[SUMS] = _sums(content).encode()
    _write(out, f"ariane-{commit[:12]}", content, seconds)
    return Made(out, commit, len(found), taken, out.stat().st_size)


def _release_files(folder: Path) -> Iterator[tuple[str, Path]]:
    release = Release.open(folder)
    log.info("Verifying the checksums of release %s.", release.name)
    release.verify()
    yield f"{release.name}/{MANIFEST}", folder / MANIFEST
    for kind in release.resources:
        for path in release.paths(kind):
            yield f"files/{path.parent.name}/{path.name}", path


def _requirements(wheels: list[Path]) -> str:
    lines: dict[str, str] = {}
    for path in wheels:
        found = _WHEEL.fullmatch(path.name)
        if not found:
            raise ArianeError(f"{path}: not the name of a wheel. Remove it from the folder.")
        name = re.sub(r"[-_.]+", "-", found[1]).lower()
        if name in lines:
            raise ArianeError(f"{path}: the folder holds two wheels of {name}. Keep one.")
        lines[name] = f"{name}=={found[2]} --hash=sha256:{sha256_of(path)}\n"
    return "".join(line for _, line in sorted(lines.items()))


def _installer(repository: Path) -> str:
    script = _git(repository, "show", f"HEAD:scripts/{INSTALLER}").decode()
    return script.replace("@PYTHON@", _python()).replace("@MACHINE@", _machine())


def _python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _machine() -> str:
    return f"{platform.system()} {platform.machine()}"


def _sums(content: Mapping[str, bytes | Path]) -> str:
    lines = []
    for name, held in sorted(content.items()):
        checksum = sha256_of(held) if isinstance(held, Path) else hashlib.sha256(held).hexdigest()
        lines.append(f"{checksum}  {name}\n")
    return "".join(lines)


def _write(out: Path, top: str, content: Mapping[str, bytes | Path], seconds: int) -> None:
    with (
        replacing(out) as temporary,
        tarfile.open(temporary, "w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for name, held in sorted(content.items()):
            entry = tarfile.TarInfo(f"{top}/{name}")
            entry.mtime = seconds
            entry.mode = 0o755 if name == INSTALLER else 0o644
            if isinstance(held, Path):
                entry.size = held.stat().st_size
                with held.open("rb") as handle:
                    tar.addfile(entry, handle)
            else:
                entry.size = len(held)
                tar.addfile(entry, io.BytesIO(held))


def _git(repository: Path, *words: str) -> bytes:
    program = shutil.which("git")
    if program is None:
        raise ArianeError("git: no such program. Install git to make a bundle.")
    done = subprocess.run(
        [program, "-C", str(repository), *words], capture_output=True, check=False
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ArianeError(
            f"{repository}: git {words[0]} fails ({said[-1] if said else 'no words'}). A bundle is "
            "made of a git repository with a commit."
        )
    return done.stdout
