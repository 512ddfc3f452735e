"""What stands beside the candidates, read from files: earlier cycles, French names, diseases."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

from ariane import files
from ariane.knowledge import tables
from ariane.knowledge.release import Release, Resource
from ariane.model.canonical import shard_name, shard_of
from ariane.model.tables import STANDING
from ariane.report import beside

CASE = "O'CASE"


def cycle(folder: Path, name: str, previous: str, ranks: dict[str, int] | None) -> None:
    """A begun cycle; its standing where ranks are given."""
    facts = {"release": f"R-{name}", "as_of": f"{name}-01", "previous": previous, "shards": 3}
    path = folder / "state" / "cycles" / name / "inputs" / "cycle.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(facts))
    if ranks is None:
        return
    zero = dict.fromkeys(("local_points", "phenotype_points", "gene_rank", "out_of_scope"), 0)
    blank = dict.fromkeys(("gene", "symbol", "disease", "disease_name", "mode", "finding"), "")
    rows = [
        {
            "case": case,
            "hypothesis": hypothesis,
            **blank,
            **zero,
            "total_points": 1000 * rank,
            "posterior": 0.5 / (1 + rank),
            "rank": rank,
        }
        for case in (CASE, "OTHER")
        for hypothesis, rank in {**ranks, "none": 0}.items()
    ]
    shard = shard_name(shard_of(CASE, 3), 3)
    target = folder / "results" / name / "shards" / shard / "standing.parquet"
    files.write_table(target, STANDING, rows)


def test_history_goes_back_over_cycles_and_says_what_is_not_at_hand(tmp_path: Path) -> None:
    cycle(tmp_path, "2024-01", "", {"a|D": 2, "b|D": 1})
    cycle(tmp_path, "2024-02", "2024-01", None)
    cycle(tmp_path, "2024-03", "2024-02", {"a|D": 1})
    told = beside.history(tmp_path / "results", tmp_path / "state", "2024-03", CASE)
    assert [(row["cycle"], row["release"], row["as_of"], row["kept"]) for row in told] == [
        ("2024-01", "R-2024-01", "2024-01-01", True),
        ("2024-02", "R-2024-02", "2024-02-01", False),
        ("2024-03", "R-2024-03", "2024-03-01", True),
    ]
    assert [[(s["hypothesis"], s["rank"]) for s in row["standing"]] for row in told] == [
        [("b|D", 1), ("a|D", 2)],
        [],
        [("a|D", 1)],
    ]


def test_history_has_an_end(tmp_path: Path) -> None:
    names = [f"20{n:02d}" for n in range(10, 10 + beside.CYCLES + 3)]
    for previous, name in zip(["", *names], names, strict=False):
        cycle(tmp_path, name, previous, None)
    told = beside.history(tmp_path / "results", tmp_path / "state", names[-1], CASE)
    assert [row["cycle"] for row in told] == names[-beside.CYCLES :]
    cycle(tmp_path, "loop", "loop", None)
    assert len(beside.history(tmp_path / "results", tmp_path / "state", "loop", CASE)) == 1


def test_a_release_without_the_resource_tells_nothing(tmp_path: Path) -> None:
    release = Release(tmp_path, "R", datetime.date(2024, 1, 1), {})
    assert beside.french(release, {"HP:0000001"}) == {}
    assert beside.features(release, {"OMIM:1"}, None) == []


def test_french_names_of_a_release(tmp_path: Path) -> None:
    path = tmp_path / "fr.tsv"
    path.write_text(
        "subject_id\tpredicate_id\ttranslation_value\nHP:0000001\trdfs:label\tTous\n",
        encoding="utf-8",
    )
    said = dict.fromkeys(("version", "date", "sha256", "licence_class", "licence", "source"), "x")
    resource = Resource(kind="hpo_french", file=str(path), format="babelon_tsv", **said)
    release = Release(tmp_path, "R", datetime.date(2024, 1, 1), {"hpo_french": resource})
    assert beside.french(release, {"HP:0000001", "HP:0000002"}) == {"HP:0000001": "Tous"}


def test_diseases_of_genes(tmp_path: Path) -> None:
    rows = [
        {
            "gene": gene,
            "symbol": "S",
            "disease": disease,
            "disease_name": f"name of {disease}",
            "modes": "AD",
            "record": "r",
        }
        for gene, disease in (("HGNC:1", "OMIM:2"), ("HGNC:1", "OMIM:1"), ("HGNC:3", "OMIM:9"))
    ]
    files.write_table(tmp_path / "gene_disease.parquet", tables.GENE_DISEASE, rows)
    told = beside.gene_diseases(tmp_path, ["HGNC:1", "HGNC:2", ""])
    assert [(row["gene"], row["disease"]) for row in told] == [
        ("HGNC:1", "OMIM:1"),
        ("HGNC:1", "OMIM:2"),
    ]
    assert set(told[0]) == {"gene", "disease", "disease_name", "modes"}
