"""Case folders laid out on disk, and text files packed as the wild packs them."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pysam

HERE = Path(__file__).parent
SHARED = HERE / "shared"


def lay_out(case: Path, folder: Path, releases: Path) -> None:
    """Copy the shared files and then a case's into a folder, and pack what ``pack.txt`` asks."""
    for source in (SHARED, case):
        shutil.copytree(source, folder, dirs_exist_ok=True)
    (folder / "releases").symlink_to(releases)
    orders = folder / "pack.txt"
    for order in orders.read_text().splitlines() if orders.exists() else []:
        how, source, target = order.split()
        pack(how, folder / source, folder / target)


def pack(how: str, source: Path, target: Path) -> None:
    """Make a binary file from a text one: ``bgzip``, ``gzip``, ``cut``, ``bcf``, an encoding."""
    if how == "bgzip":
        pysam.tabix_compress(str(source), str(target))
    elif how == "gzip":
        target.write_bytes(gzip.compress(source.read_bytes(), mtime=0))
    elif how == "cut":
        pysam.tabix_compress(str(source), str(target))
        target.write_bytes(target.read_bytes()[:-40])
    elif how == "bcf":
        with (
            pysam.VariantFile(str(source)) as vcf,
            pysam.VariantFile(str(target), "wb", header=vcf.header) as out,
        ):
            for record in vcf:
                out.write(record)
    elif how == "crlf":
        target.write_bytes(b"\xef\xbb\xbf" + source.read_bytes().replace(b"\n", b"\r\n"))
    elif how in ("utf-16", "latin-1"):
        target.write_bytes(source.read_text(encoding="utf-8").encode(how))
    else:
        raise ValueError(how)
