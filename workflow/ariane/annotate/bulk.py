"""HGVS names of many alleles at once; what is no plain substitution is named one by one."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ariane.annotate.alleles import Alleles, Whole
from ariane.annotate.genes import Transcript
from ariane.annotate.hgvs import Namer

_COMPLEMENT: Final = {"A": "T", "C": "G", "G": "C", "T": "A"}
_BASES: Final = pa.array(list(_COMPLEMENT))
_TURNED: Final = pa.array(list(_COMPLEMENT.values()))


def genomic_names(namer: Namer, alleles: Alleles) -> pa.StringArray:
    """The g. name of each allele."""
    single = _single(alleles.ref, alleles.alt)
    rest = np.flatnonzero(~single)
    named = pc.binary_join_element_wise(
        namer.prefix(alleles.contig),
        pa.array(alleles.pos).cast(pa.string()),
        alleles.ref,
        ">",
        alleles.alt,
        "",
    )
    if not len(rest):
        return named
    names = [
        namer.genomic(alleles.contig, pos, ref, alt) for pos, ref, alt in _given(alleles, rest)
    ]
    return _filled(named, single, names)


def intronic_names(
    namer: Namer, transcript: Transcript, alleles: Alleles, rows: Whole
) -> pa.StringArray:
    """The c. (or n.) name of alleles inside a transcript, none of which touches an exon.

    Args:
        namer: HGVS names.
        transcript: the transcript.
        alleles: alleles of its contig.
        rows: which of them.
    """
    at = pa.array(rows)
    ref, alt, pos = alleles.ref.take(at), alleles.alt.take(at), alleles.pos[rows]
    single = _single(ref, alt)
    places = namer.places(transcript, alleles.contig)
    starts, ends = places.edges
    number = np.searchsorted(starts, pos, side="right") - 1
    single &= (number >= 0) & (number < len(starts) - 1)
    rest = np.flatnonzero(~single)
    if len(rest) == len(rows):
        named = pa.repeat(pa.scalar("", pa.string()), len(rows))
    else:
        number = np.clip(number, 0, max(0, len(starts) - 2))
        left, right = pos - ends[number], starts[np.minimum(number + 1, len(starts) - 1)] - pos
        # Of the middle base the exon that comes first in the transcript counts.
        from_left = right > left if places.minus else left <= right
        anchor = np.where(from_left, 2 * number, 2 * number + 1)
        shown = [_turned(column) if places.minus else column for column in (ref, alt)]
        named = pc.binary_join_element_wise(
            pa.array(places.intron_anchors, pa.string()).take(pa.array(anchor)),
            pa.array(np.where(from_left, left, right)).cast(pa.string()),
            shown[0],
            ">",
            shown[1],
            "",
        )
    if not len(rest):
        return named
    names = [
        namer.names(transcript, alleles.contig, p, r, a).c
        for p, r, a in _given(alleles, rows[rest])
    ]
    return _filled(named, single, names)


def _single(ref: pa.StringArray, alt: pa.StringArray) -> Any:
    known = [pc.is_in(column, value_set=_BASES) for column in (ref, alt)]
    return pc.and_(*known).to_numpy(zero_copy_only=False).copy()


def _turned(column: pa.StringArray) -> pa.StringArray:
    return pc.fill_null(_TURNED.take(pc.index_in(column, value_set=_BASES)), "")


def _given(alleles: Alleles, rows: Whole) -> list[tuple[int, str, str]]:
    at = pa.array(rows)
    texts = (alleles.ref.take(at).to_pylist(), alleles.alt.take(at).to_pylist())
    return list(zip(alleles.pos[rows].tolist(), *texts, strict=True))


def _filled(named: pa.StringArray, single: Any, names: list[str]) -> pa.StringArray:
    """The names made at once, and those made one by one in the places left over."""
    order = np.zeros(len(single), dtype=np.int64)
    order[single] = np.flatnonzero(single)
    order[~single] = len(single) + np.arange(len(names))
    return pa.concat_arrays([named, pa.array(names, pa.string())]).take(pa.array(order))
