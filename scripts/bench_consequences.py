"""How often the most severe term on MANE is the one that ClinVar gives, by kind."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pysam

from ariane.annotate.case import Inputs, Outputs, annotate_case
from ariane.annotate.terms import shipped_terms
from ariane.cli import run
from ariane.files import REPOSITORY, read_table
from ariane.knowledge.vcf_files import open_whole
from ariane.model.tables import CANDIDATES
from exome_cases import read_regions

CLINVAR: Final = "variants/clinvar_20260226_grch38_16genes.vcf.gz"

_OURS: Final = {
    "nonsense": ("stop_gained",),
    "initiator_codon_variant": ("start_lost", "start_retained_variant"),
    "inframe_indel": ("inframe_insertion", "inframe_deletion", "protein_altering_variant"),
    "genic_upstream_transcript_variant": ("upstream_gene_variant",),
    "genic_downstream_transcript_variant": ("downstream_gene_variant",),
    "non-coding_transcript_variant": ("non_coding_transcript_exon_variant", "intron_variant"),
}
"""ClinVar's names of terms that Ensembl names otherwise."""

_FINER: Final = frozenset(
    {
        *("splice_region_variant", "splice_donor_region_variant", "splice_donor_5th_base_variant"),
        "splice_polypyrimidine_tract_variant",
    }
)
"""Terms that ClinVar does not use: the next most severe one is compared."""


def records(data: Path) -> Iterator[tuple[str, int, str, str, str, str]]:
    """ClinVar's records inside the sequenced regions: contig, position, REF, ALT, MC, CLNHGVS."""
    regions = read_regions(data / "reference/lrg524.bed")
    with open_whole(data / CLINVAR) as handle:
        for line in handle:
            contig = f"chr{line.chrom}"
            if not line.ref or len(line.alts or ()) != 1:
                continue
            inside = any(
                s < line.pos and line.pos + len(line.ref) - 1 <= e
                for s, e in regions.get(contig, ())
            )
            if inside:
                mc = ",".join(line.info.get("MC", ()))
                named = ",".join(line.info.get("CLNHGVS", ()))
                yield contig, line.pos, line.ref, (line.alts or ("",))[0], mc, named


def consequence_truth(data: Path) -> dict[str, Any]:
    """Compare the most severe term on MANE with ``MC`` where ClinVar gives a single one."""
    said = {(c, p, r, a): mc for c, p, r, a, mc, _ in records(data)}
    found = annotated(data, list(said))
    total: Counter[str] = Counter()
    equal: Counter[str] = Counter()
    differing: dict[str, list[str]] = {}
    order = shipped_terms().rank
    for key, mc in said.items():
        terms = {part.partition("|")[2] for part in mc.split(",") if part}
        rows = [row for row in found.get(key, ()) if row["mane"]]
        if len(terms) != 1 or not rows:
            continue
        term = terms.pop()
        wanted = _OURS.get(term, (term,))
        best = min(
            (t for row in rows for t in row["consequence"].split("&") if t not in _FINER),
            key=lambda t: order[t],
        )
        total[term] += 1
        if best in wanted:
            equal[term] += 1
        else:
            variant = "-".join(map(str, key))
            differing.setdefault(f"{term} > {best}", []).append(
                f"{variant} {rows[0]['hgvs_c']} {rows[0]['hgvs_p']} {rows[0]['consequence']}"
            )
    return {
        "records": sum(total.values()),
        "equal": sum(equal.values()),
        "share": round(sum(equal.values()) / max(1, sum(total.values())), 5),
        "by_term": {t: [equal[t], total[t]] for t in sorted(total)},
        "differing": {k: sorted(v) for k, v in sorted(differing.items())},
    }


def annotated(
    data: Path, variants: list[tuple[str, int, str, str]]
) -> dict[tuple[str, int, str, str], list[dict[str, Any]]]:
    """Rows of the candidates' table by the variant as it was given, through the whole flow."""
    reference = data / "reference/GRCh38.lrg524.fa.gz"
    gff = data / "reference/MANE_select.GRCh38.gff3.gz"
    with tempfile.TemporaryDirectory(prefix="bench-consequences-") as name:
        folder = Path(name)
        vcf, trace = folder / "in.vcf", {}
        with pysam.FastaFile(str(reference)) as fasta, vcf.open("w", encoding="utf-8") as out:
            order = {contig: n for n, contig in enumerate(fasta.references)}
            out.write("##fileformat=VCFv4.2\n")
            out.write('##FORMAT=<ID=GT,Number=1,Type=String,Description="g">\n')
            out.write('##FORMAT=<ID=PS,Number=1,Type=String,Description="number">\n')
            out.write("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n")
            variants = sorted(variants, key=lambda v: (order[v[0]], *v[1:]))
            for n, (contig, pos, ref, alt) in enumerate(variants):
                # The phase set carries the record's number through the split and the alignment.
                out.write(f"{contig}\t{pos}\t.\t{ref}\t{alt}\t.\t.\t.\tGT:PS\t0|1:{n}\n")
                trace[str(n)] = (contig, pos, ref, alt)
        outputs = Outputs(folder / "a.bcf", folder / "a.parquet", folder / "a.json")
        annotate_case(Inputs("bench", vcf, {"S": "S"}, reference, gff), outputs)
        found: dict[tuple[str, int, str, str], list[dict[str, Any]]] = {}
        for row in read_table(outputs.candidates, CANDIDATES):
            found.setdefault(trace[row["genotypes"].rpartition(":")[2]], []).append(row)
    return found


def main(argv: list[str]) -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    print(json.dumps(consequence_truth(parser.parse_args(argv).data), indent=1))


if __name__ == "__main__":
    run(main)
