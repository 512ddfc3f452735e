"""Which frequency speaks for an allele when several records know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ariane.knowledge.in_house import case_digest, without_family
from ariane.knowledge.lookup import Knowledge
from ariane.model.evidence import ABSENT, NO_RESOURCE, NOT_COVERED
from ariane.phrases import say
from ariane.rank.profile import Profile


@dataclass(frozen=True)
class Heard:
    """The frequency that evidence reads of one allele."""

    af: float | None
    """None when no record is found; ``record`` then tells why."""
    record: str
    resource: str = "frequencies"
    words: str = ""
    failed: str = ""
    """Failed filters of the record, empty when it passed."""


def heard_frequency(candidate: Mapping[str, Any], known: Knowledge, profile: Profile) -> Heard:
    """The highest frequency of an allele that may be believed.

    Records that passed their resource's filters go before those that failed: of the latter none can
    shut BA1 or count for BS1 by itself. The in-house table speaks only from the threshold of BS1
    on, by the lower bound of its frequency and without the case's own family: below it, alleles
    shared by two affected families must not pass for common.

    Without a record the answer tells why: absent at a covered site, not covered, or no resource;
    these three are never taken for one another.
    """
    population = _population(candidate, known)
    for record in known.in_house.get(candidate["variant"], ()):
        family = known.families.get(case_digest(candidate["case"]), "")
        own = without_family(record, family)
        beaten = population.af is None or population.failed or own.faf95 > population.af
        if own.faf95 >= profile.bs1_min_frequency and beaten:
            told = {"share": own.faf95, "count": own.ac, "all": own.an}
            words = (
                say(
                    "in-house frequency at least {share:.3g} ({count} of {all} chromosomes, "
                    "the own family left out)",
                    **told,
                )
                if own.own_left_out
                else say(
                    "in-house frequency at least {share:.3g} ({count} of {all} chromosomes)", **told
                )
            )
            population = Heard(own.faf95, str(record["record"]), "in_house", words)
    return population


def _population(candidate: Mapping[str, Any], known: Knowledge) -> Heard:
    if not known.has("frequencies"):
        return Heard(None, NO_RESOURCE)
    records = known.frequencies.get(candidate["variant"], ())
    if records:
        best = max(records, key=lambda r: (not _failed(r), r["af"], r["record"]))
        words = say("population frequency {share:.3g}", share=best["af"])
        failed = _failed(best)
        if failed:
            text = failed.replace(";", ", ")
            words = say("{said}, in a record that failed {text}", said=words, text=text)
        return Heard(float(best["af"]), str(best["record"]), words=words, failed=failed)
    if known.has("coverage") and known.covered.holds(candidate["chrom"], candidate["pos"]):
        return Heard(None, ABSENT)
    return Heard(None, NOT_COVERED)


def _failed(record: Mapping[str, Any]) -> str:
    """Failed filters of a record; structural records that failed were passed over when read."""
    return str(record.get("filters", ""))
