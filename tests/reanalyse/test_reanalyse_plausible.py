"""Which differences between two releases are plausible, counted by hand, drawn, and real."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ariane import files
from ariane.knowledge import tables
from ariane.knowledge.assertions import PATHOGENIC
from ariane.knowledge.prepare import read_release
from ariane.knowledge.release import Source, assemble
from ariane.model.errors import ArianeError
from ariane.reanalyse import plausible
from ariane.reanalyse.differences import SEVERITY
from ariane.reanalyse.plausible import (
    DOWNGRADED,
    NO_LONGER,
    REMOVED,
    STARS,
    UNKNOWN,
    VANISHED,
    Limits,
    Measure,
    Opened,
    load_limits,
    measure_candidate,
    measure_change,
)
from ariane.reanalyse.promotion import LIMITS

REPOSITORY = Path(__file__).resolve().parents[2]
DATA = REPOSITORY.parent / "shared" / "data"


LIMIT: Limits = load_limits(LIMITS)
said = st.tuples(st.sampled_from(SEVERITY), st.integers(0, 4))
sides = st.dictionaries(st.integers(0, 30).map(str), st.lists(said, min_size=1, max_size=2))


def write_side(folder: Path, held: Mapping[str, Sequence[tuple[str, int]]]) -> None:
    blank = dict.fromkeys(("accession", "conditions", "conflicts", "evaluated", "gene"), "")
    rows = [
        {"variant": variant, "klass": klass, "stars": stars, **blank, "record": ""}
        for variant, records in held.items()
        for klass, stars in records
    ]
    files.write_stream(folder / "assertions.parquet", tables.ASSERTIONS, rows)


@settings(max_examples=60)
@given(old=sides, new=sides)
def test_shares_of_assertions_are_those_counted_by_hand(
    old: dict[str, list[tuple[str, int]]],
    new: dict[str, list[tuple[str, int]]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    root = tmp_path_factory.mktemp("shares")
    one, two = root / "one", root / "two"
    write_side(one, old)
    write_side(two, new)
    found = {m.what: (m.count, m.of) for m in plausible._assertions("old", "assertions", one, two)}

    def worst(records: list[tuple[str, int]]) -> int:
        return max(SEVERITY.index(klass) for klass, _ in records)

    def bad(records: list[tuple[str, int]]) -> bool:
        return any(klass in PATHOGENIC for klass, _ in records)

    both = old.keys() & new.keys()
    was_bad = [v for v in old if bad(old[v])]
    assert found == {
        REMOVED: (len(old.keys() - new.keys()), len(old)),
        DOWNGRADED: (sum(worst(new[v]) < worst(old[v]) for v in both), len(old)),
        NO_LONGER: (sum(not bad(new.get(v, [])) for v in was_bad), len(was_bad)),
        STARS: (
            sum(max(s for _, s in new[v]) < max(s for _, s in old[v]) for v in both),
            len(old),
        ),
    }


@given(
    of=st.integers(0, 10**7),
    part=st.fractions(0, 1),
    more=st.integers(0, 1000),
    what=st.sampled_from((REMOVED, DOWNGRADED, NO_LONGER, STARS, UNKNOWN)),
)
def test_a_share_is_exact_and_more_lost_is_never_more_plausible(
    of: int, part: Fraction, more: int, what: str
) -> None:
    count = int(of * part)
    one = Measure("old", "assertions", what, count, of)
    two = Measure("old", "assertions", what, min(of, count + more), of)
    assert one.share * of == count
    assert 0 <= one.share <= two.share <= 1
    assert LIMIT.exceeded(two) or not LIMIT.exceeded(one)
    whole = what == REMOVED and count == of > 0  # a limit of 100 % would let it pass
    beyond = count > LIMIT.few and count > LIMIT.of("assertions", what) * of
    assert LIMIT.exceeded(one) == (whole or beyond)


def test_a_resource_may_vanish_where_the_laboratory_says_so() -> None:
    gone = Measure("old", "panels", VANISHED, 1, 1)
    assert LIMIT.exceeded(gone)
    assert not replace(LIMIT, may_vanish=frozenset({"panels"})).exceeded(gone)


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        ({"few": -1}, "must be at least"),
        ({"few": "some"}, "missing or wrong"),
        ({"may_vanish": ["rumours"]}, "unknown kind of resource 'rumours'"),
        ({"shares": {"default": {"removed": 0.1, "size lost": 2}}}, "size lost is 2"),
        ({"shares": {"default": {"lost": 0.1}}}, "no limit for 'removed' of 'default'"),
        ({"shares": []}, "missing or wrong"),
    ],
)
def test_wrong_limits_are_told(edit: dict[str, object], says: str, tmp_path: Path) -> None:
    raw = yaml.safe_load(LIMITS.read_text("utf-8")) | edit
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    with pytest.raises(ArianeError, match=says):
        load_limits(path)


VKGL = ("2024-02/04", "2024-10", "2025-04", "2025-07")
HPO = ("2021-10-10", "2023-06-17", "2024-03-06", "2025-01-16")
NEEDED = (
    "variants/vkgl_releases.tsv.gz",
    "reference/GRCh38.lrg524.fa.gz",
    *(f"hpo/{date}/{name}.gz" for date in HPO for name in ("hp.obo", "phenotype.hpoa")),
)


@pytest.mark.shared_data
def test_real_successive_releases_are_plausible(tmp_path: Path) -> None:
    for name in NEEDED:
        if not (DATA / name).is_file():
            pytest.skip(f"{name} is absent from {DATA}")
    reference = DATA / "reference" / "GRCh38.lrg524.fa.gz"
    gff = tmp_path / "none.gff3"
    gff.write_text("##gff-version 3\n", encoding="utf-8")
    common = ("1", "2024-01-01", "open", "as its source says", "real data")
    index = tuple(reference.with_name(reference.name + end) for end in (".fai", ".gzi"))
    opened = []
    for column, date in zip(VKGL, HPO, strict=True):
        hpo, vkgl = DATA / "hpo" / date, DATA / "variants" / "vkgl_releases.tsv.gz"
        sources = [
            Source("reference", reference, "fasta", *common, companions=index),
            Source("transcripts", gff, "gff3", *common),
            Source("hpo_ontology", hpo / "hp.obo.gz", "obo", *common),
            Source("hpo_annotations", hpo / "phenotype.hpoa.gz", "hpoa", *common),
            Source("assertions", vkgl, "consensus_tsv", *common, options={"column": column}),
        ]
        release = assemble(f"R-{date}", "2024-01-01", sources, tmp_path / "releases")
        folder = tmp_path / release.name
        prepared = read_release(release, folder)
        summary = {
            "rows": prepared.written,
            "unknown_by_resource": prepared.unknown_by_resource,
        }
        (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
        opened.append(Opened(release, folder))
    for old, new in pairwise(opened):
        measures = measure_candidate(new) + measure_change(old, new)
        assert plausible.judge(measures, LIMIT, new.release.name) == []
    change = {(m.resource, m.what): m for m in measure_change(opened[0], opened[3])}
    removed = change["assertions", REMOVED]
    assert (removed.count, removed.of) == (2037, 211_559)
    half = [m for m in measure_change(opened[3], opened[0]) if LIMIT.exceeded(m)]
    assert [(m.resource, m.what) for m in half if m.resource == "assertions"] == [
        ("assertions", REMOVED),
        ("assertions", NO_LONGER),
    ], "the way back loses the 36,386 that came"
