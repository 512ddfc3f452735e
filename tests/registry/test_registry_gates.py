"""Who may be told of to whom, what stops an export, and what is left when one is made again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from export_world import (
    ALL,
    FOUND,
    OPTIONS,
    PROVENANCE,
    Bench,
    case,
    decision,
    finding,
    none,
    record,
    stands,
)
from hypothesis import given
from hypothesis import strategies as st

from ariane.intake.identity import holds_ins, ins_key
from ariane.model.case import Consent, Sex, Status
from ariane.model.errors import ArianeError, InputFaults
from ariane.registry import exports
from ariane.registry.consent_now import ConsentNow, consents_now
from ariane.registry.documents import Context, Document
from ariane.registry.exports import FORMATS, Format, destination_of, export
from ariane.registry.gates import Destination, Gate, Purpose, identity_places, refusals, texts_of
from ariane.registry.patch import Refusal
from ariane.registry.read_records import Records, open_records
from ariane.registry.record import CaseRecord, Coded, FlagRecord, Relative

EPICARE = Destination(Purpose.ERN, "EpiCARE")
DESTINATIONS = [*(Destination(p) for p in Purpose if p is not Purpose.ERN), EPICARE]
INS = "1850578006084" + f"{ins_key('1850578006084'):02d}"
CORSICAN = "285052A006084" + f"{ins_key('285052A006084'):02d}"
NIA = "8850578006084" + f"{ins_key('8850578006084'):02d}"


@pytest.mark.parametrize("destination", DESTINATIONS, ids=lambda d: d.label)
def test_silence_opens_nothing_and_all_consents_open_all(destination: Destination) -> None:
    assert refusals(Consent(), Status.IMPASSE, destination)
    assert refusals(ALL, Status.IMPASSE, destination) == ()
    assert refusals(ALL, Status.WITHDRAWN, destination) == ("consent withdrawn",)
    abroad = replace(destination, third_country=True)
    assert refusals(replace(ALL, third_countries=False), Status.IMPASSE, abroad) == (
        "no consent_third_countries",
    )
    assert refusals(ALL, Status.IMPASSE, abroad) == ()


@pytest.mark.parametrize(
    ("destination", "change", "reason"),
    [
        (Destination(Purpose.IMPASSE), {"registry": False}, "no consent_registry"),
        (Destination(Purpose.IMPASSE), {"opposition": True}, "opposition_bndmr"),
        (Destination(Purpose.BNDMR), {"opposition": True}, "opposition_bndmr"),
        (Destination(Purpose.BNDMR), {"opposition": None, "registry": False},
         "neither opposition_bndmr nor consent_registry says that it may"),
        (Destination(Purpose.OBSERVATORY), {"opposition": True}, "opposition_bndmr"),
        (EPICARE, {"ern_registries": ("ILIAD",)}, "consent_ern does not name EpiCARE"),
        (EPICARE, {"ern_registries": (), "ern": True},
         "consent_ern does not name EpiCARE: a yes names no registry"),
        (Destination(Purpose.MATCHMAKER), {"matchmaking": False}, "no consent_matchmaking"),
        (Destination(Purpose.REUSE), {"research": False}, "no consent_research"),
        (Destination(Purpose.REANALYSIS), {"reanalysis": False}, "no consent_reanalysis"),
    ],
)  # fmt: skip
def test_each_destination_asks_its_own_consent(
    destination: Destination, change: dict[str, Any], reason: str
) -> None:
    assert refusals(replace(ALL, **change), Status.IMPASSE, destination) == (reason,)
    others = [d for d in DESTINATIONS if d.purpose is not destination.purpose]
    still = [d for d in others if not refusals(replace(ALL, **change), Status.IMPASSE, d)]
    if "opposition" not in change:
        assert still == others


def test_an_older_sheet_speaks_for_the_bndmr_by_its_consent_to_the_registry() -> None:
    older = Consent(registry=True)
    assert refusals(older, Status.IMPASSE, Destination(Purpose.BNDMR)) == ()
    assert refusals(replace(older, registry=False, opposition=False), Status.IMPASSE,
                    Destination(Purpose.BNDMR)) == ()  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bndmr", Destination(Purpose.BNDMR)), ("ern:epicare", EPICARE),
        ("ern:ITHACA", Destination(Purpose.ERN, "ILIAD")),
        ("ern:RITA", Destination(Purpose.ERN, "RITA")),
    ],
)  # fmt: skip
def test_destinations_by_name(text: str, expected: Destination) -> None:
    assert Destination.parse(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("bamara", "is not known"), ("ern", "does not name one ERN registry"),
        ("ern:nowhere", "does not name one ERN registry"),
        ("ern:GUARD-Heart", "Heart-Core or cond-GUARD-HEART"), ("bndmr:x", "only an ERN"),
    ],
)  # fmt: skip
def test_wrong_destinations(text: str, words: str) -> None:
    with pytest.raises(ArianeError, match=words):
        Destination.parse(text)


def test_consents_of_today_overrule_those_of_the_cycle() -> None:
    now = {
        "F1": ConsentNow(ALL, False),
        "F2": ConsentNow(replace(ALL, matchmaking=False), False),
        "F3": ConsentNow(ALL, True),
    }
    gate = Gate(Destination(Purpose.MATCHMAKER), now)
    none_then = replace(ALL, matchmaking=False)
    records = [record("F1", consent=none_then), record("F2"), record("F3"), record("F4")]
    assert [r.case for r in gate.passing(records)] == ["F1"]
    assert {r.case: r.reasons for r in gate.refused} == {
        "F2": ("no consent_matchmaking",), "F3": ("consent withdrawn",),
        "F4": ("no longer in the families sheet",),
    }  # fmt: skip


def test_a_decision_that_withdraws_closes_the_gate() -> None:
    gate = Gate(Destination(Purpose.REUSE))
    assert list(gate.passing([record(decision=decision(Status.WITHDRAWN, report=""))])) == []
    assert gate.refused[0].reasons == ("consent withdrawn",)


@pytest.mark.parametrize(
    "change",
    [
        {"laboratory": "Mme Exemple"}, {"site": "a.b@chu.example"}, {"filiere": "06 12 34 56 78"},
        {"pre_indication": "née le 03/04/1999"}, {"patient": "m.exemple@x.fr"},
        {"relatives": (Relative("Enfant MARTIN", "sibling", Sex.MALE, None, False),)},
        {"decision": decision(report="CR of Mme X")},
        {"earlier": (decision(), decision(actor="pour Mme X"))},
    ],
)  # fmt: skip
def test_what_could_name_a_person_is_refused(change: dict[str, Any]) -> None:
    gate = Gate(Destination(Purpose.REUSE))
    assert list(gate.passing([record(**change)])) == []
    (refusal,) = gate.refused
    assert refusal.reasons[0].startswith("identity in a value: ")
    gate.close("x")


@pytest.mark.parametrize("number", [INS, INS[:13], CORSICAN, CORSICAN.lower(), NIA])
@pytest.mark.parametrize("place", ["laboratory", "case", "gene"])
def test_an_ins_stops_the_export_and_is_never_printed(number: str, place: str) -> None:
    gate = Gate(Destination(Purpose.REUSE))
    if place == "gene":
        marked = record(decision=decision(report=f"CR {number}"))
    else:
        marked = replace(record(), **{place: number})
    assert list(gate.passing([record("F0"), marked])) == [record("F0")]
    with pytest.raises(ArianeError) as caught:
        gate.close("out")
    assert number not in str(caught.value)
    assert ("case 2 of the cycle" if place == "case" else "F1: ") in str(caught.value)


@given(
    sex=st.sampled_from("123478"), year=st.integers(0, 99), month=st.integers(1, 12),
    place=st.sampled_from(["75", "2A", "2B", "99"]), rest=st.integers(0, 999_999),
    before=st.sampled_from(["", "x", " ", "\n", "é"]), after=st.sampled_from(["", "x", " ", "\t"]),
    gap=st.sampled_from(["", " ", "\u00a0", ".", "-"]), wrong=st.integers(1, 96),
)  # fmt: skip
def test_the_ins_detector(
    sex: str, year: int, month: int, place: str, rest: int, before: str, after: str, gap: str,
    wrong: int,
) -> None:  # fmt: skip
    number = f"{sex}{year:02d}{month:02d}{place}{rest:06d}"
    key = ins_key(number)
    parts = (sex, f"{year:02d}", f"{month:02d}", place, f"{rest:06d}"[:3], f"{rest:06d}"[3:])
    assert holds_ins(f"{before}{gap.join((*parts, f'{key:02d}'))}{after}")
    assert not holds_ins(f"x{number}{(key + wrong - 1) % 97 + 1:02d}y")
    digits = number.replace("2A", "20").replace("2B", "20")
    assert not holds_ins((digits + "1234567")[:20])  # the length of an IdMR
    text = f"line\n{before}{number}{key:02d}{after}"
    assert identity_places("doc.xml", text)[0].startswith("doc.xml:")


def test_columns_of_a_table_that_name_an_identity() -> None:
    assert identity_places("t.tsv", "", ("case", "birthDate")) == ["t.tsv: column 2"]


@pytest.fixture
def records(tmp_path: Path) -> Records:
    bench = Bench(tmp_path)
    cases = [case("F1"), case("F2"), case("F3", consent=Consent())]
    rows = [finding(one.id) for one in cases]
    bench.cycle(
        cases,
        standing=[r for row in rows for r in (none(row["case"]), stands(row))],
        findings=rows,
        excluded={"F0": "no consent to reanalysis"},
    )
    return open_records(bench.inputs, bench.cycles, bench.release, bench.knowledge)


def test_every_format_writes_checks_and_lists_the_refused(records: Records, tmp_path: Path) -> None:
    for name, form in FORMATS.items():
        for purpose in form.purposes:
            given = f"{purpose}:EpiCARE" if purpose is Purpose.ERN else str(purpose)
            destination = destination_of(name, given)
            outcome = export(name, records, destination, tmp_path, now=None, options=OPTIONS)
            assert (outcome.passed, outcome.refused) == (2, 2)
            lines = outcome.refused_table.read_text(encoding="utf-8").splitlines()
            assert lines[0] == "case\treasons"
            assert [line.split("\t")[0] for line in lines[1:]] == ["F0", "F3"]
            receipt = json.loads((outcome.folder / "export.json").read_text(encoding="utf-8"))
            assert receipt["documents"].keys() == set(outcome.documents)
            texts = [(outcome.folder / d).read_text(encoding="utf-8") for d in outcome.documents]
            assert not any(re.search(r"\bF[03]\b", text) for text in texts)
            again = export(name, records, destination, tmp_path, now=None, options=OPTIONS)
            assert json.loads((again.folder / "export.json").read_text("utf-8")) == receipt


def one_each(records: Iterator[CaseRecord], _: Context) -> Iterable[Document]:
    for one in records:
        yield Document(f"{one.case}.txt", f"{one.case}\n")


def no_fault(_: Document, __: Context) -> Iterable[str]:
    return ()


def patched(monkeypatch: pytest.MonkeyPatch, **more: Any) -> None:
    given = {"title": "t", "purposes": (Purpose.REUSE,), "write": one_each, "check": no_fault}
    monkeypatch.setattr(exports, "FORMATS", {**FORMATS, "t": Format(**{**given, **more})})


def test_a_document_of_who_withdrew_since_is_removed(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patched(monkeypatch)
    to = Destination(Purpose.REUSE)
    first = export("t", records, to, tmp_path, now=None, options={})
    (first.folder / "mine.txt").write_text("a person's own file")
    assert first.documents == ("F1.txt", "F2.txt")
    now: Mapping[str, ConsentNow] = {"F1": ConsentNow(ALL, False), "F2": ConsentNow(ALL, True)}
    export("t", records, to, tmp_path, now=now, options={})
    held = sorted(p.name for p in first.folder.iterdir())
    assert held == ["F1.txt", "export.json", "mine.txt"]


def test_what_a_format_cannot_hold_is_listed_as_refused(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def choosy(records: Iterator[CaseRecord], _: Context) -> Iterable[Document | Refusal]:
        for one in records:
            fits = one.case == "F2"
            yield Document("F2.txt", "\n") if fits else Refusal(one.case, ("does not fit",))

    patched(monkeypatch, write=choosy)
    outcome = export("t", records, Destination(Purpose.REUSE), tmp_path, now=None, options={})
    assert (outcome.documents, outcome.passed, outcome.refused) == (("F2.txt",), 1, 3)
    assert "F1\tdoes not fit\n" in outcome.refused_table.read_text(encoding="utf-8")


def test_a_document_with_an_ins_stops_all_and_leaves_the_old_export(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patched(monkeypatch)
    to = Destination(Purpose.REUSE)
    first = export("t", records, to, tmp_path, now=None, options={})
    before = {p.name: p.read_bytes() for p in first.folder.iterdir()}

    def leaky(records: Iterator[CaseRecord], _: Context) -> Iterable[Document]:
        for one in records:
            yield Document(f"{one.case}.txt", f"\n{INS if one.case == 'F2' else ''}\n")

    patched(monkeypatch, write=leaky)
    with pytest.raises(ArianeError, match=r"F2\.txt:2") as caught:
        export("t", records, to, tmp_path, now=None, options={})
    assert INS not in str(caught.value)
    assert {p.name: p.read_bytes() for p in first.folder.iterdir()} == before


def test_all_breaks_of_the_format_are_told_at_once(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patched(monkeypatch, check=lambda document, _: [f"{document.text.strip()} is wrong"])
    with pytest.raises(ArianeError, match="F1 is wrong") as caught:
        export("t", records, Destination(Purpose.REUSE), tmp_path, now=None, options={})
    assert "F2.txt: F2 is wrong" in str(caught.value)
    assert not (tmp_path / "t.reuse" / "export.json").exists()


@pytest.mark.parametrize("name", ["../x.txt", "export.json", "a/b", ".x"])
def test_a_document_stays_in_its_folder(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    patched(monkeypatch, write=lambda records, _: (Document(name, "") for _ in records))
    with pytest.raises(ArianeError, match="cannot be named"):
        export("t", records, Destination(Purpose.REUSE), tmp_path, now=None, options={})


def test_a_format_goes_only_where_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    patched(monkeypatch, third_country=True)
    assert destination_of("t", "") == Destination(Purpose.REUSE, third_country=True)
    with pytest.raises(ArianeError, match="does not go to bndmr"):
        destination_of("t", "bndmr")
    with pytest.raises(ArianeError, match="to whom"):
        destination_of("rd-code", "")
    with pytest.raises(ArianeError, match="is not known"):
        destination_of("no-such", "")


COLUMNS = "case_id vcf assembly technique analysis_date sex status consent_reanalysis consent_ern"
SHEET = COLUMNS.replace(" ", "\t") + "\n"


def test_consents_are_read_from_the_sheet_as_it_is_now(tmp_path: Path) -> None:
    sheet, taken = tmp_path / "families.tsv", tmp_path / "decisions.tsv"
    line = "{}\tv.vcf\tGRCh38\texome\t2024-01-01\tmale\t{}\tyes\t{}\n"
    sheet.write_text(
        SHEET + line.format("F1", "", "ITHACA; EpiCARE") + line.format("F2", "", "no")
        + line.format("F3", "consent withdrawn", "")
    )  # fmt: skip
    taken.write_text(
        "case_id\toutcome\tactor\trole\treport\tdate\n"
        "F2\timpasse\ta\tr\t\t2024-01-01\nF2\tconsent withdrawn\ta\tr\t\t2024-02-01\n"
    )
    now = consents_now(sheet, taken)
    assert now["F1"] == ConsentNow(
        Consent(reanalysis=True, ern_registries=("EpiCARE", "ILIAD")), False
    )
    assert now["F2"].withdrawn
    assert now["F3"].withdrawn
    sheet.write_text(SHEET + line.format("F1", "perhaps", "EpiCARRE"))
    with pytest.raises(InputFaults) as caught:
        consents_now(sheet, None)
    assert "Did you mean 'EpiCARE'" in str(caught.value)
    assert "status 'perhaps' is not known" in str(caught.value)


def test_the_receipt_says_when_nothing_may_be_interpreted(records: Records, tmp_path: Path) -> None:
    outcome = export("rd-code", records, EPICARE, tmp_path, now=None, options={})
    receipt = json.loads((outcome.folder / "export.json").read_text(encoding="utf-8"))
    assert receipt["interpretable"] is False
    assert receipt["as_of"] == PROVENANCE.as_of


def test_the_gate_meets_keys_and_values_of_a_mapping() -> None:
    assert list(texts_of(({"a": ["b"]},))) == [("[0], a key", "a"), ("[0].a[0]", "b")]


def test_the_gate_meets_every_text_of_a_record() -> None:
    def all_of(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for inner in value.values():
                yield from all_of(inner)
        elif isinstance(value, list | tuple):
            for inner in value:
                yield from all_of(inner)

    whole = record(
        relatives=(Relative("F1-M", "mother", Sex.FEMALE, None, True),),
        decision=decision(), earlier=(decision(),), named=(FOUND,),
        flags=(FlagRecord("event", Coded("HGNC:1", "A"), "f", "h", "s", "d", "c"),),
    )  # fmt: skip
    given = asdict(whole)
    del given["provenance"]
    assert sorted(text for _, text in texts_of(whole)) == sorted(all_of(given))
