"""The offline bundle: the same bytes twice, and an installation without a network."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from ariane.files import REPOSITORY, sha256_of
from ariane.knowledge.fetch.bundle import make_bundle
from ariane.knowledge.release import Release
from ariane.model.errors import ArianeError

DEMO = REPOSITORY / "resources" / "demo" / "releases"
TOML = """[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "smoke"
version = "1"
"""
# A build backend of its own: the test needs no setuptools, as pip finds none without an index.
BACKEND = """
import os, zipfile
INFO = "smoke-1.dist-info"
WHEEL = "Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
def build_editable(folder, config=None, metadata=None):
    name = "smoke-1-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as out:
        out.writestr("smoke.pth", os.getcwd() + "\\n")
        out.writestr(INFO + "/METADATA", "Metadata-Version: 2.1\\nName: smoke\\nVersion: 1\\n")
        out.writestr(INFO + "/WHEEL", WHEEL)
        out.writestr(INFO + "/RECORD", "")
    return name
def build_wheel(folder, config=None, metadata=None):
    raise RuntimeError
"""


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / "scripts").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(TOML, encoding="utf-8")
    (folder / "backend.py").write_text(BACKEND, encoding="utf-8")
    (folder / "smoke_module.py").write_text("import tiny\nWORD = tiny.WORD\n", encoding="utf-8")
    shutil.copy(REPOSITORY / "scripts" / "install.sh", folder / "scripts")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return folder


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    with zipfile.ZipFile(folder / "tiny_thing-2.0-py3-none-any.whl", "w") as out:
        info = "tiny_thing-2.0.dist-info"
        files = {
            "tiny.py": "WORD = 'installed'\n",
            f"{info}/METADATA": "Metadata-Version: 2.1\nName: tiny-thing\nVersion: 2.0\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\n"
            "Tag: py3-none-any\n",
            f"{info}/RECORD": "",
        }
        for name, text in files.items():
            out.writestr(zipfile.ZipInfo(name), text)
    return folder


@pytest.fixture
def bundle(repository: Path, wheels: Path, tmp_path: Path) -> Path:
    made = make_bundle(repository, wheels, DEMO, ["demo-A"], tmp_path / "out" / "bundle.tar")
    assert (made.wheels, made.releases) == (1, ("demo-A",))
    return made.path


def unpacked(bundle: Path, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    with tarfile.open(bundle) as tar:
        tar.extractall(folder, filter="data")
    (top,) = folder.iterdir()
    return top


def install(top: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """In a namespace without a network where that can be made, else with pip's own word for it."""
    alone = ["unshare", "-rn"] if shutil.which("unshare") else []
    if alone and subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        alone = []
    return subprocess.run(
        [*alone, str(top / "install.sh"), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_same_bytes_twice(repository: Path, wheels: Path, bundle: Path, tmp_path: Path) -> None:
    again = make_bundle(repository, wheels, DEMO, ["demo-A"], tmp_path / "again.tar")
    assert sha256_of(again.path) == sha256_of(bundle)
    with tarfile.open(bundle) as tar:
        names = tar.getnames()
        assert names == sorted(names)
        assert {(m.uid, m.gid, m.uname) for m in tar.getmembers()} == {(0, 0, "")}


def test_it_installs_where_no_network_is(bundle: Path, tmp_path: Path) -> None:
    top = unpacked(bundle, tmp_path / "other")
    target = tmp_path / "installed"
    done = install(top, str(target), sys.executable)
    assert done.returncode == 0, done.stderr
    assert f"Ariane is installed in {target}." in done.stdout
    word = subprocess.run(
        [str(target / ".venv/bin/python"), "-c", "import smoke_module as s; print(s.WORD)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert word.stdout == "installed\n"
    assert (target / ".venv" / ".ready").is_file()
    Release.open(target / "releases" / "demo-A").verify()
    again = install(top, str(target), sys.executable)
    assert again.returncode == 2
    assert again.stderr == f"{target}: exists already. Name a folder that does not exist.\n"
    assert (target / "smoke_module.py").is_file()


def test_a_damaged_bundle_is_not_installed(bundle: Path, tmp_path: Path) -> None:
    top = unpacked(bundle, tmp_path / "other")
    spoiled = next((top / "releases").rglob("phenotype.hpoa"))
    spoiled.write_bytes(spoiled.read_bytes()[:-1] + b"!")
    done = install(top, str(tmp_path / "installed"), sys.executable)
    assert done.returncode == 2
    assert "phenotype.hpoa: FAILED" in done.stdout
    assert f"{top}: the bundle is damaged. Copy it again." in done.stderr
    assert not (tmp_path / "installed").exists()


def test_what_fails_in_the_middle_leaves_nothing(bundle: Path, tmp_path: Path) -> None:
    top = unpacked(bundle, tmp_path / "other")
    wanted = top / "requirements.offline.txt"
    wanted.write_text("absent==1 --hash=sha256:" + "0" * 64 + "\n", encoding="utf-8")
    sums = top / "SHA256SUMS"
    lines = [ln for ln in sums.read_text("utf-8").splitlines() if not ln.endswith(wanted.name)]
    sums.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = install(top, str(tmp_path / "installed"), sys.executable)
    assert done.returncode != 0
    assert done.stderr.endswith("Nothing was installed.\n")
    assert not (tmp_path / "installed").exists()


def test_another_python_is_refused(bundle: Path, tmp_path: Path) -> None:
    top = unpacked(bundle, tmp_path / "other")
    done = install(top, str(tmp_path / "installed"), "no-such-python")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert done.returncode == 2
    assert f"no-such-python: no such Python. Name a Python {version}" in done.stderr
    text = (top / "install.sh").read_text(encoding="utf-8")
    assert f'"{platform.system()} {platform.machine()}"' in text
    assert "@PYTHON@" not in text
    assert "@MACHINE@" not in text


def test_what_cannot_be_bundled(repository: Path, wheels: Path, tmp_path: Path) -> None:
    out = tmp_path / "bundle.tar"
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ArianeError, match=r"no wheel lies here\. Give a folder of wheels"):
        make_bundle(repository, empty, DEMO, [], out)
    with pytest.raises(ArianeError, match="A bundle is made of a git repository with a commit"):
        make_bundle(empty, wheels, DEMO, [], out)
    with pytest.raises(ArianeError, match="no release lies here"):
        make_bundle(repository, wheels, DEMO, ["absent"], out)
    shutil.copy(
        wheels / "tiny_thing-2.0-py3-none-any.whl", wheels / "Tiny.Thing-3-py3-none-any.whl"
    )
    with pytest.raises(ArianeError, match=r"the folder holds two wheels of tiny-thing\. Keep one"):
        make_bundle(repository, wheels, DEMO, [], out)
    assert not out.exists()


def test_a_damaged_release_is_not_bundled(repository: Path, wheels: Path, tmp_path: Path) -> None:
    releases = tmp_path / "releases"
    shutil.copytree(DEMO, releases)
    path = Release.open(releases / "demo-A").require("hpo_annotations")
    path.write_bytes(path.read_bytes() + b"!")
    with pytest.raises(ArianeError, match="its content is not what"):
        make_bundle(repository, wheels, releases, ["demo-A"], tmp_path / "bundle.tar")
    assert not (tmp_path / "bundle.tar").exists()
