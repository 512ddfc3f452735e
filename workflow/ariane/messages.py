"""Sentences for people: one catalogue per language and room, all with the same keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from ariane import files
from ariane.model.errors import ArianeError

LANGUAGES: Final = ("en", "fr")


@dataclass(frozen=True)
class Messages:
    """The catalogue of one language."""

    language: str
    texts: Mapping[str, str]

    def text(self, key: str, **values: object) -> str:
        """A sentence, with named values put in.

        Raises:
            KeyError: the catalogue holds no such key, or the sentence names another value.
        """
        return self.texts[key].format(**values)

    def word(self, group: str, value: str) -> str:
        """The word for one value of a closed list; a value that is not listed stands as it is."""
        return self.texts.get(f"{group}.{value}", value)

    def words(self, group: str) -> dict[str, str]:
        """All words of a closed list, by value."""
        start = f"{group}."
        return {k.removeprefix(start): v for k, v in self.texts.items() if k.startswith(start)}

    def gloss(self, code: str) -> str:
        """What a code of evidence means, in a few words and without its strength; or empty."""
        for name in (code, code.partition("_")[0]):
            if f"criterion.{name}" in self.texts:
                return self.texts[f"criterion.{name}"]
        return ""


@cache
def read_catalogue(folder: Path, language: str) -> Messages:
    """The catalogue of a language: all files ``*.LANGUAGE.yaml`` of a folder.

    Raises:
        ArianeError: there is no such language.
    """
    if language not in LANGUAGES:
        raise ArianeError(f"language {language!r} is not known. Choose one of: en, fr.")
    texts: dict[str, str] = {}
    for path in sorted(folder.glob(f"*.{language}.yaml")):
        texts |= {str(key): str(text) for key, text in files.read_yaml(path).items()}
    return Messages(language, texts)
