"""A walk from a result towards bytes: its links, and what came of comparing each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final


class State(StrEnum):
    """What came of looking at a link."""

    SAME = "same"
    """Compared with what it should be, and equal."""
    DIFFERS = "differs"
    """Compared, and not equal: the chain is broken here."""
    MISSING = "missing"
    """It should be there, and is not."""
    TOLD = "told"
    """Nothing to compare it with, or not compared; the sentence says why where that matters."""


FAULTY: Final = frozenset({State.DIFFERS, State.MISSING})
_INNER: Final = frozenset({"record"})
"""Kinds of link that belong to the one before them."""


@dataclass(frozen=True)
class Link:
    """One step of a walk."""

    what: str
    """Kind of thing: ``flag``, ``evidence``, ``resource file``, ..."""
    where: str
    """The file it lies in, from the working folder; or a name within it."""
    sentence: str
    """What it says, for people."""
    state: State = State.TOLD
    held: Mapping[str, Any] = field(default_factory=dict)
    """The row or entry itself, plain values only."""


@dataclass(frozen=True)
class Walk:
    """All links of a walk, in the order from people to bytes."""

    asked: str
    links: tuple[Link, ...]

    @property
    def faulty(self) -> list[Link]:
        """Links at which the chain is broken."""
        return [link for link in self.links if link.state in FAULTY]

    def to_json(self) -> dict[str, Any]:
        """Plain values only."""
        links = [{**asdict(link), "state": link.state.value} for link in self.links]
        return {"asked": self.asked, "broken": len(self.faulty), "links": links}

    def lines(self) -> Iterator[str]:
        """The walk as text: a heading for each kind of link, the broken ones again at the end."""
        yield from headed(self.asked)
        before = where = ""
        for link in self.links:
            inner = "  " if link.what in _INNER else ""
            if link.what != before and not inner:
                yield ""
                yield f"{link.what[:1].upper()}{link.what[1:]}"
                before, where = link.what, ""
            yield f"  {inner}[{link.state.value}] {link.sentence}"
            if link.where and link.where != where:
                yield f"  {inner}    {link.where}"
            where = where if inner else link.where
        yield ""
        if not self.faulty:
            yield "Nothing that was compared differs."
            return
        yield f"Broken at {len(self.faulty)} place(s):"
        for link in self.faulty:
            yield f"  [{link.state.value}] {link.what}: {link.sentence}"


def headed(text: str) -> Sequence[str]:
    """A line with a rule below it."""
    return [text, "=" * len(text)]
