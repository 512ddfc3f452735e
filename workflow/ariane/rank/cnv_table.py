"""The points of copy-number variants (Riggs and others, Genet Med 2020), as a versioned table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from ariane.files import RESOURCES, read_yaml
from ariane.model.errors import ArianeError
from ariane.model.points import milli

APPLIED: Final = ("yes", "no", "rules")
"""Whether Ariane applies an item: itself, not at all, or by the rules of sequence variants."""

Line = tuple[tuple[int, float], ...]
"""Points of the ledger by hundredths of Riggs' points, from the middle outwards."""


@dataclass(frozen=True)
class CnvItem:
    """One item of one of the two tables."""

    points: int
    """Hundredths of Riggs' points; 0 where the parentage decides."""
    text: str
    applied: str
    why: str
    """Why it is not applied; empty where it is."""
    source: str
    genes_from: int | None = None
    """Section 3: the number of genes from which it holds."""
    by_parentage: Mapping[str, int] | None = None
    """Hundredths by ``confirmed`` and ``assumed`` parentage: 4A to 4D."""


@dataclass(frozen=True)
class CnvTable:
    """Items by section, how their sum becomes points of the ledger, and what is read for them."""

    name: str
    version: int
    loss: Mapping[str, CnvItem]
    gain: Mapping[str, CnvItem]
    up: Line
    down: Line
    established: frozenset[str]
    benign: frozenset[str]
    pli_from: float
    loeuf_below: float
    de_novo: Mapping[str, str]
    """Item of section 4 by how the phenotype fits."""
    segregations: Mapping[int, str]
    affected_without: str
    unaffected_with: str
    carriers_spare_established: bool

    def items(self, kind: str) -> Mapping[str, CnvItem]:
        """The table for a ``DEL`` or a ``DUP``."""
        return self.loss if kind == "DEL" else self.gain

    def ledger(self, hundredths: int) -> int:
        """Thousandths of the ledger's points for a sum of Riggs' points."""
        line = self.up if hundredths >= 0 else self.down
        sign = 1 if hundredths >= 0 else -1
        if sign * hundredths < sign * line[0][0]:
            return 0
        for (start, low), (end, high) in pairwise(line):
            if sign * hundredths <= sign * end:
                share = (hundredths - start) / (end - start)
                return milli(low + (high - low) * share)
        return milli(line[-1][1])


@cache
def load_cnv(name: str, folder: Path = RESOURCES / "acmg") -> CnvTable:
    """Read a table by name.

    Raises:
        ArianeError: the file is missing, a key is missing or wrong, or a larger sum gives fewer
            points of the ledger.
    """
    path = folder / f"{name}.yaml"
    if not path.is_file():
        raise ArianeError(f"{path}: there is no such table of copy-number variants. Mend 'cnv'.")
    raw = read_yaml(path)
    try:
        return _table(raw)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as problem:
        raise ArianeError(f"{path}: missing or wrong: {problem}. Restore the file.") from None


def _table(raw: Mapping[str, Any]) -> CnvTable:
    family = raw["family"]
    made = CnvTable(
        name=str(raw["name"]),
        version=int(raw["version"]),
        loss=_items(raw["loss"]),
        gain=_items(raw["gain"]),
        up=_line(raw["ledger"]["up"]),
        down=_line(raw["ledger"]["down"]),
        established=frozenset(map(str, raw["dosage"]["established"])),
        benign=frozenset(map(str, raw["dosage"]["benign"])),
        pli_from=float(raw["predictors"]["pli_from"]),
        loeuf_below=float(raw["predictors"]["loeuf_below"]),
        de_novo={str(k): str(v) for k, v in family["de_novo"].items()},
        segregations={int(k): str(v) for k, v in family["segregations"].items()},
        affected_without=str(family["affected_without"]),
        unaffected_with=str(family["unaffected_with"]),
        carriers_spare_established=bool(family["carriers_spare_established"]),
    )
    named = {*made.de_novo.values(), *made.segregations.values()}
    for code in sorted(named | {made.affected_without, made.unaffected_with}):
        if code not in made.loss or code not in made.gain:
            raise ValueError(f"family: there is no item {code}")
    steps = [made.ledger(hundredths) for hundredths in range(-300, 301)]
    if steps != sorted(steps):
        raise ValueError("ledger: a larger sum gives fewer points")
    return made


def _items(raw: Mapping[str, Any]) -> dict[str, CnvItem]:
    return {str(code): _item(str(code), held) for code, held in raw.items()}


def _item(code: str, raw: Mapping[str, Any]) -> CnvItem:
    if raw["applied"] not in APPLIED:
        raise ValueError(f"{code}: applied is one of {', '.join(APPLIED)}, not {raw['applied']}")
    if raw["applied"] != "yes" and not raw.get("why"):
        raise ValueError(f"{code}: say why it is not applied")
    parents = {k: _hundredths(raw[k]) for k in ("confirmed", "assumed") if k in raw}
    return CnvItem(
        points=0 if parents else _hundredths(raw["points"]),
        text=str(raw["text"]),
        applied=str(raw["applied"]),
        why=str(raw.get("why", "")),
        source=str(raw["source"]),
        genes_from=int(raw["genes_from"]) if "genes_from" in raw else None,
        by_parentage=parents or None,
    )


def _line(raw: Sequence[Sequence[float]]) -> Line:
    return tuple((_hundredths(riggs), float(points)) for riggs, points in raw)


def _hundredths(points: float) -> int:
    return round(float(points) * 100)
