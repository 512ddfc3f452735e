"""What the code never does: load pickles, run text, parse XML or YAML in an unsafe way."""

from __future__ import annotations

import ast
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ariane.knowledge.annotations import DiseaseTerms
from ariane.model.errors import ArianeError

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = sorted([*(REPOSITORY / "workflow").rglob("*.py"), *(REPOSITORY / "scripts").glob("*.py")])
RULES = sorted([*(REPOSITORY / "rules").glob("*.smk"), REPOSITORY / "Snakefile"])

NEVER_IMPORTED = {
    "pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "torch", "skops",
    "xmlrpc", "telnetlib", "ftplib",
}  # fmt: skip
XML = {
    "xml.etree", "xml.dom", "xml.sax.expatreader", "lxml.html", "lxml.objectify", "lxml.sax",
}  # fmt: skip
OWN_CHILD = {"system_calls.py"}
"""Follows a child of a test and reads that child's answer from an unnamed file; no step uses it."""
MAY_PARSE_XML = {"safe.py"}
MAY_USE_EXPAT = {"workbook.py", "xlsx_file.py"}


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.name)
def test_a_source_does_none_of_it(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = set(imported(tree))
    if path.name not in OWN_CHILD:
        assert {name.split(".")[0] for name in names} & NEVER_IMPORTED == set()
    assert [name for name in names if any(name.startswith(xml) for xml in XML)] == []
    for name, call in calls(tree):
        given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        assert name not in {"eval", "exec", "os.system", "os.popen", "__import__"}, name
        assert not name.endswith((".read_pickle", ".to_pickle", ".unsafe_load", ".full_load"))
        assert given.get("shell", "False") == "False", path
        assert given.get("allow_pickle", "False") == "False", path
        if name in {"np.load", "numpy.load"}:
            assert given.get("allow_pickle") == "False"
        if name in {"yaml.load", "yaml.compose"}:
            assert given["Loader"] in {"bounds.OneOfEachKey", "yaml.SafeLoader"}
        if name.endswith((".extract", ".extractall")) and "zip" in name.lower() + "tar":
            assert not name.startswith(("pack.", "held.", "packed.", "tar.", "source."))
        if name.startswith("etree.") and name.split(".")[1] in {
            "parse", "fromstring", "XML", "iterparse", "XMLParser",
        }:  # fmt: skip
            assert path.name in MAY_PARSE_XML
        if name == "expat.ParserCreate":
            assert path.name in MAY_USE_EXPAT


def test_the_loader_of_yaml_is_a_safe_one() -> None:
    import yaml

    from ariane import bounds

    assert issubclass(bounds.OneOfEachKey, yaml.SafeLoader)


@pytest.mark.parametrize("path", RULES, ids=lambda p: p.name)
def test_rules_run_no_text(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for word in ("pickle", "eval(", "exec(", "os.system", "yaml.load"):
        assert word not in text


def test_models_are_json_and_yaml() -> None:
    suffixes = {path.suffix for path in (REPOSITORY / "resources").rglob("*") if path.is_file()}
    assert suffixes.isdisjoint({".pkl", ".pickle", ".joblib", ".pt", ".pth", ".npy", ".npz", ".h5"})
    models = sorted((REPOSITORY / "resources" / "model").glob("*.json"))
    assert models
    for path in models:
        json.loads(path.read_text(encoding="utf-8"))


class Planted:
    """Unpickled, it would write a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> object:
        return (Path.touch, (self.target,))


def test_an_array_that_is_a_pickle_is_refused(tmp_path: Path) -> None:
    planted = np.array([Planted(tmp_path / "pwned")], dtype=object)
    path = tmp_path / "disease_terms.npz"
    np.savez(path, terms=planted, diseases=planted, start=planted, disease=planted,
             frequency=planted, features=planted)  # fmt: skip
    assert zipfile.is_zipfile(path)
    with pytest.raises(ArianeError, match=r"disease_terms\.npz: missing or damaged"):
        DiseaseTerms.load(path)
    assert not (tmp_path / "pwned").exists()
