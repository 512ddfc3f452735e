"""The knowledge release of the exome benchmark, from the real files beside the repository."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ariane.knowledge.release import Release, Source, assemble
from ariane.model.errors import ArianeError

NAME: Final = "real-2024-03-06"
AS_OF: Final = "2024-03-06"
_HPO: Final = "HPO licence: cite, show the version, leave the content unaltered"


def make_release(data: Path, releases: Path) -> Release:
    """Assemble the release; the same files give the same release, so a second call changes nothing.

    It holds no allele frequencies: none can be had offline, so nothing it ranks is for
    interpretation.

    Raises:
        ArianeError: a file is missing; all are named together.
    """
    sources = _sources(data)
    missing = [
        path
        for source in sources
        for path in (source.path, *source.companions)
        if not path.is_file()
    ]
    if missing:
        listed = "\n".join(f"{path}: there is no such file." for path in missing)
        raise ArianeError(f"{listed}\nName the folder that holds the real data with --data.")
    return assemble(NAME, AS_OF, sources, releases)


def _sources(data: Path) -> list[Source]:
    reference = data / "reference" / "GRCh38.lrg524.fa.gz"
    hpo = data / "hpo" / "2024-03-06"
    return [
        Source(
            kind="reference",
            path=reference,
            format="fasta",
            version="GRCh38, real bases inside 524 LRG regions, N elsewhere",
            date="2024-01-01",
            licence_class="open",
            licence="public",
            source="EBI and NCBI, LRG records",
            companions=tuple(reference.with_name(reference.name + end) for end in (".fai", ".gzi")),
        ),
        Source(
            kind="transcripts",
            path=data / "reference" / "MANE_select.GRCh38.gff3.gz",
            format="gff3",
            version="MANE v1.5, GENCODE 44",
            date="2023-07-01",
            licence_class="open",
            licence="free",
            source="MANE Select transcripts, from GENCODE 44",
        ),
        Source(
            kind="genes",
            path=data / "genes" / "hgnc_complete_set.2024-10.txt.gz",
            format="hgnc_tsv",
            version="2024-10",
            date="2024-10-01",
            licence_class="open",
            licence="CC0-1.0",
            source="HGNC complete set",
        ),
        *(
            Source(kind, hpo / name, form, AS_OF, AS_OF, "open", _HPO, "Human Phenotype Ontology")
            for kind, name, form in (
                ("hpo_ontology", "hp.obo.gz", "obo"),
                ("hpo_annotations", "phenotype.hpoa.gz", "hpoa"),
                ("gene_disease", "phenotype_to_genes.txt.gz", "phenotype_to_genes"),
            )
        ),
        Source(
            kind="assertions",
            path=data / "variants" / "vkgl_releases.tsv.gz",
            format="consensus_tsv",
            version="2024-02/04",
            date="2024-02-01",
            licence_class="agreement",
            licence="for tests only",
            source="VKGL consensus of expert laboratories",
            options={"column": "2024-02/04", "stars": "1"},
        ),
        Source(
            kind="constraint",
            path=data / "genes" / "gnomad.v2.1.1.lof_metrics.by_gene.tsv.gz",
            format="gnomad_tsv",
            version="2.1.1",
            date="2019-03-06",
            licence_class="open",
            licence="free",
            source="gnomAD constraint by gene",
        ),
        Source(
            kind="dosage",
            path=data / "genes" / "ClinGen_dosage_gene_curation_GRCh38.2026-02-06.tsv",
            format="clingen_tsv",
            version="2026-02-06",
            date="2026-02-06",
            licence_class="open",
            licence="CC0-1.0",
            source="ClinGen dosage curation",
        ),
    ]
