"""Releases drawn at random, and edits that make a release of the one before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from hypothesis import strategies as st
from reanalyse_genome import FAR, GENES, KEYS, NEIGHBOURS
from reanalyse_world import DISEASES, TERMS, Said, World

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
    "panels": (genes, st.sampled_from(("1", "3")), 0, 2),
    "called": (genes, st.sampled_from(("ONE", "NEW")), 0, 1),
    "onsets": (
        st.sampled_from(DISEASES),
        st.sampled_from(("HP:0003581", "HP:0003584", "HP:0003623")),
        0,
        3,
    ),
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

LOCAL: Final = (
    *("assertions", "consensus", "laboratory", "frequencies", "homozygotes", "failed", "in_house"),
    *("families", "dosage", "constraint", "validity", "gencc", "spread", "elsewhere"),
    *("structural", "regions"),
)
"""What bears on a (case, gene) alone."""
HPO: Final = ("described", "ontology", "onsets")
NAMED: Final = ("gene_disease", "names", "panels", "called")
"""Genes with their diseases and names: of these some bear on a gene, others on whole cases."""
BY_ALLELE: Final = frozenset(
    ("assertions", "consensus", "laboratory", "frequencies", "homozygotes", "in_house")
)
_TWICE: Final = ("assertions", "assertions", "details", "elsewhere")
"""Drawn more often than the rest."""


@st.composite
def edited(
    draw: st.DrawFn, world: World, fields: Sequence[str], carried: Sequence[str], most: int = 4
) -> World:
    """A release with one to some edits of the fields named.

    Args:
        carried: alleles of the cohort: three of four edits of an allele concern one of these.
    """
    more = _TWICE if "assertions" in fields else ()
    for name in draw(
        st.lists(st.sampled_from((*fields, *more)), min_size=most // 3, max_size=most)
    ):
        allele = draw(st.sampled_from(carried)) if carried and draw(st.integers(0, 3)) else ""
        if name == "ontology":
            world = replace(world, ontology=draw(ONTOLOGIES))
        elif name == "failed":
            world = replace(world, failed=world.failed ^ {allele or draw(keys)})
        elif name == "details":
            world = _other_details(draw, world)
        else:
            world = _edited(draw, world, name, allele if name in BY_ALLELE else "")
    return world


def _edited(draw: st.DrawFn, world: World, name: str, allele: str) -> World:
    """One entry of a field set, of the allele named if one is, or taken away."""
    key, value, least, _ = TOLD[name]
    held = dict(getattr(world, name))
    if len(held) > max(least - 2, 0) and draw(st.booleans()):
        del held[draw(st.sampled_from(sorted(held)))]
    else:
        at = allele or draw(key)
        held[at] = draw(value.filter(lambda one: one != held.get(at)))
    return replace(world, **{name: held})


def _other_details(draw: st.DrawFn, world: World) -> World:
    """An assertion of the same class and review in other words."""
    if not world.assertions:
        return world
    key = draw(st.sampled_from(sorted(world.assertions)))
    first, *others = world.assertions[key]
    first = replace(first, conditions=draw(st.sampled_from("xyz")))
    return replace(world, assertions={**world.assertions, key: (first, *others)})
