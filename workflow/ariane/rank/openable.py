"""Which stored candidates can open a hypothesis under a release, told by columns.

A genome's store holds two million rows, nearly all of them in introns: those that no gate of
:func:`ariane.rank.evaluate.evaluate` lets through are counted here and never become objects.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ariane.files import query
from ariane.knowledge import tables
from ariane.knowledge.assertions import PATHOGENIC
from ariane.knowledge.kinds import ASSERTING, BY_NAME
from ariane.rank.class_row import terms
from ariane.rank.computational import asks_splice

Mask = npt.NDArray[np.bool_]


class Openable:
    """Tells rows of the ``candidates`` table that may open a hypothesis from those that cannot.

    Args:
        folder: the release, prepared.
        consequences: those that open a hypothesis without an assertion.
        splicing: of some alleles, those that the splice predictor holds for likely to change
            splicing; None where the release holds no such predictor.
    """

    def __init__(
        self,
        folder: Path,
        consequences: frozenset[str],
        splicing: Callable[[Iterable[str]], frozenset[str]] | None,
    ) -> None:
        self._consequences = consequences
        self._splicing = splicing
        diseases = folder / f"{tables.GENE_DISEASE.name}.parquet"
        genes = query("SELECT DISTINCT gene FROM held ORDER BY gene", held=diseases)
        self._genes = pa.array([row["gene"] for row in genes], pa.string())
        self._named = pa.array(sorted(_named(folder)), pa.string())

    def mask(self, rows: pa.Table) -> Mask:
        """Which rows may open a hypothesis.

        Args:
            rows: columns ``variant``, ``gene``, ``consequence``, ``tier`` and ``alt`` at least.
        """
        of_disease = self.of_disease(rows)
        coding: Mask = _numpy(pc.equal(rows["tier"], "coding"))
        coded = _encoded(rows["consequence"])
        told = coded.dictionary.to_pylist()
        opens = [not self._consequences.isdisjoint(terms({"consequence": one})) for one in told]
        codes = _numpy(coded.indices)
        kept: Mask = coding & np.array(opens, dtype=bool)[codes] if told else coding
        kept = of_disease & (kept | _numpy(pc.is_in(rows["variant"], value_set=self._named)))
        if self._splicing is None:
            return kept
        asked = np.flatnonzero(of_disease & ~kept & _asked(coding, told, codes, rows["alt"]))
        variants = rows["variant"].take(pa.array(asked))
        changed = self._splicing(variants.unique().to_pylist()) if len(asked) else frozenset[str]()
        held = pc.is_in(variants, value_set=pa.array(sorted(changed), pa.string()))
        kept[asked[_numpy(held)]] = True
        return kept

    def of_disease(self, rows: pa.Table) -> Mask:
        """Which rows lie in a gene that the release links with a disease."""
        found: Mask = _numpy(pc.is_in(rows["gene"], value_set=self._genes))
        return found

    def left_out(self, rows: pa.Table, patient: str) -> Counter[str]:
        """How many rows that cannot open a hypothesis stop at which step.

        Args:
            rows: all candidates of one case.
            patient: the member who is the patient.
        """
        out = ~self.mask(rows)
        of_disease = self.of_disease(rows)
        own = _numpy(
            pc.match_substring_regex(rows["genotypes"], rf"(?:^|;){re.escape(patient)}=[^:;]*1")
        )
        return Counter(
            disease=int((~of_disease).sum()),
            patient=int((out & of_disease & ~own).sum()),
            consequence=int((out & of_disease & own).sum()),
        )


def _named(folder: Path) -> set[str]:
    """Alleles that any assertion names (likely) pathogenic."""
    words = ", ".join(f"'{word}'" for word in sorted(PATHOGENIC))
    found: set[str] = set()
    for kind in ASSERTING:
        table = BY_NAME[kind].table
        if table is not None:
            sql = f"SELECT DISTINCT variant FROM held WHERE klass IN ({words})"  # noqa: S608
            rows = query(sql, held=folder / f"{table.name}.parquet")
            found.update(row["variant"] for row in rows)
    return found


def _asked(coding: Mask, told: list[str], codes: Any, alts: Any) -> Mask:
    """Which rows the splice predictor is asked of: see :func:`asks_splice`."""
    long: Mask = _numpy(pc.starts_with(alts, "<"))
    asked: Mask = np.zeros(len(coding), dtype=bool)
    for tier, where in (("coding", coding), ("elsewhere", ~coding)):
        asks = [asks_splice({"consequence": one, "tier": tier, "alt": ""}) for one in told]
        asked |= where & np.array(asks, dtype=bool)[codes]
    return asked & ~long


def _encoded(column: pa.ChunkedArray) -> Any:
    return pc.dictionary_encode(column).combine_chunks()


def _numpy(column: Any) -> Any:
    chunks = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return chunks.to_numpy(zero_copy_only=False).copy()
