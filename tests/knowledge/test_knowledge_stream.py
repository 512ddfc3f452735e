"""Tables of any size are written sorted, the same however they are written."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ariane import files
from ariane.model.tables import table

TABLE = table("t", "a b", a=pa.string(), b=pa.int32(), c=pa.float64())
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "a": st.text("aB-é0", max_size=2),
            "b": st.none() | st.integers(0, 3),
            "c": st.none() | st.sampled_from((0.1, -1.0, 2e-9)),
        }
    ),
    max_size=40,
)


def written(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "t.parquet"
        assert files.write_stream(path, TABLE, iter(rows)) == len(rows)
        assert [p.name for p in Path(name).iterdir()] == ["t.parquet"]
        return files.read_table(path, TABLE)


@settings(deadline=None, max_examples=40)
@given(ROWS, st.randoms())
def test_held_or_spilled_is_one(rows: list[dict[str, Any]], chance: random.Random) -> None:
    held = written(rows)
    chance.shuffle(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "STREAMED_AT_ONCE", 7)
        assert written(rows) == held
    key = [tuple(row[name] for name in TABLE.columns) for row in rows]
    assert sorted(map(repr, key)) == sorted(repr(tuple(row.values())) for row in held)


def test_nothing_is_left_when_a_reader_fails(tmp_path: Path) -> None:
    def rows() -> Any:
        yield from ({"a": str(n), "b": n, "c": None} for n in range(30_000))
        raise ValueError("cut")

    with pytest.raises(ValueError, match="cut"):
        files.write_stream(tmp_path / "t.parquet", TABLE, rows())
    assert list(tmp_path.iterdir()) == []
