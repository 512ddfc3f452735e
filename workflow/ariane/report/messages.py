"""The words of the pages: one catalogue per language, both with the same keys."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ariane.messages import LANGUAGES, Messages, read_catalogue

__all__ = ["LANGUAGES", "TEMPLATES", "Messages", "load"]

TEMPLATES: Final = Path(__file__).resolve().parent / "templates"


def load(language: str) -> Messages:
    """The catalogue of a language.

    Raises:
        ArianeError: there is no such language.
    """
    return read_catalogue(TEMPLATES, language)
