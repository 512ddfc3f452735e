"""Cycles: frozen whole or not at all, never changed after, replayed from what was frozen."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from reanalyse_desk import KNOWN, Desk
from reanalyse_genome import KEYS
from reanalyse_passes import build, changes_between, delta, full
from reanalyse_people import Patient
from reanalyse_release import lay_out
from reanalyse_world import Said

from ariane import files
from ariane.model import engine
from ariane.model.case import Consent, Status
from ariane.model.errors import ArianeError, InputFaults
from ariane.reanalyse import cycle as cycles
from ariane.reanalyse.cycle import plan
from ariane.reanalyse.effective import shard_state
from ariane.reanalyse.frozen import chain, inputs_folder, is_frozen, open_cycle, receipt
from ariane.reanalyse.sums import write_sums


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


NAMES = ["families.tsv", "policy.yaml", "decisions.tsv"]
NAMES += ["configuration.json", "follow_up.tsv", "seen.json"]
NAMES += [f"cases/{n:03d}-of-004.jsonl" for n in range(4)]
NAMES += [f"fingerprints/{n:03d}-of-004.json" for n in range(4)]


@pytest.mark.parametrize("name", [*NAMES, "cycle.json", "sha256.json"])
def test_killed_at_any_file_nothing_has_begun(
    name: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = files.write_bytes

    def killed(path: Path, content: bytes) -> None:
        if path.as_posix().endswith(f"/{name}"):
            raise KeyboardInterrupt
        write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(files, "write_bytes", killed)
        with pytest.raises(KeyboardInterrupt):
            desk.freeze("c1")
    assert not is_frozen(desk.state, "c1")
    assert list((desk.state / "cycles" / "c1").iterdir()) == []
    frozen = desk.freeze("c1")
    assert sorted(receipt(frozen)["sha256"]) == sorted([*NAMES, "cycle.json"])


@pytest.mark.parametrize("name", [*NAMES, "cycle.json"])
def test_a_frozen_file_that_was_changed_is_told(name: str, desk: Desk) -> None:
    """Cut at the end of a line it would be read without a fault, and lose cases."""
    desk.freeze("c1", [desk.case("F1"), desk.case("F2")])
    path = inputs_folder(desk.state, "c1") / name
    content = path.read_bytes()
    for other in (content[: content.rfind(b"\n", 0, -1) + 1], content + b"\n", b""):
        if other != content:
            path.write_bytes(other)
            with pytest.raises(ArianeError, match=rf"inputs: {name}: not what was frozen"):
                read_whole(desk)
    path.unlink()
    with pytest.raises(ArianeError, match=rf"inputs: {name}: not what was frozen"):
        read_whole(desk)
    path.write_bytes(content)
    (inputs_folder(desk.state, "c1") / "more.tsv").write_text("", encoding="utf-8")
    with pytest.raises(ArianeError, match=r"more\.tsv: not what was frozen"):
        open_cycle(desk.state, "c1")


def read_whole(desk: Desk) -> None:
    """Read all that jobs read, shard by shard."""
    frozen = open_cycle(desk.state, "c1")
    for shard in frozen.shards:
        frozen.cases_of(shard)
        frozen.fingerprints_of(shard)


def test_later_edits_belong_to_the_next_cycle(desk: Desk) -> None:
    frozen = desk.freeze("c1")
    before = receipt(frozen)
    desk.decide("F1 | solved | HGNC:1 | | | RCP-1 | RCP | R1 | 2024-01-02 | ")
    for name in ("families.tsv", "policy.yaml", "case.vcf"):
        (desk.root / name).write_text("edited: true\n", encoding="utf-8")
    assert open_cycle(desk.state, "c1") == frozen
    assert desk.freeze("c1", [desk.case("F9")], shards=9) == frozen
    assert receipt(open_cycle(desk.state, "c1")) == before


def test_two_processes_that_begin_the_same_cycle(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second finds the folder there when it comes to rename its own."""
    frozen = desk.freeze("c1")
    seen = iter([False, True, True])
    with monkeypatch.context() as patch:
        patch.setattr(cycles, "is_frozen", lambda *_: next(seen))
        assert desk.freeze("c1", [desk.case("F9")]) == frozen
    assert len(list((desk.state / "cycles" / "c1").iterdir())) == 1


def test_the_first_cycle_is_full_and_the_next_a_delta(desk: Desk) -> None:
    assert desk.freeze("c1").cycle.reasons == ("the first cycle of the cohort",)
    second = desk.freeze("c2", previous="c1", release="B").cycle
    assert (second.kind, second.reasons, second.anew) == ("delta", (), ())


@pytest.mark.parametrize("room", ["annotation", "ranking"])
def test_another_engine_forces_a_full_pass(
    room: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.freeze("c1")
    engine_now = engine.numbers()
    monkeypatch.setattr(engine, room.upper(), 99)
    second = desk.freeze("c2", previous="c1").cycle
    assert second.kind == "full"
    assert second.reasons == (f"the {room} engine went from {engine_now[room]} to 99",)


def test_another_report_engine_does_not(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.freeze("c1")
    monkeypatch.setattr(engine, "REPORTING", 99)
    assert desk.freeze("c2", previous="c1").cycle.kind == "delta"


def test_other_constants_force_a_full_pass(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.freeze("c1")
    (tmp_path / "resources").mkdir()
    (tmp_path / "resources" / "ranking.yaml").write_text("version: 2\n", encoding="utf-8")
    monkeypatch.setattr(files, "RESOURCES", tmp_path / "resources")
    second = desk.freeze("c2", previous="c1").cycle
    assert second.reasons == ("the constants in resources/ changed",)


def test_full_asked_and_another_profile(desk: Desk) -> None:
    desk.freeze("c1")
    asked = desk.freeze("c2", previous="c1", full=True).cycle
    assert asked.reasons == ("the configuration asks for a full pass",)
    other = desk.freeze("c3", previous="c1", profile="other").cycle
    assert other.reasons == ("the ACMG profile went from clingen to other",)


def test_another_reference_and_a_new_resource(desk: Desk) -> None:
    desk.freeze("c1")
    desk.laid["B"] = lay_out(desk.root, "B", KNOWN, {"reference": ">another\n"})
    second = desk.freeze("c2", previous="c1", release="B").cycle
    assert second.reasons == ("the release's reference changed",)
    desk.laid["C"] = lay_out(desk.root, "C", replace(KNOWN, lacks=frozenset({"dosage"})))
    third = desk.freeze("c3", previous="c1", release="C").cycle
    assert third.reasons == ("the release no longer holds 'dosage'",)


def test_a_release_edited_behind_our_back_forces_a_full_pass(desk: Desk) -> None:
    desk.freeze("c1")
    desk.laid["A"] = lay_out(desk.root, "A", replace(KNOWN, assertions={}))
    second = desk.freeze("c2", previous="c1").cycle
    assert second.reasons == ("release A is not what it was in cycle c1",)


def test_the_number_of_shards_is_fixed(desk: Desk) -> None:
    desk.freeze("c1")
    with pytest.raises(InputFaults, match="'shards' is 8, but the cohort started with 4"):
        desk.freeze("c2", previous="c1", shards=8)
    assert not is_frozen(desk.state, "c2")


def test_a_policy_that_cannot_be_read_is_not_frozen(desk: Desk) -> None:
    (desk.root / "policy.yaml").write_text("due_days: {withdrawn: 3}\n", encoding="utf-8")
    with pytest.raises(ArianeError, match=r"policy\.yaml: missing or wrong"):
        desk.freeze("c1")
    assert not is_frozen(desk.state, "c1")


def test_consent(desk: Desk) -> None:
    silent = desk.case("F2", consent=Consent())
    gone = desk.case("F3", status=Status.WITHDRAWN)
    cases = [desk.case("F1"), silent, gone]
    first = desk.freeze("c1", cases)
    assert [case.id for case in first.cases] == ["F1", "F2"]
    assert first.cycle.excluded == {"F3": "consent withdrawn"}
    desk.decide("F1 | consent withdrawn | | | | | | | 2024-02-01 | ")
    second = desk.freeze("c2", cases, previous="c1")
    assert second.cases == ()
    assert second.cycle.excluded == {
        "F1": "consent withdrawn",
        "F2": "no consent to reanalysis",
        "F3": "consent withdrawn",
    }


def test_the_last_decision_gives_the_status(desk: Desk) -> None:
    desk.decide(
        "F1 | refuted | | | | RCP-1 | RCP | R2 | 2024-02-01 | ",
        "F1 | solved | HGNC:1 | | | RCP-1 | RCP | R1 | 2023-02-01 | ",
    )
    frozen = desk.freeze("c1", [desk.case("F1"), desk.case("F2", status=Status.IMPASSE)])
    assert [case.status for case in frozen.cases] == [Status.REFUTED, Status.IMPASSE]
    assert [d.outcome for d in frozen.decisions] == [Status.SOLVED, Status.REFUTED]


def test_faulty_decisions_stop_the_cycle(desk: Desk) -> None:
    desk.decide("F1 | solved | | | | | | | 2024-02-01 | ")
    with pytest.raises(InputFaults, match="without actor"):
        desk.freeze("c1")


def test_cases_taken_up_anew(desk: Desk) -> None:
    one, two = desk.case("F1"), desk.case("F2")
    desk.freeze("c1", [one, two])
    pedigree = replace(two, members=(replace(two.members[0], affected=None),))
    phenotype = replace(one, phenotype=replace(one.phenotype, observed=("HP:0001001",)))
    second = desk.freeze("c2", [phenotype, pedigree, desk.case("F3")], previous="c1").cycle
    assert second.anew == ("F2", "F3"), "phenotype is not local: it is scored for all anyway"
    (desk.root / "case.vcf").write_text("other calls\n", encoding="utf-8")
    assert desk.freeze("c3", [one, two], previous="c1").cycle.anew == ("F1", "F2")


@pytest.mark.parametrize(
    "more", [{"gene_padding": 50}, {"regions": "regions.bed"}, {"engine": "csq"}]
)
def test_other_regions_take_all_cases_up_anew(more: dict[str, object], desk: Desk) -> None:
    desk.freeze("c1")
    if "regions" in more:
        more = {"regions": desk.root / "regions.bed"}
    second = desk.freeze("c2", previous="c1", **more).cycle
    assert (second.kind, second.anew) == ("delta", ("F1",))


def test_an_unchanged_file_is_not_read_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.freeze("c1")
    read: list[Path] = []
    real = files.sha256_of

    def reading(path: Path) -> str:
        read.append(path)
        return real(path)

    monkeypatch.setattr(files, "sha256_of", reading)
    vcf = desk.root / "case.vcf"
    desk.freeze("c2", previous="c1")
    assert vcf not in read
    os.utime(vcf, ns=(1, 1))
    third = desk.freeze("c3", previous="c1").cycle
    assert vcf in read
    assert third.anew == ()


def test_a_chain_that_bites_its_tail(desk: Desk) -> None:
    desk.freeze("c1")
    desk.freeze("c2", previous="c1")
    path = inputs_folder(desk.state, "c1") / "cycle.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(raw | {"kind": "delta", "previous": "c2"}), encoding="utf-8")
    write_sums(path.parent)
    with pytest.raises(ArianeError, match="follows itself"):
        chain(desk.state, "c2")


def test_a_chain_starts_at_the_last_full_pass(desk: Desk) -> None:
    desk.freeze("c1")
    desk.freeze("c2", previous="c1", full=True)
    desk.freeze("c3", previous="c2")
    desk.freeze("c4", previous="c3")
    assert [c.cycle for c in chain(desk.state, "c4")] == ["c2", "c3", "c4"]
    with pytest.raises(ArianeError, match="'c9' was never begun"):
        open_cycle(desk.state, "c9")


def test_a_chain_starts_at_the_last_delta_that_was_written_whole(desk: Desk) -> None:
    desk.freeze("c0")
    for n in range(1, 7):
        desk.freeze(f"c{n}", previous=f"c{n - 1}", compact_after=3)
    cycles = [open_cycle(desk.state, f"c{n}").cycle for n in range(7)]
    assert [c.kind for c in cycles] == ["full", *["delta"] * 6]
    assert [c.cycle for c in cycles if c.compacted] == ["c3", "c6"]
    assert [c.cycle for c in chain(desk.state, "c5")] == ["c3", "c4", "c5"]
    assert [c.cycle for c in chain(desk.state, "c6")] == ["c6"]
    again = desk.freeze("c7", previous="c6", compact_after=1, full=True).cycle
    assert (again.base, again.compacted) == (True, False)


def test_plan_writes_nothing(desk: Desk) -> None:
    plan(desk.settings("c1"), desk.laid["A"].release, [desk.case()], desk.state)
    assert not desk.state.exists()


def test_a_past_cycle_replays_to_the_byte(desk: Desk) -> None:
    """A full pass, then a delta, over frozen cases; edits and replay give the same tables."""
    call = {0: {"child": "0/1:15,15:30:99:."}}
    desk.laid["B"] = lay_out(desk.root, "B", replace(KNOWN, assertions={KEYS[0]: (Said("B", 2),)}))
    desk.freeze("c1")
    desk.freeze("c2", previous="c1", release="B")

    def run(mark: str) -> list[dict[str, str]]:
        ranked = [Patient(case, call) for case in open_cycle(desk.state, "c1").cases]
        store = build(desk.root, f"store-{mark}", ranked)
        base = full(ranked, store, desk.laid["A"], desk.root / f"full-{mark}")
        changes = changes_between(desk.root, desk.laid["A"], desk.laid["B"])
        again = [Patient(case, call) for case in open_cycle(desk.state, "c2").cases]
        over = delta(again, store, desk.laid["B"], [base], changes, desk.root / f"delta-{mark}")
        return [shard_state([base]).digests(), shard_state([base, over]).digests()]

    before = run("before")
    assert before[0] != before[1]
    desk.decide("F1 | consent withdrawn | | | | | | | 2024-02-01 | ")
    (desk.root / "policy.yaml").write_text("nothing\n", encoding="utf-8")
    assert run("after") == before
