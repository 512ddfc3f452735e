"""hpo3 and our reader see the same ontology, on the demo's and on HPO's own releases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ariane.knowledge.hpo import load_obo
from ariane.knowledge.hpo3_check import check_with_hpo3
from ariane.knowledge.release import Release
from ariane.model.errors import ArianeError

REPOSITORY = Path(__file__).resolve().parents[2]
DEMO = REPOSITORY / "resources" / "demo" / "releases"
SHARED = REPOSITORY.parent / "shared" / "data" / "hpo"


def test_both_readers_agree_on_the_demo() -> None:
    release = Release.open(DEMO / "demo-A")
    obo, hpoa = release.require("hpo_ontology"), release.require("hpo_annotations")
    check_with_hpo3(obo, hpoa, load_obo(obo))


def test_a_lost_ancestor_stops_the_release() -> None:
    release = Release.open(DEMO / "demo-A")
    obo, hpoa = release.require("hpo_ontology"), release.require("hpo_annotations")
    ontology = load_obo(obo)
    parents = dict(ontology.parents)
    term = next(t for t, above in sorted(parents.items()) if above and t != "HP:0000118")
    parents[term] = ()
    with pytest.raises(ArianeError, match=r"hpo3 and Ariane read \d+ terms differently"):
        check_with_hpo3(obo, hpoa, replace(ontology, parents=parents))


@pytest.mark.shared_data
@pytest.mark.parametrize("version", ["2021-10-10", "2024-03-06"])
def test_both_readers_agree_on_real_releases(version: str) -> None:
    obo, hpoa = SHARED / version / "hp.obo.gz", SHARED / version / "phenotype.hpoa.gz"
    if not obo.exists():
        pytest.skip(f"shared/data/hpo/{version}/hp.obo.gz is absent")
    check_with_hpo3(obo, hpoa, load_obo(obo))
