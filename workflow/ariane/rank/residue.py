"""What is known of the residue and its neighbours: PS1, PM5, PM1, and PS1 of splicing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ariane.knowledge.assertions import BENIGN, PATHOGENIC
from ariane.knowledge.disruption import is_missense
from ariane.knowledge.kinds import ASSERTING
from ariane.knowledge.lookup import Knowledge
from ariane.model.evidence import Evidence
from ariane.model.stretches import REACH, stretch_of, stretches_near
from ariane.phrases import say
from ariane.rank.asserted import own_records
from ariane.rank.class_row import Candidate, Record, class_row, other_alleles, terms
from ariane.rank.profile import Profile

_OFFSET: Final = re.compile(r"c\.([*-]?\d+)([+-])(\d+)")
_SPLICING: Final = ("splice_", "intron_variant")


def same_residue(candidate: Candidate, known: Knowledge, profile: Profile) -> Iterator[Evidence]:
    """PS1 and PM5: another allele at the residue is asserted pathogenic.

    The allele's own record never counts; one that names another allele too is taken only where no
    other record says the same. Only the best-reviewed other allele counts for each criterion, and
    PM5 gives way to PS1: the residue is one fact.
    """
    if "missense_variant" not in terms(candidate) or not candidate["codon"]:
        return
    others = [
        record
        for record in known.codons.get(candidate["codon"], ())
        if record["variant"] != candidate["variant"]
        and record["klass"] in PATHOGENIC
        and record["aa_ref"] == candidate["aa_ref"]
        and is_missense(record["consequence"])
    ]
    own = own_records(candidate["variant"], known)
    others.sort(
        key=lambda r: (
            r["record"] in own,
            -r["stars"],
            r["variant"],
            ASSERTING.index(r["resource"]),
        )
    )
    same = next((r for r in others if r["aa_alt"] == candidate["aa_alt"]), None)
    other = next((r for r in others if r["aa_alt"] != candidate["aa_alt"]), None)
    repeated = same is not None and same["record"] in own
    if same:
        strength = _by_stars(profile.ps1, same["stars"])
        yield class_row(
            candidate,
            profile.code("PS1", strength, "strong"),
            profile.weigh(strength),
            say(
                "same amino acid change as {variant}, asserted {klass} with {stars} stars",
                **_told(same),
            ),
            resource=same["resource"],
            read_key=candidate["codon"],
            record=same["record"],
        )
    if other:
        strength = _by_stars(profile.pm5, other["stars"])
        yield class_row(
            candidate,
            profile.code("PM5", strength, "moderate"),
            profile.weigh(strength),
            say(
                "another change of this residue, {variant}, is asserted {klass} with {stars} stars",
                **_told(other),
            ),
            resource=other["resource"],
            read_key=candidate["codon"],
            record=other["record"],
            suppressed=say("the residue already counts by PS1") if same and not repeated else "",
        )


def _told(record: Record) -> dict[str, Any]:
    return {name: record[name] for name in ("variant", "klass", "stars")}


def _by_stars(table: Mapping[int, str], stars: int) -> str:
    return table[max(level for level in table if level <= stars)]


def hot_spot(candidate: Candidate, known: Knowledge, profile: Profile) -> Iterator[Evidence]:
    """PM1: pathogenic missense alleles crowd around the residue and no benign one is among them.

    The residue itself is left out: it is the fact of PS1 and PM5.
    """
    codon = candidate["codon"]
    if "missense_variant" not in terms(candidate) or not codon:
        return
    own = _number(codon)
    near = [
        record
        for stretch in stretches_near(codon)
        for record in known.stretches.get(stretch, ())
        if abs(_number(record["codon"]) - own) <= REACH and record["codon"] != codon
    ]
    others = other_alleles(candidate, near)
    pathogenic = [r for r in others if r["klass"] in PATHOGENIC]
    benign = [r for r in others if r["klass"] in BENIGN]
    if len(pathogenic) < profile.pm1_pathogenic or len(benign) > profile.pm1_benign:
        return
    first = pathogenic[0]
    yield class_row(
        candidate,
        profile.code("PM1", profile.pm1, "moderate"),
        profile.weigh(profile.pm1),
        say(
            "hot spot: at least {count} other missense alleles within {reach} residues are "
            "asserted pathogenic and none benign",
            count=profile.pm1_pathogenic,
            reach=REACH,
        ),
        resource=first["resource"],
        read_key=stretch_of(codon),
        record=first["record"],
    )


def _number(codon: str) -> int:
    return int(codon.rpartition(":")[2])


def same_splice(candidate: Candidate, known: Knowledge, profile: Profile) -> Iterator[Evidence]:
    """PS1 of splicing: another allele at the same splice site is asserted pathogenic.

    At the same base it weighs more than elsewhere at the site. Beside PVS1, which already counts
    the loss of the site, it is supporting at most. Of exon bases nothing is compared: the name does
    not tell which site they lie at.
    """
    place = _OFFSET.match(candidate["hgvs_c"])
    if not place or not any(t.startswith(_SPLICING) for t in terms(candidate)):
        return
    own = own_records(candidate["variant"], known)
    found = []
    for record in other_alleles(candidate, known.nulls.get(candidate["gene"], ())):
        there = _OFFSET.match(record["hgvs_c"])
        if (
            record["klass"] in PATHOGENIC
            and there
            and there.groups()[:2] == place.groups()[:2]
            and record["transcript"] == candidate["transcript"]
        ):
            order = (record["record"] in own, there[3] != place[3], record["klass"] == "LP")
            found.append((*order, -record["stars"], record))
    if not found or int(place[3]) > profile.splice.silent_acceptor:
        return
    _, elsewhere, likely, _, record = min(found, key=lambda f: (*f[:4], f[4]["variant"]))
    canonical = int(place[3]) <= 2
    strength = profile.ps1_splice["same_site" if elsewhere else "same_base"]
    if canonical:
        strength = profile.ps1_splice["with_pvs1"]
    if likely and profile.ps1_splice_steps_down:
        strength = _DOWN[strength]
    if not strength:
        return
    told = {"name": _named(record), "klass": record["klass"]}
    yield class_row(
        candidate,
        profile.code("PS1", strength, "strong"),
        profile.weigh(strength),
        say("another change at this splice site, {name}, is asserted {klass}", **told)
        if elsewhere
        else say(
            "another change at this base of the splice site, {name}, is asserted {klass}", **told
        ),
        resource=record["resource"],
        read_key=candidate["gene"],
        record=record["record"],
    )


def _named(record: Record) -> str:
    return str(record["hgvs_c"] or record["variant"])


_DOWN: Final = {"very_strong": "strong", "strong": "moderate", "moderate": "supporting"} | {
    "supporting": ""
}
