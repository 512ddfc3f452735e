"""Records looked at by columns for what cannot be: an ALT of no bases, a genotype of no allele.

What is wrong is told with its row, in the words of :mod:`ariane.knowledge.vcf_calls`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ariane.annotate.columns import matching
from ariane.knowledge.vcf_calls import alt_fault, format_fault, gt_fault

_FIXED = 9
_BASES = pa.array(list("ACGT"))


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
    odd = ~matching(alts, _BASES, "^[ACGTNacgtn]+$")
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
        shaped = _shaped(call)
        if shaped is not None:
            whole = batch.column(column).to_numpy(zero_copy_only=False).copy()
            whole[rows] = shaped.to_numpy(zero_copy_only=False)
            changed[column] = pa.array(whole, pa.string())
    if not changed:
        return batch
    columns = [changed.get(n, batch.column(n)) for n in range(batch.num_columns)]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _shaped(call: pa.Array) -> pa.Array | None:
    """Calls without a leading separator, none of them empty; None where all are so already."""
    leading = pc.or_(pc.starts_with(call, "|"), pc.starts_with(call, "/"))
    if not pc.any(pc.or_(leading, pc.equal(call, ""))).as_py():
        return None
    shaped = pc.replace_substring_regex(call, r"^[|/]", "")
    return pc.if_else(pc.equal(shaped, ""), ".", shaped)


def _genotypes(call: pa.Array, places: Any, count: Any, rows: Any) -> None:
    for place in (np.flatnonzero(np.bincount(places + 1)) - 1).tolist():
        if place < 0:
            continue
        there = np.flatnonzero(places == place)
        held = call if len(there) == len(call) else call.take(pa.array(there))
        texts = _diploid(held) if place == 0 else None
        if texts is None:
            parts = pc.split_pattern(held, ":", max_splits=place + 1)
            if place:
                long = np.flatnonzero(_numpy(pc.list_value_length(parts)) > place)
                there, parts = there[long], parts.take(pa.array(long))
            if not len(there):
                continue
            texts = pc.list_element(parts, place).dictionary_encode()
        words = texts.dictionary.to_pylist()
        # Of each pair of a GT and a number of alleles once: there are few.
        pairs = _numpy(texts.indices).astype(np.int64) + len(words) * count[there].astype(np.int64)
        for pair in np.flatnonzero(np.bincount(pairs)).tolist():
            number, code = divmod(pair, len(words))
            if fault := gt_fault(words[code] or ".", number):
                raise UnsoundError(int(rows[there[int(np.argmax(pairs == pair))]]), fault)


def _diploid(call: pa.Array) -> pa.DictionaryArray | None:
    """The first field of each call where all are three characters long, as of most files."""
    heads = pc.binary_slice(call.cast(pa.binary()), 0, 4).dictionary_encode()
    words = [head.decode("utf-8", "replace") for head in heads.dictionary.to_pylist()]
    if not all(len(word) >= 3 and f"{word}:".find(":") == 3 for word in words):
        return None
    return pa.DictionaryArray.from_arrays(heads.indices, pa.array([w[:3] for w in words]))


def _numpy(column: Any) -> Any:
    return column.to_numpy(zero_copy_only=False)
