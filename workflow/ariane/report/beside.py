"""What stands beside a case's candidates: descriptions of diseases, names, earlier cycles."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ariane import files
from ariane.knowledge import tables
from ariane.knowledge.described import read_features, read_names
from ariane.knowledge.hpo import Ontology
from ariane.knowledge.lookup import select
from ariane.knowledge.release import Release
from ariane.model.canonical import shard_name, shard_of
from ariane.rank.standing import NONE
from ariane.reanalyse.frozen import cycle_facts

Row = dict[str, Any]

CYCLES: Final = 12
"""Cycles that a history goes back: a year of monthly releases."""


def features(release: Release, diseases: Collection[str], ontology: Ontology | None) -> list[Row]:
    """Features of some diseases, the most frequent first: ``disease``, ``term``, ``label``,
    ``frequency`` (share; 0 where HPO denies the feature), ``stated``, ``papers``."""
    path = release.path("hpo_annotations")
    if path is None or ontology is None:
        return []
    return [
        {
            "disease": disease,
            "term": one.term,
            "label": ontology.names.get(one.term, ""),
            "frequency": one.frequency,
            "stated": one.stated,
            "papers": list(one.papers),
        }
        for disease, held in read_features(path, diseases, ontology).items()
        for one in held
    ]


def french(release: Release, terms: Collection[str]) -> Mapping[str, str]:
    """French names of HPO terms, those that the release has."""
    path = release.path("hpo_french")
    return read_names(path, terms) if path is not None else {}


def french_diseases(
    release: Release, knowledge: Path, diseases: Collection[str]
) -> Mapping[str, str]:
    """French names of diseases by Orphanet, those that the release has.

    An OMIM disease takes the name of the ORPHA code that matches it exactly; one that Orphanet only
    holds within a broader disease keeps its own name.
    """
    path = knowledge / f"{tables.ORPHANET_FRENCH.name}.parquet"
    if release.path(tables.ORPHANET_FRENCH.name) is None or not path.is_file():
        return {}
    wanted = frozenset(diseases) - {""}
    own = select(knowledge, tables.ORPHANET_FRENCH, "disease", wanted)
    exact = {
        disease: [row for row in rows if row["relation"] == "E"]
        for disease, rows in select(knowledge, tables.ORPHANET_FRENCH, "reference", wanted).items()
    }
    return {disease: rows[0]["disease_name"] for disease, rows in {**exact, **own}.items() if rows}


def gene_diseases(knowledge: Path, genes: Iterable[str]) -> list[Row]:
    """Diseases that the release links to some genes: ``gene``, ``disease``, ``disease_name``,
    ``modes``."""
    held = select(knowledge, tables.GENE_DISEASE, "gene", frozenset(genes) - {""})
    names = ("gene", "disease", "disease_name", "modes")
    return [{name: row[name] for name in names} for gene in sorted(held) for row in held[gene]]


def history(results: Path, state: Path, cycle: str, case: str) -> list[Row]:
    """Where the hypotheses of a case stood in each cycle, the oldest first.

    One row a cycle: ``cycle``, ``release``, ``as_of``, ``kept`` (whether its tables are at hand)
    and ``standing``: for each hypothesis ``hypothesis``, ``rank``, ``posterior``,
    ``total_points``, ordered by rank.

    Args:
        results: ``results/cycles``.
        state: the folder of frozen inputs.
        cycle: the cycle of the page; at most :data:`CYCLES` are told, it among them.
        case: the case.

    Raises:
        ArianeError: a cycle in between was never begun, or its files are damaged.
    """
    told: list[Row] = []
    name = cycle
    while name and len(told) < CYCLES and name not in [row["cycle"] for row in told]:
        facts = cycle_facts(state, name)
        shard = shard_name(shard_of(case, facts["shards"]), facts["shards"])
        path = results / name / "shards" / shard / "standing.parquet"
        kept = path.is_file()
        told.append(
            {
                "cycle": name,
                "release": facts["release"],
                "as_of": facts["as_of"],
                "kept": kept,
                "standing": _standing(path, case) if kept else [],
            }
        )
        name = facts["previous"]
    return told[::-1]


def _standing(path: Path, case: str) -> Sequence[Row]:
    quoted = case.replace("'", "''")
    return files.query(
        "SELECT hypothesis, rank, posterior, total_points FROM held "  # noqa: S608 (quoted)
        f"WHERE \"case\" = '{quoted}' AND hypothesis <> '{NONE}' ORDER BY rank, hypothesis",
        held=path,
    )
