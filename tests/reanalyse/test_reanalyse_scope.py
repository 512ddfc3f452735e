"""Scope through the tables: what is out of scope stays in the shard's own and goes no further."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from reanalyse_desk import Desk
from reanalyse_genome import ALLELES, KEYS
from reanalyse_passes import build, full
from reanalyse_people import Patient
from reanalyse_release import lay_out
from reanalyse_world import TERMS, Said, World

from ariane.files import read_table
from ariane.model.tables import FINDINGS, PHENOTYPE, STANDING
from ariane.rank.shard import gene_scope
from ariane.report.assemble import told_findings

GOOD = "0/1:15,15:30:99:."
STOP = KEYS[3]
MANY = TERMS[3:9]
AWAY = {("OMIM:1", TERMS[2]): "5/5", **{("OMIM:2", term): "9/9" for term in MANY}}
WORLD = World(
    assertions={STOP: (Said("P", 3),)},
    gene_disease={("HGNC:1", "OMIM:1"): "AD"},
    dosage={"HGNC:1": "3"},
    described=AWAY,
)


def ranked(root: Path, world: World, **fields: Any) -> tuple[Any, dict[str, list[dict[str, Any]]]]:
    desk = Desk(root)
    laid = lay_out(root, "R", world)
    fields.setdefault("observed", MANY)
    listed = fields.pop("gene_list", ())
    decided = fields.pop("decided", ())
    case = replace(desk.case("F1", **fields), gene_list=listed, decided=decided)
    carried = {i: {"child": GOOD} for i, a in enumerate(ALLELES) if a.key == STOP}
    patient = Patient(case, carried)
    out = root / "out"
    full([patient], build(root, "store", [patient]), laid, out)
    tables = {
        t.name: read_table(out / f"{t.name}.parquet", t) for t in (FINDINGS, PHENOTYPE, STANDING)
    }
    return (case, laid.bench()), tables


def test_only_a_count_leaves_the_shard(tmp_path: Path) -> None:
    (case, bench), tables = ranked(tmp_path, WORLD)
    assert {row["gene"] for row in tables["findings"]} == {"HGNC:1"}, "kept for a later cycle"
    (none,) = tables["standing"]
    assert (none["out_of_scope"], none["posterior"]) == (1, 1.0)
    assert tables["phenotype"] == []
    assert told_findings(case, tables["findings"], tables["standing"], bench) == []
    assert gene_scope(case, "HGNC:1", bench) == (frozenset(), False)


@pytest.mark.parametrize(
    "fields",
    [{"observed": ()}, {"decided": (STOP,)}, {"gene_list": ("One",)}],
)
def test_what_brings_it_into_scope(tmp_path: Path, fields: dict[str, Any]) -> None:
    world = replace(WORLD, panels={"HGNC:1": "3"})
    (case, bench), tables = ranked(tmp_path, world, **fields)
    assert [row["out_of_scope"] for row in tables["standing"]] == [0, 0]
    assert len(told_findings(case, tables["findings"], tables["standing"], bench)) == 1


def test_an_allele_shut_by_ba1_is_told_only_where_it_fits(tmp_path: Path) -> None:
    shut = replace(WORLD, frequencies={STOP: 0.2}, assertions={STOP: (Said("P", 1),)})
    (case, bench), tables = ranked(tmp_path / "out of scope", shut)
    assert "BA1" in tables["findings"][0]["acmg_class"]
    assert told_findings(case, tables["findings"], tables["standing"], bench) == []
    (case, bench), tables = ranked(tmp_path / "in scope", shut, observed=())
    assert len(told_findings(case, tables["findings"], tables["standing"], bench)) == 1
