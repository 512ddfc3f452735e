"""RefSeq accessions of chromosomes, told by their name and length."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ariane.files import RESOURCES, open_text
from ariane.knowledge.contigs import Contigs
from ariane.model.errors import ArianeError

_MITOCHONDRIAL = ("M", "MT")


def read_accessions(path: Path) -> dict[tuple[str, int], tuple[str, str]]:
    """Read ``accessions.tsv``: contig (``1``, ``M``) and length to accession and kind.

    Raises:
        ArianeError: the file is missing or a row is no row of this table.
    """
    try:
        with open_text(path) as handle:
            lines = [line for line in handle if not line.startswith("#")]
        return {
            (row["contig"], int(row["length"])): (row["accession"], row["kind"])
            for row in csv.DictReader(lines, delimiter="\t")
        }
    except FileNotFoundError:
        raise ArianeError(f"{path}: there is no such file. Restore it from the workflow.") from None
    except (KeyError, TypeError, ValueError):
        raise ArianeError(
            f"{path}: not a table of contig, length, accession and kind. Restore the file."
        ) from None


@cache
def shipped_accessions() -> Mapping[tuple[str, int], tuple[str, str]]:
    """The table that ships with the workflow."""
    return read_accessions(RESOURCES / "accessions.tsv")


def bare_contig(contig: str) -> str:
    """``1`` for ``chr1``; ``M`` for every spelling of the mitochondrial contig."""
    bare = contig.removeprefix("chr")
    return "M" if bare in _MITOCHONDRIAL else bare


def genomic_prefixes(contigs: Contigs) -> dict[str, str]:
    """What stands before the position in a genomic name: contig to ``NC_000001.11:g.``.

    A contig that the table lacks under its length (decoys, patches, invented references) keeps its
    own name as the identifier: the name still says where, and no accession is invented.
    """
    table = shipped_accessions()
    found: dict[str, str] = {}
    for contig, length in contigs.lengths.items():
        bare = bare_contig(contig)
        kind = "m" if bare == "M" else "g"
        accession, kind = table.get((bare, length), (contig, kind))
        found[contig] = f"{accession}:{kind}."
    return found
