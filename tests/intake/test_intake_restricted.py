"""Files of decisions that more people may come to read than should."""

from __future__ import annotations

from pathlib import Path

from ariane.files import REPOSITORY, RESOURCES
from ariane.intake.restricted import open_to_others
from ariane.model.errors import Level


def test_a_file_that_others_may_read(tmp_path: Path) -> None:
    path = tmp_path / "decisions.tsv"
    path.write_text("", encoding="utf-8")
    path.chmod(0o640)
    (fault,) = open_to_others(path, "decisions", "config.yaml")
    assert fault.level is Level.WARNING
    assert "(mode 0640)" in fault.what
    assert fault.advice == f"Run: chmod 600 {path}"
    path.chmod(0o600)
    assert list(open_to_others(path, "decisions", "config.yaml")) == []


def test_a_file_inside_the_repository() -> None:
    tracked = REPOSITORY / "config" / "config.yaml"
    found = [fault.what for fault in open_to_others(tracked, "follow_up", "config.yaml")]
    assert any("lies inside the repository" in what for what in found)
    invented = RESOURCES / "demo" / "decisions.tsv"
    assert list(open_to_others(invented, "decisions", "demo.yaml")) == []
