"""Records in and records out: every real VCF through normalisation, each allele accounted for."""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import pysam

from ariane.annotate.normalise import normalise
from ariane.cli import run
from ariane.files import REPOSITORY, open_text
from ariane.model.errors import ArianeError

_LINE: Final = 100


def lossless(data: Path) -> dict[str, Any]:
    """By file: records and alleles read as plain text, and the records that came out split.

    Each file is normalised against a reference that holds the file's own REF bases and N
    elsewhere: the real sequence is not to be had for all of them, and no record may hide behind a
    masked base.

    Raises:
        ArianeError: there is no VCF in the data.
    """
    found: dict[str, Any] = {}
    for vcf in sorted((data / "vcf").glob("*.vcf.gz")):
        with tempfile.TemporaryDirectory(prefix="bench-lossless-") as name:
            folder = Path(name)
            samples, records, alleles = own_reference(vcf, folder / "own.fa")
            start = time.monotonic()
            made = normalise(vcf, samples, folder / "own.fa", folder)
            with pysam.VariantFile(str(made.bcf)) as bcf:
                out = sum(1 for _ in bcf)
            found[vcf.name] = {
                "records": records,
                "alleles": alleles,
                "out": out,
                "told": made.counts.to_json(),
                "equal": out == alleles and made.counts.records == records,
                "seconds": round(time.monotonic() - start, 1),
            }
    if not found:
        raise ArianeError(f"{data / 'vcf'}: no VCF lies there. Give the folder of the real data.")
    return found


def own_reference(vcf: Path, target: Path) -> tuple[list[str], int, int]:
    """Write a FASTA with the REF bases of a VCF, N elsewhere.

    Returns:
        the samples, and how many records and alternative alleles the text holds.
    """
    bases: dict[str, bytearray] = {}
    samples: list[str] = []
    records = alleles = 0
    held: dict[str, list[tuple[int, bytes]]] = {}
    with open_text(vcf) as handle:
        for line in handle:
            if line.startswith("#CHROM"):
                samples = line.rstrip("\n").split("\t")[9:]
            if line.startswith("#") or not line.strip():
                continue
            contig, pos, _, ref, alt, _ = line.split("\t", 5)
            records += 1
            alleles += len(alt.split(","))
            held.setdefault(contig, []).append((int(pos), ref.upper().encode()))
    for contig, places in held.items():
        sequence = bases[contig] = bytearray(b"N" * (max(p + len(r) for p, r in places) + 1000))
        for pos, ref in places:
            sequence[pos - 1 : pos - 1 + len(ref)] = ref
    with target.open("wb") as out:
        for contig, sequence in bases.items():
            out.write(f">{contig}\n".encode())
            for start in range(0, len(sequence), _LINE * 10_000):
                part = sequence[start : start + _LINE * 10_000]
                out.write(b"\n".join(part[n : n + _LINE] for n in range(0, len(part), _LINE)))
                out.write(b"\n")
    pysam.faidx(str(target))
    return samples, records, alleles


def main(argv: list[str]) -> int:
    """Print the counts; status 1 when a record is lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    found = lossless(parser.parse_args(argv).data)
    print(json.dumps(found, indent=1))
    return 0 if all(row["equal"] for row in found.values()) else 1


if __name__ == "__main__":
    run(main)
