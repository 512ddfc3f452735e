"""ORPHA codes: what a pack says, what may be written to whom, and what never is."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from export_world import Bench, decision, record
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from nomenclature_world import ENTRIES, TREES, nomenclature, write_pack

from ariane.files import sha256_of
from ariane.knowledge.nomenclature import Entry, Nomenclature, Rank, State, read_pack
from ariane.model.case import Status
from ariane.model.errors import ArianeError
from ariane.registry.documents import Context
from ariane.registry.filieres import classifications, suggest
from ariane.registry.gates import Destination, Purpose
from ariane.registry.orpha import UNDIAGNOSED, Coder, code_of
from ariane.registry.orpha_links import OrphaLinks
from ariane.registry.rd_code import check, write
from ariane.registry.record import Coded

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "orphanet"
PACK = nomenclature()
GROUP = "ORPHA:4 (Group) is a group of disorders, which codes no diagnosis"
LOST = "is deprecated without one entry that it moved to"
LINKS = OrphaLinks.from_rows(
    [
        {"disease": "ORPHA:1", "reference": "OMIM:1", "relation": "E"},
        {"disease": "ORPHA:15", "reference": "OMIM:2", "relation": "NTBT"},
        {"disease": "ORPHA:3", "reference": "OMIM:1", "relation": "E"},
        {"disease": "ORPHA:1", "reference": "OMIM:3", "relation": "E"},
        {"disease": "ORPHA:15", "reference": "OMIM:3", "relation": "E"},
        {"disease": "ORPHA:4", "reference": "OMIM:4", "relation": "E"},
        {"disease": UNDIAGNOSED, "reference": "OMIM:5", "relation": "E"},
    ],
    [
        {"gene": "HGNC:1", "disease": "ORPHA:1", "status": "Assessed",
         "association": "Disease-causing germline mutation(s) in"},
        {"gene": "HGNC:1", "disease": "ORPHA:3", "status": "Not yet assessed",
         "association": "Disease-causing germline mutation(s) in"},
        {"gene": "HGNC:1", "disease": "ORPHA:4", "status": "Assessed",
         "association": "Disease-causing somatic mutation(s) in"},
        {"gene": "HGNC:1", "disease": "ORPHA:15", "status": "Assessed",
         "association": "Candidate gene tested in"},
    ],
)  # fmt: skip


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"missing: {path.name}")
    return path


def real(name: str, version: str, numbers: tuple[str, ...] = ()) -> Nomenclature:
    path = shared(name)
    return read_pack(path, version, sha256_of(path), numbers)


@pytest.mark.parametrize(
    ("orpha", "code", "reason"),
    [
        ("ORPHA:1", "ORPHA:1", ""),
        ("ORPHA:2", "ORPHA:1", "ORPHA:2 moved to ORPHA:1"),
        ("ORPHA:3", "ORPHA:1", "subtype ORPHA:3 (Subtype) reported as ORPHA:1"),
        ("ORPHA:4", "", GROUP),
        ("ORPHA:5", "",
         "ORPHA:5 is obsolete and refers to ORPHA:1 (Disorder one é): a person must choose"),
        ("ORPHA:6", "", "ORPHA:6 is not rare in Europe"),
        ("ORPHA:7", "", f"ORPHA:7 moved to ORPHA:4; {GROUP}"),
        ("ORPHA:8", "", f"ORPHA:8 moved to ORPHA:9; ORPHA:9 {LOST}"),
        ("ORPHA:10", "ORPHA:1", "ORPHA:10 moved to ORPHA:2; ORPHA:2 moved to ORPHA:1"),
        ("ORPHA:11", "", "ORPHA:11 is a subtype without one disorder above it"),
        ("ORPHA:12", "", "ORPHA:12 is obsolete"),
        ("ORPHA:13", "", "ORPHA:13 is inactive"),
        ("ORPHA:14", "", f"ORPHA:14 {LOST}"),
        ("ORPHA:999", "", "ORPHA:999 is not in the nomenclature of 2023-06-21"),
    ],
)  # fmt: skip
def test_each_way_to_a_code_and_each_refusal(orpha: str, code: str, reason: str) -> None:
    found = code_of(orpha, PACK)
    assert (found.orpha, found.reason) == (code, reason)
    assert found.label == ("Disorder one é" if code else "")


@st.composite
def packs(draw: st.DrawFn) -> Nomenclature:
    codes = [f"ORPHA:{n}" for n in range(1, draw(st.integers(2, 9)))]
    some = st.lists(st.sampled_from([*codes, "ORPHA:77"]), max_size=2, unique=True).map(tuple)
    entries = [
        Entry(code, code, draw(st.sampled_from(State)), draw(st.sampled_from(Rank)),
              draw(some), draw(some))
        for code in codes
    ]  # fmt: skip
    return nomenclature(entries)


@given(packs())
def test_coding_is_idempotent_and_gives_live_disorders_only(pack: Nomenclature) -> None:
    for orpha in [*pack.entries, "ORPHA:77"]:
        code = code_of(orpha, pack)
        if not code.orpha:
            assert code.reason
            continue
        entry = pack.entries[code.orpha]
        assert (entry.state, entry.rank) == (State.ACTIVE, Rank.DISORDER)
        again = code_of(code.orpha, pack)
        assert (again.orpha, again.label, again.reason) == (code.orpha, code.label, "")


@pytest.mark.shared_data
def test_the_real_pack_is_read_and_coded_to_the_end() -> None:
    pack = real("Orphanet_Nomenclature_Pack_EN.2023-06.zip", "2023-06-21")
    assert len(pack.entries) == 10_839
    codes = {entry: code_of(entry, pack) for entry in pack.entries}
    for entry, code in codes.items():
        if code.orpha:
            reached = pack.entries[code.orpha]
            assert (reached.state, reached.rank) == (State.ACTIVE, Rank.DISORDER)
            assert codes[code.orpha].orpha == code.orpha
        elif pack.entries[entry].state is State.ACTIVE:
            assert pack.entries[entry].rank is Rank.GROUP
    coded = [entry for entry, code in codes.items() if code.orpha]
    by_state = {s: sum(pack.entries[e].state is s for e in coded) for s in State}
    # 9 deprecated entries moved to groups.
    assert by_state == {
        State.ACTIVE: 6305 + 1020, State.DEPRECATED: 279, State.OBSOLETE: 0, State.NOT_RARE: 0,
        State.UNKNOWN: 0,
    }  # fmt: skip
    assert code_of("ORPHA:166068", pack).orpha == "ORPHA:166063"
    assert pack.entries[UNDIAGNOSED].name.startswith("Rare disorder without a determined diagnosis")


@pytest.mark.shared_data
def test_flags_agree_with_the_words_of_the_real_pack() -> None:
    path = shared("Orphanet_Nomenclature_Pack_EN.2023-06.zip")
    pack = real(path.name, "2023-06-21")
    with zipfile.ZipFile(path) as held:
        root = etree.fromstring(held.read("pack-2023_en/ORPHAnomenclature_en_2023.xml"))
    words = {
        f"ORPHA:{d.findtext('OrphaCode')}": str(d.findtext("Totalstatus"))
        for d in root.iterfind("DisorderList/Disorder")
    }
    meant = {
        "Active": State.ACTIVE, "Inactive: Obsolete": State.OBSOLETE,
        "Inactive: Deprecated": State.DEPRECATED,
        "Inactive: Non rare disease in Europe": State.NOT_RARE,
    }  # fmt: skip
    assert {e: meant[w] for e, w in words.items()} == {e: x.state for e, x in pack.entries.items()}


@pytest.mark.shared_data
def test_the_french_pack_has_french_names_and_the_classifications_it_holds() -> None:
    pack = real("Orphanet_Nomenclature_Pack_FR_short.zip", "2022-06-14", classifications())
    assert pack.language == "fr"
    assert pack.entries["ORPHA:58"].name == "Maladie d'Alexander"
    assert sorted(pack.parents) == ["200", "201", "205", "209", "216", "231"]


def test_a_pack_is_read_as_it_was_written(tmp_path: Path) -> None:
    pin = write_pack(tmp_path / "p.zip")
    pack = read_pack(Path(pin["pack"]), pin["version"], pin["sha256"], tuple(TREES))
    assert pack.entries == {e.id: e for e in ENTRIES}
    assert pack.parents == PACK.parents
    assert pack.above("181", "ORPHA:15") == {
        "ORPHA:15", "ORPHA:98503", "ORPHA:68381", "ORPHA:98006",
    }  # fmt: skip
    assert pack.above("181", "ORPHA:1") == frozenset()


def test_another_pack_than_the_pinned_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    pin = write_pack(path)
    with pytest.raises(ArianeError, match="not the nomenclature that was pinned"):
        read_pack(path, pin["version"], "0" * 64)
    with pytest.raises(ArianeError, match="extracted on 2023-06-21, but version 2024-01-01"):
        read_pack(path, "2024-01-01", pin["sha256"])
    with pytest.raises(ArianeError, match="cannot be read"):
        read_pack(tmp_path / "none.zip", pin["version"], pin["sha256"])


def broken(path: Path, what: str) -> None:
    if what == "no zip":
        path.write_bytes(b"PK no zip")
    elif what == "cut":
        write_pack(path)
        path.write_bytes(path.read_bytes()[:-30])
    elif what == "doctype":
        write_pack(path, head="<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/hostname'>]>")
    elif what == "empty":
        write_pack(path, entries=[])
    else:
        with zipfile.ZipFile(path, "w") as pack:
            if what == "two":
                pack.writestr("a/ORPHAnomenclature_en.xml", "<JDBOR/>")
            pack.writestr("ORPHAnomenclature_en.xml", "<JDBOR/>" if what != "none" else "")
            if what == "none":
                pack.writestr("x", "")


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("no zip", "not a whole zip"), ("cut", "not a whole zip"),
        ("doctype", "declares a document type"), ("empty", "holds no entry"),
        ("two", "holds 2 nomenclatures"), ("undated", "tells no date"),
    ],
)  # fmt: skip
def test_what_is_no_pack(tmp_path: Path, what: str, words: str) -> None:
    path = tmp_path / "p.zip"
    broken(path, what)
    with pytest.raises(ArianeError, match=words):
        read_pack(path, "2023-06-21", sha256_of(path))


def coder(*, undiagnosed: bool = True, pack: Nomenclature | None = PACK) -> Coder:
    return Coder(pack, LINKS, undiagnosed)


def solved(disease: str, outcome: Status = Status.SOLVED, **more: Any) -> Any:
    named = Coded(disease, "") if disease else None
    return record(decision=decision(outcome, disease=named, **more), status=outcome)


@pytest.mark.parametrize(
    ("one", "code", "words"),
    [
        (solved("ORPHA:2"), "ORPHA:1", "moved"),
        (solved("Orphanet:3"), "ORPHA:1", "subtype"),
        (solved("OMIM:1"), "ORPHA:1", "OMIM:1 is exactly ORPHA:1 and ORPHA:3"),
        (solved("OMIM:1", Status.PARTLY_SOLVED), "ORPHA:1", "exactly"),
        (solved("OMIM:2"), "", "no exact ORPHA code"),
        (solved("OMIM:3"), "", "several exact codes: ORPHA:1 (Disorder one é), ORPHA:15"),
        (solved("OMIM:4"), "", "is a group of disorders"),
        (solved("OMIM:5"), "", "is no diagnosis"),
        (solved(UNDIAGNOSED), "", "is no diagnosis"),
        (solved(""), "", "names no disease"),
        (solved("ORPHA:1", report=""), "", "no signed decision"),
        (solved("ORPHA:1", Status.REFUTED), "", "refuted: no diagnosis stands"),
        (solved("ORPHA:1", Status.IN_PROGRESS), "", "in progress: no diagnosis stands"),
        (solved("ORPHA:1", Status.CLOSED), "", "closed: no diagnosis stands"),
        (record(status=Status.IMPASSE), "", "impasse: no signed decision"),
    ],
)  # fmt: skip
def test_only_a_signed_decision_codes_a_case(one: Any, code: str, words: str) -> None:
    found = coder().code(one)
    assert found.orpha == code
    assert words in found.reason


def test_without_a_pinned_pack_nothing_is_coded() -> None:
    found = coder(pack=None).code(solved("ORPHA:1"))
    assert (found.orpha, found.reason) == ("", "no nomenclature is pinned for this destination")


@pytest.mark.parametrize("lacking", ["actor", "role", "date"])
def test_the_undiagnosed_code_needs_an_experts_whole_decision(lacking: str) -> None:
    whole = solved("", Status.IMPASSE)
    assert coder().code(whole).orpha == UNDIAGNOSED
    assert "full work-up recorded by RCP in report CR-7" in coder().code(whole).reason
    assert coder().code(solved("", Status.IMPASSE, **{lacking: " "})).orpha == ""
    assert coder().code(solved("", Status.IMPASSE, report="")).orpha == ""
    assert coder(undiagnosed=False).code(whole).orpha == ""
    assert coder().code(record(status=Status.IN_PROGRESS)).orpha == ""


@pytest.mark.parametrize("now", [Status.SOLVED, Status.REFUTED, Status.CANDIDATE])
def test_the_undiagnosed_code_is_withdrawn_by_a_later_decision(now: Status) -> None:
    impasse = decision(Status.IMPASSE, report="CR-1", disease=None)
    later = decision(now, disease=Coded("ORPHA:1", ""), report="CR-2")
    one = record(decision=later, earlier=(impasse,), status=now)
    found = coder().code(one)
    assert found.orpha == ("ORPHA:1" if now is Status.SOLVED else "")
    assert "withdraws ORPHA:616874 of report CR-1" in found.reason
    assert "withdraws" not in coder(undiagnosed=False).code(one).reason  # it was never written


@pytest.mark.parametrize(
    ("destination", "options", "rd_code", "takes"),
    [
        (Destination(Purpose.ERN, "EpiCARE"), {}, False, True),
        (Destination(Purpose.REUSE), {}, True, True),
        (Destination(Purpose.REUSE), {}, False, False),
        (Destination(Purpose.MATCHMAKER), {}, False, False),
        (Destination(Purpose.BNDMR), {}, False, False),
        (Destination(Purpose.BNDMR), {}, True, False),
        (Destination(Purpose.BNDMR), {"bndmr_takes_undiagnosed": True}, False, True),
    ],
)  # fmt: skip
def test_who_takes_the_undiagnosed_code(
    tmp_path: Path, destination: Destination, options: dict[str, Any], rd_code: bool, takes: bool
) -> None:
    bench = Bench(tmp_path)
    made = Coder.of(destination, options, bench.knowledge, tmp_path, rd_code=rd_code)
    assert made.undiagnosed is takes
    assert made.nomenclature is None


def test_each_destination_has_its_own_pack(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    first = write_pack(tmp_path / "1.zip")
    second = write_pack(tmp_path / "2.zip", ENTRIES[:1])
    pins = {"ern": {**first, "pack": "1.zip"}, "ern-ITHACA": {**second, "pack": "2.zip"}}
    held = {
        name: Coder.of(
            Destination(Purpose.ERN, name), {"nomenclatures": pins}, bench.knowledge, tmp_path
        ).nomenclature
        for name in ("EpiCARE", "ILIAD")
    }
    assert held["EpiCARE"] is not None
    assert len(held["EpiCARE"].entries) == len(ENTRIES)
    assert held["ILIAD"] is not None
    assert len(held["ILIAD"].entries) == 1


def test_a_pin_for_nowhere_is_told(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    with pytest.raises(ArianeError, match=r"key 'bamara': destination 'bamara' is not known"):
        Coder.of(
            Destination(Purpose.BNDMR), {"nomenclatures": {"bamara": {}}}, bench.knowledge, tmp_path
        )


def test_only_assessed_causes_lead_from_a_gene() -> None:
    assert LINKS.of_gene("HGNC:1") == ("ORPHA:1",)
    assert LINKS.of_gene("HGNC:2") == ()


@pytest.mark.parametrize(
    ("declared", "disorders", "filieres", "open_"),
    [
        ("", ["ORPHA:1"], ("AnDDI-Rares",), ()),
        ("", ["ORPHA:15"], ("FilSLAN",), ()),  # the deepest branch, not FILNEMUS above it
        ("", ["ORPHA:586"], ("Muco-CFTR",), ()),
        ("", ["ORPHA:616"], (), ("181",)),  # a branch that no table assigns
        ("Oscar", ["ORPHA:1"], ("Oscar", "AnDDI-Rares"), ()),
        ("anddi-rares", ["ORPHA:1"], ("anddi-rares",), ()),
        ("G2M", [], ("G2M",), ()),
        ("", ["ORPHA:999"], (), ()),
    ],
)  # fmt: skip
def test_filieres(
    declared: str, disorders: list[str], filieres: tuple[str, ...], open_: tuple[str, ...]
) -> None:
    found = suggest(declared, disorders, PACK)
    assert (found.filieres, found.open, found.declared) == (filieres, open_, bool(declared))


def test_networks_follow_the_filieres() -> None:
    assert suggest("Oscar", ["ORPHA:1"], PACK).erns == ("BOND", "Endo-ERN", "ITHACA")
    assert suggest("somewhere", [], None).erns == ()


@pytest.mark.shared_data
def test_the_tables_name_classifications_and_branches_of_the_real_pack() -> None:
    pack = real("Orphanet_Nomenclature_Pack_EN.2023-06.zip", "2023-06-21", classifications())
    assert sorted(pack.parents) == list(classifications())
    assert suggest("", ["ORPHA:33069"], pack).filieres == ("DéfiScience",)  # Dravet syndrome
    assert suggest("", ["ORPHA:98896"], pack).filieres[2] == "FILNEMUS"  # Duchenne, of four
    assert suggest("", ["ORPHA:586"], pack).filieres == ("Muco-CFTR",)
    assert suggest("", [UNDIAGNOSED], pack).filieres == ()


def test_a_case_without_a_code_keeps_its_terms_in_the_table(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    pins = {"nomenclatures": {"ern": write_pack(tmp_path / "p.zip")}}
    context = Context(
        Destination(Purpose.ERN, "ILIAD"), record().provenance, bench.knowledge, tmp_path, pins
    )
    records = [
        record("F1"), solved("ORPHA:3"), solved("", Status.IMPASSE),
        solved("ORPHA:1", Status.REFUTED),
    ]  # fmt: skip
    (document,) = write(iter(records), context)
    assert list(check(document, context)) == []
    header, *lines = (line.split("\t") for line in document.text.splitlines())
    rows = [dict(zip(header, line, strict=True)) for line in lines]
    assert [row["orpha_code"] for row in rows] == ["", "ORPHA:1", UNDIAGNOSED, ""]
    assert [row["ascertainment"] for row in rows] == [
        "under investigation", "diagnosed", "undiagnosed after full investigation",
        "diagnosis refuted",
    ]  # fmt: skip
    assert {row["hpo"] for row in rows} == {"HP:0001250"}
    assert rows[1]["filieres"] == "DéfiScience AnDDI-Rares"
    forged = document.text.replace("ORPHA:616874\t", "ORPHA:1\t", 1).replace("CR-7", "")
    problems = list(check(type(document)(document.name, forged), context))
    assert any("without a signed report" in problem for problem in problems)
    assert any("does not go with" in problem for problem in problems)
    assert list(check(type(document)(document.name, "x"), context))
