"""The measures of scripts/bench_hgvs.py on real data, with a short round trip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"

import bench_hgvs  # noqa: E402

NEEDED = (
    bench_hgvs.REFERENCE,
    bench_hgvs.REGIONS,
    bench_hgvs.TRANSCRIPTS,
    bench_hgvs.MANE,
    bench_hgvs.CASES,
    bench_hgvs.CLINVAR,
)


@pytest.fixture(scope="module")
def data() -> Path:
    for name in NEEDED:
        if not (DATA / name).is_file():
            pytest.skip(f"absent: {name}")
    return DATA


@pytest.mark.shared_data
def test_published_names(data: Path) -> None:
    pytest.importorskip("ferro_hgvs")
    found = bench_hgvs.hgvs_truth(data)
    levels: dict[str, Any] = found["levels"]
    print({level: told["by_kind"] for level, told in levels.items()})
    assert [levels[level]["variants"] for level in "gcp"] == [528, 528, 520]
    assert [levels[level]["different"] for level in "gcp"] == [0, 0, 0]
    assert levels["c"]["set_aside"] == 8
    assert levels["p"]["set_aside"] == levels["g"]["set_aside"] == 0
    assert found["reached"]


@pytest.mark.shared_data
def test_clinvar_names(data: Path) -> None:
    found = bench_hgvs.genomic_truth(data)
    assert found["records"] == 50_837
    assert found["rate"] >= 0.999
    kinds = {row["published"].rpartition("g.")[2] for row in found["differences"]}
    # What is left: mixed repeats in brackets, records without a change, one ambiguous base.
    assert all("[" in kind or "%3D" in kind or kind.endswith(">R") for kind in kinds)


@pytest.mark.shared_data
def test_round_trip(data: Path) -> None:
    found = bench_hgvs.round_trip(data, count=3000, seed=2)
    assert found["differences"] == []
    assert found["named"] == 3000
    assert len(found["by_kind"]) == 36
