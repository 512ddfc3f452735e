"""Parents drawn for a person: who gave which allele.

Each of a person's own heterozygous alleles comes from one parent, drawn by the allele. A causal
pair comes from both, one allele each; a causal hemizygous allele from the mother in two cases of
three; a single causal heterozygous allele is new in the patient. Both parents are healthy. So the
figures say what parents add at most: no dominant allele is inherited.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from ariane.model.case import Case, Member, Sex
from ariane.model.genotype import Genotype, decode_family, encode_family
from ranking_world import HEMI, HET, HOM, Allele

MOTHER: Final = "mother"
FATHER: Final = "father"
BOTH: Final = "both"
NEW: Final = "new"

_DEPTH, _QUALITY = 30, 60


def own_origin(allele: Allele) -> str:
    """Which parent gave an allele that a person holds of his own."""
    if allele.gt == HOM:
        return BOTH
    if allele.gt == HEMI:
        return MOTHER
    return MOTHER if _drawn(allele) % 2 else FATHER


def causal_origins(alleles: Sequence[Allele]) -> list[str]:
    """Which parent gave each causal allele."""
    if len(alleles) > 1:
        return [BOTH if a.gt == HOM else (MOTHER, FATHER)[n % 2] for n, a in enumerate(alleles)]
    return [BOTH if a.gt == HOM else _single(a) for a in alleles]


def _single(allele: Allele) -> str:
    return NEW if allele.gt == HET or _drawn(allele) % 3 == 0 else MOTHER


def _drawn(allele: Allele) -> int:
    return int(sha256(f"parents {allele.key}".encode()).hexdigest()[:8], 16)


def trio_of(case: Case) -> tuple[Member, ...]:
    """The patient with two healthy parents."""
    patient = replace(case.members[0], father="F", mother="M")
    return (
        patient,
        Member("F", "F", sex=Sex.MALE, affected=False),
        Member("M", "M", sex=Sex.FEMALE, affected=False),
    )


def with_parents(row: Mapping[str, Any], gt: str, origin: str) -> dict[str, Any]:
    """A candidate with the parents' calls beside the patient's."""
    calls = decode_family(row["genotypes"])
    calls["M"] = _call(origin in (MOTHER, BOTH), copies=2)
    calls["F"] = _call(origin in (FATHER, BOTH), copies=1 if gt == HEMI else 2)
    return {**row, "genotypes": encode_family(calls)}


def _call(carries: bool, copies: int) -> Genotype:
    with_alt = _DEPTH // copies if carries else 0
    alleles = (*([0] * (copies - 1)), int(carries))
    return Genotype(
        alleles,
        ref_depth=_DEPTH - with_alt,
        alt_depth=with_alt,
        depth=_DEPTH,
        quality=_QUALITY,
    )
