"""Read a release once and lay it out as tables."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ariane.annotate.genes import proteins, read_genes
from ariane.annotate.known import known_alleles
from ariane.cli import run
from ariane.files import staging
from ariane.knowledge.prepare import SUMMARY, Prepared, read_release, write_prepared
from ariane.knowledge.release import Release

log = logging.getLogger(__name__)


def main(argv: list[str]) -> None:
    """Verify the release's files, read them, write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", type=Path, required=True, help="folder of the release")
    parser.add_argument("--out", type=Path, required=True, help="folder of the tables")
    args = parser.parse_args(argv)
    release = Release.open(args.release)
    log.info("Verifying the checksums of release %s.", release.name)
    release.verify()
    with staging(args.out, last=SUMMARY) as folder:
        prepared = read_release(release, folder)
        for word, count in prepared.unknown_words.items():
            log.warning(
                "assertions: %d records say %r, a word that resources/assertion_words.tsv does not "
                "list; they are kept and move no points.",
                count,
                word,
            )
        log.info("Placing the asserted alleles on the transcripts.")
        genes = read_genes(release.require("transcripts")).all
        write_prepared(prepared, _known(prepared), proteins(genes))
    log.info("Release %s is prepared in %s.", release.name, args.out)


def _known(prepared: Prepared) -> Iterator[Mapping[str, Any]]:
    """Rows of ``known_alleles``, batch by batch; then what could not be placed is told."""
    release = prepared.release
    mismatched = unplaced = 0
    for batch in prepared.classified():
        known = known_alleles(batch, release.require("reference"), release.require("transcripts"))
        mismatched, unplaced = mismatched + known.mismatched, unplaced + known.unplaced
        yield from known.rows
    if mismatched:
        log.warning(
            "assertions: %d alleles disagree with the reference and cannot serve PS1, PM5 or PVS1.",
            mismatched,
        )
    if unplaced:
        log.info(
            "assertions: %d asserted alleles lie outside every gene or in masked sequence; they "
            "count for the allele itself, in the genes that the assertions name, not for PS1, PM5 "
            "or PVS1.",
            unplaced,
        )


if __name__ == "__main__":
    run(main)
