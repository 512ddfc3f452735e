"""Two diseases in one patient, when two leading genes each explain what the other does not.

The pair is told beside the ranking and changes nothing in it. Its odds against its leading half::

    share * 2 / (n - 1) * odds(local points of the other + phenotype of both - phenotype of one)

``share`` is the part of diagnosed patients who have two diseases, any two of the ``n`` (gene,
disease) pairs of the release being as likely as any other two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from ariane.model.canonical import POSTERIOR_DIGITS
from ariane.model.points import odds_from_points
from ariane.rank.constants import DualConstants
from ariane.rank.phenotype import PhenotypeScorer

Row = Mapping[str, Any]


@dataclass(frozen=True)
class TwoDiseases:
    """A joint hypothesis: both of two ranked hypotheses at once."""

    first: str
    """The one with the higher posterior, as the standing names it."""
    second: str
    phenotype_points: int
    """Of both diseases together, in thousandths."""
    total_points: int
    posterior: float
    """Against all single hypotheses and "none in these data", which keep theirs."""
    terms_first: tuple[str, ...]
    """The patient's terms that the first disease explains and the second does not."""
    terms_second: tuple[str, ...]

    def to_row(self) -> dict[str, Any]:
        """Plain values."""
        row = asdict(self)
        return {**row, **{k: list(row[k]) for k in ("terms_first", "terms_second")}}


def two_diseases(
    standing: Sequence[Row],
    terms: Sequence[str],
    scorer: PhenotypeScorer | None,
    count: int,
    constants: DualConstants,
) -> TwoDiseases | None:
    """The best joint hypothesis of a case, or None when no pair rises.

    Args:
        standing: the case's standing.
        terms: the patient's informative terms.
        scorer: the release's phenotype scorer.
        count: (gene, disease) pairs of the release.
        constants: see :class:`DualConstants`.
    """
    if scorer is None or not terms or count < 2:
        return None
    leading = _leading(standing, constants.genes)
    pairs = (
        _joint(first, second, standing, terms, scorer, count, constants)
        for first, second in combinations(leading, 2)
    )
    told = [pair for pair in pairs if pair and pair.posterior >= constants.told_from]
    return min(told, key=lambda p: (-p.posterior, p.first, p.second), default=None)


def _leading(standing: Sequence[Row], genes: int) -> list[Row]:
    """The first hypothesis of each leading gene, those with a posterior only."""
    best: dict[str, Row] = {}
    for row in sorted(standing, key=lambda r: r["rank"]):
        if row["rank"] > 0 and row["posterior"] > 0:
            best.setdefault(row["gene"], row)
    return list(best.values())[:genes]


def _joint(
    first: Row,
    second: Row,
    standing: Sequence[Row],
    terms: Sequence[str],
    scorer: PhenotypeScorer,
    count: int,
    constants: DualConstants,
) -> TwoDiseases | None:
    own = tuple(_only(terms, first["disease"], second["disease"], scorer))
    others = tuple(_only(terms, second["disease"], first["disease"], scorer))
    union = scorer.union(terms, first["disease"], second["disease"])
    if not own or not others or union is None:
        return None
    # The prior of a (gene, disease) pair is shared by the case's findings that fit it.
    rivals = sum(
        row["gene"] == second["gene"]
        and row["disease"] == second["disease"]
        and row["posterior"] > 0
        for row in standing
    )
    gained = second["local_points"] + union - first["phenotype_points"]
    odds = constants.share * 2 / (count - 1) / rivals * odds_from_points(gained)
    weight = first["posterior"] * odds
    return TwoDiseases(
        first["hypothesis"],
        second["hypothesis"],
        union,
        first["local_points"] + second["local_points"] + union,
        round(weight / (1 + weight), POSTERIOR_DIGITS),
        own,
        others,
    )


def _only(terms: Sequence[str], disease: str, other: str, scorer: PhenotypeScorer) -> Iterator[str]:
    for term in terms:
        if scorer.speaks_for(term, disease) and not scorer.speaks_for(term, other):
            yield term
