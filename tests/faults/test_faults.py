"""Each entry of ``cases/*.yaml``: a broken input, and exactly what its program says of it.

After a change of messages that is meant, write them anew with ``python tests/faults/write_says.py``
and read the difference.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from fault_cases import (
    CASES,
    OUT,
    PROGRAMS,
    FaultCase,
    checksums,
    lay_out,
    quietly,
    read_cases,
    run,
)

FILES = sorted(CASES.glob("*.yaml"))
EVERY = [(path.stem, case) for path in FILES for case in read_cases(path)]


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The releases made of the base as it is."""
    return make_ready(tmp_path_factory.mktemp("faults"))


def make_ready(folder: Path) -> Path:
    with pytest.MonkeyPatch.context() as here:
        here.chdir(folder)
        nothing = FaultCase("", "", (), (), False, (), 0, "")
        lay_out(nothing, folder, folder)
        quietly("make_release", ["release.yaml"])
    return folder / "releases"


@pytest.mark.parametrize(
    "case", [case for _, case in EVERY], ids=[f"{file}-{case.name}" for file, case in EVERY]
)
def test_a_broken_input_is_told_in_words_and_leaves_nothing(
    case: FaultCase, tmp_path: Path, ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lay_out(case, tmp_path, ready)
    before = checksums(tmp_path)
    status, said = run(case.program, list(case.arguments) or PROGRAMS[case.program])
    assert "Traceback" not in said
    assert (said, status) == (case.says, case.status)
    assert checksums(tmp_path) == before, "an input was changed, or a file left beside it"
    if case.status:
        left = [path for path in OUT.rglob("*") if path.is_file() and path.parts[1] != "files"]
        assert left == []
    assert not [path for path in OUT.rglob(".*") if path.is_file()]


def test_names_are_given_once_and_the_corpus_is_wide() -> None:
    names = [f"{file}-{case.name}" for file, case in EVERY]
    assert len(set(names)) == len(names)
    wanted = {
        "vcf": 60, "ped": 15, "phenopacket": 20, "sheet": 20, "fasta": 10, "gff3": 10,
        "release": 20,
    }  # fmt: skip
    counts = {file: sum(1 for f, _ in EVERY if f == file) for file, _ in EVERY}
    assert {file: least for file, least in wanted.items() if counts.get(file, 0) < least} == {}


def test_the_base_itself_is_good(
    tmp_path: Path, ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lay_out(FaultCase("", "", (), (), True, (), 0, ""), tmp_path, ready)
    for name, arguments in PROGRAMS.items():
        status, said = run(name, arguments)
        assert status == 0, said
        assert "error:" not in said
