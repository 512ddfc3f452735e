"""The one table of the pages: what its program, ``listing.js``, is told of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Words = Mapping[str, str]


@dataclass(frozen=True)
class Column:
    """One column that a table of a page shows."""

    name: str
    kind: str = "text"
    """``text``, ``codes`` (words joined by ``+``, ``&`` or a comma), ``case`` or ``gene`` (the
    row's name, and where it leads), ``choice`` (one of few words), ``number``, ``share``,
    ``points`` (thousandths), ``frequency`` or ``date``."""
    under: str = ""
    """Another column that is printed below it, smaller."""


@dataclass(frozen=True)
class Listing:
    """A table of a page: what it shows, what one click chooses, how it opens."""

    name: str
    columns: tuple[Column, ...]
    presets: tuple[str, ...]
    """Columns of yes and no."""
    sort: str
    opens: str = ""
    """The preset it opens with; all rows when empty."""
    detail: tuple[str, ...] = ()
    """Columns that are told of one row, below the table, when it is asked for."""
    further: tuple[str, ...] = ()
    """Columns that are searched and exported, and not shown."""
    points: tuple[str, ...] = ()
    """Those of them that hold thousandths of a point."""
    coded: bool = False
    """Whether an export holds the codes, not their words."""

    @property
    def names(self) -> Sequence[str]:
        """All columns that are shown, below others and in the details too, and further ones."""
        shown = [name for one in self.columns for name in (one.name, one.under) if name]
        return list(dict.fromkeys([*shown, *self.detail, *self.further]))


def for_program(
    listing: Listing,
    titles: Words,
    chosen: Words,
    values: Mapping[str, Words | Sequence[str]],
    hints: Mapping[str, Words] | None = None,
) -> dict[str, Any]:
    """What the program is told of a table, in one language.

    Args:
        listing: the table.
        titles: title of each column.
        chosen: title of each preset.
        values: by column, the words for its values; of a column with many, those of its distinct
            values in their order.
        hints: by column, longer words for what a cell shows.
    """
    return {
        "columns": [
            {"name": one.name, "kind": one.kind, "under": one.under} for one in listing.columns
        ],
        "presets": [[name, chosen[name]] for name in listing.presets],
        "sort": listing.sort,
        "opens": listing.opens,
        "detail": list(listing.detail),
        "further": list(listing.further),
        "points": list(listing.points),
        "coded": listing.coded,
        "titles": {name: titles.get(name, name) for name in listing.names},
        "values": values,
        "hints": hints or {},
    }
