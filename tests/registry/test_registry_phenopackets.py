"""Phenopackets that leave: what they claim, what they refuse, and that nothing is lost in them."""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from export_world import (
    ALLELE,
    FOUND,
    GENE,
    PROVENANCE,
    SYMBOL,
    context_for,
    decision,
    record,
)
from hypothesis import given
from record_strategies import records

from ariane.intake.phenopacket import read_phenopacket
from ariane.model.case import Status
from ariane.model.history import History
from ariane.registry import phenopackets, phenopackets_check
from ariane.registry.documents import Document
from ariane.registry.gates import Destination, Purpose
from ariane.registry.patch import Refusal
from ariane.registry.record import (
    AlleleRecord,
    Candidate,
    CaseRecord,
    Coded,
    FindingRecord,
)
from ariane.registry.variation import ACMG
from ariane.registry.vocabularies import allelic_states

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
PUBLISHED = DATA / "cases" / "phenopackets.jsonl.gz"
CONTEXT = context_for(Destination(Purpose.REUSE))
ZYGOSITY = {row["geno"]: word for word, row in allelic_states().items()}
CLASSES = {word: short for short, word in ACMG.items() if short != "B (BA1)"}


def written(*given: CaseRecord) -> list[Document | Refusal]:
    return list(phenopackets.write(iter(given), CONTEXT))


def packet_of(one: CaseRecord) -> dict[str, Any]:
    (document,) = written(one)
    assert isinstance(document, Document)
    assert list(phenopackets_check.check(document, CONTEXT)) == []
    content: dict[str, Any] = json.loads(document.text)
    return content


def test_a_signed_diagnosis_is_a_solved_interpretation() -> None:
    packet = packet_of(record(status=Status.SOLVED, decision=decision(), named=(FOUND,)))
    (told,) = packet["interpretations"]
    assert told["progressStatus"] == "SOLVED"
    assert told["diagnosis"]["disease"] == {"id": "OMIM:1", "label": "One"}
    (one,) = told["diagnosis"]["genomicInterpretations"]
    assert (one["interpretationStatus"], one["subjectOrBiosampleId"]) == ("CAUSATIVE", "F1-P")
    variant = one["variantInterpretation"]
    assert variant["acmgPathogenicityClassification"] == "LIKELY_PATHOGENIC"
    variation = variant["variationDescriptor"]
    assert variation["expressions"] == [
        {"syntax": "hgvs.c", "value": "NM_000001.2:c.1A>G"},
        {"syntax": "hgvs.g", "value": "NC_000001.11:g.55A>G"},
    ]
    assert variation["alternateLabels"] == ["p.(Lys1Glu)"]
    assert variation["vcfRecord"] == {
        "genomeAssembly": "GRCh38", "chrom": "chr1", "pos": "55", "ref": "A", "alt": "G",
    }  # fmt: skip
    assert variation["allelicState"] == {"id": "GENO:0000135", "label": "heterozygous"}
    assert variation["geneContext"] == {"valueId": GENE, "symbol": SYMBOL}
    assert {e["name"]: e["value"] for e in variation["extensions"]} == {
        "origin": "de novo",
        "acmg_source": "proposed by Ariane, cycle c1, release R1; not validated",
        "acmg_criteria": "PM2_Supporting PS2",
    }
    assert packet["diseases"] == [
        {"term": {"id": "OMIM:1", "label": "One"},
         "onset": {"ontologyClass": {"id": "HP:0003593", "label": "Infantile onset"}}}
    ]  # fmt: skip
    assert "CR-7" in told["summary"]
    meta = packet["metaData"]
    assert meta["created"] == "2024-03-06T00:00:00Z"
    versions = {r["namespacePrefix"]: r["version"] for r in meta["resources"]}
    assert versions == {
        "HP": "2024-03-06", "GENO": "2025-07-25", "OMIM": "unknown", "HGNC": "unknown",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "outcome", "progress", "interpretation"),
    [
        (Status.IN_PROGRESS, None, "IN_PROGRESS", None),
        (Status.CANDIDATE, None, "IN_PROGRESS", None),
        (Status.IMPASSE, None, "COMPLETED", None),
        (Status.SOLVED, None, "IN_PROGRESS", None),
        (Status.IMPASSE, Status.IMPASSE, "UNSOLVED", None),
        (Status.IMPASSE, Status.CANDIDATE, "IN_PROGRESS", "CANDIDATE"),
        (Status.IMPASSE, Status.IN_PROGRESS, "IN_PROGRESS", None),
        (Status.SOLVED, Status.SOLVED, "SOLVED", "CAUSATIVE"),
        (Status.IMPASSE, Status.PARTLY_SOLVED, "COMPLETED", "CONTRIBUTORY"),
        (Status.IMPASSE, Status.REFUTED, "COMPLETED", "REJECTED"),
        (Status.CLOSED, Status.CLOSED, "COMPLETED", None),
    ],
)
def test_each_state_has_its_words(
    status: Status, outcome: Status | None, progress: str, interpretation: str | None
) -> None:
    taken = decision(outcome) if outcome else None
    told, *_ = packet_of(record(status=status, decision=taken, named=(FOUND,) if taken else ()))[
        "interpretations"
    ]
    assert told["progressStatus"] == progress
    found = told.get("diagnosis", {}).get("genomicInterpretations", [])
    assert [one["interpretationStatus"] for one in found] == (
        [interpretation] if interpretation else []
    )


def test_an_unsigned_decision_decides_nothing() -> None:
    told, *_ = packet_of(record(decision=decision(report=" "), named=(FOUND,)))["interpretations"]
    assert told["progressStatus"] == "COMPLETED"
    assert "diagnosis" not in told


def test_a_proposal_stands_apart_and_says_so() -> None:
    _, proposal = packet_of(record())["interpretations"]
    (one,) = proposal["diagnosis"]["genomicInterpretations"]
    assert (proposal["progressStatus"], one["interpretationStatus"]) == ("IN_PROGRESS", "CANDIDATE")
    assert proposal["summary"].startswith("Proposed by Ariane, decided by nobody: rank 1")


@pytest.mark.parametrize(
    "change",
    [
        {"candidates": (Candidate(FOUND, Coded("OMIM:1", "One"), 1, 1, 0.05),)},
        {"candidates": (Candidate(FOUND, Coded("OMIM:1", "One"), 1, 1, None),)},
        {"decision": decision(), "named": (FOUND,)},
        {"status": Status.SOLVED},
        {"decision": decision(Status.REFUTED), "named": (FOUND,)},
        {"decision": decision(Status.REFUTED, variants=()), "named": ()},
        {"provenance": replace(PROVENANCE, interpretable=False)},
    ],
)
def test_what_is_not_proposed(change: Mapping[str, Any]) -> None:
    assert len(packet_of(record(**change))["interpretations"]) == 1


def test_several_weak_diseases_of_one_gene_are_one_proposal() -> None:
    weak = [Candidate(FOUND, Coded(f"OMIM:{n}", ""), n, 1, 0.06) for n in (1, 2)]
    other = replace(FOUND, id="HGNC:1|AD|x", gene=Coded("HGNC:1", "X"))
    alone = Candidate(other, Coded("OMIM:3", ""), 3, 2, 0.06)
    _, *told = packet_of(record(candidates=(*weak, alone)))["interpretations"]
    assert [one["diagnosis"]["disease"]["id"] for one in told] == ["OMIM:1"]


def test_without_frequencies_nothing_is_classified() -> None:
    packet = packet_of(
        record(
            decision=decision(), named=(FOUND,),
            provenance=replace(PROVENANCE, interpretable=False),
        )
    )  # fmt: skip
    (told,) = packet["interpretations"]
    (one,) = told["diagnosis"]["genomicInterpretations"]
    assert "acmgPathogenicityClassification" not in one["variantInterpretation"]
    assert "no population frequencies" in told["summary"]


def test_a_gene_without_variants_is_told_as_a_gene() -> None:
    (told,) = packet_of(record(decision=decision(variants=()), named=()))["interpretations"]
    (one,) = told["diagnosis"]["genomicInterpretations"]
    assert one["gene"] == {"valueId": GENE, "symbol": SYMBOL}


@pytest.mark.parametrize(
    ("signs", "onset", "told"),
    [
        ("P11M", Coded("HP:0003593", "Infantile onset"), {"age": {"iso8601duration": "P11M"}}),
        ("antenatal", None, {"ontologyClass": {"id": "HP:0030674", "label": "Antenatal onset"}}),
        ("antenatal", Coded("HP:0003593", "Infantile onset"),
         {"ontologyClass": {"id": "HP:0030674", "label": "Antenatal onset"}}),
        ("antenatal", Coded("HP:0011461", "Fetal onset"),
         {"ontologyClass": {"id": "HP:0011461", "label": "Fetal onset"}}),
    ],
)  # fmt: skip
def test_the_age_at_the_first_signs_is_the_onset(
    signs: str, onset: Coded | None, told: dict[str, Any], tmp_path: Path
) -> None:
    one = record(history=History(signs), onset=onset)
    (disease,) = packet_of(one)["diseases"]
    assert disease["onset"] == told
    path = tmp_path / "F1.json"
    path.write_text(json.dumps(packet_of(one)), encoding="utf-8")
    packet, faults = read_phenopacket(path)
    assert packet is not None, faults
    assert packet.first_signs == ("P11M" if "age" in told else "")


def test_a_refuted_disease_is_excluded_and_the_onset_stays() -> None:
    packet = packet_of(record(decision=decision(Status.REFUTED), named=(FOUND,)))
    refuted, unnamed = packet["diseases"]
    assert refuted == {"term": {"id": "OMIM:1", "label": "One"}, "excluded": True}
    assert unnamed["term"]["id"] == "MONDO:0000001"
    assert unnamed["onset"]["ontologyClass"]["id"] == "HP:0003593"


@pytest.mark.parametrize(
    ("key", "alt", "info", "kind"),
    [
        ("chr1-1000-N-<DEL:5000>", "<DEL>", "END=5000;SVTYPE=DEL", "SO:0000159"),
        ("chr5-77-T-<DUP:TANDEM:900>", "<DUP:TANDEM>", "END=900;SVTYPE=DUP", "SO:1000035"),
        ("chr6-10-A-<INV:70>", "<INV>", "END=70;SVTYPE=INV", "SO:1000036"),
        ("chr4-10-A-<INS:10>", "<INS>", "END=10;SVTYPE=INS", "SO:0000667"),
        ("chr3-10-A-<CNV:800>", "<CNV>", "END=800;SVTYPE=CNV", "SO:0001019"),
        ("chr2-32-G-G]chr17:19]", "G]chr17:19]", None, "SO:0001021"),
        ("chr7-1-" + "AC" * 30 + "-A", "A", None, "SO:0000159"),
        ("chr1-55-A-G", "G", None, None),
    ],
)
def test_structural_variants(key: str, alt: str, info: str | None, kind: str | None) -> None:
    finding = replace(FOUND, alleles=(AlleleRecord(key, zygosity="het"),))
    (told,) = packet_of(record(decision=decision(), named=(finding,)))["interpretations"]
    (one,) = told["diagnosis"]["genomicInterpretations"]
    variation = one["variantInterpretation"]["variationDescriptor"]
    assert (variation["vcfRecord"]["alt"], variation["vcfRecord"].get("info")) == (alt, info)
    assert variation.get("structuralType", {}).get("id") == kind


@pytest.mark.parametrize("word", sorted(allelic_states()))
def test_each_allelic_state(word: str) -> None:
    finding = replace(FOUND, alleles=(replace(ALLELE, zygosity=word),))
    (told,) = packet_of(record(decision=decision(), named=(finding,)))["interpretations"]
    (one,) = told["diagnosis"]["genomicInterpretations"]
    state = one["variantInterpretation"]["variationDescriptor"]["allelicState"]["id"]
    assert ZYGOSITY[state] == word


@pytest.mark.parametrize("word", sorted(ACMG))
def test_each_class(word: str) -> None:
    finding = replace(FOUND, alleles=(replace(ALLELE, acmg_class=word),))
    (told,) = packet_of(record(decision=decision(), named=(finding,)))["interpretations"]
    (one,) = told["diagnosis"]["genomicInterpretations"]
    told_class = one["variantInterpretation"]["acmgPathogenicityClassification"]
    assert told_class == ACMG[word]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"observed": (Coded("seizure", ""),)}, "'seizure' is not an HPO term"),
        ({"onset": Coded("x", "")}, "'x' is not an HPO term"),
        ({"excluded": (Coded("HP:0001250", ""),)}, "both observed and excluded"),
        ({"age": "three"}, "age 'three' is not a duration"),
        ({"gestation": "22+3", "age": ""}, "not in weeks and days"),
        ({"decision": decision(disease=Coded("free", ""))}, "'free' is of no vocabulary"),
        ({"candidates": (Candidate(FOUND, Coded("X:1", ""), 1, 1, 0.9),)}, "of no vocabulary"),
        ({"decision": decision(), "named": (replace(FOUND, alleles=(AlleleRecord("odd"),)),)},
         "variant 'odd' is not chrom-pos-ref-alt"),
        ({"decision": decision(), "named": (replace(FOUND, alleles=(AlleleRecord("1-0-A-G"),)),)},
         "that a VCF record could hold"),
        ({"decision": decision(), "named": (replace(FOUND, alleles=(AlleleRecord("1-1-A-é"),)),)},
         "an ALT that a VCF record could not hold"),
    ],
)  # fmt: skip
def test_each_refusal(change: Mapping[str, Any], reason: str) -> None:
    (refusal,) = written(record(**change))
    assert isinstance(refusal, Refusal)
    assert reason in "; ".join(refusal.reasons)


@given(records())
def test_any_record_is_a_valid_packet_or_is_refused_with_a_reason(one: CaseRecord) -> None:
    (first,) = written(one)
    assert written(one) == [first]
    if isinstance(first, Refusal):
        assert all(first.reasons)
        return
    assert list(phenopackets_check.check(first, CONTEXT)) == []
    text = first.text
    assert "\u202e" not in text
    for told in json.loads(text)["interpretations"]:
        solved = told.get("progressStatus") == "SOLVED"
        assert not solved or (one.decided and one.decided.outcome is Status.SOLVED)


def broken(change: Any) -> list[str]:
    """Faults that the checker finds in a right packet that was changed."""
    packet = packet_of(record(status=Status.SOLVED, decision=decision(), named=(FOUND,)))
    change(packet)
    return list(phenopackets_check.check(Document("F1.json", json.dumps(packet)), CONTEXT))


def variation_in(packet: Mapping[str, Any]) -> dict[str, Any]:
    genomic = packet["interpretations"][0]["diagnosis"]["genomicInterpretations"][0]
    found: dict[str, Any] = genomic["variantInterpretation"]["variationDescriptor"]
    return found


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda p: p.update(noSuchField=1), "does not follow the schema"),
        (lambda p: p.update(id=""), "no id, or no subject"),
        (lambda p: p["subject"].update(dateOfBirth="2001-01-01T00:00:00Z"), "date of birth"),
        (lambda p: p["subject"]["timeAtLastEncounter"]["age"].update(iso8601duration="3"),
         "is not a duration"),
        (lambda p: p["metaData"].update(phenopacketSchemaVersion="1.0"), "schema '1.0'"),
        (lambda p: p["metaData"].update(created="2024-03-07T00:00:00Z"), "as-of date"),
        (lambda p: p["metaData"]["resources"].pop(), "no resource for"),
        (lambda p: p["metaData"]["resources"].append(p["metaData"]["resources"][0]), "told twice"),
        (lambda p: p["metaData"]["resources"][0].update(version=""), "is not whole"),
        (lambda p: p["phenotypicFeatures"].append(p["phenotypicFeatures"][0]), "told twice"),
        (lambda p: p["diseases"][0]["term"].update(id="One"), "is not coded"),
        (lambda p: p["interpretations"].append(p["interpretations"][0]), "share an id"),
        (lambda p: p["interpretations"][0].update(progressStatus="IN_PROGRESS"),
         "CAUSATIVE in an interpretation that is IN_PROGRESS"),
        (lambda p: p["interpretations"][0].update(progressStatus="UNSOLVED"),
         "UNSOLVED with a diagnosis"),
        (lambda p: p["interpretations"][0]["diagnosis"]["disease"].update(id="x"), "is not coded"),
        (lambda p: p["diseases"][0].update(onset={"age": {"iso8601duration": "3"}}),
         "onset at '3' is not a duration"),
        (lambda p: p["interpretations"][0]["diagnosis"]["genomicInterpretations"][0].pop(
            "variantInterpretation"), "neither a variant nor a gene"),
        (lambda p: p["subject"].update(id="other"), "a finding of another subject"),
        (lambda p: variation_in(p)["allelicState"].update(id="GENO:0000134"),
         "GENO:0000134 (heterozygous) is not in the table"),
        (lambda p: variation_in(p).update(structuralType={"id": "SO:1", "label": "x"}),
         "SO:1 (x) is not in the table"),
        (lambda p: variation_in(p).update(label=""), "no id or no label"),
        (lambda p: variation_in(p)["vcfRecord"].update(chrom=""), "not whole"),
        (lambda p: variation_in(p)["vcfRecord"].update(ref="?"), "REF '?'"),
        (lambda p: variation_in(p)["vcfRecord"].update(alt="<DEL>"), "without its end"),
        (lambda p: variation_in(p)["geneContext"].update(valueId="GBA1"), "gene 'GBA1'"),
        (lambda p: variation_in(p)["expressions"][0].update(syntax="hgvs.g"), "is not hgvs.g"),
        (lambda p: variation_in(p)["expressions"][0].update(value="c.1A>G"), "is not hgvs.c"),
        (lambda p: variation_in(p).update(extensions=[]), "a class without its source"),
    ],
)  # fmt: skip
def test_each_fault_that_the_checker_knows(change: Any, fault: str) -> None:
    assert any(fault in one for one in broken(change)), broken(change)


def read_back(path: Path) -> CaseRecord:
    """A record with all that a phenopacket tells of one, published or exported."""
    packet, _ = read_phenopacket(path)
    assert packet is not None
    raw = json.loads(path.read_text(encoding="utf-8"))
    labels, phenotype = packet.labels, packet.phenotype
    told = raw["interpretations"][0]
    by_gene: defaultdict[Coded, list[AlleleRecord]] = defaultdict(list)
    assemblies = {PROVENANCE.release: "GRCh38"}
    genes: set[Coded] = set()
    for one in told["diagnosis"]["genomicInterpretations"]:
        variation = one.get("variantInterpretation", {}).get("variationDescriptor", {})
        gene = one.get("gene") or variation["geneContext"]
        genes.add(Coded(gene["valueId"], gene["symbol"]))
        if "vcfRecord" in variation:
            allele = allele_of(one["variantInterpretation"])
            by_gene[Coded(gene["valueId"], gene["symbol"])].append(allele)
            assemblies["held"] = variation["vcfRecord"]["genomeAssembly"]
    named = tuple(
        FindingRecord(f"{gene.id}||{'+'.join(a.key for a in alleles)}", gene, "", "",
                      tuple(alleles), held=False)
        for gene, alleles in sorted(by_gene.items())
    )  # fmt: skip
    disease = told["diagnosis"]["disease"]
    known = {"hpo_ontology": (packet.hpo,) * 2}
    return record(
        path.stem,
        patient=packet.subject,
        sex=packet.sex,
        age=phenotype.age,
        gestation=phenotype.gestation,
        onset=Coded(phenotype.onset, "") if phenotype.onset else None,
        history=History(packet.first_signs),
        observed=tuple(Coded(term, labels.get(term, "")) for term in phenotype.observed),
        excluded=tuple(Coded(term, labels.get(term, "")) for term in phenotype.excluded),
        assembly=assemblies.get("held", "GRCh38"),
        status=Status.SOLVED,
        decision=decision(
            disease=Coded(disease["id"], disease["label"]),
            gene=None if named else min(genes),  # a deletion without ends has a gene alone
            variants=(),
        ),
        named=named,
        candidates=(),
        provenance=replace(PROVENANCE, resources=known),
    )


def allele_of(told: Mapping[str, Any]) -> AlleleRecord:
    variation = told["variationDescriptor"]
    place = variation["vcfRecord"]
    # By the letter of the name itself: one published packet calls a mitochondrial name hgvs.c.
    values = [e["value"] for e in variation.get("expressions", ())]
    names = {value.partition(":")[2][0]: value for value in values}
    transcript, _, coding = (names.get("c") or names.get("n", "")).partition(":")
    return AlleleRecord(
        "-".join(str(place[part]) for part in ("chrom", "pos", "ref", "alt")),
        names.get("g", names.get("m", "")),
        coding,
        names.get("p", ""),
        transcript,
        zygosity=ZYGOSITY[variation["allelicState"]["id"]],
        acmg_class=CLASSES.get(told.get("acmgPathogenicityClassification", ""), ""),
    )


def published() -> Iterator[str]:
    with gzip.open(PUBLISHED, "rt", encoding="utf-8") as lines:
        yield from lines


@pytest.mark.shared_data
@pytest.mark.skipif(not PUBLISHED.is_file(), reason=f"{PUBLISHED} is absent")
def test_every_published_case_comes_back_as_it_was(tmp_path: Path) -> None:
    """What a record can hold: alleles without a VCF record are the only thing left behind."""
    seen: Counter[str] = Counter()
    path = tmp_path / "case.json"
    for line in published():
        path.write_text(line, encoding="utf-8")
        before = read_back(path)
        (document,) = written(before)
        assert isinstance(document, Document), (line[:80], document)
        assert list(phenopackets_check.check(document, CONTEXT)) == [], line[:80]
        path.write_text(document.text, encoding="utf-8")
        after = read_back(path)
        if not (before.observed or before.excluded):
            # A packet without HPO terms names no version of them.
            after = replace(after, provenance=before.provenance)
        assert after == before, line[:80]
        seen["cases"] += 1
        seen["with a gene alone"] += not before.named
        seen["alleles"] += sum(len(finding.alleles) for finding in before.named)
    print(dict(seen))
    assert seen["cases"] >= 6000
