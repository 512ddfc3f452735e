"""Candidates outside the gene they are asserted for: a far enhancer, an intron of another gene.

A case's table of candidates holds what lies in or near a gene. Of the rest of a genome, only what a
release asserts pathogenic is worth a row, and that changes with the release: it is asked of the
case's ``variants.bcf``, which holds all of its records, by position.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pysam

from ariane.annotate.alleles import Alleles, Records, once
from ariane.annotate.hgvs import Namer
from ariane.annotate.sequence import Reference
from ariane.annotate.terms import shipped_terms
from ariane.files import read_json
from ariane.model.errors import ArianeError
from ariane.model.structural import kind_of
from ariane.model.tables import CANDIDATES

CONSEQUENCE: Final = "intergenic_variant"
"""The consequence in the gene that the assertion names: no candidate in or near a gene has it."""
PLACE: Final = "outside the gene"

Row = dict[str, Any]


def elsewhere_rows(
    case: str, folder: Path, asserted: Sequence[Mapping[str, Any]], reference: Path
) -> list[Row]:
    """Candidates of one case among alleles asserted for genes that they do not lie in.

    Args:
        case: identifier.
        folder: what annotation wrote for the case: ``variants.bcf``, ``annotation.json``.
        asserted: rows of the ``asserted_elsewhere`` table.
        reference: the release's FASTA.

    Raises:
        ArianeError: the case's BCF or its index is missing or damaged.
    """
    if not asserted:
        return []
    bcf = folder / "variants.bcf"
    try:
        summary = read_json(folder / "annotation.json")
        members = sorted(summary["samples"])
        with tempfile.TemporaryDirectory(prefix="ariane-elsewhere-") as name:
            carried = _carried(bcf, members, asserted, Path(name))
    except (OSError, ValueError, KeyError) as problem:
        raise ArianeError(
            f"{bcf}: missing or damaged ({problem}). Delete it and run the rule annotate again."
        ) from None
    if not carried:
        return []
    namer = Namer(Reference(reference))
    return [
        _row(case, row, carried[row["variant"]], namer)
        for row in asserted
        if row["variant"] in carried
    ]


def _carried(
    bcf: Path, members: Sequence[str], asserted: Sequence[Mapping[str, Any]], folder: Path
) -> dict[str, tuple[str, str]]:
    """Filters and genotypes of the alleles that a member carries."""
    wanted = _recorded(bcf, {row["variant"] for row in asserted})
    if not wanted:
        return {}
    records = Records(bcf, members, folder)
    found: dict[str, tuple[str, str]] = {}
    for contig in sorted(wanted.keys() & records.held.keys()):
        alleles = records.at(contig, sorted({pos for pos, _, _ in wanted[contig]}))
        keys = list(zip(alleles.pos.tolist(), *_texts(alleles), strict=True))
        same = [n for n, key in enumerate(keys) if key in wanted[contig]]
        held, _ = once(alleles.take(np.array(same, dtype=np.int64)))
        for n in np.flatnonzero(held.carried).tolist():
            key = f"{contig}-{held.pos[n]}-{held.ref[n].as_py()}-{held.alt[n].as_py()}"
            found[key] = (held.filters[n].as_py(), held.genotypes[n].as_py())
    return found


def _recorded(bcf: Path, variants: set[str]) -> dict[str, set[tuple[int, str, str]]]:
    """Those of the alleles that the file holds at all, by contig: few or none of hundreds."""
    found: dict[str, set[tuple[int, str, str]]] = {}
    with pysam.VariantFile(str(bcf)) as records:
        for variant in sorted(variants):
            chrom, position, ref, alt = variant.rsplit("-", 3)
            pos = int(position)
            if chrom not in records.header.contigs:
                continue
            for record in records.fetch(chrom, pos - 1, pos):
                if (record.pos, record.ref, record.alts) == (pos, ref, (alt,)):
                    found.setdefault(chrom, set()).add((pos, ref, alt))
    return found


def _texts(alleles: Alleles) -> tuple[list[str], list[str]]:
    return alleles.ref.to_pylist(), alleles.alt.to_pylist()


def _row(case: str, asserted: Mapping[str, Any], found: tuple[str, str], namer: Namer) -> Row:
    chrom, position, ref, alt = asserted["variant"].rsplit("-", 3)
    pos = int(position)
    row: Row = {
        field.name: "" if pa.types.is_string(field.type) else None for field in CANDIDATES.schema
    }
    tier = shipped_terms().told(frozenset({CONSEQUENCE}))[2]
    return row | {
        "case": case,
        "variant": asserted["variant"],
        "chrom": chrom,
        "pos": pos,
        "ref": ref,
        "alt": alt,
        "gene": asserted["gene"],
        "symbol": asserted["symbol"],
        "kind": kind_of(ref, alt),
        "end": pos + len(ref) - 1,
        "mane": False,
        "consequence": CONSEQUENCE,
        "hgvs_g": namer.genomic(chrom, pos, ref, alt),
        "place": PLACE,
        "tier": tier,
        "filters": found[0],
        "genotypes": found[1],
    }
