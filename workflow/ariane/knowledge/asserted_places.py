"""Where a release's own assertions name alleles pathogenic, for files that are cut to regions.

An asserted allele is looked at wherever it lies. If the files were cut to the genes alone, its
record would be lost, and a population frequency outside them would look like none.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ariane.knowledge.assertions import PATHOGENIC, read_assertions
from ariane.knowledge.context import Context
from ariane.knowledge.contigs import Contigs
from ariane.knowledge.genes import GeneNames
from ariane.knowledge.kinds import ASSERTING
from ariane.knowledge.release import Resource
from ariane.model.errors import ArianeError

BESIDE: Final = 50
"""Bases kept on both sides: other resources may write an indel elsewhere in its repeat."""


def asserted_places(
    resources: Mapping[str, Mapping[str, Any]], folder: Path, contigs: Contigs
) -> dict[str, list[tuple[int, int]]]:
    """0-based half-open intervals around the alleles asserted (likely) pathogenic, by contig.

    Args:
        resources: of a release's description: ``file``, ``format``, ``options`` by kind.
        folder: the folder that files are named from.
        contigs: the reference's.

    Raises:
        ArianeError: a file is cut or not in its format.
    """
    found: dict[str, set[tuple[int, int]]] = {}
    for kind in ASSERTING:
        if kind in resources:
            for chrom, start, end in _places(kind, resources[kind], folder, contigs):
                found.setdefault(chrom, set()).add((max(0, start - BESIDE), end + BESIDE))
    return {chrom: sorted(spans) for chrom, spans in sorted(found.items())}


def _places(
    kind: str, entry: Mapping[str, Any], folder: Path, contigs: Contigs
) -> Iterator[tuple[str, int, int]]:
    path = folder / entry["file"]
    options = {name: str(value) for name, value in (entry.get("options") or {}).items()}
    said = (kind, entry["file"], entry["format"])
    resource = Resource(*said, "", "", "", "", "", "", options=options)
    context = Context(GeneNames.of([]), contigs)
    try:
        for row in read_assertions(path, resource, context):
            if row["klass"] in PATHOGENIC:
                chrom, pos, ref, _ = row["variant"].split("-", 3)
                yield chrom, int(pos) - 1, int(pos) - 1 + len(ref)
    except (ValueError, OSError, EOFError, zlib.error) as problem:
        raise ArianeError(
            f"{path}: not as the description says, {resource.format} ({problem}). Check the file."
        ) from None
