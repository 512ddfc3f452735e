"""The rooms: nothing lower imports anything higher, and the nouns touch no file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "workflow" / "ariane"

FLOOR = {"bounds", "runs", "seals", "files", "safe", "messages", "phrases", "cli", "model"}
MAY_IMPORT = {
    "bounds": {"model"},
    "runs": {"model"},
    "seals": {"model"},
    "files": {"model", "bounds", "runs", "seals"},
    "safe": {"model"},
    "messages": {"model", "files"},
    "phrases": {"files"},
    "cli": {"model", "files"},
    "model": set[str](),
    "knowledge": FLOOR,
    "intake": FLOOR | {"knowledge"},
    "annotate": FLOOR | {"knowledge"},
    "rank": FLOOR | {"knowledge"},
    "quality": FLOOR | {"knowledge", "rank"},
    "reanalyse": FLOOR | {"knowledge", "intake", "annotate", "rank"},
    "report": FLOOR | {"knowledge", "intake", "annotate", "rank", "reanalyse"},
    "registry": FLOOR | {"knowledge", "intake", "annotate", "rank", "reanalyse"},
    "validate": FLOOR | {"knowledge", "intake", "rank", "reanalyse", "report"},
    "audit": FLOOR | {"knowledge", "intake", "annotate", "rank", "reanalyse", "report", "registry"},
}
"""What each room may import beside itself, as docs/architecture.md draws the order."""

FLOOR_READS = {
    "ariane.bounds",
    "ariane.model.canonical",
    "ariane.model.errors",
    "ariane.model.tables",
    "ariane.runs",
    "ariane.seals",
}
FILE_READERS = {
    "csv", "duckdb", "glob", "gzip", "io", "os", "pathlib", "pickle", "pysam", "pyhpo", "shutil",
    "socket", "sqlite3", "subprocess", "tempfile", "urllib", "yaml", "zipfile",
}  # fmt: skip


def sources() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if p.parent != PACKAGE or p.stem != "__init__")


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of each import, wherever in the file it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            module = node.module or ""
            if module == "ariane":
                yield from ((node.lineno, f"ariane.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, module


def test_every_room_has_its_place_in_the_order() -> None:
    assert {room_of(path) for path in sources()} == set(MAY_IMPORT)


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_room_imports_a_higher_one(path: Path) -> None:
    room = room_of(path)
    wrong = [
        f"{path}:{line}: {name}"
        for line, name in imports(path)
        if name.startswith("ariane.") and name.split(".")[1] not in MAY_IMPORT[room] | {room}
    ]
    assert wrong == []


def test_the_floor_reads_only_errors_and_tables() -> None:
    floor = [PACKAGE / f"{name}.py" for name in ("runs", "seals", "files")]
    told = {name for path in floor for _, name in imports(path)}
    read = {name for name in told if name.startswith("ariane.")}
    assert read <= FLOOR_READS


@pytest.mark.parametrize("path", sorted((PACKAGE / "model").glob("*.py")), ids=lambda p: p.stem)
def test_the_nouns_touch_no_file(path: Path) -> None:
    imported = {name.split(".")[0] for _, name in imports(path)}
    assert imported.isdisjoint(FILE_READERS)
    called = {
        node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    }
    assert called.isdisjoint({"open", "read_text", "write_text", "read_bytes", "write_bytes"})
    assert "print" not in called
