"""The demo's genes translate, its alleles stand on the reference and do what they should."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pysam
import pysam.bcftools
import pytest

import demo_genome
from ariane.knowledge.contigs import spellings
from ariane.knowledge.release import Release


@pytest.fixture(scope="module")
def release(demo: Path) -> Release:
    return Release.open(demo / "releases" / "demo-B")


def test_every_reading_frame_is_open(genome: Any) -> None:
    proteins = [
        demo_genome.translate(genome.coding_sequence(gene)) for gene in genome.genes if gene.coding
    ]
    assert len(proteins) == 27
    for protein in proteins:
        assert protein[0] == "M"
        assert protein.index("*") == len(protein) - 1


def test_introns_begin_and_end_as_introns_do(genome: Any) -> None:
    seen = 0
    for gene in genome.genes:
        bounds = sorted(gene.exons)
        for (_, before), (after, _) in pairwise(bounds):
            intron = genome.base(gene.contig, before + 1, after - 1)
            intron = intron if gene.forward else demo_genome.reverse(intron)
            assert (intron[:2], intron[-2:]) == ("GT", "AG")
            seen += 1
    assert seen > 70


def test_genes_are_apart_and_clear_of_the_pseudoautosomal_region(genome: Any) -> None:
    for one in genome.genes:
        assert one.contig != "chrX" or one.start > 2_781_479
        for other in genome.genes:
            if one.contig == other.contig != "chrM" and one.start < other.start:
                assert other.start - one.end > 10_000


def test_a_wrong_reference_base_in_the_table_is_refused(tables: Any) -> None:
    with pytest.raises(ValueError, match="asked for twice"):
        demo_genome.pins_of(
            [*tables.variants, {**tables.variants[0], "ref": "AAA"}], tables.variants[0]["gene"]
        )


def test_every_ref_is_the_reference(unpacked: Path, release: Release) -> None:
    with pysam.FastaFile(str(release.require("reference"))) as fasta:
        contigs = set(fasta.references)
        known = [release.require("assertions"), release.require("frequencies")]
        for path in (*known, *sorted(unpacked.iterdir())):
            seen = 0
            with pysam.VariantFile(str(path)) as vcf:
                for line in vcf:
                    name = next(n for n in spellings(line.chrom) if n in contigs)
                    held = fasta.fetch(name, line.start, line.start + len(line.ref))
                    assert held == line.ref, (path.name, line.chrom, line.pos)
                    seen += 1
            assert seen >= (1 if path.name.endswith(".sv.vcf") else 80), path.name


def test_every_allele_has_the_consequence_its_table_names(
    genome: Any, variants: Any, release: Release, tmp_path: Path
) -> None:
    order = list(genome.sequences)
    ordered = sorted(variants, key=lambda v: (order.index(v.chrom), v.pos))
    lines = ["##fileformat=VCFv4.2"]
    lines += [f"##contig=<ID={name},length={len(b)}>" for name, b in genome.sequences.items()]
    lines += ['##INFO=<ID=N,Number=1,Type=String,Description="Name">']
    lines += ["#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]
    lines += [f"{v.chrom}\t{v.pos}\t.\t{v.ref}\t{v.alt}\t.\t.\tN={v.name}" for v in ordered]
    path = tmp_path / "all.vcf"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    fasta, gff = release.require("reference"), release.require("transcripts")
    text = pysam.bcftools.csq("-f", str(fasta), "-g", str(gff), "-l", "-p", "a", str(path))
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name = re.search(r"N=([^;\t]+)", line)
            said = re.search(r"BCSQ=([^;\t]+)", line)
            assert name is not None
            found[name[1]] = said[1] if said else ""
    assert len(found) == len(variants) > 400
    wrong = {
        v.name: found[v.name]
        for v in variants
        if v.expected and v.expected not in found[v.name].split("|")[0]
    }
    assert wrong == {}
    assert all(v.gene in found[v.name] for v in variants if v.expected)


def test_alleles_are_normalised(
    variants: Any, genome: Any, release: Release, tmp_path: Path
) -> None:
    path = release.require("frequencies")
    text = pysam.bcftools.norm("-f", str(release.require("reference")), "--no-version", str(path))
    after = [line.split("\t")[:5] for line in text.splitlines() if not line.startswith("#")]
    with pysam.VariantFile(str(path)) as vcf:
        before = [[v.chrom, str(v.pos), ".", str(v.ref), (v.alts or ("",))[0]] for v in vcf]
    assert before == after
