"""Numbers raised by hand whenever the code changes what it writes.

They stand in ``params:`` of the rules, so a raised number reruns the step, and they are the cause
named when a cycle must be a full pass. A golden test fails when output changed and the number did
not.
"""

from __future__ import annotations

from typing import Final

KNOWLEDGE: Final = 5
ANNOTATION: Final = 6
RANKING: Final = 6
REPORTING: Final = 7


def numbers() -> dict[str, int]:
    """The engine numbers by room, as frozen with each cycle."""
    return {
        "knowledge": KNOWLEDGE,
        "annotation": ANNOTATION,
        "ranking": RANKING,
        "reporting": REPORTING,
    }
