"""What HPO says of a disease feature by feature, with the papers it rests on, and French names.

Nothing here moves a point: the score reads :mod:`ariane.knowledge.annotations`. These are the rows
behind it, for people.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ariane.files import open_text
from ariane.knowledge.annotations import annotated_frequencies
from ariane.knowledge.hpo import Ontology
from ariane.knowledge.readers import read_hpoa
from ariane.model.errors import ArianeError

_PAPER: Final = re.compile(r"PMID:[0-9]+")
_LABEL: Final = "rdfs:label"
_TRANSLATED: Final = ("subject_id", "predicate_id", "translation_value")


@dataclass(frozen=True)
class Feature:
    """One annotated feature of a disease."""

    term: str
    """The live term."""
    frequency: float
    """Share of patients, 0 to 1, as the score reads it; 0 for a feature that HPO denies."""
    stated: bool
    """Whether any line states a frequency; else :data:`~ariane.knowledge.annotations.UNSTATED`
    stands for it."""
    papers: tuple[str, ...]
    """PubMed identifiers of the lines, sorted: ``PMID:1``."""


def read_features(
    path: Path, diseases: Collection[str], ontology: Ontology
) -> Mapping[str, Sequence[Feature]]:
    """Features of some diseases from ``phenotype.hpoa``, the most frequent first.

    Args:
        path: the file.
        diseases: identifiers; one that HPO does not annotate is not among the keys.
        ontology: the ontology of the same release.

    Raises:
        ArianeError: the file lacks the columns of HPO annotations.
    """
    wanted = set(diseases)
    rows = [row for row in read_hpoa(path) if row["database_id"] in wanted]
    papers: dict[tuple[str, str], set[str]] = {}
    stated: set[tuple[str, str]] = set()
    for row in rows:
        term = ontology.resolve(row["hpo_id"]).term
        key = (row["database_id"], term or "")
        papers.setdefault(key, set()).update(_PAPER.findall(row.get("reference", "")))
        if row.get("frequency", "").strip() or row.get("qualifier", "") == "NOT":
            stated.add(key)
    found: dict[str, list[Feature]] = {}
    for key, share in annotated_frequencies(rows, ontology).items():
        told = Feature(key[1], share, key in stated, tuple(sorted(papers[key], key=_number)))
        found.setdefault(key[0], []).append(told)
    return {
        disease: sorted(features, key=lambda one: (-one.frequency, one.term))
        for disease, features in sorted(found.items())
    }


def read_names(path: Path, terms: Collection[str]) -> Mapping[str, str]:
    """Names of terms in another language, from a Babelon table of HPO's translations.

    Args:
        path: ``hp-fr.babelon.tsv`` or its like.
        terms: the terms that are asked for; one without a translation is not among the keys.

    Raises:
        ArianeError: the file lacks the columns of such a table.
    """
    wanted, found = set(terms), dict[str, str]()
    with open_text(path) as handle:
        rows = csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
        if not set(_TRANSLATED) <= set(rows.fieldnames or ()):
            raise ArianeError(
                f"{path}: lacks a column of {', '.join(_TRANSLATED)}. Give hp-fr.babelon.tsv of "
                "HPO's translations."
            )
        for row in rows:
            term, name = row["subject_id"], (row["translation_value"] or "").strip()
            if term in wanted and row["predicate_id"] == _LABEL and name:
                found.setdefault(term, name)
    return dict(sorted(found.items()))


def _number(paper: str) -> int:
    return int(paper.removeprefix("PMID:"))
