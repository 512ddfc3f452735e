"""How often such a genotype is the answer, against how often health shows one in such a gene.

A healthy person carries some rare missense alleles in titin and none in a small gene that tolerates
no change. The row ``BACKGROUND`` says so: for the genotype under its mode and for the kinds of its
alleles, the share among published answers, in points, less the logarithm of the rate at which a
gene of this length and constraint shows such alleles in health. The coefficients are fitted
(``scripts/fit_ranking.py``, ``resources/model/ranking.json``); the row moves the rank, never the
class.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from ariane.knowledge.lookup import Knowledge
from ariane.model.evidence import Evidence, Ledger
from ariane.model.points import THOUSAND, milli, points_from_odds
from ariane.phrases import say
from ariane.rank.alleles import Setting
from ariane.rank.class_row import Candidate, terms
from ariane.rank.cnv import by_riggs
from ariane.rank.cnv import established as loss_established
from ariane.rank.pvs1 import NOT_SHOWN

BACKGROUND: Final = "BACKGROUND"

TYPICAL_RESIDUES: Final = 550
"""Length against which a protein is long or short: near the median of genes with a disease."""
PSEUDO_EXPECTED: Final = 5.0
"""Expected loss-of-function alleles added to a gene's own, observed at the mean ratio: a short gene
that shows none of two expected is not thereby intolerant (first)."""
MEAN_LOF: Final = 0.5
"""Mean ratio of observed to expected loss-of-function alleles (gnomAD 2.1.1: 0.52 over genes)."""
FOLDS_OF_RATE: Final = 16.0
"""No gene counts as showing more, or fewer, alleles than this many times the typical (first)."""

ESTABLISHED: Final = "gene established"
_VALID: Final = frozenset({"definitive", "strong", "moderate"})
"""ClinGen's words for a gene that causes a disease (Strande and others, AJHG 2017)."""
_DOSAGE: Final = frozenset({"3", "30"})
"""ClinGen's scores of a gene whose loss is known to cause a disease, dominant or recessive."""

NULL: Final = "null"
OTHER: Final = "other"
SPLICE_REGION: Final = "splice region"
UNPROVEN: Final = "null unproven"

_KINDS: Final[Mapping[str, str]] = {
    "missense_variant": "missense",
    "protein_altering_variant": "inframe",
    "inframe_insertion": "inframe",
    "inframe_deletion": "inframe",
    "splice_region_variant": SPLICE_REGION,
    "splice_donor_region_variant": SPLICE_REGION,
    "splice_donor_5th_base_variant": SPLICE_REGION,
    "splice_polypyrimidine_tract_variant": SPLICE_REGION,
    "non_coding_transcript_exon_variant": "RNA",
    "mature_miRNA_variant": "RNA",
}


def kind_of(candidate: Candidate, rows: Sequence[Evidence]) -> str:
    """What sort of allele it is for its rate in health.

    A null allele where PVS1's gate is shut is a sort of its own: a mechanism not yet shown is not
    a mechanism disproved.

    Args:
        candidate: the allele.
        rows: rows of the finding, among them the allele's own.
    """
    own = [row for row in rows if row.variant == candidate["variant"]]
    if candidate["kind"] == "DEL" and by_riggs(own):
        return NULL if loss_established(own) else UNPROVEN
    for row in own:
        if row.code.startswith("PVS1"):
            if row.points > 0:
                return NULL
            if row.suppressed.startswith(NOT_SHOWN):
                return UNPROVEN
    found = next((_KINDS[term] for term in terms(candidate) if term in _KINDS), OTHER)
    if found == OTHER and any(row.code.startswith("PP3") and row.points > 0 for row in own):
        return SPLICE_REGION  # silent or deep in an intron, and predicted to change splicing
    return found


def rate(gene: str, kind: str, known: Knowledge) -> float | None:
    """Rare alleles of a kind that health shows in a gene, in multiples of a typical gene's.

    Length of the protein times the observed share of what is expected (gnomAD's constraint: for
    nulls of loss of function, else of missense), where the release knows it.

    Returns:
        None where the length is not known: an RNA gene, or one that the transcripts lack.
    """
    sizes = known.proteins.get(gene, ())
    if not sizes:
        return None
    share = 1.0
    for record in known.constraint.get(gene, ()):
        if kind in (NULL, UNPROVEN):
            share = _shrunk(record.get("lof_oe"), record.get("lof_expected"))
        elif record.get("missense_oe") is not None:
            share = float(record["missense_oe"])
        break
    found = int(sizes[0]["residues"]) / TYPICAL_RESIDUES * share
    return min(max(found, 1 / FOLDS_OF_RATE), FOLDS_OF_RATE)


def established(gene: str, known: Knowledge) -> bool:
    """Whether ClinGen holds the gene for a cause of disease, by validity or by dosage.

    A gene that ClinGen has not curated is not thereby doubtful: it has no such feature.
    """
    said = (str(r["classification"]).lower() for r in known.validity.get(gene, ()))
    scores = (str(r["haploinsufficiency"]) for r in known.dosage.get(gene, ()))
    return not _VALID.isdisjoint(said) or not _DOSAGE.isdisjoint(scores)


def _shrunk(ratio: float | None, expected: float | None) -> float:
    if ratio is None:
        return 1.0
    weight = expected or 0.0
    observed = ratio * weight + MEAN_LOF * PSEUDO_EXPECTED
    return observed / (weight + PSEUDO_EXPECTED) / MEAN_LOF


def features(
    mode: str,
    zygosity: str,
    candidates: Sequence[Candidate],
    rows: Sequence[Evidence],
    known: Knowledge,
) -> dict[str, float]:
    """What the fitted coefficients are multiplied with.

    Returns:
        ``MODE zygosity`` and the kind of each allele, counted; ``gene established``; ``rate of
        nulls`` and ``rate of others``, the rates of the alleles' kinds in points.
    """
    found: dict[str, float] = {f"{mode} {zygosity}": 1.0}
    if established(str(candidates[0]["gene"]), known):
        found[ESTABLISHED] = 1.0
    for candidate in candidates:
        kind = kind_of(candidate, rows)
        found[kind] = found.get(kind, 0.0) + 1.0
        seen = rate(str(candidate["gene"]), kind, known)
        if seen is not None:
            name = "rate of nulls" if kind in (NULL, UNPROVEN) else "rate of others"
            found[name] = found.get(name, 0.0) + points_from_odds(seen) / THOUSAND
    return found


def background_row(
    mode: str,
    zygosity: str,
    candidates: Sequence[Candidate],
    rows: Sequence[Evidence],
    setting: Setting,
) -> Evidence:
    """The row of a finding, from its candidates and its other rows."""
    weights = setting.constants.background
    found = features(mode, zygosity, candidates, rows, setting.known)
    points = math.fsum(weights.get(name, 0.0) * value for name, value in sorted(found.items()))
    gene = str(candidates[0]["gene"])
    record = next((str(r["record"]) for r in setting.known.constraint.get(gene, ())), "")
    sizes = setting.known.proteins.get(gene, ())
    place = (
        say("a protein of {count} residues", count=sizes[0]["residues"])
        if sizes
        else say("a gene without protein")
    )
    if ESTABLISHED in found:
        place = say("{said} of a gene that ClinGen holds for a cause", said=place)
    kinds, *other = (kind_of(candidate, rows) for candidate in candidates)
    if other:
        kinds = say("{said} and {more}", said=kinds, more=other[0])
    return Evidence(
        variant="",
        ledger=Ledger.TRIAGE,
        code=BACKGROUND,
        points=milli(points),
        sentence=say(
            "{mode} {zygosity}, {said}: how often such an answer, against how often in health, "
            "in {more}",
            mode=mode,
            zygosity=zygosity,
            said=kinds,
            more=place,
        ),
        resource="constraint" if record else "transcripts",
        read_key=gene,
        record=record or "case",
    )
