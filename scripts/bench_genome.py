"""A genome-sized VCF and a reference to match, made by repeating real records at new positions.

The reference holds the shared real bases where they are known and drawn ones where the file is
masked, since no program reads consequences off an N. Real records give the kind of each record
(substitution, deleted length, inserted bases) and its quality, depths and genotype.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pysam

from ariane.cli import run
from ariane.files import REPOSITORY, open_text, replacing

log = logging.getLogger(__name__)

RECORDS: Final = 5_000_000
SAMPLE: Final = "genome"
_BASES: Final = np.frombuffer(b"ACGT", dtype=np.uint8)
_CODE: Final = np.zeros(256, dtype=np.uint8)
_CODE[_BASES] = np.arange(4, dtype=np.uint8)
_LINE: Final = 100
_CONTIGS: Final = [f"chr{name}" for name in (*range(1, 23), "X")]


def make_reference(masked: Path, target: Path, seed: int) -> None:
    """Write the FASTA, plain with its ``.fai``, masked bases drawn at random.

    Args:
        masked: the real bases, N elsewhere.
        target: where the FASTA goes.
        seed: of the drawn bases.
    """
    draw = np.random.default_rng(seed)
    with (
        pysam.FastaFile(str(masked)) as source,
        replacing(target) as fasta,
        fasta.open("wb") as out,
    ):
        for name in source.references:
            bases = np.frombuffer(source.fetch(name).upper().encode(), dtype=np.uint8).copy()
            hidden = bases == ord("N")
            bases[hidden] = _BASES[draw.integers(0, 4, int(hidden.sum()), dtype=np.uint8)]
            out.write(f">{name}\n".encode())
            whole = len(bases) // _LINE * _LINE
            lines = np.full((whole // _LINE, _LINE + 1), ord("\n"), dtype=np.uint8)
            lines[:, :_LINE] = bases[:whole].reshape(-1, _LINE)
            out.write(lines.tobytes())
            if whole < len(bases):
                out.write(bases[whole:].tobytes() + b"\n")
    pysam.faidx(str(target))


def _records(vcf: Path) -> list[tuple[str, str, str]]:
    """REF, ALT and the columns from QUAL on of every autosomal record."""
    found = []
    with open_text(vcf) as handle:
        for line in handle:
            fields = line.rstrip("\n").split("\t", 5)
            if line.startswith("#") or not fields[0].removeprefix("chr").isdigit():
                continue
            found.append((fields[3], fields[4], fields[5]))
    return found


def _lines(
    name: str,
    bases: bytes,
    positions: list[int],
    picks: list[int],
    records: list[tuple[str, str, str]],
) -> Iterator[str]:
    """Records at 1-based positions, their REF taken from the reference."""
    for pos, pick in zip(positions, picks, strict=True):
        ref, alt, rest = records[pick]
        held = bases[pos - 1 : pos - 1 + len(ref)]
        shown = held.decode()
        if len(ref) == len(alt) == 1:
            turn = (int(_CODE[ord(alt)]) - int(_CODE[ord(ref)])) % 4
            alt = chr(_BASES[(_CODE[held[0]] + turn) % 4])
        elif len(ref) == 1 or len(alt) == 1:
            alt = shown[0] + alt[1:]
        if alt != shown:
            yield f"{name}\t{pos}\t.\t{shown}\t{alt}\t{rest}\n"


def make_genome(exome: Path, reference: Path, target: Path, records: int, seed: int) -> int:
    """Write the VCF, packed with bgzip; return the number of records.

    Args:
        exome: a real VCF of one sample, whose records are repeated.
        reference: FASTA with ``.fai``, no base masked.
        target: where the VCF goes.
        records: how many records are asked for; a few fall on one another's place and are left out.
        seed: of the places.
    """
    draw = np.random.default_rng(seed)
    held = _records(exome)
    with open_text(exome) as handle:
        head = [ln for ln in handle if ln.startswith(("##FILTER", "##FORMAT", "##INFO"))]
    written = 0
    with pysam.FastaFile(str(reference)) as fasta, replacing(target) as packed:
        names = [name for name in fasta.references if name in _CONTIGS]
        total = sum(fasta.get_reference_length(name) for name in names)
        lengths = dict(zip(fasta.references, fasta.lengths, strict=True))
        with pysam.BGZFile(str(packed), "wb") as out:
            out.write(b"##fileformat=VCFv4.2\n")
            for name, length in lengths.items():
                out.write(f"##contig=<ID={name},length={length}>\n".encode())
            out.write("".join(head).encode())
            columns = ["CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
            out.write(("#" + "\t".join([*columns, SAMPLE]) + "\n").encode())
            for name in names:
                length = lengths[name]
                bases = fasta.fetch(name).encode()
                count = round(records * length / total)
                positions = np.unique(draw.integers(1000, length - 1000, count))
                picks = draw.integers(0, len(held), len(positions))
                batch: list[str] = []
                for line in _lines(name, bases, positions.tolist(), picks.tolist(), held):
                    batch.append(line)
                    written += 1
                    if len(batch) == 10_000:
                        out.write("".join(batch).encode())
                        batch = []
                out.write("".join(batch).encode())
    return written


def main(argv: list[str]) -> None:
    """Make both files where they are absent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks/genome"))
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    reference = args.out / "reference.fa"
    if not reference.exists():
        make_reference(args.data / "reference/GRCh38.lrg524.fa.gz", reference, args.seed)
    genome = args.out / f"genome.{args.records}.vcf.gz"
    if not genome.exists():
        exome = args.data / "vcf/exome_hu82436A.GRCh38.vcf.gz"
        log.info("%d records", make_genome(exome, reference, genome, args.records, args.seed))


if __name__ == "__main__":
    run(main)
