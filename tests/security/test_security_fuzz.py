"""Each file that once broke a reader, and some seconds of new ones; ``make fuzz`` goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

import fuzz
from fuzz_readers import targets

CORPUS = sorted(path for path in fuzz.CORPUS.rglob("*") if path.is_file())


@pytest.mark.parametrize("path", CORPUS, ids=lambda p: f"{p.parent.name}-{p.name}")
def test_what_once_broke_a_reader(path: Path, tmp_path: Path) -> None:
    fuzz.judge(targets()[path.parent.name], path.read_bytes(), tmp_path)


def test_the_corpus_is_there() -> None:
    assert {path.parent.name for path in CORPUS} <= set(targets())
    assert len(CORPUS) > 5


@pytest.mark.parametrize("name", sorted(targets()))
def test_readers_read_or_refuse(name: str, tmp_path: Path) -> None:
    target, tally = targets()[name], fuzz.Tally()
    for content in target.seeds():
        assert fuzz.judge(target, content, tmp_path)  # what is undamaged is read
    assert fuzz.attack(target, 1, tally, tmp_path, examples=15) is None
    assert tally.inputs >= 15


def broken(reads: object, tmp_path: Path) -> fuzz.Target:
    return fuzz.Target("x", "x.tsv", lambda: [b"a\tb\n"], lambda draw, raw: raw, reads)


def test_the_judge_sees_what_it_must(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ariane.model.errors import ArianeError

    def stumbles(path: Path) -> object:
        return {}["a"]

    def mumbles(path: Path) -> object:
        raise ArianeError("something is wrong")

    def hangs(path: Path) -> object:
        while True:
            pass

    def refuses(path: Path) -> object:
        raise ArianeError(f"{path}: no table. Mend it.")

    monkeypatch.setattr(fuzz, "SECONDS", 0.2)
    for read, told in ((stumbles, "KeyError"), (mumbles, "names no file"), (hangs, "longer than")):
        with pytest.raises(fuzz.Broken, match=told):
            fuzz.judge(broken(read, tmp_path), b"", tmp_path)
    assert not fuzz.judge(broken(refuses, tmp_path), b"", tmp_path)


def test_what_breaks_is_found_and_kept(tmp_path: Path) -> None:
    def read(path: Path) -> object:
        raise KeyError(path.read_bytes())

    target = broken(read, tmp_path)
    content = fuzz.attack(target, 1, fuzz.Tally(), tmp_path)
    assert content == b"a\tb\n"
    fuzz.keep(tmp_path / "corpus", target, content)
    assert [p.read_bytes() for p in (tmp_path / "corpus" / "x").iterdir()] == [content]
