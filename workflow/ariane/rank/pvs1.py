"""PVS1: a null allele where loss of function is a known mechanism, by the tree.

The gate: the gene-disease link is not doubted, and loss of function is known to cause the disease.
Constraint never opens it. The tree: Abou Tayoun and others, Hum Mutat 2018; what the profile adds
to it stands in ``resources/acmg/``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ariane.knowledge.assertions import BENIGN, PATHOGENIC
from ariane.knowledge.disruption import NULL_CONSEQUENCES
from ariane.knowledge.kinds import ASSERTING
from ariane.knowledge.lookup import Knowledge
from ariane.model.evidence import ABSENT, NO_RESOURCE, Evidence
from ariane.phrases import say
from ariane.rank.class_row import (
    Candidate,
    Record,
    class_row,
    other_alleles,
    residue_of,
    terms,
)
from ariane.rank.profile import NONE, Profile
from ariane.rank.structural import loss_of_function, without_sequence

NOT_SHOWN: Final = say("loss of function is not shown to be a mechanism of disease here")
"""Begins the reason of a row whose gate is shut for want of a mechanism."""

_TRUNCATING: Final = frozenset({"stop_gained", "frameshift_variant"})
SITES: Final = frozenset({"splice_acceptor_variant", "splice_donor_variant"})
_INTRON: Final = re.compile(r"intron (\d+)/")


@dataclass(frozen=True)
class Branch:
    """Where the tree leads for one allele."""

    name: str
    strength: str
    words: str
    witness: Record | None = None
    """The known allele that the branch rests on."""


@dataclass(frozen=True)
class _Gate:
    words: str
    resource: str
    record: str
    shut: str = ""


def pvs1(candidate: Candidate, known: Knowledge, profile: Profile) -> Iterator[Evidence]:
    """PVS1 of a candidate: one row for a null allele or a lost start, none for any other."""
    branch = branch_of(candidate, known, profile)
    if branch is None:
        return
    gene, symbol = candidate["gene"], candidate["symbol"]
    gate = _gate(candidate, known, profile)
    shut = gate.shut
    if not shut and branch.strength == NONE:
        shut = branch.words
    words = say("{said} in {gene}", said=branch.words, gene=symbol)
    if gate.words:
        words = say("{said}, {more}", said=words, more=gate.words)
    yield class_row(
        candidate,
        profile.code("PVS1", branch.strength, "very_strong"),
        profile.weigh(branch.strength),
        words,
        resource=gate.resource,
        read_key=gene,
        record=gate.record,
        suppressed=shut,
    )


def mechanism_shown(candidate: Candidate, known: Knowledge, profile: Profile) -> bool:
    """Whether PVS1's gate is open: loss of function is known to cause a disease of the gene."""
    return not _gate(candidate, known, profile).shut


def branch_of(candidate: Candidate, known: Knowledge, profile: Profile) -> Branch | None:
    """The branch of the tree, whatever the gate; None for an allele that is no null."""
    found = terms(candidate)
    worst = found[0]
    if without_sequence(candidate):
        strength, words = loss_of_function(candidate)
        return Branch("structural", strength, words) if strength else None
    tree = _TREE.get(worst)
    if tree is None:
        return None
    others = other_alleles(candidate, known.nulls.get(candidate["gene"], ()))
    return tree(candidate, others, profile)


def _branch(profile: Profile, name: str, words: str, witness: Record | None = None) -> Branch:
    return Branch(name, profile.pvs1.branches[name], words, witness)


def _by_length(profile: Profile, lost: int, words: str) -> Branch:
    name = "much_lost" if lost > profile.pvs1.much_lost_from else "some_lost"
    return _branch(
        profile,
        name,
        say("{said} that takes {share:.1f} % of the protein", said=words, share=lost / 10),
    )


def _truncated(candidate: Candidate, others: Sequence[Record], profile: Profile) -> Branch:
    what = terms(candidate)[0].replace("_", " ")
    lost = candidate["protein_lost"]
    if candidate["nmd"] == "expected":
        return _branch(
            profile, "decay_expected", say("{said}, decay of the transcript expected,", said=what)
        )
    first = residue_of(candidate["hgvs_p"])
    if lost is None or first is None:
        return _branch(profile, "untold", say("{said}, of which decay is not told,", said=what))
    tree = profile.pvs1
    ends = [
        (residue, record)
        for record in others
        if not _TRUNCATING.isdisjoint(record["consequence"].split("&"))
        and record["transcript"] == candidate["transcript"]
        and record["stars"] >= tree.shown_stars
        and (residue := residue_of(record["hgvs_p"])) is not None
    ]
    shorter = [r for at, r in ends if at >= first and r["klass"] in PATHOGENIC]
    longer = [
        r for at, r in ends if at <= first and r["klass"] in BENIGN and r["nmd"] != "expected"
    ]
    shown = len(shorter) >= tree.shown_pathogenic
    if shown and not longer:
        words = say(
            "{said} without decay, but at least {count} alleles that take less of the protein's "
            "end are asserted pathogenic,",
            said=what,
            count=tree.shown_pathogenic,
        )
        return _branch(profile, "end_shown", words, shorter[0])
    if longer and not shown:
        name = longer[0]["hgvs_p"]
        words = say(
            "the end of the protein is shown dispensable: {name} takes as much and is benign,",
            name=name,
        )
        return _branch(profile, "dispensable", words, longer[0])
    return _by_length(profile, lost, say("{said} without decay", said=what))


def _spliced(candidate: Candidate, others: Sequence[Record], profile: Profile) -> Branch:
    what = terms(candidate)[0].replace("_variant", "").replace("_", " ") + " lost"
    lost = candidate["protein_lost"]
    if lost is None:
        return _branch(profile, "untold", say("{said}, of which the frame is not told,", said=what))
    if candidate["nmd"] == "expected":
        return _branch(
            profile, "decay_expected", say("{said}, the frame broken, decay expected,", said=what)
        )
    if not lost:
        return _branch(
            profile, "untranslated", say("{said} of an exon without coding sequence,", said=what)
        )
    exon = exon_of(candidate)
    same = [
        record
        for record in others
        if exon is not None
        and record["klass"] in PATHOGENIC
        and record["stars"] >= profile.pvs1.shown_stars
        and not SITES.isdisjoint(record["consequence"].split("&"))
        and record["transcript"] == candidate["transcript"]
        and exon_of(record) == exon
    ]
    if len(same) >= profile.pvs1.shown_pathogenic:
        words = say(
            "{said}, exon {number} lost, whose loss others show pathogenic,", said=what, number=exon
        )
        return _branch(profile, "exon_shown", words, same[0])
    kept = (
        say("{said}, near the end, a loss", said=what)
        if candidate["nmd"] == "escapes"
        else say("{said}, in frame, a loss", said=what)
    )
    return _by_length(profile, lost, kept)


def exon_of(record: Record) -> int | None:
    """The exon that a lost splice site leaves out: before a donor, after an acceptor."""
    found = _INTRON.search(record["place"])
    if not found:
        return None
    donor = "splice_donor_variant" in record["consequence"].split("&")
    return int(found[1]) + (0 if donor else 1)


def _start(_: Candidate, others: Sequence[Record], profile: Profile) -> Branch:
    early = [
        record
        for record in others
        if record["klass"] in PATHOGENIC
        and (
            "start_lost" in record["consequence"].split("&")
            or (residue_of(record["hgvs_p"]) or profile.pvs1.start_window + 1)
            <= profile.pvs1.start_window
        )
    ]
    if early:
        words = say("start lost, with pathogenic alleles near the start,")
        return _branch(profile, "start_shown", words, early[0])
    return _branch(profile, "start_lost", say("start lost"))


_TREE: Final[Mapping[str, Callable[[Candidate, Sequence[Record], Profile], Branch]]] = {
    **dict.fromkeys(sorted(_TRUNCATING), _truncated),
    **dict.fromkeys(sorted(SITES), _spliced),
    "start_lost": _start,
}
"""Where the tree begins, by the worst consequence of a null allele."""


def _gate(candidate: Candidate, known: Knowledge, profile: Profile) -> _Gate:
    gene, tree = candidate["gene"], profile.pvs1
    doubted = _doubted(gene, known, profile)
    if doubted is not None:
        return doubted
    for dosage in known.dosage.get(gene, ()):
        if dosage["haploinsufficiency"] in tree.dosage:
            words = say(
                "where loss of function is a known mechanism (ClinGen haploinsufficiency {score})",
                score=dosage["haploinsufficiency"],
            )
            return _Gate(words, "dosage", dosage["record"])
    nulls = [
        record
        for record in other_alleles(candidate, known.nulls.get(gene, ()))
        if record["klass"] in PATHOGENIC and record["consequence"].split("&")[0] in _NULLS
    ]
    if len(nulls) >= tree.independent_nulls:
        words = say(
            "where at least {count} other null alleles are asserted pathogenic",
            count=tree.independent_nulls,
        )
        return _Gate(words, nulls[0]["resource"], nulls[0]["record"])
    read = [kind for kind in ("dosage", *ASSERTING) if known.has(kind)]
    curated = known.dosage.get(gene, ())
    shut = NOT_SHOWN
    if curated:
        score = curated[0]["haploinsufficiency"]
        shut = say("{said} (ClinGen: {score})", said=NOT_SHOWN, score=score)
    record = curated[0]["record"] if curated else ABSENT if read else NO_RESOURCE
    return _Gate("", read[0] if read else "dosage", record, shut)


_NULLS: Final = frozenset(NULL_CONSEQUENCES)


def _doubted(gene: str, known: Knowledge, profile: Profile) -> _Gate | None:
    """A shut gate where curators judged the gene and none found enough; None otherwise.

    ClinGen is heard first; GenCC where it is silent.
    """
    for resource, held in (("validity", known.validity), ("gencc", known.gencc)):
        records = sorted(held.get(gene, ()), key=lambda r: (r["classification"], r["record"]))
        if not records:
            continue
        if any(r["classification"].lower() in profile.pvs1.validity for r in records):
            return None
        word = records[0]["classification"]
        reason = say("that the gene causes a disease is not established ({word})", word=word)
        return _Gate("", resource, records[0]["record"], reason)
    return None
