"""Audit the locked dependencies: their pins, what is installed, and known advisories.

Without a network this sees that each package of ``requirements.lock`` is pinned to one version of a
package index with its checksums, and that what is installed here has those versions and its files
are the ones that the wheel brought. Advisories of known vulnerabilities lie elsewhere: pip-audit
asks for them when it is installed and ``--advisories`` is given. That none was looked up is said.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import logging
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ariane import cli
from ariane.files import REPOSITORY
from ariane.model.errors import ArianeError, Fault, InputFaults

_HASH: Final = re.compile(r"--hash=sha256:[0-9a-f]{64}")
_PATIENCE: Final = 900
"""Seconds that pip-audit may take."""

log = logging.getLogger(__name__)


def main(argv: list[str]) -> int:
    """Audit; status 1 when pip-audit knows of a vulnerability."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lock", type=Path, default=REPOSITORY / "requirements.lock")
    parser.add_argument("--advisories", action="store_true", help="ask with pip-audit (network)")
    args = parser.parse_args(argv)
    pins, faults = read_pins(args.lock)
    known = 0
    for pin in pins:
        found = installed(pin)
        known += found is not None
        if found is not None:
            faults += differences(pin, found, str(args.lock))
    if faults:
        raise InputFaults(faults)
    log.info("%d packages pinned with checksums; %d installed here as locked.", len(pins), known)
    if args.advisories:
        return ask(args.lock)
    log.info("No advisories were looked up: they need a network (--advisories, with pip-audit).")
    return 0


def read_pins(lock: Path) -> tuple[list[Requirement], list[Fault]]:
    """The pins of a lock, and the entries that are not one version with checksums."""
    text = lock.read_text(encoding="utf-8")
    pins: list[Requirement] = []
    faults: list[Fault] = []
    entry = ""
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        entry += " " + line.removesuffix("\\")
        if line.endswith("\\"):
            continue
        wanted, entry = entry.partition(" --hash=")[0].strip(), entry.strip()
        checked = bool(_HASH.search(entry))
        entry = ""
        try:
            pin = Requirement(wanted)
        except InvalidRequirement:
            faults.append(Fault(f"{lock}:{number}", "", f"{wanted!r} is no pin", "Run make lock"))
            continue
        exact = [one.operator for one in pin.specifier] == ["=="]
        if pin.url or not exact or not checked:
            what = f"{pin.name} is not one version of the index with checksums"
            faults.append(Fault(f"{lock}:{number}", "", what, "Run make lock"))
        pins.append(pin)
    return pins, faults


def installed(pin: Requirement) -> Distribution | None:
    """The package as it is installed here; None where it is not, or not meant for here."""
    if pin.marker is not None and not pin.marker.evaluate():
        return None
    try:
        return distribution(canonicalize_name(pin.name))
    except PackageNotFoundError:
        return None


def differences(pin: Requirement, found: Distribution, where: str) -> Iterator[Fault]:
    """What is installed otherwise than locked, or was changed after it was installed."""
    if not pin.specifier.contains(found.version, prereleases=True):
        what = f"{pin.name} {found.version} is installed, {pin.specifier} is locked"
        yield Fault(where, "", what, "Delete .venv and run make venv")
    for file in found.files or ():
        if file.hash is None or file.hash.mode != "sha256":
            continue
        path = Path(str(file.locate()))
        if not path.is_file() or _digest(path) != file.hash.value:
            what = f"{pin.name}: {file} is not what the package brought"
            yield Fault(where, "", what, "Delete .venv and run make venv")
            return


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        raw = hashlib.file_digest(handle, "sha256").digest()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def ask(lock: Path) -> int:
    """Ask pip-audit for advisories.

    Raises:
        ArianeError: it is not installed, or finds no network.
    """
    program = shutil.which("pip-audit")
    if program is None:
        raise ArianeError("pip-audit: not installed. Install it beside, with pipx or in a venv.")
    command = [program, "--requirement", str(lock), "--require-hashes", "--disable-pip"]
    try:
        return subprocess.run(command, check=False, timeout=_PATIENCE).returncode
    except subprocess.TimeoutExpired:
        raise ArianeError("pip-audit: no answer. Is there a network?") from None


if __name__ == "__main__":
    cli.run(main)
