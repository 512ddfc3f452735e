"""The disease of a case as each destination takes it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from export_world import FOUND, Bench, context_for, decision, record
from nomenclature_world import write_pack

from ariane.model.case import Status
from ariane.registry import phenopackets, phenopackets_check
from ariane.registry.diseases import diseases_for
from ariane.registry.documents import Context, Document
from ariane.registry.gates import Destination, Purpose
from ariane.registry.record import Coded

EPICARE = Destination(Purpose.ERN, "EpiCARE")


@pytest.fixture
def pinned(tmp_path: Path) -> Context:
    context = context_for(EPICARE)
    pins = {"nomenclatures": {"ern": write_pack(tmp_path / "pack.zip")}}
    bench = Bench(tmp_path / "bench")
    return Context(EPICARE, context.provenance, bench.knowledge, Path(), pins)


@pytest.mark.parametrize(
    ("disease", "coded"),
    [
        ("ORPHA:2", Coded("ORPHA:1", "Disorder one é")),
        ("ORPHA:4", Coded("ORPHA:4", "as decided")),
        ("OMIM:1", Coded("OMIM:1", "as decided")),
    ],
)
def test_by_the_pack_in_force_else_as_decided(pinned: Context, disease: str, coded: Coded) -> None:
    told = decision(disease=Coded(disease, "as decided"))
    assert diseases_for(pinned)(record(decision=told)) == coded


def test_without_a_pack_as_decided() -> None:
    assert diseases_for(context_for(EPICARE))(record(decision=decision())) == Coded("OMIM:1", "One")
    assert diseases_for(context_for(EPICARE))(record()) is None


def test_that_nothing_was_found_is_no_disease(pinned: Context) -> None:
    impasse = record(decision=decision(Status.IMPASSE, disease=None, gene=None, variants=()))
    assert diseases_for(pinned)(impasse) is None


def test_a_phenopacket_for_a_network_bears_the_orpha_code(pinned: Context) -> None:
    told = decision(disease=Coded("ORPHA:3", "Subtype"))
    (document,) = phenopackets.write(iter([record(decision=told, named=(FOUND,))]), pinned)
    assert isinstance(document, Document)
    assert list(phenopackets_check.check(document, pinned)) == []
    (disease,) = json.loads(document.text)["diseases"]
    assert disease["term"] == {"id": "ORPHA:1", "label": "Disorder one é"}
