"""The demo's families obey Mendel, and their files carry what the cases say."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pysam
import pytest
from google.protobuf.json_format import Parse
from phenopackets.schema.v2 import Phenopacket

from ariane.files import read_yaml
from ariane.knowledge.hpo import load_obo
from ariane.knowledge.release import Release

X = "chrX"


@pytest.fixture(scope="module")
def sheet(demo: Path) -> dict[str, dict[str, str]]:
    with (demo / "families.tsv").open(encoding="utf-8", newline="") as handle:
        return {row["case_id"]: row for row in csv.DictReader(handle, delimiter="\t")}


@pytest.fixture(scope="module")
def book(demo: Path) -> dict[str, Any]:
    cases: dict[str, Any] = read_yaml(demo / "source" / "cases.yaml")["cases"]
    return cases


def calls(path: Path) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Genotypes as base strings by (record, sample)."""
    found: dict[tuple[str, str], tuple[Any, ...]] = {}
    with pysam.VariantFile(str(path)) as vcf:
        for line in vcf:
            for sample in line.samples:
                key = f"{line.chrom}-{line.pos}-{line.ref}"
                found[key, sample] = line.samples[sample].alleles
    return found


@pytest.mark.parametrize("case", ["DEMO-04", "DEMO-05", "DEMO-13", "DEMO-18"])
def test_trios_are_mendelian_but_for_the_de_novo(
    unpacked: Path, sheet: dict[str, dict[str, str]], case: str
) -> None:
    row = sheet[case]
    held = calls(unpacked / f"{case}.vcf")
    child, mother, father = (row[f"{r}_sample"] for r in ("proband", "mother", "father"))
    against = []
    for site, sample in held:
        if sample != child:
            continue
        own, her, his = held[site, child], held[site, mother], held[site, father]
        if site.startswith(X) and row["sex"] == "male":
            fits = own[0] in her
        elif site.startswith("chrM"):
            fits = set(own) == set(her)
        else:
            fits = any((a in her and b in his) for a, b in (own, own[::-1]))
        if not fits:
            against.append(site)
    expected = ["chr2-7750-G"] if case == "DEMO-04" else []
    assert against == expected


def test_each_vcf_holds_its_causal_alleles(
    demo: Path, unpacked: Path, sheet: dict[str, dict[str, str]]
) -> None:
    with (demo / "expected.tsv").open(encoding="utf-8", newline="") as handle:
        expected = list(csv.DictReader(handle, delimiter="\t"))
    checked = 0
    for row in expected:
        held = calls(unpacked / f"{row['case_id']}.vcf")
        proband = sheet[row["case_id"]]["proband_sample"]
        for key in filter(None, row["variants"].split("+")):
            chrom, pos, ref, alt = key.split("-")
            if alt.startswith("<"):
                held |= calls(unpacked / f"{row['case_id']}.sv.vcf")
                alt = "<DEL>"
            alleles = held[f"{chrom}-{pos}-{ref}", proband]
            assert alt in alleles, (row["case_id"], key)
            checked += 1
    assert checked == 21


def test_files_differ_as_files_in_the_wild_do(demo: Path, unpacked: Path) -> None:
    def text(name: str) -> str:
        return (unpacked / f"{name}.vcf").read_text(encoding="utf-8")

    haploid = [ln for ln in text("DEMO-03").splitlines() if ln.startswith(X)]
    diploid = [ln for ln in text("DEMO-08").splitlines() if ln.startswith(X)]
    assert all(ln.split("\t")[9].startswith("1:") for ln in haploid)
    assert all(ln.split("\t")[9].startswith("1/1:") for ln in diploid)
    assert haploid
    assert diploid
    assert "<DEL>" in text("DEMO-09")
    assert "|" in text("DEMO-06").splitlines()[-1].split("\t")[9]
    plain = (demo / "vcf" / "DEMO-02.vcf.gz").read_bytes()
    assert plain[:2] == b"\x1f\x8b"
    assert plain[3] & 4 == 0, "BGZF has an extra field; this file must be plain gzip"
    with pysam.VariantFile(str(unpacked / "DEMO-02.vcf")) as vcf:
        assert vcf.header.formats["GQ"].type == "Float"
        assert {f for line in vcf for f in line.filter} == {"PASS", "LowQual"}
    with pysam.VariantFile(str(unpacked / "DEMO-08.vcf")) as vcf:
        mito = next(line for line in vcf if line.pos == 3243)
        ref, alt = mito.samples[0]["AD"]
        assert 0.3 < alt / (ref + alt) < 0.45


def test_nothing_is_called_on_what_the_deletion_took(unpacked: Path) -> None:
    """DEMO-18: father and child have one copy of the exon, so no heterozygote may lie in it."""
    with pysam.VariantFile(str(unpacked / "DEMO-18.sv.vcf")) as vcf:
        (deletion,) = vcf
        assert (deletion.chrom, deletion.alts, deletion.stop > deletion.pos) == (
            "chr7", ("<DEL>",), True,
        )  # fmt: skip
        assert {s: deletion.samples[s]["GT"] for s in deletion.samples} == {
            "DEMO-18-P": (0, 1), "DEMO-18-F": (0, 1), "DEMO-18-M": (0, 0),
        }  # fmt: skip
    with pysam.VariantFile(str(unpacked / "DEMO-18.vcf")) as vcf:
        inside = [r for r in vcf if r.chrom == "chr7" and deletion.pos < r.pos <= deletion.stop]
    assert inside == []


def test_two_alternative_alleles_stand_in_one_record(unpacked: Path) -> None:
    multi = 0
    for path in sorted(set(unpacked.iterdir()) - set(unpacked.glob("*.sv.vcf"))):
        with pysam.VariantFile(str(path)) as vcf:
            for line in vcf:
                alts = line.alts or ()
                multi += len(alts) == 2
                for sample in line.samples.values():
                    depths = sample["AD"]
                    if alts != ("<DEL>",):
                        assert len(depths) == 1 + len(alts)
    assert multi >= 3


def test_phenopackets_parse_and_their_terms_live(demo: Path, book: dict[str, Any]) -> None:
    b = load_obo(Release.open(demo / "releases" / "demo-B").require("hpo_ontology"))
    packets = sorted((demo / "phenopackets").glob("*.json"))
    assert [p.stem for p in packets] == [c for c, a in book.items() if a.get("phenopacket")]
    for path in packets:
        packet = Parse(path.read_text(encoding="utf-8"), Phenopacket())
        assert json.loads(path.read_text(encoding="utf-8"))["id"] == path.stem
        for feature in packet.phenotypic_features:
            assert b.names[feature.type.id] == feature.type.label


def test_the_registry_consent_of_two_cases_is_refused(sheet: dict[str, dict[str, str]]) -> None:
    assert [c for c, row in sheet.items() if row["consent_registry"] == "no"] == [
        "DEMO-12",
        "DEMO-18",
    ]
