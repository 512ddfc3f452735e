"""A small real release for the tests of the intake."""

from __future__ import annotations

from pathlib import Path

import pysam
import pytest
from intake_folders import SHARED

from ariane.knowledge.release import Source, assemble


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one release, ``R1``, as of 2024-06-01."""
    folder = tmp_path_factory.mktemp("intake")
    fasta = folder / "reference.fa.gz"
    pysam.tabix_compress(str(SHARED / "reference.fa"), str(fasta))
    pysam.faidx(str(fasta))
    genes = folder / "genes.gff3"
    genes.write_text("##gff-version 3\n")
    licence = {"licence_class": "open", "licence": "CC0-1.0", "source": "invented"}
    dated = {"version": "1", "date": "2024-03-06", **licence}
    sources = [
        Source(
            "reference",
            fasta,
            "fasta",
            **{**dated, "version": "GRCh38-tests"},
            companions=(Path(f"{fasta}.fai"), Path(f"{fasta}.gzi")),
        ),
        Source("transcripts", genes, "gff3", **dated),
        Source("hpo_ontology", SHARED / "hp.obo", "obo", **dated),
    ]
    for name in ("R0", "R1"):
        (folder / "releases" / name).mkdir(parents=True)
    assemble("R1", "2024-06-01", sources, folder / "releases")
    bare = [source for source in sources if source.kind != "hpo_ontology"]
    assemble("R0", "2024-06-01", bare, folder / "releases")
    return folder / "releases"
