"""Families of the invented world, with their calls and what annotation leaves of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pysam
from reanalyse_genome import ALLELES, CONTIGS, SYMBOLS, copies_of, end_of, kind_at, told_of

from ariane import files
from ariane.model.case import Analysis, Case, Consent, Member, Phenotype, Sex, Status

Row = dict[str, Any]


@dataclass(frozen=True)
class Patient:
    """A case and the calls of its members by allele index."""

    case: Case
    calls: Mapping[int, Mapping[str, str]]
    far: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """GT and phase set of :data:`FAR` alleles by member, such as ``0|1:7``."""


def records(folder: Path, patients: Iterable[Patient]) -> Path:
    """The cases' own records of far alleles, as annotation leaves them."""
    for patient in patients:
        home = folder / patient.case.id
        home.mkdir(parents=True, exist_ok=True)
        members = sorted(m.id for m in patient.case.members)
        lines = ["##fileformat=VCFv4.2"]
        lines += [f"##contig=<ID={name},length={size}>" for name, size in CONTIGS.items()]
        lines += ['##INFO=<ID=OLD_RECORD,Number=1,Type=String,Description="x">']
        lines += ['##FORMAT=<ID=GT,Number=1,Type=String,Description="x">']
        lines += ['##FORMAT=<ID=PS,Number=1,Type=Integer,Description="x">']
        columns = ["CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
        lines.append("#" + "\t".join([*columns, *members]))
        for key in sorted(patient.far):
            chrom, pos, ref, alt = key.split("-")
            said = [patient.far[key].get(member, "./.:.") for member in members]
            lines.append("\t".join([chrom, pos, ".", ref, alt, ".", "PASS", ".", "GT:PS", *said]))
        (home / "v.vcf").write_text("\n".join(lines) + "\n", encoding="utf-8")
        made = ("-Ob", "-W=csi", "-o", str(home / "variants.bcf"), str(home / "v.vcf"))
        pysam.bcftools.view(*made, catch_stdout=False)
        vcfs = [Path(path) for path in patient.case.analysis.vcfs]
        told: dict[str, Any] = {"samples": {member: member for member in members}}
        told["rows"] = {"all": len(candidates(patient))}
        if all(path.is_file() for path in vcfs):
            told["vcf_sha256"] = files.sha256_of_all(vcfs)
        (home / "annotation.json").write_text(json.dumps(told), encoding="utf-8")
    return folder


def family(
    name: str,
    *,
    trio: bool = False,
    sex: Sex = Sex.FEMALE,
    observed: Sequence[str] = (),
    status: Status = Status.IN_PROGRESS,
    father_affected: bool = False,
    vcf: str = "case.vcf",
    technique: str = "exome",
    date: str = "2022-01-31",
    consent: Consent | None = None,
) -> Case:
    """A solo or trio case."""
    child = Member("child", "S-child", "dad" if trio else "", "mum" if trio else "", sex, True)
    parents = (
        Member("dad", "S-dad", "", "", Sex.MALE, father_affected),
        Member("mum", "S-mum", "", "", Sex.FEMALE, False),
    )
    return Case(
        id=name,
        proband="child",
        members=(child, *(parents if trio else ())),
        phenotype=Phenotype(tuple(observed)),
        analysis=Analysis(vcf, technique=technique, date=date),
        consent=consent or Consent(reanalysis=True),
        status=status,
    )


def candidates(patient: Patient) -> list[Row]:
    """The rows that annotation would write for a case."""
    rows = []
    for index, calls in patient.calls.items():
        allele = ALLELES[index]
        rows.append(
            {
                "case": patient.case.id,
                "variant": allele.key,
                "chrom": allele.chrom,
                "pos": allele.pos,
                "ref": allele.ref,
                "alt": allele.alt,
                "gene": allele.gene,
                "symbol": SYMBOLS[allele.gene],
                "transcript": f"ENST-{allele.gene}.1",
                "mane": True,
                "consequence": allele.consequence,
                "consequence_alone": "",
                "protein_change": f"{allele.residue}I>{allele.aa}" if allele.codon else "",
                "dna_change": "",
                "codon": allele.codon,
                "aa_ref": "I" if allele.codon else "",
                "aa_alt": allele.aa,
                **dict.fromkeys(("refseq", "hgvs_g", "others"), ""),
                **told_of(allele),
                **copies_of(allele),
                "kind": kind_at(allele.key),
                "end": end_of(allele),
                "tier": allele.tier,
                "filters": "PASS",
                "genotypes": ";".join(f"{m}={g}" for m, g in sorted(calls.items())),
            }
        )
    return rows
