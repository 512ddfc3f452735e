"""The calls of many records at once, made into the text that the store keeps.

What is written plainly (nearly all of a file) is joined by columns; what is not goes one by one
through :func:`ariane.annotate.genotypes.genotype`, which knows every odd shape. Both give the same
text: a test holds them together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ariane.annotate.fields import FORMATS, UNSPLIT_GT
from ariane.annotate.genotypes import SHARES, carries, genotype, phased_call

FIELDS: Final = tuple(FORMATS)
"""Fields of one call, in the order in which they are queried."""

_ODD_FIELDS: Final = (*SHARES, "PGT", "PID", "CN", UNSPLIT_GT)
"""Fields whose presence sends a call to the adapter."""


@dataclass(frozen=True)
class Calls:
    """Calls of one member, one per record."""

    text: pa.Array
    """As :meth:`ariane.model.genotype.Genotype.encode` writes them."""
    carried: np.ndarray[Any, np.dtype[np.bool_]]
    """Whether the member has the allele."""


def calls_of(fields: Mapping[str, pa.Array], numbers: Sequence[int] | None) -> Calls:
    """Read one member's calls.

    Args:
        fields: by name of FORMAT field, one text per record; what a file lacks may be left out.
        numbers: the allele's number before the split, by record; None where nothing was split.
    """
    gt = fields["GT"]
    size = len(gt)
    ad, dp, ps = (fields.get(name, _missing(size)) for name in ("AD", "DP", "PS"))
    plain = np.ones(size, dtype=bool)
    for name in _ODD_FIELDS:
        if name in fields:
            plain &= _numpy(pc.equal(fields[name], "."))
    coded = gt.dictionary_encode()
    codes = _numpy(coded.indices)
    told = [genotype({"GT": text}) for text in coded.dictionary.to_pylist()]
    marks = [call.encode().split(":", 1)[0] for call in told]
    phased = np.array([call.phased for call in told], dtype=bool)[codes]
    carried = np.array([carries(call) for call in told], dtype=bool)[codes]
    depths = ad.dictionary_encode()
    pairs = _numpy(pc.match_substring_regex(depths.dictionary, r"^(?:0|[1-9]\d*),(?:0|[1-9]\d*)$"))
    no_pair = _numpy(pc.equal(depths.dictionary, "."))
    plain &= (pairs | no_pair)[_numpy(depths.indices)]
    shown_depths = pc.if_else(pa.array(no_pair), ".,.", depths.dictionary)
    counts = dp.dictionary_encode()
    whole = _numpy(pc.match_substring_regex(counts.dictionary, r"^(?:0|[1-9]\d*|\.)$"))
    plain &= whole[_numpy(counts.indices)]
    qualities = fields.get("GQ", _missing(size)).dictionary_encode()
    shown = [_quality(text) for text in qualities.dictionary.to_pylist()]
    text = pc.binary_join_element_wise(
        pa.array(marks, pa.string()).take(coded.indices),
        shown_depths.take(depths.indices),
        dp,
        pa.array(shown, pa.string()).take(qualities.indices),
        pc.if_else(pa.array(phased), ps, "."),
        ":",
    )
    odd = np.flatnonzero(~plain)
    if len(odd):
        made = text.to_numpy(zero_copy_only=False).copy()
        taken = {name: column.take(pa.array(odd)).to_pylist() for name, column in fields.items()}
        for place, row in enumerate(odd.tolist()):
            call = genotype(
                {name: values[place] for name, values in taken.items()},
                numbers[row] if numbers is not None else 1,
            )
            made[row] = call.encode()
            carried[row] = carries(call)
        text = pa.array(made, pa.string())
    return Calls(text, carried)


def phases(fields: Mapping[str, pa.Array]) -> tuple[pa.Array, pa.Array]:
    """GT and phase set of each call, physical phase included.

    Args:
        fields: as for :func:`calls_of`.
    """
    gt = fields["GT"]
    sets = fields.get("PS", _missing(len(gt)))
    if "PID" not in fields:
        return gt, sets
    rows = np.flatnonzero(_numpy(pc.not_equal(fields["PID"], ".")))
    own, blocks = (_numpy(column).copy() for column in (gt, sets))
    taken = {name: column.take(pa.array(rows)).to_pylist() for name, column in fields.items()}
    for place, row in enumerate(rows.tolist()):
        text, block = phased_call({name: values[place] for name, values in taken.items()})
        own[row], blocks[row] = text, block or "."
    return pa.array(own, pa.string()), pa.array(blocks, pa.string())


@cache
def _quality(text: str) -> str:
    return genotype({"GT": ".", "GQ": text}).encode().split(":")[3]


def family_text(members: Mapping[str, pa.Array]) -> pa.Array:
    """Calls of all members as :func:`ariane.model.genotype.encode_family` joins them."""
    parts = [
        pc.binary_join_element_wise(pa.scalar(member), text, "=")
        for member, text in sorted(members.items())
    ]
    return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, ";")


def _missing(size: int) -> pa.Array:
    return pa.repeat(pa.scalar(".", pa.string()), size)


def _numpy(column: Any) -> Any:
    return column.to_numpy(zero_copy_only=False)
