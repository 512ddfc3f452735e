"""Streaming a large remote file by region into a slim one, in pieces that are settled one by one.

gnomAD's files pass through the line and only what is in use stays: the records of the regions, and
of them the INFO fields that the manifest names. A piece that lies settled is not asked for again.
"""

from __future__ import annotations

import gzip
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pysam
import requests

from ariane.files import replacing, write_text
from ariane.knowledge.fetch.download import download, forget, tried, unwritable
from ariane.knowledge.fetch.http import Passing, ask
from ariane.knowledge.fetch.manifest import Download
from ariane.knowledge.fetch.patience import Patience, amount
from ariane.knowledge.fetch.pool import Came, Pool, Receipt, asked
from ariane.knowledge.fetch.regions import Regions, bare, overlaps
from ariane.knowledge.fetch.tabix import (
    Span,
    TabixIndex,
    byte_range,
    pieces,
    read_tabix,
    unpacked,
)
from ariane.model.canonical import digest
from ariane.model.errors import ArianeError

log = logging.getLogger(__name__)

CHECKED: Final = "the length of every part and the checksum of every BGZF block"
_ID: Final = re.compile(r"##(\w+)=<ID=([^,>]+)")


@dataclass(frozen=True)
class Part:
    """One contig's file, and what of it is wanted."""

    contig: str
    address: str
    total: int
    validator: str
    index: TabixIndex
    spans: tuple[Span, ...]

    @property
    def bytes(self) -> int:
        """Packed bytes that will pass through the line."""
        ranges = [byte_range(span) for span in self.spans]
        return sum(min(end, self.total) - start for start, end in ranges)


@dataclass(frozen=True)
class _File:
    total: int
    validator: str
    index: TabixIndex


def fetch_regions(
    entry: Download,
    regions: Regions,
    pool: Pool,
    line: requests.Session,
    patience: Patience,
    limit: int | None = None,
) -> Receipt:
    """Stream the records of some regions into one slim file in the pool.

    Args:
        entry: with ``{contig}`` in its address, and the INFO fields to keep (none: lines stay as
            they are).
        regions: what is wanted.
        pool: where it goes.
        line: the session.
        patience: time-outs, and the size of pieces.
        limit: bytes that may pass through the line; the table's when None.

    Raises:
        ArianeError: parts do not come, the file changed, fields are not there, or more would pass
            than allowed. No file is left under a final name.
    """
    want = asked(entry, regions.digest)
    with pool.claimed(entry):
        if held := pool.here(entry, want):
            return held
        work = pool.work(entry)
        try:
            work.mkdir(parents=True, exist_ok=True)
            files = _files(entry, regions, work, line, patience)
            parts = [part for part in _parts(entry, regions, files, patience) if part.spans]
            _tell(entry, parts, patience.stream_limit_bytes if limit is None else limit)
            return _stream(entry, regions, parts, pool, line, patience, want)
        except OSError as problem:
            raise unwritable(work, problem) from None


def _files(
    entry: Download, regions: Regions, work: Path, line: requests.Session, patience: Patience
) -> dict[str, _File]:
    """Size, version and index of each file that holds a contig of the regions, by address."""
    found: dict[str, _File] = {}
    for contig in entry.contigs:
        address = entry.address.replace("{contig}", contig)
        if address in found or not regions.on(contig):
            continue
        path = work / f"{contig}.tbi"
        forget(path)  # one of an earlier run may belong to an older version of the file
        download(line, address + ".tbi", path, patience, f"index of {entry.name}, {contig}")
        index = read_tabix(path)

        def look(address: str = address) -> tuple[int, str]:
            with ask(line, address, patience, 0, 1) as answer:
                if answer.total is None or answer.length == answer.total:
                    raise ArianeError(
                        f"{address}: the server does not give parts of a file, so it cannot be "
                        "streamed by region. Name another mirror in the manifest."
                    )
                return answer.total, answer.validator

        found[address] = _File(*tried(address, patience, look, lambda: 0), index)
    return found


def _parts(
    entry: Download, regions: Regions, files: dict[str, _File], patience: Patience
) -> Iterator[Part]:
    for contig in entry.contigs:
        address = entry.address.replace("{contig}", contig)
        if not regions.on(contig):
            continue
        file = files[address]
        name = next((n for n in file.index.chunks if bare(n) == bare(contig)), "")
        spans = file.index.spans(name, regions.on(contig))
        spans = pieces(spans, file.index, name, patience.slice_bytes)
        if spans and max(end >> 16 for _, end in spans) > file.total:
            raise ArianeError(
                f"{address}.tbi: the index speaks of bytes that {address} does not have. One of "
                "the two was renewed: run the same command again later."
            )
        yield Part(contig, address, file.total, file.validator, file.index, tuple(spans))


def _tell(entry: Download, parts: list[Part], limit: int) -> None:
    if not parts:
        raise ArianeError(
            f"{entry.name}: no region lies on a contig of this file. Check the regions and "
            "'contigs' in the manifest."
        )
    total = sum(part.bytes for part in parts)
    count = sum(len(part.spans) for part in parts)
    log.info(
        "%s: %s will pass through the line, in %d pieces of %d files.",
        entry.name,
        amount(total),
        count,
        len(parts),
    )
    if total > limit:
        raise ArianeError(
            f"{entry.name}: {amount(total)} would pass through the line, more than "
            f"{amount(limit)}. Give fewer regions with --regions, or allow it with "
            "--stream-limit."
        )


def _stream(
    entry: Download,
    regions: Regions,
    parts: list[Part],
    pool: Pool,
    line: requests.Session,
    patience: Patience,
    want: str,
) -> Receipt:
    work = pool.work(entry)
    header = _read_header(parts[0], line, patience)
    head = slim_header(header, entry.fields, parts[0].address) if entry.fields else header
    index = parts[0].index
    whole, passed = sum(part.bytes for part in parts), 0
    slices: list[Path] = []
    for part in parts:
        for span in part.spans:
            path = work / f"{part.contig}.{_mark(entry, part, span, want)}.gz"
            if not path.is_file():
                _settle_slice(entry, part, span, regions, path, line, patience)
            slices.append(path)
            start, end = byte_range(span)
            passed += min(end, part.total) - start
            log.info("%s: %s of %s (%s)", entry.name, amount(passed), amount(whole), part.contig)
    target = work / entry.file
    _join(head, slices, target)
    if entry.fields:
        pysam.tabix_index(str(target), preset="vcf", force=True)
    else:
        sequence, start = index.columns
        pysam.tabix_index(
            str(target),
            force=True,
            seq_col=sequence,
            start_col=start,
            end_col=start,
            meta_char=index.comment,
            zerobased=index.zero_based,
        )
    covers = ""
    if entry.covers:
        bed = work / f"{entry.name}.bed"
        write_text(bed, "".join(_bed(parts, regions)))
        covers, _, _ = pool.enter(bed)
    index_file, came = target.with_name(target.name + ".tbi"), Came(entry.address, passed)
    receipt = pool.keep(entry, want, target, (index_file,), came, checked_by=CHECKED, covers=covers)
    log.info("%s: %s of %s stayed.", entry.name, amount(receipt.size), amount(passed))
    return receipt


def _settle_slice(
    entry: Download,
    part: Part,
    span: Span,
    regions: Regions,
    path: Path,
    line: requests.Session,
    patience: Patience,
) -> None:
    text = tried(part.address, patience, lambda: _read(part, span, line, patience), lambda: 0)
    if not text.endswith(b"\n") and text:
        raise ArianeError(
            f"{part.address}: its index cuts a line in two; the index belongs to another version "
            "of the file. Run the same command again later."
        )
    kept = chosen(text, part.index, regions.on(part.contig), entry.fields)
    with (
        replacing(path) as temporary,
        temporary.open("wb") as raw,
        gzip.GzipFile("", "wb", 1, raw, 0) as out,
    ):
        out.writelines(kept)


def _read(part: Part, span: Span, line: requests.Session, patience: Patience) -> bytes:
    start, end = byte_range(span)
    end = min(end, part.total)
    if start >= end:
        return b""
    with ask(line, part.address, patience, start, end, part.validator) as answer:
        if (
            answer.total != part.total
            or answer.validator != part.validator
            or answer.start != start
        ):
            raise ArianeError(
                f"{part.address}: the file changed while it was streamed. Run the same command "
                "again: what was read of the old one is not used."
            )
        raw = b"".join(answer.read())
    try:
        return unpacked(raw, span)
    except ValueError as problem:
        raise Passing(f"bytes {start} to {end}: {problem}") from None


def _read_header(part: Part, line: requests.Session, patience: Patience) -> list[str]:
    span = (0, part.index.first)
    text = tried(part.address, patience, lambda: _read(part, span, line, patience), lambda: 0)
    lines = text.decode("utf-8", "replace").splitlines(keepends=True)
    return [one for one in lines if one.startswith(part.index.comment)]


def chosen(
    text: bytes, index: TabixIndex, spans: tuple[Span, ...], fields: tuple[str, ...]
) -> Iterator[bytes]:
    """The lines that touch some spans; of a VCF only what is in use of each.

    Args:
        text: whole lines.
        index: says where contig and position stand.
        spans: sorted, disjoint, 0-based.
        fields: INFO fields to keep, in this order; none for lines as they are.
    """
    wanted = [b";" + name.removesuffix("?").encode() for name in fields]
    comment = index.comment.encode()
    for one in text.splitlines(keepends=True):
        if one.startswith(comment):
            continue
        columns = one.rstrip(b"\r\n").split(b"\t", 8)
        at = int(columns[index.columns[1]]) - (0 if index.zero_based else 1)
        if not fields:
            if overlaps(spans, at, at + 1):
                yield one
            continue
        if not overlaps(spans, at, at + len(columns[3])):
            continue
        info = b"".join(_kept(b";" + columns[7] + b";", wanted))[1:] or b"."
        slim = (*columns[:2], b".", *columns[3:5], b".", columns[6], info)
        yield b"\t".join(slim) + b"\n"


def _kept(info: bytes, wanted: list[bytes]) -> Iterator[bytes]:
    """The wanted fields of an INFO column between semicolons, each led by one.

    A search for each name is twenty times as fast as parting gnomAD's hundreds of fields.
    """
    for name in wanted:
        at = info.find(name + b"=")
        if at < 0:
            at = info.find(name + b";")
        if at >= 0:
            yield info[at : info.index(b";", at + 1)]


def slim_header(lines: list[str], fields: tuple[str, ...], where: str) -> list[str]:
    """The header of a slim VCF: filters, contigs and the INFO fields that are kept.

    Raises:
        ArianeError: the file does not declare a field.
    """
    names = {name.removesuffix("?") for name in fields}
    declared: set[str] = set()
    kept: list[str] = []
    for one in lines:
        found = _ID.match(one)
        if one.startswith("##fileformat") or (found and found[1] in ("FILTER", "contig")):
            kept.append(one)
        elif found and found[1] == "INFO":
            declared.add(found[2])
            if found[2] in names:
                kept.append(one)
    absent = [name for name in fields if name not in declared and not name.endswith("?")]
    if absent:
        raise ArianeError(
            f"{where}: the INFO fields {', '.join(absent)} are not declared there. Mend 'fields' "
            "in the manifest; the file was perhaps renewed."
        )
    return [*kept, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"]


def _join(head: list[str], slices: list[Path], target: Path) -> None:
    with (
        replacing(target) as temporary,
        pysam.BGZFile(str(temporary), "wb", index=None) as out,
    ):
        out.write("".join(head).encode())
        for path in slices:
            with gzip.open(path, "rb") as handle:
                while piece := handle.read(1 << 20):
                    out.write(piece)


def _bed(parts: list[Part], regions: Regions) -> Iterator[str]:
    for part in parts:
        for start, end in regions.on(part.contig):
            yield f"{part.contig}\t{start}\t{end}\n"


def _mark(entry: Download, part: Part, span: Span, want: str) -> str:
    return digest(
        {
            "want": want,
            "file": f"{part.address} {part.validator} {part.total}",
            "span": f"{span[0]}-{span[1]}",
            "fields": " ".join(entry.fields),
        }
    )
