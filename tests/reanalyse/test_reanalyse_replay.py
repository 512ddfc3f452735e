"""Any past cycle comes out again from its frozen inputs and its release, whatever people edit."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from reanalyse_lab import BASE, GOOD, MISSENSE, STOP, Laboratory
from reanalyse_people import Patient, family
from reanalyse_world import TERMS, Said

import new_cycle
from ariane.model import engine
from ariane.model.errors import ArianeError
from ariane.model.seen import seen_hash
from ariane.reanalyse.fingerprints import read_fingerprints
from ariane.reanalyse.frozen import history, inputs_folder
from ariane.reanalyse.seen import case_state

CYCLES = ("c0", "c1", "c2", "c3")
SOLVED = f"F1|solved|HGNC:1|{STOP}|OMIM:1|RCP-1|RCP|R1|2024-01-02|"
WITHDRAWN = "F1|consent withdrawn|||||||2024-05-01|"
ONE = Patient(family("F1", observed=TERMS[3:4]), {3: {"child": GOOD}, 0: {"child": GOOD}})
TWO = Patient(family("F2", observed=TERMS[3:5]), {0: {"child": GOOD}, 5: {"child": GOOD}})
THREE = Patient(family("F3", observed=TERMS[3:4]), {3: {"child": GOOD}})
RAISED = replace(BASE, assertions={**BASE.assertions, MISSENSE: (Said("P", 2),)})
LOWERED = replace(RAISED, assertions={MISSENSE: (Said("LP", 1),), STOP: (Said("VUS", 1),)})
OTHERWISE = replace(LOWERED, gene_disease={("HGNC:1", "OMIM:2"): "AD"})


def cap(lab: Laboratory, number: str) -> None:
    path = lab.desk.root / "policy.yaml"
    text = path.read_text(encoding="utf-8")
    line = "  per_site_and_cycle: "
    head, _, tail = text.partition(line)
    path.write_text(f"{head}{line}{number}\n{tail.partition(chr(10))[2]}", encoding="utf-8")


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """Four cycles, the third a full pass that was asked for; a fifth over other inputs."""
    lab = Laboratory(tmp_path_factory.mktemp("past"), shards=2)
    desk = lab.desk
    lab.cycle(BASE, [ONE, TWO])
    cap(lab, "1")
    lab.cycle(RAISED, [ONE, TWO], SOLVED)
    seen = case_state(lab.results, history(desk.state, "c1")[0], 2, "F2")
    assert seen is not None
    finding = f"HGNC:1|AD|{MISSENSE}"
    mark = seen_hash(*seen[finding])
    desk.act(f"F2; {finding}; triage; dismissed; RPPS-1; biologist; ; 2024-05-01; {mark}; known")
    lab.begin("c2", LOWERED, [ONE, TWO, THREE], full=True)
    lab.run("c2")
    lab.begin("c3", OTHERWISE, [ONE, TWO, THREE])
    lab.run("c3")
    kinds = [lab.facts(name).kind for name in CYCLES]
    assert kinds == ["full", "delta", "full", "delta"]
    for name in CYCLES:
        begin_again(lab, name)
    edit(lab)
    lab.begin("c4", BASE, [ONE, THREE])
    lab.run("c4")
    assert lab.facts("c4").excluded == {"F1": "consent withdrawn"}
    return lab


def edit(lab: Laboratory) -> None:
    """Everything that people may edit between two cycles."""
    root = lab.desk.root
    lab.desk.decide(WITHDRAWN)
    (root / "follow_up.tsv").unlink()
    (root / "families.tsv").write_text("another sheet\n", encoding="utf-8")
    cap(lab, "null")
    policy = root / "policy.yaml"
    text = policy.read_text(encoding="utf-8").replace("points: 1.0 ", "points: 9.0 ")
    policy.write_text(text.replace("new candidate: 30", "new candidate: 1"), encoding="utf-8")


def begin_again(lab: Laboratory, name: str) -> None:
    """What the rule that freezes does for a cycle that has begun: its receipt is written."""
    settings = {"cycle": name, "release": name, "families": "families.tsv"}
    receipt = lab.home(name) / "inputs.json"
    given = [f"--settings={json.dumps(settings)}", f"--state={lab.desk.state}"]
    new_cycle.main([*given, f"--receipt={receipt}"])


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def exports(lab: Laboratory) -> list[dict[str, str]]:
    return [state.digests() for name in CYCLES for state in lab.states(name).values()]


@pytest.mark.parametrize("name", CYCLES)
def test_a_past_cycle_comes_out_again(name: str, past: Laboratory) -> None:
    """Tables, events, flags and queue to the byte; so the canonical exports too."""
    everything, digests = contents(past.results / "cycles"), exports(past)
    shutil.rmtree(past.home(name))
    past.store([ONE, TWO, THREE])  # as the configuration of that cycle asks for
    begin_again(past, name)
    past.run(name)
    assert contents(past.results / "cycles") == everything
    assert exports(past) == digests


def test_all_come_out_again_from_nothing(past: Laboratory) -> None:
    everything = contents(past.results / "cycles")
    shutil.rmtree(past.results / "cycles")
    for name in CYCLES:
        begin_again(past, name)
    past.store([ONE, TWO, THREE])
    for name in (*CYCLES, "c4"):
        past.run(name)
    assert contents(past.results / "cycles") == everything


def test_each_cycle_says_something_of_its_own(past: Laboratory) -> None:
    """Else the replay of one would prove nothing of another."""
    told = [past.told(name) for name in CYCLES]
    assert len({repr(one.events) for one in told}) == len(CYCLES)
    assert len({repr(exports(past)[2 * n : 2 * n + 2]) for n in range(len(CYCLES))}) == 4
    assert any(flag["queued"] for flag in told[2].flags)
    assert "diagnosis at risk" in told[2].reasons("F1")


def test_a_store_without_a_case_of_the_cycle_is_refused(past: Laboratory) -> None:
    """One that left the sheet is not in the store any more, and would be lost without a word."""
    past.store([ONE, THREE])
    told = "not the candidates of F2, which cycle c1 took up.* with the configuration of that cycle"
    with pytest.raises(ArianeError, match=told):
        past.rank("c1", past.shard("F2"))
    past.rank("c4", past.shard("F2"))


@pytest.mark.parametrize("name", ["c1", "c2"])
def test_another_release_is_refused(name: str, past: Laboratory) -> None:
    manifest = past.desk.root / "releases" / name / "manifest.yaml"
    content = manifest.read_text(encoding="utf-8")
    manifest.write_text(content.replace("2024-03-06", "2024-03-07"), encoding="utf-8")
    past.store([ONE, TWO, THREE])
    try:
        with pytest.raises(ArianeError, match=f"not the release that cycle '{name}' began with"):
            past.rank(name, past.shards[0])
    finally:
        manifest.write_text(content, encoding="utf-8")


def test_other_calls_and_other_code_are_refused(
    past: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    past.store([ONE, TWO, THREE])
    path = past.results / "cases" / "F2" / "annotation.json"
    content = path.read_text(encoding="utf-8")
    told = json.loads(content) | {"vcf_sha256": "another"}
    path.write_text(json.dumps(told), encoding="utf-8")
    inputs = inputs_folder(past.desk.state, "c1")
    vcf = Path(read_fingerprints(inputs)["F2"]["path"])
    calls = vcf.read_bytes()
    try:
        with pytest.raises(ArianeError, match=r"F2 was annotated from another VCF .* Delete .*F2"):
            past.rank("c1", past.shard("F2"))
        vcf.write_bytes(calls + b"#")
        with pytest.raises(ArianeError, match="the VCF of F2 changed after the cycle began"):
            past.rank("c1", past.shard("F2"))
    finally:
        path.write_text(content, encoding="utf-8")
        vcf.write_bytes(calls)
    monkeypatch.setattr(engine, "RANKING", engine.RANKING + 1)
    with pytest.raises(ArianeError, match="cycle c1: the ranking engine changed after"):
        past.rank("c1", past.shards[0])
