"""What HPO says of a disease feature by feature, and names in another language."""

from __future__ import annotations

from pathlib import Path

import pytest

from ariane.knowledge.annotations import UNSTATED, shrunk
from ariane.knowledge.described import read_features, read_names
from ariane.knowledge.hpo import Ontology
from ariane.model.errors import ArianeError

HEAD = (
    "database_id\tdisease_name\tqualifier\thpo_id\treference\tevidence\tonset\tfrequency\tsex"
    "\tmodifier\taspect\tbiocuration"
)
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "hpo" / "2024-03-06"


def ontology() -> Ontology:
    names = {"HP:0000001": "All", "HP:0000118": "Abnormality", "HP:0000002": "A", "HP:0000003": "B"}
    parents = {
        "HP:0000001": (),
        "HP:0000118": ("HP:0000001",),
        "HP:0000002": ("HP:0000118",),
        "HP:0000003": ("HP:0000118",),
    }
    return Ontology("x", names, parents, {"HP:0000009": "HP:0000003"}, {}, {})


def hpoa(path: Path, *rows: tuple[str, str, str, str, str]) -> Path:
    lines = [HEAD]
    for disease, qualifier, term, reference, frequency in rows:
        cells = [
            disease,
            "name",
            qualifier,
            term,
            reference,
            "PCS",
            "",
            frequency,
            "",
            "",
            "P",
            "c",
        ]
        lines.append("\t".join(cells))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_features_are_those_of_the_score_with_their_papers(tmp_path: Path) -> None:
    path = hpoa(
        tmp_path / "phenotype.hpoa",
        ("OMIM:1", "", "HP:0000002", "PMID:20;OMIM:1", "3/4"),
        ("OMIM:1", "", "HP:0000002", "PMID:3", "1/2"),
        ("OMIM:1", "", "HP:0000009", "OMIM:1", ""),
        ("OMIM:2", "NOT", "HP:0000002", "PMID:9", ""),
        ("OMIM:3", "", "HP:0000002", "PMID:8", ""),
    )
    found = read_features(path, {"OMIM:1", "OMIM:2", "OMIM:4"}, ontology())
    assert set(found) == {"OMIM:1", "OMIM:2"}
    first, second = found["OMIM:1"]
    told = {one.term: (one.frequency, one.stated, one.papers) for one in (first, second)}
    assert told == {
        "HP:0000002": (shrunk(4, 6), True, ("PMID:3", "PMID:20")),
        "HP:0000003": (UNSTATED, False, ()),
    }
    assert first.frequency >= second.frequency
    (denied,) = found["OMIM:2"]
    assert (denied.frequency, denied.stated) == (0.0, True)


def test_names_in_french(tmp_path: Path) -> None:
    path = tmp_path / "hp-fr.babelon.tsv"
    path.write_text(
        "subject_id\tsource_language\ttranslation_language\tpredicate_id\tsource_value\t"
        "translation_status\ttranslation_value\n"
        "HP:0000002\ten\tfr\tIAO:0000115\tLong\tOFFICIAL\tUne définition\n"
        'HP:0000002\ten\tfr\trdfs:label\tA\tOFFICIAL\tUn "nom"\n'
        "HP:0000002\ten\tfr\trdfs:label\tA\tOFFICIAL\tUn autre\n"
        "HP:0000003\ten\tfr\trdfs:label\tB\tNOT_TRANSLATED\t\n"
        "HP:0000004\ten\tfr\trdfs:label\tC\tOFFICIAL\tPas demandé\n",
        encoding="utf-8",
    )
    assert read_names(path, {"HP:0000002", "HP:0000003"}) == {"HP:0000002": 'Un "nom"'}


def test_another_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    path.write_text("a\tb\n1\t2\n")
    with pytest.raises(ArianeError, match="translation_value"):
        read_names(path, {"HP:0000002"})


@pytest.mark.shared_data
def test_every_disease_of_a_real_release_is_described() -> None:
    from ariane.knowledge.hpo import load_obo
    from ariane.knowledge.readers import read_hpoa

    if not (SHARED / "phenotype.hpoa.gz").is_file():
        pytest.skip(f"{SHARED}/phenotype.hpoa.gz is not there")
    rows = [row for row in read_hpoa(SHARED / "phenotype.hpoa.gz") if row["aspect"] == "P"]
    diseases = {row["database_id"] for row in rows}
    found = read_features(SHARED / "phenotype.hpoa.gz", diseases, load_obo(SHARED / "hp.obo.gz"))
    assert len(found) > 0.99 * len(diseases)
    assert sum(len(one) for one in found.values()) > 0.9 * len(rows)
    papers = {paper for held in found.values() for one in held for paper in one.papers}
    assert len(papers) > 1000
