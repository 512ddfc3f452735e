"""What ``make bench-scale`` measures, on a handful of cases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree

import bench_scale
from scale_plot import growth_svg

pytestmark = pytest.mark.workflow


def test_whole_runs_grow_by_copies_of_single_cases(tmp_path: Path) -> None:
    out = tmp_path / "scale.json"
    asked = ["--sizes", "2", "4", "--whole", "2", "--repeat", "2", "--work", str(tmp_path)]
    bench_scale.main([*asked, "--json", str(out), "--plots", str(tmp_path / "plots")])
    whole, copied = json.loads(out.read_text(encoding="utf-8"))["sizes"]
    assert [whole["single_cases_copied"], copied["single_cases_copied"]] == [False, True]
    assert {"annotate", "rank", "events", "cohort", "snakemake"} <= set(whole["processor_seconds"])
    assert "annotate" not in copied["processor_seconds"]
    # A case leaves as many files whether its steps ran or were copied.
    for part in ("results/cases", "results/quality"):
        assert whole["files_a_case"][part] >= copied["files_a_case"][part] > 0
    assert len(list((tmp_path / "plots").glob("scale_*.svg"))) == 3


def test_a_cost_that_grows_with_the_square_has_slope_two() -> None:
    def size(cases: int) -> dict[str, object]:
        told = {"programs_that_see_the_cohort": 1.0 * cases, "snakemake": 1.0}
        return {
            "cases": cases,
            "ms_a_case": told,
            "bytes_a_case": {"x": 7},
            "files_a_case": {"x": 1},
        }

    found = bench_scale.slopes([size(10), size(100), size(1000)])
    assert found == {
        "programs_that_see_the_cohort": [2.0, 2.0],
        "snakemake": [1.0, 1.0],
        "bytes": [1.0, 1.0],
        "files": [1.0, 1.0],
    }


def test_the_plot_is_a_picture_with_a_line_for_each_part() -> None:
    text = growth_svg("a < b", {"one": [(10, 5), (100, 5)], "two": [(10, 0), (100, 20)], "no": []})
    picture = etree.fromstring(text.encode())
    lines = [path for path in picture.iterfind("{*}path") if path.get("stroke-width") == "2"]
    assert len(lines) == 2
    assert "a < b" in "".join(picture.itertext())
