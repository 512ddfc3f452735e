"""Whatever the family: the rows of a finding sum to its points, and no order shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from rank_world import (
    BROTHER,
    DAD,
    GENE,
    KID,
    MUM,
    SISTER,
    asserted,
    call,
    candidate,
    disease,
    family,
    knowledge,
    null_allele,
    setting,
)

from ariane.knowledge.lookup import Knowledge
from ariane.model.case import Case, Sex
from ariane.model.tables import FINDINGS, LEDGER
from ariane.rank.evaluate import evaluate

PLACES = ["1-{}-A-T", "X-{}-A-T", "X-50{}-C-G", "Y-90{}-A-T", "MT-{}-A-G"]
VARIANTS = st.builds(str.format, st.sampled_from(PLACES), st.integers(10_200, 10_210))
WRITTEN = st.sampled_from(["0/0", "0/1", "1/1", "1", "0|1", "1|0", "./.", "0/."])


@st.composite
def families(draw: st.DrawFn) -> Case:
    kid = replace(KID, sex=draw(st.sampled_from(Sex)))
    others = [
        replace(m, affected=draw(st.sampled_from([True, False, None])))
        for m in (MUM, DAD, SISTER, BROTHER)
        if draw(st.booleans())
    ]
    return family(kid, *others)


@st.composite
def seen(draw: st.DrawFn, case: Case, variant: str) -> dict[str, Any]:
    held = {m.id: call(draw(WRITTEN)) for m in case.sequenced if draw(st.booleans())}
    if draw(st.booleans()):
        held["kid"] = call("0/1")
    consequence = draw(st.sampled_from(["missense_variant", "stop_gained", "intron_variant"]))
    return candidate(variant, consequence, held)


@st.composite
def releases(draw: st.DrawFn, variants: list[str]) -> Knowledge:
    modes = draw(st.lists(st.sampled_from(["AD", "AR", "", "XLD XLR", "none", "MT"]), min_size=1))
    said = st.sampled_from(["P", "LP", "VUS", "B", "conflicting", "other"])
    spoken = st.lists(st.builds(asserted, said, st.integers(0, 4)), min_size=1, max_size=3)
    common = st.sampled_from([0.0, 0.0005, 0.005, 0.03, 0.3])
    chosen = [v for v in variants if draw(st.booleans())]
    return knowledge(
        diseases=[disease(m, f"OMIM:{n}") for n, m in enumerate(modes)],
        assertions={v: draw(spoken) for v in chosen},
        frequencies={v: draw(common) for v in variants if draw(st.booleans())},
        nulls=[null_allele("1-5-A-T"), null_allele("1-6-A-T")] if draw(st.booleans()) else [],
    )


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Case, Knowledge, list[dict[str, Any]], list[dict[str, Any]]]:
    case = draw(families())
    variants = draw(st.lists(VARIANTS, unique=True, min_size=1, max_size=5))
    candidates = [draw(seen(case, variant)) for variant in variants]
    return case, draw(releases(variants)), candidates, draw(st.permutations(candidates))


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_the_ledger_is_the_whole_account(world: Any) -> None:
    case, known, candidates, shuffled = world
    outcome = evaluate(case, GENE, candidates, setting(known))
    again = evaluate(case, GENE, shuffled, setting(known))
    assert [f.to_row() for f in again.findings] == [f.to_row() for f in outcome.findings]
    assert again.findings == outcome.findings
    assert again.left_out == outcome.left_out
    used = set[str]()
    for finding in outcome.findings:
        row, ledger = finding.to_row(), list(finding.to_ledger())
        used.update(finding.variants)
        assert sum(line["points"] for line in ledger) == row["local_points"]
        assert all(line["points"] == 0 for line in ledger if line["suppressed"])
        assert set(row) == set(FINDINGS.columns)
        assert all(set(line) == set(LEDGER.columns) for line in ledger)
        of_class = [line for line in ledger if line["ledger"] == "class"]
        for variant, points in zip(finding.variants, row["acmg_points"].split("+"), strict=True):
            own = [line["points"] for line in of_class if line["variant"] == variant]
            assert sum(own) == int(points)
        assert all(line["variant"] in finding.variants for line in of_class)
    ids = [finding.id for finding in outcome.findings]
    assert ids == sorted(set(ids))
    # Nothing is lost: each candidate is in a finding or left out with a reason, never both.
    told = [out.variant for out in outcome.left_out]
    assert sorted([*told, *used]) == sorted(c["variant"] for c in candidates)
    assert all(out.rule for out in outcome.left_out)
