"""Drafts of a request for a targeted reanalysis, "demande de réanalyse ciblée", one for each flag.

A draft says which gene and variant, what is newly known and from which source, and where the
procedure of the finding stands. A person reads it, changes it, signs it or throws it away: nothing
is ever sent.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from ariane import phrases
from ariane.files import RESOURCES, open_text
from ariane.model.errors import ArianeError
from ariane.reanalyse.steps import State
from ariane.safe import tsv

WORDS: Final = RESOURCES / "request_words.tsv"
LANGUAGES: Final = ("en", "fr")

COLUMNS: Final = (
    "draft",
    "status",
    "case",
    "site",
    "to",
    "reason",
    "gene",
    "variant",
    "mode",
    "knowledge",
    "source",
    "release",
    "priority",
    "due",
    "lift",
)
"""Columns of the table, and the order of the lines of a draft."""

_ESCAPED: Final = str.maketrans(
    {c: f"\\{c}" for c in "\\`*_[]#|"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
)


@dataclass(frozen=True)
class Told:
    """The release that a flag speaks of."""

    cycle: str
    release: str
    as_of: str


def asks(flag: Mapping[str, Any]) -> bool:
    """Whether a flag is a reason to ask for a reanalysis now: it names a finding, and its turn has
    come."""
    return bool(flag["finding"]) and not flag["queued"]


def draft(flag: Mapping[str, Any], told: Told, state: State, language: str) -> dict[str, str]:
    """The draft of one flag, by :data:`COLUMNS`.

    Args:
        flag: a row of the queue for which :func:`asks` holds.
        told: the release under which it was raised.
        state: where the procedure of the finding stands, by the steps that the cycle began with.
        language: ``en`` or ``fr``.

    Raises:
        ArianeError: the table of words is missing or damaged.
    """
    words = load_words(language)
    _, mode, variants = str(flag["finding"]).split("|", 2)
    names = f"{flag['hgvs']} ({variants})" if flag["hgvs"] else variants
    gene = f"{flag['symbol']} ({flag['gene']})" if flag["symbol"] else str(flag["gene"])
    release = words["as_of"].format(release=told.release, date=told.as_of, cycle=told.cycle)
    return {
        "draft": words["draft"],
        "status": words[f"status.{state}"],
        "case": str(flag["case"]),
        "site": str(flag["site"]) or words["not_given"],
        "to": words.get(f"to.{flag['to']}", str(flag["to"])),
        "reason": words.get(f"reason.{flag['reason']}", str(flag["reason"])),
        "gene": gene,
        "variant": names,
        "mode": mode,
        "knowledge": phrases.told(str(flag["sentence"]), language),
        "source": str(flag["source"]),
        "release": release,
        "priority": phrases.told(str(flag["why"]), language) or words["not_given"],
        "due": str(flag["due"]),
        "lift": phrases.told(str(flag["lift"]), language) or words["not_given"],
    }


def to_markdown(drafts: Iterable[Mapping[str, str]], language: str) -> str:
    """All drafts as one document, a section each."""
    words = load_words(language)
    parts = [f"# {words['title']}\n\n**{words['draft']}**\n\n{words['indication']}\n"]
    sections = []
    for one in drafts:
        lines = [f"## {_plain(one['case'])}: {_plain(one['gene'])}\n", f"**{words['draft']}**\n"]
        lines += [f"- {words[name]}: {_plain(one[name])}" for name in COLUMNS if name != "draft"]
        lines.append(f"- {words['signature']}: ____________________")
        sections.append("\n".join(lines) + "\n")
    return "\n".join(parts + (sections or [words["none"] + "\n"]))


def to_tsv(drafts: Iterable[Mapping[str, str]]) -> str:
    """All drafts as a table, a line each; a cell that a spreadsheet would run is quoted."""
    return tsv(COLUMNS, ([" ".join(one[name].split()) for name in COLUMNS] for one in drafts))


@cache
def load_words(language: str, path: Path = WORDS) -> Mapping[str, str]:
    """Words of the drafts in a language.

    Raises:
        ArianeError: the table is missing or damaged, or has no such language.
    """
    try:
        with open_text(path) as handle:
            lines = (line for line in handle if not line.startswith("#"))
            rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            return {row["key"]: row[language] for row in rows}
    except (OSError, KeyError) as problem:
        raise ArianeError(f"{path}: missing or damaged: {problem}. Restore the file.") from None


def _plain(text: str) -> str:
    """Text that Markdown prints as it stands, on one line."""
    return " ".join(text.split()).translate(_ESCAPED)
