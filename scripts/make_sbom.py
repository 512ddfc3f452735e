"""Write the software bill of materials: every locked package with its checksums, as CycloneDX JSON.

The document is made from ``requirements.lock`` alone, so that it needs no network and the same lock
gives the same bytes. The library that makes it validates it against CycloneDX's own schema.
"""

from __future__ import annotations

import argparse
import logging
import subprocess
import sys
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from ariane import cli
from ariane.files import REPOSITORY, replacing
from ariane.model.errors import ArianeError

VERSION = SchemaVersion.V1_6

log = logging.getLogger(__name__)


def main(argv: list[str]) -> None:
    """Make the document, validate it, write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lock", type=Path, default=REPOSITORY / "requirements.lock")
    parser.add_argument("--out", type=Path, default=Path("results/sbom.cdx.json"))
    args = parser.parse_args(argv)
    with replacing(args.out) as temporary:
        make(args.lock, temporary)
        validate(temporary.read_text(encoding="utf-8"), str(args.out))
    log.info("Bill of materials: %s", args.out)


def make(lock: Path, out: Path) -> None:
    """Write the bill of a lock.

    Raises:
        ArianeError: the lock cannot be read.
    """
    command = [
        sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "requirements", str(lock),
        "--pyproject", str(REPOSITORY / "pyproject.toml"), "--output-reproducible",
        "--spec-version", VERSION.to_version(), "--output-format", "JSON",
        "--output-file", str(out),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ArianeError(f"{lock}: no bill can be made ({done.stderr.strip()[-200:]}). Check it.")


def validate(content: str, where: str) -> None:
    """See that a document follows CycloneDX's schema.

    Raises:
        ArianeError: it does not.
    """
    fault = JsonStrictValidator(VERSION).validate_str(content)
    if fault is not None:
        raise ArianeError(f"{where}: not CycloneDX {VERSION.to_version()}: {fault}. Report this.")


if __name__ == "__main__":
    cli.run(main)
