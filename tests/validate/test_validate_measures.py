"""Sensitivity: the exact interval, what a case counts under, and at which place."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane.validate.masked import Solved
from ariane.validate.measures import PLACES, Share, lines, measures
from ariane.validate.outcome import KINDS, Outcome, kind_of, place_of, why_missed

A, B = "chr1-100-A-T", "chr1-200-C-G"


def tail(count: int, of: int, p: float) -> float:
    """P(X >= count) of a binomial."""
    return sum(math.comb(of, k) * p**k * (1 - p) ** (of - k) for k in range(count, of + 1))


def outcome(case: str = "C1", **more: Any) -> Outcome:
    given: dict[str, Any] = {
        "gene": "BRCA2",
        "variants": (A,),
        "kind": "SNV",
        "modes": "AD",
        "technique": "exome",
        "design": "solo",
        "voice": "nobody",
        "place": 1,
        "classes": ("LP",),
    }
    return Outcome(case, **(given | more))


@given(st.integers(1, 60).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_each_bound_of_the_interval_leaves_a_fortieth_outside(counts: tuple[int, int]) -> None:
    count, of = counts
    share = Share.of_counts(count, of)
    # The definition of Clopper and Pearson, from the binomial itself; bounds are kept to 4 digits.
    around = 1e-4
    if count == 0:
        assert share.low == 0
    else:
        assert tail(count, of, max(share.low - around, 0)) < 0.025
        assert tail(count, of, share.low + around) > 0.025
    if count == of:
        assert share.high == 1
    else:
        assert 1 - tail(count + 1, of, min(share.high + around, 1)) < 0.025
        assert 1 - tail(count + 1, of, share.high - around) > 0.025


def test_known_intervals() -> None:
    # Of n successes in n trials the lower bound is 0.025 ** (1 / n).
    assert Share.of_counts(20, 20).low == round(0.025 ** (1 / 20), 4) == 0.8316
    assert (Share.of_counts(7, 9).low, Share.of_counts(7, 9).high) == (0.3999, 0.9719)


def test_of_no_case_nothing_is_known() -> None:
    nothing = Share.of_counts(0, 0)
    assert (nothing.low, nothing.high, nothing.value) == (0, 1, None)


@pytest.mark.parametrize("counts", [(2, 1), (-1, 1)])
def test_impossible_counts_are_refused(counts: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=" of "):
        Share.of_counts(*counts)


@pytest.mark.parametrize(
    ("variants", "kind"),
    [
        ((A,), "SNV"),
        (("chr1-100-AG-A",), "indel"),
        (("chr1-100-AG-TC",), "indel"),
        (("chr1-100-A-" + "A" * 50,), "indel"),
        (("chr1-100-A-" + "A" * 51,), "CNV or SV"),
        (("chr1-100-A-<DEL:3500>",), "CNV or SV"),
        (("chr1-1000-A-A[chr2:321[",), "CNV or SV"),
        (("chrM-3243-A-G",), "mitochondrial"),
        (("MT-3243-A-G",), "mitochondrial"),
        ((A, "chr1-100-AG-A"), "indel"),
        (("chr7-6466-C-<DEL:6749>", "chr7-7074-ATCT-A"), "CNV or SV"),
    ],
)
def test_kind_of_variant(variants: tuple[str, ...], kind: str) -> None:
    assert kind_of(variants) == kind_of(variants[::-1]) == kind


def finding(name: str, variants: str, gene: str = "G1") -> dict[str, Any]:
    return {"case": "C1", "gene": gene, "finding": name, "variants": variants}


def ranked(name: str, rank: int, gene_rank: int, gene: str, posterior: float) -> dict[str, Any]:
    return {
        "finding": name,
        "rank": rank,
        "gene_rank": gene_rank,
        "gene": gene,
        "posterior": posterior,
        "total_points": round(posterior * 1000),
    }


NONE = ranked("", 0, 0, "", 0.1)


def solved(*variants: str, gene: str = "G1") -> Solved:
    return Solved("C1", gene, variants, "", "", {})


def test_a_pair_is_found_only_together() -> None:
    findings = [finding("pair", f"{A}+{B}"), finding("one", A)]
    standing = [NONE, ranked("one", 1, 1, "G1", 0.5), ranked("pair", 2, 1, "G1", 0.3)]
    assert place_of(solved(A, B), findings, standing) == 1
    assert place_of(solved(A, B), findings[1:], standing) is None
    assert place_of(solved(A), findings, standing) == 1


def test_a_finding_that_is_not_told_is_not_found() -> None:
    assert place_of(solved(A), [finding("one", A)], [NONE]) is None


def test_the_allele_in_another_gene_is_not_found() -> None:
    standing = [NONE, ranked("one", 1, 1, "G2", 0.5)]
    assert place_of(solved(A), [finding("one", A, "G2")], standing) is None
    assert place_of(solved(A, gene=""), [finding("one", A, "G2")], standing) == 1


def test_even_genes_share_the_worst_place() -> None:
    findings = [finding("one", A)]
    standing = [
        NONE,
        ranked("one", 1, 1, "G1", 0.3),
        ranked("two", 2, 2, "G2", 0.3),
        ranked("three", 3, 3, "G3", 0.1),
    ]
    assert place_of(solved(A), findings, standing) == 2


OUTCOMES = st.lists(
    st.builds(
        outcome,
        case=st.text("ABC", min_size=1),
        kind=st.sampled_from(KINDS),
        place=st.none() | st.integers(1, 30),
        technique=st.sampled_from(["panel", "exome", "genome"]),
        modes=st.sampled_from(["AD", "AR", "not stated"]),
        voice=st.sampled_from(["laboratory", "others", "nobody"]),
        classes=st.sampled_from([("P",), ("VUS",), ("LP", ""), ("LP", "P")]),
    )
)


@given(OUTCOMES)
def test_each_group_adds_up_to_all_cases(outcomes: list[Outcome]) -> None:
    first, *others = lines(outcomes)
    assert [share.of for share in first.shares] == [len(outcomes)] * len(measures())
    for group in {line.group for line in others}:
        own = [line for line in others if line.group == group]
        for place, share in enumerate(first.shares):
            assert sum(line.shares[place].count for line in own) == share.count
            assert sum(line.shares[place].of for line in own) == share.of
    counts = [share.count for share in first.shares[: len(PLACES) + 1]]
    found, *places = counts
    assert places == sorted(places)
    assert all(one <= found for one in places)
    assert lines(outcomes[::-1]) == lines(outcomes)


def test_kinds_that_were_not_tested_are_listed() -> None:
    told = {line.value: line.shares[0].of for line in lines([outcome()]) if line.group == "kind"}
    assert told == {"SNV": 1, "indel": 0, "CNV or SV": 0, "mitochondrial": 0}


def test_class_asks_for_every_allele() -> None:
    assert outcome(classes=("LP", "P")).pathogenic
    assert not outcome(classes=("LP", "")).pathogenic
    assert not outcome(classes=("LP", "VUS")).pathogenic


def test_the_reason_is_the_step_that_left_the_allele_out() -> None:
    explained = [
        "USH2A (HGNC:12601) in C1, cycle v, release r",
        "=====",
        "Known disease: Usher (OMIM:1), AR.",
        "Stored candidates: 2 allele(s) in or near the gene.",
        f"  {A}: left out at step 'frequency': excluded by BA1.",
        "  chr9-9-A-T: left out at step 'consequence': it is synonymous.",
        "No finding: nothing in this gene opens a hypothesis.",
    ]
    assert why_missed([A], explained, [A]) == [
        f"{A}: left out at step 'frequency': excluded by BA1."
    ]
    assert why_missed([B], explained, [A])[0] == (
        f"{B}: not among the alleles that were read of this case"
    )
    assert why_missed([A], [], [A]) == ["the decision names no gene, so its steps cannot be told"]
