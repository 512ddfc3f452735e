"""Points: log-odds in the unit of the ACMG scale, kept as whole thousandths.

One point multiplies the odds by 2.08, the eighth root of 350, the odds that Tavtigian and others
(Genet Med 2018, Hum Mutat 2020) give to very strong evidence, which weighs eight points. Sums of
whole thousandths are exact in any order, on any machine.
"""

from __future__ import annotations

import math
from enum import StrEnum

ODDS_PER_POINT = 350 ** (1 / 8)
"""Odds of one point: 2.0797 (Tavtigian 2018: odds of pathogenicity 350 for very strong)."""

THOUSAND = 1000
"""Thousandths in a point."""

PRIOR_OF_PATHOGENICITY = 0.10
"""Prior probability that a variant under assessment is pathogenic (Tavtigian 2018)."""


class AcmgClass(StrEnum):
    """The five classes of Richards and others, Genet Med 2015."""

    PATHOGENIC = "P"
    LIKELY_PATHOGENIC = "LP"
    UNCERTAIN = "VUS"
    LIKELY_BENIGN = "LB"
    BENIGN = "B"


def milli(points: float) -> int:
    """Points to whole thousandths, halves away from zero."""
    return int(math.copysign(math.floor(abs(points) * THOUSAND + 0.5), points))


def points_from_odds(odds: float) -> int:
    """Odds (a ratio above zero) to thousandths of a point.

    Raises:
        ValueError: the odds are not above zero.
    """
    if odds <= 0:
        raise ValueError("odds must be above zero")
    return milli(math.log(odds) / math.log(ODDS_PER_POINT))


def odds_from_points(thousandths: int) -> float:
    """Thousandths of a point to odds."""
    return float(ODDS_PER_POINT ** (thousandths / THOUSAND))


def probability_of_pathogenicity(thousandths: int) -> float:
    """Posterior probability that an allele is pathogenic, from its points and the prior of 0.10."""
    odds = odds_from_points(thousandths) * PRIOR_OF_PATHOGENICITY / (1 - PRIOR_OF_PATHOGENICITY)
    return odds / (1 + odds)


def acmg_class(thousandths: int) -> AcmgClass:
    """The class for a sum of ACMG points: P from 10, LP 6 to 9, VUS 0 to 5, LB -1 to -6, B below.

    Source: Tavtigian and others, Hum Mutat 2020, table 2. Fractions fall to the lower class.
    """
    if thousandths >= 10 * THOUSAND:
        return AcmgClass.PATHOGENIC
    if thousandths >= 6 * THOUSAND:
        return AcmgClass.LIKELY_PATHOGENIC
    if thousandths >= 0:
        return AcmgClass.UNCERTAIN
    if thousandths > -7 * THOUSAND:
        return AcmgClass.LIKELY_BENIGN
    return AcmgClass.BENIGN
