"""Cut the large files of a release to the regions in use, once, before the release is made.

The rule: a line is kept when any of its bases lies inside the regions, in the columns in which it
came (REVEL's commas become tabulators, which tabix needs). The regions are the genes of the
release's GFF3 with padding and the alleles it asserts pathogenic elsewhere, or a BED. Files are
read once, line by line; what came out of order is sorted on disk. The result is packed with bgzip
and indexed with tabix.
"""

from __future__ import annotations

import bisect
import io
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

import duckdb
import pysam

from ariane.bounds import guarded
from ariane.files import open_text, replacing
from ariane.knowledge.contigs import Contigs
from ariane.knowledge.lookup import Covered
from ariane.knowledge.regions import bed_lines
from ariane.model.errors import ArianeError

Regions = Mapping[str, list[tuple[int, int]]]
"""0-based half-open intervals by contig of the reference."""


@dataclass(frozen=True)
class Layout:
    """Where a format keeps the place of a line. Columns are counted from 0."""

    chrom: int
    pos: int
    ref: int | None = None
    end: int | None = None
    """Column of the 0-based half-open end; the place then starts at 0-based ``pos``."""
    separator: str = "\t"
    header: str = "#"
    """What a line of the head starts with."""

    def span(self, line: str) -> tuple[str, int, int] | None:
        """Contig and 0-based half-open interval of a line; None where it has no place."""
        fields = line.rstrip("\r\n").split(self.separator)
        text = fields[self.pos]
        if not text.isdecimal():
            return None
        if self.end is not None:
            return fields[self.chrom], int(text), int(fields[self.end])
        width = len(fields[self.ref]) if self.ref is not None else 1
        return fields[self.chrom], int(text) - 1, int(text) - 1 + width


VCF: Final = Layout(0, 1, 3)
LAYOUTS: Final[Mapping[str, Layout]] = {
    "clinvar_vcf": VCF,
    "gnomad_vcf": VCF,
    "spliceai_vcf": VCF,
    "pangolin_vcf": VCF,
    "alphamissense_tsv": Layout(0, 1, 2),
    "cadd_tsv": Layout(0, 1, 2),
    "revel_csv": Layout(0, 2, 3, separator=",", header="chr,"),
    "bedgraph": Layout(0, 1, end=2),
}
"""Formats that can be cut; a bigWig is read by region as it is, and needs no cutting."""

REVEL_GRCH37: Final = Layout(0, 1, 3, separator=",", header="chr,")


@dataclass(frozen=True)
class Cut:
    """What came of cutting one file."""

    path: Path
    index: Path
    read: int
    kept: int


def layout_of(form: str, grch37: bool) -> Layout:
    """Where a format keeps its place.

    Raises:
        ArianeError: the format cannot be cut.
    """
    if form not in LAYOUTS:
        known = ", ".join(LAYOUTS)
        raise ArianeError(f"{form}: files of this format are not cut. Formats: {known}.")
    return REVEL_GRCH37 if form == "revel_csv" and grch37 else LAYOUTS[form]


def gene_regions(gff: Path, contigs: Contigs, padding: int) -> Regions:
    """The genes of a GFF3 with bases added on both sides.

    Raises:
        ArianeError: the file has no gene on a contig of the reference.
    """
    found: dict[str, list[tuple[int, int]]] = {}
    with open_text(gff) as handle:
        for line in handle:
            fields = line.split("\t", 5)
            if len(fields) < 6 or line.startswith("#") or not _is_gene(fields[2]):
                continue
            contig = contigs.name(fields[0])
            if contig in contigs.lengths:
                start, end = int(fields[3]) - 1 - padding, int(fields[4]) + padding
                found.setdefault(contig, []).append(
                    (max(0, start), min(end, contigs.lengths[contig]))
                )
    if not found:
        raise ArianeError(f"{gff}: no gene lies on a contig of the reference. Check both.")
    return found


def _is_gene(kind: str) -> bool:
    return kind == "gene" or kind.endswith("_gene")


def bed_regions(bed: Path, contigs: Contigs, padding: int) -> Regions:
    """The regions of a BED file with bases added on both sides.

    Raises:
        ArianeError: there is no such file; InputFaults: lines that are no BED lines.
    """
    found: dict[str, list[tuple[int, int]]] = {}
    for contig, start, end in bed_lines(bed):
        held = found.setdefault(contigs.name(contig), [])
        held.append((max(0, start - padding), end + padding))
    return found


def cut(source: Path, form: str, regions: Regions, contigs: Contigs, out: Path) -> Cut:
    """Write the lines of a file that lie in the regions, sorted, packed and indexed.

    Args:
        source: the file as published: plain, gzip or, for REVEL, a zip of one CSV.
        form: its format.
        regions: what to keep.
        contigs: contigs of the reference, whose names and order serve to compare.
        out: the file to write; its index is written beside it.

    Raises:
        ArianeError: the format cannot be cut, or the file holds no line in the regions: it is of
            another assembly, or not of that format.
    """
    grch37 = contigs.lengths.get(contigs.name("1"), 0) == 249_250_621
    layout = layout_of(form, grch37)
    inside = Inside(regions)
    read = kept = 0
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as name:
        folder = Path(name)
        body, head = folder / "body.tsv", []
        order = {contig: place for place, contig in enumerate(contigs.lengths)}
        last, sorted_already = (-1, -1), True
        with opened(source) as lines, body.open("w", encoding="utf-8") as handle:
            for line in lines:
                if line.startswith(layout.header) and not read:
                    text = line if line.startswith("#") else f"#{line}"
                    head.append(text.replace(layout.separator, "\t"))
                    continue
                read += 1
                try:
                    span = layout.span(line)
                except (IndexError, ValueError):
                    raise ArianeError(
                        f"{source}:{read + len(head)}: not a line of the format {form}. Check the "
                        "file."
                    ) from None
                if span is None:
                    continue
                contig = contigs.name(span[0])
                if contig in order and inside.touches(contig, span[1], span[2]):
                    kept += 1
                    place = order[contig], span[1]
                    text = line.rstrip("\r\n").replace(layout.separator, "\t")
                    sorted_already &= place >= last
                    last = place
                    handle.write(f"{place[0]}\t{place[1]}\t{text}\n")
        if not kept:
            raise ArianeError(
                f"{source}: none of its {read} lines lies in the regions. It is of another "
                f"assembly or not in the format {form}."
            )
        packed = folder / out.name
        with pysam.BGZFile(str(packed), "wb", index=None) as packing:
            packing.write("".join(head).encode())
            for line in _ordered(body, folder, sorted_already):
                packing.write(f"{line}\n".encode())
        _index(packed, layout, form)
        index = out.with_name(out.name + ".tbi")
        for made, target in ((packed.with_name(packed.name + ".tbi"), index), (packed, out)):
            with replacing(target) as temporary:
                made.rename(temporary)
    return Cut(out, index, read, kept)


class Inside:
    """Whether an interval touches any of some regions."""

    def __init__(self, regions: Regions) -> None:
        self._covered = Covered.of(
            {"chrom": contig, "start": start, "end": end}
            for contig, spans in regions.items()
            for start, end in spans
        )

    def touches(self, contig: str, start: int, end: int) -> bool:
        """Whether a 0-based half-open interval shares a base with a region."""
        starts = self._covered.starts.get(contig, [])
        at = bisect.bisect_left(starts, end) - 1
        return at >= 0 and self._covered.ends[contig][at] > start


def _ordered(body: Path, folder: Path, sorted_already: bool) -> Iterator[str]:
    if sorted_already:
        with body.open(encoding="utf-8") as handle:
            for line in handle:
                yield line.rstrip("\n").split("\t", 2)[2]
        return
    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "memory_limit": "600MB",
        "temp_directory": str(folder),
    }
    with duckdb.connect(config=settings) as database:
        answer = database.execute(
            "SELECT substr(line, strpos(line, '\t') + 1) FROM read_csv(?, columns = "
            "{'line': 'VARCHAR'}, delim = '\x01', quote = '', escape = '', header = false, "
            "auto_detect = false) ORDER BY "
            "split_part(line, '\t', 1)::INT, split_part(line, '\t', 2)::BIGINT, line",
            [str(body)],
        )
        while rows := answer.fetchmany(50_000):
            for (rest,) in rows:
                yield rest.split("\t", 1)[1]


def _index(path: Path, layout: Layout, form: str) -> None:
    if form.endswith("_vcf"):
        pysam.tabix_index(str(path), preset="vcf", force=True)
    else:
        pysam.tabix_index(
            str(path),
            seq_col=layout.chrom,
            start_col=layout.pos,
            end_col=layout.end if layout.end is not None else layout.pos,
            zerobased=layout.end is not None,
            meta_char="#",
            force=True,
        )


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """A text file, plain, gzip, or the one file of a zip archive.

    Raises:
        ArianeError: the archive holds several files.
    """
    with path.open("rb") as probe:
        archive = probe.read(4) == b"PK\x03\x04"
    if not archive:
        with open_text(path) as handle:
            yield handle
        return
    with zipfile.ZipFile(path) as held:
        names = [name for name in held.namelist() if not name.endswith("/")]
        if len(names) != 1:
            raise ArianeError(f"{path}: holds {len(names)} files. Unpack it and name the one.")
        with guarded(held.open(names[0]), path, path.stat().st_size) as raw:
            yield io.TextIOWrapper(raw, encoding="utf-8")
