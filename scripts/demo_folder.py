"""The demo in a working folder of its own, outside the repository."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import yaml

from ariane.files import REPOSITORY
from ariane.model.canonical import to_json

DEMO: Final = REPOSITORY / "resources" / "demo"
FIRST, NEXT = "2024-03", "2025-01"
"""Its two cycles."""
REGISTRY: Final = "registry.csv"

_APART: Final = ("results/logs/", "results/timings/", "state/registry/")
_RECEIPT: Final = ".receipt.json"


def lay_out(folder: Path) -> None:
    """Write the configuration of each cycle and the registry; inputs are named where they lie.

    Args:
        folder: an existing one.
    """
    for cycle in (FIRST, NEXT):
        name = "demo.yaml" if cycle == FIRST else "demo_next.yaml"
        config = yaml.safe_load((REPOSITORY / "config" / name).read_text(encoding="utf-8"))
        config |= {
            key: str(REPOSITORY / config[key]) for key in ("releases", "families", "decisions")
        }
        for pin in config["exports"]["nomenclatures"].values():
            pin["pack"] = str(DEMO / "nomenclature.zip")
        config["registries"]["impasse"] = {
            "file": REGISTRY,
            "mapping": str(DEMO / "registry_mapping.yaml"),
        }
        configuration(folder, cycle).write_text(yaml.safe_dump(config), encoding="utf-8")
    shutil.copy(DEMO / "registry.csv", folder / REGISTRY)


def configuration(folder: Path, cycle: str) -> Path:
    """Path of a cycle's configuration."""
    return folder / f"{cycle}.yaml"


def command(folder: Path, cycle: str, *more: str) -> list[str]:
    """The words that run a cycle on two cores."""
    return [
        sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile"),
        "--directory", str(folder), "--cores", "2",
        "--workflow-profile", str(REPOSITORY / "workflow" / "profiles" / "default"),
        "--configfile", str(configuration(folder, cycle)), *more,
    ]  # fmt: skip


def digests(folder: Path) -> dict[str, str]:
    """Checksum of each file of a run by its path, but logs, times, and what is hidden.

    The registry's journal is sealed with keys drawn by chance: it differs between any two runs, and
    so do a receipt, which names its head, and a manifest, which names the receipt's checksum and
    the command. A receipt also tells what an interrupted run had written before. What differs for
    these reasons is left out.
    """
    return {
        name: sha256(_told(folder / name)).hexdigest()
        for top in ("results", "state", REGISTRY)
        for name in _names(folder, folder / top)
    }


def _names(folder: Path, top: Path) -> list[str]:
    paths = [top] if top.is_file() else sorted(top.rglob("*"))
    names = [path.relative_to(folder).as_posix() for path in paths if path.is_file()]
    return [
        name
        for name in names
        if not name.startswith(_APART) and not any(p.startswith(".") for p in name.split("/"))
    ]


def _of_receipt(held: Mapping[str, Any]) -> dict[str, Any]:
    """What a receipt says of the registry after it, whether one run wrote it or two."""
    kept = ("cycle", "patch", "conflicts", "withheld", "unwritable", "absent", "refused")
    changes = [*held["written"], *(c for one in held["written_earlier"] for c in one["changes"])]
    return {
        **{name: held[name] for name in kept},
        "registry": held["registry"]["sha256_after"],
        "written": sorted({to_json([c["case"], c["cells"]]) for c in changes}),
    }


def _told(path: Path) -> bytes:
    content = path.read_bytes()
    if not path.name.endswith((_RECEIPT, "run_manifest.json")):
        return content
    try:
        held = json.loads(content)
        if path.name.endswith(_RECEIPT):
            held = _of_receipt(held)
        else:
            held["command"] = []
            if held["previous"]:
                held["previous"]["run_manifest_sha256"] = ""
            for one in held["files"]:
                if one["file"].endswith(_RECEIPT):
                    one["sha256"], one["bytes"] = "", 0
    except (ValueError, KeyError, TypeError, AttributeError):
        return content  # half of one, or another's: as it is
    return json.dumps(held, sort_keys=True).encode()
