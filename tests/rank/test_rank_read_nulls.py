"""Which alleles read the known alleles that disrupt their gene: a delta rests on it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rank_world import PROFILE, candidate, family, knowledge, known_allele, setting

from ariane.annotate.terms import shipped_terms
from ariane.knowledge.disruption import reads_nulls
from ariane.model.case import Member
from ariane.rank.criteria import class_rows
from ariane.rank.evaluate import evaluate

CONSEQUENCES = sorted(shipped_terms().rank)
SPLICE = {"hgvs_c": "c.100+2T>C", "place": "intron 3/9"}
NULLS: list[Any] = [
    *(known_allele(f"1-{n}00-A-T", "stop_gained", hgvs_p=f"p.(Arg{n}Ter)") for n in range(2, 7)),
    *(known_allele(f"1-{n}00-A-T", "start_lost", hgvs_p="p.Met1?") for n in range(7, 9)),
    *(known_allele(f"1-{n}00-A-T", "splice_donor_variant", **SPLICE) for n in range(9, 12)),
]
consequences = st.lists(st.sampled_from(CONSEQUENCES), min_size=1, max_size=3).map("&".join)
about = st.fixed_dictionaries(
    {
        "hgvs_c": st.sampled_from(["", "c.100+1G>A", "c.100+3A>G", "c.33A>T"]),
        "hgvs_p": st.sampled_from(["", "p.(Arg4Ter)", "p.(Arg34Trp)"]),
        "place": st.sampled_from(["", "intron 3/9", "exon 3/9"]),
        "nmd": st.sampled_from(["", "expected", "escapes"]),
        "protein_lost": st.sampled_from([None, 0, 50, 500]),
    }
)


@given(consequence=consequences, about=about)
def test_other_alleles_never_ask_for_them(consequence: str, about: dict[str, Any]) -> None:
    seen = candidate(consequence=consequence, **about)
    with_them, without = (
        class_rows(seen, knowledge(nulls=nulls), PROFILE) for nulls in (NULLS, None)
    )
    assert with_them == without or reads_nulls(consequence)


@given(consequence=consequences, about=about)
def test_nor_does_their_evaluation(consequence: str, about: dict[str, Any]) -> None:
    case = family(Member("kid", "kid", affected=True))
    seen = candidate(consequence=consequence, **about)
    diseases = [{"gene": seen["gene"], "disease": "OMIM:1", "modes": "AD AR"}]
    with_them, without = (
        evaluate(case, seen["gene"], [seen], setting(knowledge(nulls=nulls, diseases=diseases)))
        for nulls in (NULLS, None)
    )
    assert with_them == without or reads_nulls(consequence)


def test_nulls_and_what_lies_at_a_splice_site_do() -> None:
    for consequence in ("stop_gained", "frameshift_variant", "splice_donor_variant", "start_lost"):
        seen = candidate(consequence=consequence, **SPLICE)
        told = [class_rows(seen, knowledge(nulls=nulls), PROFILE) for nulls in (NULLS, None)]
        assert told[0] != told[1]
        assert reads_nulls(consequence)
    near = candidate(consequence="splice_region_variant&intron_variant", hgvs_c="c.100+5G>A")
    told = [class_rows(near, knowledge(nulls=nulls), PROFILE) for nulls in (NULLS, None)]
    assert told[0] != told[1]
    assert reads_nulls(near["consequence"])
