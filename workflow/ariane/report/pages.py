"""Templates to pages: everything escaped, everything inline, nothing asked of the network."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ariane import phrases
from ariane.knowledge.kinds import BASIC, NAMED
from ariane.report import accounts, messages, privacy, text
from ariane.safe import visible

BAR_SCALE: Final = 16_000
"""Thousandths of a point that fill half of a bar: twice very strong evidence. Longer bars are cut;
the number beside them is not."""

STYLES: Final = ("page.css", "print.css")
SCRIPTS: Final = ("page.js",)

Values = Callable[[str], Mapping[str, Any]]
"""What a template is given in a language."""


def render(
    template: str,
    language: str,
    *,
    styles: Sequence[str] = STYLES,
    scripts: Sequence[str] = SCRIPTS,
    other: Values | None = None,
    data: Any = None,
    **values: Any,
) -> str:
    """One page, in one language or switchable between both.

    The page carries a content security policy that allows only its own style and script, by their
    hash, so that nothing which data might smuggle in could run or load.

    Args:
        template: the page's template.
        language: the language it opens in.
        styles: stylesheets to inline, in order.
        scripts: programs to inline, in order.
        other: what the template is given in another language instead of ``values``: the page then
            holds both languages and a switch between them. None for a page of one language.
        data: plain values that the page's programs read, whatever the language.
        values: what the template is given.

    Raises:
        ArianeError: the language is not known.
    """
    bodies = [_body(template, language, values, switch=other is not None)]
    if other is not None:
        bodies += [
            _body(template, one, other(one), switch=True)
            for one in messages.LANGUAGES
            if one != language
        ]
    style, script = _inline(styles), _inline(scripts)
    frame = _environment().get_template("frame.html.j2")
    page = frame.render(
        bodies=bodies,
        data=Markup(for_script(data)) if data is not None else None,  # noqa: S704 - see for_script
        style=Markup(style),  # noqa: S704 - our own file, not data
        script=Markup(script),  # noqa: S704 - our own file, not data
        style_hash=_hash(style),
        script_hash=_hash(script),
    )
    return _squeeze(page) + "\n"


def fragment(template: str, language: str, **values: Any) -> str:
    """What a template makes in one language, outside of any page: a figure.

    Raises:
        ArianeError: the language is not known.
    """
    made = _environment().get_template(template).render(_given(language, values))
    return _squeeze(made) + "\n"


def for_script(data: Any) -> str:
    """Plain values as JSON that may stand in a script element.

    No letter of it can end the element or begin another; unseen characters are spelled out as in
    the rest of the page.
    """
    content = json.dumps(_seen(data), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return content.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def bar(thousandths: int) -> dict[str, object]:
    """Where the bar of a row begins and how long it is, out of 100, with its side."""
    length = min(abs(thousandths), BAR_SCALE) * 50 // BAR_SCALE
    side = "for" if thousandths > 0 else "against"
    return {"x": 50 if thousandths > 0 else 50 - length, "width": length, "side": side}


def share(probability: float) -> int:
    """A probability as whole percent of a bar's length; anything above zero is seen."""
    return max(1, round(100 * probability)) if probability > 0 else 0


def _given(language: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What every template is given beside its own values."""
    words = messages.load(language)
    return {
        "t": words.text,
        "word": words.word,
        "words_of": words.words,
        "gloss": words.gloss,
        "said": partial(phrases.told, language=language),
        "said_of": partial(phrases.told_of, language=language),
        "language": language,
        "points": partial(text.points, language=language),
        "percent": partial(text.percent, language=language),
        "decimal": partial(text.tenth, language=language),
        "link": partial(text.link, language=language),
        "variant_links": text.variant_links,
        "key_links": partial(text.key_links, language=language),
        "count": text.count,
        "bar": bar,
        "share": share,
        "basic": BASIC,
        "named": NAMED,
        "printable_notes": privacy.printable_notes,
        "relation": accounts.relation,
        "for_script": lambda data: Markup(for_script(data)),  # noqa: S704 - see for_script
        **values,
    }


def _body(template: str, language: str, values: Mapping[str, Any], switch: bool) -> dict[str, Any]:
    given = _given(language, {"switch": switch, **values})
    made = _environment().get_template(template)
    title = "".join(made.blocks["title"](made.new_context(given)))
    return {
        "language": language,
        "title": Markup(title),  # noqa: S704 - a block of the template, escaped there
        "content": Markup(made.render(given)),  # noqa: S704 - the template, escaped there
    }


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


def _seen(data: Any) -> Any:
    """Plain values with their unseen characters spelled out."""
    if isinstance(data, str):
        return visible(data)
    if isinstance(data, Mapping):
        return {_seen(name): _seen(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [_seen(value) for value in data]
    return data


@cache
def _inline(names: Sequence[str]) -> str:
    files = [(messages.TEMPLATES / name).read_text(encoding="utf-8") for name in names]
    return _squeeze("\n".join(files))


def _squeeze(content: str) -> str:
    """Without empty lines and trailing blanks; a second time changes nothing, so hashes hold."""
    return "\n".join(line.rstrip() for line in content.split("\n") if line.strip())


def _hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
