"""What predictors say: PP3 and BP4 of missense and splicing, BP7.

One missense predictor, chosen beforehand in the profile, is heard, by its calibrated thresholds;
never the best of several. A missense change is benign by prediction only where splicing is not
predicted to change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ariane.knowledge.disruption import NULL_CONSEQUENCES
from ariane.knowledge.lookup import Knowledge
from ariane.knowledge.scores import Score
from ariane.model.canonical import digest
from ariane.model.evidence import Evidence
from ariane.phrases import say
from ariane.rank.class_row import Candidate, class_row, terms
from ariane.rank.profile import Profile

_INTRON: Final = re.compile(r"c\.[*-]?\d+([+-])(\d+)[ACGT]>[ACGT]\Z")
_SILENT: Final = frozenset({"synonymous_variant", "stop_retained_variant"})
_NULLS: Final = frozenset({*NULL_CONSEQUENCES, "start_lost"})


def asks_missense(candidate: Candidate) -> bool:
    """Whether the missense predictor is asked for a candidate."""
    return "missense_variant" in terms(candidate) and not _NULLS & set(terms(candidate))


def asks_splice(candidate: Candidate) -> bool:
    """Whether the splice predictor is asked: every allele with a sequence but the plain nulls."""
    found = terms(candidate)
    if found[0] in ("stop_gained", "frameshift_variant") or candidate["alt"].startswith("<"):
        return False
    return candidate["tier"] == "coding" or "intron_variant" in found


def predicted(candidate: Candidate, known: Knowledge, profile: Profile) -> Iterator[Evidence]:
    """PP3, BP4 and BP7 of a candidate; nothing where the predictor is silent."""
    splice = _splice_score(candidate, known, profile)
    protein = _missense(candidate, known, profile, splice)
    if protein is not None:
        yield protein
    if splice is None or not asks_splice(candidate):
        return
    yield from _splicing(candidate, profile, splice, protein)


def splicing_changes(candidate: Candidate, known: Knowledge, profile: Profile) -> bool:
    """Whether the splice predictor holds it for likely that the allele changes splicing.

    Such an allele opens a hypothesis whatever its consequence: silent and deep intronic ones are
    where only a predictor looks.
    """
    told = _splice_score(candidate, known, profile) if asks_splice(candidate) else None
    return told is not None and told[0] >= profile.splice.pp3


def _splicing(
    candidate: Candidate, profile: Profile, splice: tuple[float, str], protein: Evidence | None
) -> Iterator[Evidence]:
    score, record = splice
    rules, variant = profile.splice, candidate["variant"]
    read = {"resource": rules.predictor, "read_key": variant, "record": record}
    found = set(terms(candidate))
    said = {"predictor": rules.predictor, "score": score}
    weight = profile.weigh("supporting")
    if score >= rules.pp3:
        twin = protein is not None and protein.points > 0
        reason = say("the missense prediction already counts as PP3") if twin else ""
        yield class_row(
            candidate,
            profile.code("PP3", "supporting", "supporting"),
            weight,
            say("splicing is predicted to change ({predictor} {score:g})", **said),
            suppressed=reason,
            **read,
        )
    elif score <= rules.bp4 and not found & {"missense_variant", *_NULLS}:
        offset = _offset(candidate)
        silent = bool(found & _SILENT)
        if offset is None and not silent:
            return  # in-frame changes: splicing is not how they would act
        yield class_row(
            candidate,
            "BP4",
            -weight,
            say("splicing is not predicted to change ({predictor} {score:g})", **said),
            **read,
        )
        deep = offset is not None and offset[1] > (
            rules.silent_donor if offset[0] == "+" else rules.silent_acceptor
        )
        if silent or deep:
            yield class_row(
                candidate,
                profile.code("BP7", rules.bp7, "supporting"),
                -profile.weigh(rules.bp7),
                say(
                    "silent, and splicing is not predicted to change ({predictor} {score:g})",
                    **said,
                )
                if silent
                else say(
                    "deep in the intron, and splicing is not predicted to change "
                    "({predictor} {score:g})",
                    **said,
                ),
                **read,
            )


def _offset(candidate: Candidate) -> tuple[str, int] | None:
    """Side and bases from the exon of a substitution in an intron."""
    found = _INTRON.match(candidate["hgvs_c"])
    return (found[1], int(found[2])) if found else None


def _missense(
    candidate: Candidate, known: Knowledge, profile: Profile, splice: tuple[float, str] | None
) -> Evidence | None:
    rules = profile.missense
    scores = known.scores.get(rules.predictor, {}).get(candidate["variant"], ())
    if not scores or not asks_missense(candidate):
        return None
    own = of_transcript(candidate, scores)
    score = max(float(said["score"]) for said in own)
    read = {"resource": rules.predictor, "read_key": candidate["variant"]}
    record = digest([dict(said) for said in own])
    told = {"predictor": rules.predictor, "score": score}
    reached = [name for name, least in rules.pp3.items() if score >= least]
    if reached:
        strength = max(reached, key=profile.weigh)
        code = profile.code("PP3", strength, "supporting")
        sentence = say("the protein is predicted to be damaged ({predictor} {score:g})", **told)
        return class_row(candidate, code, profile.weigh(strength), sentence, record=record, **read)
    reached = [name for name, most in rules.bp4.items() if score <= most]
    if not reached:
        return None
    strength = max(reached, key=profile.weigh)
    shut = splice is not None and splice[0] > profile.splice.bp4
    return class_row(
        candidate,
        profile.code("BP4", strength, "supporting"),
        -profile.weigh(strength),
        say("the protein is not predicted to be damaged ({predictor} {score:g})", **told),
        record=record,
        suppressed=say("splicing is not predicted to stay as it is") if shut else "",
        **read,
    )


def of_transcript(candidate: Candidate, scores: Sequence[Score]) -> list[Score]:
    """The scores of the candidate's own transcript where the file tells transcripts, else all."""
    held = list(scores)
    name = str(candidate["transcript"]).partition(".")[0]

    def names(said: Score) -> str:
        return str(said.get("transcripts") or said.get("transcript") or "")

    own = [said for said in held if name and name in names(said)]
    return own or held


def _splice_score(
    candidate: Candidate, known: Knowledge, profile: Profile
) -> tuple[float, str] | None:
    scores = known.scores.get(profile.splice.predictor, {}).get(candidate["variant"], ())
    if not scores:
        return None
    held = [dict(said) for said in scores]
    return max(float(said["score"]) for said in held), digest(held)
