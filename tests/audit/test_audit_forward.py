"""Rows in force are found without reading all, and a proposal rests on what it says."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ariane import files
from ariane.audit.folders import Folders
from ariane.audit.forward import evidence_of, in_force
from ariane.audit.forward_told import CAUSED, LEADS, why_proposed
from ariane.audit.links import Link, State, Walk
from ariane.audit.uses import Sought
from ariane.model.errors import ArianeError
from ariane.model.tables import LEDGER, TOUCHED
from ariane.reanalyse.effective import effective
from ariane.registry.patch import Proposal

CASES = st.sampled_from(["F1", "F2"])
GENES = st.sampled_from(["HGNC:1", "HGNC:2"])
PAIR = st.tuples(CASES, GENES)
ROW = st.tuples(PAIR, st.sampled_from(["a", "b", "c"]), st.integers(0, 3))


def _row(pair: tuple[str, str], record: str, number: int) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(LEDGER.columns, "")
    return row | {"case": pair[0], "gene": pair[1], "record": record, "points": number}


def _mask(rows: pa.Table) -> pa.Array:
    return pc.equal(rows["record"], "a")


@settings(max_examples=40)
@given(st.lists(st.tuples(st.lists(ROW, max_size=6), st.sets(PAIR)), min_size=1, max_size=4))
def test_rows_in_force_are_those_of_the_whole_state(
    cycles: list[tuple[list[Any], set[tuple[str, str]]]],
) -> None:
    with tempfile.TemporaryDirectory() as name:
        chain = []
        for number, (rows, removed) in enumerate(cycles):
            folder = Path(name) / str(number)
            written = [_row(*row) for row in rows]
            touched = {(row["case"], row["gene"]) for row in written} | (
                removed if number else set()
            )
            files.write_table(folder / "ledger.parquet", LEDGER, written)
            files.write_table(
                folder / "touched.parquet",
                TOUCHED,
                [{"case": c, "gene": g, "operation": "replaced"} for c, g in touched],
            )
            chain.append(folder)
        whole = [row for row in effective(chain, LEDGER) if row["record"] == "a"]
        assert in_force(chain, _mask) == whole


@given(st.sets(st.sampled_from("xyz")), st.sets(st.sampled_from("xyz")), st.sampled_from("PQR"))
def test_a_proposal_rests_on_what_caused_it_or_on_the_gene_it_names(
    causes: set[str], findings: set[str], gene: str
) -> None:
    proposal = Proposal("F1", {"gene": gene}, tuple({"finding": one} for one in sorted(causes)))
    told = why_proposed(proposal, findings, {"P"})
    assert told == (CAUSED if causes & findings else LEADS if gene == "P" else "")


@pytest.mark.parametrize("gene", ["", "P"])
def test_an_empty_gene_is_nobodys(gene: str) -> None:
    proposal = Proposal("F1", {"gene": gene}, ({"finding": ""},))
    assert why_proposed(proposal, set(), {""}) == ""


@pytest.mark.parametrize(
    "sought",
    [
        Sought(),
        Sought(resource="assertions"),
        Sought(key="chr1-1-A-T"),
        Sought(record="a", gene="b"),
        Sought("assertions", "k", disease="d"),
    ],
)
def test_one_thing_is_asked_for(tmp_path: Path, sought: Sought) -> None:
    with pytest.raises(ArianeError, match="Ask for one thing"):
        evidence_of(Folders(tmp_path, tmp_path), sought)


def test_an_unknown_resource_and_an_empty_folder_are_told(tmp_path: Path) -> None:
    folders = Folders(tmp_path, tmp_path)
    with pytest.raises(ArianeError, match=r"'clinvar' is no kind of resource.*assertions"):
        evidence_of(folders, Sought("clinvar", "k"))
    with pytest.raises(ArianeError, match="no cycle has begun"):
        evidence_of(folders, Sought(record="a"))


@given(st.lists(st.sampled_from(State)))
def test_a_walk_repeats_every_break_at_its_end(states: list[State]) -> None:
    links = tuple(Link("file", f"f{n}", f"sentence {n}", s) for n, s in enumerate(states))
    walk = Walk("asked", links)
    broken = [n for n, s in enumerate(states) if s in (State.DIFFERS, State.MISSING)]
    assert walk.to_json()["broken"] == len(broken)
    text = list(walk.lines())
    for number in range(len(states)):
        expected = 2 if number in broken else 1
        assert sum(line.endswith(f"sentence {number}") for line in text) == expected
