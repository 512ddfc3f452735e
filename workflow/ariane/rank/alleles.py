"""One allele of one case: where it lies, who carries it, what is said of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ariane.knowledge.contigs import Contigs
from ariane.knowledge.lookup import Knowledge
from ariane.model.case import Case
from ariane.model.evidence import Evidence, Ledger
from ariane.model.genotype import decode_family
from ariane.model.points import milli
from ariane.phrases import say
from ariane.rank import inheritance
from ariane.rank.asserted import assert_rows
from ariane.rank.combine import capped, total, triage
from ariane.rank.constants import CallThresholds, Constants
from ariane.rank.criteria import shut_by_ba1, without_own_assertion
from ariane.rank.frequency import heard_frequency
from ariane.rank.heteroplasmy import too_low
from ariane.rank.inheritance import Site
from ariane.rank.karyotype import Region, region_of
from ariane.rank.profile import Profile
from ariane.rank.structural import (
    as_structural,
    population_view,
    reads_structural,
    without_sequence,
)


@dataclass(frozen=True)
class Setting:
    """What evaluation needs beside the case: knowledge and constants of one release and code."""

    known: Knowledge
    constants: Constants
    profile: Profile
    contigs: Contigs


@dataclass(frozen=True)
class Allele:
    """A candidate allele with its own rows."""

    candidate: Mapping[str, Any]
    site: Site
    rows: tuple[Evidence, ...]
    shut: bool
    """Excluded by BA1: shown, counting nothing."""

    @property
    def variant(self) -> str:
        """Key of the allele."""
        return str(self.candidate["variant"])

    @property
    def points(self) -> int:
        """Sum of its own rows, in thousandths."""
        return total(self.rows)


def site_of(case: Case, candidate: Mapping[str, Any], setting: Setting) -> Site:
    """The family's calls of a candidate, under the law of inheritance of its place."""
    region = region_of(candidate["chrom"], candidate["pos"], setting.contigs)
    return Site(
        case,
        decode_family(candidate["genotypes"]),
        sex_linked=region in (Region.X, Region.Y),
        from_father=region is Region.Y,
        place=f"{candidate['chrom']}:{candidate['pos']}",
        mitochondrial=region is Region.MITOCHONDRIAL,
        structural=without_sequence(candidate),
    )


def allele_of(
    site: Site, candidate: Mapping[str, Any], criteria: Sequence[Evidence], setting: Setting
) -> Allele:
    """Everything that is said of one allele, whatever the mode.

    Args:
        site: the family's calls of it.
        candidate: the allele.
        criteria: its rows of the class ledger.
        setting: knowledge and constants.
    """
    variant = candidate["variant"]
    weights = setting.constants.genotype
    rows = without_own_assertion(criteria, variant, setting.known)
    rows += assert_rows(variant, setting.known, setting.constants)
    told = faults_of_call(site, candidate, setting.constants.calls)
    if told:
        weight = milli(weights["poor_call"])
        rows.append(triage(variant, "POOR_CALL", weight, told, read_key=variant))
    shut = shut_by_ba1(rows)
    if shut:
        # Asserted pathogenic and common: shown with its gate shut, counting nothing.
        reason = say("excluded by BA1")
        rows = [row if row.code == "BA1" else row.suppress(reason) for row in rows]
    return Allele(candidate, site, tuple(capped(variant, rows)), shut)


def faults_of_call(site: Site, candidate: Mapping[str, Any], limits: CallThresholds) -> str:
    """Why the patient's call of an allele is not to be trusted, or an empty string."""
    poor = [inheritance.poor_call(site, limits)]
    if site.mitochondrial:
        poor.append(too_low(site))
    if candidate["filters"] not in ("PASS", ".", ""):
        poor.append(say("FILTER {text}", text=candidate["filters"]))
    return ", ".join(filter(None, poor))


def too_common(mode: str, allele: Allele, setting: Setting) -> Iterator[Evidence]:
    """A row against an allele that is more frequent than a disease of the mode allows.

    BS1, or 4O of a copy-number variant, speaks of the same frequency: the row adds only what that
    has not already taken.
    """
    seen = population_view(allele.candidate, setting.known)
    heard = heard_frequency(allele.candidate, seen, setting.profile)
    af = heard.af
    limit = setting.constants.max_frequency[mode]
    if af is None or af <= limit:
        return
    taken = total(row for row in allele.rows if row.code.startswith(("BS1", "CNV_4O")))
    row = Evidence(
        variant="",
        ledger=Ledger.TRIAGE,
        code="TOO_COMMON",
        points=min(0, milli(setting.constants.genotype["too_common"]) - taken),
        sentence=say(
            "{said}, above {limit:g}, the highest for mode {mode}",
            said=heard.words,
            limit=limit,
            mode=mode,
        ),
        resource=heard.resource,
        read_key=allele.variant,
        record=heard.record,
    )
    if reads_structural(allele.candidate, setting.known):
        row = as_structural(row, allele.variant, setting.known)
    yield row
