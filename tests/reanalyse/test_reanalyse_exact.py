"""A delta over what changed equals a full pass, to the byte of the canonical export.

Worlds, successors and families are drawn at random. To draw more than the usual number, run
``pytest tests/reanalyse/test_reanalyse_exact.py --hypothesis-profile=long``; see ``conftest.py``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reanalyse_world import (
    ALLELES,
    DISEASES,
    GENES,
    KEYS,
    OF_GENE,
    TERMS,
    Patient,
    Said,
    World,
    build,
    changes_between,
    delta,
    family,
    full,
    lay_out,
)

from ariane.files import RESOURCES, read_table
from ariane.model.case import Sex, Status
from ariane.model.tables import CHANGES, FINDINGS, LEDGER, TOUCHED
from ariane.reanalyse.compare import SEVERITY, write_changes
from ariane.reanalyse.delta import touched_pairs
from ariane.reanalyse.effective import shard_state
from ariane.reanalyse.events import Causes, View, find_events
from ariane.reanalyse.policy import load_policy

MODES = ("", "AD", "AR", "AD AR", "XLD", "XLR", "MT", "none")
FACTOR = max(1, settings().max_examples // 100)
"""How many times the usual number of examples the chosen profile asks for."""


def drawn(examples: int) -> settings:
    """Settings for a test whose examples each take a second."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    return settings(max_examples=examples * FACTOR, deadline=None, suppress_health_check=slow)


said = st.builds(
    Said,
    klass=st.sampled_from(("P", "LP", "P", "P/LP", *SEVERITY)),
    stars=st.integers(0, 4),
    conditions=st.sampled_from(("", "a condition")),
    accession=st.sampled_from(("", "", "VCV1")),
)
spoken = st.lists(said, min_size=1, max_size=2).map(tuple)
shares = st.sampled_from((0.00001, 0.0004, 0.003, 0.015, 0.03, 0.2))
pairs = st.tuples(st.sampled_from(GENES), st.sampled_from(DISEASES))
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
stretches = st.sampled_from(
    ((400, 1100), (600, 3_000_000), (4100, 6900), (4100, 7100), (3900, 7200), (400, 4_000_100))
)
scores = st.sampled_from(("0", "3", "40"))
described = st.tuples(st.sampled_from(DISEASES), st.sampled_from(TERMS))
stated = st.sampled_from(("", "1/3", "3/3", "HP:0040282", "80%"))
numbers = st.sampled_from(("0", "1", "2"))
counted = st.tuples(
    st.sampled_from((1, 3, 12, 30)),
    st.sampled_from((20, 200)),
    st.sampled_from(("", "0:1:2", "0:2:2,1:1:2", "2:1:1")),
)
worlds = st.builds(
    World,
    assertions=st.dictionaries(st.sampled_from(KEYS), spoken, max_size=12),
    frequencies=st.dictionaries(st.sampled_from(KEYS), shares, max_size=6),
    gene_disease=st.dictionaries(pairs, st.sampled_from(MODES), min_size=2, max_size=9),
    dosage=st.dictionaries(st.sampled_from(GENES), st.sampled_from(("0", "3", "30")), max_size=3),
    structural=st.dictionaries(places, shares, max_size=6),
    regions=st.dictionaries(stretches, scores, max_size=3),
    constraint=st.dictionaries(st.sampled_from(GENES), st.sampled_from((0.2, 1.1)), max_size=2),
    described=st.dictionaries(described, stated, min_size=3, max_size=12),
    ontology=st.sampled_from(("plain", "merged", "obsolete", "moved", "grown")),
    consensus=st.dictionaries(st.sampled_from(KEYS), spoken, max_size=4),
    laboratory=st.dictionaries(st.sampled_from(KEYS), spoken, max_size=4),
    failed=st.frozensets(st.sampled_from(KEYS), max_size=4),
    in_house=st.dictionaries(st.sampled_from(KEYS), counted, max_size=6),
    families=st.dictionaries(st.sampled_from(("F0", "F1", "F2")), numbers, max_size=3),
    validity=st.dictionaries(st.sampled_from(GENES), st.sampled_from(("Definitive", "Limited"))),
)


@st.composite
def successors(draw: st.DrawFn, world: World) -> World:
    """The next release: a few edits of every kind, or another world altogether."""
    if draw(st.integers(0, 9)) == 0:
        return draw(worlds)
    assertions, frequencies = dict(world.assertions), dict(world.frequencies)
    diseases, names = dict(world.gene_disease), dict(world.names)
    structural, regions = dict(world.structural), dict(world.regions)
    dosage, terms, ontology = dict(world.dosage), dict(world.described), world.ontology
    kinds = ("assert", "silence", "details", "frequency", "unseen", "disease", "undisease", "mode")
    kinds += ("name", "dosage", "undosage", "describe", "undescribe", "ontology")
    kinds += ("consensus", "laboratory", "unlaboratory", "failed", "in-house", "family", "shown")
    kinds += ("constraint",)
    consensus, laboratory = dict(world.consensus), dict(world.laboratory)
    failed, in_house = set(world.failed), dict(world.in_house)
    families, validity, constraint = (
        dict(world.families),
        dict(world.validity),
        dict(world.constraint),
    )
    kinds += ("structural", "unstructural", "region", "unregion")
    for kind in draw(st.lists(st.sampled_from(kinds), max_size=5)):
        key = draw(st.sampled_from(KEYS))
        if kind == "assert":
            assertions[key] = draw(spoken)
        elif kind == "silence" and assertions:
            del assertions[draw(st.sampled_from(sorted(assertions)))]
        elif kind == "details" and assertions:
            key = draw(st.sampled_from(sorted(assertions)))
            changed = replace(assertions[key][0], conditions=draw(st.sampled_from("xyz")))
            assertions[key] = (changed, *assertions[key][1:])
        elif kind == "frequency":
            frequencies[key] = draw(shares)
        elif kind == "unseen" and frequencies:
            del frequencies[draw(st.sampled_from(sorted(frequencies)))]
        elif kind in ("disease", "mode"):
            diseases[draw(pairs)] = draw(st.sampled_from(MODES))
        elif kind == "undisease" and diseases:
            del diseases[draw(st.sampled_from(sorted(diseases)))]
        elif kind == "name":
            names[draw(st.sampled_from(DISEASES))] = draw(st.sampled_from(("new name", "other")))
        elif kind == "structural":
            structural[draw(places)] = draw(shares)
        elif kind == "unstructural" and structural:
            del structural[draw(st.sampled_from(sorted(structural)))]
        elif kind == "region":
            regions[draw(stretches)] = draw(scores)
        elif kind == "unregion" and regions:
            del regions[draw(st.sampled_from(sorted(regions)))]
        elif kind == "dosage":
            dosage[draw(st.sampled_from(GENES))] = draw(st.sampled_from(("0", "3", "30")))
        elif kind == "undosage" and dosage:
            del dosage[draw(st.sampled_from(sorted(dosage)))]
        elif kind == "describe":
            terms[draw(described)] = draw(stated)
        elif kind == "undescribe" and len(terms) > 1:
            del terms[draw(st.sampled_from(sorted(terms)))]
        elif kind == "ontology":
            ontology = draw(st.sampled_from(("plain", "merged", "obsolete", "moved", "grown")))
        elif kind in ("consensus", "laboratory"):
            (consensus if kind == "consensus" else laboratory)[key] = draw(spoken)
        elif kind == "unlaboratory" and laboratory:
            del laboratory[draw(st.sampled_from(sorted(laboratory)))]
        elif kind == "failed":
            failed ^= {key}
        elif kind == "in-house":
            in_house[key] = draw(counted)
        elif kind == "family":
            families[draw(st.sampled_from(("F0", "F1", "F2")))] = draw(numbers)
        elif kind == "shown":
            validity[draw(st.sampled_from(GENES))] = draw(
                st.sampled_from(("Definitive", "Limited"))
            )
        elif kind == "constraint":
            constraint[draw(st.sampled_from(GENES))] = draw(st.sampled_from((0.2, 1.1)))
    return replace(
        world,
        assertions=assertions,
        frequencies=frequencies,
        gene_disease=diseases,
        names=names,
        dosage=dosage,
        constraint=constraint,
        described=terms,
        ontology=ontology,
        structural=structural,
        regions=regions,
        consensus=consensus,
        laboratory=laboratory,
        failed=frozenset(failed),
        in_house=in_house,
        families=families,
        validity=validity,
    )


@st.composite
def chains(draw: st.DrawFn, length: int) -> list[World]:
    """Releases, each the successor of the one before."""
    found = [draw(worlds)]
    while len(found) < length:
        found.append(draw(successors(found[-1])))
    return found


GOOD = "0/1:15,15:30:99:."
CALLS = (GOOD, "1/1:0,30:30:99:.", "0|1:15,15:30:99:7", "1|0:15,15:30:99:7", "1:0,9:9:30:.")
CALLS += ("0*/1:0,15:30:99:.", "./1:.,.:.:.:.")
PARENTS = ("0/0:30,0:30:99:.", GOOD, "1/1:0,30:30:99:.", "./.:.,.:.:.:.", "0/0:3,0:3:9:.")


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
    carried |= draw(st.sets(st.integers(29, len(ALLELES) - 1), max_size=3))  # structural
    calls: dict[int, Mapping[str, str]] = {}
    for index in sorted(carried):
        calls[index] = {"child": draw(st.sampled_from((GOOD, GOOD, *CALLS)))}
        if trio:
            calls[index] |= {p: draw(st.sampled_from(PARENTS)) for p in ("dad", "mum")}
    return Patient(case, calls)


@st.composite
def cohorts(draw: st.DrawFn) -> list[Patient]:
    """One to four cases."""
    return [draw(patients(f"F{n}")) for n in range(draw(st.integers(1, 4)))]


def run_chain(
    root: Path, releases: Sequence[World], cohort: Sequence[Sequence[Patient]], turned: bool
) -> None:
    """Rank under each release both ways; every state of the chain must be the same."""
    laid = [lay_out(root, f"R{n}", world) for n, world in enumerate(releases)]
    folders: list[Path] = []
    for n, (release, members) in enumerate(zip(laid, cohort, strict=True)):
        if n == 0 or members != cohort[n - 1]:
            store = build(root, f"store{n}", members)
        whole = full(members, store, release, root / f"full{n}")
        if n == 0:
            folders.append(whole)
            continue
        before = {p.case.id: p.calls for p in cohort[n - 1]}
        anew = [p.case.id for p in members if before.get(p.case.id) != p.calls]
        changes = changes_between(root, laid[n - 1], release)
        order = list(reversed(members)) if turned else list(members)
        folders.append(delta(order, store, release, folders, changes, root / f"delta{n}", anew))
        assert shard_state(folders).digests() == shard_state([whole]).digests()


# Each example holds three pairs of releases.
@drawn(30)
@given(releases=chains(4), cohort=cohorts(), turned=st.booleans())
def test_a_chain_of_deltas_equals_full_passes(
    releases: list[World], cohort: list[Patient], turned: bool
) -> None:
    with tempfile.TemporaryDirectory() as name:
        run_chain(Path(name), releases, [cohort] * len(releases), turned)


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


@drawn(15)
@given(releases=chains(3), cohort=changing_cohorts(), turned=st.booleans())
def test_cases_may_come_go_and_change(
    releases: list[World], cohort: list[list[Patient]], turned: bool
) -> None:
    with tempfile.TemporaryDirectory() as name:
        run_chain(Path(name), releases, cohort, turned)


@drawn(5)
@given(world=worlds, cohort=cohorts())
def test_the_same_knowledge_touches_nothing(world: World, cohort: list[Patient]) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        one, two = lay_out(root, "A", world), lay_out(root, "B", world)
        store = build(root, "store", cohort)
        base = full(cohort, store, one, root / "base")
        changes = changes_between(root, one, two)
        assert read_table(changes, CHANGES) == []
        over = delta(cohort, store, two, [base], changes, root / "over")
        for empty in (FINDINGS, LEDGER, TOUCHED):
            assert read_table(over / f"{empty.name}.parquet", empty) == []
        before, after = shard_state([base]), shard_state([base, over])
        assert before.digests() == after.digests()
        policy = load_policy(RESOURCES / "policy.yaml")
        views = View.of(before), View.of(after)
        assert find_events(*views, Causes.of([], "none"), policy, "c2", {}) == []


PATIENTS = [
    Patient(family("F1", observed=TERMS[2:4]), {i: {"child": GOOD} for i in (0, 3, 5)}),
    Patient(family("F2", sex=Sex.MALE), {i: {"child": GOOD} for i in (8, 11, 28)}),
    Patient(family("F3"), {29: {"child": GOOD}, 3: {"child": "1/1:0,30:30:99:."}}),
    Patient(family("F4"), {i: {"child": GOOD} for i in (30, 31, 33)}),
]
KNOWN = World(
    assertions={KEYS[i]: (Said("LP", 1),) for i in (3, 4)},
    gene_disease={("HGNC:1", "OMIM:1"): "AD", ("HGNC:2", "OMIM:2"): "AR"},
    described={("OMIM:1", TERMS[2]): "1/3"},
)
EDITS: dict[str, tuple[World, tuple[str, str]]] = {
    "own assertion": (
        replace(KNOWN, assertions={**KNOWN.assertions, KEYS[0]: (Said("VUS", 3),)}),
        ("variant", KEYS[0]),
    ),
    "asserted outside the coding tier": (
        replace(KNOWN, assertions={**KNOWN.assertions, KEYS[5]: (Said("P", 2),)}),
        ("variant", KEYS[5]),
    ),
    "frequency": (replace(KNOWN, frequencies={KEYS[0]: 0.2}), ("variant", KEYS[0])),
    "neighbour at the residue": (
        replace(KNOWN, assertions={**KNOWN.assertions, KEYS[2]: (Said("LP", 2),)}),
        ("codon", ALLELES[2].codon),
    ),
    "gate of PVS1 opens by an allele with the record of another": (
        replace(KNOWN, assertions={**KNOWN.assertions, KEYS[6]: (Said("LP", 1),)}),
        ("gene", "HGNC:1"),
    ),
    "mode": (
        replace(KNOWN, gene_disease={**KNOWN.gene_disease, ("HGNC:1", "OMIM:1"): "AR"}),
        ("gene", "HGNC:1"),
    ),
    "a second disease of another mode": (
        replace(KNOWN, gene_disease={**KNOWN.gene_disease, ("HGNC:2", "OMIM:3"): "AD"}),
        ("gene", "HGNC:2"),
    ),
    "dosage": (replace(KNOWN, dosage={"HGNC:1": "3"}), ("gene", "HGNC:1")),
    "the laboratory's own word": (
        replace(KNOWN, laboratory={KEYS[0]: (Said("VUS", 3),)}),
        ("variant", KEYS[0]),
    ),
    "a second source": (
        replace(KNOWN, consensus={KEYS[0]: (Said("LB", 1),)}),
        ("variant", KEYS[0]),
    ),
    "common in-house": (
        replace(KNOWN, in_house={KEYS[0]: (60, 200, "")}),
        ("variant", KEYS[0]),
    ),
    "a deletion of the population that is half the patient's": (
        replace(KNOWN, structural={("DEL", "chr1", 1051, 1200): 0.2}),
        ("structural", "DEL:chr1:0"),
    ),
    "a deletion of the population over several read keys": (
        replace(KNOWN, structural={("DEL", "chr1", 1, 2_097_151): 0.03}),
        ("structural", "DEL:chr1:1"),
    ),
    "a breakend of the population near the patient's": (
        replace(KNOWN, structural={("BND", "chr1", 1250, 3_000_100): 0.2}),
        ("structural", "BND:chr1:0"),
    ),
    "a dosage region": (
        replace(KNOWN, regions={(600, 3_000_000): "3"}),
        ("structural", "DEL:chr1"),
    ),
}


@pytest.mark.parametrize("edit", sorted(EDITS))
def test_a_key_left_out_of_the_changes_is_seen(edit: str, tmp_path: Path) -> None:
    """The equality holds with every key, and fails when the one that matters is dropped."""
    world, key = EDITS[edit]
    one, two = lay_out(tmp_path, "A", KNOWN), lay_out(tmp_path, "B", world)
    store = build(tmp_path, "store", PATIENTS)
    base = full(PATIENTS, store, one, tmp_path / "base")
    whole = shard_state([full(PATIENTS, store, two, tmp_path / "whole")]).digests()
    changes = changes_between(tmp_path, one, two)
    over = delta(PATIENTS, store, two, [base], changes, tmp_path / "over")
    assert shard_state([base, over]).digests() == whole

    # A missense allele is read by its stretch too: that way is closed with the other.
    kept = [
        r
        for r in read_table(changes, CHANGES)
        if (r["kind"], r["key"]) != key and r["kind"] != "stretch"
    ]
    write_changes(changes, kept)
    over = delta(PATIENTS, store, two, [base], changes, tmp_path / "faulty")
    assert shard_state([base, over]).digests() != whole


def test_a_family_that_enters_the_in_house_table_is_evaluated_anew(tmp_path: Path) -> None:
    """The allele's record is the same on both sides; only whose family is counted changed."""
    record = {KEYS[0]: (12, 200, "0:2:2,1:1:2,2:1:2,3:1:2")}
    before, after = (replace(KNOWN, in_house=record, families=f) for f in ({}, {"F1": "0"}))
    one, two = lay_out(tmp_path, "A", before), lay_out(tmp_path, "B", after)
    store = build(tmp_path, "store", PATIENTS)
    base = full(PATIENTS, store, one, tmp_path / "base")
    whole = shard_state([full(PATIENTS, store, two, tmp_path / "whole")])
    assert whole.digests() != shard_state([base]).digests()
    changes = changes_between(tmp_path, one, two)
    assert {(r["resource"], r["kind"]) for r in read_table(changes, CHANGES)} == {
        ("in_house", "family")
    }
    over = delta(PATIENTS, store, two, [base], changes, tmp_path / "over")
    assert shard_state([base, over]).digests() == whole.digests()


def test_what_is_only_shown_touches_nothing(tmp_path: Path) -> None:
    one = lay_out(tmp_path, "A", KNOWN)
    two = lay_out(tmp_path, "B", replace(KNOWN, panels={"HGNC:1": "3"}))
    store = build(tmp_path, "store", PATIENTS)
    changes = changes_between(tmp_path, one, two)
    assert [(r["resource"], r["key"]) for r in read_table(changes, CHANGES)] == [
        ("panels", "HGNC:1")
    ]
    assert touched_pairs(store.read_keys, changes, [p.case.id for p in PATIENTS]) == set()


def test_a_disputed_gene_touches_its_cases(tmp_path: Path) -> None:
    one = lay_out(tmp_path, "A", KNOWN)
    two = lay_out(tmp_path, "B", replace(KNOWN, validity={"HGNC:1": "Disputed"}))
    store = build(tmp_path, "store", PATIENTS)
    changes = changes_between(tmp_path, one, two)
    touched = touched_pairs(store.read_keys, changes, [p.case.id for p in PATIENTS])
    assert touched
    assert {gene for _, gene in touched} == {"HGNC:1"}
