"""Written exports: where they lie is kept, and the erasure of a case reaches them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from export_world import OPTIONS, Bench, case
from export_world import none as nothing_found
from hypothesis import given
from hypothesis import strategies as st

from ariane.model.errors import ArianeError
from ariane.registry.exports import destination_of, export
from ariane.registry.read_records import open_records
from ariane.registry.written_exports import (
    REGISTER,
    erase_exports,
    refused_table,
    remember,
)


@pytest.fixture
def world(tmp_path: Path) -> Bench:
    """A run with three cases, of which one did not consent to research."""
    bench = Bench(tmp_path / "home")
    names = ("F1", "F1-2", "F10")
    bench.cycle([case(name) for name in names], standing=[nothing_found(name) for name in names])
    return bench


def write(bench: Bench, out: Path, name: str, to: str) -> Path:
    records = open_records(bench.inputs, bench.cycles, bench.release, bench.knowledge)
    outcome = export(
        name, records, destination_of(name, to), out, now=None, options=OPTIONS,
        home=bench.root, state=bench.root / "state",
    )  # fmt: skip
    return outcome.folder


def naming(folder: Path, word: str) -> list[str]:
    found = [p for p in folder.rglob("*") if p.is_file()]
    return sorted(p.name for p in found if word in p.name or word in p.read_text(encoding="utf-8"))


def test_an_erasure_reaches_each_format_within_the_working_folder(world: Bench) -> None:
    out = world.root / "exports"
    packets = write(world, out, "phenopackets", "reuse")
    elements = write(world, out, "ern-cde", "ern:EpiCARE")
    tables = write(world, out, "flat-tables", "reuse")
    reached = erase_exports(world.root / "state", world.root, "F1")
    deleted = {path.relative_to(out).as_posix() for path in reached.deleted}
    assert "phenopackets.reuse/F1.json" in deleted
    assert f"{elements.name}/cde.csv" in deleted
    assert {Path(name).name for name in deleted if name.startswith(tables.name)} >= {
        "participant.tsv", "family.tsv", "phenotype.tsv",
    }  # fmt: skip
    assert reached.left == []
    assert (packets / "F1-2.json").is_file()
    assert (packets / "F10.json").is_file()
    receipt = json.loads((packets / "export.json").read_text(encoding="utf-8"))
    assert set(receipt["documents"]) == {"F1-2.json", "F10.json"}
    assert receipt["erased"] is True
    again = erase_exports(world.root / "state", world.root, "F1")
    assert (again.deleted, again.rewritten, again.left) == ([], [], [])


def test_of_a_folder_elsewhere_people_are_told(world: Bench, tmp_path: Path) -> None:
    folder = write(world, tmp_path / "share", "phenopackets", "reuse")
    before = {path: path.read_bytes() for path in folder.iterdir()}
    reached = erase_exports(world.root / "state", world.root, "F1")
    assert [path.name for path in reached.left] == ["F1.json", "export.json"]
    assert (reached.deleted, reached.rewritten) == ([], [])
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_a_refused_case_leaves_the_table_of_refusals(world: Bench) -> None:
    folder = write(world, world.root / "exports", "matchmaker", "")
    table = refused_table(folder)
    table.write_text("case\treasons\nF1\tno features\nF10\tno features\n", encoding="utf-8")
    reached = erase_exports(world.root / "state", world.root, "F1")
    assert table in reached.rewritten
    assert table.read_text(encoding="utf-8") == "case\treasons\nF10\tno features\n"


def test_exports_from_before_there_was_a_register_are_named(world: Bench, tmp_path: Path) -> None:
    folder = write(world, world.root / "exports", "phenopackets", "reuse")
    (world.root / "state" / REGISTER).unlink()
    assert erase_exports(world.root / "state", world.root, "F1").deleted == []
    with pytest.raises(ArianeError, match=r"holds no export\.json"):
        erase_exports(world.root / "state", world.root, "F1", [tmp_path / "elsewhere"])
    reached = erase_exports(world.root / "state", world.root, "F1", [folder])
    assert [path.name for path in reached.deleted] == ["F1.json"]


def test_the_register_names_each_folder_once_and_no_case(world: Bench) -> None:
    for _ in range(2):
        write(world, world.root / "exports", "phenopackets", "reuse")
    text = (world.root / "state" / REGISTER).read_text(encoding="utf-8")
    assert text.count("\n") == 1
    assert "F1" not in text
    assert (world.root / "state" / REGISTER).stat().st_mode & 0o777 == 0o600


def test_a_run_that_was_moved_takes_its_exports_with_it(world: Bench, tmp_path: Path) -> None:
    write(world, world.root / "exports", "phenopackets", "reuse")
    home = world.root.rename(tmp_path / "elsewhere")
    reached = erase_exports(home / "state", home, "F1")
    assert reached.deleted == [home / "exports" / "phenopackets.reuse" / "F1.json"]


def test_a_damaged_register_is_told(tmp_path: Path) -> None:
    (tmp_path / REGISTER).write_text("{}\n", encoding="utf-8")
    with pytest.raises(ArianeError, match="not a line of this register"):
        erase_exports(tmp_path, tmp_path, "F1")


def test_a_folder_that_is_gone_is_no_fault(tmp_path: Path) -> None:
    remember(tmp_path, tmp_path / "gone")
    assert erase_exports(tmp_path, tmp_path, "F1").deleted == []


@given(st.from_regex(r"[A-Z][A-Z0-9._-]{0,5}[A-Z0-9]", fullmatch=True).filter(lambda n: n != "F1"))
def test_no_other_pseudonym_is_taken_for_the_case(
    tmp_path_factory: pytest.TempPathFactory, other: str
) -> None:
    home = tmp_path_factory.mktemp("home")
    folder = home / "phenopackets.reuse"
    folder.mkdir()
    documents = {f"{name}.json": "0" for name in ("F1", other)}
    for name in ("F1", other):
        content = {"id": name, "interpretations": [{"id": f"{name}.case"}]}
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    (folder / "export.json").write_text(json.dumps({"documents": documents}), encoding="utf-8")
    remember(home, folder)
    assert [path.name for path in erase_exports(home, home, "F1").deleted] == ["F1.json"]
    told = json.loads((folder / "export.json").read_text(encoding="utf-8"))
    assert set(told["documents"]) == {f"{other}.json"}
