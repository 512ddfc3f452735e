"""The words of the families sheet, and the nearest right one for a wrong one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Final

from ariane.intake.identity import fold
from ariane.model.case import Sex, Status

SEX: Final[Mapping[str, Sex]] = {
    "male": Sex.MALE,
    "m": Sex.MALE,
    "1": Sex.MALE,
    "female": Sex.FEMALE,
    "f": Sex.FEMALE,
    "2": Sex.FEMALE,
    "unknown": Sex.UNKNOWN,
}
TECHNIQUE: Final[Mapping[str, str]] = {word: word for word in ("panel", "exome", "genome")}
STATUS: Final[Mapping[str, Status]] = {status.value: status for status in Status}
YES_NO: Final[Mapping[str, bool]] = {
    "": False,
    "yes": True,
    "oui": True,
    "true": True,
    "1": True,
    "no": False,
    "non": False,
    "false": False,
    "0": False,
}
MEANT: Final[Mapping[str, str]] = {
    "wes": "exome",
    "es": "exome",
    "wgs": "genome",
    "gs": "genome",
    "homme": "male",
    "femme": "female",
    "h": "male",
    "masculin": "male",
    "feminin": "female",
    "inconnu": "unknown",
    "en cours": "in progress",
    "impasse diagnostique": "impasse",
    "unsolved": "impasse",
    "resolu": "solved",
    "refute": "refuted",
    "ouvert": "in progress",
    "ferme": "closed",
    "o": "oui",
    "y": "yes",
    "n": "no",
}
"""What people write for these words: never taken silently, offered as a suggestion."""

_SAFE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def plain(text: str) -> str:
    """A word as compared: without accents, in lower case, with single spaces."""
    return re.sub(r"[\s_]+", " ", fold(text)).strip()


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word most like another, or an empty string when none is."""
    words = {plain(k): k for k in sorted(known) if k}
    meant = MEANT.get(plain(word))
    if meant in words.values():
        return str(meant)
    close = difflib.get_close_matches(plain(word), words, n=1, cutoff=0.6)
    return words[close[0]] if close else ""


def instead(word: str, known: Iterable[str]) -> str:
    """Advice for a wrong word: the nearest right one, else all of them."""
    known = [k for k in known if k]
    best = nearest(word, known)
    return f"Did you mean '{best}'" if best else "Write one of: " + ", ".join(known)


def braces_in(path: str) -> str:
    """Why a path cannot be given to a rule, or an empty string when it can."""
    return "holds braces, which Snakemake reads as names of its own" if set(path) & {*"{}"} else ""


def unsafe_name(name: str) -> str:
    """Why an identifier cannot be a file's name, or an empty string when it can.

    Names that Windows reserves are refused too: results are opened on the desks of clinicians.
    """
    if not _SAFE.fullmatch(name):
        return "holds characters that a file name cannot hold, or is longer than 64"
    if ".." in name or name.endswith("."):
        return "holds '..' or ends with a dot"
    if _RESERVED.fullmatch(name):
        return "is a name that operating systems reserve"
    return ""


def unread(problem: Exception) -> tuple[str, str] | None:
    """What to say, and to advise, of a file that the system itself does not give.

    None where the file could be read and what it holds is at fault (a broken gzip stream is an
    OSError too, without a number).
    """
    if isinstance(problem, OSError) and problem.errno:
        return f"cannot be read ({problem.strerror})", "Check the path and the rights of the file"
    return None
