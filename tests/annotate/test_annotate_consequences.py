from pathlib import Path

import pytest
from annotate_world import LENGTH, MINUS, ODD, PLUS, RNA, World, reverse_complement

# position, REF, ALT on the plus strand's gene; the chrX gene is its mirror image.
KINDS = {
    "missense_variant": (335, "C", "A", "2A>2D"),
    "synonymous_variant": (336, "T", "A", "2A"),
    "start_lost": (332, "T", "C", "1M>1T"),
    "stop_gained": (406, "G", "A", "12W>12*"),
    "stop_lost": (528, "T", "C", "30*>30Q"),
    "frameshift_variant": (413, "GA", "G", None),
    "inframe_deletion": (408, "GTCA", "G", None),
    "splice_donor_variant": (361, "G", "A", ""),
    "splice_acceptor_variant": (400, "G", "A", ""),
    "splice_donor_5th_base_variant": (365, "G", "C", ""),
    "splice_donor_region_variant": (364, "A", "C", ""),
    "splice_region_variant": (367, None, None, ""),
    "splice_polypyrimidine_tract_variant": (385, None, None, ""),
    "5_prime_UTR_variant": (310, None, None, ""),
    "3_prime_UTR_variant": (545, None, None, ""),
    "intron_variant": (378, None, None, ""),
    "upstream_gene_variant": (250, None, None, ""),
    "downstream_gene_variant": (600, None, None, ""),
}
ELSEWHERE = {"intron_variant", "upstream_gene_variant", "downstream_gene_variant"}


def mirrored(world: World, pos: int, ref: str, alt: str) -> tuple[int, str, str]:
    """The same change on chrX, anchored on its left base there."""
    if len(ref) == 1:
        return LENGTH + 1 - pos, reverse_complement(ref), reverse_complement(alt)
    flipped = reverse_complement(world.bases)
    first = LENGTH + 1 - (pos + len(ref) - 1)
    anchor = flipped[first - 2]
    return first - 1, anchor + reverse_complement(ref[1:]), anchor


@pytest.mark.parametrize("term", KINDS)
def test_consequence_on_both_strands(world: World, tmp_path: Path, term: str) -> None:
    pos, ref, alt, protein = KINDS[term]
    ref, alt = ref or world.ref(pos), alt or world.other(pos)
    assert world.ref(pos, len(ref)) == ref
    x_pos, x_ref, x_alt = mirrored(world, pos, ref, alt)
    vcf = world.vcf(
        tmp_path,
        [f"chr1 {pos} . {ref} {alt} . PASS . GT 0/1", f"chrX {x_pos} . {x_ref} {x_alt} . . . GT 1"],
    )
    rows, summary = world.annotate(tmp_path, vcf)
    found = {gene: row for (_, gene), row in rows.items() if gene in (PLUS, MINUS)}
    assert set(found) == {PLUS, MINUS}
    for row in found.values():
        assert term in row["consequence"].split("&")
        assert row["consequence"].split("&")[0] == term
        assert row["tier"] == ("elsewhere" if term in ELSEWHERE else "coding")
        if protein is not None:
            assert row["protein_change"] == protein
        inside = not term.endswith("stream_gene_variant")
        assert bool(row["transcript"]) is inside
        assert row["mane"] is inside
    assert summary["records"]["records"] == 2


def test_codon_and_residues(world: World, tmp_path: Path) -> None:
    vcf = world.vcf(tmp_path, ["chr1 335 . C A . PASS . GT 0/1", "chr1 406 . G A . . . GT 0/1"])
    rows, _ = world.annotate(tmp_path, vcf)
    missense = rows["chr1-335-C-A", PLUS]
    assert (missense["codon"], missense["aa_ref"], missense["aa_alt"]) == ("ENST01:2", "A", "D")
    assert missense["transcript"] == "ENST01.7"
    assert missense["dna_change"] == "335C>A"
    assert rows["chr1-406-G-A", PLUS]["aa_alt"] == "*"


def test_several_terms_of_one_transcript_are_joined(world: World, tmp_path: Path) -> None:
    vcf = world.vcf(tmp_path, ["chr1 402 . A G . PASS . GT 0/1"])
    rows, _ = world.annotate(tmp_path, vcf)
    assert rows["chr1-402-A-G", PLUS]["consequence"] == "missense_variant&splice_region_variant"


def test_genes_where_csq_is_silent_keep_their_rows(world: World, tmp_path: Path) -> None:
    records = [
        f"chr1 {pos} . {world.ref(pos)} {world.other(pos)} . PASS . GT 0/1" for pos in (670, 740)
    ]
    rows, _ = world.annotate(tmp_path, world.vcf(tmp_path, records))
    by_gene = {(row["pos"], gene): row for (_, gene), row in rows.items()}
    for pos, gene, transcript in ((670, RNA, "ENST03"), (740, ODD, "ENST04")):
        row = by_gene[pos, gene]
        assert row["consequence"] == "non_coding_transcript_exon_variant"
        assert (row["tier"], row["transcript"], row["mane"]) == ("coding", transcript, False)
    assert by_gene[740, RNA]["consequence"] == "downstream_gene_variant"
    assert by_gene[670, ODD]["consequence"] == "upstream_gene_variant"


def test_phased_pair_in_one_codon(world: World, tmp_path: Path) -> None:
    records = ["chr1 335 . C A . PASS . GT:PS 0|1:1", "chr1 336 . T A . PASS . GT:PS 0|1:1"]
    rows, summary = world.annotate(tmp_path, world.vcf(tmp_path, records))
    first, second = rows["chr1-335-C-A", PLUS], rows["chr1-336-T-A", PLUS]
    assert (first["protein_change"], second["protein_change"]) == ("2A>2E", "2A>2E")
    assert (second["consequence"], second["consequence_alone"]) == (
        "missense_variant",
        "synonymous_variant",
    )
    assert first["consequence_alone"] == "missense_variant"
    assert second["dna_change"] == "335C>A+336T>A"
    assert summary["haplotype_variants"] == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [("0/1:.", "0/1:."), ("0|1:1", "1|0:1"), ("0|1:1", "0|1:2"), ("0|1:1", "0/1:.")],
    ids=["unphased", "trans", "other phase set", "one unphased"],
)
def test_what_is_not_known_in_cis_stays_alone(
    world: World, tmp_path: Path, first: str, second: str
) -> None:
    records = [f"chr1 335 . C A . . . GT:PS {first}", f"chr1 336 . T A . . . GT:PS {second}"]
    rows, _ = world.annotate(tmp_path, world.vcf(tmp_path, records))
    assert rows["chr1-335-C-A", PLUS]["protein_change"] == "2A>2D"
    assert rows["chr1-336-T-A", PLUS]["consequence"] == "synonymous_variant"
    assert rows["chr1-336-T-A", PLUS]["consequence_alone"] == ""


def test_a_neighbour_of_a_frameshift_is_no_frameshift(world: World, tmp_path: Path) -> None:
    records = ["chr1 413 . GA G . . . GT:PS 0|1:1", "chr1 421 . T A . . . GT:PS 0|1:1"]
    assert world.ref(421) == "T"
    rows, _ = world.annotate(tmp_path, world.vcf(tmp_path, records))
    assert rows["chr1-413-GA-G", PLUS]["consequence"] == "frameshift_variant"
    assert "frameshift" not in rows["chr1-421-T-A", PLUS]["consequence"]


def test_a_relative_with_the_variant_alone_keeps_the_severe_reading(
    world: World, tmp_path: Path
) -> None:
    """TGG>TGA is a stop; with TGG>CGA on the same haplotype it is not."""
    records = [
        "chr1 404 . T C . . . GT:PS 0|1:1 0|0:.",
        "chr1 406 . G A . . . GT:PS 0|1:1 0|1:1",
    ]
    vcf = world.vcf(tmp_path, records, ["S1", "S2"])
    both, _ = world.annotate(tmp_path, vcf, {"P": "S1", "M": "S2"})
    assert both["chr1-406-G-A", PLUS]["consequence"] == "stop_gained"
    solo, _ = world.annotate(tmp_path, vcf, {"P": "S1"})
    assert solo["chr1-406-G-A", PLUS]["consequence"] == "missense_variant"
    assert solo["chr1-406-G-A", PLUS]["consequence_alone"] == "stop_gained"
