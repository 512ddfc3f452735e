"""Flat tables for research: four files that join, their words, and what stays out of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from export_world import ALL, ALLELE, FOUND, PROVENANCE, context_for, decision, record
from hypothesis import given
from hypothesis import strategies as st
from record_strategies import records

from ariane.model.case import Sex, Status
from ariane.registry import flat_tables
from ariane.registry.documents import Document
from ariane.registry.flat_tables import TABLES
from ariane.registry.gates import Destination, Purpose
from ariane.registry.patch import Refusal
from ariane.registry.record import (
    AlleleRecord,
    Candidate,
    CaseRecord,
    Coded,
    FindingRecord,
    Relative,
)

CONTEXT = context_for(Destination(Purpose.REUSE))
FAMILY = (
    Relative("F1-F", "father", Sex.MALE, False, True),
    Relative("F1-M", "mother", Sex.FEMALE, None, False),
    Relative("F1-S", "sibling", Sex.UNKNOWN, True, True),
    Relative("F1-C", "relative", Sex.MALE, None, True),
)
Tables = dict[str, list[dict[str, str]]]


def told(*given: CaseRecord) -> tuple[list[Refusal], Tables]:
    tables: Tables = {}
    refused: list[Refusal] = []
    for one in flat_tables.write(iter(given), CONTEXT):
        if isinstance(one, Refusal):
            refused.append(one)
            continue
        assert list(flat_tables.check(one, CONTEXT)) == []
        assert one.columns == TABLES[one.name]
        rows = csv.DictReader(io.StringIO(one.text), delimiter="\t")
        tables[one.name.removesuffix(".tsv")] = list(rows)
    assert set(tables) == {name.removesuffix(".tsv") for name in TABLES}
    return refused, tables


def tables(*given: CaseRecord) -> Tables:
    refused, found = told(*given)
    assert refused == []
    return found


def test_the_patient_and_the_sequenced_relatives() -> None:
    people = tables(record(relatives=FAMILY))["participant"]
    assert [(p["participant_id"], p["proband_relationship"]) for p in people] == [
        ("F1:F1-P", "Self"), ("F1:F1-F", "Father"), ("F1:F1-S", "Sibling"), ("F1:F1-C", "Other"),
    ]  # fmt: skip
    patient = people[0]
    assert (patient["paternal_id"], patient["maternal_id"]) == ("F1:F1-F", "0")
    assert (patient["sex"], patient["affected_status"]) == ("Female", "Affected")
    assert (patient["age_at_last_observation"], patient["solve_status"]) == ("3", "Unsolved")
    assert [p["affected_status"] for p in people[1:]] == ["Unaffected", "Affected", "Unknown"]
    assert [p["solve_status"] for p in people[1:]] == ["", "", ""]


def test_every_line_bears_its_consents() -> None:
    abroad = replace(ALL, third_countries=False)
    for rows in tables(record(), record("F2", consent=abroad)).values():
        assert {(r["consent_research"], r["consent_third_countries"]) for r in rows} == {
            ("yes", "yes"), ("yes", "no"),
        }  # fmt: skip


def test_the_family_without_what_never_leaves() -> None:
    (family,) = tables(record(relatives=FAMILY))["family"]
    assert family["sequenced"] == "4"
    assert (family["proband_id"], family["network"]) == ("F1:F1-P", "DéfiScience")
    assert not any("sanguin" in column for columns in TABLES.values() for column in columns)


def test_phenotypes() -> None:
    rows = tables(record())["phenotype"]
    assert [(r["term_id"], r["term_label"], r["presence"]) for r in rows] == [
        ("HP:0001250", "Seizure", "Present"), ("HP:0000252", "Microcephaly", "Absent"),
    ]  # fmt: skip


def test_a_decided_finding() -> None:
    (one,) = tables(record(decision=decision(), named=(FOUND,)))["genetic_findings"]
    wanted = {
        "participant_id": "F1:F1-P", "experiment_id": "F1.genome", "variant_type": "SNV",
        "variant_reference_assembly": "GRCh38", "chrom": "1", "pos": "55", "ref": "A", "alt": "G",
        "gene_of_interest": "GBA1", "gene_id": "HGNC:4177", "transcript": "NM_000001.2",
        "hgvsc": "c.1A>G", "hgvsp": "p.(Lys1Glu)", "hgvs": "NC_000001.11:g.55A>G",
        "zygosity": "Heterozygous", "allele_balance_or_heteroplasmy_percentage": "0.4737",
        "variant_inheritance": "de novo", "linked_variant": "", "gene_known_for_phenotype": "Known",
        "known_condition_name": "One", "condition_id": "OMIM:1",
        "condition_inheritance": "Autosomal dominant", "phenotype_contribution": "Full",
        "method_of_discovery": "SR-GS", "finding_status": "decided", "acmg_class_proposed": "LP",
        "acmg_criteria_proposed": "PM2_Supporting PS2",
    }  # fmt: skip
    assert {column: one[column] for column in wanted} == wanted
    assert "CR-7" in one["notes"]


def test_a_proposal_says_so_and_is_not_told_beside_the_same_decision() -> None:
    (proposal,) = tables(record())["genetic_findings"]
    assert (proposal["finding_status"], proposal["phenotype_contribution"]) == (
        "proposed", "Uncertain",
    )  # fmt: skip
    assert "decided by nobody" in proposal["notes"]
    part = tables(record(decision=decision(Status.PARTLY_SOLVED), named=(FOUND,)))
    assert [r["finding_status"] for r in part["genetic_findings"]] == ["decided"]
    assert [r["phenotype_contribution"] for r in part["genetic_findings"]] == ["Partial"]
    assert part["participant"][0]["solve_status"] == "Partially solved"


def test_what_was_refuted_is_not_told() -> None:
    refuted = record(decision=decision(Status.REFUTED), named=(FOUND,))
    assert tables(refuted)["genetic_findings"] == []


def test_a_pair_is_linked() -> None:
    second = replace(ALLELE, key="chr1-90-CT-C", zygosity="hom", acmg_class="")
    pair = FindingRecord("x", FOUND.gene, "AR", "compound", (ALLELE, second))
    one, other = tables(record(decision=decision(), named=(pair,)))["genetic_findings"]
    assert one["linked_variant"] == other["genetic_findings_id"]
    assert other["linked_variant"] == one["genetic_findings_id"]
    assert (other["variant_type"], other["zygosity"]) == ("INDEL", "Homozygous")
    assert other["condition_inheritance"] == "Autosomal recessive"


@pytest.mark.parametrize(
    ("key", "variant_type", "sv_type", "alt", "end"),
    [
        ("chr1-1000-N-<DEL:5000>", "SV", "DEL", "<DEL>", "5000"),
        ("chr3-10-A-<CNV:800>", "CNV", "CNV", "<CNV>", "800"),
        ("chr2-3-G-G]chr17:19]", "SV", "BND", "G]chr17:19]", ""),
        ("chr1-5-AC-GT", "INDEL", "", "GT", ""),
    ],
)
def test_kinds_of_variants(key: str, variant_type: str, sv_type: str, alt: str, end: str) -> None:
    finding = replace(FOUND, alleles=(AlleleRecord(key),))
    (one,) = tables(record(decision=decision(), named=(finding,)))["genetic_findings"]
    assert (one["variant_type"], one["sv_type"], one["alt"], one["pos_end"]) == (
        variant_type, sv_type, alt, end,
    )  # fmt: skip
    assert (one["variant_inheritance"], one["zygosity"]) == ("unknown", "")


def test_without_frequencies_nothing_is_classified() -> None:
    bare = replace(PROVENANCE, interpretable=False)
    (one,) = tables(record(decision=decision(), named=(FOUND,), provenance=bare))[
        "genetic_findings"
    ]
    assert (one["acmg_class_proposed"], one["acmg_criteria_proposed"]) == ("", "")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"consent": replace(ALL, research=False)}, "no consent_research"),
        ({"observed": (Coded("seizure", ""),)}, "'seizure' is not an HPO term"),
        ({"age": "three"}, "age 'three' is not a duration"),
        ({"assembly": "hg18"}, "assembly 'hg18' is not known"),
        ({"relatives": (Relative("F1-P", "sibling", Sex.MALE, None, True),)}, "share an"),
        ({"candidates": (Candidate(replace(FOUND, alleles=(AlleleRecord("odd"),)),
                                   Coded("OMIM:1", ""), 1, 1, 0.9),)}, "variant 'odd'"),
    ],
)  # fmt: skip
def test_each_refusal(change: Mapping[str, Any], reason: str) -> None:
    refused, found = told(record(**change), record("F2"))
    assert [one.case for one in refused] == ["F1"]
    assert reason in "; ".join(refused[0].reasons)
    assert [r["family_id"] for r in found["family"]] == ["F2"]


@given(st.lists(records(), max_size=3, unique_by=lambda r: r.case))
def test_any_records_are_valid_tables_that_join_or_are_refused(given: list[CaseRecord]) -> None:
    refused, found = told(*given)
    families = {row["family_id"] for row in found["family"]}
    assert families | {one.case for one in refused} == {one.case for one in given}
    people = {row["participant_id"] for row in found["participant"]}
    assert {row["family_id"] for row in found["participant"]} == families
    assert {row["proband_id"] for row in found["family"]} <= people
    for name in ("phenotype", "genetic_findings"):
        assert {row["participant_id"] for row in found[name]} <= people
    for rows in found.values():
        for row in rows:
            assert not any(cell.startswith(("=", "+", "@")) for cell in row.values())


def table(name: str, **more: str) -> Document:
    """A right table of one line, with some cells changed."""
    (document,) = [
        one
        for one in flat_tables.write(iter([record()]), CONTEXT)
        if isinstance(one, Document) and one.name == name
    ]
    rows = list(csv.DictReader(io.StringIO(document.text), delimiter="\t"))
    out = io.StringIO()
    writer = csv.DictWriter(out, document.columns, delimiter="\t", lineterminator="\n")
    writer.writeheader()
    writer.writerow({**rows[0], **more})
    return Document(name, out.getvalue(), document.columns)


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (Document("other.tsv", "x\n"), "other columns"),
        (Document("family.tsv", "x\n"), "other columns"),
        (table("participant.tsv", participant_id=""), "is missing or stands twice"),
        (table("participant.tsv", paternal_id="F9"), "paternal_id is not in the table"),
        (table("participant.tsv", sex="F"), "sex 'F'"),
        (table("participant.tsv", consent_research="no"), "consent_research 'no'"),
        (table("phenotype.tsv", presence="maybe"), "presence 'maybe'"),
        (table("genetic_findings.tsv", zygosity="het"), "zygosity 'het'"),
        (table("genetic_findings.tsv", linked_variant="x"), "linked_variant is not in the table"),
        (table("genetic_findings.tsv", notes=""), "does not say who says it"),
    ],
)
def test_each_fault_that_the_checker_knows(document: Document, fault: str) -> None:
    found = list(flat_tables.check(document, CONTEXT))
    assert any(fault in one for one in found), found
