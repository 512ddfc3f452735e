"""SDM-MR: what becomes of a case, and which cases cannot be told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from export_world import (
    ALL,
    ALLELE,
    FOUND,
    GENE,
    KEY,
    SECOND,
    SYMBOL,
    Bench,
    case,
    decision,
    finding,
    none,
    record,
    stands,
)
from lxml import etree
from sdm_world import CODER, ORPHA, decided, diagnoses, refused, section_of, told, written

from ariane.model.case import Consent, Decision, Sex, Status
from ariane.registry.documents import Document
from ariane.registry.exports import destination_of, export
from ariane.registry.read_records import open_records
from ariane.registry.record import CaseRecord, Coded, DecisionRecord, Relative
from ariane.registry.sdm_check import faults_of
from ariane.registry.sdm_shapes import CDA
from ariane.registry.sdm_tables import Edition

ONGOING, UNDETERMINED, CONFIRMED, REFUTED, PROBABLE = (
    "385651009", "42425007", "255545003", "723511001", "2931005",
)  # fmt: skip
NOTHING: dict[str, Any] = {"named": (), "disease": None, "gene": None, "variants": ()}
CAUSE = ("MED-552", "MED-1286", "MED-1287", "MED-068", "MED-554")


def statuses(one: CaseRecord, **options: Any) -> list[str]:
    return [fields["MED-072"][0] for fields in diagnoses(written(one, **options))]


@pytest.mark.parametrize("version", ["2022.01", "2024.01"])
@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Status.IN_PROGRESS, [ONGOING]),
        (Status.CANDIDATE, [ONGOING]),
        (Status.SOLVED, [CONFIRMED]),
        (Status.PARTLY_SOLVED, [CONFIRMED, ONGOING]),
        (Status.REFUTED, [REFUTED, ONGOING]),
    ],
)
def test_the_status_is_what_a_signed_decision_says(
    version: str, outcome: Status, expected: list[str]
) -> None:
    assert statuses(decided(outcome), version=version, value_sets="2024-10-22") == expected


@pytest.mark.parametrize("status", [Status.IN_PROGRESS, Status.CANDIDATE, Status.IMPASSE])
def test_without_a_signed_decision_a_case_is_under_investigation(status: Status) -> None:
    assert statuses(record(status=status)) == [ONGOING]
    unsigned = decision(Status.SOLVED, report=" ")
    assert statuses(record(status=status, decision=unsigned, named=(FOUND,))) == [ONGOING]


def test_no_proposal_is_ever_told() -> None:
    text = etree.tostring(written(), encoding="unicode")
    for proposed in (SYMBOL, GENE, "OMIM:1", "c.1A", KEY):
        assert proposed not in text
    (fields,) = diagnoses(written(record(status=Status.CANDIDATE, decision=decision(
        Status.CANDIDATE), named=(FOUND,))))  # fmt: skip
    assert not set(CAUSE) & set(fields)
    assert fields["disease"] == ["UNK"]


def test_impasse_only_where_the_site_knows_the_code() -> None:
    one = decided(Status.IMPASSE, **NOTHING)
    assert "42425007 ('équivoque') stands for impasse is inferred" in refused(one)
    assert statuses(one, impasse_code_confirmed=True) == [UNDETERMINED]
    (fields,) = diagnoses(written(one, impasse_code_confirmed=True))
    assert fields["disease"] == ["UNK"]
    assert fields["MED-1284"] == ["HP:0001250"]
    old = {"version": "2022.01", "value_sets": "2023-01-30"}
    assert "GEN-021" in refused(one, **old)
    assert statuses(one, impasse_code_confirmed=True, **old) == ["GEN-021"]


def test_candidate_is_probable_only_by_the_site_and_while_the_set_holds_it() -> None:
    one = decided(Status.CANDIDATE)
    old = {"version": "2022.01", "value_sets": "2024-09-10", "candidate_is_probable": True}
    (fields,) = diagnoses(written(one, **old))
    assert fields["MED-072"] == [PROBABLE]
    assert (fields["MED-552"], fields["disease"]) == ([GENE], ["1"])
    assert "MED-068" not in fields
    assert "'probable' is not in the value set of 2024-10-22" in refused(
        one, candidate_is_probable=True
    )
    assert statuses(one, candidate_is_probable=True, value_sets="2025-02-21") == [PROBABLE]
    assert "names no disease, gene or variant" in refused(
        decided(Status.CANDIDATE, **NOTHING), **old
    )


@pytest.mark.parametrize(
    ("one", "options", "words"),
    [
        (decided(Status.CLOSED), {}, "closed, which is no status of a diagnosis"),
        (decided(Status.WITHDRAWN), {}, "consent withdrawn, which is no status"),
        *((record(status=s), {}, f"sheet says {s.value}, but no signed decision came")
          for s in (Status.SOLVED, Status.PARTLY_SOLVED, Status.REFUTED, Status.CLOSED)),
        (decided(**NOTHING), {}, "solved (CR-7): the decision names no disease, gene or variant"),
        (decided(Status.REFUTED, **NOTHING), {}, "refuted (CR-7): the decision names no disease"),
        (decided(gene=Coded("GBA", "")), {}, "solved (CR-7): gene 'GBA' is no HGNC identifier"),
        (decided(Status.REFUTED), {"version": "2022.01", "value_sets": "2024-02-06"},
         "'réfuté' is not in the value set of 2024-02-06: it stands there from 2024-02-07"),
        (record(), {"version": "2022.01", "value_sets": "2024-09-20"},
         "'en cours' is not in the value set of 2024-09-20"),
        (record(gestation="P22W3D", age=""), {"version": "2022.01"},
         "a foetus: version 2022.01 carries none"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)  # fmt: skip
def test_what_cannot_be_told_is_refused(
    one: CaseRecord, options: dict[str, Any], words: str
) -> None:
    assert words in refused(one, **{"value_sets": "2024-10-22", **options})


def test_all_reasons_are_told_at_once() -> None:
    one = decided(Status.IMPASSE, gestation="P22W3D", age="", named=())
    reasons = refused(one, version="2022.01")
    assert "foetus" in reasons
    assert "impasse_code_confirmed" in reasons


def test_a_confirmed_diagnosis_tells_its_cause() -> None:
    (fields,) = diagnoses(written(decided()))
    assert fields["disease"] == ["1"]
    assert fields["MED-552"] == [GENE]
    assert fields["MED-1286"] == ["MED-084"]
    assert fields["MED-1287"] == [
        "GBA1, NM_000001.2:c.1A>G p.(Lys1Glu), NC_000001.11:g.55A>G (GRCh38), hétérozygote"
    ]
    (fields,) = diagnoses(written(decided(), version="2022.01"))
    assert fields["MED-068"] == ["MED-084"]
    assert fields["ORG-017"] == ["116148004"]
    assert "c.1A>G" in fields["MED-554"][0]
    assert not {"GEN-163", "MED-064", "MED-086"} & set(fields)


@pytest.mark.parametrize(
    ("technique", "code"), [("panel", "MED-083"), ("exome", "MED-084"), ("genome", "MED-084")]
)
def test_the_technique_is_that_of_the_analysis_that_holds_the_cause(
    technique: str, code: str
) -> None:
    (fields,) = diagnoses(written(decided(technique=technique)))
    assert fields["MED-1286"] == [code]
    elsewhere = replace(FOUND, held=False, zygosity="", mode="")
    (fields,) = diagnoses(written(decided(technique=technique, named=(elsewhere,))))
    assert "MED-1286" not in fields
    (fields,) = diagnoses(written(decided(technique=technique, named=(), variants=())))
    assert "MED-1286" not in fields


def test_an_analysis_of_unknown_technique_leaves_the_investigations_to_people() -> None:
    (fields,) = diagnoses(written(record(technique=""), version="2022.01"))
    assert fields["ORG-017"] == ["NI"]


def test_a_pair_is_told_allele_by_allele_and_a_bare_key_with_its_assembly() -> None:
    second = replace(ALLELE, key=SECOND, hgvs_g="", hgvs_c="", hgvs_p="", zygosity="")
    pair = replace(FOUND, alleles=(replace(ALLELE, zygosity="hom"), second))
    (fields,) = diagnoses(written(decided(named=(pair,))))
    first, other = fields["MED-1287"][0].split(" ; ")
    assert first.endswith("homozygote")
    assert other == f"GBA1, {SECOND} (GRCh38)"


@pytest.mark.parametrize(
    ("disease", "value", "shown"),
    [
        (ORPHA, "1", "Disorder one é (code ORPHA : 1)"),
        (Coded("ORPHA:2", ""), "1", "décision : ORPHA:2 ; ORPHA:2 remplacé par ORPHA:1"),
        (Coded("ORPHA:3", ""), "1", "sous-type ORPHA:3 (Subtype) rapporté comme ORPHA:1"),
        (Coded("OMIM:1", "One"), "1", "décision : OMIM:1 ; OMIM:1 correspond exactement à ORPHA:1"),
        (
            Coded("OMIM:9", "Nine"),
            "OTH",
            "Nine (OMIM:9) ; non codée : OMIM:9 n'a pas de code",
        ),
        (Coded("ORPHA:4", ""), "OTH", "ORPHA:4 ; non codée : ORPHA:4 (Group) est un groupe"),
        (Coded("ORPHA:616874", ""), "OTH", "non codée : ORPHA:616874 n'est pas un diagnostic"),
        (None, "NI", "la décision ne nomme pas de maladie"),
    ],
)
@pytest.mark.parametrize("outcome", [Status.SOLVED, Status.REFUTED])
def test_a_disease_has_a_code_or_a_reason(
    outcome: Status, disease: Coded | None, value: str, shown: str
) -> None:
    root = written(decided(outcome, disease=disease))
    assert diagnoses(root)[0]["disease"] == [value]
    text = root.find(f".//{{{CDA}}}content[@ID='diagnostic-1-maladie']")
    assert text is not None
    assert shown in (text.text or "")


def test_without_a_pinned_nomenclature_no_disease_is_coded() -> None:
    made = told(decided(), replace(CODER, nomenclature=None))
    assert isinstance(made, Document)
    assert "non codée : aucune nomenclature n'est fixée pour cette destination" in made.text
    assert diagnoses(etree.fromstring(made.text.encode()))[0]["disease"] == ["OTH"]


def test_616874_only_for_an_impasse_where_bamara_takes_it() -> None:
    one = decided(Status.IMPASSE, **NOTHING)
    takes = replace(CODER, undiagnosed=True)
    made = told(one, takes, impasse_code_confirmed=True)
    assert isinstance(made, Document)
    assert diagnoses(etree.fromstring(made.text.encode()))[0]["disease"] == ["616874"]
    options = {"sdm_mr": {"impasse_code_confirmed": True}}
    (fault,) = faults_of(made.text, made.name, Edition.of(options))
    assert "ORPHA:616874 stands, where it may not" in fault
    open_to_it = Edition.of({**options, "bndmr_takes_undiagnosed": True})
    assert list(faults_of(made.text, made.name, open_to_it)) == []
    wrong = made.text.replace("42425007", "385651009")
    assert any("where it may not" in f for f in faults_of(wrong, made.name, open_to_it))


def relatives(**affected: bool | None) -> tuple[Relative, ...]:
    return tuple(
        Relative(f"F1-{name}", name, Sex.UNKNOWN, said, False) for name, said in affected.items()
    )


@pytest.mark.parametrize(
    ("family", "codes"),
    [
        (relatives(mother=False, father=False), ["75741005"]),
        (relatives(mother=False, father=False, sibling=True), ["255401001"]),
        (relatives(relative=True), ["255401001"]),
        (relatives(mother=False, father=None), None),
        (relatives(mother=False), None),
        ((), None),
    ],
)
def test_sporadic_or_familial_as_the_pedigree_says(
    family: tuple[Relative, ...], codes: list[str] | None
) -> None:
    (fields,) = diagnoses(written(record(relatives=family)))
    assert fields.get("MED-073") == codes


def test_what_is_told_of_the_whole_case_stands_with_the_open_diagnosis() -> None:
    first, second = diagnoses(written(decided(Status.PARTLY_SOLVED)))
    assert "MED-1284" not in first
    assert (first["PAT-013"], first["MED-552"], first["disease"]) == (
        ["373068000"],
        [GENE],
        ["1"],
    )
    assert (second["MED-1284"], second["PAT-013"]) == (["HP:0001250"], ["767023003"])
    assert second["disease"] == ["UNK"]
    assert not set(CAUSE) & set(second)


def test_a_refuted_disease_is_named_and_the_search_goes_on() -> None:
    first, second = diagnoses(written(decided(Status.REFUTED)))
    assert (first["disease"], first["MED-072"]) == (["1"], [REFUTED])
    assert first["MED-552"] == [GENE]
    assert "MED-1286" not in first
    assert (second["disease"], second["MED-072"]) == (["UNK"], [ONGOING])


def identifiers(one: CaseRecord) -> list[str]:
    path = (
        f"{{{CDA}}}entry/{{{CDA}}}act/{{{CDA}}}entryRelationship/{{{CDA}}}observation/{{{CDA}}}id"
    )
    return [i.get("root") or "" for i in section_of(written(one)).iterfind(path)]


def test_a_diagnosis_keeps_its_identifier_over_time() -> None:
    (open_one,) = identifiers(record())
    (confirmed,) = identifiers(decided())
    assert identifiers(decided(Status.PARTLY_SOLVED)) == [confirmed, open_one]
    assert identifiers(decided(Status.REFUTED)) == [confirmed, open_one]
    assert identifiers(decided(disease=Coded("ORPHA:15", ""))) != [confirmed]
    (other,) = identifiers(record("F2"))
    assert len({open_one, confirmed, other}) == 3


OTHER = Coded("ORPHA:15", "Disorder two")
PART, ERROR = Status.PARTLY_SOLVED, Status.REFUTED


def past(outcome: Status, disease: Coded = OTHER, **more: Any) -> DecisionRecord:
    given = {"disease": disease, "date": "2023-01-31", "report": "CR-1", **more}
    return decision(outcome, **given)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (decided(earlier=(past(PART),)), [("15", CONFIRMED), ("1", CONFIRMED)]),
        (decided(PART, earlier=(past(PART),)),
         [("15", CONFIRMED), ("1", CONFIRMED), ("UNK", ONGOING)]),
        (decided(earlier=(past(ERROR),)), [("15", REFUTED), ("1", CONFIRMED)]),
        (decided(Status.IN_PROGRESS, earlier=(past(PART),)),
         [("15", CONFIRMED), ("UNK", ONGOING)]),
        (decided(earlier=(past(PART), past(ERROR))), [("15", REFUTED), ("1", CONFIRMED)]),
        (decided(earlier=(past(ERROR), past(Status.SOLVED))), [("1", CONFIRMED)]),
        (decided(earlier=(past(Status.SOLVED),)), [("1", CONFIRMED)]),
        (decided(earlier=(past(PART, ORPHA),)), [("1", CONFIRMED)]),
        (decided(earlier=(past(PART, report=" "),)), [("1", CONFIRMED)]),
        (decided(ERROR, earlier=(past(PART, ORPHA),)), [("1", REFUTED), ("UNK", ONGOING)]),
    ],
)  # fmt: skip
def test_parts_found_and_errors_refuted_before_stay(
    one: CaseRecord, expected: list[tuple[str, str]]
) -> None:
    fields = diagnoses(written(one))
    assert [(f["disease"][0], f["MED-072"][0]) for f in fields] == expected


def test_an_earlier_part_has_its_own_decision_and_no_technique() -> None:
    first, _ = diagnoses(written(decided(earlier=(past(PART),))))
    assert first["MED-1287"] == [f"GBA1, {KEY} (GRCh38)"]
    assert first["MED-552"] == [GENE]
    assert "MED-1286" not in first
    made = told(decided(earlier=(past(PART),)))
    assert isinstance(made, Document)
    assert "Décision du 2023-01-31, compte rendu CR-1" in made.text
    assert 'low value="20230131"' in made.text


def test_more_than_six_diagnoses_are_refused() -> None:
    many = tuple(past(ERROR, Coded(f"OMIM:{n}", "")) for n in range(2, 8))
    assert len(diagnoses(written(decided(earlier=many[:5])))) == 6
    assert "7 diagnoses, but BaMaRa takes at most 6" in refused(decided(earlier=many))


@pytest.mark.parametrize(
    ("one", "day"),
    [
        (decided(), "20240201"),
        (decided(date="février"), None),
        (decided(Status.REFUTED), None),
        (record(), None),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_the_date_is_that_of_the_decision_that_confirms(one: CaseRecord, day: str | None) -> None:
    low = section_of(written(one)).find(f".//{{{CDA}}}effectiveTime/{{{CDA}}}low")
    assert low is not None
    assert (low.get("value"), low.get("nullFlavor")) == (day, None if day else "UNK")


def test_the_comment_tells_sources_and_excluded_and_unknown_terms() -> None:
    one = decided(observed=(Coded("HP:0001250", "Seizure"), Coded("HP:9999999", "")))
    root = written(one)
    assert diagnoses(root)[0]["MED-1284"] == ["HP:0001250"]
    text = root.find(f".//{{{CDA}}}content[@ID='diagnostic-1-48767-8-1']")
    assert text is not None
    for part in ("cycle c1", "R1 (2024-03-06)", "révision 2024-10-11", "CR-7", "le 2024-10-22",
                 "absents : Microcephaly (HP:0000252)", "non codés : HP:9999999"):  # fmt: skip
        assert part in (text.text or "")
    old = etree.tostring(written(one, version="2022.01"), encoding="unicode")
    assert "48767-8" not in old  # that version has no such entry
    assert "absents : Microcephaly" in old


def test_a_foetus_is_told_in_the_document_of_its_mother() -> None:
    root = written(record(gestation="P22W3D", age="", onset=None))
    subject = section_of(root).find(f".//{{{CDA}}}subject")
    assert subject is not None
    texts = [e.text for e in subject.iter() if isinstance(e.tag, str) and (e.text or "").strip()]
    assert len(texts) == 2
    assert all(text and text.startswith("À REMPLACER") for text in texts)
    assert diagnoses(root)[0]["PAT-013"] == ["303112003"]
    gender = subject.find(f".//{{{CDA}}}administrativeGenderCode")
    assert gender is not None
    assert gender.get("code") == "F"
    unknown = written(record(gestation="P22W3D", age="", sex=Sex.UNKNOWN, observed=(), onset=None))
    gender = section_of(unknown).find(f".//{{{CDA}}}administrativeGenderCode")
    assert gender is not None
    assert gender.get("nullFlavor") == "UNK"
    assert diagnoses(unknown)[0]["PAT-013"] == ["373068000"]


def test_texts_are_text_and_nothing_else() -> None:
    nasty = "<b>&\"'\x00\u202e]]>--"
    one = decided(report=f"CR {nasty}", disease=Coded("OMIM:9", nasty))
    made = told(one)
    assert isinstance(made, Document)
    assert "<b>" not in made.text
    assert "⟨U+0000⟩⟨U+202E⟩" in made.text
    written(one)


def test_an_export_lists_who_could_not_be_told(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    cases = [
        case("F1"),
        case("F2", status=Status.SOLVED),
        case("F3", status=Status.IMPASSE),
        case("F4", consent=Consent()),
        case("F5", consent=ALL, status=Status.SOLVED),
    ]
    rows = [finding(one.id) for one in cases]
    signed = {"actor": "RCP-9", "role": "RCP", "date": "2024-02-01", "report": "CR-7"}
    bench.cycle(
        cases,
        standing=[r for row in rows for r in (none(row["case"]), stands(row))],
        findings=rows,
        decisions=[
            Decision("F2", Status.SOLVED, GENE, KEY, "ORPHA:1", **signed),
            Decision("F3", Status.IMPASSE, "", "", "", **signed),
        ],
    )
    records = open_records(bench.inputs, bench.cycles, bench.release, bench.knowledge)
    to = destination_of("sdm-mr", "")
    outcome = export("sdm-mr", records, to, tmp_path / "out", now=None, options={})
    assert outcome.documents == ("F1.xml", "F2.xml")
    assert (outcome.passed, outcome.refused) == (2, 3)
    lines = outcome.refused_table.read_text(encoding="utf-8").splitlines()[1:]
    assert [line.split("\t")[0] for line in lines] == ["F3", "F4", "F5"]
    assert "impasse_code_confirmed: true" in lines[0]
    assert "no signed decision came" in lines[2]
    options = {"sdm_mr": {"impasse_code_confirmed": True}}
    again = export("sdm-mr", records, to, tmp_path / "out", now=None, options=options)
    assert again.documents == ("F1.xml", "F2.xml", "F3.xml")
