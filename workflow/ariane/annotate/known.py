"""Consequences of the alleles that a release asserts pathogenic, by the code that annotates cases.

They are written as the heterozygous, unphased calls of one invented person, so that an asserted
allele and a patient's allele are normalised, placed and named in exactly the same way, and no two
asserted alleles are ever read together.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ariane.annotate.case import Inputs, Outputs, annotate_case
from ariane.annotate.genes import read_genes
from ariane.annotate.sequence import Reference
from ariane.files import read_table
from ariane.knowledge.assertions import BENIGN, PATHOGENIC
from ariane.knowledge.disruption import disrupts
from ariane.model.errors import ArianeError
from ariane.model.tables import CANDIDATES

_CHANGES: Final = frozenset({"missense_variant", "inframe_insertion", "inframe_deletion"})
_SAMPLE: Final = "asserted"


@dataclass(frozen=True)
class KnownAlleles:
    """Rows of the ``known_alleles`` table, and how many asserted alleles could not be placed."""

    rows: list[dict[str, Any]]
    mismatched: int
    """Alleles whose REF is not the reference's; they are wrong or of another assembly."""
    unplaced: int
    """Alleles in masked sequence, outside every gene, or written in another form."""


def known_alleles(
    assertions: Iterable[Mapping[str, Any]], reference: Path, transcripts: Path
) -> KnownAlleles:
    """Find gene, consequence and codon of each allele asserted (likely) pathogenic, and of those
    asserted (likely) benign that change the protein or a splice site.

    Args:
        assertions: rows of the ``assertions`` table.
        reference: the release's FASTA.
        transcripts: the release's GFF3.

    Raises:
        ArianeError: the transcripts are not on the reference.
    """
    said: dict[str, list[Mapping[str, Any]]] = {}
    for row in assertions:
        if row["klass"] in PATHOGENIC | BENIGN:
            said.setdefault(row["variant"], []).append(row)
    bases = Reference(reference)
    _check_transcripts(transcripts, bases)
    order = {contig: place for place, contig in enumerate(bases.contigs.lengths)}
    sites: list[tuple[int, int, str, str, str]] = []
    mismatched = 0
    for variant in said:
        chrom, pos, ref, alt = variant.split("-")
        if chrom not in order:
            mismatched += 1
            continue
        held = bases.bases(chrom, int(pos), len(ref)).decode()
        if held != ref and "N" not in held:
            mismatched += 1
            continue
        sites.append((order[chrom], int(pos), chrom, ref, alt))
    rows: list[dict[str, Any]] = []
    if sites:
        rows = [
            _row(candidate, record)
            for candidate in _annotated(sorted(sites), bases, reference, transcripts)
            for record in said.get(candidate["variant"], ())
            if record["klass"] in PATHOGENIC or _tells(candidate)
        ]
    placed = {row["variant"] for row in rows}
    return KnownAlleles(rows, mismatched, len(sites) - len(placed))


def _check_transcripts(transcripts: Path, bases: Reference) -> None:
    """See that the genes lie on the reference.

    Raises:
        ArianeError: the GFF3 is none, or of another assembly.
    """
    lengths = bases.contigs.lengths
    genes = read_genes(transcripts, bases.contigs.name).all
    strange = [gene for gene in genes if gene.end > lengths.get(gene.contig, gene.end)]
    if strange:
        raise ArianeError(
            f"{transcripts}: gene {strange[0].id} ends at {strange[0].contig}:{strange[0].end}, "
            f"beyond the reference's {lengths[strange[0].contig]}. "
            "Give transcripts on the reference's assembly."
        )
    if not any(gene.contig in lengths for gene in genes):
        raise ArianeError(
            f"{transcripts}: no gene lies on a contig of the reference; the first is on "
            f"{genes[0].contig}. Give transcripts on the reference's assembly."
        )


def _annotated(
    sites: list[tuple[int, int, str, str, str]], bases: Reference, reference: Path, gff: Path
) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="ariane-known-") as name:
        folder = Path(name)
        vcf = folder / "asserted.vcf"
        with vcf.open("w", encoding="utf-8") as handle:
            handle.write("##fileformat=VCFv4.2\n")
            handle.write('##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n')
            for contig, length in bases.contigs.lengths.items():
                handle.write(f"##contig=<ID={contig},length={length}>\n")
            columns = ["CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
            handle.write("#" + "\t".join([*columns, _SAMPLE]) + "\n")
            for _, pos, chrom, ref, alt in sites:
                handle.write(f"{chrom}\t{pos}\t.\t{ref}\t{alt}\t.\tPASS\t.\tGT\t0/1\n")
        outputs = Outputs(folder / "a.bcf", folder / "a.parquet", folder / "a.json")
        inputs = Inputs(_SAMPLE, vcf, {_SAMPLE: _SAMPLE}, reference, gff, gene_padding=0)
        annotate_case(inputs, outputs)
        return read_table(outputs.candidates, CANDIDATES)


def _tells(candidate: Mapping[str, Any]) -> bool:
    """Whether a benign allele tells something of others: it changes the protein or a splice site.

    Most of the benign records are silent or lie in introns, and nothing reads them.
    """
    found = set(candidate["consequence"].split("&"))
    return disrupts(candidate["consequence"]) or not _CHANGES.isdisjoint(found)


def _row(candidate: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    from_candidate = (
        *("gene", "variant", "transcript", "consequence", "codon", "aa_ref", "aa_alt"),
        *("hgvs_c", "hgvs_p", "place", "nmd", "protein_lost"),
    )
    from_record = ("klass", "stars", "accession", "resource", "record")
    return {
        **{name: candidate[name] for name in from_candidate},
        **{name: record[name] for name in from_record},
    }
