"""Make one offline bundle: repository, wheels, releases, checksums; it needs no network."""

from __future__ import annotations

import argparse
import logging
import tempfile
from pathlib import Path

from ariane.cli import run
from ariane.files import REPOSITORY
from ariane.knowledge.fetch.bundle import make_bundle, make_wheels
from ariane.knowledge.fetch.patience import amount

log = logging.getLogger(__name__)


def main(argv: list[str]) -> None:
    """Bring the wheels, verify the releases, write the tar file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the bundle, a tar file")
    parser.add_argument("--release", nargs="*", default=[], metavar="NAME", help="to take along")
    parser.add_argument("--releases", type=Path, default=Path("releases"), help="parent folder")
    parser.add_argument("--wheels", type=Path, help="folder of wheels; brought by pip without it")
    parser.add_argument("--repository", type=Path, default=REPOSITORY, help="its HEAD is taken")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="ariane-wheels-") as scratch:
        wheels = args.wheels
        if wheels is None:
            wheels = Path(scratch)
            log.info("Bringing the wheels of requirements.lock (some minutes).")
            make_wheels(args.repository / "requirements.lock", wheels)
        made = make_bundle(args.repository, wheels, args.releases, args.release, args.out)
    held = ", ".join(made.releases) or "none"
    log.info(
        "%s: %s, commit %s, %d wheels, releases: %s. Copy it to the other machine, then:",
        made.path,
        amount(made.size),
        made.commit[:12],
        made.wheels,
        held,
    )
    log.info("tar -xf %s && ariane-%s/install.sh FOLDER", made.path.name, made.commit[:12])


if __name__ == "__main__":
    run(main)
