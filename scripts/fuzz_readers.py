"""The readers that meet files of others, each with seeds that it reads and damage that suits it."""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pysam
import pysam.bcftools

import fuzz_mutations as damage
from ariane.annotate.case import Inputs, Outputs, annotate_case
from ariane.annotate.genes import read_genes
from ariane.annotate.normalise import normalise
from ariane.files import REPOSITORY, RESOURCES, sha256_of
from ariane.intake.config import read_settings
from ariane.intake.ped import read_ped
from ariane.intake.phenopacket import read_phenopacket
from ariane.intake.sheet import read_sheet
from ariane.intake.vcf import glance
from ariane.knowledge.annotations import read_disease_terms
from ariane.knowledge.context import Context, contigs_of, names_of
from ariane.knowledge.decisions import read_decisions
from ariane.knowledge.fetch.manifest import read_catalogue
from ariane.knowledge.genes import read_hgnc, read_withdrawn
from ariane.knowledge.hpo import load_obo
from ariane.knowledge.nomenclature import read_pack
from ariane.knowledge.prepare import reading
from ariane.knowledge.readers import disease_modes, disease_names, read_gene_disease
from ariane.knowledge.reading import READERS
from ariane.knowledge.regions import read_regions
from ariane.knowledge.release import Release, Resource
from ariane.reanalyse.plausible import load_limits
from ariane.reanalyse.policy import load_policy
from ariane.reanalyse.steps import COLUMNS as STEP_COLUMNS
from ariane.reanalyse.steps import read_steps
from ariane.registry.mapping import RegistryMapping, read_mapping
from ariane.registry.place import FilePlace

DEMO = RESOURCES / "demo"
_PIN = "nomenclature.zip"


@dataclass(frozen=True)
class Target:
    """A reader under attack."""

    name: str
    file: str
    """Name that its file is given."""
    seeds: Callable[[], list[bytes]]
    mutate: damage.Mutation
    read: Callable[[Path], object]
    """Reads a file to its end; gives anything, or raises an ArianeError."""


@cache
def release() -> Release:
    """The demo's first release."""
    return Release.open(DEMO / "releases" / "demo-A")


@cache
def context() -> Context:
    """What its readers are given."""
    one = release()
    return Context(names_of(one), contigs_of(one), one.require("reference"))


@cache
def mapping() -> RegistryMapping:
    """How the demo's registry is read."""
    return read_mapping(DEMO / "registry_mapping.yaml")


def _text(*lines: str) -> list[bytes]:
    return ["".join(f"{line}\n" for line in lines).encode()]


def _files(pattern: str, most: int = 4) -> list[bytes]:
    return [path.read_bytes() for path in sorted(DEMO.glob(pattern))[:most]]


def _of_release(kind: str) -> list[bytes]:
    return [release().require(kind).read_bytes()]


def _knowing(kind: str, read: Callable[[Path], object]) -> Callable[[Path], object]:
    """A reader as prepare_release calls it: what it stumbles over becomes words on the file."""

    def run(path: Path) -> object:
        held = release().resources.get(kind, _resource(kind, "x"))
        told = replace(release(), resources={kind: replace(held, file=str(path))})
        with reading(told, kind):
            return read(path)

    return run


def _resource(kind: str, form: str) -> Resource:
    return Resource(kind, "", form, "1", "2024-01-01", "", "open", "invented", "invented")


def _table(kind: str, form: str, seeds: Callable[[], list[bytes]], file: str) -> Target:
    def read(path: Path) -> object:
        return list(READERS[form](path, _resource(kind, form), context()))

    mutate = damage.json_tree if form.endswith("json") else damage.table
    if form.startswith("orphadata"):
        mutate = damage.markup
    return Target(form, file, seeds, damage.packed(mutate), _knowing(kind, read))


def _hpo(path: Path) -> object:
    ontology = load_obo(path)
    return len(ontology.ancestors), ontology.live(["HP:0000118", "HP:0001250"])


def _hpoa(path: Path) -> object:
    ontology = load_obo(release().require("hpo_ontology"))
    return read_disease_terms(path, ontology), disease_modes(path), disease_names(path)


def _vcf(path: Path) -> object:
    seen = glance(path)
    sample = seen.samples[:1] or ("x",)
    with tempfile.TemporaryDirectory() as folder:
        return seen.faults, normalise(path, sample, release().require("reference"), Path(folder))


def _annotated(path: Path) -> object:
    """All of a case's annotation, structural variants and those that other programs told."""
    samples = glance(path).samples or ("x",)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inputs = Inputs(
            case="C",
            vcf=path,
            samples={f"M{number}": sample for number, sample in enumerate(samples[:3])},
            reference=release().require("reference"),
            transcripts=release().require("transcripts"),
        )
        outputs = Outputs(folder / "v.bcf", folder / "c.parquet", folder / "a.json")
        return annotate_case(inputs, outputs)


def _registry(path: Path) -> object:
    content, document = FilePlace(path, mapping()).read()
    columns = [c for c in (mapping().key, *mapping().columns.values()) if document.has(c)]
    for row in document.data_rows():
        for name in columns:
            document.cell(row, name)
    rendered = document.render()
    # A file that nobody wrote into keeps every byte; a workbook is only written when a cell is.
    if path.suffix == ".csv" and rendered != content:
        raise AssertionError("the registry did not come back as it was")
    return rendered


def _workbook() -> list[bytes]:
    with (DEMO / "registry.csv").open(encoding="cp1252", newline="") as handle:
        rows = list(csv.reader(handle, delimiter=";"))
    book = openpyxl.Workbook()
    sheet = book.active or book.create_sheet()
    for row in rows[:12]:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return [out.getvalue()]


def _pack(path: Path) -> object:
    return read_pack.__wrapped__(path, _version(), sha256_of(path), ("156",))


@cache
def _version() -> str:
    config: Mapping[str, Any] = damage.yaml.safe_load(
        (REPOSITORY / "config" / "demo.yaml").read_text(encoding="utf-8")
    )
    pins = config["exports"]["nomenclatures"].values()
    return next(str(pin["version"]) for pin in pins if str(pin["pack"]).endswith(_PIN))


def _manifest(path: Path) -> object:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "demo-A"
        folder.mkdir()
        (Path(name) / "files").symlink_to(DEMO / "releases" / "files")
        path.rename(folder / "manifest.yaml")
        return Release.open(folder)


def _gene_disease(path: Path) -> object:
    return read_gene_disease(path, context().names, {}, {})


def _shipped(name: str) -> Callable[[], list[bytes]]:
    return lambda: [(RESOURCES / name).read_bytes()]


_VALIDITY = (
    '"CLINGEN GENE DISEASE VALIDITY CURATIONS"',
    '"GENE SYMBOL","GENE ID (HGNC)","DISEASE LABEL","DISEASE ID (MONDO)","MOI","CLASSIFICATION"',
    '"+++","+++","+++","+++","+++","+++"',
    '"BRCA1","HGNC:1100","a, disease","MONDO:0000001","AD","Definitive"',
)
_GENCC = (
    "gene_curie\tgene_symbol\tdisease_curie\tclassification_title\tsubmitted_as_date",
    '"HGNC:1100"\t"BRCA1"\t"MONDO:1"\t"Strong"\t"2020-05-06"',
)
_PANELS = '{"results":[{"id":1,"name":"p","version":"1","genes":[{"entity_name":"BRCA1","gene_data":{"gene_symbol":"BRCA1","hgnc_id":"HGNC:1100"},"confidence_level":"3","mode_of_inheritance":"AD"}]}]}'  # noqa: E501
_ORPHA6 = (
    '<?xml version="1.0" encoding="ISO-8859-1"?><JDBOR date="2024-01-01"><DisorderList count="1">'
    '<Disorder id="1"><OrphaCode>558</OrphaCode><Name lang="en">a disease</Name>'
    "<DisorderGeneAssociationList><DisorderGeneAssociation><Gene><Symbol>BRCA1</Symbol>"
    "<ExternalReferenceList><ExternalReference><Source>HGNC</Source><Reference>1100</Reference>"
    "</ExternalReference></ExternalReferenceList></Gene></DisorderGeneAssociation>"
    "</DisorderGeneAssociationList></Disorder></DisorderList></JDBOR>"
)
_ORPHA1 = (
    '<?xml version="1.0" encoding="ISO-8859-1"?><JDBOR><DisorderList><Disorder id="1">'
    "<OrphaCode>558</OrphaCode><Name>a disease</Name><ExternalReferenceList><ExternalReference>"
    "<Source>OMIM</Source><Reference>154700</Reference><DisorderMappingRelation><Name>E (Exact)"
    "</Name></DisorderMappingRelation></ExternalReference></ExternalReferenceList></Disorder>"
    "</DisorderList></JDBOR>"
)


_STEPS = (
    "DEMO-01\tNC_000015.10:48437000:G:A FBN1\ttriage\taccepted\tb1\tbiologist\t\t2025-02-01\t\t",
    "DEMO-02\tNC_000015.10:48437000:G:A FBN1\ttriage\tdismissed\tb1\tbiologist\t\t2025-02-02\t\tx",
)
_SV = (
    "##fileformat=VCFv4.2",
    '##INFO=<ID=SVTYPE,Number=1,Type=String,Description="x">',
    '##INFO=<ID=END,Number=1,Type=Integer,Description="x">',
    '##INFO=<ID=AF,Number=A,Type=Float,Description="x">',
    '##INFO=<ID=N_HOMALT,Number=1,Type=Integer,Description="x">',
    "##contig=<ID=chr15,length=101991189>",
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO",
    "chr15\t48400000\tx\tN\t<DEL>\t.\tPASS\tEND=48410000;SVTYPE=DEL;AF=0.001;N_HOMALT=1",
    "chr15\t48500000\ty\tN\t<DUP>\t.\tPASS\tEND=48510000;SVTYPE=DUP;AF=0.02",
)
_IN_HOUSE = (
    "##fileformat=VCFv4.2",
    f'##family=<ID=0,Cases="{"0" * 64},{"1" * 64}">',
    '##INFO=<ID=AC,Number=A,Type=Integer,Description="x">',
    '##INFO=<ID=AN,Number=1,Type=Integer,Description="x">',
    '##INFO=<ID=nhomalt,Number=A,Type=Integer,Description="x">',
    '##INFO=<ID=nhemi,Number=A,Type=Integer,Description="x">',
    '##INFO=<ID=carriers,Number=.,Type=String,Description="x">',
    "##contig=<ID=chr15,length=101991189>",
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO",
    "chr15\t48437000\t.\tG\tA\t.\tPASS\tAC=1;AN=20;nhomalt=0;nhemi=0;carriers=0:1:2",
)


def targets() -> dict[str, Target]:
    """All readers under attack, by name."""
    packed, table = damage.packed(damage.table), damage.mostly(damage.table)
    found = [
        Target("vcf", "case.vcf", _vcfs, packed, _vcf),
        Target("annotation", "case.vcf", _vcfs, table, _annotated),
        Target("ped", "family.ped", lambda: _files("ped/*.ped"), table,
               lambda path: read_ped(path, "DEMO-04")),
        Target("phenopacket", "packet.json", lambda: _files("phenopackets/*.json"),
               damage.packed(damage.json_tree), read_phenopacket),
        Target("sheet", "families.tsv", lambda: _files("families.tsv"), table, read_sheet),
        Target("registry_csv", "registry.csv", lambda: _files("registry.csv"), table, _registry),
        Target("registry_xlsx", "registry.xlsx", _workbook, damage.archive, _registry),
        Target("decisions", "decisions.tsv", lambda: _files("decisions.tsv"), packed,
               read_decisions),
        Target("hpo", "hp.obo", lambda: _of_release("hpo_ontology"), packed,
               _knowing("hpo_ontology", _hpo)),
        Target("hpoa", "phenotype.hpoa", lambda: _of_release("hpo_annotations"), packed,
               _knowing("hpo_annotations", _hpoa)),
        Target("genes", "genes.tsv", lambda: _of_release("genes"), packed,
               _knowing("genes", read_hgnc)),
        Target("withdrawn", "withdrawn.txt", lambda: _text(
               "HGNC_ID\tSTATUS\tWITHDRAWN_SYMBOL\tMERGED_INTO_REPORT(S)",
               "HGNC:9\tMerged/Split\tX\tHGNC:2|BBB|Approved"), packed,
               _knowing("genes_withdrawn", read_withdrawn)),
        Target("gene_disease", "phenotype_to_genes.txt", lambda: _of_release("gene_disease"),
               packed, _knowing("gene_disease", _gene_disease)),
        Target("transcripts", "transcripts.gff3", lambda: _of_release("transcripts"), packed,
               lambda path: read_genes(path, context().contigs.name)),
        Target("regions", "regions.bed", lambda: _of_release("coverage"), packed,
               lambda path: read_regions(path, context().contigs)),
        Target("nomenclature", _PIN, lambda: _files(_PIN), damage.archive, _pack),
        Target("policy", "policy.yaml", _shipped("policy.yaml"), damage.yaml_tree, load_policy),
        Target("promotion", "promotion.yaml", _shipped("promotion.yaml"), damage.yaml_tree,
               load_limits),
        Target("mapping", "mapping.yaml", lambda: _files("registry_mapping.yaml"),
               damage.yaml_tree, read_mapping),
        Target("config", "config.yaml", _configs, damage.yaml_tree, read_settings),
        Target("manifest", "manifest.yaml", lambda: _files("releases/demo-A/manifest.yaml"),
               damage.yaml_tree, _manifest),
        _table("assertions", "clinvar_vcf", lambda: _of_release("assertions"), "assertions.vcf"),
        _table("frequencies", "gnomad_vcf", lambda: _of_release("frequencies"), "gnomad.vcf"),
        _table("constraint", "gnomad_tsv", lambda: _of_release("constraint"), "constraint.tsv"),
        _table("dosage", "clingen_tsv", lambda: _of_release("dosage"), "dosage.tsv"),
        _table("dosage_regions", "clingen_regions_tsv", lambda: _text(
               "#ISCA ID\tISCA Region Name\tcytoBand\tGenomic Location\tHaploinsufficiency Score\t"
               "Triplosensitivity Score",
               "ISCA-1\ta region\t1p\tchr1:100-2000\t3\t0"), "regions.tsv"),
        _table("coverage", "bed", lambda: _of_release("coverage"), "coverage.bed"),
        _table("validity", "clingen_validity_csv", lambda: _text(*_VALIDITY), "validity.csv"),
        _table("gencc", "gencc_tsv", lambda: _text(*_GENCC), "gencc.tsv"),
        _table("panels", "panelapp_tsv", lambda: _text(
               "id\tmode_of_inheritance\tGene\tconfidence_level\tname",
               "1\tAD\tBRCA1\t3\tpanel"), "panels.tsv"),
        _table("panels", "panelapp_json", lambda: _text(_PANELS), "panels.json"),
        _table("consensus", "consensus_tsv", lambda: _text(
               "chrom\tpos\tref\talt\tclass\tgene\tevaluated",
               "1\t100\tA\tG\tLP\tBRCA1:672\t2020-01-01"), "consensus.tsv"),
        _table("assertion_dates", "clinvar_summary", lambda: _text(
               "#AlleleID\tVariationID\tLastEvaluated",
               "1\t2\tJun 29, 2010"), "variant_summary.txt"),
        _table("orphanet_genes", "orphadata_product6", lambda: _text(_ORPHA6), "product6.xml"),
        _table("orphanet_references", "orphadata_product1", lambda: _text(_ORPHA1),
               "product1.xml"),
        _table("structural_frequencies", "sv_bed", lambda: _text(
               "#chrom\tstart\tend\tsvtype\taf\thomozygotes",
               "chr1\t100\t2000\tDEL\t0.1\t2"), "sv.bed"),
        _table("structural_frequencies", "gnomad_sv_vcf", lambda: _text(*_SV), "sv.vcf"),
        _table("in_house", "in_house_vcf", lambda: _text(*_IN_HOUSE), "in_house.vcf"),
        Target("bcf", "case.bcf", _bcfs, damage.bytes_of, _vcf),
        Target("follow_up", "follow_up.tsv", lambda: _text("\t".join(STEP_COLUMNS), *_STEPS),
               table, read_steps),
        Target("catalogue", "manifest.yaml", _shipped("manifest.yaml"), damage.yaml_tree,
               read_catalogue),
    ]  # fmt: skip
    return {target.name: target for target in found}


def _vcfs() -> list[bytes]:
    """A case's variants and a case's structural variants, unpacked and cut short."""
    plain = [gzip.decompress(raw) for raw in _files("vcf/*.vcf.gz", 99)]
    chosen = sorted(plain, key=len)[:2] + [one for one in plain if b"SVTYPE" in one][:1]
    return [b"\n".join(one.split(b"\n")[:150]) + b"\n" for one in chosen]


def _bcfs() -> list[bytes]:
    """The same as BCF, the binary form of a VCF; some of the demo's are too odd for it."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for number, content in enumerate(_vcfs()):
            plain, binary = Path(folder) / f"{number}.vcf", Path(folder) / f"{number}.bcf"
            plain.write_bytes(content)
            try:
                pysam.bcftools.view("-O", "u", "-o", str(binary), str(plain), catch_stdout=False)
            except pysam.SamtoolsError:
                continue
            found.append(binary.read_bytes())
    return found


def _configs() -> list[bytes]:
    return [(REPOSITORY / "config" / f"{name}.yaml").read_bytes() for name in ("demo", "config")]
