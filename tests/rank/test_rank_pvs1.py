"""PVS1 on cases kept as folders: a candidate, what the release knows, the strength expected.

To add one, copy a folder of ``tests/rank/pvs1`` and edit its three files. ``candidate.yaml`` holds
columns of the candidates' table; ``knowledge.yaml`` the gene's ``haploinsufficiency``, ``loeuf``,
``validity``, ``gencc`` and known ``alleles``; ``expected.yaml`` the strength on the branch, the
branch's name, ``gate: shut`` where PVS1 must not count, the source and why.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from rank_world import PROFILE, candidate, knowledge, known_allele

from ariane.rank.pvs1 import branch_of, pvs1

CASES = sorted(path.parent for path in Path(__file__).parent.glob("pvs1/*/expected.yaml"))


def read(folder: Path, name: str) -> dict[str, Any]:
    return yaml.safe_load((folder / name).read_text(encoding="utf-8")) or {}


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_strength_of_pvs1(folder: Path) -> None:
    given, held, expected = (
        read(folder, f"{name}.yaml") for name in ("candidate", "knowledge", "expected")
    )
    assert expected["source"]
    assert expected["why"]
    alleles = []
    for number, allele in enumerate(held.get("alleles", ())):
        fields = {"klass": allele["class"], "codon": "", "variant": f"1-{number + 500}-C-T"}
        fields |= {k: v for k, v in allele.items() if k not in ("class", "consequence")}
        alleles.append(known_allele(fields.pop("variant"), allele["consequence"], **fields))
    known = knowledge(
        nulls=alleles,
        dosage=str(held.get("haploinsufficiency", "")),
        constraint=held.get("loeuf"),
        validity=held.get("validity", ()),
        gencc=held.get("gencc", ()),
    )
    seen = candidate(**given)
    branch = branch_of(seen, known, PROFILE)
    assert branch is not None
    assert (branch.strength, branch.name) == (expected["strength"], expected["branch"])
    (row,) = pvs1(seen, known, PROFILE)
    counts = expected.get("gate") != "shut" and expected["strength"] != "none"
    assert row.points == (PROFILE.weigh(expected["strength"]) if counts else 0)
    assert bool(row.suppressed) is not counts
