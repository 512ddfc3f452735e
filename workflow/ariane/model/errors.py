"""The one family of errors that Ariane raises, and the faults it collects before it speaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class ArianeError(Exception):
    """An error a user can act on: its text says what is wrong, where, and what to do.

    Command-line programs print the text on one line and exit with status 2, without a traceback.
    """


class Level(StrEnum):
    """How much a fault matters."""

    ERROR = "error"
    """The run must not start."""
    WARNING = "warning"
    """The run may start; a person should read this."""
    NOTE = "note"
    """Something was understood and corrected (an obsolete term replaced, a gzip re-compressed)."""


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong with one input, in the user's words."""

    where: str
    """File, and line where there is one: ``families.tsv:4``."""
    case: str
    """Case identifier, or an empty string when the fault concerns no single case."""
    what: str
    """What is wrong, naming the value found."""
    advice: str
    """What to do about it, in the imperative."""
    level: Level = Level.ERROR

    def __str__(self) -> str:
        """Render as one line: ``error: families.tsv:4: case F1: what. Advice.``"""
        case = f" case {self.case}:" if self.case else ""
        return f"{self.level.value}: {self.where}:{case} {self.what}. {self.advice}."


def in_order(faults: Iterable[Fault]) -> list[Fault]:
    """Faults without repeats, by file and then by line as a number."""

    def place(fault: Fault) -> tuple[str, int, Fault]:
        path, _, line = fault.where.rpartition(":")
        return (path, int(line), fault) if line.isdecimal() else (fault.where, 0, fault)

    return sorted(set(faults), key=place)


class InputFaults(ArianeError):
    """All faults of all inputs, told together.

    Args:
        faults: the faults found, in any order; they are sorted and repeated ones dropped.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(in_order(faults))
        errors = [f for f in self.faults if f.level is Level.ERROR]
        count = f"{len(errors)} error" + ("" if len(errors) == 1 else "s")
        lines = [f"The inputs have {count}; nothing was started.", *map(str, self.faults)]
        super().__init__("\n".join(lines))
