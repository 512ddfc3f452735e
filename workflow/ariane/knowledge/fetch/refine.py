"""What is done to a file once it is whole and checked, so that a release can hold it."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pysam

from ariane.bounds import guarded, opened
from ariane.files import replacing
from ariane.knowledge.fetch.manifest import SLIM
from ariane.knowledge.vcf_files import compression_of
from ariane.model.errors import ArianeError

_CHUNK: Final = 1 << 20

Refined = tuple[Path, tuple[Path, ...]]
"""A file, and the index files beside it."""


def refine(
    path: Path, steps: tuple[str, ...], slim: Callable[[Path], Refined] | None = None
) -> Refined:
    """Take the steps of a manifest's entry one after another.

    Args:
        path: the file, in a folder of its own; it is replaced, never kept beside the result.
        steps: ``bgzip_fasta``, ``index_vcf``, ``index_tsv``, ``gunzip``, ``unzip:MEMBER``,
            ``slim``.
        slim: cuts a file to the regions in use and indexes it; needed for the step of that name.

    Raises:
        ArianeError: a step cannot be taken; the file may be of another kind than the manifest says.
    """
    companions: tuple[Path, ...] = ()
    for step in steps:
        name, _, argument = step.partition(":")
        try:
            if name == SLIM and slim is not None:
                path, companions = slim(path)
            else:
                path, companions = _STEPS[name](path, argument)
        except (
            EOFError,
            zlib.error,
            zipfile.BadZipFile,
            ValueError,
            pysam.utils.SamtoolsError,
        ) as why:
            raise ArianeError(
                f"{path}: the step '{step}' of the manifest fails ({why}). Check that the file is "
                "what the manifest says."
            ) from None
    return path, companions


def _bgzip_fasta(path: Path, _: str) -> Refined:
    """Pack with bgzip and index: any base can then be read without unpacking the rest."""
    with opened(path) as handle:
        if handle.read(1) != b">":
            raise ArianeError(f"{path}: not a FASTA file. Check the manifest's entry.")
    path = _bgzipped(path)
    pysam.faidx(str(path))
    return path, (path.with_name(path.name + ".fai"), path.with_name(path.name + ".gzi"))


def _bgzipped(path: Path) -> Path:
    """The same text packed with bgzip; the file itself when it is so already."""
    if compression_of(path) == "bgzf":
        return path
    target = path if path.suffix == ".gz" else path.with_name(path.name + ".gz")
    with (
        replacing(target) as temporary,
        opened(path) as source,
        pysam.BGZFile(str(temporary), "wb", index=None) as out,
    ):
        while piece := source.read(_CHUNK):
            out.write(piece)
    if target != path:
        path.unlink()
    return target


def _index_tsv(path: Path, _: str) -> Refined:
    """Index a table by its first two columns, contig and position; # begins lines of the head."""
    path = _bgzipped(path)
    pysam.tabix_index(str(path), seq_col=0, start_col=1, end_col=1, meta_char="#", force=True)
    return path, (path.with_name(path.name + ".tbi"),)


def _index_vcf(path: Path, _: str) -> Refined:
    if compression_of(path) != "bgzf":
        raise ArianeError(f"{path}: not packed with bgzip. Check the manifest's entry.")
    pysam.tabix_index(str(path), preset="vcf", force=True)
    return path, (path.with_name(path.name + ".tbi"),)


def _gunzip(path: Path, _: str) -> Refined:
    target = path.with_name(path.name.removesuffix(".bgz").removesuffix(".gz"))
    if target == path:
        raise ArianeError(f"{path}: its name does not end in .gz. Check the manifest's entry.")
    with replacing(target) as temporary, opened(path) as source, temporary.open("wb") as out:
        shutil.copyfileobj(source, out, _CHUNK)
    path.unlink()
    return target, ()


def _unzip(path: Path, member: str) -> Refined:
    with zipfile.ZipFile(path) as packed:
        if member not in packed.namelist():
            held = ", ".join(sorted(packed.namelist())[:10])
            raise ArianeError(
                f"{path}: it holds no {member!r}, but {held}. Mend 'prepare' in the manifest."
            )
        target = path.with_name(Path(member).name)
        with (
            replacing(target) as temporary,
            guarded(packed.open(member), path, path.stat().st_size) as source,
            temporary.open("wb") as out,
        ):
            shutil.copyfileobj(source, out, _CHUNK)
    path.unlink()
    return target, ()


def _slim(path: Path, _: str) -> Refined:
    raise ArianeError(f"{path}: nothing says to which regions it is cut. Give --regions.")


_STEPS: Final[dict[str, Callable[[Path, str], Refined]]] = {
    "bgzip_fasta": _bgzip_fasta,
    "index_vcf": _index_vcf,
    "index_tsv": _index_tsv,
    "gunzip": _gunzip,
    SLIM: _slim,
    "unzip": _unzip,
}
