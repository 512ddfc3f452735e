"""What every reader of a resource needs of the release it stands in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from ariane.files import open_text
from ariane.knowledge.alignment import PLAIN, Aligner, trimmed
from ariane.knowledge.contigs import Contigs
from ariane.knowledge.genes import GeneNames, read_hgnc, read_withdrawn
from ariane.knowledge.release import Release
from ariane.model.errors import ArianeError

_HGNC: Final = re.compile(r"HGNC:\d+")


@dataclass(frozen=True)
class Context:
    """The names, contigs and sequence under which records are keyed."""

    names: GeneNames
    contigs: Contigs
    reference: Path | None = None
    unknown: Counter[str] = field(default_factory=Counter)
    """Words of assertions that no table lists, with how often they came."""

    @cached_property
    def _aligner(self) -> Aligner | None:
        if self.reference is None:
            return None
        with suppress(ArianeError):  # an unreadable reference is told where it is needed
            return Aligner(self.reference)
        return None

    def variant(self, chrom: str, pos: int, ref: str, alt: str) -> str:
        """The key of an allele, ``chrom-pos-ref-alt``: trimmed and left-aligned as a case's is."""
        contig = self.contigs.name(chrom)
        if len(ref) > 1 or len(alt) > 1:
            if self._aligner is None:
                pos, ref, alt = trimmed(pos, ref, alt)
            else:
                pos, ref, alt = self._aligner.place(contig, pos, ref, alt)
        return f"{contig}-{pos}-{ref}-{alt}"


def spelled(*alleles: str) -> bool:
    """Whether alleles are bases, not symbols, breakends or stars."""
    return all(allele and PLAIN.issuperset(allele) for allele in alleles)


def contigs_of(release: Release) -> Contigs:
    """The contigs of a release's reference, from its FASTA index."""
    reference = release.require("reference")
    return Contigs.of_index(reference.with_name(reference.name + ".fai"))


def names_of(release: Release) -> GeneNames:
    """The gene names of a release with their history, keyed as its transcripts key genes.

    Raises:
        ArianeError: a file is not HGNC's.
    """
    path = release.path("genes")
    if path is None:
        return GeneNames.of([])
    names = read_hgnc(path)
    earlier, withdrawn = release.path("genes_earlier"), release.path("genes_withdrawn")
    if earlier or withdrawn:
        names = names.with_history(
            read_hgnc(earlier).genes if earlier else (),
            read_withdrawn(withdrawn) if withdrawn else None,
        )
    if withdrawn:
        names = names.keyed_by(_identifiers(release.require("transcripts")))
    return names


def _identifiers(gff: Path) -> Iterator[str]:
    """HGNC identifiers that the genes of a GFF3 carry."""
    with open_text(gff) as handle:
        for line in handle:
            if "HGNC:" in line:
                yield from _HGNC.findall(line)
