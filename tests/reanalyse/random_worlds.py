"""Releases, their successors, and families with their alleles, drawn at random."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from hypothesis import strategies as st
from reanalyse_genome import ALLELES, FAR, GENES, KEYS, NEIGHBOURS, OF_GENE, STRUCTURAL
from reanalyse_people import Patient, family
from reanalyse_world import DISEASES, TERMS, Said, World

from ariane.model.case import Sex, Status
from ariane.reanalyse.differences import SEVERITY

MODES: Final = ("", "AD", "AR", "AD AR", "XLD", "XLR", "MT", "none")

said = st.builds(
    Said,
    klass=st.sampled_from(("P", "LP", "P", "P/LP", *SEVERITY)),
    stars=st.integers(0, 4),
    conditions=st.sampled_from(("", "a condition")),
    accession=st.sampled_from(("", "", "VCV1")),
)
spoken = st.lists(said, min_size=1, max_size=2).map(tuple)
keys = st.sampled_from(KEYS) | st.sampled_from((*NEIGHBOURS, *FAR))
hot = st.sampled_from((*KEYS[:4], *NEIGHBOURS[:6]))
"""Few alleles, so that what is drawn twice meets."""
genes = st.sampled_from(GENES)
words = st.sampled_from(("Definitive", "Limited"))
places = st.sampled_from(
    (
        ("DEL", "chr1", 901, 1200),
        ("DEL", "chr1", 950, 1150),
        ("DEL", "chr1", 901, 1051),
        ("DEL", "chr1", 1051, 1201),
        ("DEL", "chr1", 501, 4_000_000),
        ("DEL", "chr1", 2_000_250, 4_000_000),
        ("DEL", "chr1", 1, 2_097_151),
        ("DUP", "chr1", 4500, 8000),
        ("BND", "chr1", 1250, 3_000_100),
        ("INV", "chrX", 3_000_100, 3_145_900),
        ("INV", "chrX", 3_000_100, 3_146_100),
    )
)
"""Records that match the structural alleles, that nearly do, and at the edges of read keys."""
regions = st.sampled_from(
    ((400, 1100), (600, 3_000_000), (4100, 6900), (4100, 7100), (3900, 7200), (400, 4_000_100))
)
shares = st.sampled_from((0.00001, 0.0004, 0.003, 0.015, 0.03, 0.2))
counted = st.tuples(
    st.sampled_from((1, 3, 12, 30)),
    st.sampled_from((20, 200)),
    st.sampled_from(("", "0:1:2", "0:2:2,1:1:2", "2:1:1")),
)

# What a release says, field by field: its keys, its values, and the least and most of them.
TOLD: Final[Mapping[str, tuple[Any, Any, int, int]]] = {
    "assertions": (keys, spoken, 0, 16),
    "consensus": (keys, spoken, 0, 4),
    "laboratory": (keys, spoken, 0, 4),
    "frequencies": (keys | hot, shares, 0, 8),
    "homozygotes": (hot, st.sampled_from((0, 3, 6)), 0, 8),
    "in_house": (keys, counted, 0, 6),
    "families": (st.sampled_from(("F0", "F1", "F2")), st.sampled_from(("0", "1", "2")), 0, 3),
    "gene_disease": (
        st.tuples(genes, st.sampled_from(DISEASES)),
        st.sampled_from(MODES),
        2,
        9,
    ),
    "names": (st.sampled_from(DISEASES), st.sampled_from(("new name", "other")), 0, 1),
    "dosage": (genes, st.sampled_from(("0", "3", "30")), 0, 3),
    "constraint": (genes, st.sampled_from((0.2, 1.1)), 0, 2),
    "validity": (genes, words, 0, 4),
    "gencc": (genes, words, 0, 4),
    "spread": (genes, st.sampled_from(("missense", "truncating", "mixed")), 0, 3),
    "elsewhere": (st.sampled_from(FAR), genes, 0, 3),
    "described": (
        st.tuples(st.sampled_from(DISEASES), st.sampled_from(TERMS)),
        st.sampled_from(("", "1/3", "3/3", "HP:0040282", "80%")),
        3,
        12,
    ),
    "structural": (places, shares, 0, 6),
    "regions": (regions, st.sampled_from(("0", "3", "40")), 0, 3),
    "panels": (genes, st.sampled_from(("1", "3")), 0, 1),
}
ONTOLOGIES: Final = st.sampled_from(("plain", "merged", "obsolete", "moved", "grown"))
_SINGLE: Final = tuple(
    key for key in KEYS if key.count("-") == 3 and all(len(p) == 1 for p in key.split("-")[2:])
)
predicted = st.fixed_dictionaries(
    {},
    optional={
        "revel": st.dictionaries(
            st.sampled_from(_SINGLE), st.sampled_from((0.002, 0.2, 0.5, 0.7, 0.95)), min_size=1
        ),
        "spliceai": st.dictionaries(
            st.sampled_from(_SINGLE), st.sampled_from((0.0, 0.15, 0.5)), min_size=1
        ),
    },
)
lacking = st.just(frozenset[str]()) | st.frozensets(
    st.sampled_from(("gencc", "validity", "dosage", "in_house", "consensus", "constraint")),
    max_size=2,
)
crowds = st.just({}) | st.dictionaries(
    st.sampled_from(NEIGHBOURS),
    st.builds(Said, klass=st.sampled_from(("P", "LP")), stars=st.integers(0, 3)).map(
        lambda s: (s,)
    ),
    min_size=8,
)
"""Nothing, or pathogenic neighbours enough for a hot spot, a shown exon and a shown end."""


def _crowded(world: World, crowd: Mapping[str, tuple[Said, ...]]) -> World:
    return replace(world, assertions={**world.assertions, **crowd})


worlds = st.builds(
    _crowded,
    st.builds(
        World,
        **{
            name: st.dictionaries(key, value, min_size=least, max_size=most)
            for name, (key, value, least, most) in TOLD.items()
        },
        ontology=ONTOLOGIES,
        failed=st.frozensets(keys, max_size=4),
        scores=predicted,
        lacks=lacking,
    ),
    crowds,
)
_EDITS: Final = (*TOLD, "assertions", "assertions", "assertions", "elsewhere")
_OTHER: Final = ("details", "ontology", "failed")


@st.composite
def successors(draw: st.DrawFn, world: World) -> World:
    """The next release: a few edits of every kind, or another world altogether."""
    fate = draw(st.integers(0, 19))
    if fate == 0:
        return draw(worlds)
    if fate == 1:
        return replace(world, scores=draw(predicted))
    for kind in draw(st.lists(st.sampled_from((*_EDITS, *_OTHER)), max_size=6)):
        if kind == "ontology":
            world = replace(world, ontology=draw(ONTOLOGIES))
        elif kind == "failed":
            world = replace(world, failed=world.failed ^ {draw(keys)})
        elif kind == "details":
            world = _other_details(draw, world)
        else:
            world = _edited(draw, world, kind)
    return world


def _edited(draw: st.DrawFn, world: World, name: str) -> World:
    """One entry of a field set, or taken away."""
    key, value, least, _ = TOLD[name]
    held = dict(getattr(world, name))
    if len(held) > max(least - 2, 0) and draw(st.booleans()):
        del held[draw(st.sampled_from(sorted(held)))]
    else:
        held[draw(key)] = draw(value)
    return replace(world, **{name: held})


def _other_details(draw: st.DrawFn, world: World) -> World:
    """An assertion of the same class and review in other words."""
    if not world.assertions:
        return world
    key = draw(st.sampled_from(sorted(world.assertions)))
    first, *others = world.assertions[key]
    first = replace(first, conditions=draw(st.sampled_from("xyz")))
    return replace(world, assertions={**world.assertions, key: (first, *others)})


@st.composite
def chains(draw: st.DrawFn, length: int) -> list[World]:
    """Releases, each the successor of the one before."""
    found = [draw(worlds)]
    while len(found) < length:
        found.append(draw(successors(found[-1])))
    return found


GOOD: Final = "0/1:15,15:30:99:."
CALLS: Final = (
    *(GOOD, "1/1:0,30:30:99:.", "0|1:15,15:30:99:7", "1|0:15,15:30:99:7", "1:0,9:9:30:."),
    *("1|1:0,30:30:99:7", "0*/1:0,15:30:99:.", "./1:.,.:.:.:."),
)
PARENTS: Final = ("0/0:30,0:30:99:.", GOOD, "1/1:0,30:30:99:.", "./.:.,.:.:.:.", "0/0:3,0:3:9:.")
FAR_CALLS: Final = ("0/1:.", "0|1:7", "0|1:7", "1|0:7", "1/1:.", "0/0:.", "./.:.")


@st.composite
def patients(draw: st.DrawFn, name: str) -> Patient:
    """Solo or trio, either sex, with alleles on autosomes, X and mitochondria; often compound."""
    trio = draw(st.booleans())
    case = family(
        name,
        trio=trio,
        sex=draw(st.sampled_from(Sex)),
        observed=draw(st.lists(st.sampled_from(TERMS), max_size=4)),
        status=draw(st.sampled_from((Status.IN_PROGRESS, Status.IMPASSE, Status.SOLVED))),
        father_affected=draw(st.booleans()),
        technique=draw(st.sampled_from(("exome", "genome"))),
    )
    carried = draw(st.sets(st.integers(0, len(ALLELES) - 1), min_size=1, max_size=9))
    gene = draw(st.sampled_from(GENES))
    carried |= {ALLELES.index(a) for a in OF_GENE[gene][: draw(st.integers(0, 4))]}
    carried |= draw(st.sets(st.sampled_from(STRUCTURAL), max_size=3))
    carried |= draw(st.sets(st.integers(STRUCTURAL.stop, len(ALLELES) - 1), max_size=3))
    relatives = ("dad", "mum") if trio else ()
    calls: dict[int, Mapping[str, str]] = {}
    for index in sorted(carried):
        calls[index] = {"child": draw(st.sampled_from((GOOD, GOOD, *CALLS)))}
        calls[index] |= {p: draw(st.sampled_from(PARENTS)) for p in relatives}
    far = {
        key: {m: draw(st.sampled_from(FAR_CALLS)) for m in ("child", *relatives)}
        for key in sorted(draw(st.sets(st.sampled_from(FAR))))
    }
    return Patient(case, calls, far)


@st.composite
def cohorts(draw: st.DrawFn) -> list[Patient]:
    """One to four cases."""
    return [draw(patients(f"F{n}")) for n in range(draw(st.integers(1, 4)))]


@st.composite
def changing_cohorts(draw: st.DrawFn) -> list[list[Patient]]:
    """A cohort over three cycles: cases come, go, come back, and have new calls."""
    versions = {
        f"F{n}": [draw(patients(f"F{n}")) for _ in range(draw(st.integers(1, 2)))] for n in range(3)
    }
    cycles = []
    for _ in range(3):
        present = draw(st.sets(st.sampled_from(sorted(versions))))
        cycles.append([draw(st.sampled_from(versions[name])) for name in sorted(present)])
    return cycles
