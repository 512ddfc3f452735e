"""The FORMAT fields that are read, cut out of the calls as they come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

UNSPLIT_GT: Final = "GT_UNSPLIT"
"""FORMAT field that keeps the call of a multi-allelic record as it was before the split: the split
itself writes 0 for the other alternative alleles, which would hide them."""

FORMATS: Final = {
    "GT": 'Number=1,Type=String,Description="Genotype"',
    "AD": 'Number=R,Type=Integer,Description="Reads of each allele"',
    "AF": 'Number=A,Type=Float,Description="Share of the reads that carry the allele"',
    "VAF": 'Number=A,Type=Float,Description="Share of the reads that carry the allele"',
    "HF": 'Number=A,Type=Float,Description="Heteroplasmy fraction"',
    "DP": 'Number=1,Type=Integer,Description="Reads at the position"',
    "GQ": 'Number=1,Type=Float,Description="Genotype quality"',
    "PS": 'Number=1,Type=String,Description="Phase set"',
    "PGT": 'Number=1,Type=String,Description="Physical phasing: haplotypes"',
    "PID": 'Number=1,Type=String,Description="Physical phasing: phase set"',
    "CN": 'Number=1,Type=Float,Description="Copy number"',
    UNSPLIT_GT: 'Number=1,Type=String,Description="Genotype before the split of a '
    'multi-allelic record"',
}
"""Fields carried on, each declared as the VCF specification has it, whatever a file declares."""


class Layout:
    """One FORMAT column: which of its fields are carried on.

    Args:
        shape: the column's text, such as ``GT:AD:DP:GQ:PL``.
    """

    def __init__(self, shape: str) -> None:
        keys = shape.split(":")
        self._width = len(keys)
        self._wanted = [n for n, key in enumerate(keys) if key in FORMATS and key != UNSPLIT_GT]
        # GT must stand first (VCF specification 1.6.2), wherever a file has it.
        self._wanted.sort(key=lambda n: keys[n] != "GT")
        self._has_gt = bool(self._wanted) and keys[self._wanted[0]] == "GT"
        names = [keys[n] for n in self._wanted]
        self.form = ":".join(names if self._has_gt else ["GT", *names])
        self.unchanged = self._has_gt and self._wanted == list(range(self._width))

    def cut(self, calls: pa.Array) -> pa.Array:
        """The wanted fields of each call; trailing fields that are left out read as missing."""
        parts = pc.split_pattern(calls, ":")
        lengths = pc.list_value_length(parts).to_numpy(zero_copy_only=False)
        full = lengths == self._width
        if full.all():
            return self._join(parts)
        rows = np.flatnonzero(full)
        made = np.empty(len(calls), dtype=object)
        made[rows] = self._join(parts.take(pa.array(rows))).to_numpy(zero_copy_only=False)
        for row in np.flatnonzero(~full).tolist():
            values = parts[row].as_py()
            kept = [values[n] if n < len(values) and values[n] else "." for n in self._wanted]
            made[row] = ":".join(kept if self._has_gt else [".", *kept]) or "."
        return pa.array(made, pa.string())

    def _join(self, parts: pa.Array) -> pa.Array:
        columns = [pc.list_element(parts, n) for n in self._wanted]
        if not self._has_gt:
            columns.insert(0, pa.repeat(pa.scalar(".", pa.string()), len(parts)))
        return columns[0] if len(columns) == 1 else pc.binary_join_element_wise(*columns, ":")


def unsplit(
    form: pa.Array, calls: Sequence[pa.Array], several: np.ndarray[Any, Any]
) -> tuple[pa.Array, list[pa.Array]]:
    """Add ``GT_UNSPLIT`` to the records with more than one alternative allele."""
    rows = np.flatnonzero(several).tolist()
    forms = form.to_numpy(zero_copy_only=False).copy()
    widths = {row: forms[row].count(":") + 1 for row in rows}
    made = []
    for call in calls:
        texts = call.to_numpy(zero_copy_only=False).copy()
        for row in rows:
            values = texts[row].split(":")
            # Trailing fields may be left out of a VCF call.
            values += ["."] * (widths[row] - len(values))
            given = values[0] if forms[row].split(":", 1)[0] == "GT" else "."
            texts[row] = ":".join([*values, given])
        made.append(pa.array(texts, pa.string()))
    for row in rows:
        forms[row] = f"{forms[row]}:{UNSPLIT_GT}"
    return pa.array(forms, pa.string()), made
