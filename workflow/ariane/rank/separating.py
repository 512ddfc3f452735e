"""HPO terms to look for: those whose presence or absence would best separate the leading diseases.

For a term *t* and a leading disease *d* of share *w(d)*, the expected information in bits is::

    I(t) = H( sum over d of w(d) P(t | d) ) - sum over d of w(d) H( P(t | d) )
    P(t | d) = (1 - noise) * max( F(t, d), back_off * B(t) ) + noise * B(t)

H is the entropy of a yes or no, F and B are the frequencies that the phenotype points read (see
:mod:`ariane.rank.phenotype`): a term that nobody annotated to a disease is rarer in it, not
impossible. P is taken given what the record says of broader and narrower terms. Shares are
posteriors made to sum to one over the leading diseases; "none in these data" has no description, so
it stands aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ariane.model.case import Case
from ariane.model.points import THOUSAND
from ariane.rank.lift_table import LookFor
from ariane.rank.phenotype import PhenotypeScorer
from ariane.rank.standing import NONE

Row = Mapping[str, Any]
_ALMOST: Final = 1e-12
"""Keeps a logarithm finite where a probability is 0 or 1; far below a thousandth of a bit."""


@dataclass(frozen=True)
class Disease:
    """A leading disease and its share among them."""

    disease: str
    name: str
    share: float


@dataclass(frozen=True)
class Term:
    """A term to look for."""

    term: str
    label: str
    bits: int
    """Expected information, in thousandths of a bit."""
    if_present: Disease
    """The disease that the presence would raise most, with the share it would then have."""
    if_absent: Disease
    frequencies: tuple[tuple[str, int], ...]
    """By leading disease, the frequency in thousandths; 0 where nobody annotated the term."""

    def to_row(self) -> dict[str, Any]:
        """Plain values, shares in thousandths."""
        return {
            "term": self.term,
            "label": self.label,
            "bits": self.bits,
            "if_present": _told(self.if_present),
            "if_absent": _told(self.if_absent),
            "frequencies": [{"disease": d, "frequency": f} for d, f in self.frequencies],
        }


def _told(disease: Disease) -> dict[str, Any]:
    share = round(disease.share * THOUSAND)
    return {"disease": disease.disease, "disease_name": disease.name, "share": share}


class Separator:
    """Finds the terms to look for, for any case of a release.

    Args:
        scorer: the release's phenotype scorer.
        limits: how terms are chosen.
    """

    def __init__(self, scorer: PhenotypeScorer, limits: LookFor) -> None:
        self.scorer = scorer
        self.limits = limits
        self._held: dict[str, npt.NDArray[np.intp]] = {}

    @cached_property
    def _by_disease(self) -> sparse.csc_array:
        table = self.scorer.table
        terms = np.repeat(np.arange(len(table.terms)), np.diff(table.start))
        shape = (len(table.terms), len(table.diseases))
        return sparse.csc_array((table.frequency, (terms, table.disease)), shape=shape)

    def look_for(self, case: Case, standing: Iterable[Row]) -> list[Term]:
        """Terms that are neither recorded nor implied, the most telling first.

        None where fewer than two leading diseases are described.
        """
        rows = list(standing)
        diseases = self._described(leading_diseases(rows, self.limits.diseases))
        if len(diseases) < 2:
            return []
        table = self.scorer.table
        frequency = np.zeros((len(table.terms), len(diseases)))
        annotated = np.zeros(len(table.terms), dtype=np.bool_)
        for column, disease in enumerate(diseases):
            at = table.disease_index[disease.disease]
            span = slice(self._by_disease.indptr[at], self._by_disease.indptr[at + 1])
            terms, found = self._by_disease.indices[span], self._by_disease.data[span]
            frequency[terms, column] = found
            annotated[terms] |= found > 0
        open_terms = self._open(case, np.flatnonzero(annotated))
        if open_terms.size == 0:
            return []
        share = np.array([d.share for d in diseases])
        given = self._given(frequency, open_terms, case)
        bits = information(given, share)
        chosen = self._chosen(open_terms, bits)
        return [
            self._term(
                int(open_terms[row]),
                int(bits[row]),
                given[row],
                frequency[open_terms[row]],
                share,
                diseases,
            )
            for row in chosen
        ]

    def _described(self, diseases: Sequence[Disease]) -> list[Disease]:
        kept = [d for d in diseases if d.disease in self.scorer.table.disease_index]
        whole = sum(d.share for d in kept)
        return [Disease(d.disease, d.name, d.share / whole) for d in kept] if whole > 0 else []

    def _open(self, case: Case, found: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """Terms of which the record says neither that the patient has them nor that he has not."""
        live = self.scorer.ontology.live
        told = np.zeros(len(self.scorer.table.terms), dtype=np.bool_)
        for term in live(case.phenotype.observed):
            told[self._above(term)] = True
        for term in live(case.phenotype.excluded):
            told[self._below(term)] = True
        return found[~told[found]]

    def _above(self, term: str) -> npt.NDArray[np.intp]:
        """Places in the table of a term and the broader ones."""
        places = self.scorer.table.term_index
        above = self.scorer.ontology.ancestors[term]
        return np.array([places[one] for one in above if one in places], dtype=np.intp)

    @cached_property
    def _narrower(self) -> Mapping[str, Sequence[int]]:
        found: dict[str, list[int]] = {}
        for place, term in enumerate(self.scorer.table.terms):
            for above in self.scorer.ontology.ancestors[term]:
                found.setdefault(above, []).append(place)
        return found

    def _below(self, term: str) -> npt.NDArray[np.intp]:
        """Places in the table of a term and the narrower ones."""
        if term not in self._held:
            self._held[term] = np.array(self._narrower.get(term, ()), dtype=np.intp)
        return self._held[term]

    def _probability(
        self, frequency: npt.NDArray[np.float64], at: npt.NDArray[np.intp]
    ) -> npt.NDArray[np.float64]:
        """P(term | disease) of some terms."""
        constants = self.scorer.constants
        background = np.minimum(self.scorer.table.background[at], 1.0)[:, None]
        least = np.maximum(frequency[at], constants.back_off * background)
        result: npt.NDArray[np.float64] = (
            1 - constants.noise
        ) * least + constants.noise * background
        return result

    def _given(
        self, frequency: npt.NDArray[np.float64], at: npt.NDArray[np.intp], case: Case
    ) -> npt.NDArray[np.float64]:
        """P(term | disease, what the record says above and below the term).

        A broader term that the patient has makes the term likelier; a narrower one that he has not
        takes its share away.
        """
        noise, background = self.scorer.constants.noise, self.scorer.table.background
        given = self._probability(frequency, at)
        held, held_p = self._recorded(frequency, case.phenotype.observed)
        lacked, lacked_p = self._recorded(frequency, case.phenotype.excluded)
        gone = np.full_like(given, -np.inf)
        for term, p in zip(lacked, lacked_p, strict=True):
            rows = _rows(self._above(term), at)
            gone[rows] = np.maximum(gone[rows], p)
        under = np.flatnonzero(gone[:, 0] > -np.inf)
        rest = (given[under] - gone[under]) / np.maximum(1 - gone[under], _ALMOST)
        least = np.minimum(noise * background[at[under]], 1.0)[:, None]
        given[under] = np.maximum(rest, least)
        broader = np.full_like(given, np.inf)
        for term, p in zip(held, held_p, strict=True):
            rows = _rows(self._below(term), at)
            broader[rows] = np.minimum(broader[rows], p)
        over = np.flatnonzero(broader[:, 0] < np.inf)
        given[over] = np.minimum(given[over] / broader[over], 1.0)
        return given

    def _recorded(
        self, frequency: npt.NDArray[np.float64], written: Sequence[str]
    ) -> tuple[list[str], npt.NDArray[np.float64]]:
        """Recorded terms of the table with their P in each disease."""
        places = self.scorer.table.term_index
        known = [term for term in self.scorer.ontology.live(written) if term in places]
        at = np.array([places[term] for term in known], dtype=np.intp)
        return known, self._probability(frequency, at)

    def _chosen(self, terms: npt.NDArray[np.intp], bits: npt.NDArray[np.int64]) -> list[int]:
        """Places of the best terms: no two alike, a narrower one where it tells nearly as much."""
        names, limits = self.scorer.table.terms, self.limits
        ancestors = self.scorer.ontology.ancestors
        background = self.scorer.table.background
        order = np.argsort(-bits, kind="stable")  # terms of the table are sorted by name
        order = order[bits[order] >= limits.bits]
        chosen: list[int] = []
        for place in order:
            rows = _rows(self._below(names[terms[place]]), terms)
            least = max(limits.narrower * bits[place], limits.bits)
            narrower = rows[bits[rows] >= least].tolist()
            pick = min(
                narrower,
                key=lambda n: (
                    background[terms[n]],
                    -len(ancestors[names[terms[n]]]),
                    names[terms[n]],
                ),
            )
            if not any(self._alike(names[terms[pick]], names[terms[held]]) for held in chosen):
                chosen.append(pick)
            if len(chosen) == limits.terms:
                break
        return chosen

    def _alike(self, one: str, other: str) -> bool:
        ancestors = self.scorer.ontology.ancestors
        related = one in ancestors[other] or other in ancestors[one]
        return related or self.scorer.likeness(one, other) >= self.limits.likeness

    def _term(
        self,
        at: int,
        bits: int,
        given: npt.NDArray[np.float64],
        frequency: npt.NDArray[np.float64],
        share: npt.NDArray[np.float64],
        diseases: Sequence[Disease],
    ) -> Term:
        term = self.scorer.table.terms[at]
        return Term(
            term=term,
            label=self.scorer.ontology.names[term],
            bits=bits,
            if_present=_raised(given, share, diseases),
            if_absent=_raised(1 - given, share, diseases),
            frequencies=tuple(
                (d.disease, round(float(f) * THOUSAND))
                for d, f in zip(diseases, frequency, strict=True)
            ),
        )


def _rows(places: npt.NDArray[np.intp], terms: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Where some places stand among others that are sorted; those that do not are left out."""
    if not terms.size:
        return terms
    rows = np.minimum(np.searchsorted(terms, places), terms.size - 1)
    found: npt.NDArray[np.intp] = rows[terms[rows] == places]
    return found


def information(
    given: npt.NDArray[np.float64], share: npt.NDArray[np.float64]
) -> npt.NDArray[np.int64]:
    """Expected information of each term, in whole thousandths of a bit.

    Args:
        given: P(term | disease), terms by diseases.
        share: of each disease; they sum to one.
    """
    gain = _entropy(given @ share) - _entropy(given) @ share
    whole: npt.NDArray[np.int64] = np.rint(np.maximum(gain, 0) * THOUSAND).astype(np.int64)
    return whole


def _entropy(p: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    inside = np.clip(p, _ALMOST, 1 - _ALMOST)
    entropy: npt.NDArray[np.float64] = -(
        inside * np.log2(inside) + (1 - inside) * np.log2(1 - inside)
    )
    return entropy


def _raised(
    likelihood: npt.NDArray[np.float64],
    share: npt.NDArray[np.float64],
    diseases: Sequence[Disease],
) -> Disease:
    """The disease that an answer raises most, with the share it would then have."""
    best = min(
        range(len(diseases)), key=lambda n: (-round(float(likelihood[n]), 9), diseases[n].disease)
    )
    after = float(likelihood[best] * share[best] / max(float(likelihood @ share), _ALMOST))
    return Disease(diseases[best].disease, diseases[best].name, after)


def leading_diseases(standing: Iterable[Row], most: int) -> list[Disease]:
    """The diseases of a case's hypotheses with the most posterior, with that posterior.

    OMIM and Orphanet describe many diseases twice; to part those two would be no help. Of each gene
    one source speaks, the one with more posterior, for the whole gene.
    """
    rows = [row for row in standing if row["hypothesis"] != NONE and row["posterior"] > 0]
    names = {row["disease"]: row["disease_name"] for row in rows}
    of_source: dict[tuple[str, str], float] = {}
    of_gene: dict[str, float] = {}
    for row in rows:
        source = row["gene"], _source(row["disease"])
        of_source[source] = of_source.get(source, 0.0) + row["posterior"]
        of_gene[row["gene"]] = of_gene.get(row["gene"], 0.0) + row["posterior"]
    heard: dict[str, tuple[str, str]] = {}
    for key in sorted(of_source, key=lambda k: (of_source[k], k[1])):
        heard[key[0]] = key  # the last one stays
    shares: dict[str, float] = {}
    for row in rows:
        source = row["gene"], _source(row["disease"])
        if heard[row["gene"]] == source:
            share = row["posterior"] * of_gene[row["gene"]] / of_source[source]
            shares[row["disease"]] = shares.get(row["disease"], 0.0) + share
    best = sorted(shares, key=lambda disease: (-round(shares[disease], 12), disease))[:most]
    return [Disease(disease, names[disease], shares[disease]) for disease in best]


def _source(disease: str) -> str:
    return disease.partition(":")[0]
