"""A foetus is a case; an unknown sex leaves the X open; GRCh37 works end to end."""

from __future__ import annotations

import json
from pathlib import Path

import pysam
import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake_folders import HERE, SHARED, lay_out

from ariane.annotate.case import Inputs, Outputs, annotate_case
from ariane.files import read_table
from ariane.intake.assembly import assembly_by_lengths
from ariane.intake.check import check_config
from ariane.intake.prenatal import AFTER_BIRTH, duration, gestation_of, prenatal_faults
from ariane.knowledge.contigs import Contigs
from ariane.knowledge.release import Source, assemble
from ariane.model.case import Analysis, Case, Consent, Member, Phenotype, Sex
from ariane.model.errors import Level
from ariane.model.genotype import Genotype, decode_family
from ariane.model.tables import CANDIDATES
from ariane.rank import inheritance
from ariane.rank.inheritance import Site
from ariane.rank.karyotype import Region, region_of


@given(st.integers(0, 45), st.integers(0, 6))
def test_a_gestational_age_has_one_form(weeks: int, days: int) -> None:
    made = duration(weeks, days)
    for text in (f"{weeks}+{days}", f"P{weeks}W{days}D", f"P{weeks * 7 + days}D", made):
        assert gestation_of(text) == made
    told = list(prenatal_faults(Phenotype(gestation=made)))
    assert bool(told) == (weeks < 4)


@given(st.text("0123456789PWDM+ ", max_size=8))
def test_any_text_is_an_age_or_none(text: str) -> None:
    found = gestation_of(text)
    assert found == "" or gestation_of(found) == found


@pytest.mark.parametrize("onset", sorted(AFTER_BIRTH))
def test_an_onset_after_birth_contradicts_a_foetus(onset: str) -> None:
    (found,) = prenatal_faults(Phenotype(onset=onset, gestation="P22W"))
    assert found[2] is Level.ERROR
    assert list(prenatal_faults(Phenotype(onset=onset))) == []


def foetus(folder: Path, releases: Path, monkeypatch: pytest.MonkeyPatch, vcf: str) -> Case:
    lay_out(HERE / "cases" / "good_trio_ped", folder, releases)
    columns = "case_id vcf sex hpo gestation assembly technique analysis_date consent_reanalysis"
    cells = ["F1", vcf, "unknown", "HP:0001250", "22+3", "GRCh38", "exome", "2024-01-15", "yes"]
    sheet = "\t".join(columns.split()) + "\n" + "\t".join(cells) + "\n"
    (folder / "families.tsv").write_text(sheet)
    monkeypatch.chdir(folder)
    _, (case,), faults = check_config(Path("config.yaml"))
    assert not [fault for fault in faults if fault.level is Level.ERROR]
    return case


def test_a_foetus_comes_out_and_survives_the_frozen_inputs(
    tmp_path: Path, releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = foetus(tmp_path, releases, monkeypatch, "solo.vcf")
    assert case.phenotype.gestation == "P22W3D"
    assert case.phenotype.prenatal
    assert case.patient.sex is Sex.UNKNOWN
    assert Case.from_json(json.loads(json.dumps(case.to_json()))) == case


def test_several_vcfs_come_out(
    tmp_path: Path, releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = (SHARED / "solo.vcf").read_text().replace("\tF1", "\tM1")
    (tmp_path / "m.vcf").write_text(other)
    case = foetus(tmp_path, releases, monkeypatch, "solo.vcf; m.vcf")
    assert case.analysis.vcfs == ("solo.vcf", "m.vcf")
    assert Case.from_json(json.loads(json.dumps(case.to_json()))) == case


@pytest.mark.parametrize("alleles", [(0, 1), (1,), (1, 1)])
def test_unknown_sex_loses_no_candidate_on_the_x(alleles: tuple[int, ...]) -> None:
    members = (
        Member("c", "C", "f", "m", Sex.UNKNOWN, True),
        Member("f", "F", sex=Sex.MALE, affected=False),
        Member("m", "M", sex=Sex.FEMALE, affected=False),
    )
    case = Case("F1", "c", members, Phenotype(), Analysis("v"), Consent())
    calls = {"c": Genotype(alleles), "f": Genotype((0,)), "m": Genotype((0, 1))}
    site = Site(case, calls, sex_linked=True)
    assert inheritance.x_recessive(site)
    assert inheritance.x_dominant(site)
    assert inheritance.recessive_homozygous(site) == (0 not in alleles)
    assert inheritance.heterozygous(site) == (0 in alleles)
    on_y = Site(case, {"c": Genotype((1,))}, sex_linked=True, from_father=True)
    assert inheritance.y_linked(on_y)


def test_lengths_name_their_assembly() -> None:
    assert assembly_by_lengths({"chr1": 248956422, "chrX": 156040895}) == "GRCh38"
    assert assembly_by_lengths({"1": 249250621, "GL1": 5}) == "GRCh37"
    assert assembly_by_lengths({"1": 249250621, "X": 156040895}) == ""
    assert assembly_by_lengths({"1": 600}) == ""


def test_pseudoautosomal_regions_of_grch37() -> None:
    contigs = Contigs({"X": 155_270_560, "Y": 59_373_566, "MT": 16_569})
    assert region_of("X", 60_001, contigs) is Region.AUTOSOME
    assert region_of("X", 2_699_521, contigs) is Region.X
    assert region_of("Y", 59_034_050, contigs) is Region.AUTOSOME
    assert region_of("MT", 7, contigs) is Region.MITOCHONDRIAL


def grch37(folder: Path) -> tuple[Path, Path, Path]:
    """A reference as GRCh37 names its contigs, genes on it, and a VCF."""
    bases = "".join((SHARED / "reference.fa").read_text().split(">chrM")[0].split("\n")[1:])
    fasta = folder / "human_g1k_v37.fa"
    fasta.write_text(f">1\n{bases}\n>X\n{bases[::-1]}\n>MT\n{bases[:120]}\n")
    pysam.faidx(str(fasta))
    attributes = "ID=gene:ENSG01;Name=G1;biotype=protein_coding"
    lines = [
        ("gene", 341, 560, ".", attributes),
        ("mRNA", 341, 560, ".", "ID=transcript:ENST01;Parent=gene:ENSG01;biotype=protein_coding"),
        ("exon", 341, 560, ".", "Parent=transcript:ENST01"),
        ("CDS", 371, 490, "0", "Parent=transcript:ENST01"),
    ]
    gff = folder / "genes.gff3"
    gff.write_text(
        "##gff-version 3\n"
        + "".join(f"1\tt\t{k}\t{a}\t{b}\t.\t+\t{p}\t{x}\n" for k, a, b, p, x in lines)
    )
    vcf = (SHARED / "solo.vcf").read_text().replace("chr1", "1").replace("=GRCh38", "=hs37d5.fa")
    (folder / "solo37.vcf").write_text(vcf.replace(",length=600", ""))
    return fasta, gff, folder / "solo37.vcf"


def test_grch37_from_the_sheet_to_the_candidates(
    tmp_path: Path, releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fasta, gff, vcf = grch37(tmp_path)
    dated = {"version": "GRCh37", "date": "2024-03-06", "licence_class": "open"}
    said = {**dated, "licence": "CC0-1.0", "source": "invented"}
    index = (Path(f"{fasta}.fai"),)
    assemble(
        "R37",
        "2024-06-01",
        [
            Source("reference", fasta, "fasta", **said, companions=index),
            Source("transcripts", gff, "gff3", **said),
        ],
        tmp_path / "own",
    )
    case = tmp_path / "run"
    lay_out(HERE / "cases" / "good_solo", case, releases)
    monkeypatch.chdir(case)
    (case / "solo.vcf").write_bytes(vcf.read_bytes())
    sheet = case / "families.tsv"
    sheet.write_text(sheet.read_text().replace("GRCh38", "hg19"))
    config = case / "config.yaml"
    config.write_text(config.read_text().replace("R1", "R37") + f"releases: {tmp_path / 'own'}\n")
    _, cases, faults = check_config(Path("config.yaml"))
    assert [f for f in faults if f.level is Level.ERROR] == []
    assert cases[0].analysis.assembly == "GRCh37"
    outputs = Outputs(case / "v.bcf", case / "c.parquet", case / "a.json")
    annotate_case(Inputs("F1", case / "solo.vcf", {"F1": "F1"}, fasta, gff), outputs)
    rows = read_table(outputs.candidates, CANDIDATES)
    assert {row["chrom"] for row in rows} == {"1"}
    assert decode_family(rows[0]["genotypes"])["F1"].alleles == (0, 1)
    # The same VCF under the GRCh38 release is refused, and so is the reverse.
    config.write_text(config.read_text().replace("R37", "R1").replace("releases:", "# releases:"))
    told = [f.what for f in check_config(Path("config.yaml"))[2] if f.level is Level.ERROR]
    assert told == ["assembly GRCh37 is declared and the release is on GRCh38"]
    config.write_text(config.read_text().replace("R1", "R37").replace("# releases:", "releases:"))
    (case / "solo.vcf").write_text((SHARED / "solo.vcf").read_text())
    sheet.write_text(sheet.read_text().replace("hg19", "hg38"))
    told = [f.what for f in check_config(Path("config.yaml"))[2] if f.level is Level.ERROR]
    assert told == ["assembly GRCh38 is declared and the release is on GRCh37"]
