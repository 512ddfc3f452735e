"""Each folder of ``cases/`` is one set of inputs; ``expected.txt`` holds exactly what is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from intake_folders import HERE, lay_out

from ariane.intake.check import check_config
from ariane.model.errors import Level

CASES = sorted(path.parent for path in (HERE / "cases").glob("*/expected.txt"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_each_folder_says_what_is_expected(
    case: Path, tmp_path: Path, releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(case, tmp_path, releases)
    before = {p: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()}
    monkeypatch.chdir(tmp_path)
    _, cases, faults = check_config(Path("config.yaml"))
    failed = {f.case for f in faults if f.level is Level.ERROR}
    assert not failed & {c.id for c in cases}
    assert cases == sorted(cases, key=lambda c: c.id)
    told = "".join(f"{fault}\n" for fault in faults)
    assert told == (case / "expected.txt").read_text(encoding="utf-8")
    after = {p: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()}
    assert before == after, "the check wrote or changed a file"


def test_there_are_at_least_forty_folders() -> None:
    assert len(CASES) >= 40
