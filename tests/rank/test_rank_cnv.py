"""Riggs' points on cases kept as folders, and what holds of all of them.

To add a case, copy a folder of ``tests/rank/cnv`` and edit its three files. ``candidate.yaml``
holds columns of the candidates' table; ``knowledge.yaml`` the gene's ``haploinsufficiency``,
``triplosensitivity``, ``pli``, ``loeuf``, ``modes`` and known ``alleles``, the ``regions`` that the
variant touches, its ``frequency`` and what is ``asserted`` of it. ``expected.yaml``: the items that
count, their ``sum`` on Riggs' scale, the ``points`` of the class ledger, the ``class``, the source
and why; where they matter the ``family``'s calls with who is ``affected``, the ``mode``, the
criterion of the ``rules`` that counts instead, the items ``shown`` with 0, the criteria that give
way, and the ``rest`` that triage rows keep.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from rank_world import (
    ALL_KINDS,
    BROTHER,
    DAD,
    GENE,
    KID,
    MUM,
    PROFILE,
    SISTER,
    VARIANT,
    asserted,
    call,
    calls,
    candidate,
    disease,
    family,
    findings,
    knowledge,
    known_allele,
    points_of,
)

from ariane.files import RESOURCES
from ariane.knowledge.lookup import Knowledge
from ariane.model.errors import ArianeError
from ariane.model.evidence import Evidence, Ledger
from ariane.model.points import acmg_class, milli
from ariane.rank.cnv import PREFIX, by_riggs, riggs_sum
from ariane.rank.cnv_table import load_cnv
from ariane.rank.criteria import class_rows
from ariane.rank.finding import Finding
from ariane.rank.profile import load_profile

FOLDER = Path(__file__).parent / "cnv"
CASES = sorted(path.parent for path in FOLDER.glob("*/expected.yaml"))
TABLE = load_cnv("cnv_riggs2020")
UNCLE = replace(BROTHER, id="uncle", sample="uncle", father="", mother="")
MEMBERS = {m.id: m for m in (KID, MUM, DAD, SISTER, BROTHER, UNCLE)}
LOSS = {"consequence": "transcript_ablation", "protein_lost": 1000, "reach": "whole"}
DELETION = "1-50-A-<DEL:900>"


def read(folder: Path, name: str) -> dict[str, Any]:
    return yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8")) or {}


def release(held: dict[str, Any], variant: str) -> Knowledge:
    """The release of a ``knowledge.yaml``."""
    alleles = []
    for number, allele in enumerate(held.get("alleles", ())):
        fields = {"codon": "", "variant": f"1-{number + 500}-C-T"} | allele
        fields["klass"] = fields.pop("class")
        alleles.append(known_allele(fields.pop("variant"), fields.pop("consequence"), **fields))
    present = {*ALL_KINDS, "dosage_regions"}
    seen = {}
    if "frequency" in held:
        present |= {"structural_frequencies", "structural_coverage"}
        place = {"kind": "DEL", "chrom": "1", "start": 1001, "end": 901_000, "likeness": 900}
        seen[variant] = [{**place, "af": held["frequency"], "record": "sv"}]
    said = {variant: [asserted(held["asserted"])]} if "asserted" in held else {}
    regions = [{**row, "record": f"region-{n}"} for n, row in enumerate(held.get("regions", ()))]
    made = knowledge(
        present=present,
        assertions=said,
        nulls=alleles,
        diseases=[disease(held.get("modes", "AD"))],
        dosage=str(held.get("haploinsufficiency", "")),
        gain=str(held.get("triplosensitivity", "")),
        structural=seen,
        regions={variant: regions} if regions else {},
        constraint=held.get("loeuf"),
    )
    if "pli" in held:
        rows = tuple({**row, "pli": held["pli"]} for row in made.constraint[GENE])
        made = replace(made, constraint={GENE: rows})
    return made


def finding_of(folder: Path) -> Finding:
    given, held, expected = (read(folder, name) for name in ("candidate", "knowledge", "expected"))
    written = expected.get("family", {"kid": "0/1"})
    members = [
        replace(MEMBERS[name], affected=name == "kid" or name in expected.get("affected", ()))
        for name in written
    ]
    made = candidate(genotypes=calls(**written), **given)
    known = release(held, made["variant"])
    (found,) = findings(family(*members), known, made).values()
    assert found.mode == expected.get("mode", "AD")
    return found


def sections(rows: tuple[Evidence, ...]) -> list[Evidence]:
    return [row for row in rows if row.code.startswith(PREFIX)]


def counting(rows: tuple[Evidence, ...]) -> list[str]:
    return [row.code.removeprefix(PREFIX) for row in sections(rows) if not row.suppressed]


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_points_of_a_copy_number_variant(folder: Path) -> None:
    expected = read(folder, "expected")
    assert expected["source"]
    assert expected["why"]
    found = finding_of(folder)
    rows = found.rows
    assert counting(rows) == expected["counts"]
    in_class = [row for row in rows if row.ledger is Ledger.CLASS]
    points = milli(expected["points"])
    assert sum(row.points for row in in_class) == points
    assert found.to_row()["acmg_class"] == expected["class"]
    if expected["sum"] is None:
        assert not by_riggs(rows)
        assert [row.code for row in in_class if row.points] == [expected["rules"]]
    else:
        assert points == TABLE.ledger(round(expected["sum"] * 100))
        assert [row.code for row in in_class if row.points and row not in sections(rows)] == []
        assert f"sum {expected['sum']:+.2f})" in sections(rows)[-1].sentence or "shown" in expected
    off = {row.code for row in in_class if row.suppressed}
    assert {PREFIX + code for code in expected.get("shown", ())} <= off
    assert set(expected.get("gives_way", ())) <= off
    triage = points_of(found)
    for code, rest in expected.get("rest", {}).items():
        assert triage[code] == milli(rest)
    assert {"TRIPLOSENSITIVE", "DOSAGE_REGION", "PS2", "PM6"}.isdisjoint(triage)


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_one_item_of_a_section_counts(folder: Path) -> None:
    rows = finding_of(folder).rows
    assert set(Counter(code[0] for code in counting(rows)).values()) <= {1}


def test_every_applied_item_stands_in_a_case() -> None:
    """And no case rests on an item that the table says is not applied."""
    told: dict[str, set[str]] = {"loss": set(), "gain": set()}
    for folder in CASES:
        expected = read(folder, "expected")
        told[folder.name[:4]].update(expected["counts"], expected.get("shown", ()))
    for kind, items in (("loss", TABLE.loss), ("gain", TABLE.gain)):
        used = {code for code, item in items.items() if item.applied != "no"}
        assert told[kind] - {"2"} <= used
        # Sections 1 and 5 are one table for both kinds.
        rest = used - told[kind]
        assert {code for code in rest if code[0] in "23"} == set()
        assert rest <= told["loss"]


def test_both_tables_are_whole() -> None:
    second = [*"AB", "C-1", "C-2", "D-1", "D-2", "D-3", "D-4", *"EFGH"]
    letters = {"1": "AB", "3": "ABC", "4": "ABCDEFGHIJKLMNO", "5": "ABCDEFGH"}
    rest = {section + letter for section, held in letters.items() for letter in held}
    assert set(TABLE.loss) == {f"2{letter}" for letter in second} | rest
    assert set(TABLE.gain) == {f"2{letter}" for letter in "ABCDEFGHIJKL"} | rest
    assert all(item.source for item in (*TABLE.loss.values(), *TABLE.gain.values()))


@pytest.mark.parametrize(
    ("riggs", "points", "klass"),
    [
        (235, 10_000, "P"),
        (100, 10_000, "P"),
        (99, 10_000, "P"),
        (98, 9_556, "LP"),
        (90, 6_000, "LP"),
        (89, 5_933, "VUS"),
        (45, 3_000, "VUS"),
        (0, 0, "VUS"),
        (-60, 0, "VUS"),
        (-89, 0, "VUS"),
        (-90, -1_000, "LB"),
        (-98, -6_333, "LB"),
        (-99, -7_000, "B"),
        (-200, -7_000, "B"),
    ],
)
def test_conversion(riggs: int, points: int, klass: str) -> None:
    assert TABLE.ledger(riggs) == points
    assert str(acmg_class(points)) == klass


CLASSES = yaml.safe_load((RESOURCES / "acmg" / "cnv_riggs2020.yaml").read_text())["classes"]


@settings(deadline=None)
@given(one=st.integers(-400, 400), two=st.integers(-400, 400))
def test_conversion_is_monotone_and_keeps_the_class(one: int, two: int) -> None:
    low, high = sorted((one, two))
    assert TABLE.ledger(low) <= TABLE.ledger(high)
    told = "VUS"
    for klass, sign in (("LP", 1), ("P", 1), ("LB", -1), ("B", -1)):
        if sign * one >= sign * round(CLASSES[klass] * 100):
            told = klass
    assert str(acmg_class(TABLE.ledger(one))) == told


scores = st.sampled_from(("", "0", "3", "30", "40"))
regions = st.builds(
    dict,
    name=st.just("a region"),
    start=st.sampled_from((20, 51, 100)),
    end=st.sampled_from((800, 900, 1000)),
    covered=st.sampled_from((500, 1000)),
    haploinsufficiency=scores,
    triplosensitivity=scores,
)


@settings(deadline=None)
@given(
    kind=st.sampled_from(("DEL", "DUP")),
    reach=st.sampled_from(("whole", "start", "end", "within", "")),
    lost=st.sampled_from((None, 0, 50, 400, 1000)),
    consequence=st.sampled_from(
        (
            "transcript_ablation",
            "transcript_amplification",
            "start_lost&feature_truncation",
            "stop_lost&feature_truncation",
            "feature_truncation&frameshift_variant",
            "feature_elongation&frameshift_variant",
            "intron_variant",
        )
    ),
    nmd=st.sampled_from(("", "expected")),
    place=st.sampled_from(("exon 5/5", "exons 3-5/5", "intron 1/4", "")),
    genes=st.integers(0, 60),
    cut=st.integers(0, 2),
    held=st.builds(
        dict,
        haploinsufficiency=scores,
        triplosensitivity=scores,
        pli=st.sampled_from((0.1, 0.9)),
        loeuf=st.sampled_from((0.2, 0.6)),
        regions=st.lists(regions, max_size=3),
        frequency=st.sampled_from((0.00001, 0.005, 0.02)),
        alleles=st.lists(
            st.just({"consequence": "stop_gained", "place": "exon 5/5", "class": "P", "stars": 1}),
            max_size=2,
        ),
    ),
)
def test_rows_add_up_and_nothing_counts_twice(
    kind: str,
    reach: str,
    lost: int | None,
    consequence: str,
    nmd: str,
    place: str,
    genes: int,
    cut: int,
    held: dict[str, Any],
) -> None:
    variant = f"1-50-A-<{kind}:900>"
    told = {"reach": reach, "protein_lost": lost, "consequence": consequence, "nmd": nmd}
    counted = {"place": place, "genes_hit": genes, "genes_cut": cut}
    seen = candidate(variant, **told, **counted)
    rows = tuple(class_rows(seen, release(held, variant), PROFILE))
    held_by = Counter(code[0] for code in counting(rows))
    assert set(held_by.values()) <= {1}
    others = [row for row in rows if row not in sections(rows) and row.points]
    if by_riggs(rows):
        # Riggs' sections alone, and they sum to the converted sum.
        assert others == []
        total = riggs_sum(seen, rows, PROFILE)
        assert sum(row.points for row in rows) == TABLE.ledger(total)
    else:
        assert [row.code for row in sections(rows) if row.points or not row.suppressed] == []
    null = any(row.code.startswith("PVS1") and row.points for row in rows)
    assert not (null and any(code.startswith("2") for code in counting(rows)))


def test_three_silences_of_section_2() -> None:
    seen = candidate(DELETION, genes_hit=1, genes_cut=0, **LOSS)
    for present, dosage, record in (
        (("gene_disease",), "", "no resource"),
        (ALL_KINDS, "", "absent"),
        (ALL_KINDS, "1", "hi"),
    ):
        known = knowledge(present=present, dosage=dosage)
        (row,) = [r for r in class_rows(seen, known, PROFILE) if r.code == "CNV_2"]
        assert (row.record, row.points) == (record, 0)
        assert row.suppressed


def test_what_was_not_counted_keeps_the_rules_of_sequence_variants() -> None:
    """An inversion, a breakend, the mitochondria: no number of genes, no Riggs."""
    for variant in (DELETION, "1-50-A-<INV:900>", "MT-50-A-<DEL:900>"):
        rows = class_rows(candidate(variant, **LOSS), knowledge(dosage="3"), PROFILE)
        assert not sections(tuple(rows))


def test_a_partner_of_a_pathogenic_deletion_has_pm3() -> None:
    """Riggs' sections know no PM3, so the deletion takes none; the small variant does."""
    held = {DELETION: [{"kind": "DEL", "chrom": "1", "start": 51, "end": 900, "af": 1e-5,
                        "likeness": 900, "record": "sv"}]}  # fmt: skip
    known = knowledge(
        present=(*ALL_KINDS, "structural_frequencies"),
        diseases=[disease("AR")],
        dosage="3",
        structural=held,
    )
    trio = family(KID, MUM, DAD)
    deletion = candidate(
        DELETION,
        genotypes={"kid": call("0/1"), "mum": call("0/1"), "dad": call("0/0")},
        genes_hit=1,
        genes_cut=0,
        **LOSS,
    )
    small = candidate("1-950-A-T", genotypes=calls(kid="0/1", mum="0/0", dad="0/1"))
    (pair,) = findings(trio, known, deletion, small).values()
    assert [(r.variant, r.code) for r in pair.rows if r.code.startswith("PM3")] == [
        ("1-950-A-T", "PM3_Moderate")
    ]
    assert pair.to_row()["acmg_class"].startswith("P+")


def test_a_homozygous_deletion_keeps_its_triage_row() -> None:
    known = knowledge(diseases=[disease("AR")], dosage="3")
    seen = candidate(DELETION, genotypes=calls(kid="1/1"), genes_hit=1, genes_cut=0, **LOSS)
    (found,) = findings(family(KID), known, seen).values()
    assert points_of(found)["HOMOZYGOUS"] == 1000
    assert not any(code.startswith("PM3") for code in points_of(found))


def test_both_profiles_name_the_table() -> None:
    for name in ("clingen", "france_ngsdiag"):
        assert load_profile(name).cnv == TABLE.name
    assert VARIANT  # a small variant has no sections
    rows = class_rows(candidate(), knowledge(dosage="3"), PROFILE)
    assert not sections(tuple(rows))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw.pop("loss"),
        lambda raw: raw["ledger"].update(up=[[0, 0], [0.9, 6], [0.99, 5]]),
        lambda raw: raw["loss"]["2B"].update(applied="perhaps"),
        lambda raw: raw["loss"]["5B"].pop("why"),
        lambda raw: raw["family"].update(affected_without="9Z"),
    ],
)
def test_a_spoilt_table_is_refused_by_name(tmp_path: Path, spoil: Any) -> None:
    raw = yaml.safe_load((RESOURCES / "acmg" / "cnv_riggs2020.yaml").read_text(encoding="utf-8"))
    spoil(raw)
    path = tmp_path / "spoilt.yaml"
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    with pytest.raises(ArianeError, match="spoilt"):
        load_cnv("spoilt", tmp_path)
    with pytest.raises(ArianeError, match="there is no such table"):
        load_cnv("none", tmp_path)
