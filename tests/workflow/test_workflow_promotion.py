"""The demo's second release is promoted before its cycle, as a site that requires it does."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from demo_run import DEMO, FIRST, NEXT, REPOSITORY, Run

import new_cycle
import promote_release
from ariane.model.errors import ArianeError, InputFaults

CONTROLS = {"DEMO-01": "HGNC:21316", "DEMO-10": "HGNC:7577"}


@pytest.fixture
def run(demo: Run, tmp_path: Path) -> Run:
    """A copy of the finished demo, for a promotion writes into its state."""
    for name in ("state", "results"):
        shutil.copytree(demo.folder / name, tmp_path / name, symlinks=True)
    for cycle in (FIRST, NEXT):
        shutil.copy(demo.config(cycle), tmp_path / f"{cycle}.yaml")
    return Run(tmp_path)


def promote(run: Run, *more: str) -> None:
    """Promote the second release on the ground of the first cycle."""
    promote_release.main(
        [
            *("--config", str(run.config(NEXT)), "--directory", str(run.folder)),
            *("--release", "demo-B", "--cycle", FIRST, "--by", "Pro-1", "--date", "2025-01-20"),
            *more,
        ]
    )


@pytest.mark.workflow
def test_the_demo_is_promoted_and_its_controls_stand(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    promote(run)
    out = capsys.readouterr().out
    assert "Release demo-B is promoted." in out
    path = run.folder / "state" / "promotions" / "demo-B.json"
    recorded = json.loads(path.read_text(encoding="utf-8"))
    assert recorded["grounds"]["against"] == ["demo-A"]
    assert [c["result"] for c in recorded["grounds"]["controls"]] == ["kept", "kept"]
    told = dict(re.findall(r"^  (DEMO-\d+): kept \((.*)\)$", out, re.MULTILINE))
    assert told.keys() == CONTROLS.keys()
    for case, gene in CONTROLS.items():
        # What the controls were ranked to is what the cycle itself then finds.
        for cycle, word in ((FIRST, "before"), (NEXT, "now")):
            ranks = {
                row["gene_rank"]
                for row in run.rows(cycle, "standing")
                if row["case"] == case and row["gene"] == gene
            }
            assert f"rank {ranks.pop()} {word}" in told[case]
            assert not ranks
    promote(run)
    assert "was promoted before; nothing changed" in capsys.readouterr().out


@pytest.mark.workflow
def test_tables_of_other_limits_refuse_the_demo(run: Run, tmp_path: Path) -> None:
    raw = yaml.safe_load((REPOSITORY / "resources" / "promotion.yaml").read_text("utf-8"))
    own = tmp_path / "own.yaml"
    own.write_text(yaml.safe_dump(raw | {"few": 0}), encoding="utf-8")
    with pytest.raises(ArianeError, match="assertions, removed: 2 of 91 records of demo-A"):
        promote(run, "--limits", str(own))
    assert not (run.folder / "state" / "promotions").exists()


@pytest.mark.workflow
def test_a_cycle_that_requires_it_waits_for_the_promotion(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = yaml.safe_load(run.config(NEXT).read_text(encoding="utf-8"))
    raw |= {"cycle": "2025-02", "require_promotion": True}
    config = run.folder / "2025-02.yaml"
    config.write_text(yaml.safe_dump(raw), encoding="utf-8")
    shutil.copy(DEMO / "registry.csv", run.folder / "registry.csv")
    monkeypatch.chdir(run.folder)
    asked = ["--config", str(config), "--state", "state"]
    with pytest.raises(InputFaults, match=r"Run scripts/promote_release\.py"):
        new_cycle.main(asked)
    promote(run)
    new_cycle.main(asked)
    assert (run.folder / "state" / "cycles" / "2025-02" / "inputs" / "cycle.json").is_file()
