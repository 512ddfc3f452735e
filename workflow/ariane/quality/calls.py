"""The calls of a case's BCF as arrays, read by bcftools and Arrow, not record by record."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv
import pysam
import pysam.bcftools
import pysam.utils
from numpy.typing import NDArray

from ariane.knowledge.contigs import Contigs
from ariane.model.errors import ArianeError
from ariane.rank.karyotype import Region, region_of

MISSING: Final = -1
"""A call that is missing, half missing or haploid where two alleles are asked."""

_REGIONS: Final = {Region.AUTOSOME: 0, Region.X: 1, Region.Y: 2, Region.MITOCHONDRIAL: 3}
_TRANSITIONS: Final = frozenset({"AG", "GA", "CT", "TC"})
_FIELDS: Final = ("GT", "AD{0}", "AD{1}", "DP", "GQ")

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Calls:
    """Records of two alleles that pass, one row each; one column a sample."""

    samples: tuple[str, ...]
    records: int
    """All records of the BCF, split."""
    region: Ints
    """0 autosome or pseudoautosomal, 1 X, 2 Y, 3 mitochondria."""
    snv: Flags
    transition: Flags
    copies: Ints
    """Copies of ALT in a call of two alleles: 0, 1, 2, or ``MISSING``; sites by samples."""
    carried: Flags
    """Whether the call, of any ploidy, holds ALT."""
    called: Flags
    """Whether any allele was called."""
    ref_depth: Floats
    alt_depth: Floats
    depth: Floats
    quality: Floats
    """NaN where the VCF has none."""


def read_calls(bcf: Path, samples: Sequence[str], contigs: Contigs) -> Calls:
    """Read the calls of a normalised BCF.

    Args:
        bcf: split and left-aligned, as rule ``annotate`` leaves it.
        samples: the samples to read; they come in the order of the file.
        contigs: the reference's contigs, whose lengths tell where the pseudoautosomal regions lie.

    Raises:
        ArianeError: the file cannot be read, or lacks a sample.
    """
    parts = "".join(f"\\t%{field}" for field in _FIELDS)
    # A record split of several alleles would count a neighbour's allele as reference.
    form = f"%CHROM\\t%POS\\t%REF\\t%ALT\\t%FILTER\\t%INFO/OLD_RECORD[{parts}]\\n"
    noise = pysam.set_verbosity(0)
    try:
        with pysam.VariantFile(str(bcf)) as vcf:
            held = [name for name in vcf.header.samples if name in samples]
        if len(held) != len(samples):
            raise OSError
        samples = held
        with tempfile.TemporaryDirectory(prefix="ariane-quality-") as folder:
            out = Path(folder) / "calls.tsv"
            pysam.bcftools.query(
                *("-u", "-s", ",".join(samples), "-f", form, "-o", str(out), str(bcf)),
                catch_stdout=False,
            )
            table = _table(out, 6 + len(_FIELDS) * len(samples))
    except (pysam.utils.SamtoolsError, OSError, ValueError):
        raise ArianeError(
            f"{bcf}: cannot be read, or lacks a sample of {', '.join(samples)}. "
            "Delete it and run again."
        ) from None
    finally:
        pysam.set_verbosity(noise)
    records = table.num_rows
    table = table.filter(_wanted(table))
    ref, alt = table.column(2), table.column(3)
    pairs = pc.binary_join_element_wise(ref, alt, "")
    per_sample = [_sample(table, 6 + n * len(_FIELDS)) for n in range(len(samples))]

    def stacked(name: str) -> Any:
        return np.column_stack([one[name] for one in per_sample])

    return Calls(
        samples=tuple(samples),
        records=records,
        region=_region(table.column(0), table.column(1), contigs),
        snv=_numpy(pc.equal(pc.binary_length(pairs), 2)),
        transition=_numpy(pc.is_in(pairs, value_set=pa.array(sorted(_TRANSITIONS)))),
        copies=stacked("copies"),
        carried=stacked("carried"),
        called=stacked("called"),
        ref_depth=stacked("ref_depth"),
        alt_depth=stacked("alt_depth"),
        depth=stacked("depth"),
        quality=stacked("quality"),
    )


def _table(path: Path, width: int) -> pa.Table:
    names = [f"f{n}" for n in range(width)]
    if path.stat().st_size == 0:
        return pa.table({name: pa.array([], pa.string()) for name in names})
    return pv.read_csv(
        path,
        read_options=pv.ReadOptions(column_names=names, use_threads=False),
        parse_options=pv.ParseOptions(delimiter="\t", quote_char=False),
        convert_options=pv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )


def _wanted(table: pa.Table) -> pa.ChunkedArray:
    alt, filters, old = (table.column(n) for n in (3, 4, 5))
    plain = pc.match_substring_regex(alt, "^[ACGT]+$")
    passed = pc.is_in(filters, value_set=pa.array([".", "PASS"]))
    split = pc.match_substring_regex(old, r"\|[0-9]+$")
    several = pc.and_(split, pc.match_substring_regex(old, r"\|[^|]*,[^|]*\|[0-9]+$"))
    return pc.and_(pc.and_(plain, passed), pc.invert(several))


def _region(chroms: pa.ChunkedArray, positions: pa.ChunkedArray, contigs: Contigs) -> Ints:
    names = chroms.to_numpy()
    pos = pc.cast(positions, pa.int64()).to_numpy()
    found = np.zeros(len(names), dtype=np.int64)
    for name in np.unique(names):
        if str(name).removeprefix("chr") not in ("X", "Y", "M", "MT"):
            continue
        rows = np.flatnonzero(names == name)
        found[rows] = [_REGIONS[region_of(str(name), int(p), contigs)] for p in pos[rows]]
    return found


def _sample(table: pa.Table, at: int) -> dict[str, Any]:
    calls = pc.dictionary_encode(table.column(at).combine_chunks())
    if isinstance(calls, pa.ChunkedArray):
        calls = calls.combine_chunks()
    words = [_alleles(str(word)) for word in calls.dictionary.to_pylist()]
    codes = calls.indices.to_numpy(zero_copy_only=False)

    def by_word(values: list[Any], kind: Any) -> Any:
        return np.array(values, dtype=kind)[codes] if values else np.zeros(0, dtype=kind)

    ref_depth, alt_depth, depth, quality = (_number(table.column(at + n)) for n in range(1, 5))
    reads = ref_depth + alt_depth
    return {
        "copies": by_word([_copies(word) for word in words], np.int64),
        "carried": by_word(["1" in word for word in words], np.bool_),
        "called": by_word([any(mark != "." for mark in word) for word in words], np.bool_),
        "ref_depth": ref_depth,
        "alt_depth": alt_depth,
        "depth": np.where(np.isnan(depth), reads, depth),
        "quality": quality,
    }


def _alleles(call: str) -> list[str]:
    return call.replace("|", "/").split("/")


def _copies(alleles: list[str]) -> int:
    if len(alleles) != 2 or not set(alleles) <= {"0", "1"}:
        return MISSING
    return alleles.count("1")


def _number(column: pa.ChunkedArray) -> Floats:
    """Numbers of a text column; what is none is NaN."""
    good = pc.match_substring_regex(column, r"^[0-9]+(\.[0-9]*)?$")
    return np.asarray(
        pc.cast(pc.if_else(good, column, pa.scalar(None, pa.string())), pa.float64())
        .combine_chunks()
        .fill_null(float("nan"))
        .to_numpy(zero_copy_only=False),
        dtype=np.float64,
    )


def _numpy(column: Any) -> Flags:
    return np.asarray(column.to_numpy(), dtype=np.bool_)
