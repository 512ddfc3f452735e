"""Sentences for people, each made from a template that has a translation.

A row keeps its sentence in English, so that tables read alone and their bytes do not depend on a
language. The template is the key of the French sentence in ``resources/phrases.fr.yaml``, as with
gettext. Where the values are at hand, :func:`teller` makes the sentence in either language; of a
sentence that was stored, :func:`told` finds the template and its values again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from string import Formatter
from typing import Final

from ariane.files import RESOURCES, read_yaml

FRENCH: Final = RESOURCES / "phrases.fr.yaml"
LACKING: Final = RESOURCES / "lift.yaml"

PHRASES: Final = frozenset(
    ("said", "more", "event", "person", "scale", "phase", "side", "other_side", "parentage")
) | {"fit", "zygosity", "room"}
"""Names of values that are sentences or words of the catalogue themselves."""
PARTS: Final = frozenset(("old", "new", "was", "now", "who", "with", "where"))
"""Names of values that are such sentences or words, or data."""
NUMBERS: Final = frozenset(("count", "all", "stars", "limit", "low", "high", "reach", "number"))
"""Names of values that are numbers, beside those that a template gives a format."""
NAMES: Final = frozenset(
    ("gene", "variant", "klass", "standing", "code", "mode", "kind", "member", "name", "score")
) | {"predictor", "resource", "column", "disease", "key", "day", "cycle"}
"""Names of values without a blank; what has yet another name is any text."""

_NUMBER: Final = r"[-+]?(?:\d[\d.]*(?:e[-+]?\d+)?|inf|nan)%?"

Teller = Callable[..., str]
"""Makes a sentence of a language, called as :func:`say` is."""


def say(template: str, /, **values: object) -> str:
    """A sentence in English.

    Args:
        template: written out at the call, for the catalogue is checked against the calls in the
            code; values stand in braces, with a format where they are numbers.
        values: what is put in.

    Raises:
        KeyError: the template names a value that was not given.
    """
    return template.format(**values)


def teller(language: str) -> Teller:
    """What makes sentences of a language from their templates and values."""
    return say if language != "fr" else _say_in_french


def told(sentence: str, language: str) -> str:
    """A stored sentence in a language; one that no template made stands as it is."""
    return sentence if language != "fr" else (_found(sentence) or sentence)


def told_of(kind: str, sentence: str, language: str) -> str:
    """A stored sentence in a language, without its kind at the head: that was said already."""
    return told(sentence.removeprefix(f"{kind}: "), language)


def known(sentence: str) -> bool:
    """Whether a stored sentence has a translation."""
    return _found(sentence) is not None


def slots(template: str) -> dict[str, str]:
    """The values that a template asks for, by name, with their formats."""
    return {name: spec or "" for _, name, spec, _ in Formatter().parse(template) if name}


@dataclass(frozen=True)
class _Pattern:
    """A template read backwards: the sentences that it may have made."""

    french: str
    numbers: frozenset[str]
    head: str
    """What every such sentence begins with."""
    tries: tuple[re.Pattern[str], ...]
    """Values that may hold the words between them, taken as short and as long as can be."""

    def of(self, sentence: str) -> str | None:
        """The sentence in French, or None where the template did not make it."""
        if not sentence.startswith(self.head):
            return None
        for one in self.tries:
            found = one.fullmatch(sentence)
            values = self._values(found.groupdict()) if found else None
            if values is not None:
                return self.french.format(**values)
        return None

    def _values(self, held: Mapping[str, str]) -> dict[str, str] | None:
        values = {}
        for name, text in held.items():
            if name in PHRASES or name in PARTS:
                inner = _found(text)
                if inner is None and name in PHRASES:
                    return None
                values[name] = inner or _data(text)
            else:
                values[name] = _mark(text) if name in self.numbers else text
        return values


def _say_in_french(template: str, /, **values: object) -> str:
    asked = slots(template)
    held = {}
    for name, value in values.items():
        text = format(value, asked.get(name, ""))
        if name in PHRASES or name in PARTS:
            text = _found(text) or _data(text)
        held[name] = _mark(text) if asked.get(name) or name in NUMBERS else text
    return catalogue()[template].format(**held)


def _mark(number: str) -> str:
    """A number as French writes it."""
    return number.replace(".", ",").replace("%", "\u00a0%").replace("-", "\u2212")


def _data(text: str) -> str:
    """Data within a sentence; of it only a number is written as French does."""
    return _mark(text) if re.fullmatch(_NUMBER, text) else text


@cache
def catalogue() -> Mapping[str, str]:
    """The French of every template.

    Raises:
        ArianeError: the file is missing or damaged.
    """
    held = read_yaml(FRENCH)
    return {**_stored(), **held["fresh"]}


@cache
def _stored() -> Mapping[str, str]:
    """Those that tables hold; what a case may lack has its words in both languages already."""
    lacking = read_yaml(LACKING)["kinds"]
    return {**read_yaml(FRENCH)["stored"], **{kind["en"]: kind["fr"] for kind in lacking}}


@cache
def _patterns() -> tuple[Mapping[str, str], tuple[_Pattern, ...]]:
    """Templates without values, and the others, those with most words of their own first."""
    held = _stored()
    plain = {template: french for template, french in held.items() if not slots(template)}
    others = sorted((t for t in held if t not in plain), key=lambda t: (-_own(t), t))
    return plain, tuple(_pattern(template, held[template]) for template in others)


def _own(template: str) -> int:
    return sum(len(words) for words, *_ in Formatter().parse(template))


def _pattern(template: str, french: str) -> _Pattern:
    parts = list(Formatter().parse(template))
    tries = []
    for any_text in (".+?", ".+"):
        written = ""
        for words, name, spec, _ in parts:
            written += re.escape(words)
            if name:
                written += f"(?P<{name}>{_shape(name, spec, any_text)})"
        tries.append(re.compile(written, re.DOTALL))
    asked = slots(template)
    numbers = frozenset(name for name, spec in asked.items() if spec or name in NUMBERS)
    return _Pattern(french, numbers, parts[0][0], tuple(dict.fromkeys(tries)))


def _shape(name: str, spec: str | None, any_text: str) -> str:
    """What a value may look like."""
    if spec or name in NUMBERS:
        return _NUMBER
    if name == "place":
        return r"[^()]+"
    return r"\S*" if name in NAMES else any_text


@lru_cache(maxsize=65536)
def _found(sentence: str) -> str | None:
    plain, patterns = _patterns()
    if sentence in plain:
        return plain[sentence]
    for pattern in patterns:
        french = pattern.of(sentence)
        if french is not None:
            return french
    for mark in ("; ", " + ", ", "):
        parts = sentence.split(mark)
        if len(parts) > 1:
            told_parts = [_found(part) for part in parts]
            if all(told_parts):
                return mark.replace(";", "\u00a0;").join(part or "" for part in told_parts)
    return None
