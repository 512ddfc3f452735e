"""Numbers and dates as French registries spell them, and as their files and tables hold them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Final

DATE_FORMATS: Final = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y")

_NUMBER: Final = re.compile(r"(\d+)(?:[.,](\d+))? ?%?")
_DAY: Final = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)|(\d\d?)([/.-])(\d\d?)\5(\d{4})")
"""A date in one of DATE_FORMATS, read a hundred times as fast as by them."""


def number(text: str) -> Decimal | None:
    """A number written with a comma or a point, or as percent: ``87,50%`` is 87.5."""
    found = _NUMBER.fullmatch(text.strip().replace("\u00a0", " ").replace("\u202f", " "))
    return Decimal(f"{found[1]}.{found[2] or 0}") if found else None


def day(text: str) -> date | None:
    """A date in any of DATE_FORMATS."""
    found = _DAY.fullmatch(text.strip())
    if found is None:
        return None
    year, month, of_month = found.group(*((1, 2, 3) if found[1] else (7, 6, 4)))
    try:
        return date(int(year), int(month), int(of_month))
    except ValueError:
        return None


def spell_number(value: Decimal, decimal: str) -> str:
    """A number without trailing zeros or exponent, with the registry's decimal sign."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").removesuffix(".")
    return text.replace(".", decimal)
