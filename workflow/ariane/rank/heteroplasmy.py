"""Levels of mitochondrial alleles: how much the patient carries, and how much the mother."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ariane.files import RESOURCES, read_yaml
from ariane.model.case import Member
from ariane.model.errors import ArianeError
from ariane.model.evidence import Evidence
from ariane.model.points import milli
from ariane.phrases import say
from ariane.rank.combine import triage
from ariane.rank.inheritance import TWO_COPIES, Site


@dataclass(frozen=True)
class Levels:
    """Constants of ``resources/mitochondrial.yaml``."""

    homoplasmic: float
    lowest: float
    margin: float
    mother_as_much: float


@cache
def load_levels(path: Path = RESOURCES / "mitochondrial.yaml") -> Levels:
    """Read the constants.

    Raises:
        ArianeError: a key is missing or of the wrong kind.
    """
    raw = read_yaml(path)
    try:
        return Levels(
            homoplasmic=float(raw["homoplasmic"]),
            lowest=float(raw["lowest"]),
            margin=float(raw["margin"]),
            mother_as_much=float(raw["points"]["mother_as_much"]),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise ArianeError(f"{path}: missing or wrong: {problem}. Restore the file.") from None


def level(site: Site, member: Member | None) -> float | None:
    """Share of a member's reads that carry the allele; None where the VCF does not tell it."""
    call = site.calls.get(member.id) if member and member.sample else None
    return call.alt_fraction if call else None


def state(site: Site) -> str:
    """``homoplasmic`` or ``heteroplasmic``: by the level, else by the genotype as written."""
    share = level(site, site.proband)
    if share is None:
        full = site.zygosity(site.proband) in TWO_COPIES
    else:
        full = share >= load_levels().homoplasmic
    return "homoplasmic" if full else "heteroplasmic"


def too_low(site: Site) -> str:
    """Why a level is not to be trusted, or an empty string."""
    share = level(site, site.proband)
    lowest = load_levels().lowest
    if share is None or share >= lowest:
        return ""
    return say(
        "heteroplasmy {share:.1%} below {limit:.0%}: noise or a nuclear copy",
        share=share,
        limit=lowest,
    )


def level_rows(site: Site, variant: str) -> Iterator[Evidence]:
    """The patient's level beside the mother's, who alone can have given the allele."""
    share, mother = level(site, site.proband), site.mother
    theirs = level(site, mother)
    told = (
        say("{said}: the VCF gives no share of reads", said=state(site))
        if share is None
        else say("{said}: {share:.1%} of the reads", said=state(site), share=share)
    )
    if theirs is not None:
        told = say("{said}, {share:.1%} in the mother", said=told, share=theirs)
    yield triage("", "HETEROPLASMY", 0, told, read_key=variant)
    levels = load_levels()
    if share is None or theirs is None or mother is None or mother.affected is not False:
        return
    if site.carries(mother) and theirs + levels.margin >= share:
        sentence = say("the mother is well and carries as much of the allele, or more")
        weight = milli(levels.mother_as_much)
        yield triage("", "MOTHER_AS_MUCH", weight, sentence, read_key=variant)
