"""What would lift an impasse, in the words of a page's language and as one cell of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ariane.rank.lift import words
from ariane.rank.lift_table import load_lift
from ariane.report import messages

Row = Mapping[str, Any]

_PARENTS: Final = frozenset({"mother", "father"})


class Words:
    """The sentences of one language.

    Raises:
        ArianeError: the language is not known, or the table is damaged.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._words = messages.load(language)
        self._table = load_lift()

    def asked(self, item: Row) -> str:
        """What is asked for by one piece of evidence of a lift."""
        who = [
            self._words.word("relation_word", name) if name in _PARENTS else name
            for name in item["who"]
        ]
        return words(self._table, item["kind"], self.language, who, item["with"], item["where"])

    def enough(self, lift: Row) -> list[str]:
        """What the fewest results that suffice ask for."""
        items = {item["kind"]: item for item in lift["evidence"]}
        return [self.asked(items[kind]) for kind in lift["smallest"]]
