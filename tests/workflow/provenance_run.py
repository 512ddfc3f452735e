"""What tests of manifests, crates and audits share: folders of the demo's run, and its marks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from demo_run import DEMO, FIRST, NEXT, Run

from ariane.audit.folders import Folders
from ariane.audit.reading import Reader
from ariane.intake.config import Registry

REGISTRIES = {"impasse": Registry("registry.csv", DEMO / "registry_mapping.yaml")}
PARTNER = "chr1-7320-T-C"
"""Asserted pathogenic in demo-B only: the second allele of DEMO-06."""
DOWNGRADED = "chr14-7150-C-T"
"""The solved diagnosis of DEMO-10, lowered in demo-B."""


def folders_of(run: Run) -> Folders:
    return Folders(run.folder, DEMO / "releases")


def copied(demo: Run, to: Path) -> Folders:
    """A copy of the run that may be damaged."""
    for name in ("results", "state"):
        shutil.copytree(demo.folder / name, to / name, symlinks=True)
    for name in ("registry.csv", f"{FIRST}.yaml", f"{NEXT}.yaml"):
        shutil.copy(demo.folder / name, to / name)
    return Folders(to, DEMO / "releases")


def told(reader: Reader) -> Iterator[dict[str, Any]]:
    """Every finding of a cycle that may be told of."""
    for case in sorted(reader.cases):
        genes = {row["gene"] for row in reader.standing(case) if row["gene"]}
        yield from reader.told(case, genes)
