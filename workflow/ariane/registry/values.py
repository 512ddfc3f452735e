"""Numbers and dates as French registries spell them, and as their files and tables hold them."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Final

DATE_FORMATS: Final = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y")

_NUMBER: Final = re.compile(r"(\d+)(?:[.,](\d+))? ?%?")


def number(text: str) -> Decimal | None:
    """A number written with a comma or a point, or as percent: ``87,50%`` is 87.5."""
    found = _NUMBER.fullmatch(text.strip().replace("\u00a0", " ").replace("\u202f", " "))
    return Decimal(f"{found[1]}.{found[2] or 0}") if found else None


def day(text: str) -> date | None:
    """A date in any of DATE_FORMATS."""
    for pattern in DATE_FORMATS:
        try:
            return datetime.strptime(text.strip(), pattern).date()  # noqa: DTZ007
        except ValueError:
            continue
    return None


def spell_number(value: Decimal, decimal: str) -> str:
    """A number without trailing zeros or exponent, with the registry's decimal sign."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").removesuffix(".")
    return text.replace(".", decimal)
