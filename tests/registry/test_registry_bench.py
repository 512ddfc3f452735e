"""The benchmark runs and tells the truth, on small registries."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
import bench_registry  # noqa: E402
import system_calls  # noqa: E402
from registry_large import KINDS, measure  # noqa: E402

UNABLE = system_calls.unable()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_large_registry_is_measured_and_compared(kind: str, tmp_path: Path) -> None:
    few, everything = measure(kind, 300, tmp_path)
    assert (few.written, everything.written) == (3, 300)
    assert few.only_cells_meant
    assert everything.only_cells_meant
    receipt = json.loads((tmp_path / "receipt.json").read_text(encoding="utf-8"))
    assert len(receipt["written"]) == 300
    assert receipt["conflicts"] == []
    assert few.megabytes > 10
    assert few.cpu > 0
    assert "only the cells meant changed" in few.line


@pytest.mark.skipif(bool(UNABLE), reason=UNABLE)
def test_histories_are_run_and_counted(tmp_path: Path) -> None:
    figures = tmp_path / "f.json"
    arguments = ["--histories", "12", "--kinds", "csv", "--no-large", "--json", str(figures)]
    assert bench_registry.main(arguments) == 0
    told = json.loads(figures.read_text(encoding="utf-8"))
    assert told["histories"]["csv"]["histories"] == 12
    assert sum(told["histories"]["csv"]["struck"].values()) > 0
    assert told["large"] == []


def test_a_promise_that_is_broken_fails_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_registry, "LARGE", {"csv": 200})
    arguments = ["--histories", "0", "--kinds", "csv"]
    assert bench_registry.main(arguments) == 0
    monkeypatch.setattr(bench_registry, "MEGABYTES", 1)
    assert bench_registry.main(arguments) == 1
