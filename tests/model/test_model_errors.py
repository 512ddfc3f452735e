"""Faults: told together, once, in the order of the file; suppressed evidence stays visible."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ariane.model.errors import Fault, InputFaults, Level, in_order
from ariane.model.evidence import Evidence, Ledger


def fault(line: int, level: Level = Level.ERROR) -> Fault:
    return Fault(f"families.tsv:{line}", "F1", "no sex", "Write male or female", level)


def test_lines_are_ordered_as_numbers() -> None:
    assert [f.where for f in in_order([fault(10), fault(9), fault(100)])] == [
        "families.tsv:9",
        "families.tsv:10",
        "families.tsv:100",
    ]


@given(st.lists(st.integers(1, 200)).flatmap(lambda x: st.tuples(st.just(x), st.permutations(x))))
def test_the_message_depends_on_no_order(both: tuple[list[int], list[int]]) -> None:
    one, other = (str(InputFaults(map(fault, numbers))) for numbers in both)
    assert one == other
    assert one.count("no sex") == len(set(both[0]))


def test_the_message_counts_errors_only() -> None:
    text = str(InputFaults([fault(1), fault(2, Level.WARNING), fault(1)]))
    assert text.startswith("The inputs have 1 error; nothing was started.")
    assert "error: families.tsv:1: case F1: no sex. Write male or female." in text
    assert "warning: families.tsv:2" in text


def test_a_suppressed_row_keeps_its_words() -> None:
    row = Evidence("1-5-A-T", Ledger.CLASS, "PM5", 2000, "why", "assertions", "T:5", "abc")
    held = row.suppress("the residue already counts")
    assert (held.points, held.suppressed) == (0, "the residue already counts")
    assert (held.code, held.sentence, held.record) == (row.code, row.sentence, row.record)
    assert row.points == 2000
