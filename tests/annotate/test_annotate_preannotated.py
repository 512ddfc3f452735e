"""Reading what VEP and SnpEff wrote: by the header's line, never by position."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane.annotate import said_hgvs
from ariane.annotate.gene_keys import GeneKeys
from ariane.annotate.genes import Gene, Transcript
from ariane.annotate.preannotated import SNPEFF, VEP, Layout, engine_words, layouts
from ariane.annotate.said_alleles import (
    Origin,
    before_our_split,
    before_their_split,
    named,
    trimmed,
    vep_names,
)
from ariane.annotate.terms import shipped_terms
from ariane.annotate.told import Reader, Told
from ariane.knowledge.genes import Gene as NamedGene
from ariane.knowledge.genes import GeneNames

REPOSITORY = Path(__file__).resolve().parents[2]
DATA = REPOSITORY.parent / "shared" / "data"

COLUMNS = (
    "Allele", "Consequence", "IMPACT", "SYMBOL", "Gene", "Feature_type", "Feature", "BIOTYPE",
    "EXON", "INTRON", "HGVSc", "HGVSp", "Protein_position", "Amino_acids", "HGNC_ID", "CANONICAL",
    "MANE_SELECT", "MANE_PLUS_CLINICAL", "LoF_info",
)  # fmt: skip
ENTRY = {
    "Allele": "T", "Consequence": "missense_variant&splice_region_variant", "IMPACT": "MODERATE",
    "SYMBOL": "ABC1", "Gene": "ENSG00000000001", "Feature_type": "Transcript",
    "Feature": "ENST00000000001", "BIOTYPE": "protein_coding", "EXON": "3/27", "INTRON": "",
    "HGVSc": "ENST00000000001.4:c.176A>T", "HGVSp": "ENSP00000000001.2:p.Asn59Ile",
    "Protein_position": "59", "Amino_acids": "N/I", "HGNC_ID": "HGNC:7", "CANONICAL": "YES",
    "MANE_SELECT": "NM_000001.3", "MANE_PLUS_CLINICAL": "", "LoF_info": "",
}  # fmt: skip
SNPEFF_LINE = (
    "##INFO=<ID=ANN,Number=.,Type=String,Description=\"Functional annotations: 'Allele | Annotation"
    " | Annotation_Impact | Gene_Name | Gene_ID | Feature_Type | Feature_ID | Transcript_BioType |"
    " Rank | HGVS.c | HGVS.p | cDNA.pos / cDNA.length | CDS.pos / CDS.length | AA.pos / AA.length"
    " | Distance | ERRORS / WARNINGS / INFO' \">"
)
SNV = Origin(100, "A", ("T",), 1)


def csq_line(columns: tuple[str, ...] = COLUMNS, name: str = "CSQ") -> str:
    text = "Consequence annotations from Ensembl VEP. Format: " + "|".join(columns)
    return f'##INFO=<ID={name},Number=.,Type=String,Description="{text}">'


def entry(columns: tuple[str, ...] = COLUMNS, **values: str) -> str:
    return "|".join((ENTRY | values)[name] for name in columns)


def reader(line: str = "", genes: tuple[Gene, ...] = (), names: GeneNames | None = None) -> Reader:
    keys = GeneKeys(genes, names)
    return Reader(layouts([line or csq_line()])[0], keys, keys.mane, shipped_terms())


def read(text: str, origin: Origin = SNV, line: str = "", **more: object) -> dict[str, Told]:
    return reader(line, **more).read(text, origin)  # type: ignore[arg-type]


@given(st.permutations(COLUMNS), st.lists(st.sampled_from("aZ_9.-"), max_size=3))
def test_any_order_and_any_further_columns(order: list[str], odd: list[str]) -> None:
    """What is read does not depend on where a column stands or which strangers stand beside it."""
    columns = (*order, *(f"x{mark}{number}" for number, mark in enumerate(odd)))
    text = entry(tuple(order)) + "|?" * len(odd)
    assert read(text, line=csq_line(columns)) == read(entry())
    assert layouts([csq_line(columns)])[0].columns == columns


def test_one_entry_in_our_terms() -> None:
    assert read(entry()) == {
        "HGNC:7": Told(
            gene="HGNC:7",
            symbol="ABC1",
            transcript="ENST00000000001.4",
            refseq="NM_000001.3",
            mane=True,
            consequence="missense_variant&splice_region_variant",
            tier="coding",
            hgvs_c="c.176A>T",
            hgvs_p="p.(Asn59Ile)",
            codon="ENST00000000001:59",
            aa_ref="N",
            aa_alt="I",
            place="exon 3/27",
        )
    }


@pytest.mark.parametrize(
    ("columns", "place"),
    [
        ({"EXON": "3-5/27"}, "exons 3-5/27"),
        ({"EXON": "", "INTRON": "4/26"}, "intron 4/26"),
        ({"EXON": "", "INTRON": "4-5/26"}, "introns 4-5/26"),
    ],
)
def test_a_place_is_worded_as_ours(columns: dict[str, str], place: str) -> None:
    assert read(entry(**columns))["HGNC:7"].place == place


def test_which_fields_can_be_read() -> None:
    without_allele = csq_line(tuple(c for c in COLUMNS if c != "Allele"), "OTHER")
    bcsq = (
        '##INFO=<ID=BCSQ,Number=.,Type=String,Description="Haplotype-aware consequence annotation. '
        'Format: Consequence|gene|transcript|biotype|strand|amino_acid_change|dna_change">'
    )
    lof = "##INFO=<ID=LOF,Number=.,Type=String,Description=\"Format: 'Gene_Name | Gene_ID'\">"
    assert layouts([without_allele, bcsq, lof, '##INFO=<ID=AC,Description="a|b">']) == []
    found = layouts([SNPEFF_LINE, csq_line(name="vep"), csq_line(), csq_line(name="ANN_VEP")])
    assert [f.field for f in found] == ["CSQ", "vep", "ANN_VEP", "ANN"]
    assert [f.engine for f in found] == [VEP, VEP, VEP, SNPEFF]
    # VEP writes into ANN when asked to: the columns tell, not the name.
    assert layouts([csq_line(name="ANN")])[0].engine == VEP


def test_versions_without_paths() -> None:
    lines = [
        '##VEP="v113" time="2025-01-02" cache="/home/somebody/113_GRCh38" assembly="GRCh38.p14"',
        '##SnpEffVersion="5.1d (build 2022-04-19 15:49), by Pablo Cingolani"',
        csq_line(),
        SNPEFF_LINE,
    ]
    vep, snpeff = (found.to_json() for found in layouts(lines))
    assert vep == {
        "engine": VEP, "field": "CSQ", "version": "113", "details": "assembly GRCh38.p14"
    }  # fmt: skip
    assert snpeff["version"] == "5.1d"


def test_transcript_chosen_mane_then_clinical_then_severity_then_identifier() -> None:
    def one(feature: str, words: str, select: str = "", plus: str = "") -> str:
        return entry(
            Feature=feature, Consequence=words, MANE_SELECT=select, MANE_PLUS_CLINICAL=plus,
            HGVSc="", HGVSp="",
        )  # fmt: skip

    worst, clinical = one("ENST9", "stop_gained"), one("ENST8", "intron_variant", plus="NM_8.1")
    select, twin = one("ENST7", "synonymous_variant", "NM_7.1"), one("ENST5", "stop_gained")
    texts = [worst, clinical, select, twin]
    for expected in ("ENST7", "ENST8", "ENST5", "ENST9"):
        random.Random(expected).shuffle(texts)  # noqa: S311
        told = read(",".join(texts))["HGNC:7"]
        assert told.transcript == expected
        assert told.mane == (expected in ("ENST7", "ENST8"))
        assert len(list(filter(None, told.others.split(";")))) == len(texts) - 1
        texts = [text for text in texts if f"|{expected}|" not in text]


def test_the_release_names_mane_where_the_vcf_is_too_old_to() -> None:
    texts = [
        entry(Feature=f"ENST{n}", MANE_SELECT="", Consequence=words, HGVSc="")
        for n, words in ((1, "stop_gained"), (2, "missense_variant"))
    ]
    gene = Gene("HGNC:7", "ENSG00000000001", "ABC1", "1", 1, 9, "+", "protein_coding")
    gene.transcripts.append(Transcript("ENST2", "3", "protein_coding", "select", 1, 9, "+"))
    told = read(",".join(texts), genes=(gene,))["HGNC:7"]
    assert (told.transcript, told.mane, told.consequence) == ("ENST2", True, "missense_variant")


@pytest.mark.parametrize(
    ("values", "key", "with_names"),
    [
        ({}, "HGNC:7", "HGNC:7"),
        ({"HGNC_ID": "7"}, "HGNC:7", "HGNC:7"),
        ({"HGNC_ID": "HGNC:HGNC:7"}, "HGNC:7", "HGNC:7"),
        ({"HGNC_ID": ""}, "ENSG00000000001", "HGNC:7"),
        ({"HGNC_ID": "", "Gene": "ENSG00000000001.12"}, "ENSG00000000001", "HGNC:7"),
        ({"HGNC_ID": "", "Gene": "4242", "SYMBOL": ""}, "4242", "HGNC:7"),  # NCBI number
        ({"HGNC_ID": "", "Gene": ""}, "ABC1", "HGNC:7"),
        ({"HGNC_ID": "", "Gene": "", "SYMBOL": "OLD1"}, "OLD1", "HGNC:7"),
        ({"HGNC_ID": "", "Gene": "", "SYMBOL": "NOBODY"}, "NOBODY", "NOBODY"),
    ],
)
def test_gene_keys(values: dict[str, str], key: str, with_names: str) -> None:
    names = GeneNames.of([NamedGene("HGNC:7", "ABC1", "4242", ("OLD1",))])
    assert list(read(entry(**values))) == [key]
    assert list(read(entry(**values), names=names)) == [with_names]


def test_the_releases_gene_gives_the_key_whatever_the_vcf_calls_it() -> None:
    gene = Gene("HGNC:99", "ENSG00000000001", "ABC1", "1", 1, 9, "+", "protein_coding")
    assert list(read(entry(), genes=(gene,))) == ["HGNC:99"]
    assert list(read(entry(HGNC_ID="", Gene=""), genes=(gene,))) == ["HGNC:99"]


def test_refseq_and_merged_transcripts() -> None:
    mine = entry(
        Feature="NM_000001.3", HGVSc="NM_000001.3:c.176A>T", HGVSp="NP_000001.2:p.Asn59Ile",
        MANE_SELECT="ENST00000000001.4",
    )  # fmt: skip
    told = read(mine)["HGNC:7"]
    assert (told.transcript, told.refseq) == ("ENST00000000001.4", "NM_000001.3")
    assert told.codon == "ENST00000000001:59"
    lone = read(entry(Feature="NR_2.1", MANE_SELECT="", HGVSc=""))["HGNC:7"]
    assert (lone.transcript, lone.refseq, lone.mane) == ("NR_2.1", "NR_2.1", False)
    both = read(",".join([mine, entry()]))["HGNC:7"]
    assert (both.transcript, both.refseq, both.others) == ("ENST00000000001.4", "NM_000001.3", "")


def test_regulatory_features_name_no_gene_and_odd_words_stay_visible() -> None:
    own = reader()
    text = entry(Consequence="regulatory_region_variant", Gene="", SYMBOL="", HGNC_ID="")
    assert own.read(text, SNV) == {}
    told = own.read(entry(Consequence="brand_new_variant"), SNV)["HGNC:7"]
    assert (told.consequence, told.tier) == ("sequence_variant", "coding")
    assert own.reading.unknown_words == {"brand_new_variant"}
    assert own.read("", SNV) == own.read(".", SNV) == {}
    assert own.reading.silent == 2


def test_a_short_entry_is_read_and_told() -> None:
    own = reader()
    assert own.read(entry().rstrip("|"), SNV)["HGNC:7"].hgvs_p == "p.(Asn59Ile)"
    assert own.reading.short_entries == 1


def test_snpeff() -> None:
    text = (
        "G|stop_gained&splice_region_variant|HIGH|ABC1|ENSG1|transcript|ENST1.2|protein_coding|3/9"
        "|c.175C>T|p.Arg59*|200/900|175/300|59/100||,G|sequence_feature|LOW|ABC1|ENSG1|"
        "domain:PAS|ENST1.2|protein_coding|3/9|c.175C>T||||||,G|intergenic_region|MODIFIER|"
        "A-B|A-B|intergenic_region|A-B|||n.1C>T||||||,G|intron_variant|MODIFIER|XYZ|ENSG2|"
        "transcript|ENST2|antisense|1/2|n.10+5C>T||||||"
    )
    said = read(text, Origin(5, "C", ("G",), 1), SNPEFF_LINE)
    assert list(said) == ["ENSG1", "ENSG2"]
    told = said["ENSG1"]
    assert (told.transcript, told.place) == ("ENST1.2", "exon 3/9")
    assert told.consequence == "stop_gained&splice_region_variant"
    assert (told.codon, told.aa_ref, told.aa_alt) == ("ENST1:59", "R", "*")
    assert (told.hgvs_c, told.hgvs_p) == ("c.175C>T", "p.(Arg59Ter)")
    assert (told.protein_lost, told.others) == (420, "")
    assert said["ENSG2"].place == "intron 1/2"


def test_engine_words_are_terms() -> None:
    terms = shipped_terms()
    for engine in (VEP, SNPEFF):
        words = engine_words(engine)
        assert words
        assert set(words.values()) <= terms.rank.keys()
        assert words.keys().isdisjoint(terms.rank)


ENSEMBL_ORDER = """
transcript_ablation splice_acceptor_variant splice_donor_variant stop_gained frameshift_variant
stop_lost start_lost transcript_amplification feature_elongation feature_truncation
inframe_insertion inframe_deletion missense_variant protein_altering_variant
splice_donor_5th_base_variant splice_region_variant splice_donor_region_variant
splice_polypyrimidine_tract_variant incomplete_terminal_codon_variant start_retained_variant
stop_retained_variant synonymous_variant coding_sequence_variant mature_miRNA_variant
5_prime_UTR_variant 3_prime_UTR_variant non_coding_transcript_exon_variant intron_variant
NMD_transcript_variant non_coding_transcript_variant coding_transcript_variant
upstream_gene_variant downstream_gene_variant TFBS_ablation TFBS_amplification
TF_binding_site_variant regulatory_region_ablation regulatory_region_amplification
regulatory_region_variant intergenic_variant
"""


def test_terms_stand_in_ensembls_published_order() -> None:
    ordered = tuple(ENSEMBL_ORDER.split())
    assert shipped_terms().ordered(ordered) == ordered


@pytest.mark.parametrize(
    ("ref", "alts", "names"),
    [
        ("C", "T", "T"),
        ("CA", "C", "-"),
        ("C", "CTT", "TT"),
        ("CA", "TG", "TG"),
        ("CA", "C,CAA", "-,AA"),
        ("CA", "C,TA", "C,TA"),  # the first base is not shared: nothing is trimmed
        ("CAG", "C,CTG", "-,TG"),
        ("CA", "C,*", "-,*"),
    ],
)
def test_veps_names_of_alleles(ref: str, alts: str, names: str) -> None:
    assert ",".join(vep_names(ref, alts.split(","))) == names


def test_a_multiallelic_record_is_read_as_it_was() -> None:
    text = ",".join(
        [entry(Allele="-", Consequence="frameshift_variant"), entry(Allele="AA", SYMBOL="LATER")]
    )
    for number, words in ((1, "frameshift_variant"), (2, "missense_variant&splice_region_variant")):
        origin = before_our_split(f"chr1|100|CA|C,CAA|{number}", 100, "C", "?")
        assert read(text, origin)["HGNC:7"].consequence == words
    # Our split shifts records: what was annotated is what the tag says.
    assert before_our_split("chr1|100|CA|C", 90, "TA", "T") == Origin(100, "CA", ("C",), 1)


def test_split_after_annotation_is_refused_unless_certain() -> None:
    """CAA>C,CA split by somebody: CA>C is the second allele; the name ``-`` is the first's."""
    text = ",".join([entry(Allele="-"), entry(Allele="A", Consequence="intron_variant")])
    split = Origin(100, "CA", ("C",), 1)
    own = reader()
    assert own.read(text, split) == {}
    assert own.reading.unmatched == 1
    said = own.read(text, split, "1:100:CAA/C/CA")
    assert said["HGNC:7"].consequence == "intron_variant"
    assert before_their_split("1:100:CAA/C/CA", split) == Origin(100, "CAA", ("C", "CA"), 2)
    assert before_their_split("1:100:CAA/C/CAAA", split) is None
    # Substitutions only: the base is the name.
    texts = ",".join([entry(Allele="T"), entry(Allele="G", Consequence="stop_gained")])
    assert read(texts, Origin(1, "A", ("G",), 1))["HGNC:7"].consequence == "stop_gained"


def test_numbered_alleles() -> None:
    columns = (*COLUMNS, "ALLELE_NUM")
    text = f"{entry(Allele='A')}|2,{entry(Allele='A', Consequence='stop_gained')}|1"
    origin = Origin(1, "CAT", ("CT", "CAAT"), 1)
    assert read(text, origin, csq_line(columns))["HGNC:7"].consequence == "stop_gained"
    # Numbers beyond the record: it was split since, and both of its alleles are called A here.
    assert read(text, Origin(1, "C", ("CA",), 1), csq_line(columns)) == {}


BASES = st.text("ACGT", min_size=1, max_size=6)


@given(BASES, st.lists(BASES, min_size=1, max_size=4, unique=True), st.data())
def test_every_allele_of_a_whole_record_finds_its_own_name(
    ref: str, alts: list[str], data: st.DataObject
) -> None:
    alts = [alt for alt in alts if alt != ref] or [ref + "A"]
    names = vep_names(ref, alts)
    assert len(set(names)) == len(alts)
    for number in range(1, len(alts) + 1):
        origin = Origin(1, ref, tuple(alts), number)
        assert named(origin, names, VEP) == names[number - 1]
        assert named(origin, alts, SNPEFF) == alts[number - 1]


@given(BASES, st.lists(BASES, min_size=2, max_size=4, unique=True), st.data())
def test_a_record_split_since_never_reads_its_neighbour(
    ref: str, alts: list[str], data: st.DataObject
) -> None:
    alts = [alt for alt in alts if alt != ref]
    if len(alts) < 2:
        return
    number = data.draw(st.integers(0, len(alts) - 1))
    pos, short, alt = trimmed(100, ref, alts[number])
    if not short or not alt:  # an anchor base, as normalised records have
        short, alt = "C" + short, "C" + alt
    for engine, said in ((VEP, vep_names(ref, alts)), (SNPEFF, alts)):
        found = named(Origin(pos, short, (alt,), 1), said, engine)
        assert found in (None, said[number])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ENSP1.2:p.Asn59Ile", "p.(Asn59Ile)"),
        ("p.(Asn59Ile)", "p.(Asn59Ile)"),
        ("NP_1.1:p.N59I", "p.(Asn59Ile)"),
        ("ENSP1.2:p.Asp223%3D", "p.(Asp223=)"),
        ("p.Asp223Asp", "p.(Asp223=)"),
        ("ENST1.1:c.12G>A(p.%3D)", "p.(Gly4=)"),
        ("p.Arg59*", "p.(Arg59Ter)"),
        ("p.Arg97ProfsTer23", "p.(Arg97ProfsTer23)"),
        ("p.Arg97fs*?", "p.(Arg97fsTer?)"),
        ("p.Met1?", "p.(Met1?)"),
        ("p.?", "p.?"),
        ("ENST1.1:c.12G>A", ""),
        ("", ""),
    ],
)
def test_proteins(text: str, expected: str) -> None:
    assert said_hgvs.protein(text, (4, "G", "G")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ENST1.2:c.68-2A>G", "c.68-2A>G"),
        ("c.3019_3072delGCTCTG", "c.3019_3072del"),
        ("c.3_4dupAT", "c.3_4dup"),
        ("c.3_4delATinsG", "c.3_4delinsG"),
        ("NM_1.2:c.12G>A(p.%3D)", "c.12G>A"),
        ("ENST1:n.64_65insT", "n.64_65insT"),
        ("", ""),
    ],
)
def test_dna(text: str, expected: str) -> None:
    assert said_hgvs.dna(text) == expected


@pytest.mark.parametrize(
    ("values", "residue"),
    [
        ({"Protein_position": "59/120", "Amino_acids": "N"}, ("ENST00000000001:59", "N", "N")),
        ({"Amino_acids": "N/*", "Consequence": "stop_gained"}, ("ENST00000000001:59", "N", "*")),
        ({"Amino_acids": "N/X", "Consequence": "frameshift_variant"}, ("", "", "")),
        ({"Amino_acids": "NN/I", "Protein_position": "59-60"}, ("", "", "")),
        ({"Amino_acids": "", "Protein_position": ""}, ("ENST00000000001:59", "N", "I")),
        ({"Amino_acids": "", "HGVSp": ""}, ("", "", "")),
    ],
)
def test_residues(values: dict[str, str], residue: tuple[str, str, str]) -> None:
    told = read(entry(**values))["HGNC:7"]
    assert (told.codon, told.aa_ref, told.aa_alt) == residue


def test_a_layout_without_a_column_reads_nothing_there() -> None:
    columns = ("Allele", "Consequence", "SYMBOL")
    told = read("T|missense_variant|ABC1", line=csq_line(columns))["ABC1"]
    assert (told.transcript, told.hgvs_c, told.place) == ("", "", "")
    assert Layout("CSQ", VEP, columns).at("hgvs_c") == 3


@pytest.mark.shared_data
def test_reading_agrees_with_the_field_on_the_real_trio() -> None:
    import bench_preannotated

    if not (DATA / bench_preannotated.TRIO).is_file():
        pytest.skip(f"absent: {bench_preannotated.TRIO}")
    found = bench_preannotated.agreement(DATA)
    assert found["records"] == 680
    for field, entries in (("CSQ", 4418), ("ANN", 6448)):
        assert found["fields"][field]["entries"] == entries
        assert found["fields"][field].get("differ", {}) == {}
    severe = found["most_severe"]
    assert severe["agree"] + sum(severe["differ"].values()) == severe["genes"] == 680
    assert not any(kind.startswith("gene not") for kind in severe["differ"])
    engines = found["engines"]["transcripts"]
    assert engines["same worst term"] / engines["both"] > 0.99
