"""Diseases as HPO describes them: how often each term is seen in each disease.

The table is closed upwards: a person with a term has all its ancestors. A person has a term when he
has any of the features annotated below it, each by its own frequency (noisy or).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from ariane import files
from ariane.knowledge.hpo import PHENOTYPIC_ABNORMALITY, Ontology
from ariane.knowledge.readers import read_hpoa
from ariane.model.errors import ArianeError

CLASSES: Final[Mapping[str, float]] = {
    "HP:0040280": 0.98,  # obligate, 100 %
    "HP:0040281": 0.895,  # very frequent, 80 to 99 %
    "HP:0040282": 0.545,  # frequent, 30 to 79 %
    "HP:0040283": 0.17,  # occasional, 5 to 29 %
    "HP:0040284": 0.025,  # very rare, 1 to 4 %
    "HP:0040285": 0.0,  # excluded
}
"""Middle of each HPO frequency class."""

UNSTATED: Final = 0.7
"""Frequency where HPO states none: between frequent and very frequent features. The field's habit
is to read it as 100 %; of 0.5, 0.6, 0.7 and 0.8 this did as well as any on the published cases."""

SHRUNK: Final = (2.0, 4.0)
"""Persons with a feature, and persons in all, that are added to each count."""

_ABNORMALITY: Final = "P"


@dataclass(frozen=True)
class DiseaseTerms:
    """Frequencies of terms in diseases, closed upwards, sorted by term, then disease."""

    terms: tuple[str, ...]
    """Live phenotypic terms, sorted."""
    diseases: tuple[str, ...]
    """Annotated diseases, sorted."""
    start: npt.NDArray[np.int64]
    """For each term the first of its entries; one longer than ``terms``."""
    disease: npt.NDArray[np.int32]
    """Index of the disease of each entry."""
    frequency: npt.NDArray[np.float64]
    """Share of the disease's patients who have the term, 0 to 1."""
    features: npt.NDArray[np.float64]
    """Annotated features that a patient of each disease has: the sum of their frequencies."""

    @cached_property
    def term_index(self) -> Mapping[str, int]:
        """Position of each term."""
        return {term: i for i, term in enumerate(self.terms)}

    @cached_property
    def disease_index(self) -> Mapping[str, int]:
        """Position of each disease."""
        return {disease: i for i, disease in enumerate(self.diseases)}

    @cached_property
    def background(self) -> npt.NDArray[np.float64]:
        """Mean frequency of each term over all diseases, at least one in ten thousand."""
        total = np.add.reduceat(
            np.append(self.frequency, 0.0), np.minimum(self.start[:-1], self.frequency.size)
        )
        total[np.diff(self.start) == 0] = 0.0
        return np.maximum(total / max(len(self.diseases), 1), 1e-4)

    def entries(self, term: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
        """Diseases that have a term, and how often."""
        span = slice(self.start[term], self.start[term + 1])
        return self.disease[span], self.frequency[span]

    def save(self, path: Path) -> None:
        """Write as ``.npz``: plain arrays, nothing pickled."""
        with files.replacing(path) as temporary:
            np.savez_compressed(
                temporary,
                terms=np.array(self.terms, dtype=np.str_),
                diseases=np.array(self.diseases, dtype=np.str_),
                start=self.start,
                disease=self.disease,
                frequency=self.frequency,
                features=self.features,
            )

    @classmethod
    def load(cls, path: Path) -> DiseaseTerms:
        """Read what :meth:`save` wrote.

        Raises:
            ArianeError: the file is missing or damaged.
        """
        try:
            with np.load(path, allow_pickle=False) as held:
                return cls(
                    terms=tuple(held["terms"].tolist()),
                    diseases=tuple(held["diseases"].tolist()),
                    start=held["start"],
                    disease=held["disease"],
                    frequency=held["frequency"],
                    features=held["features"],
                )
        except (OSError, EOFError, ValueError, KeyError, BadZipFile):
            raise ArianeError(f"{path}: missing or damaged. Delete it and run again.") from None


def frequency_of(text: str) -> tuple[float, float] | float | None:
    """Read HPO's frequency column: ``m/n`` as a pair, a class or percentage as a share.

    None where nothing is stated or the text cannot be read.
    """
    text = text.strip()
    if text in CLASSES:
        return CLASSES[text]
    try:
        if text.endswith("%"):
            return min(float(text[:-1]) / 100, 1.0)
        seen, slash, of = text.partition("/")
        if slash and float(of) > 0:
            return float(seen), float(of)
    except ValueError:
        return None
    return None


def shrunk(seen: float, of: float) -> float:
    """Share from a count, drawn towards one half by four persons: 1/1 is not certainty.

    ``m/n`` in HPO's files is one paper's cohort, chosen for being described. Of half a person, one,
    two and four, four did best on published cases whose paper is not in the annotation.
    """
    return (min(seen, of) + SHRUNK[0]) / (of + SHRUNK[1])


def annotated_frequencies(rows: Iterable[Mapping[str, str]], ontology: Ontology) -> Any:
    """Frequency of each annotated (disease, live term), counts pooled over lines."""
    counts: dict[tuple[str, str], list[float]] = {}
    shares: dict[tuple[str, str], float] = {}
    for row in rows:
        if row.get("aspect") != _ABNORMALITY:
            continue
        term = ontology.resolve(row["hpo_id"]).term
        if term is None or not ontology.is_phenotype(term):
            continue
        key = (row["database_id"], term)
        if row.get("qualifier", "") == "NOT":
            shares.setdefault(key, 0.0)
            continue
        stated = frequency_of(row.get("frequency", ""))
        if isinstance(stated, tuple):
            pooled = counts.setdefault(key, [0.0, 0.0])
            pooled[0] += stated[0]
            pooled[1] += stated[1]
        else:
            shares[key] = max(shares.get(key, 0.0), UNSTATED if stated is None else stated)
    return shares | {key: shrunk(*pooled) for key, pooled in counts.items()}


def read_disease_terms(path: Path, ontology: Ontology) -> DiseaseTerms:
    """Build the closed table from ``phenotype.hpoa``."""
    own: dict[tuple[str, str], float] = annotated_frequencies(read_hpoa(path), ontology)
    missing: dict[tuple[str, str], list[float]] = {}
    for (disease, term), share in own.items():
        if share <= 0:
            continue
        for above in ontology.ancestors[term]:
            key = (above, disease)
            missing.setdefault(key, []).append(1.0 - share)
    terms = tuple(sorted(t for t in ontology.names if ontology.is_phenotype(t)))
    diseases = tuple(sorted({disease for disease, _ in own}))
    # Sorted before they are multiplied: no order of lines shows in the last digit.
    closed = {key: 1.0 - math.prod(sorted(shares)) for key, shares in missing.items()}
    features: dict[str, list[float]] = {}
    for (disease, _), share in own.items():
        features.setdefault(disease, []).append(share)
    # Whoever has a disease has some phenotypic abnormality, however rare each one is.
    closed |= {(PHENOTYPIC_ABNORMALITY, disease): 1.0 for disease in diseases}
    term_at = {term: i for i, term in enumerate(terms)}
    disease_at = {disease: i for i, disease in enumerate(diseases)}
    kept = sorted(
        (term_at[term], disease_at[disease], share)
        for (term, disease), share in closed.items()
        if term in term_at
    )
    start = np.zeros(len(terms) + 1, dtype=np.int64)
    np.add.at(start, np.array([t for t, _, _ in kept], dtype=np.int64) + 1, 1)
    return DiseaseTerms(
        terms=terms,
        diseases=diseases,
        start=np.cumsum(start),
        disease=np.array([d for _, d, _ in kept], dtype=np.int32),
        frequency=np.array([f for _, _, f in kept], dtype=np.float64),
        features=np.array([math.fsum(features[d]) for d in diseases], dtype=np.float64),
    )
