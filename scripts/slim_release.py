"""Cut the large files of a release description to the regions in use, once for each release."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import yaml

from ariane.cli import run
from ariane.files import read_yaml, write_text
from ariane.knowledge.asserted_places import asserted_places
from ariane.knowledge.contigs import Contigs
from ariane.knowledge.slim import LAYOUTS, bed_regions, cut, gene_regions
from ariane.model.errors import ArianeError

log = logging.getLogger(__name__)
PADDING = 5000


def main(argv: list[str]) -> None:
    """Cut each large file, write a description that names what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("description", type=Path, help="as make_release.py reads it")
    parser.add_argument("--out", type=Path, required=True, help="folder of the cut files")
    parser.add_argument(
        "--regions",
        type=Path,
        help="BED of the regions; else the genes of the transcripts, and the alleles that the "
        "assertions call pathogenic, wherever they lie",
    )
    parser.add_argument(
        "--padding", type=int, default=PADDING, help="bases on both sides (default: %(default)s)"
    )
    args = parser.parse_args(argv)
    raw = read_yaml(args.description)
    folder = args.description.parent
    try:
        resources = raw["resources"]
        reference = folder / resources["reference"]["file"]
        contigs = Contigs.of_index(reference.with_name(reference.name + ".fai"))
        gff = folder / resources["transcripts"]["file"]
        chosen = {k: e for k, e in sorted(resources.items()) if e["format"] in LAYOUTS}
    except (KeyError, TypeError, AttributeError, OSError):
        raise ArianeError(
            f"{args.description}: not the description of a release with its reference, indexed, "
            "and its transcripts. See docs/own-data.md."
        ) from None
    if args.regions:
        regions = bed_regions(args.regions, contigs, args.padding)
    else:
        genes = gene_regions(gff, contigs, args.padding)
        places = asserted_places(resources, folder, contigs)
        regions = {
            contig: [*genes.get(contig, ()), *places.get(contig, ())]
            for contig in sorted(genes.keys() | places.keys())
        }
    args.out.mkdir(parents=True, exist_ok=True)
    for kind, entry in resources.items():
        if kind not in chosen:
            for name in ("file",):
                entry[name] = str((folder / entry[name]).resolve())
            entry["companions"] = [
                str((folder / name).resolve()) for name in entry.get("companions") or ()
            ]
            continue
        suffix = "vcf" if entry["format"].endswith("_vcf") else "tsv"
        made = cut(
            folder / entry["file"], entry["format"], regions, contigs,
            args.out / f"{kind}.{suffix}.gz",
        )  # fmt: skip
        entry["file"], entry["companions"] = made.path.name, [made.index.name]
        log.info("%s: %d of %d lines lie in the regions.", kind, made.kept, made.read)
    description = args.out / "release.yaml"
    write_text(description, yaml.safe_dump(raw, sort_keys=False, allow_unicode=True, width=100))
    log.info("Make the release with: python scripts/make_release.py %s", description)


if __name__ == "__main__":
    run(main)
