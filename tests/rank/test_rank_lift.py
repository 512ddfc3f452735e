"""What would lift the impasse: what is proposed, what it gives, and what is never proposed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from rank_world import (
    BROTHER,
    CONSTANTS,
    CONTIGS,
    DAD,
    GENE,
    GIRL,
    KID,
    MUM,
    PROFILE,
    VARIANT,
    asserted,
    calls,
    candidate,
    disease,
    family,
    findings,
    knowledge,
    known_allele,
    setting,
)

from ariane.model.case import Analysis, Case, Sex
from ariane.model.errors import ArianeError
from ariane.model.points import acmg_class
from ariane.rank.alleles import Setting
from ariane.rank.evaluate import evaluate
from ariane.rank.finding import one_hit
from ariane.rank.lift import Lift, case_lifts, leading, lifts, one_hits, words
from ariane.rank.lift_table import load_lift
from ariane.rank.profile import load_profile
from ariane.rank.seen import criterion

TABLE = load_lift()
FRANCE = load_profile("france_ngsdiag")
SOLO, TRIO = family(KID), family(KID, MUM, DAD)
SECOND = "1-200-G-C"
AD, AR = (knowledge(diseases=[disease(mode)]) for mode in ("AD", "AR"))
SPLICE = "splice_donor_variant"


def lift_of(case: Case, known: Any, *held: dict[str, Any], name: str = "", **more: Any) -> Lift:
    """The lift of the first allele of a finding."""
    return lifts_of(case, known, *held, name=name, **more)[0]


def lifts_of(
    case: Case, known: Any, *held: dict[str, Any], name: str = "", blind: Any = (), **more: Any
) -> list[Lift]:
    at = Setting(known, CONSTANTS, more.get("profile", PROFILE), CONTIGS)
    found = {f.id.partition("|")[2]: f for f in evaluate(case, GENE, held, at).findings}
    finding = found[name or next(iter(found))]
    return lifts(case, finding.to_row(), list(finding.to_ledger()), at, TABLE, blind)


def told(lift: Lift) -> dict[str, tuple[str, int]]:
    return {item.kind: (item.code, item.points) for item in lift.items}


def test_a_solo_missense_lacks_parents_and_an_assay_cheapest_first() -> None:
    lift = lift_of(SOLO, AD, candidate(genotypes=calls(kid="0/1")))
    assert list(told(lift).items()) == [
        ("predictor", ("PP3", 1000)),
        ("parents", ("PM6_Supporting", 1000)),
        ("parents_confirmed", ("PS2_Moderate", 2000)),
        ("parents_specific", ("PS2", 4000)),
        ("assay", ("PS3_Moderate", 2000)),
        ("assay_calibrated", ("PS3", 4000)),
    ]
    parents = next(item for item in lift.items if item.kind == "parents")
    assert (parents.who, parents.triage) == (("mother", "father"), 4000)
    # PM2 1, PS2 4 and PP3 1: the two cheapest that suffice.
    assert [item.kind for item in lift.smallest] == ["predictor", "parents_specific"]
    assert lift.after(lift.smallest) == 6000


def test_one_result_may_be_enough_alone() -> None:
    known = knowledge(
        diseases=[disease("AD")],
        codons=[known_allele("1-100-A-G", aa_alt="W", stars=1)],
    )
    lift = lift_of(SOLO, known, candidate(genotypes=calls(kid="0/1")))
    points = lift.seen.points
    assert points == 3000
    assert [item.kind for item in lift.smallest] == ["parents_specific"]
    row = lift.to_row()
    after = {e["kind"]: e["class_after"] for e in row["evidence"]}
    assert (after["parents"], after["parents_specific"]) == ("VUS", "LP")
    assert row["reaches"] == 7000


@pytest.mark.parametrize(
    ("mum", "dad", "who"),
    [
        ("0/0", "./.", ("father",)),
        ("./.", "./.", ("mother", "father")),
        ("0/1", "./.", ()),
        ("0/0", "0/1", ()),
    ],
)
def test_the_parents_asked_are_those_not_called(mum: str, dad: str, who: Any) -> None:
    seen = candidate(genotypes=calls(kid="0/1", mum=mum, dad=dad))
    lift = lift_of(TRIO, AD, seen)
    asked = [item.who for item in lift.items if item.kind == "parents"]
    assert asked == ([who] if who else [])


def test_of_a_de_novo_allele_only_parentage_and_fit_are_missing() -> None:
    seen = candidate(genotypes=calls(kid="0/1", mum="0/0", dad="0/0"))
    lift = lift_of(TRIO, AD, seen)
    assert told(lift)["parentage"] == ("PS2_Moderate", 1000)
    assert told(lift)["specific"] == ("PS2", 3000)
    assert "parents" not in told(lift)


def test_a_boys_x_asks_his_mother_alone() -> None:
    on_x = candidate("X-5000000-A-T", genotypes=calls(kid="1"))
    lift = lift_of(SOLO, knowledge(diseases=[disease("XLR")]), on_x)
    assert next(i.who for i in lift.items if i.kind == "parents") == ("mother",)


def pair() -> list[dict[str, Any]]:
    """Two missense alleles of unknown phase, their codons far apart."""
    return [candidate(VARIANT), candidate(SECOND, codon="ENST1:900")]


def test_phase_gives_pm3_by_what_the_other_allele_is() -> None:
    known = knowledge(diseases=[disease("AR")], assertions={SECOND: [asserted("LP", 2)]})
    lift, other = lifts_of(SOLO, known, *pair())
    # LP with unknown phase stays below a half: nothing counted yet; in trans it is moderate.
    assert told(lift)["phase_parents"] == ("PM3_Moderate", 2000)
    assert told(lift)["phase_reads"] == ("PM3_Moderate", 2000)
    item = next(i for i in lift.items if i.kind == "phase_parents")
    assert (item.other, item.who) == (SECOND, ("mother", "father"))
    # Of the second allele the partner is uncertain: PM3 stays out, the rank still gains.
    item = next(i for i in other.items if i.kind == "phase_parents")
    assert (item.points, item.code) == (0, "")
    assert item.triage > 0


def test_a_pair_in_trans_asks_for_no_phase() -> None:
    held = [
        candidate(VARIANT, genotypes=calls(kid="0/1", mum="0/1", dad="0/0")),
        candidate(SECOND, genotypes=calls(kid="0/1", mum="0/0", dad="0/1")),
    ]
    for lift in lifts_of(TRIO, AR, *held):
        assert not {"phase_parents", "phase_reads", "parents"} & told(lift).keys()


def test_the_phase_points_are_those_of_the_pair_in_trans() -> None:
    known = knowledge(diseases=[disease("AR")], assertions={SECOND: [asserted("P", 2)]})
    before = findings(SOLO, known, *pair())[f"AR|{VARIANT}+{SECOND}"]
    held = [
        candidate(VARIANT, genotypes=calls(kid="0|1")),
        candidate(SECOND, genotypes=calls(kid="1|0"), codon="ENST1:900"),
    ]
    after = findings(SOLO, known, *held)[f"AR|{VARIANT}+{SECOND}"]
    lift = lifts_of(SOLO, known, *pair())[0]
    item = next(i for i in lift.items if i.kind == "phase_reads")

    def without_pm3(finding: Any) -> int:
        return sum(r.points for r in finding.rows if not r.code.startswith("PM3"))

    assert item.triage == without_pm3(after) - without_pm3(before)


def hit(case: Case, known: Any, **fields: Any) -> list[Lift]:
    at = setting(known)
    found = evaluate(case, GENE, [candidate(**fields)], at)
    rows = [f.to_row() for f in found.findings]
    ledger = [row for f in found.findings for row in f.to_ledger()]
    assert all(one_hit(row) for row in rows)
    return one_hits(case, rows, ledger, {GENE: 2000}, at, TABLE, {GENE: ("GENE1, exon 7",)})


def test_one_hit_tells_the_second_hit_to_look_for() -> None:
    known = knowledge(diseases=[disease("AR")], assertions={VARIANT: [asserted("P", 2)]})
    (lift,) = hit(SOLO, known)
    assert lift.one_hit
    assert [i.kind for i in lift.items] == [
        "predictor",
        "deletions",
        "technique",
        "genome",
        "long_reads",
        "assay",
        "assay_calibrated",
    ]
    assert told(lift)["deletions"] == ("PM3_Moderate", 2000)
    assert next(i.where for i in lift.items if i.kind == "technique") == "GENE1, exon 7"
    with_sv = family(KID, analysis=Analysis("f.vcf", technique="genome", sv_vcf="sv.vcf"))
    kinds = {i.kind for i in hit(with_sv, known)[0].items}
    assert "long_reads" in kinds
    assert not {"deletions", "genome"} & kinds


def test_an_uncertain_single_hit_is_not_told() -> None:
    assert hit(SOLO, AR) == []


def test_a_single_hit_that_does_not_fit_is_not_told() -> None:
    known = knowledge(diseases=[disease("AR")], assertions={VARIANT: [asserted("P", 2)]})
    at = setting(known)
    (found,) = evaluate(SOLO, GENE, [candidate()], at).findings
    rows, ledger = [found.to_row()], [*found.to_ledger()]
    assert one_hit(rows[0])
    assert one_hits(SOLO, rows, ledger, {GENE: 999}, at, TABLE, {}) == []
    assert one_hits(SOLO, rows, ledger, {}, at, TABLE, {}) == []


@pytest.mark.parametrize(
    ("dosage", "code", "points"), [("3", "PVS1", 4000), ("", "PS3_Supporting", 1000)]
)
def test_rna_of_a_splice_site_gives_pvs1_only_where_loss_causes_disease(
    dosage: str, code: str, points: int
) -> None:
    known = knowledge(diseases=[disease("AD")], dosage=dosage)
    seen = candidate(consequence=SPLICE, nmd="", protein_lost=200)
    lift = lift_of(SOLO, known, seen)
    assert told(lift)["rna"] == (code, points)
    assert "assay" not in told(lift)


def test_rna_takes_what_pvs1_would_take() -> None:
    known = knowledge(diseases=[disease("AD")], dosage="3", present=["dosage", "spliceai"])
    known = replace(known, scores={"spliceai": {VARIANT: [{"score": 0.9}]}})
    seen = candidate(consequence="splice_region_variant")
    lift = lift_of(SOLO, known, seen)
    assert lift.seen.counted("PP3") == 1000
    assert told(lift)["rna"] == ("PVS1_Strong", 3000)


def test_a_null_that_decays_lacks_neither_rna_nor_assay() -> None:
    known = knowledge(diseases=[disease("AD")], dosage="3")
    assert lifts_of(SOLO, known, candidate(consequence="stop_gained")) == []  # PVS1 and PM2: LP


def test_relatives_are_asked_only_where_they_would_count() -> None:
    kin = [replace(BROTHER, id=f"b{n}", sample="") for n in range(3)]
    seen = candidate(genotypes=calls(kid="0/1"))
    lift = lift_of(family(KID, *kin), AD, seen)
    item = next(i for i in lift.items if i.kind == "relatives")
    assert (item.code, item.points, item.who) == ("PP1", 1000, ("b0", "b1", "b2"))
    assert "relatives" not in told(lift_of(family(KID, *kin[:2]), AD, seen))


def test_a_poor_call_is_confirmed_before_anything_dear() -> None:
    seen = candidate(filters="LowQual", genotypes=calls(kid="0/1"))
    lift = lift_of(SOLO, AD, seen)
    item = next(i for i in lift.items if i.kind == "confirm")
    assert (item.points, item.triage) == (0, 2000)


def test_a_girl_with_one_copy_may_have_a_second_hit_or_a_silenced_x() -> None:
    on_x = candidate("X-5000000-A-T", genotypes=calls(kid="0/1"))
    lift = lift_of(family(GIRL), knowledge(diseases=[disease("XLR")]), on_x)
    assert {"x_inactivation", "deletions", "long_reads"} <= told(lift).keys()
    boy = lift_of(SOLO, knowledge(diseases=[disease("XLR")]), on_x)
    assert not {"x_inactivation", "deletions"} & told(boy).keys()


def test_a_frequency_that_the_release_lacks_is_looked_up_first() -> None:
    known = knowledge(diseases=[disease("AD")], present=["gene_disease"])
    lift = lift_of(SOLO, known, candidate())
    assert lift.items[0].kind == "frequency"
    assert told(lift)["frequency"] == ("PM2_Supporting", 1000)


@pytest.mark.parametrize("af", [0.00005, 0.0005, 0.02])
def test_a_frequency_that_is_known_is_not_looked_up_again(af: float) -> None:
    known = knowledge(diseases=[disease("AD")], frequencies={VARIANT: af})
    assert "frequency" not in told(lift_of(SOLO, known, candidate()))


def test_a_site_that_the_resource_cannot_see_is_looked_up() -> None:
    known = knowledge(diseases=[disease("AD")], covered=[])
    assert "frequency" in told(lift_of(SOLO, known, candidate()))


def test_a_transfer_rna_is_asked_no_splice_predictor() -> None:
    seen = candidate(consequence="non_coding_transcript_exon_variant")
    assert "predictor" not in told(lift_of(SOLO, AD, seen))


def test_pvs1_made_whole_by_rna_alone_stays_uncertain_in_the_french_profile() -> None:
    known = knowledge(diseases=[disease("AD")], dosage="3", present=["dosage"])
    seen = candidate(consequence=SPLICE, nmd="", protein_lost=200)
    lift = lift_of(SOLO, known, seen, profile=FRANCE)
    (rna,) = [i for i in lift.items if i.kind == "rna"]
    assert lift.after([rna]) == 5000
    assert [i.kind for i in lift.smallest] != ["rna"]


def test_any_further_criterion_frees_pvs1_alone_in_the_french_profile() -> None:
    known = knowledge(diseases=[disease("AD")], dosage="3", present=["dosage"])
    seen = candidate(consequence="stop_gained", genotypes=calls(kid="0/1"))
    lift = lift_of(SOLO, known, seen, profile=FRANCE)
    assert lift.seen.points == 5000
    assert [i.kind for i in lift.smallest] == ["frequency"]
    assert lift.after(lift.smallest) == 10_000


CALLS = st.sampled_from(["0/0", "0/1", "1/1", "./.", "0|1", "1|0"])
CONSEQUENCES = st.sampled_from(
    ["missense_variant", "stop_gained", SPLICE, "splice_region_variant", "inframe_deletion"]
)
WORLDS = st.fixed_dictionaries(
    {
        "modes": st.sampled_from(["AD", "AR", "AD AR"]),
        "dosage": st.sampled_from(["", "3"]),
        "klass": st.sampled_from(["", "P", "LP", "VUS", "B"]),
        "af": st.sampled_from([None, 0.00005, 0.001, 0.02]),
        "profile": st.sampled_from([PROFILE, FRANCE]),
        "technique": st.sampled_from(["exome", "genome", "panel"]),
    }
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=200)
@given(
    world=WORLDS,
    one=st.tuples(CONSEQUENCES, CALLS, CALLS, CALLS),
    two=st.none() | st.tuples(CONSEQUENCES, CALLS, CALLS, CALLS),
    relatives=st.integers(0, 4),
    lost=st.sampled_from([None, 0, 50, 200]),
)
def test_promises_add_up_and_nothing_present_is_proposed(
    world: Any, one: Any, two: Any, relatives: int, lost: int | None
) -> None:
    kin = [replace(BROTHER, id=f"b{n}", sample="") for n in range(relatives)]
    analysis = Analysis("f.vcf", technique=world["technique"])
    case = family(replace(KID, sex=Sex.FEMALE), MUM, DAD, *kin, analysis=analysis)
    known = knowledge(
        diseases=[disease(world["modes"])],
        dosage=world["dosage"],
        assertions={SECOND: [asserted(world["klass"], 2)]} if world["klass"] else {},
        frequencies={VARIANT: world["af"]} if world["af"] else {},
    )
    held = []
    for variant, given_ in ((VARIANT, one), (SECOND, two)):
        if given_:
            what, kid, mum, dad = given_
            lost_here = {"protein_lost": lost, "nmd": ""} if what == SPLICE else {}
            family_calls = calls(kid=kid, mum=mum, dad=dad)
            held.append(candidate(variant, what, family_calls, **lost_here))
    at = Setting(known, CONSTANTS, world["profile"], CONTIGS)
    found = evaluate(case, GENE, held, at)
    assume(found.findings)
    for finding in found.findings:
        row, ledger = finding.to_row(), list(finding.to_ledger())
        classes = dict(zip(finding.variants, row["acmg_points"].split("+"), strict=True))
        for lift in lifts(case, row, ledger, at, TABLE):
            # What the rows say is what the finding says.
            assert lift.seen.points == int(classes[lift.seen.variant])
            costs = [TABLE.kinds[item.kind].cost for item in lift.items]
            assert costs == sorted(costs)
            counts = lift.seen.class_rows
            for item in lift.items:
                assert item.points >= 0
                if item.kind == "frequency":
                    silent = [r for r in counts if r["code"].startswith("PM2")]
                    assert silent
                    assert {r["record"] for r in silent} <= {"no resource", "not covered"}
                if item.points and item.code:
                    # A criterion already counted is proposed only at a greater strength.
                    same = [r for r in counts if r["code"] == item.code and r["points"] > 0]
                    assert same == []
            if not lift.smallest:
                continue
            total = lift.after(lift.smallest)
            assert total >= 6000
            assert acmg_class(total) in ("P", "LP")
            hold = -lift.seen.counted("PVS1_ALONE")
            gained = sum(item.points for item in lift.smallest)
            assert total <= lift.seen.points + gained + hold
            groups = [TABLE.kinds[item.kind].group for item in lift.smallest]
            assert len(groups) == len(set(groups))
            for left in lift.smallest:
                fewer = [item for item in lift.smallest if item is not left]
                assert acmg_class(lift.after(fewer)) not in ("P", "LP")


def standing(finding: str, rank: int, posterior: float) -> dict[str, Any]:
    name = f"{finding}|OMIM:{rank}" if rank else "none"
    return {"hypothesis": name, "finding": finding, "rank": rank, "posterior": posterior}


def test_leading_findings_come_once_in_order_and_hardly_likely_ones_not() -> None:
    rows = [
        standing("b", 3, 0.02),
        standing("a", 1, 0.4),
        standing("a", 2, 0.3),
        standing("c", 4, 0.009),
        standing("", 0, 0.2),
    ]
    assert leading(rows, TABLE) == ["a", "b"]


def test_a_case_tells_its_leading_candidates_below_likely_pathogenic() -> None:
    found = findings(SOLO, AD, candidate())
    (finding,) = found.values()
    rows = [standing(finding.id, 1, 0.5)]
    told_of = list(
        case_lifts(
            SOLO, rows, [finding.to_row()], list(finding.to_ledger()), setting(AD), TABLE, {}
        )
    )
    assert [lift.finding["finding"] for lift in told_of] == [finding.id]


def test_every_kind_has_words_in_both_languages_and_a_source() -> None:
    for kind in TABLE.kinds.values():
        assert kind.source
        for language in ("en", "fr"):
            said = words(TABLE, kind.name, language, ("A",), "1-2-A-T", "here")
            assert said
            assert "{" not in said


def test_a_damaged_table_is_told(tmp_path: Any) -> None:
    (tmp_path / "lift.yaml").write_text("version: 1\n")
    with pytest.raises(ArianeError, match="Restore the file"):
        load_lift(tmp_path / "lift.yaml")


def test_criteria_are_named_without_their_strength() -> None:
    assert [criterion(c) for c in ("PM2_Supporting", "PVS1", "PVS1_ALONE")] == [
        "PM2",
        "PVS1",
        "PVS1_ALONE",
    ]


LOSS = {"consequence": "transcript_ablation", "protein_lost": 1000, "reach": "whole"}
COPIES: list[tuple[str, dict[str, Any], Any]] = [
    (VARIANT, {}, AD),
    ("1-50-A-<DEL:900>", {**LOSS, "genes_hit": 27}, AD),
    ("1-50-A-<DEL:900>", {**LOSS, "genes_hit": 2}, AD),
    (
        "1-50-A-<DUP:900>",
        {"consequence": "transcript_amplification", "reach": "whole", "genes_hit": 40},
        AD,
    ),
]
"""A substitution, and copy-number variants that Riggs' sections class."""


def points_when(case: Case, known: Any, made: dict[str, Any], profile: Any = PROFILE) -> int:
    at = Setting(known, CONSTANTS, profile, CONTIGS)
    (finding,) = evaluate(case, GENE, [made], at).findings
    return int(finding.to_row()["acmg_points"])


@pytest.mark.parametrize(("variant", "fields", "known"), COPIES)
def test_parents_give_what_was_promised(variant: str, fields: Any, known: Any) -> None:
    alone = candidate(variant, genotypes=calls(kid="0/1"), **fields)
    lift = lift_of(TRIO, known, alone)
    item = next(i for i in lift.items if i.kind == "parents")
    with_them = candidate(variant, genotypes=calls(kid="0/1", mum="0/0", dad="0/0"), **fields)
    assert points_when(TRIO, known, with_them) == lift.after([item])
    # And with confirmed parentage, by a profile that says so of every case.
    steps = (("parents_confirmed", "partly"), ("parents_specific", "yes"))
    for kind, fit in steps:
        stated = replace(PROFILE.de_novo, parentage="confirmed", fit=fit)
        told_so = replace(PROFILE, de_novo=stated)
        item = next(i for i in lift.items if i.kind == kind)
        assert points_when(TRIO, known, with_them, told_so) == lift.after([item])


@pytest.mark.parametrize(("variant", "fields", "known"), COPIES)
@pytest.mark.parametrize("count", [3, 4, 5, 7])
def test_relatives_give_what_was_promised(
    variant: str, fields: Any, known: Any, count: int
) -> None:
    absent = [replace(BROTHER, id=f"b{n}", sample="") for n in range(count)]
    lift = lift_of(family(KID, *absent), known, candidate(variant, **fields))
    item = next(i for i in lift.items if i.kind == "relatives")
    there = [replace(brother, sample=brother.id) for brother in absent]
    written = {"kid": "0/1", **{brother.id: "0/1" for brother in there}}
    made = candidate(variant, genotypes=calls(**written), **fields)
    assert points_when(family(KID, *there), known, made) == lift.after([item])


def test_a_copy_number_variant_is_promised_no_criterion_of_sequence_variants() -> None:
    variant, fields, known = COPIES[1]
    lift = lift_of(family(KID, BROTHER), known, candidate(variant, **fields))
    codes = {item.code for item in lift.items if item.points}
    assert codes
    assert all(code.startswith("CNV_") for code in codes)
