"""Registries in databases: the same tests for SQLite and for PostgreSQL."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from ariane.model.errors import ArianeError
from ariane.registry.apply import WriteBack
from ariane.registry.mapping import RegistryMapping, parse_mapping
from ariane.registry.patch import Patch, Proposal
from ariane.registry.places import open_place
from ariane.registry.revert import Revert
from ariane.registry.sql_place import MARKS
from ariane.registry.state import StateFolder

OWN = {
    "proposal_status": "ariane_statut",
    "gene": "Ariane Gène",
    "posterior": "ariane_probabilite",
    "due": "ariane_echeance",
    "flag": "ariane_motif",
}
ONE = {
    "proposal_status": "candidat à examiner",
    "gene": "GBA1",
    "posterior": "87,5",
    "due": "30/06/2024",
}

INTEGER = (
    "ALTER TABLE registre DROP COLUMN ariane_statut; "
    "ALTER TABLE registre ADD COLUMN ariane_statut INTEGER"
)

Database = tuple[str, sa.Engine]


def mapping(**more: object) -> RegistryMapping:
    given = {"key": "id", "columns": OWN, "own_prefix": "ariane", "table": "registre",
             "date_format": "%d/%m/%Y"}  # fmt: skip
    return parse_mapping({**given, **more}, "m.yaml")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An address, and an engine by which people reach it: an empty registry of typed columns."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'registre.db'}"
        engine = sa.create_engine(address, poolclass=NullPool)
    else:
        address = request.getfixturevalue("postgresql")
        driver = address.replace("postgresql:", "postgresql+psycopg:")
        engine = sa.create_engine(driver, poolclass=NullPool)
    make(
        engine,
        f"DROP TABLE IF EXISTS {MARKS}",
        "DROP TABLE IF EXISTS registre",
        "CREATE TABLE registre (id VARCHAR(20) PRIMARY KEY, nom_de_personne TEXT, "
        'ariane_statut TEXT, "Ariane Gène" VARCHAR(12), ariane_probabilite NUMERIC(5, 2), '
        "ariane_echeance DATE, ariane_motif TEXT NOT NULL DEFAULT '')",
        "INSERT INTO registre (id, nom_de_personne) VALUES ('P1', 'à part'), ('P2', NULL)",
    )
    yield address, engine
    engine.dispose()


def make(engine: sa.Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def held(engine: sa.Engine) -> dict[str, dict[str, Any]]:
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM registre ORDER BY id").mappings()
        return {row["id"]: dict(row) for row in rows}


def work(
    address: str, folder: Path, values: dict[str, dict[str, str]], cycle: str = "c1", **more: object
) -> WriteBack:
    columns = mapping(**more)
    proposals = tuple(Proposal(c, v) for c, v in sorted(values.items()))
    patch = Patch(cycle, "R1", {"ranking": 1}, columns.identity, 0.1, proposals)
    place, state = open_place(address, columns), StateFolder(folder / "state")
    return WriteBack(place, columns, patch, state, "2024-03-06", "RCP-1")


def test_only_the_cells_meant_change_in_their_own_types(database: Database, tmp_path: Path) -> None:
    address, engine = database
    before = held(engine)
    assert [w["case"] for w in work(address, tmp_path, {"P1": ONE}).check()["written"]] == ["P1"]
    assert held(engine) == before
    assert not (tmp_path / "state").exists()
    receipt = work(address, tmp_path, {"P1": ONE, "P9": ONE}).run()
    assert receipt["absent"] == ["P9"]
    assert receipt["registry"]["name"] == receipt["registry"]["table"] == "registre"
    after = held(engine)
    assert after["P2"] == before["P2"]
    sqlite = engine.dialect.name == "sqlite"
    assert after["P1"] == {
        **before["P1"],
        "ariane_statut": "candidat à examiner",
        "Ariane Gène": "GBA1",
        "ariane_probabilite": 87.5 if sqlite else Decimal("87.50"),
        "ariane_echeance": "2024-06-30" if sqlite else datetime.date(2024, 6, 30),
    }
    again = work(address, tmp_path, {"P1": ONE, "P9": ONE}).run()
    assert (again["written"], again["conflicts"], again["drift"]) == ([], [], [])
    assert again["journal"] == receipt["journal"]
    backup = (tmp_path / "state" / "backups" / receipt["backup"]).read_text(encoding="utf-8")
    assert '"key":"P1"' in backup
    assert "P2" not in backup
    assert "à part" not in backup

    cleared = {"proposal_status": "aucun candidat", "gene": "", "posterior": "", "due": ""}
    work(address, tmp_path, {"P1": cleared}, "c2").run()
    now = held(engine)["P1"]
    assert (now["ariane_statut"], now["Ariane Gène"]) == ("aucun candidat", None)
    assert now["ariane_probabilite"] is None
    assert now["ariane_motif"] == ""


def test_people_win(database: Database, tmp_path: Path) -> None:
    address, engine = database
    work(address, tmp_path, {"P1": ONE}).run()
    make(engine, "UPDATE registre SET \"Ariane Gène\" = 'NPC1', ariane_probabilite = 87.50")
    new = {"P1": {**ONE, "gene": "ATM", "flag": "revue"}}
    receipt = work(address, tmp_path, new, "c2").run()
    assert [(c["column"], c["found"], c["line"]) for c in receipt["conflicts"]] == [
        ("Ariane Gène", "NPC1", 0)
    ]
    assert [d["found"] for d in receipt["drift"]] == ["NPC1"]
    assert held(engine)["P1"]["ariane_motif"] == "revue"
    assert held(engine)["P1"]["Ariane Gène"] == "NPC1"


def test_a_row_changed_between_reading_and_writing_stops_the_whole_write(
    database: Database, tmp_path: Path
) -> None:
    address, engine = database
    place = open_place(address, mapping())
    old, document = place.read()
    for row in (0, 1):
        document.set(row, "ariane_statut", "candidat à examiner")
    mark = place.stage(document.render())
    make(engine, "UPDATE registre SET ariane_statut = 'à nous' WHERE id = 'P2'")
    with pytest.raises(ArianeError, match="somebody changed"):
        place.put(mark, old, document)
    assert held(engine)["P1"]["ariane_statut"] is None
    assert place.stood({"mark": mark}) is False
    # A change of another cell of the same row is no clash.
    old, document = place.read()
    document.set(0, "ariane_statut", "candidat à examiner")
    make(engine, "UPDATE registre SET nom_de_personne = 'relu' WHERE id = 'P1'")
    place.put(place.stage(b""), old, document)
    assert held(engine)["P1"]["nom_de_personne"] == "relu"
    assert held(engine)["P1"]["ariane_statut"] == "candidat à examiner"


def test_a_key_on_two_rows_is_left_alone(database: Database, tmp_path: Path) -> None:
    address, engine = database
    make(engine, "DROP TABLE registre",
         "CREATE TABLE registre (id TEXT, ariane_statut TEXT)",
         "INSERT INTO registre VALUES ('P1', NULL), ('P1 ', NULL), ('P2', NULL)")  # fmt: skip
    two = {"columns": {"proposal_status": "ariane_statut"}}
    values = {c: {"proposal_status": "aucun candidat"} for c in ("P1", "P2")}
    receipt = work(address, tmp_path, values, **two).run()
    assert [d["case"] for d in receipt["duplicates"]] == ["P1"]
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM registre ORDER BY id").all()
    assert [tuple(row) for row in rows] == [("P1", None), ("P1 ", None), ("P2", "aucun candidat")]


def test_missing_columns_are_added_where_the_mapping_says_so(
    database: Database, tmp_path: Path
) -> None:
    address, engine = database
    more = {"columns": {**OWN, "report": 'ariane "CR"'}}
    values = {"P1": {"report": "CR-7"}}
    with pytest.raises(ArianeError, match="lacks"):
        work(address, tmp_path, values, **more).run()
    receipt = work(address, tmp_path, values, add_missing_columns=True, **more).run()
    assert receipt["columns_added"] == ['ariane "CR"']
    assert held(engine)["P1"]['ariane "CR"'] == "CR-7"


def test_a_write_is_reverted(database: Database, tmp_path: Path) -> None:
    address, engine = database
    before = held(engine)
    work(address, tmp_path, {"P1": ONE, "P2": ONE}).run()
    make(engine, "UPDATE registre SET ariane_echeance = '2025-01-01' WHERE id = 'P2'")
    columns = mapping()
    place, state = open_place(address, columns), StateFolder(tmp_path / "state")
    told = Revert(place, columns, state, "2024-04-01", "RCP-2", record=1).run()
    assert [c["column"] for c in told["conflicts"]] == ["ariane_echeance"]
    after = held(engine)
    assert after["P1"] == before["P1"]
    assert after["P2"]["ariane_statut"] is None
    assert str(after["P2"]["ariane_echeance"]) == "2025-01-01"


@pytest.mark.parametrize(
    ("value", "said"),
    [({"gene": "x" * 13}, "takes 12 characters"), ({"due": "bientôt"}, "takes a date"),
     ({"flag": "a\x00b"}, "NUL")],
)  # fmt: skip
def test_what_a_column_cannot_hold_leaves_the_row_as_it_was(
    database: Database, tmp_path: Path, value: dict[str, str], said: str
) -> None:
    address, engine = database
    before = held(engine)
    receipt = work(address, tmp_path, {"P1": value, "P2": ONE}).run()
    assert [said in u["reason"] for u in receipt["unwritable"]] == [True]
    assert held(engine)["P1"] == before["P1"]
    assert held(engine)["P2"]["Ariane Gène"] == "GBA1"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DROP TABLE registre", "no such table"),
        ("ALTER TABLE registre RENAME COLUMN id TO cle", "no column 'id'"),
        ("ALTER TABLE registre RENAME COLUMN ariane_statut TO a", "lacks 'ariane_statut'"),
        (INTEGER, "of type INTEGER"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_fit_is_refused(
    database: Database, tmp_path: Path, statement: str, said: str
) -> None:
    address, engine = database
    make(engine, *statement.split(";"))
    with pytest.raises(ArianeError, match=said):
        work(address, tmp_path, {"P1": ONE}).run()


@pytest.mark.parametrize(
    ("address", "more", "said"),
    [
        ("mysql://u@h/b", {}, "SQLite and PostgreSQL"),
        ("postgresql://u:secret@h/b", {}, "pgpass"),
        ("postgresql://u@h/b?password=secret", {}, "pgpass"),
        ("sqlite:///x.db", {"table": ""}, "table: NAME"),
        ("://", {}, "cannot be read"),
    ],
)
def test_an_address_that_cannot_be_used_says_why_and_tells_no_secret(
    address: str, more: dict[str, str], said: str
) -> None:
    with pytest.raises(ArianeError, match=said) as caught:
        open_place(address, mapping(**more))
    assert "secret" not in str(caught.value)


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ArianeError, match="no such file"):
        work(f"sqlite:///{tmp_path / 'x.db'}", tmp_path, {}).run()
    assert not (tmp_path / "x.db").exists()
    with pytest.raises(ArianeError, match="the database answered"):
        work(f"postgresql://u@/b?host={tmp_path}", tmp_path, {}).run()


def test_a_sqlite_file_that_somebody_writes_in_or_may_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r.db"
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE registre (id TEXT, ariane_statut TEXT)")
        base.execute("INSERT INTO registre VALUES ('P1', NULL)")
    monkeypatch.setattr("ariane.registry.sql_place.WAIT", 0)
    more = {"columns": {"proposal_status": "ariane_statut"}}
    values = {"P1": {"proposal_status": "aucun candidat"}}
    busy = sqlite3.connect(path, isolation_level=None)
    busy.execute("BEGIN IMMEDIATE")
    with pytest.raises(ArianeError, match="locked"):
        work(f"sqlite:///{path}", tmp_path, values, **more).run()
    busy.execute("ROLLBACK")
    busy.close()
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(ArianeError, match="read-only"):
        work(f"sqlite:///{path}", tmp_path, values, **more).run()
    monkeypatch.undo()
    assert len(work(f"sqlite:///{path}", tmp_path, values, **more).run()["written"]) == 1


# What only PostgreSQL has: rights by column, locks by row, encodings.


@pytest.fixture
def server(postgresql: str) -> Iterator[tuple[str, sa.Engine]]:
    engine = sa.create_engine(
        postgresql.replace("postgresql:", "postgresql+psycopg:"), poolclass=NullPool
    )
    make(engine, "DROP SCHEMA IF EXISTS filiere CASCADE", "CREATE SCHEMA filiere",
         "CREATE TABLE filiere.registre (id CHAR(8), secret TEXT, ariane_statut TEXT)",
         "INSERT INTO filiere.registre VALUES ('P1', 'x', NULL), ('P2', 'y', NULL)",
         "DROP ROLE IF EXISTS robot", "CREATE ROLE robot LOGIN",
         "GRANT USAGE ON SCHEMA filiere TO robot")  # fmt: skip
    yield postgresql.replace("ariane@", "robot@"), engine
    make(engine, "DROP SCHEMA filiere CASCADE", "DROP ROLE robot")


SMALL: dict[str, object] = {
    "table": "filiere.registre", "columns": {"proposal_status": "ariane_statut"},
}  # fmt: skip
NONE = {"P1": {"proposal_status": "aucun candidat"}}


def test_rights_on_ariane_s_columns_are_enough_and_no_others_are_used(
    server: Database, tmp_path: Path
) -> None:
    address, engine = server
    make(engine, "GRANT SELECT (id, ariane_statut) ON filiere.registre TO robot")
    with pytest.raises(ArianeError, match="read-only: ariane_statut"):
        work(address, tmp_path, NONE, **SMALL).run()
    make(engine, "GRANT UPDATE (ariane_statut) ON filiere.registre TO robot")
    with pytest.raises(ArianeError, match=f"permission denied.*CREATE TABLE {MARKS}"):
        work(address, tmp_path, NONE, **SMALL).run()
    assert not (tmp_path / "state" / "journal.jsonl").exists()
    make(
        engine,
        f"CREATE TABLE filiere.{MARKS} (mark VARCHAR(32) PRIMARY KEY, registry VARCHAR(200) "
        "NOT NULL)",
        f"GRANT SELECT, INSERT ON filiere.{MARKS} TO robot",
    )
    assert len(work(address, tmp_path, NONE, **SMALL).run()["written"]) == 1
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM filiere.registre ORDER BY id").all()
    assert [tuple(r) for r in rows] == [
        ("P1      ", "x", "aucun candidat"), ("P2      ", "y", None),
    ]  # fmt: skip


def test_a_row_that_somebody_holds_is_waited_for_and_then_told(
    server: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, engine = server
    address = str(engine.url.set(drivername="postgresql"))
    monkeypatch.setattr("ariane.registry.sql_place.WAIT", 1)
    with engine.connect() as busy:
        busy.exec_driver_sql("UPDATE filiere.registre SET secret = 'z' WHERE id = 'P1'")
        with pytest.raises(ArianeError, match="lock timeout"):
            work(address, tmp_path, NONE, **SMALL).run()
        busy.rollback()
    receipt = work(address, tmp_path, NONE, **SMALL).run()
    assert (receipt["recovered"], len(receipt["written"])) == ("", 1)


def test_a_letter_that_the_database_lacks_leaves_its_row(
    server: Database, postgresql: str, tmp_path: Path
) -> None:
    _, engine = server
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS ancienne")
        connection.exec_driver_sql(
            "CREATE DATABASE ancienne TEMPLATE template0 ENCODING 'WIN1252' LOCALE 'C'"
        )
    old = sa.create_engine(engine.url.set(database="ancienne"), poolclass=NullPool)
    make(old, "CREATE TABLE registre (id TEXT, ariane_statut TEXT)",
         "INSERT INTO registre VALUES ('P1', NULL), ('P2', NULL)")  # fmt: skip
    values = {"P1": {"proposal_status": "ő"}, "P2": {"proposal_status": "é"}}
    more: dict[str, object] = {"columns": {"proposal_status": "ariane_statut"}}
    address = postgresql.replace("/postgres?", "/ancienne?")
    receipt = work(address, tmp_path, values, **more).run()
    assert ["'ő' does not exist" in u["reason"] for u in receipt["unwritable"]] == [True]
    assert held(old)["P2"]["ariane_statut"] == "é"
    assert held(old)["P1"]["ariane_statut"] is None


def test_single_precision_is_refused_and_double_kept(server: Database, tmp_path: Path) -> None:
    _, engine = server
    address = str(engine.url.set(drivername="postgresql"))
    more: dict[str, object] = {"table": "filiere.registre", "columns": {"posterior": "ariane_p"}}
    values = {"P1": {"posterior": "33,3"}}
    make(engine, "ALTER TABLE filiere.registre ADD COLUMN ariane_p REAL")
    with pytest.raises(ArianeError, match="of type REAL"):
        work(address, tmp_path, values, **more).run()
    make(engine, "ALTER TABLE filiere.registre ALTER COLUMN ariane_p TYPE DOUBLE PRECISION")
    work(address, tmp_path, values, **more).run()
    second = work(address, tmp_path, {"P1": {"posterior": "12"}}, "c2", **more).run()
    assert (len(second["written"]), second["conflicts"]) == (1, [])
