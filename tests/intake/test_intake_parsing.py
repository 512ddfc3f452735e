"""Properties of everything in the intake that parses."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ariane.intake.assembly import assemblies_in, assembly_of
from ariane.intake.bases import Site, spread
from ariane.intake.identity import holds_ins, ins_key, looks_like_a_name, names_identity
from ariane.intake.ped import parse_ped, write_ped
from ariane.intake.phenopacket import onset_of_age
from ariane.intake.sheet import COLUMNS, read_sheet
from ariane.intake.terms import split_terms
from ariane.intake.words import unsafe_name
from ariane.model.case import Member, Sex
from ariane.model.history import is_duration

DIGITS = st.text("0123456789", min_size=3, max_size=3)
DEPARTMENTS = st.one_of(
    st.integers(1, 99).filter(lambda n: n != 20).map("{:02d}".format), st.sampled_from(["2A", "2B"])
)
NUMBERS = st.builds(
    lambda sex, year, month, department, commune, order: (
        f"{sex}{year:02d}{month:02d}{department}{commune}{order}"
    ),
    st.sampled_from("123478"),
    st.integers(0, 99),
    st.integers(1, 12),
    DEPARTMENTS,
    DIGITS,
    DIGITS,
)
NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9._-]{0,8}[A-Za-z0-9]", fullmatch=True).filter(
    lambda name: not unsafe_name(name)
)


def test_key_of_known_numbers() -> None:
    """The worked example of French administration, and Corsica by hand."""
    assert ins_key("2550814168025") == 38
    assert ins_key("1850578006084") == 91
    assert ins_key("285052A006084") == 97 - 2850519006084 % 97
    assert ins_key("285052B006084") == 97 - 2850518006084 % 97
    with pytest.raises(ValueError, match="13 digits"):
        ins_key("12")


@given(NUMBERS, st.sampled_from(["", " ", "x", "id:"]), st.integers(1, 96))
def test_ins_is_found_with_its_key_and_only_with_it(number: str, before: str, off: int) -> None:
    key = ins_key(number)
    assert 1 <= key <= 97
    assert holds_ins(f"{before}{number}{key:02d}")
    spaced = " ".join([number[0], number[1:3], number[3:5], number[5:7], number[7:10], number[10:]])
    assert holds_ins(f"{spaced} {key:02d}")
    assert not holds_ins(f"{number}{(key - 1 + off) % 97 + 1:02d}")
    assert holds_ins(number)


@given(st.text("0123456789", min_size=20, max_size=20))
def test_idmr_is_no_ins(idmr: str) -> None:
    assert not holds_ins(idmr)


@pytest.mark.parametrize(
    "column",
    [
        "nom",
        "Prénom",
        "NOM_DE_NAISSANCE",
        "birthDate",
        "date_naissance",
        "INS",
        "NIR",
        "ipp",
        "adresse",
        "téléphone",
        "e-mail",
        "surname",
        "firstName",
        "patient_name",
        "mother_name",
        "DDN",
        "code_postal",
        "lieu_de_naissance",
        "né_le",
    ],
)
def test_identity_columns_are_known(column: str) -> None:
    assert names_identity(column)


@pytest.mark.parametrize(
    "column",
    [
        "gene_name",
        "site_name",
        "poids_naissance",
        "birth_weight",
        "nombre",
        "panel_name",
        "comment",
    ],
)
def test_other_columns_are_not_identity(column: str) -> None:
    assert not names_identity(column)


def test_no_column_of_ours_is_identity() -> None:
    assert not [column for column in COLUMNS if names_identity(column)]


@pytest.mark.parametrize(
    "text", ["Dupont, Jeanne", "DUPONT Jean-Pierre", "Marie de la Tour", "O'Neil Mary"]
)
def test_names_of_persons(text: str) -> None:
    assert looks_like_a_name(text)


@pytest.mark.parametrize("text", ["F1", "male proband", "patient A", "HG002", "II-1", "LAB:7", ""])
def test_pseudonyms(text: str) -> None:
    assert not looks_like_a_name(text)


@st.composite
def families(draw: st.DrawFn) -> list[Member]:
    """Founders first, so that nobody is their own ancestor."""
    names = draw(st.lists(NAMES, min_size=1, max_size=6, unique=True))
    members: list[Member] = []
    for name in names:
        sex = draw(st.sampled_from(list(Sex)))
        fathers = [m.id for m in members if m.sex is Sex.MALE]
        mothers = [m.id for m in members if m.sex is Sex.FEMALE]
        father = draw(st.sampled_from(["", *fathers]))
        mother = draw(st.sampled_from(["", *mothers]))
        affected = draw(st.sampled_from([True, False, None]))
        members.append(Member(name, "", father, mother, sex, affected))
    return members


@given(families(), st.booleans(), st.booleans())
def test_ped_is_read_as_it_was_written(members: list[Member], spaces: bool, crlf: bool) -> None:
    text = "# a comment\n" + write_ped("fam", members)
    text = text.replace("\t", "  ") if spaces else text
    text = text.replace("\n", "\r\n") if crlf else text
    people, faults = parse_ped(text, "p.ped")
    assert faults == []
    assert [person.member for person in people] == members


@given(st.text(max_size=200))
def test_any_text_gives_members_or_faults(text: str) -> None:
    people, faults = parse_ped(text, "p.ped")
    spoken = [line for line in text.splitlines() if line.strip() and line.strip()[0] != "#"]
    assert len(people) + len(faults) >= len(spoken)


CELLS = st.text(
    st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=12
).map(lambda text: text.strip().strip("\ufeff\u200b").strip())
HEADER = ["case_id", "vcf", "assembly", "technique", "analysis_date", "sex", "consent_reanalysis"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.dictionaries(NAMES.map(str.lower), CELLS, min_size=1, max_size=5),
    st.booleans(),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_sheet_reads_the_same_under_bom_line_ends_and_quotes(
    tmp_path: Path, notes: dict[str, str], bom: bool, end: str
) -> None:
    folder = tmp_path / "sheet.tsv"
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t", lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow([*HEADER, "remark"])
    for name, note in notes.items():
        row = [name, f"{name}.vcf", "GRCh38", "exome", "2024-01-01", "F", "yes", note]
        writer.writerow(row)
    folder.write_bytes((b"\xef\xbb\xbf" if bom else b"") + out.getvalue().encode())
    rows, faults = read_sheet(folder)
    if any(holds_ins(f"{name}\t{note}") for name, note in notes.items()):
        return
    assert faults == []
    assert [(row["case_id"], row["remark"]) for row in rows] == list(notes.items())
    assert [row.line for row in rows] == list(range(2, len(notes) + 2))


def test_terms_keep_labels_that_hold_commas() -> None:
    cell = "HP:0010864 Intellectual disability, severe, hp_0001250 (Seizure);HP:0001251"
    assert split_terms(cell) == [
        ("HP:0010864", "Intellectual disability, severe"),
        ("HP:0001250", "Seizure"),
        ("HP:0001251", ""),
    ]


@given(st.lists(st.integers(0, 9_999_999).map("HP:{:07d}".format), max_size=6))
def test_terms_are_all_found_under_either_mark(terms: list[str]) -> None:
    for mark in (";", ",", "; ", " , "):
        assert [term for term, _ in split_terms(mark.join(terms))] == terms


@given(st.text(max_size=40))
def test_no_text_of_a_cell_is_lost(cell: str) -> None:
    letters = [c for c in cell if c.isalnum()]
    found = split_terms(cell)
    assert bool(found) or not letters


@given(st.integers(0, 400))
def test_spread_gives_every_site_once(count: int) -> None:
    sites = [Site(n, "1", n, "A") for n in range(count)]
    assert sorted(s.line for s in spread(sites)) == list(range(count))


def test_assemblies_by_their_words() -> None:
    assert assembly_of("hg38") == assembly_of("GRCh38.p13") == "GRCh38"
    assert assembly_of("b37") == assembly_of("hs37d5") == assembly_of("hg19") == "GRCh37"
    assert assembly_of("GRCh39") == assembly_of("b3") == assembly_of("demo") == ""
    assert assemblies_in("file:///ref/human_g1k_v37.fasta") == ("GRCh37",)
    assert assemblies_in("hg38_lifted_from_hg19.fa") == ("GRCh37", "GRCh38")
    assert assemblies_in("club37.fa") == ()


def test_ages_and_onsets() -> None:
    assert all(map(is_duration, ["P3Y2M", "P4W", "PT3H", "P1DT2H"]))
    assert not any(map(is_duration, ["P", "3Y", "PT", "P3", "P3Y2", ""]))
    assert onset_of_age("P10D") == "HP:0003623"
    assert onset_of_age("P11M") == "HP:0003593"
    assert onset_of_age("P4Y") == "HP:0011463"
    assert onset_of_age("P15Y") == "HP:0003621"
    assert onset_of_age("P16Y") == "HP:0003581"
    assert onset_of_age("old") == ""
