"""Genotypes: zygosity, and the text in which the store keeps them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane.model.genotype import Genotype, Zygosity, decode_family, encode_family

NUMBERS = st.none() | st.integers(0, 5000)


@st.composite
def genotypes(draw: st.DrawFn) -> Genotype:
    alleles = tuple(draw(st.lists(st.sampled_from([0, 1, None]), min_size=1, max_size=2)))
    return Genotype(
        alleles=alleles,
        phased=len(alleles) > 1 and draw(st.booleans()),
        ref_depth=draw(NUMBERS),
        alt_depth=draw(NUMBERS),
        depth=draw(NUMBERS),
        quality=draw(NUMBERS),
        phase_set=draw(st.sampled_from(["", "1", "48120"])),
        other_alt=0 in alleles and draw(st.booleans()),
    )


@given(genotypes())
def test_a_call_comes_back_from_its_text(call: Genotype) -> None:
    assert Genotype.decode(call.encode()) == call


@given(st.dictionaries(st.from_regex(r"[A-Za-z0-9_.-]{1,12}", fullmatch=True), genotypes()))
def test_a_family_comes_back_from_its_text(calls: dict[str, Genotype]) -> None:
    assert decode_family(encode_family(calls)) == calls
    turned = dict(reversed(calls.items()))
    assert encode_family(turned) == encode_family(calls)


def test_the_text_is_the_documented_one() -> None:
    call = Genotype((0, 1), True, 11, 9, 20, 60, "48120")
    assert call.encode() == "0|1:11,9:20:60:48120"
    assert Genotype((0, 1), other_alt=True).encode() == "0*/1:.,.:.:.:."
    assert Genotype((1,)).encode() == "1:.,.:.:.:."


@pytest.mark.parametrize(
    ("alleles", "zygosity"),
    [
        ((0, 0), Zygosity.REFERENCE),
        ((0,), Zygosity.REFERENCE),
        ((0, 1), Zygosity.HETEROZYGOUS),
        ((1, 0), Zygosity.HETEROZYGOUS),
        ((1, 1), Zygosity.HOMOZYGOUS),
        ((1,), Zygosity.HEMIZYGOUS),
        ((None, None), Zygosity.MISSING),
        ((None,), Zygosity.MISSING),
        # Half a call without the allele is no proof of absence; with it, it is carried.
        ((0, None), Zygosity.MISSING),
        ((None, 1), Zygosity.HETEROZYGOUS),
    ],
)
def test_zygosity(alleles: tuple[int | None, ...], zygosity: Zygosity) -> None:
    assert Genotype(alleles).zygosity is zygosity


def test_share_of_reads() -> None:
    assert Genotype((0, 1), ref_depth=30, alt_depth=10).alt_fraction == 0.25
    assert Genotype((0, 1), ref_depth=0, alt_depth=0).alt_fraction is None
    assert Genotype((0, 1), alt_depth=10).alt_fraction is None


@pytest.mark.parametrize("text", ["0/1", "0/1:1,2:3:4", "a/b:1,2:3:4:.", "0/1:1,2:3:4:.:."])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"genotype|invalid"):
        Genotype.decode(text)


@pytest.mark.parametrize("text", ["=0/1:1,2:3:4:.", "0/1:1,2:3:4:.", ";;x"])
def test_a_call_without_a_member_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a stored genotype"):
        decode_family(text)
