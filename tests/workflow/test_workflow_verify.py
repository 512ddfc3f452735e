"""A sample of a cycle recomputed in full: equal, or a loud failure."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from demo_run import DEMO, FIRST, NEXT, Run

from ariane.files import write_arrow
from ariane.model.errors import ArianeError
from ariane.reanalyse.frozen import open_cycle
from ariane.reanalyse.verify import Difference, require_equal, verify

pytestmark = pytest.mark.workflow


@pytest.mark.parametrize("cycle", [FIRST, NEXT])
def test_every_case_of_the_demo_is_what_a_full_computation_gives(demo: Run, cycle: str) -> None:
    folders = demo.folder / "results", demo.folder / "state", DEMO / "releases"
    cases, found = verify(*folders, cycle, 1000, 1)
    assert cases == sorted(case.id for case in open_cycle(folders[1], cycle).cases)
    assert found == []
    require_equal(cases, found)
    some, _ = verify(*folders, cycle, 5, 7)
    assert len(some) == 5
    assert some == verify(*folders, cycle, 5, 7)[0]
    assert some != verify(*folders, cycle, 5, 8)[0]


def test_a_point_too_many_is_found(demo: Run, tmp_path: Path) -> None:
    shutil.copytree(demo.folder / "results", tmp_path / "results", symlinks=True)
    path = sorted((tmp_path / f"results/cycles/{FIRST}/shards").glob("*/ledger.parquet"))[0]
    rows = pq.read_table(path)
    points = rows["points"].to_pylist()
    points[0] += 1
    column = pa.array(points, rows.schema.field("points").type)
    place = rows.schema.get_field_index("points")
    write_arrow(path, rows.set_column(place, "points", column).cast(rows.schema))
    case = rows["case"][0].as_py()
    assert pc.sum(pq.read_table(path)["points"]).as_py() == sum(points)
    folders = tmp_path / "results", demo.folder / "state", DEMO / "releases"
    cases, found = verify(*folders, FIRST, 1000, 1)
    assert found == [Difference(case, "ledger")]
    with pytest.raises(ArianeError, match=f"1 of {len(cases)} cases differ .*{case} in ledger"):
        require_equal(cases, found)
