"""Every row of the versioned tables tells its source, its certainty and its date."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from ariane.intake.consents import registries_by_name
from ariane.knowledge.marked import CERTAINTIES, FOLDER, read_marked
from ariane.model.errors import ArianeError

TABLES = sorted(FOLDER.glob("*.tsv"))
SDM = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "sdm-mr" / "jeuxDeValeurs"


def value_set(name: str) -> etree._Element:
    path = SDM / name
    if not path.is_file():
        pytest.skip(f"missing: {path.name}")
    return etree.parse(str(path)).getroot()


@pytest.mark.parametrize("path", TABLES, ids=lambda p: p.stem)
def test_each_row_is_marked(path: Path) -> None:
    rows = read_marked(path)
    assert rows
    for row in rows:
        assert date.fromisoformat(row["as_of"])
        for column in row:
            if column.endswith("certainty"):
                assert row[column] in CERTAINTIES
    text = path.read_text(encoding="utf-8")
    assert re.search(r"\bversion: \d+\b", text)


@pytest.mark.parametrize(
    "row",
    ["a\tx\t\t2024-01-01", "a\t\tP\t2024-01-01", "a\tx\tQ\t2024-01-01", "a\tx\tP\t",
     "a\tx\tP\t2024-01-01\tmore"],
)  # fmt: skip
def test_a_row_without_its_marks_is_refused(tmp_path: Path, row: str) -> None:
    path = tmp_path / "t.tsv"
    path.write_text(f"# c\nname\tsource\tcertainty\tas_of\n{row}\n", encoding="utf-8")
    with pytest.raises(ArianeError, match="row 1 lacks"):
        read_marked(path)


def test_a_missing_table_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArianeError, match="missing or damaged"):
        read_marked(tmp_path / "none.tsv")


def test_the_tables_agree_with_each_other() -> None:
    filieres = {row["filiere"] for row in read_marked(FOLDER / "filieres.tsv")}
    assert len(filieres) == 23
    branches = read_marked(FOLDER / "filiere_branches.tsv")
    assert {row["filiere"] for row in branches} <= filieres
    shared = {n for r in read_marked(FOLDER / "filieres.tsv") for n in r["part"].split(";") if n}
    assert {row["classification"] for row in branches} == shared
    assert shared == {"181", "185", "194", "195", "200"}
    named = {
        f for r in read_marked(FOLDER / "pre_indications.tsv") for f in r["filiere"].split(";")
    }
    assert named - {""} <= filieres
    networks = {e for r in read_marked(FOLDER / "filieres.tsv") for e in r["erns"].split(";") if e}
    known = {e for r in read_marked(FOLDER / "ern_registries.tsv") for e in r["ern"].split(";")}
    assert networks <= known


def test_each_region_has_one_laboratory() -> None:
    rows = read_marked(FOLDER / "laboratories.tsv")
    assert {row["laboratory"] for row in rows} == {"SeqOIA", "AURAGEN"}
    assert len({row["region_code"] for row in rows}) == len(rows) == 18


@pytest.mark.shared_data
def test_the_ern_registries_are_those_of_the_value_set() -> None:
    root = value_set("JDV_RegistresERN_CISIS.xml")
    concepts = {c.get("code"): str(c.get("displayName")) for c in root.iter("{*}Concept")}
    rows = {r["code"]: r["registry"] for r in read_marked(FOLDER / "ern_registries.tsv")}
    assert rows.keys() == concepts.keys()
    for code, registry in rows.items():
        assert registry.casefold() in concepts[code].casefold(), (registry, concepts[code])


def test_a_networks_name_stands_for_its_only_registry() -> None:
    known = registries_by_name()
    assert known["ithaca"] == ("ILIAD",)
    assert known["guard-heart"] == ("Heart-Core", "cond-GUARD-HEART")
    assert known["rita"] == ("RITA",)
    assert known["skin"] == known["ern-skin"] == ("ERRAS",)
