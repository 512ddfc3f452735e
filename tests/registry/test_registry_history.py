"""Random histories: people and Ariane write by turns, and nobody's last word is lost."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ariane.registry.apply import WriteBack
from ariane.registry.mapping import parse_mapping
from ariane.registry.patch import Patch, Proposal
from ariane.registry.state import StateFolder

OWN = {"gene": "ariane_gene", "flag": "ariane_flag", "report": "ariane_report"}
MAPPING = parse_mapping({"key": "id", "columns": OWN}, "m.yaml")
HEADER = ["id", "note", *OWN.values()]
CASES = ["P1", "P2", "P3"]
WORDS = st.sampled_from(["", "A", "B", "=x", 'q"u;o', "é"])

patches = st.dictionaries(
    st.sampled_from([*CASES, "P9"]), st.dictionaries(st.sampled_from(sorted(OWN)), WORDS)
)
edits = st.lists(st.tuples(st.sampled_from(CASES), st.sampled_from(HEADER[1:]), WORDS), min_size=1)
turns = st.lists(
    st.one_of(
        st.tuples(st.just("ariane"), patches),
        st.tuples(st.just("people"), edits),
        st.tuples(st.just("delete"), st.sampled_from(CASES)),
        st.tuples(st.just("respell"), st.booleans()),
    ),
    max_size=8,
)

Rows = dict[str, dict[str, str]]


def read(path: Path) -> Rows:
    text = path.read_bytes().decode("utf-8-sig")
    return {r["id"]: r for r in csv.DictReader(io.StringIO(text, newline=""), delimiter=";")}


def write(path: Path, rows: Rows, bom: bool) -> None:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, HEADER, delimiter=";", lineterminator="\n" if bom else "\r\n")
    writer.writeheader()
    writer.writerows(rows.values())
    path.write_bytes((b"\xef\xbb\xbf" if bom else b"") + out.getvalue().encode())


@settings(max_examples=60, deadline=None)
@given(turns)
def test_no_update_is_lost(history: list[tuple[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        registry = Path(folder) / "r.csv"
        state = StateFolder(Path(folder) / "state")
        write(registry, {c: dict.fromkeys(HEADER, "") | {"id": c} for c in CASES}, False)
        # Who wrote each own cell last, by a model far simpler than the code: a cell belongs to
        # a person from the moment its text is not the one Ariane wrote, until both agree again.
        wrote: dict[tuple[str, str], str] = {}
        for kind, what in history:
            rows = read(registry)
            if kind == "people":
                for case, column, text in what:  # type: ignore[attr-defined]
                    if case in rows:
                        rows[case][column] = text
                write(registry, rows, False)
            elif kind == "delete":
                rows.pop(str(what), None)
                write(registry, rows, False)
            elif kind == "respell":
                write(registry, rows, bool(what))
            else:
                proposals = tuple(Proposal(c, v) for c, v in sorted(what.items()))  # type: ignore[attr-defined]
                patch = Patch("c", "R", {}, MAPPING.identity, 0.1, proposals)
                receipt = WriteBack(registry, MAPPING, patch, state, "2024-01-01", "x").run()
                after = read(registry)
                assert sorted(after) == sorted(rows)
                conflicts = {(c["case"], c["column"]) for c in receipt["conflicts"]}
                expected_conflicts = set()
                for case, row in rows.items():
                    for column in ("id", "note"):
                        assert after[case][column] == row[column]
                    values = dict(next((p.values for p in proposals if p.case == case), {}))
                    blocked = set()
                    for field, text in values.items():
                        key, target = (case, OWN[field]), text.replace("=x", "'=x")
                        if row[OWN[field]] not in (target, wrote.get(key, "")):
                            expected_conflicts.add(key)
                            blocked.add(field)
                    for field, column in OWN.items():
                        if field in values and field not in blocked:
                            target = values[field].replace("=x", "'=x")
                            assert after[case][column] == target
                            wrote[case, column] = target
                        else:
                            assert after[case][column] == row[column]
                assert conflicts == expected_conflicts
                assert receipt["absent"] == sorted(p.case for p in proposals if p.case not in rows)
                again = WriteBack(registry, MAPPING, patch, state, "2024-01-01", "x").run()
                assert again["written"] == []
                assert read(registry) == after
