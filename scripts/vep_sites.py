"""Write a case's alleles for VEP: split, left-aligned, each once, without genotypes."""

from __future__ import annotations

import argparse
from pathlib import Path

from annotate_case import samples_of
from ariane.annotate.vep import write_sites
from ariane.cli import run


def main(argv: list[str]) -> None:
    """Parse the arguments and write the alleles."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--vcf",
        required=True,
        nargs="+",
        type=Path,
        help="VCF (plain, gzip, BGZF) or BCF; several where members have files of their own",
    )
    parser.add_argument(
        "--sample",
        required=True,
        action="append",
        metavar="MEMBER=SAMPLE",
        help="pedigree member and sample name in the VCF; repeat for each sequenced member",
    )
    parser.add_argument("--reference", required=True, type=Path, help="indexed FASTA")
    parser.add_argument("--regions", type=Path, help="BED of the regions to keep")
    parser.add_argument("--out", required=True, type=Path, help="VCF, packed with BGZF")
    given = parser.parse_args(argv)
    samples = sorted(samples_of(given.sample).values())
    write_sites(given.vcf, samples, given.reference, given.out, given.regions)


if __name__ == "__main__":
    run(main)
