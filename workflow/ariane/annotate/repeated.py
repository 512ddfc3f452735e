"""Alleles that a VCF writes more than once, made one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ariane.annotate.alleles import Alleles
from ariane.annotate.genotypes import better
from ariane.model.genotype import Genotype


def once(alleles: Alleles) -> tuple[Alleles, int]:
    """An allele that comes in several records once, with the better of its calls.

    Args:
        alleles: of one contig, in order of position, REF and ALT.

    Returns:
        the alleles, and how many records were joined to another.
    """
    again = (
        (np.diff(alleles.pos) == 0)
        & _numpy(pc.equal(alleles.ref[1:], alleles.ref[:-1]))
        & _numpy(pc.equal(alleles.alt[1:], alleles.alt[:-1]))
        if len(alleles)
        else np.array([], dtype=bool)
    )
    if not again.any():
        return alleles, 0
    repeats = (np.flatnonzero(again) + 1).tolist()
    calls = [column.to_pylist() for column in alleles.calls]
    filters = alleles.filters.to_pylist()
    carried = alleles.carried.copy()
    first = 0
    for row in repeats:
        if not again[row - 2] or row - 1 == 0:
            first = row - 1
        for column in calls:
            held, given = Genotype.decode(column[first]), Genotype.decode(column[row])
            column[first] = better(held, given).encode()
        if filters[row] in ("PASS", "."):
            filters[first] = filters[row]
        carried[first] |= carried[row]
    joined = alleles.with_calls(calls, filters, carried)
    keep = np.ones(len(alleles), dtype=bool)
    keep[repeats] = False
    return joined.take(np.flatnonzero(keep)), len(repeats)


def _numpy(column: pa.Array) -> Any:
    return column.to_numpy(zero_copy_only=False)
