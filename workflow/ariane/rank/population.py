"""What the population says of an allele: BA1, BS1, BS2, PM2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ariane.knowledge.assertions import PATHOGENIC
from ariane.knowledge.lookup import Knowledge
from ariane.model.evidence import ABSENT, NO_RESOURCE, NOT_COVERED, Evidence
from ariane.phrases import say
from ariane.rank.class_row import Candidate
from ariane.rank.class_row import class_row as _row
from ariane.rank.frequency import heard_frequency
from ariane.rank.profile import Profile


def curated(variant: str, known: Knowledge, profile: Profile) -> str:
    """Why frequency does not speak against an allele, or an empty string.

    Some pathogenic alleles are common (HFE, CFTR, MEFV): ClinGen keeps a list of exceptions to BA1
    (Ghosh and others, Hum Mutat 2018). In its place stands the review: an allele that several
    submitters or an expert panel assert pathogenic is not shut out by its frequency.
    """
    stars = profile.common_unless_stars
    if any(
        record["klass"] in PATHOGENIC and record["stars"] >= stars
        for record in known.assertions.get(variant, ())
    ):
        return say(
            "asserted pathogenic with {stars} stars or more, known to be common", stars=stars
        )
    return ""


def frequency(
    candidate: Candidate, known: Knowledge, profile: Profile, excepted: str = ""
) -> Iterator[Evidence]:
    """PM2, BS1 and the BA1 gate, or a row that says why nothing is known.

    Args:
        candidate: the allele.
        known: the release.
        profile: strengths and thresholds.
        excepted: why neither BA1 nor BS1 applies to this allele, or an empty string.
    """
    heard = heard_frequency(candidate, known, profile)
    af, record = heard.af, heard.record
    read = {"resource": heard.resource, "read_key": candidate["variant"], "record": record}
    pm2 = profile.code("PM2", profile.pm2, "moderate")
    if record == NO_RESOURCE:
        yield _row(
            candidate,
            pm2,
            0,
            say("no population frequency is known in this release"),
            **read,
            suppressed=say("no frequency resource"),
        )
    elif record == NOT_COVERED:
        yield _row(
            candidate,
            pm2,
            0,
            say("the frequency resource does not cover this site")
            if known.has("coverage")
            else say(
                "no record, and this release does not say where the frequency resource can see"
            ),
            **read,
            suppressed=say("not covered")
            if known.has("coverage")
            else say("coverage is not known"),
        )
    elif record == ABSENT:
        yield _row(
            candidate,
            pm2,
            profile.weigh(profile.pm2),
            say("absent from the population at a covered site"),
            **read,
        )
    elif af is not None and af >= profile.bs1_min_frequency and (excepted or heard.failed):
        gate = af >= profile.ba1_min_frequency
        yield _row(
            candidate,
            "BA1_NotApplied" if gate else profile.code("BS1", profile.bs1, "strong"),
            0,
            heard.words,
            **read,
            suppressed=excepted or say("the record failed the filter {text}", text=heard.failed),
        )
    elif af is not None and af >= profile.ba1_min_frequency:
        yield _row(
            candidate,
            "BA1",
            0,
            say("{said}: excluded by BA1", said=heard.words),
            **read,
            suppressed=say("BA1 is a gate: it shuts, it does not weigh"),
        )
    elif af is not None and af >= profile.bs1_min_frequency:
        yield _row(
            candidate,
            profile.code("BS1", profile.bs1, "strong"),
            -profile.weigh(profile.bs1),
            heard.words,
            **read,
        )
    elif af is not None and af <= profile.pm2_max_frequency:
        yield _row(candidate, pm2, profile.weigh(profile.pm2), heard.words, **read)
    elif af is not None:
        yield _row(
            candidate,
            pm2,
            0,
            heard.words,
            **read,
            suppressed=say("neither rare enough for PM2 nor common enough for BS1"),
        )


def shut_by_ba1(rows: Sequence[Evidence]) -> bool:
    """Whether the BA1 gate is shut for a variant."""
    return any(row.code == "BA1" for row in rows)


_ONE_COPY: Final = frozenset({"AD", "XLD", "YL", "MT"})
_TWO_COPIES: Final = frozenset({"AR", "XLR"})


def seen_in_health(
    candidate: Candidate, known: Knowledge, profile: Profile, excepted: str = ""
) -> Iterator[Evidence]:
    """BS2: more homozygotes or hemizygotes than a disease seen early and always allows.

    A gene whose diseases are all recessive has the lower limit, any other the higher; a gene
    without a stated mode is not judged. Counts that the resource does not give are not zero.
    """
    modes = {
        m for row in known.gene_disease.get(candidate["gene"], ()) for m in row["modes"].split()
    }
    modes &= _ONE_COPY | _TWO_COPIES
    if not modes:
        return
    limit = profile.bs2_dominant if modes & _ONE_COPY else profile.bs2_recessive
    for record in known.frequencies.get(candidate["variant"], ()):
        counts = [record.get("homozygotes"), record.get("hemizygotes")]
        if record.get("filters") or all(count is None for count in counts):
            continue
        seen = sum(count or 0 for count in counts)
        if seen > limit:
            yield _row(
                candidate,
                profile.code("BS2", profile.bs2, "strong"),
                -profile.weigh(profile.bs2),
                say(
                    "{count} homozygotes or hemizygotes in the population, more than {limit}",
                    count=seen,
                    limit=limit,
                ),
                resource="frequencies",
                read_key=candidate["variant"],
                record=record["record"],
                suppressed=excepted,
            )
            return
