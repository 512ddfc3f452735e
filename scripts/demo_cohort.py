"""The demo's papers: families sheet, pedigrees, phenopackets, decisions and the registry."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ariane import files
from ariane.intake.consents import OPPOSITION, SCOPES
from ariane.intake.sheet import COLUMNS
from demo_files import tsv, write_gzip, write_vcf
from demo_genome import Genome
from demo_people import draw, member_id, samples_of, vcf
from demo_phenotypes import HPO_VERSION
from demo_structural import Deletion, deletions, structural_vcf
from demo_variants import Variant

DECISION_COLUMNS = (
    "case_id",
    "outcome",
    "gene",
    "variants",
    "disease",
    "actor",
    "role",
    "report",
    "date",
    "comment",
)
EXPECTED_COLUMNS = (
    "case_id",
    "symbol",
    "gene",
    "mode",
    "disease",
    "variants",
    "rank_a",
    "rank_b",
    "event",
    "why",
)


def split_term(text: str, labels: Mapping[str, str]) -> tuple[str, str]:
    """``HP:0001250 Seizure`` as id and label.

    Raises:
        ValueError: the label is not the term's name.
    """
    term, _, label = text.partition(" ")
    if labels.get(term) != label:
        raise ValueError(f"{term} is {labels.get(term)!r} in hpo_terms.tsv, not {label!r}")
    return term, label


def write_cohort(
    cases: Mapping[str, Any],
    genome: Genome,
    variants: list[Variant],
    labels: Mapping[str, str],
    out: Path,
) -> None:
    """Write VCFs, pedigrees, phenopackets and the families sheet."""
    rows, structural = [], deletions(cases, genome)
    for case, about in cases.items():
        people = draw(case, about, variants)
        text = vcf(case, about, genome, variants, people)
        path = out / "vcf" / f"{case}.vcf.gz"
        if about["style"].get("compression") == "gzip":
            write_gzip(path, text)
        else:
            write_vcf(path, text, index=bool(about["style"].get("index")))
        if about.get("family"):
            files.write_text(out / "ped" / f"{case}.ped", pedigree(case, about))
        if about.get("phenopacket"):
            packet = json.dumps(phenopacket(case, about, labels), indent=2, ensure_ascii=False)
            files.write_text(out / "phenopackets" / f"{case}.json", packet + "\n")
        if case in structural:
            second = structural_vcf(case, about, genome, structural[case])
            write_vcf(out / "vcf" / f"{case}.sv.vcf.gz", second, index=False)
        rows.append(sheet_row(case, about, labels))
    files.write_text(out / "families.tsv", tsv(COLUMNS, rows))


def pedigree(case: str, about: Mapping[str, Any]) -> str:
    """The family's PED; a consanguineous family with the ancestors that its parents share."""
    family = about["family"]
    proband, mother, father = (member_id(case, about, r) for r in ("proband", "mother", "father"))
    sex = {"male": 1, "female": 2}[about["sex"]]
    above: dict[str, tuple[str, str]] = {mother: ("0", "0"), father: ("0", "0")}
    lines = []
    if family.get("consanguineous"):
        shared = (f"{case}-I1", f"{case}-I2")
        lines += [(shared[0], "0", "0", 1), (shared[1], "0", "0", 2)]
        lines += [(f"{case}-II1", "0", "0", 1), (f"{case}-II2", *shared, 2)]
        lines += [(f"{case}-II3", *shared, 1), (f"{case}-II4", "0", "0", 2)]
        above = {father: (f"{case}-II1", f"{case}-II2"), mother: (f"{case}-II3", f"{case}-II4")}
    lines += [(mother, *above[mother], 2), (father, *above[father], 1)]
    status = {"affected": 2, "unaffected": 1}
    state = {mother: status.get(family.get("mother"), 0), proband: 2}
    state[father] = status.get(family.get("father"), 0)
    lines.append((proband, father, mother, sex))
    rows = ["#family\tid\tfather\tmother\tsex\tphenotype"]
    rows += ["\t".join(map(str, (case, *line, state.get(line[0], 0)))) for line in lines]
    return "\n".join(rows) + "\n"


def phenopacket(case: str, about: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, Any]:
    """A GA4GH Phenopacket, version 2, of the proband."""

    def features(words: list[str], excluded: bool) -> list[dict[str, Any]]:
        found = []
        for word in words:
            term, label = split_term(word, labels)
            feature: dict[str, Any] = {"type": {"id": term, "label": label}}
            found.append(feature | ({"excluded": True} if excluded else {}))
        return found

    observed = features(about["observed"], False)
    if "onset" in about:
        term, label = split_term(about["onset"], labels)
        observed[0]["onset"] = {"ontologyClass": {"id": term, "label": label}}
    return {
        "id": case,
        "subject": {
            "id": member_id(case, about),
            "sex": about["sex"].upper(),
            "timeAtLastEncounter": {"age": {"iso8601duration": about["age"]}},
        },
        "phenotypicFeatures": observed + features(about["excluded"], True),
        "metaData": {
            "created": "2024-03-06T00:00:00Z",
            "createdBy": "scripts/make_demo.py",
            "resources": [
                {
                    "id": "hp",
                    "name": "Human Phenotype Ontology",
                    "url": "http://purl.obolibrary.org/obo/hp.owl",
                    "version": HPO_VERSION,
                    "namespacePrefix": "HP",
                    "iriPrefix": "http://purl.obolibrary.org/obo/HP_",
                }
            ],
            "phenopacketSchemaVersion": "2.0",
        },
    }


def sheet_row(case: str, about: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, str]:
    """One line of the families sheet."""
    samples = samples_of(case, about)
    row = {
        "case_id": case,
        "vcf": f"vcf/{case}.vcf.gz",
        "sv_vcf": f"vcf/{case}.sv.vcf.gz" if "exon_deletion" in about else "",
        "ped": f"ped/{case}.ped" if about.get("family") else "",
        "proband": member_id(case, about),
        "sex": about["sex"],
        "assembly": "GRCh38",
        **{f"{role}_sample": name for role, name in samples.items()},
        **about["sheet"],
        **{f"consent_{c}": "yes" if c in about["consent"] else "no" for c in SCOPES},
        "consent_ern": ";".join(about.get("ern", ())) or "no",
    }
    if "opposed" in about:
        row[OPPOSITION] = "yes" if about["opposed"] else "no"
    if about.get("phenopacket"):
        row["phenopacket"] = f"phenopackets/{case}.json"
        return row
    for column, words in (("hpo", about["observed"]), ("hpo_excluded", about["excluded"])):
        row[column] = ";".join(split_term(word, labels)[0] for word in words)
    if "onset" in about:
        row["onset"] = split_term(about["onset"], labels)[0]
    row["age"] = about.get("age", "")
    return row


def decisions(rows: list[Mapping[str, Any]], genome: Genome, variants: list[Variant]) -> str:
    """Signed decisions: gene and variants written as the workflow writes them; an impasse has
    none."""
    keys = {variant.name: variant for variant in variants}
    lines = []
    for row in rows:
        held = [keys[name] for name in row["variants"]]
        gene = genome.by_symbol[held[0].gene].row["hgnc_id"] if held else ""
        found = {"gene": gene, "variants": "+".join(variant.key for variant in held)}
        lines.append({**row, **found})
    return tsv(DECISION_COLUMNS, lines)


def registry(about: Mapping[str, Any]) -> bytes:
    """A registry as hospitals export it: semicolons, Windows-1252, CRLF, quotes where needed."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(
        buffer, about["columns"], delimiter=";", lineterminator="\r\n", restval=""
    )
    writer.writeheader()
    writer.writerows(about["rows"])
    return buffer.getvalue().encode("cp1252")


def expected(
    rows: list[dict[str, str]],
    genome: Genome,
    variants: list[Variant],
    structural: Iterable[Deletion] = (),
) -> str:
    """What the workflow is held to, with genes and variants under the workflow's keys."""
    keys = {variant.name: variant.key for variant in (*variants, *structural)}
    lines = []
    for row in rows:
        found = {"gene": genome.by_symbol[row["symbol"]].row["hgnc_id"] if row["symbol"] else ""}
        names = row["variants"].split()
        found["variants"] = "+".join(keys[name] for name in names)
        lines.append({**row, **found})
    return tsv(EXPECTED_COLUMNS, lines)
