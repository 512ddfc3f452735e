"""HPO: ids that moved, ancestors, real files of four years."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane.knowledge.hpo import Ontology, load_obo
from ariane.model.errors import ArianeError

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "hpo"

OBO = """format-version: 1.2
data-version: hp/releases/2024-03-06
ontology: hp

[Term]
id: HP:0000001
name: All

[Term]
id: HP:0000118
name: Phenotypic abnormality
is_a: HP:0000001 ! All

[Term]
id: HP:0000002
name: Left: a name with a colon
alt_id: HP:0000090
alt_id: HP:0000091
is_a: HP:0000118 ! Phenotypic abnormality

[Term]
id: HP:0000003
name: Right
is_a: HP:0000118 ! Phenotypic abnormality

[Term]
id: HP:0000004
name: Both
is_a: HP:0000002 {source="x"} ! Left
is_a: HP:0000003 ! Right

[Term]
id: HP:0000005
name: Mode of inheritance
is_a: HP:0000001 ! All

[Term]
id: HP:0000010
name: obsolete gone
is_obsolete: true

[Term]
id: HP:0000011
name: obsolete replaced
is_obsolete: true
replaced_by: HP:0000012

[Term]
id: HP:0000012
name: obsolete replaced again
is_obsolete: true
replaced_by: HP:0000090

[Term]
id: HP:0000013
name: obsolete, replaced in a circle
is_obsolete: true
replaced_by: HP:0000014

[Term]
id: HP:0000014
name: obsolete, replaced in a circle
is_obsolete: true
replaced_by: HP:0000013

[Term]
id: HP:0000015
name: obsolete, replaced by nobody known
is_obsolete: true
replaced_by: HP:7777777

[Typedef]
id: part_of
name: part of
"""


@pytest.fixture(scope="module")
def ontology(tmp_path_factory: pytest.TempPathFactory) -> Ontology:
    path: Path = tmp_path_factory.mktemp("obo") / "hp.obo"
    path.write_text(OBO, encoding="utf-8")
    return load_obo(path)


@pytest.mark.parametrize(
    ("raw", "term", "how"),
    [
        ("HP:0000004", "HP:0000004", "exact"),
        (" hp:0000004\n", "HP:0000004", "exact"),
        ("HP_0000004", "HP:0000004", "exact"),
        ("HP:0000090", "HP:0000002", "alternative"),
        ("HP:0000012", "HP:0000002", "replaced"),
        ("HP:0000011", "HP:0000002", "replaced"),  # two steps, the last an alternative id
        ("HP:0000010", None, "obsolete"),
        ("HP:0000013", None, "obsolete"),
        ("HP:0000015", None, "obsolete"),
        ("HP:0000099", None, "unknown"),
        ("HP:4", None, "malformed"),
        ("HP:00000004", None, "malformed"),
        ("seizure", None, "malformed"),
        ("", None, "malformed"),
        ("OMIM:0000004", None, "malformed"),
    ],
)
def test_what_becomes_of_an_id(ontology: Ontology, raw: str, term: str | None, how: str) -> None:
    found = ontology.resolve(raw)
    assert (found.raw, found.term, found.how) == (raw, term, how)
    if term:
        assert found.label == ontology.names[term]


def test_an_obsolete_term_keeps_its_name(ontology: Ontology) -> None:
    assert ontology.resolve("HP:0000010").label == "obsolete gone"


def test_ancestors_meet_again(ontology: Ontology) -> None:
    assert ontology.ancestors["HP:0000004"] == {f"HP:{number:07d}" for number in (4, 3, 2, 118, 1)}
    assert ontology.ancestors["HP:0000001"] == {"HP:0000001"}


def test_only_abnormalities_are_phenotypes(ontology: Ontology) -> None:
    assert ontology.is_phenotype("HP:0000004")
    assert not ontology.is_phenotype("HP:0000005")
    assert not ontology.is_phenotype("HP:0000001")


def test_names_and_version(ontology: Ontology) -> None:
    assert ontology.version == "2024-03-06"
    assert ontology.names["HP:0000002"] == "Left: a name with a colon"
    assert "part_of" not in ontology.names
    assert len(ontology.names) == 6


def test_live_terms_are_sorted_without_repeats(ontology: Ontology) -> None:
    written = ["HP:0000004", "HP:0000090", "HP:0000002", "HP:0000010", "nonsense"]
    assert ontology.live(written) == ("HP:0000002", "HP:0000004")


@given(st.text(max_size=12))
def test_any_text_is_answered(text: str) -> None:
    found = Ontology("", {}, {}, {}, {}, {}).resolve(text)
    assert found.term is None
    assert found.how in ("malformed", "unknown")


def test_a_packed_file_reads_alike(ontology: Ontology, tmp_path: Path) -> None:
    path = tmp_path / "hp.obo.gz"
    path.write_bytes(gzip.compress(OBO.replace("\n", "\r\n").encode()))
    assert load_obo(path) == ontology


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("format-version: 1.2\n", "holds no HPO terms"),
        ("[Term]\nid: GO:0000001\nname: x\n", "holds no HPO terms"),
        ("[Term]\nid: HP:0000002\nname: x\nis_a: HP:0000001 ! All\n", "a parent that is not in"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "hp.obo"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ArianeError, match=words):
        load_obo(path)


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("release", "terms"),
    [("2021-10-10", 16290), ("2023-06-17", 17272), ("2024-03-06", 18281), ("2025-01-16", 19034)],
)
def test_real_releases(release: str, terms: int) -> None:
    path = SHARED / release / "hp.obo.gz"
    if not path.is_file():
        pytest.skip(f"missing: {path.name} of HPO {release}")
    ontology = load_obo(path)
    assert ontology.version == release
    assert len(ontology.names) == terms
    assert all("HP:0000001" in above for above in ontology.ancestors.values())
    seizure = ontology.resolve("HP:0002279")
    assert (seizure.term, seizure.label, seizure.how) == ("HP:0001250", "Seizure", "alternative")
    assert set(ontology.replaced.values()) <= set(ontology.names)
    assert set(ontology.moved).isdisjoint(ontology.names)
