"""From an annotated VCF to candidates: what it says is kept, what it leaves unsaid is not lost."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pysam
import pytest
from annotate_world import HEADER, MINUS, PLUS, RNA, World

from ariane.annotate.terms import shipped_terms
from ariane.annotate.vcf_says import AUTO, CSQ, VEP, layout_to_read
from ariane.annotate.vep import write_sites
from ariane.model.errors import ArianeError

FORMAT = "SYMBOL|Consequence|Allele|Gene|Feature|HGNC_ID|HGVSp|Amino_acids|Protein_position"
CSQ_LINE = f'##INFO=<ID=CSQ,Number=.,Type=String,Description="VEP. Format: {FORMAT}">'
VEP_LINE = '##VEP="v113" cache="/somewhere/113_GRCh38" assembly="GRCh38.p14"'
TOLD = [*HEADER, VEP_LINE, CSQ_LINE]
PLUS_SAYS = "ENSG01S|{}|{}|ENSG01|ENST01|HGNC:1|ENSP01:p.Ala2Asp|A/D|2"


def worst(row: dict[str, Any]) -> str:
    return row["consequence"].partition("&")[0]


def test_what_the_vcf_says_is_kept(world: World, tmp_path: Path) -> None:
    said = PLUS_SAYS.format("stop_lost", "A")  # csq would say missense
    vcf = world.vcf(tmp_path, [f"chr1 335 . C A . PASS CSQ={said} GT 0/1"], header=TOLD)
    rows, summary = world.annotate(tmp_path, vcf)
    row = rows["chr1-335-C-A", PLUS]
    assert (row["consequence"], row["tier"], row["transcript"]) == ("stop_lost", "coding", "ENST01")
    assert (row["codon"], row["aa_ref"], row["aa_alt"]) == ("ENST01:2", "A", "D")
    assert (row["protein_change"], row["mane"]) == ("2A>2D", True)  # MANE by the release
    told = summary["consequences"]
    assert (told["engine"], told["version"], told["field"]) == ("vep", "113", "CSQ")
    assert "somewhere" not in str(summary)
    assert (told["read"], told["silent"], told["unmatched"]) == (1, 0, 0)
    alone, summary = world.annotate(tmp_path, vcf, out="csq", engine=CSQ)
    assert alone["chr1-335-C-A", PLUS]["consequence"] == "missense_variant"
    assert summary["consequences"] == {"engine": "csq"}


def test_silence_never_drops_a_record(world: World, tmp_path: Path) -> None:
    """Added later without CSQ, of another allele, or naming another gene: csq answers there."""
    records = [
        f"chr1 335 . C A . PASS CSQ={PLUS_SAYS.format('stop_lost', 'A')} GT 0/1",
        "chr1 336 . T A . PASS . GT 0/1",
        f"chr1 338 . C A . PASS CSQ={PLUS_SAYS.format('stop_lost', 'G')} GT 0/1",
        "chr1 355 . GCT G . PASS CSQ=XYZ|frameshift_variant|-|ENSG77|ENST77|HGNC:77||| GT 0/1",
    ]
    vcf = world.vcf(tmp_path, records, header=TOLD)
    rows, summary = world.annotate(tmp_path, vcf)
    by_csq, _ = world.annotate(tmp_path, vcf, out="csq", engine=CSQ)
    assert by_csq.keys() <= rows.keys()
    differing = {key for key, row in by_csq.items() if rows[key] != row}
    assert differing == {("chr1-335-C-A", PLUS)}
    assert rows.keys() - by_csq.keys() == {("chr1-355-GCT-G", "HGNC:77")}
    told = summary["consequences"]
    assert (told["read"], told["silent"], told["unmatched"]) == (2, 1, 1)
    assert told["genes_unsaid"] == 1


def test_split_and_shifted_alleles_keep_their_own_words(world: World, tmp_path: Path) -> None:
    """Two deletions and an insertion in a repeat, in one record that the split shifts left."""
    at, unit = 906, "CAG"
    ref = world.ref(at, 7)
    assert ref.endswith(unit + unit)
    alts = [ref[:-3], ref + unit]
    says = ",".join(
        f"S|{words}|{allele}|ENSG05|ENST05|HGNC:5|||"
        for words, allele in (
            ("inframe_deletion", ref[1:-3]),
            ("inframe_insertion", ref[1:] + unit),
        )
    )
    record = f"chr1 {at} . {ref} {','.join(alts)} . PASS CSQ={says} GT 1/2"
    rows, _ = world.annotate(tmp_path, world.vcf(tmp_path, [record], header=TOLD))
    found = {len(row["alt"]) - len(row["ref"]): row for row in rows.values()}
    assert {size: row["consequence"] for size, row in found.items()} == {
        -3: "inframe_deletion",
        3: "inframe_insertion",
    }
    assert all(row["pos"] < at for row in found.values())


def test_a_gene_that_the_release_lacks_is_kept_when_the_allele_lies_in_it(
    world: World, tmp_path: Path
) -> None:
    says = ",".join(
        [
            "RNU9|non_coding_transcript_exon_variant|T|ENSG88|ENST88|HGNC:88|||",
            "FAR|upstream_gene_variant|T|ENSG89|ENST89|HGNC:89|||",
            "LNC|intron_variant|T|ENSG90|ENST90||||",
        ]
    )
    base = world.ref(950)
    record = f"chr1 950 . {base} {'T' if base != 'T' else 'A'} . PASS CSQ={says} GT 0/1"
    if base == "T":
        record = record.replace("|T|", "|A|")
    vcf = world.vcf(tmp_path, [record], header=TOLD)
    rows, summary = world.annotate(tmp_path, vcf)
    assert [key[1] for key in rows] == ["HGNC:88"]
    assert summary["alleles"]["outside_genes"] == 0
    none, summary = world.annotate(tmp_path, vcf, out="csq", engine=CSQ)
    assert (none, summary["alleles"]["outside_genes"]) == ({}, 1)


def test_veps_own_step_speaks_by_allele(world: World, tmp_path: Path) -> None:
    """VEP's output for the split alleles lies in a file of its own, without genotypes."""
    vcf = world.vcf(
        tmp_path, ["chr1 335 . C A,G . PASS . GT 1/2", "chr1 336 . T A . PASS . GT 0/1"]
    )
    sites = [
        f"chr1 335 . C {alt} . . CSQ={PLUS_SAYS.format(words, alt)} GT ."
        for alt, words in (("A", "stop_lost"), ("G", "start_lost"))
    ]
    beside = world.vcf(tmp_path, sites, header=TOLD, name="vep.vcf")
    rows, summary = world.annotate(tmp_path, vcf, engine=VEP, vep=beside)
    found = {key[0]: row["consequence"] for key, row in rows.items() if key[1] == PLUS}
    assert found == {
        "chr1-335-C-A": "stop_lost",
        "chr1-335-C-G": "start_lost",
        "chr1-336-T-A": "synonymous_variant",
    }
    assert summary["consequences"]["silent"] == 1


SNPEFF_RECORDS = [
    "chr1 335 . C A,G . PASS . GT 1/2",
    "chr1 355 . GCT G,GCTGC . PASS . GT 1/2",
    "chr1 362 . T A . PASS . GT 0/1",
    "chr1 402 . A C . PASS . GT 0/1",
    "chr1 590 . C T . PASS . GT 0/1",
    "chr1 660 . T A . PASS . GT 0/1",
]


def snpeff(world: World, folder: Path, vcf: Path) -> Path:
    """Run the real SnpEff on a database built from the world's own reference and genes."""
    program = shutil.which("snpEff")
    if program is None:
        pytest.skip("the program snpEff is absent")
    place = folder / "data" / "tiny"
    place.mkdir(parents=True)
    lines = world.transcripts.read_text(encoding="utf-8").splitlines(keepends=True)
    named = [line if line.startswith("#") else f"chr{line}" for line in lines]
    (place / "genes.gff").write_text("".join(named), encoding="utf-8")
    shutil.copy(world.reference, place / "sequences.fa")
    config = folder / "tiny.config"
    config.write_text("data.dir = ./data/\ntiny.genome : Tiny\n", encoding="utf-8")
    quiet = ["-c", str(config), "-noLog", "-nodownload"]
    build = [program, "-Xmx512m", "build", *quiet, "-gff3", "-noCheckCds", "-noCheckProtein"]
    subprocess.run([*build, "tiny"], cwd=folder, check=True, capture_output=True)
    run = [program, "-Xmx512m", "ann", *quiet, "-noStats", "tiny", str(vcf)]
    done = subprocess.run(run, cwd=folder, check=True, capture_output=True, text=True)
    target = folder / "snpeff.vcf"
    # Debian's wrapper says its own command line first.
    target.write_text(done.stdout[done.stdout.index("##fileformat") :], encoding="utf-8")
    return target


def test_a_real_snpeff_agrees_with_csq(world: World, tmp_path: Path) -> None:
    contigs = [f"##contig=<ID=chr{name},length=1000>" for name in ("1", "X")]
    vcf = world.vcf(tmp_path, SNPEFF_RECORDS, header=[*HEADER, *contigs])
    rows, summary = world.annotate(tmp_path, snpeff(world, tmp_path, vcf), out="snpeff")
    by_csq, _ = world.annotate(tmp_path, vcf, out="csq")
    told = summary["consequences"]
    assert (told["engine"], told["silent"], told["unmatched"]) == ("snpeff", 0, 0)
    assert told["version"].startswith(("4.", "5."))
    assert told["unknown_words"] == []
    assert rows.keys() == by_csq.keys()
    terms = shipped_terms()
    for key, row in by_csq.items():
        other = rows[key]
        assert worst(other) == worst(row), key
        assert other["transcript"].partition(".")[0] == row["transcript"].partition(".")[0] or (
            row["transcript"] == ""
        )
        assert (other["codon"], other["aa_alt"]) == (row["codon"], row["aa_alt"]), key
        assert other["symbol"] == row["symbol"]
        assert terms.rank.keys() >= set(other["consequence"].split("&"))
    changes = {key: rows[key]["dna_change"] for key in rows if key[1] in (PLUS, MINUS, RNA)}
    assert changes["chr1-335-C-A", PLUS] == "c.5C>A"
    assert changes["chr1-660-T-A", RNA] == "n.11T>A"


def test_vep_is_asked_for_alleles_only(world: World, tmp_path: Path) -> None:
    records = [
        "chr1 335 . C A,G,* . PASS AC=1,1,1 GT 1/2",
        "chr1 335 . C A . PASS . GT 0/1",
        "chr1 400 . N <DEL> . PASS END=420 GT 0/1",
    ]
    vcf, out = world.vcf(tmp_path, records), tmp_path / "sites.vcf.gz"
    assert write_sites([vcf], ["S1"], world.reference, out) == 2
    with gzip.open(out, "rt") as handle:
        lines = [line.rstrip("\n").split("\t") for line in handle if not line.startswith("##")]
    assert len(lines[0]) == 8
    assert ["".join(line[3:5]) for line in lines[1:]] == ["CA", "CG"]
    assert all(line[5:] == [".", ".", "."] for line in lines[1:])


def test_veps_output_must_hold_consequences(world: World, tmp_path: Path) -> None:
    vcf = world.vcf(tmp_path, ["chr1 335 . C A . PASS . GT 0/1"])
    with pytest.raises(ArianeError, match=r"case\.vcf: not VEP's output"):
        world.annotate(tmp_path, vcf, engine=VEP, vep=vcf)


def test_a_file_damaged_after_the_plan_is_told_in_words(tmp_path: Path) -> None:
    plain = tmp_path / "x.vcf"
    contigs = "".join(f"##contig=<ID={n},length={n}99>\n" for n in range(20_000))
    plain.write_text(f"##fileformat=VCFv4.2\n{contigs}#CHROM\tPOS\n", encoding="utf-8")
    packed = tmp_path / "x.vcf.gz"
    pysam.tabix_compress(str(plain), str(packed))
    content = packed.read_bytes()
    packed.write_bytes(content[: len(content) // 2])
    with pytest.raises(ArianeError, match=r"x\.vcf\.gz: the header cannot be read"):
        layout_to_read(packed, AUTO, None)
