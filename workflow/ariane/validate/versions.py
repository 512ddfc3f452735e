"""Versions of everything that a validation rests on."""

from __future__ import annotations

import importlib.metadata
import platform
import re
from pathlib import Path
from typing import Any

from pysam.version import __bcftools_version__, __samtools_version__

from ariane.files import sha256_of
from ariane.knowledge.release import MANIFEST
from ariane.reanalyse.frozen import open_cycle, receipt
from ariane.validate.masked import Request


def versions(request: Request, home: Path) -> dict[str, Any]:
    """Engine, constants, release with its resources, inputs and packages, all as plain values.

    Args:
        request: what the laboratory asked for.
        home: the working folder of the masked run.

    Raises:
        ArianeError: the frozen inputs are damaged, or the release cannot be opened.
    """
    settings, release = request.settings, request.release
    frozen = open_cycle(home / "state", settings.cycle)
    cycle = frozen.cycle
    decisions = settings.decisions
    return {
        "ariane": importlib.metadata.version("ariane"),
        "engine": dict(cycle.engine),
        "constants": cycle.tables,
        "profile": cycle.profile,
        "release": {
            "name": release.name,
            "as_of": cycle.as_of,
            "manifest": sha256_of(release.folder / MANIFEST),
            "left_out": list(request.left_out),
            "resources": [
                {
                    "kind": kind,
                    "version": resource.version,
                    "date": resource.date,
                    "sha256": resource.sha256,
                    "source": resource.source,
                }
                for kind, resource in sorted(release.resources.items())
            ],
            "absent": release.absent,
        },
        "inputs": {
            "families": sha256_of(settings.families),
            "decisions": sha256_of(decisions) if decisions else "",
            "masked": receipt(frozen)["sha256"]["families.tsv"],
        },
        "python": platform.python_version(),
        "packages": _packages(),
    }


def _packages() -> dict[str, str]:
    """Installed versions of what Ariane depends on, and of the programs inside pysam."""
    names = {
        re.split(r"[^\w.-]", text, maxsplit=1)[0]
        for text in importlib.metadata.requires("ariane") or ()
        if "extra ==" not in text
    }
    held = {name: importlib.metadata.version(name) for name in names}
    held["bcftools (in pysam)"] = __bcftools_version__
    held["samtools (in pysam)"] = __samtools_version__
    return dict(sorted(held.items()))
