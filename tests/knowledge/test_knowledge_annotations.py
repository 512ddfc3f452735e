"""HPO's disease annotations: two shapes of file, frequencies, closure upwards."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane.knowledge.annotations import (
    CLASSES,
    UNSTATED,
    DiseaseTerms,
    annotated_frequencies,
    frequency_of,
    read_disease_terms,
    shrunk,
)
from ariane.knowledge.hpo import Ontology, load_obo
from ariane.knowledge.readers import disease_modes, disease_names, read_hpoa
from ariane.model.errors import ArianeError

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "hpo"

_TAIL = "Reference Evidence Onset Frequency Sex Modifier Aspect Biocuration"
OLD_HEAD = "\t".join(["#DatabaseID", "DiseaseName", "Qualifier", "HPO_ID", *_TAIL.split()])
NEW_HEAD = "\t".join(["database_id", "disease_name", "qualifier", "hpo_id", *_TAIL.lower().split()])
OLD = f"#description: HPO annotations\n#date: 2021-10-10\n{OLD_HEAD}\n"
NEW = f"#description: HPO annotations\n#version: 2024-03-06\n{NEW_HEAD}\n"

A, B, C, D, E = (f"HP:000000{n}" for n in range(2, 7))
PARENTS = {
    "HP:0000001": (),
    "HP:0000118": ("HP:0000001",),
    A: ("HP:0000118",),
    B: (A,),
    C: (A,),
    D: (B, C),
    E: ("HP:0000118",),
}
ONTOLOGY = Ontology("t", {t: t for t in PARENTS}, PARENTS, {"HP:0000099": D}, {}, {})


def line(
    disease: str, term: str, frequency: str = "", qualifier: str = "", aspect: str = "P"
) -> str:
    cells = (disease, f"Name of {disease}", qualifier, term, "PMID:1", "PCS", "", frequency)
    return "\t".join((*cells, "", "", aspect, "HPO:x"))


def hpoa(path: Path, *lines: str, head: str = NEW) -> Path:
    path.write_text(head + "\n".join([*lines, ""]), encoding="utf-8")
    return path


@pytest.mark.parametrize("head", [OLD, NEW])
def test_both_shapes_give_the_same_rows(tmp_path: Path, head: str) -> None:
    path = hpoa(tmp_path / "phenotype.hpoa", line("OMIM:1", A, "1/2"), line("OMIM:2", B), head=head)
    rows = list(read_hpoa(path))
    assert [(r["database_id"], r["hpo_id"], r["frequency"], r["aspect"]) for r in rows] == [
        ("OMIM:1", A, "1/2", "P"),
        ("OMIM:2", B, "", "P"),
    ]
    assert disease_names(path) == {"OMIM:1": "Name of OMIM:1", "OMIM:2": "Name of OMIM:2"}


@pytest.mark.parametrize(
    "text",
    ["", "a\tb\n1\t2\n", NEW.replace("hpo_id", "term"), NEW.replace("disease_name", "name")],
)
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "phenotype.hpoa"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ArianeError, match=r"lacks the columns of phenotype\.hpoa"):
        list(read_hpoa(path))


def test_modes_of_inheritance(tmp_path: Path) -> None:
    path = hpoa(
        tmp_path / "phenotype.hpoa",
        line("OMIM:1", "HP:0000006", aspect="I"),
        line("OMIM:1", "HP:0000007", aspect="I"),
        line("OMIM:2", "HP:0003829", aspect="I"),  # incomplete penetrance says no mode
        line("OMIM:3", "HP:0000007", qualifier="NOT", aspect="I"),
        line("OMIM:4", "HP:0010984", aspect="I"),
        line("OMIM:5", "HP:0001417", aspect="I"),
        line("OMIM:6", "HP:0000006", aspect="P"),
    )
    assert disease_modes(path) == {
        "OMIM:1": ("AD", "AR"),
        "OMIM:4": ("none",),
        "OMIM:5": ("XLD", "XLR"),
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3/10", (3.0, 10.0)),
        ("45%", 0.45),
        ("150%", 1.0),
        ("HP:0040281", 0.895),
        (" HP:0040280 ", 0.98),
        ("HP:0040285", 0.0),
        ("", None),
        ("often", None),
        ("1/0", None),
        ("x/3", None),
        ("30-50%", None),
    ],
)
def test_frequency_of(text: str, value: object) -> None:
    assert frequency_of(text) == value


def test_classes_are_ordered() -> None:
    values = list(CLASSES.values())
    assert values == sorted(values, reverse=True)


def test_shrinkage_keeps_small_series_from_certainty() -> None:
    assert shrunk(1, 1) == 0.6
    assert shrunk(0, 1) == 0.4
    assert shrunk(100, 100) == pytest.approx(0.981, abs=1e-3)
    assert shrunk(50, 100) == 0.5


@given(st.integers(0, 300), st.integers(1, 300))
def test_shrunk_shares_lie_between_the_count_and_one_half(seen: int, of: int) -> None:
    share = shrunk(seen, of)
    assert 0 < share < 1
    count = min(seen, of) / of
    assert min(count, 0.5) - 1e-12 <= share <= max(count, 0.5) + 1e-12


def annotated(*lines: str) -> dict[tuple[str, str], float]:
    import csv

    handle = io.StringIO(NEW_HEAD + "\n" + "\n".join(lines) + "\n")
    found: dict[tuple[str, str], float] = annotated_frequencies(
        csv.DictReader(handle, delimiter="\t"), ONTOLOGY
    )
    return found


def test_counts_of_several_papers_are_pooled_and_outweigh_words() -> None:
    rows = [line("O", A, "1/1"), line("O", A, "2/3"), line("O", A, "HP:0040284")]
    assert annotated(*rows) == annotated(*rows[::-1]) == {("O", A): shrunk(3, 4)}


def test_the_highest_of_several_words_counts() -> None:
    assert annotated(line("O", A, "HP:0040284"), line("O", A)) == {("O", A): UNSTATED}


@pytest.mark.parametrize("order", [1, -1])
def test_an_excluded_feature_yields_to_an_observed_one(order: int) -> None:
    rows = [line("O", A, qualifier="NOT"), line("O", A, "20%")][::order]
    assert annotated(*rows) == {("O", A): 0.2}
    assert annotated(line("O", A, qualifier="NOT")) == {("O", A): 0.0}


def test_old_ids_are_read_and_unknown_ones_passed_over() -> None:
    rows = [line("O", "HP:0000099", "1/1"), line("O", D, "0/1"), line("O", "HP:7777777", "1/1")]
    assert annotated(*rows) == {("O", D): shrunk(1, 2)}


FREQUENCIES = st.sampled_from(["", "1/1", "3/7", "0/4", "20%", *CLASSES])
ANNOTATIONS = st.lists(
    st.builds(
        line,
        st.sampled_from(["OMIM:1", "OMIM:2", "ORPHA:3"]),
        st.sampled_from([A, B, C, D, E]),
        FREQUENCIES,
        st.sampled_from(["", "", "NOT"]),
    ),
    min_size=1,
    max_size=12,
)


def frequencies(table: DiseaseTerms) -> dict[tuple[str, str], float]:
    return {
        (term, table.diseases[disease]): float(share)
        for at, term in enumerate(table.terms)
        for disease, share in zip(*table.entries(at), strict=True)
    }


@given(ANNOTATIONS.flatmap(lambda x: st.tuples(st.just(x), st.permutations(x))))
def test_the_table_is_closed_upwards(
    tmp_path_factory: pytest.TempPathFactory, both: tuple[list[str], list[str]]
) -> None:
    folder: Path = tmp_path_factory.mktemp("closed")
    table = read_disease_terms(hpoa(folder / "a.hpoa", *both[0]), ONTOLOGY)
    other = read_disease_terms(hpoa(folder / "b.hpoa", *both[1]), ONTOLOGY)
    held = frequencies(table)
    assert held == frequencies(other)
    for (term, disease), share in held.items():
        assert 0 < share <= 1
        for above in ONTOLOGY.ancestors[term] - {"HP:0000001"}:
            assert held[above, disease] >= share
    for at, term in enumerate(table.terms):
        diseases, shares = table.entries(at)
        assert list(diseases) == sorted(set(diseases.tolist()))
        mean = sum(shares.tolist()) / len(table.diseases)
        assert table.background[at] == pytest.approx(max(mean, 1e-4)), term


def test_saved_and_loaded(tmp_path: Path) -> None:
    path = hpoa(tmp_path / "a.hpoa", line("OMIM:1", D, "1/2"), line("OMIM:2", E, qualifier="NOT"))
    table = read_disease_terms(path, ONTOLOGY)
    table.save(tmp_path / "t.npz")
    table.save(tmp_path / "u.npz")
    assert (tmp_path / "t.npz").read_bytes() == (tmp_path / "u.npz").read_bytes()
    loaded = DiseaseTerms.load(tmp_path / "t.npz")
    assert (loaded.terms, loaded.diseases) == (table.terms, ("OMIM:1", "OMIM:2"))
    for name in ("start", "disease", "frequency"):
        assert np.array_equal(getattr(loaded, name), getattr(table, name))


@pytest.mark.parametrize("keep", [0, 10, 200])
def test_a_damaged_table_is_refused(tmp_path: Path, keep: int) -> None:
    table = read_disease_terms(hpoa(tmp_path / "a.hpoa", line("OMIM:1", D)), ONTOLOGY)
    path = tmp_path / "t.npz"
    table.save(path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ArianeError, match=r"missing or damaged"):
        DiseaseTerms.load(path)


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArianeError, match=r"missing or damaged"):
        DiseaseTerms.load(tmp_path / "none.npz")


@pytest.mark.shared_data
@pytest.mark.parametrize("release", ["2021-10-10", "2024-03-06"])
def test_real_annotations(release: str) -> None:
    folder = SHARED / release
    for name in ("hp.obo.gz", "phenotype.hpoa.gz"):
        if not (folder / name).is_file():
            pytest.skip(f"missing: {name} of HPO {release}")
    ontology = load_obo(folder / "hp.obo.gz")
    rows = list(read_hpoa(folder / "phenotype.hpoa.gz"))
    onsets = [row for row in rows if row["aspect"] == "C"]
    assert onsets == list(read_hpoa(folder / "phenotype.hpoa.gz", "C"))
    assert onsets
    assert len(rows) > 200_000
    lost = [r["hpo_id"] for r in rows if ontology.resolve(r["hpo_id"]).term is None]
    assert lost == []
    modes = disease_modes(folder / "phenotype.hpoa.gz")
    assert modes["OMIM:154700"] == ("AD",)  # Marfan syndrome
    assert modes["OMIM:219700"] == ("AR",)  # cystic fibrosis
    stated = [r["frequency"] for r in rows if r["aspect"] == "P" and r["frequency"]]
    unread = sum(frequency_of(text) is None for text in stated)
    assert unread / len(stated) < 0.001
