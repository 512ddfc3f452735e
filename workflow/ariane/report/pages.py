"""Templates to pages: everything escaped, everything inline, nothing asked of the network."""

from __future__ import annotations

import base64
import hashlib
from functools import cache, partial
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ariane.knowledge.kinds import BASIC, NAMED
from ariane.report import accounts, messages, privacy, text
from ariane.safe import visible

BAR_SCALE = 16_000
"""Thousandths of a point that fill half of a bar: twice very strong evidence. Longer bars are cut;
the number beside them is not."""


def render(template: str, language: str, **values: Any) -> str:
    """One page in one language.

    The page carries a content security policy that allows only its own style and script, by their
    hash, so that nothing which data might smuggle in could run or load.

    Raises:
        ArianeError: the language is not known.
    """
    words = messages.load(language)
    style, script = _inline("page.css"), _inline("page.js")
    page = (
        _environment()
        .get_template(template)
        .render(
            t=words.text,
            word=words.word,
            language=language,
            points=partial(text.points, language=language),
            percent=partial(text.percent, language=language),
            link=partial(text.link, language=language),
            variant_links=text.variant_links,
            count=text.count,
            bar=bar,
            share=share,
            style=Markup(style),  # noqa: S704 - our own file, not data
            script=Markup(script),  # noqa: S704 - our own file, not data
            style_hash=_hash(style),
            script_hash=_hash(script),
            basic=BASIC,
            named=NAMED,
            printable_notes=privacy.printable_notes,
            relation=accounts.relation,
            **values,
        )
    )
    return _squeeze(page) + "\n"


def bar(thousandths: int) -> dict[str, object]:
    """Where the bar of a row begins and how long it is, out of 100, with its side."""
    length = min(abs(thousandths), BAR_SCALE) * 50 // BAR_SCALE
    side = "for" if thousandths > 0 else "against"
    return {"x": 50 if thousandths > 0 else 50 - length, "width": length, "side": side}


def share(probability: float) -> int:
    """A probability as whole percent of a bar's length; anything above zero is seen."""
    return max(1, round(100 * probability)) if probability > 0 else 0


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(messages.TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _shown(value: Any) -> Any:
    return visible(value) if type(value) is str else value


def _inline(name: str) -> str:
    return _squeeze((messages.TEMPLATES / name).read_text(encoding="utf-8"))


def _squeeze(content: str) -> str:
    """Without empty lines and trailing blanks; a second time changes nothing, so hashes hold."""
    return "\n".join(line.rstrip() for line in content.split("\n") if line.strip())


def _hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
