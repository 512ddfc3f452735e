"""Each folder is one shape of registry: input.csv, mapping.yaml, patch.json, what must come out.

Where there is a ``before.csv``, ``first.json`` is applied to it, and ``input.csv`` is what people
then saved.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ariane.registry.apply import WriteBack
from ariane.registry.mapping import read_mapping
from ariane.registry.patch import read_patch
from ariane.registry.place import FilePlace
from ariane.registry.state import StateFolder

FOLDERS = sorted(p for p in (Path(__file__).parent / "folders").iterdir() if p.is_dir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.name)
def test_shape(folder: Path, tmp_path: Path) -> None:
    registry = tmp_path / "registre.csv"
    mapping = read_mapping(folder / "mapping.yaml")

    def apply(patch: str) -> dict[str, object]:
        state = StateFolder(tmp_path / "state")
        place = FilePlace(registry, mapping)
        return WriteBack(
            place, mapping, read_patch(folder / patch), state, "2024-03-06", "RCP-1"
        ).run()

    if (folder / "before.csv").exists():
        registry.write_bytes((folder / "before.csv").read_bytes())
        apply("first.json")
    registry.write_bytes((folder / "input.csv").read_bytes())
    receipt = apply("patch.json")
    assert registry.read_bytes() == (folder / "expected.csv").read_bytes()
    del receipt["journal"]  # its hashes cover encrypted values, new in every run
    assert receipt == json.loads((folder / "expected_receipt.json").read_text(encoding="utf-8"))
    before = registry.read_bytes()
    assert apply("patch.json")["written"] == []
    assert registry.read_bytes() == before
