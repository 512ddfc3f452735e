"""Small counts kept out of a publication, with all other counts that would give them away.

A publication is a set of cells, tied by sums that every reader knows: strata add up to their whole,
parts of a group to the group. A count from one to below the threshold is small. It is suppressed,
and further cells are until no reader can tell from the sums that a small count lies below the
threshold. Zeros are shown, so a reader knows of a suppressed cell that it is at least one.

Whether a reader can tell is decided exactly, by integer programming (HiGHS, through scipy): for
each small cell there must be a world that fits all that is shown, in which it is not small.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

import numpy as np
from scipy import optimize, sparse

K = TypeVar("K", bound=Hashable)

_TOLERANCE: Final = 1e-6

_LARGE: Final = 10**7
"""Stands for no limit: above any count of persons or flags."""


@dataclass(frozen=True)
class Sum(Generic[K]):
    """A cell that is the sum of others."""

    whole: K
    parts: tuple[K, ...]

    @property
    def cells(self) -> tuple[K, ...]:
        """All of them."""
        return (self.whole, *self.parts)

    @property
    def signed(self) -> list[tuple[K, int]]:
        """All of them with the sign under which they add up to nothing."""
        return [(self.whole, -1), *((part, 1) for part in self.parts)]


@dataclass(frozen=True)
class Publication(Generic[K]):
    """Cells with their true counts, and what readers know of them."""

    counts: Mapping[K, int]
    sums: Sequence[Sum[K]]
    hidden: AbstractSet[K] = frozenset()
    """Cells that are never shown, but that a difference could give: a complement."""
    harmless: AbstractSet[K] = frozenset()
    """Hidden cells that count no persons: whoever derives one learns nothing."""
    worth: Mapping[K, int] = field(default_factory=dict)
    """How much readers lose with a cell, against 1 for any other."""

    def small(self, threshold: int) -> frozenset[K]:
        """Cells that nobody may learn to be small."""
        return frozenset(
            key
            for key, count in self.counts.items()
            if 0 < count < threshold and key not in self.harmless
        )

    def shown(self, out: AbstractSet[K]) -> dict[K, int]:
        """The counts that are published, of all but some cells."""
        counts = self.counts.items()
        return {key: n for key, n in counts if key not in out and key not in self.hidden}


def suppressed(publication: Publication[K], threshold: int) -> frozenset[K]:
    """The cells to leave out: the small ones, and those that protect them.

    The same cells give the same answer in any order. Cells of the hidden are not among them.
    """
    ordered = _in_order(publication)
    small = [key for key in ordered.counts if key in publication.small(threshold)]
    out = set(small) - publication.hidden
    _within_sums(ordered, out, threshold)
    while exposed := _Reader(ordered, out).tells_small(small, threshold):
        before = len(out)
        for key in exposed:
            out |= _protectors(ordered, out, key, threshold)
        if len(out) == before:
            raise ArithmeticError(f"nothing protects {exposed[0]!r}")
    return frozenset(out)


def _in_order(publication: Publication[K]) -> Publication[K]:
    """The same in one order, whatever the order given: it decides between equal cells."""
    cells = sorted(publication.counts, key=repr)
    place = {key: number for number, key in enumerate(cells)}
    return Publication(
        {key: publication.counts[key] for key in cells},
        sorted(publication.sums, key=lambda one: [place[cell] for cell in one.cells]),
        publication.hidden,
        publication.harmless,
        publication.worth,
    )


def most(publication: Publication[K], out: AbstractSet[K], key: K) -> int:
    """The largest count that a reader must think possible for a cell.

    Args:
        publication: the cells and their sums; a reader knows those not in ``out``.
        out: cells that are left out.
        key: the cell.
    """
    return _Reader(publication, out).most(key)


def told_small(publication: Publication[K], out: AbstractSet[K], threshold: int) -> list[K]:
    """The cells of which a reader can tell that they are from one to below the threshold.

    Of the counts only those are read that are shown, so that it judges what others made, too. Of a
    hidden cell the reader must also be able to tell that it is not zero.

    Raises:
        ArithmeticError: the counts that are shown do not add up.
    """
    read = _in_order(publication)
    unread = [k for k in read.counts if (k in out or k in read.hidden) and k not in read.harmless]
    reader = _Reader(read, out)
    told = reader.tells_small(unread, threshold)
    return [key for key in told if key not in read.hidden or reader.least(key)]


def _by_cell(sums: Iterable[Sum[K]]) -> dict[K, list[Sum[K]]]:
    found: defaultdict[K, list[Sum[K]]] = defaultdict(list)
    for one in sums:
        for key in one.cells:
            found[key].append(one)
    return dict(found)


def _within_sums(publication: Publication[K], out: set[K], threshold: int) -> None:
    """Leave out what single sums would give away: quick, and nearly all of the work."""
    counts, hidden = publication.counts, publication.hidden
    small = publication.small(threshold)
    again = True
    while again:
        again = False
        for one in publication.sums:
            unknown = [k for k in one.parts if k in out or k in hidden]
            at_risk = [k for k in unknown if k in small]
            if not at_risk or one.whole in out or one.whole in hidden:
                continue
            left = sum(counts[k] for k in unknown)
            least = sum(k not in hidden for k in unknown)
            if all(left - least + (k not in hidden) >= threshold for k in at_risk):
                continue
            further = [k for k in one.parts if counts[k] and k not in out and k not in hidden]
            out.add(min(further, key=counts.__getitem__) if further else one.whole)
            again = True


class _Reader(Generic[K]):
    """What a reader can work out from a publication with some cells left out."""

    def __init__(self, publication: Publication[K], out: AbstractSet[K]) -> None:
        self._counts = publication.counts
        self._known = self._subtracted(publication, out)
        cells = [key for key in publication.counts if key not in self._known]
        self._column = {key: number for number, key in enumerate(cells)}
        self._least = [0 if key in publication.hidden else 1 for key in cells]
        rows: list[int] = []
        columns: list[int] = []
        signs: list[int] = []
        right: list[int] = []
        for one in publication.sums:
            tied = one.signed
            if all(key in self._known for key, _ in tied):
                continue
            for key, sign in tied:
                if key not in self._known:
                    rows.append(len(right))
                    columns.append(self._column[key])
                    signs.append(sign)
            right.append(-sum(sign * self._known.get(key, 0) for key, sign in tied))
        shape = (len(right), len(cells))
        self._matrix: Any = sparse.csr_array((signs, (rows, columns)), shape=shape)
        self._right = np.array(right)

    @staticmethod
    def _subtracted(publication: Publication[K], out: AbstractSet[K]) -> dict[K, int]:
        """What is shown, and what a reader finds by a single subtraction, again and again."""
        known = publication.shown(out)
        by_cell = _by_cell(publication.sums)
        queue = list(publication.sums)
        while queue:
            one = queue.pop()
            unknown = [key for key in one.cells if key not in known]
            if len(unknown) == 1:
                sign = dict(one.signed)[unknown[0]]
                rest = sum(mark * known[key] for key, mark in one.signed if key in known)
                known[unknown[0]] = -sign * rest
                queue += by_cell.get(unknown[0], ())
        return known

    def most(self, key: K) -> int:
        """The largest possible count of a cell."""
        if key in self._known:
            return self._known[key]
        return self._extreme(key, 1)

    def least(self, key: K) -> int:
        """The smallest possible count of a cell."""
        return self._known[key] if key in self._known else self._extreme(key, -1)

    def tells_small(self, small: Sequence[K], threshold: int) -> list[K]:
        """Those of some cells of which the reader can tell that they are below a threshold.

        One world in which many cells are large clears them all, so few worlds are needed.
        """
        exposed = [key for key in small if 0 < self._known.get(key, 0) < threshold]
        waiting = [key for key in small if key not in self._known]
        while waiting:
            world = self._world(waiting, threshold)
            left = [key for key in waiting if world[self._column[key]] < threshold]
            if len(left) == len(waiting):
                # Together none: what cannot be large alone is exposed.
                alone = [key for key in left if self.most(key) < threshold]
                return sorted(exposed + alone, key=small.index)
            waiting = left
        return exposed

    def _world(self, wanted: Sequence[K], threshold: int) -> Any:
        """A possible world in which wanted cells together are as large as they can be.

        What lies above the threshold counts for nothing, so that many cells reach it.
        """
        size, count = len(self._column), len(wanted)
        places = [self._column[key] for key in wanted]
        # A second column for each wanted cell: the cell, but never above the threshold.
        capped = sparse.csr_array(
            (
                np.r_[np.ones(count), -np.ones(count)],
                (np.r_[range(count), range(count)], np.r_[places, range(size, size + count)]),
            ),
            shape=(count, size + count),
        )
        wide = sparse.hstack([self._matrix, sparse.csr_array((self._matrix.shape[0], count))])
        rules = [
            optimize.LinearConstraint(wide, self._right, self._right),
            optimize.LinearConstraint(capped, 0, np.inf),
        ]
        aim = np.r_[np.zeros(size), np.ones(count)]
        upper = np.r_[np.full(size, _LARGE), np.full(count, threshold)]
        least = np.r_[self._least, np.zeros(count)]
        return self._optimum(aim, rules, least, upper)[:size]

    def _extreme(self, key: K, direction: int) -> int:
        aim = np.zeros(len(self._column))
        aim[self._column[key]] = direction
        rule = optimize.LinearConstraint(self._matrix, self._right, self._right)
        upper = np.full(len(aim), _LARGE)
        return int(self._optimum(aim, [rule], np.array(self._least), upper)[self._column[key]])

    @staticmethod
    def _optimum(aim: Any, rules: Any, least: Any, upper: Any) -> Any:
        found: Any = optimize.milp(
            -aim,
            constraints=rules,
            integrality=np.ones(len(aim)),
            bounds=optimize.Bounds(least, upper),
        )
        if found.x is None:
            raise ArithmeticError(f"no world fits what is shown: {found.message}")
        return np.rint(found.x)


def _protectors(publication: Publication[K], out: AbstractSet[K], key: K, threshold: int) -> set[K]:
    """The cells to leave out further, so that one may be as large as the threshold.

    Of all worlds in which it is, the one that changes least of what is shown, by its worth, and no
    shown cell to zero: what it changes is left out. This is the usual linear programme of cell
    suppression (Fischetti and Salazar, 2001, give it with its kin).
    """
    counts = publication.counts
    shown = publication.shown(out)
    cells = [k for k in counts if k not in shown]  # free
    moved = [k for k, n in shown.items() if n]  # may move, at a price
    column = {k: number for number, k in enumerate(cells)}
    up = {k: len(cells) + number for number, k in enumerate(moved)}
    rows: list[int] = []
    columns: list[int] = []
    signs: list[int] = []
    right: list[int] = []
    for one in publication.sums:
        for cell, sign in one.signed:
            if cell in column:
                rows.append(len(right))
                columns.append(column[cell])
                signs.append(sign)
            elif cell in up:
                rows += [len(right)] * 2
                columns += [up[cell], up[cell] + len(moved)]
                signs += [sign, -sign]
        right.append(-sum(sign * shown.get(cell, 0) for cell, sign in one.signed))
    width = len(cells) + 2 * len(moved)
    least = [0 if k in publication.hidden else 1 for k in cells]
    bounds: list[tuple[int, int]] = [(low, _LARGE) for low in least]
    bounds += [(0, _LARGE)] * len(moved) + [(0, shown[k] - 1) for k in moved]
    bounds[column[key]] = (threshold, _LARGE)
    # A little dearer from cell to cell, so that no two worlds cost the same.
    price = [publication.worth.get(k, 1) * (1 + 1e-5 * n) for n, k in enumerate(moved)]
    found: Any = optimize.linprog(
        np.r_[np.zeros(len(cells)), price, price],
        A_eq=sparse.csr_array((signs, (rows, columns)), shape=(len(right), width)),
        b_eq=np.array(right),
        bounds=bounds,
        method="highs",
    )
    change = found.x[len(cells) :].reshape(2, -1).sum(axis=0)
    return {k for k, moves in zip(moved, change, strict=True) if moves > _TOLERANCE}
