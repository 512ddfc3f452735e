"""Alleles of an annotated case that lie outside every gene, looked up where they are kept.

Half of a genome's alleles lie beyond the reach of every gene. They have no row among the case's
candidates, which would double the store for alleles that nobody can interpret; they stay in the
case's indexed BCF. Under a release that asserts one of them, it is read from there by its key:
what it costs grows with what is asserted, not with the genome.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pysam

from ariane.annotate.alleles import Alleles, read_alleles, records_by_contig
from ariane.annotate.bulk import Bulk
from ariane.annotate.hgvs import Namer
from ariane.annotate.normalise import bcftools
from ariane.annotate.repeated import once
from ariane.annotate.sequence import Reference
from ariane.model.errors import ArianeError
from ariane.model.structural import kind_of
from ariane.model.tables import CANDIDATES

CONSEQUENCE: Final = "intergenic_variant"
"""Sequence Ontology's word (SO:0001628) for an allele beyond the reach of every gene."""

_UNTOLD: Final[dict[str, Any]] = {
    **{name: "" for name in CANDIDATES.columns if CANDIDATES.schema.field(name).type == "string"},
    "mane": False,
    "protein_lost": None,
    "consequence": CONSEQUENCE,
    "tier": "elsewhere",
}
"""What a row of an allele says that touches no transcript; its gene is named later."""


def carried_at(
    bcf: Path, case: str, members: Sequence[str], wanted: Iterable[str], reference: Path
) -> list[dict[str, Any]]:
    """Rows of the wanted alleles that a member of the case carries, their gene left empty.

    Args:
        bcf: the case's ``variants.bcf``, with its index beside it.
        case: identifier of the case.
        members: sequenced members, sorted, as the BCF's samples are.
        wanted: keys of alleles, ``chrom-pos-ref-alt``, left-aligned.
        reference: the release's FASTA, for the names on the genome.

    Returns:
        rows with the columns of ``candidates``, in the order of contig, position, REF and ALT.

    Raises:
        ArianeError: the BCF or its index is missing or damaged.
    """
    keys = frozenset(wanted)
    places = sorted({(chrom, int(pos)) for chrom, pos, _, _ in (k.split("-", 3) for k in keys)})
    if not places:
        return []
    if not bcf.is_file() or not bcf.with_name(bcf.name + ".csi").is_file():
        raise ArianeError(
            f"{bcf}: the case's calls or their index are missing, and alleles outside every gene "
            "are read there. Run the rule annotate."
        )
    noise = pysam.set_verbosity(0)
    try:
        with tempfile.TemporaryDirectory(prefix="ariane-outside-") as name:
            folder = Path(name)
            picked = _picked(bcf, places, folder)
            rows: list[dict[str, Any]] = []
            for contig in sorted(_touched(picked, keys)):
                alleles = read_alleles(picked, contig, members, folder)
                rows += _rows(case, _wanted(alleles, keys), reference)
    except OSError:
        raise ArianeError(f"{bcf}: damaged. Delete it and run the rule annotate again.") from None
    finally:
        pysam.set_verbosity(noise)
    return rows


def _picked(bcf: Path, places: Sequence[tuple[str, int]], folder: Path) -> Path:
    """The records that begin at some places, as a small BCF with its index."""
    regions, picked = folder / "places.tsv", folder / "picked.bcf"
    regions.write_text("".join(f"{c}\t{p}\n" for c, p in places), encoding="utf-8")
    only = ("-R", str(regions), "--regions-overlap", "0")
    bcftools("view", "--no-version", *only, "-Ob1", "-o", str(picked), str(bcf))
    return picked


def _touched(picked: Path, keys: frozenset[str]) -> set[str]:
    """Contigs that hold a wanted allele; the BCF is indexed when there is one."""
    with pysam.VariantFile(str(picked)) as records:
        found = {
            record.chrom
            for record in records
            for alt in record.alts or ()
            if f"{record.chrom}-{record.pos}-{record.ref}-{alt}" in keys
        }
    if found:
        bcftools("index", "-f", str(picked))
        found &= records_by_contig(picked).keys()
    return found


def _wanted(alleles: Alleles, keys: frozenset[str]) -> Alleles:
    """Of a contig's alleles those wanted, once each, that somebody carries."""
    own = np.array([key in keys for key in _keys(alleles)], dtype=bool)
    joined, _ = once(alleles.take(np.flatnonzero(own)))
    return joined.take(np.flatnonzero(joined.carried))


def _keys(alleles: Alleles) -> list[str]:
    pos = pa.array(alleles.pos).cast(pa.string())
    joined = pc.binary_join_element_wise(alleles.contig, pos, alleles.ref, alleles.alt, "-")
    keys: list[str] = joined.to_pylist()
    return keys


def _rows(case: str, alleles: Alleles, reference: Path) -> list[dict[str, Any]]:
    if not len(alleles):
        return []
    columns = (alleles.pos, alleles.ref, alleles.alt, alleles.filters, alleles.genotypes)
    names = Bulk(Namer(Reference(reference)), alleles).genomic()
    rows = []
    for key, name, pos, ref, alt, filters, genotypes in zip(
        _keys(alleles), names.to_pylist(), *(column.tolist() for column in columns), strict=True
    ):
        told = {"case": case, "variant": key, "chrom": alleles.contig, "pos": pos, "hgvs_g": name}
        told |= {"ref": ref, "alt": alt, "kind": kind_of(ref, alt), "end": pos + len(ref) - 1}
        rows.append({**_UNTOLD, **told, "filters": filters, "genotypes": genotypes})
    return rows
