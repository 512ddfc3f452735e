"""What the documentation names exists, and the files that say a thing twice say the same."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from lxml import etree
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ariane.knowledge.decisions import COLUMNS as DECISION_COLUMNS
from ariane.reanalyse.steps import COLUMNS as STEP_COLUMNS

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").glob("*.md"),
        ROOT / "config" / "README.md",
        ROOT / "resources" / "demo" / "README.md",
    ]
)
FOLDERS = (
    "config/",
    "docs/",
    "resources/",
    "rules/",
    "scripts/",
    "tests/",
    "workflow/",
    ".ci/",
)
"""Tracked folders: a path named below them must exist."""
OWN_FILES = frozenset({"config/families.tsv", "config/decisions.tsv", "config/policy.yaml"})
"""Files that the reader is told to make."""
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]+)\)")
PATH = re.compile(rf"(?<![\w/.-])((?:{'|'.join(map(re.escape, FOLDERS))})[\w./-]*\w/?)")
COMMAND = re.compile(r"(?:python[\d.]*|bin/python) (scripts/[\w.]+|[\w./]+\.py)")
CONDA_NAMES = {"python-duckdb": "duckdb", "snakemake-minimal": "snakemake"}


def pyproject() -> dict:
    """The project's own description."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def bounds(requirements: list[str]) -> dict[str, str]:
    """Lower bound by canonical name."""
    found = {}
    for text in requirements:
        needed = Requirement(text)
        lower = [part.version for part in needed.specifier if part.operator == ">="]
        assert lower, f"{text}: no lower bound"
        found[canonicalize_name(needed.name)] = lower[0]
    return found


def locked(lock: str) -> dict[str, list[Version]]:
    """Versions by name in a lock; several where they differ by platform."""
    found: dict[str, list[Version]] = {}
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)==([^\s;\\]+)", line):
            found.setdefault(canonicalize_name(match[1]), []).append(Version(match[2]))
    return found


def slug(heading: str) -> str:
    """The anchor that GitHub and MkDocs give a heading of plain words."""
    return re.sub(r"[\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())


def tracked() -> Iterator[tuple[str, str]]:
    """Every text file of the project, tracked or new, with its content."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    for name in filter(None, listed.decode().split("\0")):
        path = ROOT / name
        if path.is_file():
            yield name, path.read_bytes().decode("utf-8", errors="replace")


def name_of(path: Path) -> str:
    """A path as the tests' names show it."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        file, _, anchor = link.partition("#")
        target = page.parent / file if file else page
        if not target.exists():
            broken.append(link)
        elif anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            if anchor not in {slug(heading) for heading in headings}:
                broken.append(link)
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_path_and_program_named_exists(page: Path) -> None:
    text = re.sub(r"https?://\S+", "", page.read_text(encoding="utf-8"))
    named = set(PATH.findall(LINK.sub("]", text))) | set(COMMAND.findall(text))
    beside = (ROOT, page.parent)  # a README may speak of its own folder
    absent = {
        path
        for path in named - OWN_FILES
        if "..." not in path and not any((folder / path).exists() for folder in beside)
    }
    assert not absent


def test_contributing_names_every_room_and_real_files() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in (ROOT / "workflow" / "ariane").glob("*/__init__.py")}
    told = page.partition("## The rooms")[2].partition("## ")[0]
    assert rooms <= set(re.findall(r"`(\w+)`", told))
    assert rooms <= {path.name for path in (ROOT / "tests").iterdir()}
    for steps in ("Add a resource", "Add a criterion", "Add a registry", "Add a test case"):
        part = page.partition(f"## {steps}")[2].partition("\n## ")[0]
        files = {path for path in PATH.findall(part) if (ROOT / path).exists()}
        assert len(files) >= 4, steps
        assert files == set(PATH.findall(part)), steps
        symbols = re.findall(r"`([a-z_]+|[A-Z]{4,})` (?:of|in) `(workflow/[\w/.]+\.py)`", part)
        for symbol, path in symbols:
            assert symbol in (ROOT / path).read_text(encoding="utf-8"), (symbol, path)


def test_every_make_target_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
    named = {
        target
        for page in PAGES
        for target in re.findall(
            r"(?:`|^)make ([a-z][\w-]*)", page.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    assert {"demo", "test", "venv"} <= named
    assert named <= targets


def test_every_option_named_in_a_command_exists() -> None:
    unknown = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8").replace("\\\n", " ")
        for script, rest in re.findall(r"python (scripts/\w+\.py)([^\n`]*)", text):
            source = (ROOT / script).read_text(encoding="utf-8")
            options = re.findall(r"(?<![\w-])--[\w-]+", rest.split("#")[0])
            unknown += [f"{page.name}: {script} {o}" for o in options if f'"{o}"' not in source]
    assert not unknown


def test_config_readme_explains_every_key_and_column() -> None:
    readme = (ROOT / "config" / "README.md").read_text(encoding="utf-8")
    explained = {
        name
        for line in readme.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    schemas = ROOT / "workflow" / "schemas"
    keys = yaml.safe_load((schemas / "config.schema.yaml").read_text("utf-8"))["properties"]
    columns = json.loads((schemas / "families.schema.json").read_text("utf-8"))["properties"]
    kept = {*DECISION_COLUMNS, *STEP_COLUMNS}
    assert explained == set(keys) | set(columns) | kept


def test_config_readme_gives_the_defaults_of_the_schema() -> None:
    readme = (ROOT / "config" / "README.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| `([^`]+)` \|", readme, re.MULTILINE))
    schema = ROOT / "workflow" / "schemas" / "config.schema.yaml"
    keys = yaml.safe_load(schema.read_text(encoding="utf-8"))["properties"]
    defaults = {name: key["default"] for name, key in keys.items() if "default" in key}
    assert {name: yaml.safe_load(value) for name, value in told.items()} == defaults


def test_the_release_example_describes_every_kind_of_resource() -> None:
    from ariane.knowledge.release import FORMATS, LICENCE_CLASSES

    page = (ROOT / "docs" / "own-data.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(name:.*?)```", page, re.DOTALL)
    assert example
    resources = yaml.safe_load(example[1])["resources"]
    assert set(resources) == set(FORMATS)
    for kind, entry in resources.items():
        assert entry["format"] in FORMATS[kind]
        assert entry["licence"]["class"] in LICENCE_CLASSES


def test_conda_environment_has_the_bounds_of_pyproject() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["channels"] == ["conda-forge", "bioconda"]
    plain = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    inner = next(e["pip"] for e in environment["dependencies"] if isinstance(e, dict))
    listed = [e for e in plain if e != "pip"] + [e for e in inner if not e.startswith("-e")]
    conda = {CONDA_NAMES.get(name, name): bound for name, bound in bounds(listed).items()}
    project = pyproject()["project"]
    wanted = bounds(project["dependencies"])
    wanted["python"] = project["requires-python"].removeprefix(">=")
    extra = set(conda) - set(wanted)
    assert {name: conda.get(name) for name in wanted} == wanted
    assert extra <= set(bounds(project["optional-dependencies"]["dev"]))
    for name in extra:
        assert conda[name] == bounds(project["optional-dependencies"]["dev"])[name]


def test_lock_holds_every_dependency_at_or_above_its_bound() -> None:
    project = pyproject()["project"]
    extras = [text for group in project["optional-dependencies"].values() for text in group]
    held = locked("requirements.lock")
    for name, bound in bounds(project["dependencies"] + extras).items():
        assert name in held, f"{name} is not locked"
        assert min(held[name]) >= Version(bound)


def test_lock_of_tools_holds_what_it_is_made_from() -> None:
    lines = (ROOT / "requirements-tools.in").read_text(encoding="utf-8").splitlines()
    needed = [Requirement(line) for line in lines if line and not line.startswith("#")]
    held = locked("requirements-tools.lock")
    assert needed
    for one in needed:
        assert all(one.specifier.contains(v) for v in held[canonicalize_name(one.name)])


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-tools.lock"])
def test_every_locked_package_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    entries = [entry for entry in entries if "==" in entry]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert "--index-url" not in text


def test_no_file_names_a_registry_host_or_a_machine_path() -> None:
    # Spelled in parts, so that this file does not hold what it forbids.
    forbidden = [
        ".".join(("pypi", "org")),
        ".".join(("pythonhosted", "org")),
        "/".join(("", "opt", "pypi")),
        "/".join(("", "work", "main")),
        "/".join(("", "work", "shared")),
        "--" + "extra-index-url",
    ]
    found = [f"{name}: {word}" for name, text in tracked() for word in forbidden if word in text]
    assert not found


def test_hpo_terms_come_from_hpo3_only() -> None:
    other = "py" + "hpo"
    required = {
        canonicalize_name(Requirement(t).name) for t in pyproject()["project"]["dependencies"]
    }
    assert "hpo3" in required
    assert other not in required
    assert other not in locked("requirements.lock")
    # The library hpo3 is imported under the other's name: only what is installed counts.
    environment = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert other not in environment


def test_licence_and_citation_agree_with_the_project() -> None:
    project = pyproject()["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"] == "MIT"
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")
    assert [a["name"] for a in citation["authors"]] == [a["name"] for a in project["authors"]]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    said = re.search(r"^## \[(\d[^\]]*)\]", changelog, re.MULTILINE)
    assert project["version"] in (said[1] if said else changelog)


def test_tutorial_names_the_leading_genes_that_the_demo_is_held_to() -> None:
    lines = (ROOT / "resources" / "demo" / "expected.tsv").read_text("utf-8").splitlines()
    columns = lines[0].split("\t")
    expected = [dict(zip(columns, line.split("\t"), strict=True)) for line in lines[1:]]
    page = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    told = {
        cells[0]: cells[1:3]
        for cells in (
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in page.splitlines()
            if line.startswith("| DEMO-")
        )
    }
    assert set(told) == {row["case"] if "case" in row else row["case_id"] for row in expected}
    for row in expected:
        for cell, rank in zip(told[row["case_id"]], (row["rank_a"], row["rank_b"]), strict=True):
            assert cell.split(",")[0] == ("none" if rank == "none" else row["symbol"])


def test_the_picture_of_the_flow_is_read_in_light_and_dark_and_asks_for_nothing() -> None:
    text = (ROOT / "docs" / "pictures" / "flow.svg").read_text(encoding="utf-8")
    picture = etree.fromstring(text)
    assert [part.tag.rpartition("}")[2] for part in picture][:2] == ["title", "desc"]
    light, _, dark = text.partition("prefers-color-scheme: dark")
    shown = set(re.findall(r'class="(\w)"', text))
    for name in sorted(shown):
        assert f".{name} {{" in light, name
        assert f".{name} {{" in dark, name
    assert re.findall(r"https?://[^\s\"]+", text) == ["http://www.w3.org/2000/svg"]
    assert "flow.svg" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_pictures_shown_are_small() -> None:
    pictures = sorted((ROOT / "docs" / "pictures").glob("*.png"))
    assert pictures
    for picture in pictures:
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size < 250_000
        assert any(picture.name in page.read_text(encoding="utf-8") for page in PAGES)
