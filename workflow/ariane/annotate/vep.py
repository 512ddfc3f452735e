"""What VEP is asked in its own step: the alleles of a case, and nothing else of it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pysam

from ariane.annotate.members import joined
from ariane.annotate.normalise import normalise
from ariane.annotate.sequence import Reference
from ariane.files import replacing


def write_sites(
    vcfs: Sequence[Path],
    samples: Sequence[str],
    reference: Path,
    target: Path,
    regions: Path | None = None,
) -> int:
    """Write the distinct alleles of a case's VCFs as sites, in order of position.

    They are split and left-aligned as annotation does it, so that VEP's words are found again by
    position, REF and ALT. Symbolic alleles and ``*`` are left out; genotypes, sample names and
    every field but the alleles themselves stay behind.

    Args:
        vcfs: the case's VCF, or one of each member, joined as annotation joins them.
        samples: the samples to read.
        reference: FASTA with its index.
        target: the VCF to write, packed with BGZF.
        regions: BED of the regions to keep.

    Returns:
        the number of alleles.

    Raises:
        ArianeError: a VCF is cut, lacks a sample, or disagrees with the reference.
    """
    noise = pysam.set_verbosity(0)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with (
            replacing(target) as temporary,
            tempfile.TemporaryDirectory(prefix="ariane-sites-") as folder,
        ):
            vcf = joined(vcfs, samples, Reference(reference).contigs, Path(folder))
            bcf = normalise(vcf, samples, reference, Path(folder), regions).bcf
            plain = Path(folder) / "sites.vcf"
            with pysam.VariantFile(str(bcf)) as records, plain.open("w", encoding="utf-8") as out:
                lines = ["##fileformat=VCFv4.2"]
                lines += [
                    f"##contig=<ID={name},length={contig.length}>"
                    for name, contig in records.header.contigs.items()
                ]
                fixed = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"]
                lines.append("\t".join(fixed))
                out.write("".join(f"{line}\n" for line in lines))
                count, place = 0, ("", 0)
                here: set[tuple[str, str]] = set()
                for record in records:
                    ref, alt = record.ref or "", (record.alts or ("",))[0]
                    if (record.chrom, record.pos) != place:
                        place, here = (record.chrom, record.pos), set()
                    if not alt.isalpha() or (ref, alt) in here:
                        continue
                    here.add((ref, alt))
                    count += 1
                    fields = (record.chrom, str(record.pos), ".", ref, alt, ".", ".", ".")
                    out.write("\t".join(fields) + "\n")
            pysam.tabix_compress(str(plain), str(temporary), force=True)
    finally:
        pysam.set_verbosity(noise)
    return count
