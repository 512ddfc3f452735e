"""Identifiers that documents need and no record has: the same for the same content, for ever.

None is ever shaped like a national number: a gate would stop the whole export at it, in each cycle.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, Final
from uuid import UUID, uuid5

from ariane.intake.identity import holds_ins
from ariane.model.canonical import digest, to_json

_NAMESPACE: Final = UUID("6f1f3f0a-9d4c-5b1e-8c55-1d9f2a7be001")
"""Of Ariane's own; chosen once, never to change."""


def short_id(stem: str, *content: Any) -> str:
    """``stem.0123456789abcdef``: the stem and a digest of the content.

    The stem must not itself be shaped like a national number.
    """
    return _harmless(stem, lambda salted: f"{stem}.{digest(salted)}", content)


def uuid_of(*content: Any) -> str:
    """A UUID (version 5) of the content, which is plain values."""
    return _harmless("", lambda salted: str(uuid5(_NAMESPACE, to_json(salted))), content)


def _harmless(stem: str, name: Callable[[list[Any]], str], content: tuple[Any, ...]) -> str:
    names = (name([*content, f"again {salt}"] if salt else list(content)) for salt in count())
    return next(found for found in names if holds_ins(stem) or not holds_ins(found))
