"""VCF and BCF files as they lie on disk: how they are packed, whether they are whole, who is in.

A truncated VCF must never be read: libraries that meet one may return fewer records without an
error (measured with cyvcf2 0.35: 7 of 29 cuts at BGZF block boundaries), and half a file is a
missed diagnosis.
"""

from __future__ import annotations

import gzip
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, cast

import pysam

from ariane.bounds import BeyondBounds, guarded, opened
from ariane.model.errors import ArianeError

Compression = Literal["bgzf", "gzip", "plain", "bcf"]

BGZF_EOF = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
"""The empty block that ends a whole BGZF file (SAM specification, section 4.1.2)."""

_CHUNK = 1 << 20
_CONTIG = re.compile(r"##contig=<.*?\bID=([^,>]+)")
_LENGTH = re.compile(r"[<,]length=(\d{1,18})(?!\d)")


@dataclass(frozen=True)
class VcfHeader:
    """What the head of a VCF says."""

    samples: tuple[str, ...]
    """Sample names in the order of the columns."""
    contigs: Mapping[str, int]
    """Declared contigs with their lengths; 0 where the header gives no length."""
    has_records: bool
    """Whether at least one record follows."""


def compression_of(path: Path) -> Compression:
    """How a VCF is packed, told by its bytes and never by its name.

    Raises:
        ArianeError: the file is missing or cannot be opened.
    """
    with _open(path) as handle:
        head = handle.read(18)
    if head[:3] == b"BCF":
        return "bcf"
    if head[:2] != b"\x1f\x8b":
        return "plain"
    if not (len(head) == 18 and head[3] & 4 and head[12:14] == b"BC"):
        return "gzip"
    try:
        with gzip.open(path, "rb") as handle:
            return "bcf" if handle.read(3) == b"BCF" else "bgzf"
    except (EOFError, OSError, zlib.error):
        return "bgzf"


def incomplete(path: Path) -> str:
    """Why a VCF is not whole, in plain words; an empty string when it is.

    BGZF and BCF: blocks must follow one another to the end and the last be the EOF marker. Plain
    gzip: the stream is read to its end, which checks its CRC. Text: the last line must end.

    Raises:
        ArianeError: the file is missing or cannot be opened.
    """
    if path.is_file() and path.stat().st_size == 0:
        return "the file is empty"
    kind = compression_of(path)
    with path.open("rb") as handle:
        if kind == "plain":
            return _unfinished_text(iter(lambda: handle.read(_CHUNK), b""))
        if kind == "bcf" and handle.read(3) == b"BCF":
            return _incomplete_raw_bcf(path)
    if kind == "gzip":
        return _incomplete_gzip(path)
    return _incomplete_bgzf(path, text=kind == "bgzf")


def header_of(path: Path) -> VcfHeader:
    """Samples and contigs of a VCF or BCF.

    Raises:
        ArianeError: the file is missing or is no VCF.
    """
    return _header_of_bcf(path) if compression_of(path) == "bcf" else _header_of_text(path)


def open_whole(path: Path) -> pysam.VariantFile:
    """Open a VCF of knowledge, once it is seen to be complete.

    Raises:
        ArianeError: the file is cut, or is no VCF.
    """
    if reason := incomplete(path):
        raise ArianeError(f"{path}: {reason}. Download it again.")
    try:
        return pysam.VariantFile(str(path))
    except (OSError, ValueError, NotImplementedError):
        raise ArianeError(f"{path}: not a readable VCF. Pack it with bgzip.") from None


def open_lines(path: Path) -> BinaryIO:
    """A text VCF, plain or packed, as bytes to iterate by line. Not for BCF."""
    kind = compression_of(path)
    if kind == "bgzf":
        unpacked = cast(BinaryIO, pysam.BGZFile(str(path), "rb", None))
        return guarded(unpacked, path, path.stat().st_size)
    return opened(path)


def _header_of_text(path: Path) -> VcfHeader:
    # Read by hand: pysam.VariantFile refuses plain gzip, which is common in the wild.
    declared: dict[str, int] = {}
    try:
        with open_lines(path) as lines:
            for raw in lines:
                line = raw.decode("utf-8", "replace").rstrip("\r\n")
                if found := _CONTIG.match(line):
                    length = _LENGTH.search(line)
                    declared[found[1]] = int(length[1]) if length else 0
                elif line.startswith("#CHROM\t"):
                    first = next(iter(lines), b"")
                    return VcfHeader(tuple(line.split("\t")[9:]), declared, bool(first.strip()))
                elif not line.startswith("##"):
                    break
    except (EOFError, OSError, zlib.error):
        pass
    raise _no_vcf(path)


def _header_of_bcf(path: Path) -> VcfHeader:
    noise = pysam.set_verbosity(0)
    try:
        with pysam.VariantFile(str(path)) as vcf:
            declared = {
                str(name): contig.length or 0 for name, contig in vcf.header.contigs.items()
            }
            first = next(iter(vcf), None)
            return VcfHeader(tuple(vcf.header.samples), declared, first is not None)
    except (OSError, ValueError, NotImplementedError):  # pysam cannot seek in a damaged one
        raise _no_vcf(path) from None
    finally:
        pysam.set_verbosity(noise)


def _no_vcf(path: Path) -> ArianeError:
    return ArianeError(
        f"{path}: not a readable VCF. Check that it is a VCF or BCF with a #CHROM header line."
    )


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise ArianeError(f"{path}: there is no such file. Check the path.") from None
    except OSError as problem:
        raise ArianeError(
            f"{path}: the file cannot be opened ({problem.strerror}). Check it and its rights."
        ) from None


def _unfinished_text(chunks: Iterator[bytes]) -> str:
    last = b""
    for chunk in chunks:
        last = chunk[-1:]
    return "" if last == b"\n" else "its last line does not end: the file was cut"


def _incomplete_gzip(path: Path) -> str:
    try:
        with opened(path) as handle:
            return _unfinished_text(iter(lambda: handle.read(_CHUNK), b""))
    except BeyondBounds as problem:
        return f"it holds what no VCF does ({problem.what})"
    except EOFError:
        return "its gzip stream stops before the end: the file was cut"
    except (OSError, zlib.error):
        return "its gzip stream is damaged (checksum or structure)"


def _incomplete_bgzf(path: Path, text: bool) -> str:
    size = path.stat().st_size
    offset, last_full = 0, 0
    with path.open("rb") as handle:
        while offset < size:
            handle.seek(offset)
            head = handle.read(18)
            if len(head) < 18:
                return "its last BGZF block is cut"
            if head[:4] != BGZF_EOF[:4] or head[12:14] != b"BC":
                return f"its BGZF blocks are damaged at byte {offset}"
            length = struct.unpack("<H", head[16:18])[0] + 1
            if length != len(BGZF_EOF):
                last_full = offset
            offset += length
        if offset != size:
            return "its last BGZF block is cut"
        handle.seek(max(0, size - len(BGZF_EOF)))
        if handle.read() != BGZF_EOF:
            return "it lacks the BGZF end marker: the file was cut, or is still being written"
        if not text:
            return ""
        handle.seek(last_full)
        try:
            content = gzip.decompress(handle.read())
        except (EOFError, OSError, zlib.error):
            return f"its BGZF blocks are damaged at byte {last_full}"
    return _unfinished_text(iter([content]))


def _incomplete_raw_bcf(path: Path) -> str:
    size = path.stat().st_size
    with path.open("rb") as handle:
        handle.seek(5)
        raw = handle.read(4)
        offset = 9 + struct.unpack("<I", raw)[0] if len(raw) == 4 else size + 1
        while offset < size:
            handle.seek(offset)
            raw = handle.read(8)
            if len(raw) < 8:
                break
            offset += 8 + sum(struct.unpack("<II", raw))
    return "" if offset == size else "its last record is cut"
