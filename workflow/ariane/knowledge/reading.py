"""Which reader reads which format: the second half of declaring a resource (see ``kinds.py``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from ariane.knowledge import assertions, frequencies, gene_tables, in_house, orphanet, structural
from ariane.knowledge.context import Context
from ariane.knowledge.release import Resource

Rows = Iterable[Mapping[str, Any]]
Reader = Callable[[Path, Resource, Context], Rows]


def _plain(reader: Callable[[Path, Context], Rows]) -> Reader:
    return lambda path, _, context: reader(path, context)


def _structural(path: Path, resource: Resource, context: Context) -> Rows:
    return structural.read_structural_frequencies(path, resource.format, context.contigs)


READERS: Final[Mapping[str, Reader]] = {
    "clinvar_vcf": assertions.read_assertions,
    "consensus_tsv": assertions.read_assertions,
    "clinvar_summary": lambda path, _, __: assertions.read_summary_dates(path),
    "gnomad_vcf": _plain(frequencies.read_frequencies),
    "in_house_vcf": _plain(in_house.read_in_house),
    "bed": _plain(frequencies.read_coverage),
    "gnomad_tsv": _plain(gene_tables.read_constraint),
    "gnomad_v4_tsv": _plain(gene_tables.read_constraint),
    "clingen_tsv": _plain(gene_tables.read_dosage),
    "clingen_validity_csv": _plain(gene_tables.read_validity),
    "gencc_tsv": _plain(gene_tables.read_gencc),
    "panelapp_tsv": _plain(gene_tables.read_panels_tsv),
    "panelapp_json": _plain(gene_tables.read_panels_json),
    "orphadata_product6": _plain(orphanet.read_genes),
    "orphadata_product1": _plain(orphanet.read_references),
    "clingen_regions_tsv": lambda path, _, context: structural.read_dosage_regions(
        path, context.contigs
    ),
    "gnomad_sv_vcf": _structural,
    "sv_bed": _structural,
}
"""By format; each gives rows of the table of the kind that names the format."""
