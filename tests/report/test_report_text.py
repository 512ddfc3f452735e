from __future__ import annotations

import csv
import io
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane import safe
from ariane.report import text
from ariane.report.privacy import looks_like_identity, printable_notes, tells_kinship


@given(st.integers(-(10**7), 10**7))
def test_decimal_loses_nothing(thousandths: int) -> None:
    written = text.decimal(thousandths)
    assert round(float(written) * 1000) == thousandths
    assert "." in written


@pytest.mark.parametrize(
    ("thousandths", "language", "expected"),
    [(8000, "en", "+8.0"), (-125, "en", "\u22120.125"), (0, "en", "0.0"), (1250, "fr", "+1,25")],
)
def test_points_for_people(thousandths: int, language: str, expected: str) -> None:
    assert text.points(thousandths, language) == expected


@pytest.mark.parametrize(
    ("probability", "expected"),
    [(0.0, "<\u00a00.1%"), (1.0, ">\u00a099.9%"), (0.21234, "21.2%"), (0.9985, "99.9%")],
)
def test_percent_is_never_a_certainty(probability: float, expected: str) -> None:
    assert text.percent(probability, "en") == expected


@given(st.lists(st.tuples(st.text(), st.text()), max_size=5))
def test_tsv_comes_back_as_one_row_each_and_runs_no_formula(rows: list[tuple[str, str]]) -> None:
    back = list(csv.reader(io.StringIO(safe.tsv(("a", "b"), rows)), delimiter="\t"))
    assert len(back) == len(rows) + 1
    for cells in back[1:]:
        assert len(cells) == 2
        assert not [
            cell for cell in cells if cell.strip()[:1] in tuple("=+-@\uff1d\uff0b\uff0d\uff20")
        ]


@given(st.text(alphabet=string.ascii_letters + string.digits + " .,;:()>_'", max_size=40))
def test_plain_text_is_not_touched(value: str) -> None:
    assert safe.cell(value) == value


def test_numbers_stay_numbers() -> None:
    assert safe.cell(safe.Number("-1.50")) == "-1.50"
    assert safe.cell(-3) == "-3"
    assert safe.cell("-3 alleles") == "'-3 alleles"


@pytest.mark.parametrize("code", [0x202E, 0x2066, 0x200F, 0x0, 0x1B, 0xFEFF, 0xE0041, 0xAD])
def test_unseen_characters_are_spelled_out(code: int) -> None:
    assert safe.visible(f"a{chr(code)}b") == f"a⟨U+{code:04X}⟩b"


def test_links_are_made_of_plain_identifiers_only() -> None:
    assert text.link("OMIM:607208", "en") == ("OMIM", "https://omim.org/entry/607208")
    assert text.link("ORPHA:33069", "fr") == (
        "Orphanet",
        "https://www.orpha.net/fr/disease/detail/33069",
    )
    for hostile in ("javascript:alert(1)", "OMIM:607208\n", "HP:0001250/../x", "OMIM:1?x=1"):
        assert text.link(hostile, "en") is None


def test_variant_links_know_the_assembly() -> None:
    names = dict(text.variant_links("chr2-166000500-G-A", "GRCh37"))
    assert names["gnomAD"].endswith("/variant/2-166000500-G-A?dataset=gnomad_r2_1")
    assert names["ClinVar"].endswith("?term=2%5Bchr%5D%20AND%20166000500%5Bchrpos37%5D")
    assert text.variant_links("2-5-G-<DEL>", "GRCh38") == []
    assert text.variant_links("2-5-G-A", "T2T") == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Nom de naissance", "x"),
        ("prénom", "x"),
        ("birthDate", "x"),
        ("remarque", "joindre a.b@example.org"),
        ("remarque", "tél. 06 12 34 56 78"),
        ("remarque", "vu le 03/02/2001"),
        ("remarque", "Mme X"),
        ("remarque", "Jeanne Exemple"),
    ],
)
def test_identity_is_withheld(column: str, value: str) -> None:
    assert looks_like_identity(column, value)
    assert printable_notes({column: value}) == ([], 1)


def test_clinical_notes_are_printed() -> None:
    notes = {"remarque": "épilepsie depuis 2 ans", "kit": "v7", "gene_name": "SCN1A", "empty": ""}
    kept, withheld = printable_notes(notes)
    assert [title for title, _ in kept] == ["gene_name", "kit", "remarque"]
    assert withheld == 0


@pytest.mark.parametrize("title", ["sex_check", "sexCheck", "paternity", "kinship_coefficient"])
def test_kinship_is_withheld(title: str) -> None:
    assert tells_kinship(title)


@pytest.mark.parametrize("title", ["sex", "records split", "hibs"])
def test_other_titles_are_not_kinship(title: str) -> None:
    assert not tells_kinship(title)
