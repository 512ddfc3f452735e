"""Since when a case and each of its findings have stood, and when a finding was withdrawn.

A table of each cycle, made from that of the cycle before and this cycle's events: neither a full
pass nor a new base ends a history.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ariane.files import read_table
from ariane.model.tables import SINCE

Row = dict[str, Any]
Key = tuple[str, str]
"""A case and a finding; with an empty finding, the case itself."""

ITSELF: Final = ""


@dataclass(frozen=True)
class Since:
    """What one cycle knows of the past of a shard."""

    first_seen: Mapping[Key, str] = field(default_factory=dict)
    """The cycle since which each case has been taken up, and each finding that came later has
    stood, without a break."""
    withdrawn: Mapping[Key, str] = field(default_factory=dict)
    """The cycle in which each finding was withdrawn that has not returned."""

    @classmethod
    def read(cls, path: Path | None) -> Since:
        """The table of a cycle; nothing is known before the first.

        Raises:
            ArianeError: it is missing or damaged.
        """
        rows = read_table(path, SINCE) if path else []
        return cls(
            *({(r["case"], r["finding"]): r[name] for r in rows if r[name]} for name in _COLUMNS)
        )

    def rows(self) -> list[Row]:
        """Rows of the table."""
        keys = self.first_seen.keys() | self.withdrawn.keys()
        parts = (self.first_seen, self.withdrawn)
        return [
            {"case": key[0], "finding": key[1]}
            | {name: part.get(key, "") for name, part in zip(_COLUMNS, parts, strict=True)}
            for key in keys
        ]

    def of(self, key: Key) -> str:
        """The cycle since which a finding that stands has stood."""
        return self.first_seen.get(key) or self.first_seen[key[0], ITSELF]

    def of_cases(self, cases: Collection[str]) -> Since:
        """The past of some cases."""
        parts = (self.first_seen, self.withdrawn)
        return Since(*({k: v for k, v in part.items() if k[0] in cases} for part in parts))

    def joined(self, other: Since) -> Since:
        """This past and that of other cases."""
        return Since({**self.first_seen, **other.first_seen}, {**self.withdrawn, **other.withdrawn})

    def after(
        self,
        cycle: str,
        cases: Collection[str],
        before: Collection[Key],
        now: Collection[Key],
        events: Iterable[Mapping[str, Any]],
    ) -> Since:
        """What the next cycle will know.

        Args:
            cycle: this cycle.
            cases: those that it took up; the past of all others is forgotten.
            before: findings that stood in the previous cycle: what is out of scope does not.
            now: findings that stand in this one.
            events: what it told.
        """
        first = {(case, ITSELF): self.first_seen.get((case, ITSELF), cycle) for case in cases}
        known = {case for case, _ in self.first_seen}
        stood = set(before)
        for key in now:
            if key not in stood and key[0] in known:
                first[key] = cycle
            elif key in self.first_seen:
                first[key] = self.first_seen[key]
        gone = {key: when for key, when in self.withdrawn.items() if key[0] in set(cases)}
        for event in events:
            key = (event["case"], event["finding"])
            if event["kind"] == "withdrawn" and event["finding"]:
                gone[key] = cycle
            elif event["finding"]:
                gone.pop(key, None)
        standing = set(now)
        return Since(first, {key: when for key, when in gone.items() if key not in standing})


_COLUMNS: Final = ("first_seen", "withdrawn")
