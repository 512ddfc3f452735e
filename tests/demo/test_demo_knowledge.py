"""What the two releases know, and how they differ."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ariane.files import read_table
from ariane.knowledge import readers, tables
from ariane.knowledge.annotations import annotated_frequencies
from ariane.knowledge.context import Context
from ariane.knowledge.frequencies import read_frequencies
from ariane.knowledge.genes import GeneNames, read_hgnc
from ariane.knowledge.hpo import Ontology, load_obo
from ariane.knowledge.prepare import read_release
from ariane.knowledge.readers import read_hpoa
from ariane.knowledge.release import Release

NAMES = ("demo-A", "demo-B")


@pytest.fixture(scope="module")
def releases(demo: Path) -> tuple[Release, Release]:
    a, b = (Release.open(demo / "releases" / name) for name in NAMES)
    return a, b


@pytest.fixture(scope="module")
def ontologies(releases: tuple[Release, Release]) -> tuple[Ontology, Ontology]:
    a, b = (load_obo(release.require("hpo_ontology")) for release in releases)
    return a, b


def test_terms_are_those_of_the_bundled_ontology(tables: Any) -> None:
    from pyhpo import Ontology as Bundled

    Bundled()
    if Bundled.version() != "2025-11-24":
        pytest.skip(f"the installed hpo3 bundles HPO {Bundled.version()}, not 2025-11-24")
    for row in tables.terms:
        term = Bundled.get_hpo_object(row["hpo_id"])
        assert term.name == row["name"]
        assert ",".join(sorted(p.id for p in term.parents)) == row["is_a"]


def test_ontologies_reach_the_root(ontologies: tuple[Ontology, Ontology]) -> None:
    for ontology in ontologies:
        assert len(ontology.names) > 700
        assert all("HP:0000001" in above for above in ontology.ancestors.values())


def test_terms_merged_and_made_between_the_releases(ontologies: tuple[Ontology, Ontology]) -> None:
    a, b = ontologies
    for old, new in (("HP:0000368", "HP:0000358"), ("HP:0002355", "HP:0001288")):
        assert a.resolve(old).how == "exact"
        assert b.resolve(old).term == new
        assert b.resolve(old).how == "alternative"
    assert a.resolve("HP:6001053").how == "unknown"
    assert b.resolve("HP:6001053").how == "exact"


def test_every_annotated_term_is_known(
    releases: tuple[Release, Release], ontologies: tuple[Ontology, Ontology]
) -> None:
    for release, ontology in zip(releases, ontologies, strict=True):
        rows = list(read_hpoa(release.require("hpo_annotations")))
        assert len(rows) > 330
        unknown = [r["hpo_id"] for r in rows if ontology.resolve(r["hpo_id"]).term is None]
        assert unknown == []
        assert {r["aspect"] for r in rows} == {"P", "I", "C"}
        assert any(r["qualifier"] == "NOT" for r in rows)
        assert annotated_frequencies(rows, ontology)


def test_modes_of_inheritance_change(releases: tuple[Release, Release]) -> None:
    a, b = (readers.disease_modes(r.require("hpo_annotations")) for r in releases)
    assert {disease for disease in b if a.get(disease) != b[disease]} == {
        "OMIM:143890",
        "OMIM:301040",
        "OMIM:620416",
        "OMIM:620535",
    }
    assert (a["OMIM:301040"], b["OMIM:301040"]) == (("XLR",), ("XLD",))


def test_genes_gain_their_disease(releases: tuple[Release, Release]) -> None:
    genes = []
    for release in releases:
        names = read_hgnc(release.require("genes"))
        pairs = readers.read_gene_disease(release.require("gene_disease"), names, {}, {})
        genes.append({row["symbol"] for row in pairs})
        assert all(row["gene"].startswith("HGNC:") for row in pairs)
    assert genes[1] - genes[0] == {"U2AF2", "SPTSSA"}
    assert not {"OR1A1", "KRTAP5-1"} & genes[1]


def test_assertions_change_both_ways(
    releases: tuple[Release, Release], variants: Any, tmp_path: Path
) -> None:
    a, b = (read_release(release, tmp_path / release.name) for release in releases)
    said_a, said_b = (
        read_table(p.folder / "assertions.parquet", tables.ASSERTIONS) for p in (a, b)
    )
    assert a.unknown_words == {"Awaiting_second_reading": 1}
    keys = {variant.key: variant.name for variant in variants}
    before, after = ({keys[r["variant"]]: r["klass"] for r in said} for said in (said_a, said_b))
    assert len(before) == len(said_a) >= 60
    assert set(before) - set(after) == {"CFTR.85.CAT", "STXBP1.90.TAG"}
    assert set(after) - set(before) == {
        "ABCA4.3+160.G",
        "LDLR.170.GTG",
        "SPTSSA.51.ATG",
        "U2AF2.149.TGG",
    }
    moved = {n: (before[n], after[n]) for n in before.keys() & after if before[n] != after[n]}
    assert moved == {"PAH.160.CTG": ("VUS", "LP"), "MYH7.180.CAG": ("LP", "VUS")}
    assert all(row["gene"].startswith("HGNC:") for row in said_b)
    nulls = Counter(v.gene for v in variants if v.expected == "stop_gained" and v.assertions[0])
    assert sum(count >= 2 for count in nulls.values()) >= 12


def test_one_frequency_rises(releases: tuple[Release, Release], genome: Any) -> None:
    from ariane.knowledge.contigs import Contigs

    contigs = Contigs({name: len(bases) for name, bases in genome.sequences.items()})
    context = Context(GeneNames.of([]), contigs)
    a, b = (
        {
            row["variant"]: row["af"]
            for row in read_frequencies(release.require("frequencies"), context)
        }
        for release in releases
    )
    assert {k: v for k, v in b.items() if a.get(k) != v} == {"chr20-7047-C-T": 0.075}
    assert set(a) <= set(b)
