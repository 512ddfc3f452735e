"""Workbooks: only the cells meant change, whatever else the file holds; openpyxl is the witness."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table

from ariane.model.errors import ArianeError
from ariane.registry.apply import WriteBack
from ariane.registry.mapping import RegistryMapping, parse_mapping
from ariane.registry.patch import Patch
from ariane.registry.workbook import read_workbook
from ariane.registry.xlsx_file import XlsxFile, load
from ariane.safe import neutralise

OWN = {
    "gene": "ariane_gene",
    "posterior": "ariane_probabilite",
    "due": "ariane_echeance",
    "flag": "ariane_signalement",
}
HEADER = ["id", "statut", *OWN.values()]
SHEET = "xl/worksheets/sheet1.xml"
UTF_16 = b'<?xml version="1.0" encoding="UTF-16"?>'


def mapping(**more: object) -> RegistryMapping:
    given_columns = {"key": "id", "columns": OWN, "date_format": "%d/%m/%Y"}
    return parse_mapping({**given_columns, **more}, "m.yaml")


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        return {name: source.read(name) for name in source.namelist()}


def zipped(content: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, part in content.items():
            target.writestr(name, part)
    return out.getvalue()


def plain(*rows: list[object]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Registre"
    sheet.append(HEADER)
    for row in rows:
        sheet.append(row)
    return book


@pytest.fixture
def rich() -> bytes:
    """A workbook as a registry's keeper may have it, with parts unknown to openpyxl."""
    book = plain(["P1", "en cours"], ["P2", "confirmé"], ["P3", None, None, 0.5])
    sheet = book.worksheets[0]
    sheet.insert_rows(1, 2)
    sheet["A1"] = "Registre des impasses"
    sheet["A1"].font = Font(bold=True, size=16)
    sheet.merge_cells("A1:F1")
    sheet["B4"].fill = PatternFill("solid", fgColor="FFFF00")
    sheet["C4"].font = Font(italic=True)
    sheet["D6"].number_format = "0.0%"
    sheet["E4"].number_format = "dd/mm/yyyy"
    sheet["B5"].comment = Comment("à revoir", "RCP")
    sheet.column_dimensions["B"].width = 33
    sheet.freeze_panes = "B4"
    sheet.auto_filter.ref = "A3:F6"
    rule = CellIsRule(operator="equal", formula=['"en cours"'], fill=PatternFill(bgColor="FF0000"))
    sheet.conditional_formatting.add("B4:B6", rule)
    choice = DataValidation(type="list", formula1='"en cours,confirmé"')
    choice.add("B4:B6")
    sheet.add_data_validation(choice)
    counts = book.create_sheet("Comptes")
    counts["A1"] = "=COUNTA(Registre!C4:C6)"
    counts["A2"] = 3
    chart = BarChart()
    chart.add_data(Reference(counts, min_col=1, min_row=1, max_row=2))
    counts.add_chart(chart, "C1")
    other = book.create_sheet("Table")
    other.append(["a", "b"])
    other.append([1, 2])
    other.add_table(Table(displayName="T", ref="A1:B2"))
    content = parts(saved(book))
    # What openpyxl cannot write: a computed result, newer Excel's extensions, macros, more parts.
    formula = content["xl/worksheets/sheet2.xml"]
    content["xl/worksheets/sheet2.xml"] = re.sub(rb"</f><v\s*/?>(</v>)?", b"</f><v>3</v>", formula)
    assert b"</f><v>3</v>" in content["xl/worksheets/sheet2.xml"]
    extension = (
        b'<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" xmlns:x14="http://schemas.'
        b'microsoft.com/office/spreadsheetml/2009/9/main"><x14:dataValidations count="0"/></ext>'
        b"</extLst></worksheet>"
    )
    content[SHEET] = content[SHEET].replace(b"</worksheet>", extension)
    content["xl/vbaProject.bin"] = b"\xd0\xcf\x11\xe0 macros \x00"
    content["xl/slicers/slicer1.xml"] = b"<slicers/>"
    content["customXml/item1.xml"] = b"<registre a = 'b' />"
    return zipped(content)


def test_only_the_cells_meant_change(rich: bytes) -> None:
    document = load(rich, mapping())
    assert document.form == {"kind": "xlsx", "sheet": "Registre"}
    rows = list(document.data_rows())
    assert [(document.line(r), document.cell(r, "id")) for r in rows] == [
        (4, "P1"), (5, "P2"), (6, "P3"),
    ]  # fmt: skip
    assert document.cell(2, "ariane_probabilite") == "50%"
    values = {
        (0, "ariane_gene"): "GBA1 & <NPC1>", (0, "ariane_probabilite"): "87,5",
        (0, "ariane_echeance"): "30/06/2024", (1, "ariane_signalement"): "élément  nouveau ",
        (2, "ariane_probabilite"): "33,3",
    }  # fmt: skip
    for (row, column), text in values.items():
        assert document.set(row, column, text)
        assert document.cell(row, column) in (text, f"{text}%")
    new = document.render()

    before, after = parts(rich), parts(new)
    assert list(before) == list(after)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {SHEET, "xl/workbook.xml"}
    assert after["xl/workbook.xml"].count(b'fullCalcOnLoad="1"') == 1
    own = rb'<c r="(C4|D4|E4|F5|D6)"[^>]*?(/>|>.*?</c>)'
    assert re.sub(own, b"", before[SHEET]) == re.sub(own, b"", after[SHEET])

    old, seen = (openpyxl.load_workbook(io.BytesIO(c)) for c in (rich, new))
    sheet = seen["Registre"]
    assert sheet["C4"].value == "GBA1 & <NPC1>"
    assert sheet["C4"].font.italic
    assert sheet["D4"].value == 87.5
    assert sheet["E4"].value.date() == date(2024, 6, 30)
    assert sheet["F5"].value == "élément  nouveau "
    assert sheet["D6"].value == pytest.approx(0.333)
    for tab in old.sheetnames:
        for line in old[tab].iter_rows():
            for cell in line:
                twin = seen[tab][cell.coordinate]
                assert twin.style_id == cell.style_id
                if (tab, cell.coordinate) not in [
                    ("Registre", c) for c in ("C4", "D4", "E4", "F5", "D6")
                ]:
                    assert twin.value == cell.value
    assert load(new, mapping()).render() == new
    again = load(new, mapping())
    for (row, column), text in values.items():
        assert again.set(row, column, text) is (column == "ariane_probabilite" and row == 2)


def test_nothing_written_is_the_same_file(rich: bytes) -> None:
    document = load(rich, mapping())
    assert not document.set(0, "ariane_gene", "")
    assert document.render() == rich


def test_without_formulas_the_sheet_alone_changes() -> None:
    content = saved(plain(["P1", "x"]))
    document = load(content, mapping())
    document.set(0, "ariane_gene", "GBA1")
    before, after = parts(content), parts(document.render())
    assert {n for n in before if before[n] != after[n]} == {SHEET}


def test_added_columns_stand_right_of_everything() -> None:
    book = plain(["P1", "x"])
    sheet = book.worksheets[0]
    sheet.delete_cols(3, 4)
    sheet["A1"].font = Font(bold=True)
    sheet["B1"].font = Font(bold=True)
    sheet["D7"] = "note du secrétariat"
    content = saved(book)
    document = load(content, mapping())
    assert not document.has("ariane_gene")
    document.add_columns(["ariane_gene", "ariane_signalement"])
    document.set(0, "ariane_signalement", "nouveau")
    new = document.render()
    seen = openpyxl.load_workbook(io.BytesIO(new)).worksheets[0]
    assert [cell.value for cell in seen[1]] == [
        "id", "statut", None, None, "ariane_gene", "ariane_signalement",
    ]  # fmt: skip
    assert seen["E1"].font.bold
    assert seen["F2"].value == "nouveau"
    assert seen["D7"].value == "note du secrétariat"
    assert seen.calculate_dimension() == "A1:F7"
    reader = openpyxl.load_workbook(io.BytesIO(new), read_only=True).worksheets[0]
    assert len(next(reader.iter_rows())) == 6
    assert load(new, mapping()).cell(0, "ariane_signalement") == "nouveau"


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        ("GBA1", "General", "GBA1"), (87.5, "General", "87,5"), (12, "General", "12"),
        (33.299999999999997, "General", "33,3"), (0.875, "0.00%", "87,5%"), (42, "00000", "00042"),
        (date(2024, 6, 30), "dd/mm/yyyy", "30/06/2024"), (True, "General", "VRAI"),
        (date(2024, 6, 30), '[$-40C]d mmmm yyyy;@', "30/06/2024"), ("=A1&B1", "General", "=A1&B1"),
        (5, '0" jours"', "5"), (1e21, "General", "1" + "0" * 21),
    ],
)  # fmt: skip
def test_what_people_type_is_read_as_they_see_it(value: object, form: str, shown: str) -> None:
    book = plain(["P1", "x"])
    cell = book.worksheets[0]["C2"]
    cell.value = value  # type: ignore[assignment]
    cell.number_format = form
    assert load(saved(book), mapping()).cell(0, "ariane_gene") == shown


def test_days_counted_from_1904() -> None:
    book = plain(["P1", "x"])
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    cell = book.worksheets[0]["E2"]
    cell.value = date(2024, 6, 30)
    cell.number_format = "yyyy-mm-dd"
    document = load(saved(book), mapping())
    assert document.cell(0, "ariane_echeance") == "30/06/2024"
    document.set(0, "ariane_echeance", "01/07/2024")
    seen = openpyxl.load_workbook(io.BytesIO(document.render())).worksheets[0]
    assert seen["E2"].value.date() == date(2024, 7, 1)


def test_a_key_may_be_a_number_or_computed() -> None:
    book = plain([17, "x"], ["=B1", "y"])
    content = parts(saved(book))
    content[SHEET] = re.sub(rb"</f><v\s*/?>(</v>)?", b"</f><v>P9</v>", content[SHEET])
    content[SHEET] = content[SHEET].replace(b'<c r="A3">', b'<c r="A3" t="str">')
    document = load(zipped(content), mapping())
    assert [document.cell(r, "id") for r in document.data_rows()] == ["17", "P9"]


def test_a_formula_in_a_cell_of_arianes_is_a_persons_edit(
    work: Callable[..., WriteBack], tmp_path: Path
) -> None:
    book = plain(["P1", "x", "=B2"])
    registry = tmp_path / "r.xlsx"
    registry.write_bytes(saved(book))
    columns = mapping()
    patch = Patch.from_json(
        {"schema": 1, "cycle": "c", "release": "R", "engine": {}, "mapping": columns.identity,
         "min_posterior": 0.1, "refused": [],
         "proposals": [{"case": "P1", "values": {"gene": "GBA1"}, "causes": []}]}
    )  # fmt: skip
    from ariane.registry.place import FilePlace
    from ariane.registry.state import StateFolder

    place = FilePlace(registry, columns)
    state = StateFolder(tmp_path / "s")
    receipt = WriteBack(place, columns, patch, state, "2024-03-06", "RCP").run()
    assert [c["found"] for c in receipt["conflicts"]] == ["=B2"]
    assert registry.read_bytes() == place.read()[0]


def two_sheets() -> bytes:
    book = plain(["P1", "x"])
    book.create_sheet("Archives").append(HEADER)
    return saved(book)


def other_key() -> bytes:
    book = plain()
    book.worksheets[0]["A1"] = "pseudonyme"
    return saved(book)


def repeated() -> bytes:
    book = plain()
    book.worksheets[0]["G1"] = "statut"
    return saved(book)


def changed(part: str, old: bytes, new: bytes) -> bytes:
    content = parts(saved(plain(["P1", "x"])))
    assert old in content[part]
    content[part] = content[part].replace(old, new, 1)
    return zipped(content)


def signed() -> bytes:
    return zipped({**parts(saved(plain())), "_xmlsignatures/sig1.xml": b"<s/>"})


def bomb() -> bytes:
    text = b"<worksheet" + b" " * ((1 << 29) + 1)
    return zipped({**parts(saved(plain())), SHEET: text})


@pytest.mark.parametrize(
    ("make", "more", "said"),
    [
        (two_sheets, {}, "'Registre', 'Archives' all have"),
        (two_sheets, {"sheet": "Feuil9"}, "no sheet 'Feuil9'"),
        (other_key, {}, "no sheet has a column 'id'"),
        (repeated, {}, "'statut' more than once"),
        (signed, {}, "signed"),
        (lambda: b"PK\x03\x04 torn", {}, "damaged workbook"),
        (lambda: zipped({"content.xml": b"<a/>"}), {}, "not an Excel workbook"),
        (lambda: changed(SHEET, b"</sheetData>", b"</sheetDat>"), {}, "damaged workbook"),
        (lambda: changed(SHEET, b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet'),
         {}, "document type"),
        (lambda: changed(SHEET, b"<worksheet", UTF_16 + b"<worksheet"), {}, "UTF-16|damaged"),
        (bomb, {}, "unpacks to \\d+ MiB"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_safe_is_refused(
    make: Callable[[], bytes], more: dict[str, object], said: str
) -> None:
    with pytest.raises(ArianeError, match=said):
        load(make(), mapping(**more))


def test_one_of_two_sheets_is_named() -> None:
    document = load(two_sheets(), mapping(sheet="Registre"))
    document.set(0, "ariane_gene", "GBA1")
    assert openpyxl.load_workbook(io.BytesIO(document.render()))["Registre"]["C2"].value == "GBA1"


@pytest.mark.parametrize(
    ("value", "said"),
    [("a\x0bb", "control character"), ("x" * 32_768, "32767"), ("GBA1", "among merged cells")],
)
def test_what_cannot_stand_in_a_cell_is_refused(value: str, said: str) -> None:
    book = plain(["P1", "x"], ["P2", "y"])
    if said == "among merged cells":
        book.worksheets[0].merge_cells("C2:C3")
    document = load(saved(book), mapping())
    with pytest.raises(ArianeError, match=f"[A-Z]2.*{said}"):
        document.set(0, "ariane_gene", value)


@pytest.mark.parametrize(
    "text", ["_x000D_", "a_x0041_b", "_xD800_", "_x005F_x0041_", "]]>", "&amp;"]
)
def test_texts_that_look_like_escapes_are_kept(text: str) -> None:
    document = load(saved(plain(["P1", "x"])), mapping())
    document.set(0, "ariane_gene", text)
    assert load(document.render(), mapping()).cell(0, "ariane_gene") == text


def test_rich_and_annotated_texts_are_read_as_their_letters() -> None:
    strings = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>autre</t></si><si><r><t>P</t>'
        b'</r><r><t>1</t></r><rPh sb="0" eb="1"><t>kana</t></rPh></si></sst>'
    )
    content = parts(saved(plain(["P1", "x"])))
    content["xl/sharedStrings.xml"] = strings
    content[SHEET] = re.sub(
        rb'<c r="A2".*?</c>', b'<c r="A2" t="s"><v>1</v></c>', content[SHEET], count=1
    )
    link = (
        b'<Relationship Id="rId99" Target="sharedStrings.xml" Type="http://schemas.openxmlformats'
        b'.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>'
    )
    links = content["xl/_rels/workbook.xml.rels"]
    content["xl/_rels/workbook.xml.rels"] = links.replace(b"</Relationships>", link)
    document = load(zipped(content), mapping())
    assert document.cell(0, "id") == "P1"
    document.set(0, "ariane_gene", "GBA1")
    assert parts(document.render())["xl/sharedStrings.xml"] == strings
    content[SHEET] = content[SHEET].replace(b"<v>1</v>", b"<v>7</v>")
    with pytest.raises(ArianeError, match="does not hold"):
        load(zipped(content), mapping())


def test_formulas_are_computed_anew_wherever_the_wish_must_stand() -> None:
    for old, new in [
        (b"", b""),
        (b'<calcPr calcId="124519" fullCalcOnLoad="1"/>', b""),
        (b'<calcPr calcId="124519" fullCalcOnLoad="1"/>', b"<calcPr calcId='1'></calcPr>"),
    ]:
        book = plain(["P1", "x"])
        book.create_sheet("C")["A1"] = "=1+1"
        content = parts(saved(book))
        assert old in content["xl/workbook.xml"]
        content["xl/workbook.xml"] = content["xl/workbook.xml"].replace(old, new)
        document = load(zipped(content), mapping())
        document.set(0, "ariane_gene", "GBA1")
        main = parts(document.render())["xl/workbook.xml"]
        assert main.count(b"fullCalcOnLoad=") == 1
        assert openpyxl.load_workbook(io.BytesIO(document.render())).calculation.fullCalcOnLoad


# Sheets as other programs spell them, drawn at random.

TEXTS = st.text(st.sampled_from("ab é&<>\"'=_x01;"), max_size=6)


@st.composite
def sheets(draw: st.DrawFn) -> tuple[bytes, list[dict[int, str]]]:
    """A sheet's XML in some dialect, and the texts of its rows by column."""
    prefix = draw(st.sampled_from(["", "x:"]))
    told = draw(st.booleans())
    gap = draw(st.sampled_from(["", "\n  ", "<!-- é > -->"]))
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    name = "xmlns:x" if prefix else "xmlns"
    lines = [f"<{prefix}worksheet {name}='{space}'>", gap, f"<{prefix}sheetData>"]

    def cell(row: int, column: int, text: str) -> str:
        from xml.sax.saxutils import escape as xml

        style = draw(st.sampled_from(["", ' s="0"', " s = '0'"]))
        where = f' r="{chr(64 + column)}{row}"' if told else ""
        if not text:
            return f"<{prefix}c{where}{style}/>"
        kind = draw(st.sampled_from(["inlineStr", "str"]))
        if kind == "str":
            return (
                f'<{prefix}c{where}{style} t="str"><{prefix}v>{xml(text)}</{prefix}v></{prefix}c>'
            )
        inner = f"<{prefix}is><{prefix}t xml:space='preserve'>{xml(text)}</{prefix}t></{prefix}is>"
        return f'<{prefix}c{where}{style} t="inlineStr">{gap}{inner}</{prefix}c >'

    header = {1: "id", 2: "note", 3: "ariane_gene", 4: "vu", 5: "ariane_signalement"}
    rows = [header]
    for number in range(draw(st.integers(1, 4))):
        row = {1: f"P{number}"}
        for column in range(2, 7):
            # Without references a cell's place is told by those before it.
            if draw(st.booleans()) or not told:
                row[column] = draw(TEXTS)
        rows.append(row)
    for number, row in enumerate(rows, start=1):
        spans = draw(st.sampled_from(["", ' spans="1:2"']))
        where = f' r="{number}"' if told else ""
        lines += [f"<{prefix}row{where}{spans}>", gap]
        lines += [cell(number, column, text) + gap for column, text in row.items()]
        lines += [f"</{prefix}row>", gap]
    lines += [f"</{prefix}sheetData>", gap, f"</{prefix}worksheet>"]
    return "".join(lines).encode(), rows


OTHER = re.compile(rb"""<(?:x:)?c\s[^>]*?r="[CE][2-9]"[^>]*?(?:/>|>.*?</(?:x:)?c\s*>)""", re.DOTALL)


@settings(max_examples=150)
@given(sheets(), st.data())
def test_any_spelling_of_a_sheet_keeps_its_other_bytes(
    drawn: tuple[bytes, list[dict[int, str]]], data: st.DataObject
) -> None:
    xml, rows = drawn
    base = parts(saved(plain()))
    base[SHEET] = xml
    content = zipped(base)
    two = {"gene": "ariane_gene", "flag": "ariane_signalement"}
    columns = parse_mapping({"key": "id", "columns": two}, "m.yaml")
    document = load(content, columns)
    expected = {(r - 1, c): text for r, row in enumerate(rows) if r for c, text in row.items()}
    places = {"ariane_gene": 3, "ariane_signalement": 5}
    for row in document.data_rows():
        for column, at in places.items():
            held = expected.get((row, at), "")
            assert document.cell(row, column).replace("\r", "\n") == unescaped(held)
            if data.draw(st.booleans()):
                text = data.draw(TEXTS)
                document.set(row, column, text)
                expected[row, at] = neutralise(text)
    new = document.render()
    again = load(new, columns)
    for row in again.data_rows():
        for column, at in places.items():
            text = expected.get((row, at), "")
            shown = again.cell(row, column)
            assert shown in (text, unescaped(text))
    after = parts(new)
    assert {n for n in after if after[n] != base[n]} <= {SHEET}
    if b' r="A1"' in xml:  # openpyxl wants references
        assert OTHER.sub(b"", after[SHEET]).replace(b'spans="1:5"', b'spans="1:2"').replace(
            b'spans="1:3"', b'spans="1:2"'
        ) == OTHER.sub(b"", xml)
    seen = openpyxl.load_workbook(io.BytesIO(new)).worksheets[0]
    for row in document.data_rows():
        for at in (3, 5):
            value = seen.cell(row + 2, at).value
            assert ("" if value is None else str(value)) in (
                expected.get((row, at), ""),
                unescaped(expected.get((row, at), "")),
            )


def unescaped(text: str) -> str:
    """As a workbook's text reads: ``_x0041_`` is a letter."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


def test_a_workbook_is_read_by_what_it_says_not_by_its_names() -> None:
    content = parts(saved(plain(["P1", "x"])))
    content["xl/feuilles/un.xml"] = content.pop(SHEET)
    links = content["xl/_rels/workbook.xml.rels"]
    content["xl/_rels/workbook.xml.rels"] = links.replace(
        b"/xl/worksheets/sheet1.xml", b"feuilles/un.xml"
    )
    book = read_workbook(zipped(content), "r.xlsx")
    assert book.sheets == {"Registre": "xl/feuilles/un.xml"}
    document = load(zipped(content), mapping())
    assert isinstance(document, XlsxFile)
    document.set(0, "ariane_gene", "GBA1")
    assert b"GBA1" in parts(document.render())["xl/feuilles/un.xml"]
