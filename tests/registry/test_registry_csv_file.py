from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ariane.model.errors import ArianeError
from ariane.registry.csv_file import BOM, load
from ariane.registry.mapping import RegistryMapping, parse_mapping
from ariane.safe import neutralise

ENDS = ["\r\n", "\n", "\r"]


def mapping(**more: object) -> RegistryMapping:
    return parse_mapping({"key": "id", "columns": {"gene": "ariane_gene"}, **more}, "m.yaml")


def plain(delimiter: str) -> st.SearchStrategy[str]:
    """Raw cells without quotes; quotes inside, spaces and accents allowed."""
    letters = st.sampled_from([c for c in "ab é'=;,\t\"" if c != delimiter])
    return st.text(letters, max_size=4).filter(lambda t: not t.startswith('"'))


def quoted() -> st.SearchStrategy[str]:
    inside = st.text(st.sampled_from('a;,\t\r\n"é'), max_size=5)
    return inside.map(lambda t: '"' + t.replace('"', '""') + '"')


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, list[bytes], int, str]:
    """A file, its pieces around one own cell of each row, and the codec."""
    delimiter = draw(st.sampled_from([";", ",", "\t"]))
    codec = draw(st.sampled_from(["utf-8", "cp1252"]))
    cell = st.one_of(plain(delimiter), quoted())
    ends = st.sampled_from(ENDS if draw(st.booleans()) else ENDS[:1])
    pieces = [f"id{delimiter}é{delimiter}ariane_gene{delimiter}note" + draw(ends)]
    rows = draw(st.integers(1, 5))
    for number in range(rows):
        if draw(st.booleans()):
            pieces[-1] += draw(ends)  # a blank line
        pieces[-1] += delimiter.join([f"P{number}", draw(cell)]) + delimiter
        tail = delimiter + draw(cell) if draw(st.booleans()) else ""
        pieces.append(tail + draw(ends))
    own = [draw(st.one_of(plain(delimiter), quoted())) for _ in range(rows)]
    if draw(st.booleans()):
        pieces[-1] = pieces[-1].rstrip("\r\n")
        if not own[-1].startswith('"'):
            own[-1] = own[-1].rstrip("\r\n")
    raw = [piece.encode(codec) for piece in pieces]
    if codec == "utf-8" and draw(st.booleans()):
        raw[0] = BOM + raw[0]
    whole = raw[0] + b"".join(o.encode(codec) + p for o, p in zip(own, raw[1:], strict=True))
    return whole, raw, rows, codec


VALUES = st.text(st.sampled_from("ab;,\t\"é=+-@'\r\n x"), max_size=6)


@settings(max_examples=400, deadline=None)
@given(files(), st.data())
def test_only_the_cells_written_change(
    made: tuple[bytes, list[bytes], int, str], data: st.DataObject
) -> None:
    content, pieces, rows, codec = made
    document = load(content, mapping())
    assert document.render() == content
    numbers = list(document.data_rows())
    assert [document.cell(n, "id") for n in numbers] == [f"P{i}" for i in range(rows)]
    written = {n: data.draw(VALUES) for n in numbers}
    for number, value in written.items():
        document.set(number, "ariane_gene", value)
        assert document.cell(number, "ariane_gene") == neutralise(value)
    after = document.render()
    # Every piece around the cells stands in order, to the byte.
    again = load(after, mapping(encoding="windows-1252" if codec == "cp1252" else "utf-8"))
    rest = after
    assert rest.startswith(pieces[0])
    rest = rest[len(pieces[0]) :]
    for number, piece in zip(numbers, pieces[1:], strict=True):
        raw = document._rows[number].cells[2]
        assert rest.startswith(raw + piece)
        rest = rest[len(raw) + len(piece) :]
    assert rest == b""
    for number, value in written.items():
        assert again.cell(number, "ariane_gene") == neutralise(value)
        assert not again.set(number, "ariane_gene", value)
    assert again.render() == after


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (BOM + b"id;ariane_gene\n", "utf-8"),
        ("id;ariane_gene;é\n".encode(), "utf-8"),
        ("id;ariane_gene;é\n".encode("cp1252"), "windows-1252"),
        (b"id;ariane_gene\r\n1;\x81\r\n", "windows-1252"),
    ],
)
def test_encoding_is_told_from_the_bytes(content: bytes, encoding: str) -> None:
    document = load(content, mapping())
    assert document.encoding == encoding
    assert document.render() == content


@pytest.mark.parametrize(
    ("content", "more", "said"),
    [
        (b"\xff\xfei\x00d\x00", {}, "UTF-16"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", {}, "old workbook"),
        (b"id;\x00\n", {}, "NUL"),
        ("id;é\n".encode() + b"1;\xe9\n", {}, "mixes"),
        ("id;é\n".encode(), {"encoding": "windows-1252"}, "is UTF-8"),
        ("id;é\n".encode("cp1252"), {"encoding": "utf-8"}, "not UTF-8"),
        (b"", {}, "no header"),
        (b"\n \n", {}, "no header"),
        (b"pseudo;x\n1;2\n", {}, "no column 'id'"),
        (b"id;a;a\n", {}, "'a' more than once"),
        (b'id;a\n1;"x\ny', {}, ":2: a cell opens"),
    ],
)
def test_what_cannot_be_kept_safe_is_refused(
    content: bytes, more: dict[str, object], said: str
) -> None:
    with pytest.raises(ArianeError, match=said):
        load(content, mapping(**more))


def test_damaged_bytes_of_people_survive_where_the_encoding_is_named() -> None:
    content = "id;ariane_gene;é\n".encode() + b"1;;\xe9\n"
    document = load(content, mapping(encoding="utf-8"))
    document.set(1, "ariane_gene", "GBA1")
    assert document.render() == content.replace(b"1;;", b"1;GBA1;")


def test_a_letter_the_encoding_lacks_is_refused_by_name() -> None:
    document = load("id;ariane_gene;é\n1;;\n".encode("cp1252"), mapping())
    with pytest.raises(ArianeError, match=r"'ő' does not exist.*windows-1252"):
        document.set(1, "ariane_gene", "ő")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])  # noqa: RUF001
def test_no_value_runs_as_a_formula(start: str) -> None:
    document = load(b"id;ariane_gene\n1;\n", mapping())
    document.set(1, "ariane_gene", start + "cmd|' /C calc'!A0")
    cell = load(document.render(), mapping()).cell(1, "ariane_gene")
    assert cell == "'" + start + "cmd|' /C calc'!A0"


def test_added_columns_touch_other_rows_by_separators_only() -> None:
    content = b"sep=;\r\nid;a;\r\n1;x\r\n\r\n2;y;;\r\n;;\r\n3;z;w"
    document = load(content, mapping())
    document.add_columns(["ariane_gene"])
    document.set(1, "ariane_gene", "GBA1")
    expected = b"sep=;\r\nid;a;;ariane_gene\r\n1;x;;GBA1\r\n\r\n2;y;;\r\n;;;\r\n3;z;w;"
    assert document.render() == expected


def test_no_column_is_added_over_cells_without_a_header() -> None:
    document = load(b"id;a\n1;x;stray\n", mapping())
    with pytest.raises(ArianeError, match="line 2: more cells"):
        document.add_columns(["ariane_gene"])


def test_a_file_that_quotes_everything_keeps_doing_so() -> None:
    document = load(b'"id","ariane_gene"\n"1",""\n', mapping())
    document.set(1, "ariane_gene", "GBA1")
    assert document.render() == b'"id","ariane_gene"\n"1","GBA1"\n'


def test_twenty_thousand_rows_in_time() -> None:
    row = ";".join(["valeur é"] * 40)
    content = f"id;ariane_gene;{';'.join(f'c{i}' for i in range(40))}\n".encode()
    content += b"".join(f"P{i};;{row}\n".encode() for i in range(20_000))
    began = time.monotonic()
    document = load(content, mapping())
    for number in list(document.data_rows()):
        document.set(number, "ariane_gene", "GBA1")
    assert document.render() == content.replace(b";;valeur", b";GBA1;valeur")
    assert time.monotonic() - began < 20
