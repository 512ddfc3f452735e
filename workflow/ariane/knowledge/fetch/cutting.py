"""Cutting a file that came whole to the regions in use, before it enters the pool."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ariane.knowledge import slim
from ariane.knowledge.contigs import Contigs
from ariane.knowledge.fetch.regions import Regions
from ariane.model.canonical import digest


@dataclass(frozen=True)
class Cutter:
    """What a file is cut to."""

    regions: Regions
    contigs: Contigs
    """Of the reference: their names and order, and which assembly it is."""

    @cached_property
    def digest(self) -> str:
        """Tells this cut from another: a file is fetched and cut anew when it changes."""
        return f"{self.regions.digest} {digest(dict(self.contigs.lengths))}"

    def cut(self, path: Path, form: str) -> tuple[Path, tuple[Path, ...]]:
        """Cut a file; it is replaced by what came of it, packed and indexed.

        Args:
            path: the whole file: plain, gzip, or a zip of one file; in a folder of its own.
            form: its format, one of :data:`ariane.knowledge.slim.LAYOUTS`.

        Raises:
            ArianeError: the format cannot be cut, or no line lies in the regions.
        """
        wanted = {
            contig: list(self.regions.on(contig))
            for contig in self.contigs.lengths
            if self.regions.on(contig)
        }
        made = slim.cut(path, form, wanted, self.contigs, path.with_name(f"{path.name}.slim.gz"))
        path.unlink()
        return made.path, (made.index,)
