"""Structural variants ranked: loss of function, frequency by likeness, pairs, levels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from rank_world import (
    DAD,
    GENE,
    GIRL,
    KID,
    MUM,
    VARIANT,
    calls,
    candidate,
    disease,
    family,
    findings,
    knowledge,
    points_of,
    setting,
)

from ariane.model.genotype import Genotype
from ariane.rank.background import kind_of
from ariane.rank.evaluate import evaluate
from ariane.rank.finding import Finding

DELETION = "1-50-A-<DEL:900>"
FAR_DELETION = "1-500-A-<DEL:900>"
TRIO = family(KID, MUM, DAD)
HELD = ("structural_frequencies", "structural_coverage", "gene_disease", "dosage")
LOST = {"consequence": "transcript_ablation", "protein_lost": 1000, "place": "exons 1-5/5"}


def deletion(variant: str = DELETION, genotypes: Any = None, **fields: Any) -> dict[str, Any]:
    held = genotypes or {"kid": Genotype((0, 1), quality=60)}
    return candidate(variant, genotypes=held, **(LOST | fields))


def record(af: float, likeness: int = 900) -> dict[str, Any]:
    place = {"kind": "DEL", "chrom": "1", "start": 51, "end": 900}
    return {**place, "af": af, "likeness": likeness, "record": f"sv-{af}"}


def only(found: dict[str, Finding]) -> Finding:
    (one,) = found.values()
    return one


def row(finding: Finding, code: str) -> Any:
    return next(r for r in finding.rows if r.code.startswith(code))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "PVS1"),
        (
            {"consequence": "frameshift_variant&feature_truncation", "nmd": "expected"},
            "PVS1",
        ),
        (
            {"consequence": "frameshift_variant&feature_truncation", "nmd": "escapes"},
            "PVS1_Strong",
        ),
        (
            {"consequence": "feature_truncation&inframe_deletion", "protein_lost": 101},
            "PVS1_Strong",
        ),
        (
            {"consequence": "feature_truncation&inframe_deletion", "protein_lost": 100},
            "PVS1_Moderate",
        ),
        ({"consequence": "start_lost&feature_truncation"}, "PVS1_Strong"),
        ({"consequence": "feature_truncation&5_prime_UTR_variant", "protein_lost": 0}, ""),
    ],
)
def test_strength_of_a_deletion(fields: dict[str, Any], code: str) -> None:
    known = knowledge(diseases=[disease("AD")], dosage="3")
    found = only(findings(family(KID), known, deletion(**fields)))
    assert [r.code for r in found.rows if r.code.startswith("PVS1")] == ([code] if code else [])


@pytest.mark.parametrize(
    ("variant", "fields", "code"),
    [
        (
            "1-50-A-<DUP:900>",
            {"consequence": "frameshift_variant&feature_elongation", "nmd": "expected"},
            "PVS1_Strong",
        ),
        ("1-50-A-<DUP:900>", {"consequence": "feature_elongation&inframe_insertion"}, ""),
        (
            "1-50-A-<INV:900>",
            {"consequence": "feature_truncation&coding_sequence_variant"},
            "PVS1_Strong",
        ),
        (
            "1-50-A-A[2:900[",
            {"consequence": "feature_truncation&coding_sequence_variant"},
            "PVS1_Strong",
        ),
        ("1-50-A-<CNV:900>", {"consequence": "coding_sequence_variant"}, ""),
        ("1-50-A-<CPX:900>", {"consequence": "coding_sequence_variant", "protein_lost": None}, ""),
        (
            "1-50-A-A.",
            {"consequence": "feature_truncation&coding_sequence_variant", "protein_lost": None},
            "",
        ),
    ],
)
def test_strength_of_other_kinds(variant: str, fields: dict[str, Any], code: str) -> None:
    known = knowledge(diseases=[disease("AD")], dosage="3")
    found = only(findings(family(KID), known, deletion(variant, **({"place": ""} | fields))))
    assert [r.code for r in found.rows if r.code.startswith("PVS1")] == ([code] if code else [])


def test_the_gate_is_the_same_as_for_small_nulls() -> None:
    found = only(findings(family(KID), knowledge(diseases=[disease("AD")]), deletion()))
    assert points_of(found)["PVS1"] == 0
    assert kind_of(found.candidates[0], found.rows) == "null unproven"


def test_three_silences_of_the_structural_frequencies() -> None:
    sites = {
        "no frequency resource": knowledge(diseases=[disease("AD")]),
        "coverage is not known": knowledge(
            diseases=[disease("AD")], present=("structural_frequencies",)
        ),
        "not covered": knowledge(
            diseases=[disease("AD")],
            present=HELD,
            seen=[("1", 0, 800)],  # one end alone
        ),
        "": knowledge(diseases=[disease("AD")], present=HELD, seen=[("1", 0, 900)]),
    }
    for reason, known in sites.items():
        pm2 = row(only(findings(family(KID), known, deletion())), "PM2")
        assert pm2.suppressed == reason
        assert pm2.points == (0 if reason else 1000)
        assert (pm2.resource, pm2.read_key) == ("structural_frequencies", "DEL:1:0")


@pytest.mark.parametrize("variant", ["1-50-A-<CPX:900>", "1-50-A-A.", "1-50-A-.GA"])
def test_of_what_no_frequency_is_kept_absent_says_nothing(variant: str) -> None:
    known = knowledge(diseases=[disease("AD")], present=HELD, seen=[("1", 0, 2000)])
    lost = {"consequence": "feature_truncation&coding_sequence_variant", "protein_lost": None}
    found = only(findings(family(KID), known, deletion(variant, **lost)))
    pm2 = row(found, "PM2")
    assert (pm2.points, pm2.record, pm2.resource) == (0, "not covered", "structural_frequencies")
    seen = row(only(findings(family(KID), known, deletion())), "PM2")
    assert (seen.points > 0, seen.record) == (True, "absent"), "a deletion is compared"


def test_frequency_of_the_best_match() -> None:
    def known(*records: dict[str, Any]) -> Any:
        held = {DELETION: list(records)}
        return knowledge(diseases=[disease("AD")], present=HELD, structural=held)

    rare = row(only(findings(family(KID), known(record(0.00005)), deletion())), "PM2")
    assert rare.points == 1000
    assert "of a DEL at 1:51-900 (90 % reciprocal overlap)" in rare.sentence
    # The best match counts, whatever another one says.
    common = known(record(0.02), record(0.3, likeness=600))
    found = only(findings(family(KID), common, deletion()))
    assert row(found, "BS1").points == -4000
    assert row(found, "TOO_COMMON").read_key == "DEL:1:0"
    gone = evaluate(family(KID), GENE, [deletion()], setting(known(record(0.3))))
    assert [left.step for left in gone.left_out] == ["frequency"]


def test_a_long_deletion_written_in_full() -> None:
    """Small-variant criteria by its sequence, frequency from either resource."""
    variant = f"1-50-{'A' * 60}-A"
    seen = candidate(variant, "frameshift_variant", genotypes=calls(kid="0/1"))
    assert seen["kind"] == "DEL"
    likely = {variant: [record(0.02)]}
    present = (*HELD, "frequencies", "coverage")
    known = knowledge(diseases=[disease("AD")], dosage="3", present=present, structural=likely)
    found = only(findings(family(KID), known, seen))
    assert points_of(found)["PVS1"] == 8000
    assert row(found, "BS1").resource == "structural_frequencies"
    exact = replace(
        known,
        frequencies={variant: ({"variant": variant, "af": 1e-6, "filters": "", "record": "r"},)},
    )
    assert row(only(findings(family(KID), exact, seen)), "PM2").resource == "frequencies"


def test_a_whole_gene_gained_opens_no_recessive_hypothesis() -> None:
    gain = "1-50-A-<DUP:900>"
    fields = {"consequence": "transcript_amplification", "protein_lost": None}
    seen = deletion(gain, **fields)
    recessive = knowledge(diseases=[disease("AR")], gain="3")
    missense = candidate("1-950-A-T", genotypes=calls(kid="0/1"))
    made = evaluate(family(KID), GENE, [seen, missense], setting(recessive))
    assert made.findings == []
    assert any("takes no function away" in left.rule for left in made.left_out)


RECESSIVE = knowledge(diseases=[disease("AR")], dosage="3", assertions={})


def null(variant: str, **written: Any) -> dict[str, Any]:
    return candidate(variant, "stop_gained", genotypes=calls(**written))


def test_a_homozygote_over_a_heterozygous_deletion_is_a_pair() -> None:
    seen = [deletion(), null(VARIANT, kid="1/1")]
    found = findings(family(KID), RECESSIVE, *seen)
    assert list(found) == [f"AR|{DELETION}+{VARIANT}"]
    pair = only(found)
    assert pair.zygosity == "compound"
    assert "in trans by construction" in row(pair, "PAIR").sentence
    assert "HOMOZYGOUS" not in points_of(pair)
    alone = only(findings(family(KID), RECESSIVE, null(VARIANT, kid="1/1")))
    limit = points_of(alone)["PVS1"] + points_of(alone)["PM2_Supporting"]
    assert limit - 1000 < pair.local_points <= limit


def test_the_deletion_need_not_be_known_to_harm() -> None:
    """In a gene whose loss is not shown to matter the missense allele alone limits the pair."""
    known = knowledge(
        diseases=[disease("AR")],
        assertions={VARIANT: [{"klass": "P", "stars": 3, "accession": "", "conditions": "",
                               "gene": GENE, "record": "r", "resource": "assertions"}]},
    )  # fmt: skip
    seen = candidate(genotypes=calls(kid="1/1"))
    pair = only(findings(family(KID), known, deletion(consequence="intron_variant"), seen))
    weak = deletion(consequence="feature_truncation&inframe_deletion", protein_lost=20)
    pair = only(findings(family(KID), known, weak, seen))
    alone = only(findings(family(KID), known, seen))
    # The homozygote has PM3, which a pair with an uncertain deletion has not.
    pm3 = points_of(alone)["PM3_Supporting"] + points_of(alone)["HOMOZYGOUS"]
    assert pair.local_points > alone.local_points - pm3 - 2000


@pytest.mark.parametrize(
    ("written", "bared"),
    [
        ("1/1", True),
        ("1", True),
        (Genotype((0, 1), ref_depth=2, alt_depth=28, depth=30, quality=60), True),
        (Genotype((0, 1), ref_depth=15, alt_depth=15, depth=30, quality=60), False),
    ],
)
def test_what_looks_homozygous(written: Any, bared: bool) -> None:
    found = findings(family(KID), RECESSIVE, deletion(), null(VARIANT, kid=written))
    pair = found[f"AR|{DELETION}+{VARIANT}"]
    assert ("by construction" in row(pair, "PAIR").sentence) == bared
    assert ("BOTH_ALLELES_READ" in points_of(pair)) == (not bared)
    assert len(found) == 1


def test_outside_the_deletion_it_is_a_homozygote() -> None:
    found = findings(family(KID), RECESSIVE, deletion(FAR_DELETION), null(VARIANT, kid="1/1"))
    assert list(found) == [f"AR|{VARIANT}"]


def test_a_doubtful_deletion_leaves_the_homozygote_too() -> None:
    seen = [deletion(filters="LowQual"), null(VARIANT, kid="1/1")]
    assert set(findings(family(KID), RECESSIVE, *seen)) == {
        f"AR|{DELETION}+{VARIANT}",
        f"AR|{VARIANT}",
    }


def test_a_deletion_pairs_with_a_small_variant_in_trans() -> None:
    small = null("1-950-A-T", kid="0/1", mum="0/1", dad="0/0")
    held = {
        "kid": Genotype((0, 1), quality=60),
        "mum": Genotype((0, 0), quality=60),
        "dad": Genotype((0, 1), quality=60),
    }
    pair = only(findings(TRIO, RECESSIVE, deletion(genotypes=held), small))
    assert "phase: trans by parents" in row(pair, "PAIR").sentence
    held["dad"], held["mum"] = held["mum"], held["dad"]
    assert findings(TRIO, RECESSIVE, deletion(genotypes=held), small) == {}


def test_a_de_novo_deletion_without_depths() -> None:
    held = {m: Genotype((0, int(m == "kid")), quality=60) for m in ("kid", "mum", "dad")}
    known = knowledge(diseases=[disease("AD")], dosage="3")
    assert points_of(only(findings(TRIO, known, deletion(genotypes=held))))["DE_NOVO"] == 4000


def test_a_deletion_on_x_in_a_boy_and_in_a_girl() -> None:
    known = knowledge(diseases=[disease("XLR")], dosage="3")
    place = "X-5000000-A-<DEL:5000900>"
    boy = deletion(place, {"kid": Genotype((1,), copies=0)})
    assert only(findings(family(KID), known, boy)).zygosity == "hemi"
    girl = deletion(place, {"kid": Genotype((0, 1), copies=1)})
    assert "FEMALE_HETEROZYGOUS" in points_of(only(findings(family(GIRL), known, girl)))


def test_reads_across_an_end_are_not_held_to_the_balance_of_a_small_variant() -> None:
    few = Genotype((0, 1), ref_depth=6, alt_depth=1, depth=7, quality=40)
    known = knowledge(diseases=[disease("AD")])
    assert "POOR_CALL" not in points_of(only(findings(family(KID), known, deletion(genotypes={"kid": few}))))  # fmt: skip  # noqa: E501
    low = replace(few, quality=5)
    assert "POOR_CALL" in points_of(only(findings(family(KID), known, deletion(genotypes={"kid": low}))))  # fmt: skip  # noqa: E501


MITOCHONDRIAL = knowledge(diseases=[disease("MT")])


def level(share: int | None, alleles: tuple[int, ...] = (0, 1)) -> Genotype:
    return Genotype(alleles, share=share, quality=60)


@pytest.mark.parametrize(
    ("kid", "mum", "zygosity", "told", "codes"),
    [
        (level(620), level(120), "heteroplasmic", "62.0% of the reads, 12.0% in the mother", set()),
        (level(970), None, "homoplasmic", "97.0% of the reads", set()),
        (level(None, (1,)), None, "homoplasmic", "gives no share", set()),
        (level(None), None, "heteroplasmic", "gives no share", set()),
        (level(30), None, "heteroplasmic", "3.0%", {"POOR_CALL"}),
        (level(400), level(450), "heteroplasmic", "45.0% in the mother", {"MOTHER_AS_MUCH"}),
        (level(620), level(0, (0, 0)), "heteroplasmic", "0.0% in the mother", {"DE_NOVO"}),
    ],
)
def test_levels_of_heteroplasmy(
    kid: Genotype, mum: Genotype | None, zygosity: str, told: str, codes: set[str]
) -> None:
    held = {"kid": kid} | ({"mum": mum} if mum else {})
    seen = candidate("MT-3243-A-G", genotypes=held)
    found = only(findings(family(KID, MUM), MITOCHONDRIAL, seen))
    assert found.zygosity == zygosity
    assert told in row(found, "HETEROPLASMY").sentence
    watched = {"POOR_CALL", "MOTHER_AS_MUCH", "DE_NOVO"}
    assert watched & set(points_of(found)) == codes
