"""Random histories of a registry: people and Ariane write by turns, and crashes strike anywhere.

A state machine for Hypothesis. Its model is far simpler than the code: a cell of Ariane's belongs
to a person from the moment its text is not the one that Ariane wrote, until both agree again. After
every turn the registry must be what the model says, foreign cells included, and the journal,
replayed over what people did, must give the registry.
"""
# ruff: noqa: S101 (Hypothesis looks for failing assertions)

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

import system_calls
from ariane.model.errors import ArianeError
from ariane.registry.apply import WriteBack
from ariane.registry.journal import opened
from ariane.registry.mapping import RegistryMapping, parse_mapping
from ariane.registry.patch import Patch, Proposal
from ariane.registry.revert import Revert
from ariane.registry.state import StateFolder, read_verified
from ariane.registry.writing import Writer
from ariane.safe import neutralise
from registry_worlds import CsvWorld, Rows, SqlWorld, World, XlsxWorld, table_of

OWN = {"gene": "ariane_gene", "flag": "ariane_flag", "report": "ariane_report"}
HEADER = ["id", "note", *OWN.values()]
CASES = ["P1", "P2", "P3"]
WORDS = st.sampled_from(["", "A", "B", "12", "=x", 'q"u;o', "é"])
CALLS_OF_A_WRITE = 70
"""A write makes about so many calls; a number beyond its last one means that nothing strikes."""

PATCHES = st.dictionaries(
    st.sampled_from([*CASES, "P9"]),
    st.dictionaries(st.sampled_from(sorted(OWN)), WORDS, min_size=1),
    min_size=1,
)
EDITS = st.lists(
    st.tuples(st.sampled_from(CASES), st.sampled_from(HEADER[1:]), WORDS), min_size=1, max_size=3
)
STRIKES = st.integers(0, CALLS_OF_A_WRITE) | st.integers(25, 55)
"""More of them where the registry is about to change."""

Values = dict[str, dict[str, str]]


def mapping_of(**more: Any) -> RegistryMapping:
    """The mapping of the histories."""
    return parse_mapping({"key": "id", "columns": OWN, **more}, "m.yaml")


def csv_world(folder: Path) -> World:
    """A registry in a CSV file."""
    return CsvWorld(folder / "r.csv", HEADER, mapping_of())


def xlsx_world(folder: Path) -> World:
    """A registry in a workbook."""
    return XlsxWorld(folder / "r.xlsx", HEADER, mapping_of())


def sqlite_world(folder: Path) -> World:
    """A registry in a SQLite database."""
    return SqlWorld(f"sqlite:///{folder / 'r.db'}", HEADER, mapping_of(table="registre"))


WORLDS: dict[str, Callable[[Path], World]] = {
    "csv": csv_world,
    "xlsx": xlsx_world,
    "sqlite": sqlite_world,
}


@dataclass
class Expected:
    """What a turn of Ariane's must lead to."""

    rows: Rows
    wrote: dict[tuple[str, str], str]
    conflicts: set[tuple[str, str]] = field(default_factory=set)
    written: set[str] = field(default_factory=set)


def edited(rows: Rows, edits: list[tuple[str, str, str]]) -> Rows:
    """Rows with some cells typed anew."""
    new = {case: dict(row) for case, row in rows.items()}
    for case, column, text in edits:
        if case in new:
            new[case][column] = text
    return new


class Histories(RuleBasedStateMachine):
    """One registry through a random history."""

    make: ClassVar[Callable[[Path], World]] = csv_world
    scratch: ClassVar[str | None] = None
    """Folder for the registries; None: the system's for temporary files."""
    struck: ClassVar[dict[str, int]] = {}
    """How often what struck, over all histories: to know that the strikes do happen."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=self.scratch)
        self.world = type(self).make(Path(self.folder.name))
        self.mapping = getattr(self.world, "mapping")  # noqa: B009 (not part of the protocol)
        self.state = StateFolder(Path(self.folder.name) / "state")
        self.wrote: dict[tuple[str, str], str] = {}
        self.refused: set[str] = set()
        """Patches that people reverted."""
        self.replayed = 0
        """Journal records that the model has followed."""
        self.stands: bool | None = None
        """Of an interrupted write: whether it is in the registry; None when none is pending."""
        self.before_crash = b""

    def teardown(self) -> None:
        """Forget the registry."""
        self.folder.cleanup()

    @initialize()
    def begin(self) -> None:
        """Three cases, nothing written yet."""
        self.world.save(table_of(HEADER, {c: {} for c in CASES}, "id"))

    # What people do.

    @rule(edits=EDITS, spelled=st.booleans())
    def people_type(self, edits: list[tuple[str, str, str]], spelled: bool) -> None:
        """Somebody changes cells, Ariane's too, and saves in one of two spellings."""
        self.world.save(edited(self.world.rows(), edits), spelled)

    @rule(case=st.sampled_from(CASES))
    def people_drop_or_add(self, case: str) -> None:
        """A row goes, or a new one comes in front."""
        rows = self.world.rows()
        if rows.pop(case, None) is None:
            rows = {**table_of(HEADER, {case: {}}, "id"), **rows}
        self.world.save(rows)

    @precondition(lambda self: self.stands)
    @rule()
    def people_put_the_old_one_back(self) -> None:
        """After a crash, somebody restores what was there before it, to the byte."""
        path = getattr(self.world, "path", None)
        if path is not None and path.suffix in (".csv", ".xlsx"):
            path.write_bytes(self.before_crash)

    # What Ariane does.

    @rule(values=PATCHES)
    def ariane_writes(self, values: Values) -> None:
        """A cycle is written back, twice: the second time nothing changes."""
        self._recover()
        before = self.world.rows()
        patch = self._patch(values)
        receipt = self._work(patch)
        self._settled(before, values, patch, receipt)
        content = self.world.content()
        again = self._work(patch)
        assert again["written"] == []
        assert again["journal"] == receipt["journal"]
        assert self.world.content() == content

    @rule(values=PATCHES, at=STRIKES, tear=st.booleans())
    def ariane_is_killed(self, values: Values, at: int, tear: bool) -> None:
        """The process ends at one of its system calls, perhaps in the middle of a write."""
        self._recover()
        before, content = self.world.rows(), self.world.content()
        patch = self._patch(values)
        strike = system_calls.torn if tear else system_calls.kill
        ended = system_calls.run(lambda: self._work(patch), at, strike)
        self._count("killed" if ended.killed else "not killed")
        if not ended.killed:
            self._settled(before, values, patch, ended.result)
            return
        after = self.world.rows()
        expected = self._expected(before, values, patch)
        assert after in (before, expected.rows)
        self._crashed(before, content, expected, after)

    @rule(values=PATCHES, at=STRIKES)
    def ariane_meets_a_full_disk(self, values: Values, at: int) -> None:
        """One call is refused: the run ends in words, and old or new stands."""
        self._recover()
        before, content = self.world.rows(), self.world.content()
        patch = self._patch(values)
        ended = system_calls.run(lambda: self._work(patch), at, system_calls.disk_full)
        after = self.world.rows()
        expected = self._expected(before, values, patch)
        assert after in (before, expected.rows)
        if not ended.refused:
            self._settled(before, values, patch, ended.result)
            return
        self._count("disk full")
        self._crashed(before, content, expected, after)

    @rule(values=PATCHES, edits=EDITS, at=STRIKES)
    def people_save_meanwhile(
        self, values: Values, edits: list[tuple[str, str, str]], at: int
    ) -> None:
        """Somebody saves between two calls of Ariane's: their save stands, whenever it came."""
        self._recover()
        before = self.world.rows()
        theirs = edited(before, edits)
        patch = self._patch(values)
        saved: list[bool] = []

        def save() -> None:
            saved.append(self.world.save(theirs))

        strike = system_calls.meanwhile(save, spare=("rename", "renameat", "renameat2"))
        ended = system_calls.run(lambda: self._work(patch), at, strike)
        after = self.world.rows()
        if not any(saved):
            self._settled(before, values, patch, ended.result)
            return
        self._count("saved meanwhile")
        if ended.refused:
            assert "while Ariane was at work" in ended.refused
            assert after == theirs
            self._follow()
            return
        earlier = self._expected(theirs, values, patch)
        told = {w["case"] for w in ended.result["written"]}
        conflicts = {(c["case"], c["column"]) for c in ended.result["conflicts"]}
        if (after, conflicts, told) == (earlier.rows, earlier.conflicts, earlier.written):
            self._followed_by(theirs, earlier, after)
            return
        # A table's other cells may be saved meanwhile without any clash; a file's never.
        later = self._expected(before, values, patch)
        merged = {
            case: {
                n: theirs[case][n] if theirs[case][n] != before[case][n] else row[n] for n in row
            }
            for case, row in later.rows.items()
        }
        assert after == theirs or (isinstance(self.world, SqlWorld) and after == merged)
        assert (conflicts, told) == (later.conflicts, later.written)
        self._followed_by(before, later, later.rows)

    @rule(at=STRIKES, killed=st.booleans())
    def people_revert_the_last_write(self, at: int, killed: bool) -> None:
        """The latest write is put back where nobody changed it since."""
        self._recover()
        _, journal = read_verified(self.state)
        own = [r for r in journal.carried_out if r["changes"] and r["seq"] not in journal.reverted]
        if not own:
            return
        last = own[-1]
        before = self.world.rows()
        expected = Expected(edited(before, []), dict(self.wrote))
        for change in opened(last, self.state.read_keys()):
            for column, cell in change["cells"].items():
                row = expected.rows.get(change["case"])
                if row is not None and row[column] == cell["new"]:
                    row[column] = cell["old"]
                    expected.wrote[change["case"], column] = cell["old"]

        def work() -> dict[str, Any]:
            place = self.world.place
            return Revert(place, self.mapping, self.state, "2024-01-01", "y", last["seq"]).run()

        content = self.world.content()
        ended = system_calls.run(work, at if killed else -1)
        after = self.world.rows()
        self._count("reversal killed" if ended.killed else "reverted")
        assert after in ((before, expected.rows) if ended.killed else (expected.rows,))
        if self._crashed(before, content, expected, after):
            (self.refused.add if "reverts" not in last else self.refused.discard)(
                str(last["patch"]) or self._patch_of(last["reverts"])
            )

    # The model.

    def _patch(self, values: Values) -> Patch:
        proposals = tuple(Proposal(c, v) for c, v in sorted(values.items()))
        return Patch("c", "R", {}, self.mapping.identity, 0.1, proposals)

    def _patch_of(self, number: int) -> str:
        """The patch whose write a chain of reversals speaks of."""
        _, journal = read_verified(self.state)
        record = journal.records[number - 1]
        return str(record["patch"]) or self._patch_of(record["reverts"])

    def _work(self, patch: Patch) -> dict[str, Any]:
        return WriteBack(self.world.place, self.mapping, patch, self.state, "2024-01-01", "x").run()

    def _expected(self, rows: Rows, values: Values, patch: Patch) -> Expected:
        expected = Expected(edited(rows, []), dict(self.wrote))
        if patch.sha256 in self.refused:
            return expected
        for case, row in expected.rows.items():
            for name, text in values.get(case, {}).items():
                key, target = (case, OWN[name]), neutralise(text)
                if row[OWN[name]] not in (target, self.wrote.get(key, "")):
                    expected.conflicts.add(key)
                    continue
                if row[OWN[name]] != target:
                    expected.written.add(case)
                row[OWN[name]] = expected.wrote[key] = target
        return expected

    def _settled(self, before: Rows, values: Values, patch: Patch, receipt: dict[str, Any]) -> None:
        """Check a run that came to its end."""
        expected = self._expected(before, values, patch)
        after = self.world.rows()
        assert after == expected.rows
        if patch.sha256 in self.refused:
            assert receipt["reverted"]
        else:
            assert {(c["case"], c["column"]) for c in receipt["conflicts"]} == expected.conflicts
            assert {w["case"] for w in receipt["written"]} == expected.written
            assert receipt["absent"] == sorted(values.keys() - before.keys())
        self._followed_by(before, expected, after)

    def _followed_by(self, before: Rows, expected: Expected, after: Rows) -> None:
        """Replay what the journal says was done since over what was there before."""
        self.wrote = expected.wrote
        rows = edited(before, [])
        keys, journal = read_verified(self.state)
        done = list(journal.carried_out)
        if self.stands and journal.pending is not None:
            done.append(journal.pending)
        for record in done[self.replayed :]:
            for change in opened(record, keys):
                for column, cell in change["cells"].items():
                    assert rows[change["case"]][column] == cell["old"]
                    rows[change["case"]][column] = cell["new"]
        self.replayed = len(done)
        assert rows == after

    def _crashed(self, before: Rows, content: bytes, expected: Expected, after: Rows) -> bool:
        """Learn from registry and journal how far a write came; returns whether it stands."""
        _, journal = read_verified(self.state)
        if journal.pending is not None:
            self.stands = after != before or not journal.pending["mark"]
            self.before_crash = content
            self._count("left a pending write")
        stands = self.stands or len(journal.carried_out) > self.replayed
        if stands:
            self._followed_by(before, expected, after)
        return stands

    def _follow(self) -> None:
        _, journal = read_verified(self.state)
        assert len(journal.carried_out) == self.replayed

    def _recover(self) -> None:
        """The next run puts right what a crash left, and never the wrong way."""
        if self.stands is None:
            return
        stands, self.stands = self.stands, None
        content = self.world.content()
        with self.state.locked():
            writer = Writer(self.world.place, self.state, *read_verified(self.state))
            asked = ""
            try:
                done = writer.recover()
            except ArianeError as problem:
                asked = str(problem)
                done = writer.recover("commit")
        if asked:
            assert "settle" in asked
            assert stands
            assert content == self.before_crash
            self._count("asked a person")
        assert done == ("committed" if stands else "undone")
        assert self.world.content() == content
        self._follow()

    def _count(self, what: str) -> None:
        self.struck[what] = self.struck.get(what, 0) + 1
