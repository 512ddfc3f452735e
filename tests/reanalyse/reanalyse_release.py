"""An invented release on disk, laid out by the code under test's own writers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pysam
import yaml
from reanalyse_genome import CONTIGS
from reanalyse_tables import prepare
from reanalyse_world import World, hgnc, hpoa, obo, predictions

from ariane.knowledge.release import Release
from ariane.rank.constants import load_constants
from ariane.rank.profile import load_profile
from ariane.rank.shard import Bench


def _indexed(path: Path, kind: str) -> Path:
    """Pack and index a file of predictions where it lies."""
    text = path.with_suffix(".txt")
    path.rename(text)
    pysam.tabix_compress(str(text), str(path), force=True)
    column = 2 if kind == "revel" else 1
    pysam.tabix_index(str(path), force=True, seq_col=0, start_col=column, end_col=column)
    return path.with_name(f"{kind}.tbi")


@dataclass(frozen=True)
class Laid:
    """A release and its prepared tables on disk."""

    release: Release
    folder: Path

    def bench(self) -> Bench:
        return Bench(self.release, self.folder, load_constants(), load_profile("clingen"))


def lay_out(root: Path, name: str, world: World, more: Mapping[str, str] | None = None) -> Laid:
    """Write a release with its manifest, and its prepared tables.

    Args:
        more: other content for resources by kind (``reference``: another genome).
    """
    pool = root / "releases" / "files" / name
    pool.mkdir(parents=True, exist_ok=True)
    content = {
        "reference": ">invented\n",
        "transcripts": "##gff-version 3\n",
        "hpo_ontology": obo(world.ontology),
        "hpo_annotations": hpoa(world),
        "genes": hgnc(world),
        "gene_disease": repr((sorted(world.gene_disease.items()), sorted(world.names.items()))),
        "assertions": repr(sorted(world.assertions.items())),
        "frequencies": repr(
            (
                sorted(world.frequencies.items()),
                sorted(world.failed),
                sorted(world.homozygotes.items()),
            )
        ),
        "consensus": repr(sorted(world.consensus.items())),
        "laboratory": repr(sorted(world.laboratory.items())),
        "in_house": repr((sorted(world.in_house.items()), sorted(world.families.items()))),
        "validity": repr(sorted(world.validity.items())),
        "gencc": repr(sorted(world.gencc.items())),
        "panels": repr(sorted(world.panels.items())),
        "coverage": repr(world.covered),
        "dosage": repr(sorted(world.dosage.items())),
        "constraint": repr(sorted(world.constraint.items())),
        "structural_frequencies": repr(sorted(world.structural.items())),
        "structural_coverage": "chr1\t0\t9000000\n",
        "dosage_regions": repr(sorted(world.regions.items())),
        **{kind: predictions(kind, said) for kind, said in world.scores.items()},
    } | dict(more or {})
    formats = {
        "reference": "fasta",
        "transcripts": "gff3",
        "hpo_ontology": "obo",
        "hpo_annotations": "hpoa",
        "genes": "hgnc_tsv",
        "gene_disease": "phenotype_to_genes",
        "assertions": "clinvar_vcf",
        "frequencies": "gnomad_vcf",
        "consensus": "consensus_tsv",
        "laboratory": "consensus_tsv",
        "in_house": "in_house_vcf",
        "validity": "clingen_validity_csv",
        "gencc": "gencc_tsv",
        "revel": "revel_csv",
        "spliceai": "spliceai_vcf",
        "panels": "panelapp_tsv",
        "coverage": "bed",
        "dosage": "clingen_tsv",
        "constraint": "gnomad_tsv",
        "structural_frequencies": "sv_bed",
        "structural_coverage": "bed",
        "dosage_regions": "clingen_regions_tsv",
    }
    resources = {}
    for kind in sorted(set(content) - world.lacks):
        path = pool / kind
        path.write_text(content[kind], encoding="utf-8")
        resources[kind] = {
            "file": f"../files/{name}/{kind}",
            "format": formats[kind],
            "version": "1",
            "date": "2024-01-01",
            "sha256": hashlib.sha256(content[kind].encode()).hexdigest(),
            "licence": {"class": "open", "text": "CC0-1.0"},
            "source": "invented for tests",
        }
        if kind in world.scores:
            resources[kind]["companions"] = [_indexed(path, kind).name]
    fai, end = "", 0
    for contig, length in CONTIGS.items():
        offset = end + len(contig) + 2
        fai += f"{contig}\t{length}\t{offset}\t60\t61\n"
        end = offset + length + -(-length // 60)
    (pool / "reference.fai").write_text(fai, encoding="utf-8")
    folder = root / "releases" / name
    folder.mkdir(parents=True, exist_ok=True)
    manifest = {"schema": 1, "name": name, "as_of": "2024-03-06", "resources": resources}
    (folder / "manifest.yaml").write_text(yaml.safe_dump(manifest), encoding="utf-8")
    release = Release.open(folder)
    prepared = root / "results" / "releases" / name / "knowledge"
    prepare(prepared, release, world)
    return Laid(release, prepared)
