"""Refusals that no other test meets: each says what is wrong and what to do."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from export_world import Bench, context_for, record

from ariane.model.case import Analysis, Case, Consent, Member, Phenotype, Status
from ariane.model.errors import ArianeError, InputFaults
from ariane.registry import rd_code
from ariane.registry.apply import check_who_and_when
from ariane.registry.documents import Document
from ariane.registry.gates import Destination, Purpose
from ariane.registry.keys import Keyring
from ariane.registry.mapping import RegistryMapping, parse_mapping
from ariane.registry.patch import Patch, Proposal, read_patch, write_patch
from ariane.registry.place import FilePlace
from ariane.registry.propose import propose
from ariane.registry.read_records import open_records

COLUMNS = {"gene": "ariane_gene"}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ([], "not a mapping of keys to values"),
        ({"columns": COLUMNS}, "no key"),
        ({"key": 3, "columns": COLUMNS}, "no key"),
        ({"key": "id", "columns": COLUMNS, "own_prefix": " "}, "own_prefix is empty"),
        ({"key": "id", "columns": COLUMNS, "people_columns": "statut"}, "not a list of names"),
        ({"key": "id"}, "no columns"),
        ({"key": "id", "columns": {}}, "no columns"),
        ({"key": "id", "columns": {"gene": "ariane_\tgene"}}, "control character"),
        ({"key": "id", "columns": COLUMNS, "sheet": 3}, "sheet is 3"),
        ({"key": "id", "columns": COLUMNS, "table": ["t"]}, "table is"),
    ],
)
def test_a_mapping_that_means_nothing(raw: Any, said: str) -> None:
    with pytest.raises(InputFaults, match=said):
        parse_mapping(raw, "m.yaml")


def patch(**more: Any) -> Patch:
    given = {"cycle": "c1", "release": "R1", "engine": {"ranking": 1}, "mapping": "m",
             "min_posterior": 0.1, "refused": (), "proposals": (), **more}  # fmt: skip
    return Patch(**given)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda raw: raw.update(schema=99), "schema 99"),
        (lambda raw: raw["proposals"].append(raw["proposals"][0]), "a case is named twice"),
        (lambda raw: raw["proposals"][0]["values"].update(odd="x"), "unknown field 'odd'"),
        (lambda raw: raw["proposals"][0]["values"].update(gene=3), "not a text: 3"),
        (lambda raw: raw.pop("cycle"), "'cycle'"),
    ],
)
def test_a_patch_that_was_altered(
    change: Callable[[dict[str, Any]], object], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "p.json"
    write_patch(path, patch(proposals=(Proposal("F1", {"gene": "A"}),)))
    assert read_patch(path).proposals[0].values == {"gene": "A"}
    raw = json.loads(path.read_text())
    change(raw)
    path.write_text(json.dumps(raw))
    with pytest.raises(ArianeError, match="damaged"):
        read_patch(path)
    del raw["seal"]  # whoever wrote it was no program of ours, or an early one
    path.write_text(json.dumps(raw))
    with pytest.raises(ArianeError, match=f"{said}.*Run propose_registry again"):
        read_patch(path)


def test_a_patch_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ArianeError, match=r"no such file\. Run propose_registry first"):
        read_patch(tmp_path / "p.json")


@pytest.mark.parametrize(
    ("actor", "as_of", "said"),
    [
        ("RCP-9", "06/03/2024", "write the date as 2024-03-06"),
        ("RCP-9", "20240306", "write the date as 2024-03-06"),
        (" ", "2024-03-06", "--actor is empty"),
    ],
)
def test_a_write_names_who_and_when(actor: str, as_of: str, said: str) -> None:
    with pytest.raises(ArianeError, match=said):
        check_who_and_when(actor, as_of)


def proposed(cases: list[Case], **more: Any) -> Patch:
    mapping = parse_mapping({"key": "id", "columns": COLUMNS}, "m.yaml")
    return propose(
        cases, [], [], [], [], mapping=mapping, cycle="c", release="R", engine={}, **more
    )


def case(name: str) -> Case:
    return Case(
        name, "p", (Member("p", "s"),), Phenotype(), Analysis("a.vcf.gz"), Consent(registry=True),
        Status.IMPASSE,
    )  # fmt: skip


def test_cases_that_no_proposal_may_be_about() -> None:
    with pytest.raises(ValueError, match="'F1' is given twice"):
        proposed([case("F1"), case("F1")])
    (left,) = proposed([], excluded={"F2": "consent withdrawn"}).refused
    assert (left.case, left.reasons) == ("F2", ("consent withdrawn",))
    (told,) = proposed([case("Mme-X@chu.example")]).refused
    assert "the pseudonym looks like an identity" in told.reasons


def test_keys_that_were_damaged(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text("{}")
    path.chmod(0o600)
    with pytest.raises(ArianeError, match=r"damaged keys\. Restore the file from a backup"):
        Keyring.read(path)


def test_what_an_earlier_key_sealed_stays_sealed() -> None:
    keys = Keyring(b"s" * 32, {})
    sealed = keys.seal("F1", {"gene": "A"})
    assert keys.unseal(sealed["case"], sealed["sealed"]) == {"gene": "A"}
    assert keys.destroy("F1")
    assert not keys.destroy("F1")
    assert keys.unseal(sealed["case"], sealed["sealed"]) is None
    keys.seal("F1", {"gene": "B"})  # the case came back under a new key
    assert keys.unseal(sealed["case"], sealed["sealed"]) is None


def test_a_mark_that_is_none(tmp_path: Path, mapping: RegistryMapping) -> None:
    path = tmp_path / "r.csv"
    path.write_text("id;ariane_gene\nF1;\n")
    place = FilePlace(path, mapping)
    with pytest.raises(ArianeError, match="not the mark of a write"):
        place._staged("../x")


def test_a_workbook_that_holds_a_part_twice(tmp_path: Path, mapping: RegistryMapping) -> None:
    path = tmp_path / "r.xlsx"
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("xl/workbook.xml", "<a/>")
        with pytest.warns(UserWarning, match="Duplicate name"):
            parts.writestr("xl/workbook.xml", "<b/>")
    with pytest.raises(ArianeError, match="holds a part twice"):
        FilePlace(path, mapping).read()


def test_records_are_those_of_frozen_inputs(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    with pytest.raises(ArianeError, match="not the frozen inputs of a cycle"):
        open_records(tmp_path, bench.cycles, bench.release, bench.knowledge)


def test_a_line_of_codes_without_a_reason() -> None:
    context = context_for(Destination(Purpose.REUSE))
    (made,) = rd_code.write(iter([record()]), context)
    head, line = made.text.splitlines()
    cells = line.split("\t")
    cells[rd_code.COLUMNS.index("code_reason")] = ""
    broken = replace(made, text="\n".join([head, "\t".join(cells), ""]))
    assert isinstance(broken, Document)
    assert list(rd_code.check(broken, context)) == ["line 2: neither a code nor a reason"]
