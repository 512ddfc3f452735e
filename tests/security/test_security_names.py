"""Names that would leave their folder, or that a shell would read: refused, and told so."""

from __future__ import annotations

import shlex
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ariane.files import REPOSITORY
from ariane.intake.config import settings_of
from ariane.intake.ped import read_ped
from ariane.intake.sheet import REQUIRED, read_sheet
from ariane.intake.words import unsafe_name
from ariane.knowledge.fetch.refine import refine
from ariane.knowledge.release import Release, assemble
from ariane.model.errors import ArianeError

HOSTILE = (
    "../x", "..", "a/../../b", "/etc/passwd", "a/b", "a\\b", "C:\\x", "~root", ".hidden", "-rf",
    "--out=x", "a b", "a;id", "a|id", "a&id", "$(id)", "`id`", "${HOME}", "a'b", 'a"b', "a\nb",
    "a\n", "a\tb", "a\rb", "a\x00b", "*", "?", "[a]", "{case}", "{a,b}", "%s", "#a", "!a", "a>b",
    "a<b", "é", "\u202ea", "a\u200b", "con", "NUL.txt", "a.", "x" * 65, "",
)  # fmt: skip
"""What no case, cycle, release or registry may be called."""

CONFIG = {"cycle": "2024-03", "release": "demo-A", "families": "families.tsv"}


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_hostile_name_is_unsafe(name: str) -> None:
    assert unsafe_name(name)


@given(st.text(max_size=70))
def test_a_safe_name_is_one_word_in_a_shell_and_one_file(name: str) -> None:
    if unsafe_name(name):
        return
    stays_a_word(name)


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True))
def test_what_most_names_look_like(name: str) -> None:
    if not unsafe_name(name):
        stays_a_word(name)


def stays_a_word(name: str) -> None:
    assert shlex.quote(name) == name
    assert shlex.split(f"x {name} y") == ["x", name, "y"]
    assert name.format(case="other") == name
    assert (Path("/folder") / name).resolve() == Path("/folder") / name


@pytest.mark.parametrize("name", [n for n in HOSTILE if n.strip() == n and n], ids=ascii)
def test_a_case_is_not_called_so(name: str, tmp_path: Path) -> None:
    sheet = tmp_path / "families.tsv"
    cells = dict.fromkeys(REQUIRED, "x") | {"case_id": name, "sex": "male"}
    text = "\t".join(cells) + "\n" + "\t".join(cells.values()) + "\n"
    sheet.write_bytes(text.encode())
    rows, faults = read_sheet(sheet)
    assert faults or [row["case_id"] for row in rows] != [name]
    assert all(str(sheet) in fault.where for fault in faults)


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
@pytest.mark.parametrize("key", ["cycle", "previous", "release"])
def test_a_cycle_or_release_is_not_called_so(key: str, name: str) -> None:
    settings, faults = settings_of(CONFIG | {key: name}, "config.yaml")
    assert key in "".join(fault.what for fault in faults)
    assert all(fault.where == "config.yaml" for fault in faults)
    assert settings is None or faults


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_registry_is_not_called_so(name: str) -> None:
    told: dict[str, Any] = {"registries": {name: {"file": "r.csv", "mapping": "m.yaml"}}}
    _, faults = settings_of(CONFIG | told, "config.yaml")
    words = "".join(fault.what for fault in faults)
    assert "registries" in words


@pytest.mark.parametrize("name", [n for n in HOSTILE if not set(n) & set("\n\t\r\x00 ")], ids=ascii)
def test_a_person_of_a_ped_is_not_called_so(name: str, tmp_path: Path) -> None:
    ped = tmp_path / "x.ped"
    ped.write_text(f"F\t{name}\t0\t0\t1\t2\n", encoding="utf-8")
    _, faults = read_ped(ped, name)
    assert faults


@pytest.mark.parametrize("name", ["../x", "a/b", "..", "/x", "a b", "a\n", ""], ids=ascii)
def test_a_release_is_not_made_under_such_a_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(ArianeError, match="cannot name a release"):
        assemble(name, "2024-01-01", [], tmp_path / "releases")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("companion", ["../../x.tbi", "/etc/x.tbi", "a/b.tbi", "", ".."])
def test_a_companion_lies_beside_its_file(companion: str, tmp_path: Path) -> None:
    manifest = demo_manifest()
    manifest["resources"]["assertions"]["companions"] = [companion]
    with pytest.raises(ArianeError, match=r"manifest\.yaml: 'assertions': 'file' must be a path"):
        Release.open(laid_out(manifest, tmp_path))


@pytest.mark.parametrize(
    ("key", "value"),
    [("file", value) for value in (None, [], {}, 1, ["x"], "")]
    + [("companions", value) for value in ([None], [[]], {"a": 1}, 1, [""], "a/b")],
)
def test_paths_of_a_manifest_are_words(key: str, value: object, tmp_path: Path) -> None:
    manifest = demo_manifest()
    manifest["resources"]["assertions"][key] = value
    with pytest.raises(ArianeError, match=r"manifest\.yaml"):
        Release.open(laid_out(manifest, tmp_path))


def demo_manifest() -> dict[str, Any]:
    path = REPOSITORY / "resources" / "demo" / "releases" / "demo-A" / "manifest.yaml"
    told: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return told


def laid_out(manifest: dict[str, Any], root: Path) -> Path:
    folder = root / "demo-A"
    folder.mkdir()
    (root / "files").symlink_to(REPOSITORY / "resources" / "demo" / "releases" / "files")
    (folder / "manifest.yaml").write_text(yaml.safe_dump(manifest), encoding="utf-8")
    return folder


@pytest.mark.parametrize("member", ["../../evil.txt", "/var/evil.txt", "a/../../evil.txt"])
def test_a_member_of_a_zip_stays_in_the_folder(member: str, tmp_path: Path) -> None:
    folder = tmp_path / "pool" / "x"
    folder.mkdir(parents=True)
    path = folder / "x.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr(zipfile.ZipInfo(member), "evil")
    made, _ = refine(path, (f"unzip:{member}",))
    assert made == folder / "evil.txt"
    assert sorted(tmp_path.rglob("evil*")) == [made]


def test_nothing_of_the_code_unpacks_a_tar() -> None:
    """Bundles are made here and unpacked by the user's own tar (docs/resources.md)."""
    for path in sorted((REPOSITORY / "workflow").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert ".extract" not in text, path
        assert "unpack_archive" not in text, path
