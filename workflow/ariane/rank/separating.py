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
        at = [table.disease_index[d.disease] for d in diseases]
        frequency = self._by_disease[:, at].toarray()
        open_terms = self._open(case, np.flatnonzero(frequency.max(axis=1) > 0))
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
        ancestors = self.scorer.ontology.ancestors
        live = self.scorer.ontology.live
        present = set[str]().union(*(ancestors[t] for t in live(case.phenotype.observed)))
        absent = set(live(case.phenotype.excluded))
        names = self.scorer.table.terms
        kept = [n for n in found if names[n] not in present and not ancestors[names[n]] & absent]
        return np.array(kept, dtype=np.intp)

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
        table, ancestors = self.scorer.table, self.scorer.ontology.ancestors
        given = self._probability(frequency, at)
        held, held_p = self._recorded(frequency, case.phenotype.observed)
        lacked, lacked_p = self._recorded(frequency, case.phenotype.excluded)
        for row, term in enumerate(at):
            name = table.terms[term]
            over = [n for n, seen in enumerate(held) if seen in ancestors[name]]
            under = [n for n, gone in enumerate(lacked) if name in ancestors[gone]]
            if under:
                gone = lacked_p[under].max(axis=0)
                rest = (given[row] - gone) / np.maximum(1 - gone, _ALMOST)
                least = self.scorer.constants.noise * table.background[term]
                given[row] = np.maximum(rest, min(least, 1.0))
            if over:
                given[row] = np.minimum(given[row] / held_p[over].min(axis=0), 1.0)
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
        order = sorted(range(len(terms)), key=lambda n: (-int(bits[n]), names[terms[n]]))
        order = [n for n in order if bits[n] >= limits.bits]
        chosen: list[int] = []
        for place in order:
            best = names[terms[place]]
            narrower = [
                n
                for n in order
                if best in ancestors[names[terms[n]]] and bits[n] >= limits.narrower * bits[place]
            ]
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
    heard = {
        gene: max((key for key in of_source if key[0] == gene), key=lambda k: (of_source[k], k[1]))
        for gene in of_gene
    }
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
