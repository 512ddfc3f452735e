"""Fetch the files that resources/manifest.yaml names, and make a release of knowledge of them."""

from __future__ import annotations

import argparse
import logging
from dataclasses import asdict
from pathlib import Path

from ariane.annotate.genes import GENE_PADDING, read_genes
from ariane.cli import run
from ariane.files import write_text
from ariane.knowledge.fetch.collect import Wanted, fetch_all, release_of, see_room
from ariane.knowledge.fetch.entry import Terms
from ariane.knowledge.fetch.manifest import ASSEMBLIES, MANIFEST, Catalogue, read_catalogue
from ariane.knowledge.fetch.patience import TABLE, amount, read_patience
from ariane.knowledge.fetch.pool import Pool
from ariane.knowledge.fetch.regions import Regions, read_bed
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError

log = logging.getLogger(__name__)


def main(argv: list[str]) -> None:
    """Choose, see whether there is room, fetch, assemble; every fault is told at the end."""
    args = _parser().parse_args(argv)
    versions = _pairs(args.version)
    catalogue = read_catalogue(args.manifest, versions, args.as_of or "")
    if args.list:
        _list(catalogue)
        return
    if args.release and not args.as_of:
        raise ArianeError(
            "A release needs --as-of DATE, up to when its knowledge reaches. Give it."
        )
    chosen = catalogue.choose(args.assembly, args.only, args.also)
    pool = Pool(args.releases)
    patience = read_patience(args.patience)
    see_room(chosen, pool, patience)
    if args.dry_run:
        for entry in chosen:
            log.info("%s: %s", entry.name, entry.address or f"by hand; ask at {entry.ask}")
        return
    outcome = fetch_all(
        catalogue,
        chosen,
        Wanted(
            pool=pool,
            patience=patience,
            terms=Terms(args.require_checksums, frozenset(args.agreed), args.own, args.verify),
            regions=read_bed(args.regions, args.padding or 0) if args.regions else None,
            genes=lambda path: _genes(path, GENE_PADDING if args.padding is None else args.padding),
            stream_limit=args.stream_limit,
            assembly=args.assembly,
        ),
    )
    for reason in outcome.left_out:
        log.warning("%s", reason)
    if outcome.failed:
        raise ArianeError("\n".join(outcome.failed))
    release = None
    if args.release:
        release = release_of(args.release, args.as_of, chosen, outcome, args.releases)
        log.info("Release %s lies in %s.", release.name, release.folder)
    if args.receipt:
        came = {name: asdict(receipt) for name, receipt in outcome.receipts.items()}
        held = {kind: r.sha256 for kind, r in release.resources.items()} if release else {}
        write_text(args.receipt, to_json({"fetched": came, "release": held}) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="tell what may be fetched, and stop")
    parser.add_argument("--dry-run", action="store_true", help="tell what would be, and stop")
    parser.add_argument("--release", help="name of the release to make of what was fetched")
    parser.add_argument("--as-of", help="date up to which its knowledge reaches, 2026-01-15")
    parser.add_argument("--assembly", choices=ASSEMBLIES, default=ASSEMBLIES[0])
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these, no other")
    parser.add_argument("--also", nargs="+", default=[], metavar="NAME", help="beside the defaults")
    parser.add_argument("--version", nargs="+", default=[], metavar="NAME=VERSION")
    parser.add_argument("--agreed", nargs="+", default=[], metavar="NAME", help="agreement signed")
    parser.add_argument("--own", type=Path, default=Path("own"), help="your files: own/NAME/FILE")
    parser.add_argument("--regions", type=Path, help="BED; without it the genes of the transcripts")
    parser.add_argument("--padding", type=int, help="bases on both sides: genes 5000, BED 0")
    parser.add_argument("--stream-limit", type=int, metavar="BYTES", help="may pass the line")
    parser.add_argument("--require-checksums", action="store_true", help="refuse what has none")
    parser.add_argument("--verify", action="store_true", help="read again what was fetched before")
    parser.add_argument("--releases", type=Path, default=Path("releases"), help="parent folder")
    parser.add_argument("--manifest", type=Path, default=MANIFEST, help="of downloads")
    parser.add_argument("--patience", type=Path, default=TABLE, help="pauses and time-outs")
    parser.add_argument("--receipt", type=Path, help="JSON: what was fetched")
    return parser


def _pairs(given: list[str]) -> dict[str, str]:
    wrong = [one for one in given if "=" not in one]
    if wrong:
        raise ArianeError(f"--version {wrong[0]}: write NAME=VERSION. See --list for the names.")
    return dict(one.split("=", 1) for one in given)


def _genes(path: Path, padding: int) -> Regions:
    genes = read_genes(path)
    return Regions.of((g.contig, g.start - 1 - padding, g.end + padding) for g in genes.all)


def _list(catalogue: Catalogue) -> None:
    columns = (
        "name",
        "kind",
        "assembly",
        "version",
        "size",
        "licence",
        "default",
        "checked",
        "read",
    )
    print("\t".join(columns))
    for one in catalogue.downloads.values():
        size = "unknown" if one.size is None else amount(one.size)
        flags = ["yes" if f else "no" for f in (one.default, one.checked, one.is_read)]
        kind = one.kind or "none"
        print(
            "\t".join([one.name, kind, one.assembly, one.version, size, one.licence_class, *flags])
        )


if __name__ == "__main__":
    run(main)
