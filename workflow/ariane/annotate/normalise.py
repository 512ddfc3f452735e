"""A VCF as it comes, made into split, left-aligned records on the reference, each accounted for.

Every input record is looked at once, as text: it is kept, or counted under the reason why not.
``bcftools norm`` then splits and aligns what was kept, and the sums must agree.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pysam
import pysam.bcftools
import pysam.utils

from ariane.annotate.counts import Counts, join_counts
from ariane.annotate.genes import Interval
from ariane.annotate.headers import join_headers
from ariane.annotate.sequence import Reference
from ariane.annotate.sieve import Sieve
from ariane.knowledge.regions import read_regions
from ariane.knowledge.vcf_files import compression_of, header_of, incomplete, open_lines
from ariane.model.errors import ArianeError

OLD_RECORD: Final = "OLD_RECORD"
"""INFO field of a split or shifted record: the record it came from and its allele's number."""


_INDEXED: Final = ("-Ob1", "-W=csi")
"""Options for a BCF that stays: packed lightly, its index made while it is written."""


@dataclass(frozen=True)
class Normalised:
    """The outcome: an indexed BCF in order of position, and the counts."""

    bcf: Path
    counts: Counts
    touched: Mapping[str, set[int]]
    """Stretches of the reference with a record, by contig: see :class:`Sieve`."""


def index_of(bcf: Path) -> Path:
    """The index beside a BCF."""
    return bcf.with_name(f"{bcf.name}.csi")


def normalise(
    vcf: Path,
    samples: Sequence[str],
    reference: Path,
    folder: Path,
    regions: Path | None = None,
    info: Sequence[str] = (),
    sv_vcf: Path | None = None,
) -> Normalised:
    """Split, left-align and check a VCF against the reference.

    Args:
        vcf: text VCF (plain, gzip, BGZF) or BCF; no index is needed, any order of records.
        samples: sample names to keep, in the order wanted.
        reference: FASTA with its ``.fai`` (and ``.gzi`` when packed).
        folder: an existing folder for temporary files; the BCF is left there.
        regions: BED of the regions to keep; a record is kept when any of its bases lies inside.
        info: INFO fields to carry on.
        sv_vcf: a VCF of structural variants with the same samples, read into the same BCF.

    Raises:
        ArianeError: a VCF is cut or damaged, lacks a sample, disagrees with the reference, or
            the program that splits it failed.
    """
    bases = Reference(reference)
    wanted = read_regions(regions, bases.contigs) if regions else None
    bcf = folder / "normalised.bcf"
    sieve = _normalised(vcf, samples, bases, reference, wanted, folder, bcf, info)
    if sv_vcf is None:
        return Normalised(bcf, sieve.counts, sieve.touched)
    more = folder / "structural.bcf"
    other = _normalised(sv_vcf, samples, bases, reference, wanted, folder, more, info)
    _join(bcf, more, folder)
    touched = {
        contig: sieve.touched.get(contig, set()) | other.touched.get(contig, set())
        for contig in sorted(sieve.touched.keys() | other.touched.keys())
    }
    return Normalised(bcf, join_counts(sieve.counts, other.counts), touched)


def _normalised(
    vcf: Path,
    samples: Sequence[str],
    sequence: Reference,
    reference: Path,
    wanted: Mapping[str, list[Interval]] | None,
    folder: Path,
    bcf: Path,
    info: Sequence[str],
) -> Sieve:
    """Write the kept and split records of one VCF; its sieve tells the rest."""
    if reason := incomplete(vcf):
        raise ArianeError(f"{vcf}: {reason}. Copy or export the file again; nothing was read.")
    present = header_of(vcf).samples
    missing = sorted(set(samples) - set(present))
    if missing:
        raise ArianeError(
            f"{vcf}: no sample {', '.join(missing)}; it has {', '.join(present) or 'no samples'}. "
            "Correct the sample names in the families sheet."
        )
    text = vcf
    if compression_of(vcf) == "bcf":
        text = folder / "input.vcf"
        with _about(vcf):
            bcftools("view", "--no-version", "-Ov", "-o", str(text), str(vcf))
    columns = [9 + present.index(sample) for sample in samples]
    sieve = Sieve(vcf, sequence, wanted, columns, samples, info)
    kept = folder / "kept.vcf"
    try:
        with open_lines(text) as lines, kept.open("wb") as out:
            begun = sieve.copy(lines, out)
    except (UnicodeDecodeError, pa.ArrowException) as problem:
        # Arrow cannot make a Python text of such a cell, and says so without a class of its own.
        if not isinstance(problem, UnicodeDecodeError) and "Wrapping" not in str(problem):
            raise
        raise ArianeError(f"{vcf}: a record is not UTF-8 text. Export the file again.") from None
    if begun != sieve.header():
        _put_header(kept, len(begun), sieve.header(), folder)
    with _about(vcf):
        said = _split(kept, reference, bcf, folder, sieve.in_order)
    kept.unlink()
    sieve.not_matching(said)
    sieve.finish()
    return sieve


def _put_header(kept: Path, begun: int, header: bytes, folder: Path) -> None:
    """Give the kept records another header in place of the first ``begun`` bytes."""
    whole = folder / "whole.vcf"
    with whole.open("wb") as out, kept.open("rb") as records:
        out.write(header)
        records.seek(begun)
        shutil.copyfileobj(records, out, 1 << 20)
    whole.replace(kept)


def _split(kept: Path, reference: Path, bcf: Path, folder: Path, in_order: bool) -> str:
    """Split and left-align; return what was said of records that are not the reference's."""
    norm = (
        *("norm", "--no-version", "--force", "-m", "-any", "-c", "wx"),
        # One base for one base: nothing to split or to shift, and the sieve has seen to its REF.
        *("-e", 'N_ALT=1 && TYPE="snp" && STRLEN(REF)=1'),
        *("--old-rec-tag", OLD_RECORD, "-f", str(reference)),
    )
    if in_order:
        try:
            return bcftools(*norm, *_INDEXED, "-o", str(bcf), str(kept))
        except ArianeError:
            # An indel that moves far left in its repeat comes out behind records before it, which
            # an index made on the way refuses. What fails for another reason fails again.
            bcf.unlink(missing_ok=True)
    said = bcftools(*norm, "-Ou", "-o", str(bcf), str(kept))
    put_in_order(bcf, folder)
    return said


def _join(bcf: Path, more: Path, folder: Path) -> None:
    """Put the records of a second BCF among those of the first, in order.

    They are joined as text: programs declare one tag in different ways, and binary records would
    be read by the wrong one.
    """
    texts = [folder / "first.vcf", folder / "second.vcf"]
    for source, text in zip((bcf, more), texts, strict=True):
        bcftools("view", "--no-version", "-Ov", "-o", str(text), str(source))
    heads = [_header_lines(text) for text in texts]
    both = folder / "both.vcf"
    with both.open("wb") as out:
        out.write(join_headers(*heads))
        for text, head in zip(texts, heads, strict=True):
            with text.open("rb") as records:
                records.seek(len(head))
                shutil.copyfileobj(records, out, 1 << 20)
            text.unlink()
    bcftools("sort", "-T", str(folder / "sort"), *_INDEXED, "-o", str(bcf), str(both))
    both.unlink()
    more.unlink()


def _header_lines(text: Path) -> bytes:
    lines = []
    with text.open("rb") as handle:
        for line in handle:
            lines.append(line)
            if line.startswith(b"#CHROM"):
                break
    return b"".join(lines)


def put_in_order(bcf: Path, folder: Path) -> None:
    """Sort a BCF in place by position, and index it."""
    ordered = folder / "ordered.bcf"
    bcftools("sort", "-T", str(folder / "sort"), *_INDEXED, "-o", str(ordered), str(bcf))
    ordered.replace(bcf)
    index_of(ordered).replace(index_of(bcf))


@contextmanager
def _about(vcf: Path) -> Iterator[None]:
    """Name the file in what goes wrong over it."""
    try:
        yield
    except BcftoolsError as problem:
        raise BcftoolsError(f"{vcf}: {problem}") from None


class BcftoolsError(ArianeError):
    """A command of bcftools failed, over a file that only the program at work knows."""


def bcftools(command: str, *arguments: str) -> str:
    """Run one bcftools command of the pysam wheel; files in, files out.

    Returns:
        what it said on its error stream.

    Raises:
        BcftoolsError: it failed; the last lines it said are repeated.
    """
    run = getattr(pysam.bcftools, command)
    try:
        run(*arguments, catch_stdout=False)
    except pysam.utils.SamtoolsError as problem:
        said = [line for line in str(problem).replace("\\n", "\n").splitlines() if line.strip()]
        raise BcftoolsError(
            f"bcftools {command} failed: {' / '.join(said[-3:])}. Check the VCF near that place, "
            "and whether each ## line of its header is whole."
        ) from None
    return str(run.get_messages() or "")
