"""The demo's two releases: every resource written in the shape its makers publish it in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path

from ariane.files import write_bytes, write_text
from ariane.knowledge.release import Release, Source, assemble
from demo_files import tsv, write_bgzip, write_fasta, write_gzip, write_vcf
from demo_genome import Gene, Genome, gff3
from demo_phenotypes import (
    EDITIONS,
    HPO_VERSION,
    Edition,
    Tables,
    french,
    french_diseases,
    hpoa,
    obo,
    phenotype_to_genes,
)
from demo_variants import SAMPLED, Variant

HPO_SOURCE = "https://hpo.jax.org"
ORPHANET_LICENCE = ("open", "CC-BY-4.0")
CC0 = ("open", "CC0-1.0 (invented data)")
HPO_LICENCE = ("open", "HPO licence: cite, show the version, leave content unaltered")

_CLASSES = {
    "P": "Pathogenic",
    "LP": "Likely_pathogenic",
    "PLP": "Pathogenic/Likely_pathogenic",
    "VUS": "Uncertain_significance",
    "LB": "Likely_benign",
    "BLB": "Benign/Likely_benign",
    "B": "Benign",
    "CONF": "Conflicting_classifications_of_pathogenicity",
    "ODD": "Awaiting_second_reading",
}
"""``ODD`` is a word that no version of ClinVar knows: readers must say so and go on."""
_STATUS = {
    "0": "no_assertion_criteria_provided",
    "1": "criteria_provided,_single_submitter",
    "2": "criteria_provided,_multiple_submitters,_no_conflicts",
    "3": "reviewed_by_expert_panel",
    "4": "practice_guideline",
    "conflict": "criteria_provided,_conflicting_classifications",
}
_MC = {
    "stop_gained": "SO:0001587|nonsense",
    "missense": "SO:0001583|missense_variant",
    "synonymous": "SO:0001819|synonymous_variant",
    "frameshift": "SO:0001589|frameshift_variant",
    "inframe_deletion": "SO:0001822|inframe_deletion",
    "splice_donor": "SO:0001575|splice_donor_variant",
    "splice_acceptor": "SO:0001574|splice_acceptor_variant",
    "intron": "SO:0001627|intron_variant",
    "non_coding": "SO:0001619|non-coding_transcript_variant",
}


def hgnc(tables: Tables) -> str:
    """The demo's genes under the column names of HGNC's complete set."""
    columns = [
        "hgnc_id",
        "symbol",
        "name",
        "status",
        "alias_symbol",
        "prev_symbol",
        "entrez_id",
        "ensembl_gene_id",
    ]
    return tsv(columns, ({**row, "status": "Approved"} for row in tables.genes))


def _contig_lines(genome: Genome, bare: bool) -> list[str]:
    return [
        f"##contig=<ID={_bare(name) if bare else name},length={len(bases)}>"
        for name, bases in genome.sequences.items()
    ]


def _bare(contig: str) -> str:
    return {"chrM": "MT"}.get(contig, contig.removeprefix("chr"))


def _ordered(genome: Genome, variants: Iterable[Variant]) -> list[Variant]:
    rank = {name: i for i, name in enumerate(genome.sequences)}
    return sorted(variants, key=lambda v: (rank[v.chrom], v.pos, v.ref, v.alt))


def clinvar(tables: Tables, genome: Genome, variants: list[Variant], edition: Edition) -> str:
    """Assertions in the shape of ClinVar's VCF, whose contigs bear no ``chr``."""
    ncbi = {row["symbol"]: row["entrez_id"] for row in tables.genes}
    first = {
        row["gene"]: row for row in reversed(tables.diseases) if edition.letter in row["releases"]
    }
    lines = [
        "##fileformat=VCFv4.1",
        f"##fileDate={edition.as_of}",
        "##source=ArianeDemo, in the shape of ClinVar; every record is invented",
        *_contig_lines(genome, bare=True),
        '##INFO=<ID=ALLELEID,Number=1,Type=Integer,Description="Allele identifier (invented)">',
        '##INFO=<ID=CLNDN,Number=.,Type=String,Description="Disease name">',
        '##INFO=<ID=CLNDISDB,Number=.,Type=String,Description="Disease identifiers">',
        '##INFO=<ID=CLNREVSTAT,Number=.,Type=String,Description="Review status">',
        '##INFO=<ID=CLNSIG,Number=.,Type=String,Description="Classification">',
        '##INFO=<ID=CLNVC,Number=1,Type=String,Description="Variant type">',
        '##INFO=<ID=GENEINFO,Number=1,Type=String,Description="Gene symbol:NCBI gene id">',
        '##INFO=<ID=MC,Number=.,Type=String,Description="Molecular consequence">',
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO",
    ]
    asserted = _ordered(genome, (v for v in variants if any(v.assertions)))
    for number, variant in enumerate(asserted, start=1):
        said = variant.assertions[edition.index]
        if not said:
            continue
        disease = first.get(variant.gene)
        name = disease["name"].replace(" ", "_").replace(",", "") if disease else "not_provided"
        source = disease["disease_id"].replace("ORPHA", "Orphanet") if disease else "none"
        kind = "single_nucleotide_variant" if len(variant.ref + variant.alt) == 2 else "Deletion"
        info = {
            "ALLELEID": 90000 + number,
            "CLNDISDB": source,
            "CLNDN": name,
            "CLNREVSTAT": _STATUS["conflict" if said[:-1] == "CONF" else said[-1]],
            "CLNSIG": _CLASSES[said[:-1]],
            "CLNVC": kind,
            "GENEINFO": f"{variant.gene}:{ncbi[variant.gene]}",
            "MC": _MC[variant.expected],
        }
        fields = (_bare(variant.chrom), variant.pos, 900000 + number, variant.ref, variant.alt)
        text = ";".join(f"{key}={value}" for key, value in info.items())
        lines.append("\t".join(map(str, (*fields, ".", ".", text))))
    return "\n".join(lines) + "\n"


def gnomad(genome: Genome, variants: list[Variant], edition: Edition) -> str:
    """Frequencies in the shape of gnomAD's VCF."""
    lines = [
        "##fileformat=VCFv4.2",
        "##source=ArianeDemo, in the shape of gnomAD; every frequency is invented",
        *_contig_lines(genome, bare=False),
        '##FILTER=<ID=PASS,Description="All filters passed">',
        '##INFO=<ID=AC,Number=A,Type=Integer,Description="Alternate allele count">',
        '##INFO=<ID=AN,Number=1,Type=Integer,Description="Total number of alleles">',
        '##INFO=<ID=AF,Number=A,Type=Float,Description="Alternate allele frequency">',
        '##INFO=<ID=AF_grpmax,Number=A,Type=Float,Description="Highest group frequency">',
        '##INFO=<ID=nhomalt,Number=A,Type=Integer,Description="Count of homozygotes">',
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO",
    ]
    number = 2 * SAMPLED
    for variant in _ordered(genome, variants):
        share = variant.frequencies[edition.index]
        if share is None:
            continue
        count = max(1, round(share * number))
        highest = min(0.99, share * 1.25)
        homozygotes = math.floor(share * share * SAMPLED)
        info = (
            f"AC={count};AN={number};AF={count / number:.6g};AF_grpmax={highest:.6g};"
            f"nhomalt={homozygotes}"
        )
        fields = (variant.chrom, variant.pos, ".", variant.ref, variant.alt, ".", "PASS", info)
        lines.append("\t".join(map(str, fields)))
    return "\n".join(lines) + "\n"


UNCOVERED = {"SPTSSA": (2,), "USH2A": (5,), "KMT2D": (4,)}
"""Exons, in the order of transcription, where the frequency resource cannot see; nor on chrM."""


def coverage(genome: Genome) -> str:
    """Intervals that the frequency resource covers: genes with 4.5 kb around, but some exons."""
    lines = []
    for gene in sorted(
        genome.genes, key=lambda g: (list(genome.sequences).index(g.contig), g.start)
    ):
        if gene.contig == "chrM":
            continue
        holes = sorted(
            (low - 40, high + 40)
            for number in UNCOVERED.get(gene.symbol, ())
            for low, high in (gene.exons[number - 1],)
        )
        at = gene.start - 4500
        for low, high in [*holes, (gene.end + 4501, 0)]:
            lines.append(f"{gene.contig}\t{at - 1}\t{low - 1}\t{gene.symbol}")
            at = high + 1
    return "\n".join(lines) + "\n"


def constraint(tables: Tables) -> str:
    """Constraint by gene, under gnomAD's column names."""
    columns = ["gene", "transcript", "pLI", "oe_mis_upper", "oe_lof_upper", "mis_z", "gene_id"]
    return tsv(
        columns,
        (
            {**row, "gene": row["symbol"], "gene_id": row["ensembl_gene_id"]}
            for row in sorted(tables.genes, key=lambda r: r["symbol"])
            if row["oe_lof_upper"]
        ),
    )


_HAPLO = {
    "0": "No evidence available",
    "3": "Sufficient evidence for dosage pathogenicity",
    "30": "Gene associated with autosomal recessive phenotype",
    "40": "Dosage sensitivity unlikely",
}


def dosage(tables: Tables, genome: Genome) -> str:
    """Haploinsufficiency in the shape of ClinGen's gene curation list."""
    pmids = [
        f"{kind} PMID{n}"
        for kind in ("Haploinsufficiency", "Triplosensitivity")
        for n in range(1, 7)
    ]
    columns = ["#Gene Symbol", "Gene ID", "cytoBand", "Genomic Location"]
    columns += ["Haploinsufficiency Score", "Haploinsufficiency Description", *pmids[:6]]
    columns += ["Triplosensitivity Score", "Triplosensitivity Description", *pmids[6:]]
    columns += [
        "Date Last Evaluated",
        "Haploinsufficiency Disease ID",
        "Triplosensitivity Disease ID",
    ]
    lines = [
        "#ClinGen Gene Curation Results",
        "#01 Jan,2024",
        "#Genomic Locations are those of the invented genome of Ariane's demo",
        "#Scores as published by ClinGen (CC0), reduced to the genes of the demo",
        "#to create link: none",
        "\t".join(columns),
    ]
    for row in sorted(tables.genes, key=lambda r: r["symbol"]):
        if not row["haploinsufficiency"]:
            continue
        gene: Gene = genome.by_symbol[row["symbol"]]
        place = f"{gene.contig}:{gene.start}-{gene.end}"
        score = row["haploinsufficiency"]
        fields = [gene.symbol, row["entrez_id"], row["cytoband"], place, score, _HAPLO[score]]
        fields += [""] * 6 + ["0", "No evidence available"] + [""] * 6 + ["2024-01-01", "", ""]
        lines.append("\t".join(fields))
    return "\n".join(lines) + "\n"


def write_releases(
    tables: Tables, genome: Genome, variants: list[Variant], releases: Path, work: Path
) -> list[Release]:
    """Write both releases.

    Args:
        releases: the folder of releases, made anew.
        work: an empty folder for files on their way.

    Raises:
        ariane.model.errors.ArianeError: a release of another content stands there already.
    """
    shared = _shared(tables, genome, work)
    made = []
    for edition in EDITIONS:
        folder = work / edition.name
        folder.mkdir()
        sources = [*shared, *_own(tables, genome, variants, edition, folder)]
        # The manifest's relative paths are checked before its folder is written.
        (releases / edition.name).mkdir(parents=True, exist_ok=True)
        made.append(assemble(edition.name, edition.as_of, sources, releases))
    return made


def _shared(tables: Tables, genome: Genome, work: Path) -> list[Source]:
    reference = work / "reference.fa.gz"
    write_fasta(reference, genome.sequences)
    companions = tuple(reference.with_name(reference.name + end) for end in (".fai", ".gzi"))
    write_bgzip(work / "transcripts.gff3.gz", gff3(genome))
    write_text(work / "genes.tsv", hgnc(tables))
    write_text(work / "coverage.bed", coverage(genome))
    write_text(work / "constraint.tsv", constraint(tables))
    write_text(work / "dosage.tsv", dosage(tables, genome))
    write_text(work / "hp-fr.babelon.tsv", french(tables))
    orphanet = work / "fr_product1.xml"
    write_bytes(orphanet, french_diseases(tables).encode("iso-8859-1"))
    said = {"version": "demo-1", "date": "2024-01-01", "source": "invented by scripts/make_demo.py"}
    facts = {**said, "version": "2024-10 (names), demo genes only", "source": "HGNC"}
    limits = {**said, "version": "v2.1.1, demo genes only", "source": "gnomAD constraint"}
    scores = {**said, "version": "2026-02, demo genes only", "source": "ClinGen (places invented)"}
    diseases = {**said, "version": "demo diseases only", "source": "Orphanet (names, codes)"}
    names = {**said, "source": "translated for the demo by the authors of Ariane"}
    return [
        _source("hpo_french", work / "hp-fr.babelon.tsv", "babelon_tsv", HPO_LICENCE, names),
        _source("orphanet_french", orphanet, "orphadata_product1", ORPHANET_LICENCE, diseases),
        _source("reference", reference, "fasta", CC0, said, companions),
        _source("transcripts", work / "transcripts.gff3.gz", "gff3", CC0, said),
        _source("genes", work / "genes.tsv", "hgnc_tsv", ("open", "CC0-1.0"), facts),
        _source("coverage", work / "coverage.bed", "bed", CC0, said),
        _source("constraint", work / "constraint.tsv", "gnomad_tsv", ("open", "CC0-1.0"), limits),
        _source("dosage", work / "dosage.tsv", "clingen_tsv", ("open", "CC0-1.0"), scores),
    ]


def _own(
    tables: Tables, genome: Genome, variants: list[Variant], edition: Edition, folder: Path
) -> list[Source]:
    write_gzip(folder / "hp.obo.gz", obo(tables, edition))
    write_text(folder / "phenotype.hpoa", hpoa(tables, edition))
    write_text(folder / "phenotype_to_genes.txt", phenotype_to_genes(tables, edition))
    write_vcf(folder / "assertions.vcf.gz", clinvar(tables, genome, variants, edition))
    write_vcf(folder / "frequencies.vcf.gz", gnomad(genome, variants, edition))
    said = {
        "version": f"demo-{edition.as_of}",
        "date": edition.as_of,
        "source": "invented by scripts/make_demo.py",
    }
    ontology = {**said, "version": f"{HPO_VERSION} (subset {edition.letter})", "source": HPO_SOURCE}
    found = []
    for kind, name, form, licence, about in (
        ("hpo_ontology", "hp.obo.gz", "obo", HPO_LICENCE, ontology),
        ("hpo_annotations", "phenotype.hpoa", "hpoa", CC0, said),
        ("gene_disease", "phenotype_to_genes.txt", "phenotype_to_genes", CC0, said),
        ("assertions", "assertions.vcf.gz", "clinvar_vcf", CC0, said),
        ("frequencies", "frequencies.vcf.gz", "gnomad_vcf", CC0, said),
    ):
        index = (folder / f"{name}.tbi",) if name.endswith(".vcf.gz") else ()
        found.append(_source(kind, folder / name, form, licence, about, index))
    return found


def _source(
    kind: str,
    path: Path,
    form: str,
    licence: tuple[str, str],
    said: Mapping[str, str],
    companions: tuple[Path, ...] = (),
) -> Source:
    return Source(
        kind=kind,
        path=path,
        format=form,
        version=said["version"],
        date=said["date"],
        licence_class=licence[0],
        licence=licence[1],
        source=said["source"],
        companions=companions,
    )
