"""The records of a cycle: what an export may read, and what it cannot."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from export_world import (
    GENE,
    HET,
    HOM,
    KEY,
    REF,
    SECOND,
    SYMBOL,
    Bench,
    case,
    finding,
    lay_out,
    ledger,
    none,
    stands,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from ariane.model.case import Case, Decision, Phenotype, Status
from ariane.model.errors import ArianeError
from ariane.model.tables import FLAGS
from ariane.registry.read_records import Records, open_records
from ariane.registry.record import Coded


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def opened(bench: Bench, leading: int = 10) -> Records:
    return open_records(bench.inputs, bench.cycles, bench.release, bench.knowledge, leading=leading)


def decided(outcome: Status = Status.SOLVED, **more: str) -> Decision:
    given = {"gene": GENE, "variants": KEY, "disease": "OMIM:1", "report": "CR-7", **more}
    return Decision("F1", outcome, actor="RCP-9", role="RCP", date="2024-02-01", **given)


def test_a_case_is_told_with_the_names_of_its_release(bench: Bench) -> None:
    row = finding()
    bench.cycle(
        [case()],
        standing=[none(), stands(row)],
        findings=[row],
        ledger=[ledger(row, "PM2_Supporting"), ledger(row, "PP3", suppressed="told once"),
                ledger(row, "PP2", 0), ledger(row, "ASSERT", ledger="triage"),
                ledger(row, "BA1", 0)],
    )  # fmt: skip
    (one,) = opened(bench)
    assert one.observed == (Coded("HP:0000252", "Microcephaly"), Coded("HP:0001250", "Seizure"))
    assert one.excluded == (Coded("HP:9999999", ""),)
    assert one.onset == Coded("HP:0003593", "Infantile onset")
    assert (one.sex, one.age, one.design, one.examined) == ("female", "P3Y", "solo", True)
    (leading,) = one.candidates
    assert leading.finding.gene == Coded(GENE, SYMBOL)
    assert leading.disease == Coded("OMIM:1", "name of OMIM:1")
    assert leading.posterior == 0.9
    (allele,) = leading.finding.alleles
    assert (allele.transcript, allele.hgvs_c, allele.hgvs_p) == (
        "NM_000001.2", "c.1A>G", "p.(Lys1Glu)",
    )  # fmt: skip
    assert allele.place == ("chr1", 55, "A", "G")
    assert allele.criteria == ("BA1", "PM2_Supporting")
    assert (allele.zygosity, allele.acmg_class, allele.acmg_points) == ("het", "LP", 6000)
    assert allele.genotype == HET
    assert one.provenance.resources["hpo_ontology"] == ("2024-03-06", "2024-03-06")
    assert one.provenance.interpretable is False


def test_nothing_private_is_in_a_record(bench: Bench) -> None:
    row = finding()
    bench.cycle(
        [case(trio=True)],
        standing=[none(), stands(row)],
        findings=[row],
        ledger=[ledger(row, "PM3")],
        decisions=[decided(comment="a private comment")],
    )
    (one,) = opened(bench)
    text = json.dumps(asdict(one), default=str)
    for private in ("private", "sex_check", "discordant", "secret/path", "cousins"):
        assert private not in text
    assert {"F1-F", "F1-M", "F1-C"} == {relative.id for relative in one.relatives}
    assert [r.relation for r in one.relatives] == ["relative", "father", "mother"]
    assert not {"father", "mother"} & set(asdict(one.relatives[0]))


@pytest.mark.parametrize(
    ("calls", "zygosity", "code", "origin"),
    [
        ({"P": HET, "F": REF, "M": HET}, "het", "PM2", "maternal"),
        ({"P": HET, "F": HET, "M": REF}, "het", "PM2", "paternal"),
        ({"P": HOM, "F": HET, "M": HET}, "hom", "PM2", "biparental"),
        ({"P": HET, "F": HET, "M": HET}, "het", "PM2", ""),
        ({"P": HET, "F": REF, "M": REF}, "het", "PM2", ""),
        ({"P": HET, "F": REF, "M": REF}, "het", "PM6_Supporting", "de novo"),
        ({"P": HET, "M": REF}, "het", "PM2", ""),
    ],
)
def test_where_an_allele_comes_from(
    bench: Bench, calls: dict[str, object], zygosity: str, code: str, origin: str
) -> None:
    row = finding(calls=[calls], zygosity=zygosity)  # type: ignore[list-item]
    bench.cycle(
        [case(trio=True)], standing=[none(), stands(row)], findings=[row],
        ledger=[ledger(row, code)],
    )  # fmt: skip
    (one,) = opened(bench)
    assert one.candidates[0].finding.alleles[0].origin == origin


def test_a_pair_is_told_allele_by_allele(bench: Bench) -> None:
    row = finding(
        variants=[KEY, SECOND], mode="AR", calls=[{"P": HET}, {"P": HET}], acmg_class="LP+VUS"
    )
    row["hgvs"] = "; NM_000001.2:c.9del p.?"
    bench.cycle([case()], standing=[none(), stands(row)], findings=[row])
    (one,) = opened(bench)
    first, second = one.candidates[0].finding.alleles
    assert (first.key, first.hgvs_c, first.transcript, first.acmg_class) == (
        KEY, "", "ENST1.1", "LP",
    )  # fmt: skip
    assert (second.key, second.hgvs_c, second.hgvs_p, second.acmg_class) == (
        SECOND, "c.9del", "p.?", "VUS",
    )  # fmt: skip
    assert second.place == ("chr1", 90, "CT", "C")


def flag(reason: str, source: str, **more: object) -> dict[str, object]:
    empty = dict.fromkeys(FLAGS.columns, "")
    row = {**empty, "case": "F1", "reason": reason, "source": source, "priority": 1, **more}
    return row | {"urgent": False, "expected_change": 0.0, "sentence": "private sentence"}


def test_flags_of_new_knowledge_leave_and_those_of_the_family_stay(bench: Bench) -> None:
    said = "assertions chr1-55-A-G: VUS 1 star -> LP 2 stars"
    bench.cycle(
        [case()],
        standing=[none()],
        flags=[
            flag("strengthened", said, gene=GENE, symbol=SYMBOL, due="2024-04-01", since="c1"),
            flag("periodic review", "", priority=3),
            flag("weakened", "somebody 1: x -> y", priority=2),
            *(flag(reason, "case") for reason in ("pregnancy in the family", "pedigree corrected")),
        ],
    )
    (one,) = opened(bench)
    assert [(f.reason, f.source) for f in one.flags] == [
        ("strengthened", said), ("weakened", ""), ("periodic review", ""),
    ]  # fmt: skip
    assert one.flags[0].gene == Coded(GENE, SYMBOL)
    assert "private sentence" not in str(one)


def test_earlier_decisions_come_oldest_first(bench: Bench) -> None:
    first = decided(Status.IMPASSE, variants="", gene="", disease="", report="CR-1")
    bench.cycle(
        [case()],
        standing=[none()],
        decisions=[decided(), replace(first, date="2023-01-01"), replace(first, date="2022-01-01")],
    )
    (one,) = opened(bench)
    assert one.decision is not None
    assert one.decision.date == "2024-02-01"
    assert [d.date for d in one.earlier] == ["2022-01-01", "2023-01-01"]


def test_one_hit_has_no_posterior(bench: Bench) -> None:
    row = finding(mode="AR", zygosity="one hit")
    bench.cycle([case()], standing=[none(), stands(row)], findings=[row])
    (one,) = opened(bench)
    assert one.candidates[0].posterior is None
    assert one.candidates[0].finding.alleles[0].zygosity == "het"


def test_a_decision_names_the_finding_in_force(bench: Bench) -> None:
    dominant, recessive = finding(), finding(mode="AR")
    bench.cycle(
        [case(status=Status.SOLVED)],
        standing=[none(), stands(recessive, 1), stands(dominant, 2, "OMIM:2")],
        findings=[dominant, recessive],
        decisions=[decided()],
    )
    (one,) = opened(bench)
    assert one.decision is not None
    assert one.decision.disease == Coded("OMIM:1", "One")
    assert [f.mode for f in one.causative] == ["AR"]  # the one that stands best
    assert one.causative[0].held


def test_a_decision_on_what_the_cycle_lost_is_told_as_it_is_written(bench: Bench) -> None:
    row = finding(variants=[KEY])
    bench.cycle(
        [case(status=Status.SOLVED)], standing=[none()], findings=[row],
        decisions=[decided(variants=f"{KEY}+{SECOND}")],
    )  # fmt: skip
    (one,) = opened(bench)
    (named,) = one.named
    assert not named.held
    assert named.gene == Coded(GENE, SYMBOL)
    assert [a.key for a in named.alleles] == [KEY, SECOND]
    assert [a.hgvs_c for a in named.alleles] == ["c.1A>G", ""]


@pytest.mark.parametrize(
    ("decision", "causative"),
    [
        (decided(Status.REFUTED), 0), (decided(Status.PARTLY_SOLVED), 1),
        (decided(Status.CANDIDATE, report=""), 0), (decided(Status.SOLVED, variants=""), 0),
    ],
)  # fmt: skip
def test_only_a_signed_solving_decision_names_a_cause(
    bench: Bench, decision: Decision, causative: int
) -> None:
    row = finding()
    bench.cycle([case()], standing=[none(), stands(row)], findings=[row], decisions=[decision])
    (one,) = opened(bench)
    assert len(one.causative) == causative
    assert len(one.named) == bool(decision.variants)


def test_leading_hypotheses_only_and_a_case_never_examined(bench: Bench) -> None:
    row = finding()
    bench.cycle(
        [case(), case("F2")],
        standing=[none(), *(stands(row, n, f"OMIM:{n}") for n in range(1, 6))],
        findings=[row],
    )
    one, other = opened(bench, leading=3)
    assert [c.rank for c in one.candidates] == [1, 2, 3]
    assert (other.case, other.examined, other.candidates) == ("F2", False, ())


@settings(max_examples=15)
@given(st.sets(st.integers(0, 10_000), min_size=1, max_size=12), st.integers(1, 7))
def test_records_come_in_order_of_case_whatever_the_shards(
    tmp_path_factory: pytest.TempPathFactory, numbers: set[int], shards: int
) -> None:
    bench = Bench(tmp_path_factory.mktemp("b"), shards)
    cases = [case(f"F{number}") for number in numbers]
    rows = [finding(one.id) for one in cases]
    bench.cycle(
        cases,
        standing=[r for row in rows for r in (none(row["case"]), stands(row))],
        findings=rows,
        excluded={"F-gone": "consent withdrawn"},
    )
    found = opened(bench)
    assert [r.case for r in found] == sorted(c.id for c in cases)
    assert [r.candidates[0].finding.alleles[0].genotype for r in found] == [HET] * len(cases)
    assert found.left_out == {"F-gone": "consent withdrawn"}


def test_a_foetus_has_a_gestation_and_no_age(bench: Bench) -> None:
    foetus = case(phenotype=Phenotype(gestation="P22W3D"))
    bench.cycle([foetus], standing=[none()])
    (one,) = opened(bench)
    assert (one.prenatal, one.gestation, one.age, one.onset) == (True, "P22W3D", "", None)


def test_a_release_of_another_cycle_is_refused(bench: Bench) -> None:
    bench.cycle([case()], standing=[none()])
    other = bench.release.with_name("R2")
    lay_out(other)
    with pytest.raises(ArianeError, match="made under release R1, but R2 was given"):
        open_records(bench.inputs, bench.cycles, other, bench.knowledge)


def test_a_standing_without_its_finding_stops(bench: Bench) -> None:
    bench.cycle([case()], standing=[none(), stands(finding())])
    with pytest.raises(ArianeError, match="the findings do not hold"):
        list(opened(bench))


def test_an_old_frozen_case_is_still_read() -> None:
    raw = case().to_json()
    for new in ("opposition", "ern_registries", "third_countries"):
        del raw["consent"][new]
    assert Case.from_json(raw).consent.opposition is None
    assert Case.from_json(case().to_json()) == case()
