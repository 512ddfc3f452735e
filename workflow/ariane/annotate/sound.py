"""Records looked at by columns for what cannot be: an ALT of no bases, a genotype of no allele.

What is wrong is told with its row, in the words of :mod:`ariane.knowledge.vcf_calls`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ariane.knowledge.vcf_calls import alt_fault, format_fault, gt_fault

_FIXED = 9


class UnsoundError(ValueError):
    """What is wrong with a record, in words.

    Args:
        row: its number in the batch, from 0.
        text: the words.
    """

    def __init__(self, row: int, text: str) -> None:
        super().__init__(text)
        self.row = row


def sound(batch: pa.RecordBatch, keep: np.ndarray[Any, np.dtype[np.bool_]]) -> pa.RecordBatch:
    """The batch with its calls in one shape: an empty one is ``.``, no separator stands first.

    Args:
        batch: the nine fixed columns of a VCF, then the calls.
        keep: which records matter.

    Raises:
        UnsoundError: an ALT, a FORMAT or a call of a record that matters cannot be.
    """
    rows = np.flatnonzero(keep)
    if not len(rows):
        return batch
    held = batch if len(rows) == batch.num_rows else batch.take(pa.array(rows))
    alts = held.column(4)
    odd = ~_numpy(pc.match_substring_regex(alts, "^[ACGTNacgtn]+$"))
    for row in np.flatnonzero(odd).tolist():
        if fault := alt_fault(alts[row].as_py().split(",")):
            raise UnsoundError(int(rows[row]), fault)
    count = _numpy(pc.count_substring(alts, ",")) + 1
    forms = held.column(8).dictionary_encode()
    codes = _numpy(forms.indices)
    places, widths = [], []
    for code, form in enumerate(forms.dictionary.to_pylist()):
        if fault := format_fault(form):
            raise UnsoundError(int(rows[int(np.argmax(codes == code))]), fault)
        keys = form.split(":")
        places.append(keys.index("GT") if "GT" in keys else -1)
        widths.append(len(keys))
    changed: dict[int, pa.Array] = {}
    for column in range(_FIXED, batch.num_columns):
        call = held.column(column)
        fields = _numpy(pc.count_substring(call, ":"))
        wide = np.flatnonzero(fields >= np.array(widths)[codes])
        if len(wide):
            row = int(wide[0])
            told = f"{call[row].as_py()[:40]!r} has more fields than FORMAT names"
            raise UnsoundError(int(rows[row]), told)
        _genotypes(call, np.array(places)[codes], count, rows)
        shaped = pc.replace_substring_regex(call, r"^[|/]", "")
        shaped = pc.if_else(pc.equal(shaped, ""), ".", shaped)
        if not shaped.equals(call):
            whole = batch.column(column).to_numpy(zero_copy_only=False).copy()
            whole[rows] = shaped.to_numpy(zero_copy_only=False)
            changed[column] = pa.array(whole, pa.string())
    if not changed:
        return batch
    columns = [changed.get(n, batch.column(n)) for n in range(batch.num_columns)]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _genotypes(call: pa.Array, places: Any, count: Any, rows: Any) -> None:
    parts = pc.split_pattern(call, ":")
    lengths = _numpy(pc.list_value_length(parts))
    for place in np.unique(places[places >= 0]).tolist():
        there = np.flatnonzero((places == place) & (lengths > place))
        if not len(there):
            continue
        texts = pc.list_element(parts.take(pa.array(there)), place).dictionary_encode()
        codes, alts = _numpy(texts.indices), count[there]
        pairs, first = np.unique(np.stack([codes, alts]), axis=1, return_index=True)
        words = texts.dictionary.to_pylist()
        for (code, number), at in zip(pairs.T.tolist(), first.tolist(), strict=True):
            if fault := gt_fault(words[code] or ".", number):
                raise UnsoundError(int(rows[there[at]]), fault)


def _numpy(column: Any) -> Any:
    return column.to_numpy(zero_copy_only=False)
