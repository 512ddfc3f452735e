"""ACMG criteria of one variant, each as an Evidence row in the class ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ariane.knowledge.assertions import PATHOGENIC
from ariane.knowledge.kinds import ASSERTING
from ariane.knowledge.lookup import NULL_CONSEQUENCES, Knowledge
from ariane.model.evidence import ABSENT, NO_RESOURCE, NOT_COVERED, Evidence, Ledger
from ariane.rank.frequency import heard_frequency
from ariane.rank.profile import Profile
from ariane.rank.structural import (
    as_structural,
    loss_of_function,
    population_view,
    reads_structural,
    without_sequence,
)

Candidate = Mapping[str, Any]
"""A row of the ``candidates`` table."""


def terms(candidate: Candidate) -> list[str]:
    """Sequence Ontology terms of a candidate, most severe first."""
    return str(candidate["consequence"]).split("&")


def class_rows(candidate: Candidate, known: Knowledge, profile: Profile) -> list[Evidence]:
    """All criteria that speak of a variant, met or looked up in vain."""
    excepted = curated(candidate["variant"], known, profile)
    seen = population_view(candidate, known)
    by_frequency = list(frequency(candidate, seen, profile, excepted))
    if reads_structural(candidate, known):
        by_frequency = [as_structural(row, row.variant, known) for row in by_frequency]
    return [
        *pvs1(candidate, known, profile),
        *same_residue(candidate, known, profile),
        *by_frequency,
    ]


def _row(candidate: Candidate, code: str, points: int, sentence: str, **read: str) -> Evidence:
    return Evidence(
        variant=candidate["variant"],
        ledger=Ledger.CLASS,
        code=code,
        points=points,
        sentence=sentence,
        resource=read["resource"],
        read_key=read["read_key"],
        record=read["record"],
        suppressed=read.get("suppressed", ""),
    )


def pvs1(candidate: Candidate, known: Knowledge, profile: Profile) -> Iterator[Evidence]:
    """PVS1: a null variant where loss of function is a known mechanism of disease.

    The gate is ClinGen's haploinsufficiency or, failing that, independent asserted pathogenic null
    alleles of the gene with the variant's own record masked. Constraint never opens it.
    """
    worst = terms(candidate)[0]
    what = worst.replace("_", " ")
    if without_sequence(candidate):
        strength, what = loss_of_function(candidate)
        if not strength:
            return
    elif worst in NULL_CONSEQUENCES:
        strength = profile.pvs1_null
    elif worst == "start_lost":
        strength = profile.pvs1_start_lost
    else:
        return
    gene, symbol = candidate["gene"], candidate["symbol"]
    code = profile.code("PVS1", strength, "very_strong")
    for dosage in known.dosage.get(gene, ()):
        if dosage["haploinsufficiency"] in profile.pvs1_dosage:
            yield _row(
                candidate,
                code,
                profile.weigh(strength),
                f"{what} in {symbol}, where loss of function is a known mechanism "
                f"(ClinGen haploinsufficiency {dosage['haploinsufficiency']})",
                resource="dosage",
                read_key=gene,
                record=dosage["record"],
            )
            return
    others = {r["variant"]: r for r in known.nulls.get(gene, ())}
    others.pop(candidate["variant"], None)
    if len(others) >= profile.pvs1_independent_nulls:
        first = others[min(others)]
        yield _row(
            candidate,
            code,
            profile.weigh(strength),
            f"{what} in {symbol}, where at least {profile.pvs1_independent_nulls} other "
            "null alleles are asserted pathogenic",
            resource=first["resource"],
            read_key=gene,
            record=first["record"],
        )
        return
    read = [kind for kind in ("dosage", *ASSERTING) if known.has(kind)]
    curated_dosage = known.dosage.get(gene, ())
    score = f" (ClinGen: {curated_dosage[0]['haploinsufficiency']})" if curated_dosage else ""
    yield _row(
        candidate,
        code,
        0,
        f"{what} in {symbol}",
        resource=read[0] if read else "dosage",
        read_key=gene,
        record=curated_dosage[0]["record"] if curated_dosage else ABSENT if read else NO_RESOURCE,
        suppressed=f"loss of function is not shown to be a mechanism of disease here{score}",
    )


def same_residue(candidate: Candidate, known: Knowledge, profile: Profile) -> Iterator[Evidence]:
    """PS1 and PM5: another allele at the residue is asserted pathogenic.

    The allele's own record never counts. Only the best-reviewed other allele counts for each
    criterion, and PM5 gives way to PS1: the residue is one fact.
    """
    if "missense_variant" not in terms(candidate) or not candidate["codon"]:
        return
    others = [
        record
        for record in known.codons.get(candidate["codon"], ())
        if record["variant"] != candidate["variant"]
        and record["klass"] in PATHOGENIC
        and record["aa_ref"] == candidate["aa_ref"]
        and "missense_variant" in record["consequence"].split("&")
    ]
    others.sort(key=lambda r: (-r["stars"], r["variant"], ASSERTING.index(r["resource"])))
    same = next((r for r in others if r["aa_alt"] == candidate["aa_alt"]), None)
    other = next((r for r in others if r["aa_alt"] != candidate["aa_alt"]), None)
    if same:
        strength = _by_stars(profile.ps1, same["stars"])
        yield _row(
            candidate,
            profile.code("PS1", strength, "strong"),
            profile.weigh(strength),
            f"same amino acid change as {same['variant']}, asserted {same['klass']} "
            f"with {same['stars']} stars",
            resource=same["resource"],
            read_key=candidate["codon"],
            record=same["record"],
        )
    if other:
        strength = _by_stars(profile.pm5, other["stars"])
        yield _row(
            candidate,
            profile.code("PM5", strength, "moderate"),
            0 if same else profile.weigh(strength),
            f"another change of this residue, {other['variant']}, is asserted {other['klass']} "
            f"with {other['stars']} stars",
            resource=other["resource"],
            read_key=candidate["codon"],
            record=other["record"],
            suppressed="the residue already counts by PS1" if same else "",
        )


def _by_stars(table: Mapping[int, str], stars: int) -> str:
    return table[max(level for level in table if level <= stars)]


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
        return f"asserted pathogenic with {stars} stars or more, known to be common"
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
            "no population frequency is known in this release",
            **read,
            suppressed="no frequency resource",
        )
    elif record == NOT_COVERED:
        yield _row(
            candidate,
            pm2,
            0,
            "the frequency resource does not cover this site"
            if known.has("coverage")
            else "no record, and this release does not say where the frequency resource can see",
            **read,
            suppressed="not covered" if known.has("coverage") else "coverage is not known",
        )
    elif record == ABSENT:
        yield _row(
            candidate,
            pm2,
            profile.weigh(profile.pm2),
            "absent from the population at a covered site",
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
            suppressed=excepted or f"the record failed the filter {heard.failed}",
        )
    elif af is not None and af >= profile.ba1_min_frequency:
        yield _row(
            candidate,
            "BA1",
            0,
            f"{heard.words}: excluded by BA1",
            **read,
            suppressed="BA1 is a gate: it shuts, it does not weigh",
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
            suppressed="neither rare enough for PM2 nor common enough for BS1",
        )


def shut_by_ba1(rows: list[Evidence]) -> bool:
    """Whether the BA1 gate is shut for a variant."""
    return any(row.code == "BA1" for row in rows)
