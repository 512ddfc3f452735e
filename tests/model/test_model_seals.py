"""The checksum inside a Parquet file: any flipped bit and any cut is told, and none is read."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane import files
from ariane.model.errors import ArianeError
from ariane.model.tables import TOUCHED
from ariane.seals import sealed_writer, verified

ROWS = [
    {"case": f"F{n % 7}", "gene": f"HGNC:{n}", "operation": "replaced" if n % 3 else "removed"}
    for n in range(200)
]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("seals") / "touched.parquet"
    files.write_table(path, TOUCHED, ROWS)
    return path


def test_what_was_written_is_read(written: Path) -> None:
    assert verified(written) == written
    assert len(files.read_table(written, TOUCHED)) == len(ROWS)
    assert files.read_arrow(written, TOUCHED).schema.metadata is None
    assert pq.read_table(written).num_rows == len(ROWS), "any reader of Parquet reads it"


def test_equal_rows_give_equal_bytes(written: Path, tmp_path: Path) -> None:
    files.write_table(tmp_path / "again.parquet", TOUCHED, reversed(ROWS))
    assert (tmp_path / "again.parquet").read_bytes() == written.read_bytes()


@given(data=st.data())
def test_one_flipped_bit_anywhere_is_told(written: Path, data: st.DataObject) -> None:
    content = bytearray(written.read_bytes())
    bit = data.draw(st.integers(0, 8 * len(content) - 1))
    content[bit // 8] ^= 1 << (bit % 8)
    path = written.with_name("flipped.parquet")
    path.write_bytes(content)
    for read in (lambda: files.read_table(path, TOUCHED), lambda: verified(path)):
        with pytest.raises(ArianeError, match=r"flipped\.parquet: damaged .* Delete it and run"):
            read()


@given(data=st.data())
def test_a_cut_file_is_told(written: Path, data: st.DataObject) -> None:
    content = written.read_bytes()
    path = written.with_name("cut.parquet")
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    with pytest.raises(ArianeError, match=r"cut\.parquet: damaged"):
        files.read_table(path, TOUCHED)


def test_a_file_of_another_writer_is_no_table_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "foreign.parquet"
    pq.write_table(pa.Table.from_pylist(ROWS, TOUCHED.schema), path)
    with pytest.raises(ArianeError, match=r"foreign\.parquet: damaged"):
        files.read_table(path, TOUCHED)


def test_a_stream_is_sealed_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "STREAMED_AT_ONCE", 50)
    files.write_stream(tmp_path / "stream.parquet", TOUCHED, ROWS)
    assert files.read_table(tmp_path / "stream.parquet", TOUCHED) == sorted(
        ROWS, key=lambda row: (row["case"], row["gene"])
    )


def test_what_was_read_is_sealed_anew(written: Path, tmp_path: Path) -> None:
    path = tmp_path / "less.parquet"
    files.write_arrow(path, pq.read_table(written).slice(0, 3))
    assert len(files.read_table(path, TOUCHED)) == 3
    files.write_arrow(path, pq.read_table(written))
    assert path.read_bytes() == written.read_bytes()


def test_an_empty_table(tmp_path: Path) -> None:
    with sealed_writer(tmp_path / "none.parquet", TOUCHED.schema):
        pass
    assert files.read_table(tmp_path / "none.parquet", TOUCHED) == []


def test_part_of_a_table(written: Path) -> None:
    found = files.read_arrow(written, TOUCHED, ["gene"], [("case", "==", "F1")])
    assert found.column_names == ["gene"]
    assert len(found) == sum(row["case"] == "F1" for row in ROWS)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ArianeError, match="there is no such file"):
        files.read_table(tmp_path / "nothing.parquet", TOUCHED)
