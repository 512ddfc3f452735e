"""What is said of a structural variant: loss of function, frequency by likeness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from ariane.files import RESOURCES, read_yaml
from ariane.knowledge.lookup import Covered, Knowledge
from ariane.model.errors import ArianeError
from ariane.model.evidence import Evidence
from ariane.model.structural import SMALL, is_symbolic, spot_of
from ariane.phrases import say

Candidate = Mapping[str, Any]

AMPLIFIED: Final = "transcript_amplification"
_CUT: Final = frozenset({"feature_truncation", "coding_sequence_variant"})


@dataclass(frozen=True)
class StructuralConstants:
    """Constants of ``resources/structural.yaml`` that ranking reads."""

    strengths: Mapping[str, str]
    """Strength of PVS1 by effect."""
    much_lost_from: int
    over_deletion: float
    over_doubtful_deletion: float


@cache
def load_structural(path: Path = RESOURCES / "structural.yaml") -> StructuralConstants:
    """Read the constants.

    Raises:
        ArianeError: a key is missing or of the wrong kind.
    """
    raw = read_yaml(path)
    try:
        strengths = {k: str(v) for k, v in raw["pvs1"].items() if k != "much_lost_from"}
        return StructuralConstants(
            strengths=strengths,
            much_lost_from=int(raw["pvs1"]["much_lost_from"]),
            over_deletion=float(raw["pair"]["over_deletion"]),
            over_doubtful_deletion=float(raw["pair"]["over_doubtful_deletion"]),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise ArianeError(f"{path}: missing or wrong: {problem}. Restore the file.") from None


def is_structural(candidate: Candidate) -> bool:
    """Whether an allele counts as structural, written in full or not."""
    return str(candidate["kind"]) != SMALL


def without_sequence(candidate: Candidate) -> bool:
    """Whether an allele is symbolic or a breakend: its consequence comes from intervals."""
    return is_symbolic(str(candidate["alt"]))


def gains_whole_gene(candidate: Candidate) -> bool:
    """Whether the gene is gained whole: no function is lost, so no recessive disease is made."""
    return AMPLIFIED in str(candidate["consequence"]).split("&")


def loss_of_function(candidate: Candidate) -> tuple[str, str]:
    """Strength of PVS1 for a structural variant and what it does, in words; empty for none.

    After Abou Tayoun and others, Hum Mutat 2018, without the branch on critical regions.
    """
    constants = load_structural()
    found = set(str(candidate["consequence"]).split("&"))
    kind, lost = str(candidate["kind"]), candidate["protein_lost"] or 0
    place = str(candidate["place"])

    def named(key: str, words: str) -> tuple[str, str]:
        said = say("{said} ({place})", said=words, place=place) if place else words
        return constants.strengths[key], said

    if "transcript_ablation" in found:
        return named("whole_gene_lost", say("the whole gene is deleted"))
    if kind in ("DUP", "INS"):
        if "frameshift_variant" in found and candidate["nmd"] == "expected":
            words = say("exons duplicated, presumed in tandem, which breaks the reading frame")
            if kind == "INS":
                words = say("an insertion breaks the reading frame")
            return named("tandem_decay" if kind == "DUP" else "decay_expected", words)
        return "", ""
    if not lost or "feature_truncation" not in found:
        return "", ""
    if kind == "INV" or (kind == "BND" and found >= _CUT):
        return named("cut", say("the coding sequence is cut"))
    if "start_lost" in found:
        return named("start_lost", say("exons with the start codon are deleted"))
    if candidate["nmd"] == "expected":
        return named("decay_expected", say("a deletion of exons breaks the reading frame"))
    key = "much_lost" if lost > constants.much_lost_from else "some_lost"
    return named(key, say("a deletion takes {share:.0f} % of the protein", share=lost / 10))


def population_view(candidate: Candidate, known: Knowledge) -> Knowledge:
    """The release as the frequency criteria should see it for an allele.

    A small allele, or a long one that the small-variant resource holds exactly, is looked up
    there. Any other structural allele is looked up by likeness in the structural resource, with
    that resource's own coverage at both ends.
    """
    variant = candidate["variant"]
    if not reads_structural(candidate, known):
        return known
    names = {"structural_frequencies": "frequencies", "structural_coverage": "coverage"}
    present = (known.present - set(names.values())) | {
        names[kind] for kind in known.present if kind in names
    }
    covered = known.structural_covered or Covered.of(())
    spot = spot_of(variant)
    if spot is not None and not (spot.compared and covered.holds(spot.chrom, spot.high)):
        covered = Covered.of(())
    best = known.structural.get(variant, ())[:1]
    return replace(
        known, present=present, frequencies={variant: best} if best else {}, covered=covered
    )


def reads_structural(candidate: Candidate, known: Knowledge) -> bool:
    """Whether the frequency of an allele is the structural resource's."""
    if not is_structural(candidate):
        return False
    return without_sequence(candidate) or candidate["variant"] not in known.frequencies


def as_structural(row: Evidence, variant: str, known: Knowledge) -> Evidence:
    """A frequency row of an allele under the structural resource's name, key and likeness."""
    spot = spot_of(variant)
    if spot is None:
        return row
    sentence = row.sentence
    if best := known.structural.get(variant, ())[:1]:
        like = int(best[0]["likeness"])
        told = (
            say("{share:.0f} % reciprocal overlap", share=like / 10)
            if like > 0
            else say("ends {count} bases apart", count=-like)
        )
        sentence = say(
            "{said}, of a {kind} at {place} ({more})",
            said=sentence,
            kind=best[0]["kind"],
            place=f"{best[0]['chrom']}:{best[0]['start']}-{best[0]['end']}",
            more=told,
        )
    key = spot.read_key
    return replace(row, resource="structural_frequencies", read_key=key, sentence=sentence)
