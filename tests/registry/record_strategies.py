"""Any record that the reader could give, and some that it should not, for property tests."""

from __future__ import annotations

from dataclasses import replace

from export_world import ALL, PROVENANCE, record
from hypothesis import strategies as st

from ariane.model.case import Sex, Status
from ariane.model.genotype import Genotype
from ariane.model.history import History
from ariane.registry.record import (
    AlleleRecord,
    Candidate,
    CaseRecord,
    Coded,
    DecisionRecord,
    FindingRecord,
    FlagRecord,
    Relative,
)

LABELS = st.sampled_from(
    ["", "Seizure", "=1+1", "<b>x</b>", "naïve été", "a\u202eb", 'say "x", y; z', "tab\there"]
)
TERMS = st.builds(
    Coded,
    st.sampled_from([f"HP:{n:07d}" for n in (118, 1250, 252, 1263, 707)]) | st.just("seizure"),
    LABELS,
)
GENES = st.builds(
    Coded, st.sampled_from(["HGNC:4177", "HGNC:3603", "ENSG00000139618.4", "gene-x"]), LABELS
)
DISEASES = st.builds(
    Coded, st.sampled_from(["OMIM:154700", "ORPHA:558", "MONDO:0007947", "free", "x:1", ""]), LABELS
)
KEYS = st.sampled_from(
    [
        "chr1-55-A-G", "chr1-90-CT-C", "1-90-C-CTT", "chrX-7-AC-GT", "chr2-10-ACG-T",
        "chrM-3243-A-G", "MT-8993-T-G", "chr1-1000-N-<DEL:5000>", "chr5-77-T-<DUP:TANDEM:900>",
        "chr3-10-A-<CNV:800>", "chr4-10-A-<INS:10>", "chr6-10-A-<INV:70>",
        "chr2-321681-G-G]chr17:198982]", "chr2-321682-T-T.", "chr1-5-A-*",
        "chr7-100-" + "ACGT" * 20 + "-A", "chr7-100-A-" + "ACGT" * 20,
    ]
)  # fmt: skip
NAMES = st.sampled_from(["", "c.1A>G", "n.64_65insT", "c.68-2A>G"])
GENOMIC = st.sampled_from(["", "NC_000001.11:g.55A>G", "NC_012920.1:m.3243A>G"])
PROTEINS = st.sampled_from(["", "p.(Lys1Glu)", "p.?", "NP_000341.2:p.(Arg2030Ter)"])
ZYGOSITIES = st.sampled_from(
    ["", "het", "hom", "hemi", "missing", "ref", "heteroplasmic", "homoplasmic"]
)
CALLS = st.none() | st.builds(
    Genotype,
    st.sampled_from([(0, 1), (1, 1), (1,), (None, None), (0, 0)]),
    ref_depth=st.none() | st.integers(0, 90),
    alt_depth=st.none() | st.integers(0, 90),
    depth=st.none() | st.integers(0, 200),
    copies=st.none() | st.integers(0, 6),
)
ALLELES = st.builds(
    AlleleRecord,
    KEYS,
    GENOMIC,
    NAMES,
    PROTEINS,
    st.sampled_from(["", "NM_000001.2", "ENST1.1"]),
    st.sampled_from(["", "missense_variant", "stop_gained&splice_region_variant"]),
    ZYGOSITIES,
    CALLS,
    st.sampled_from(["", "maternal", "paternal", "biparental", "de novo"]),
    st.sampled_from(["", "P", "LP", "VUS", "LB", "B", "B (BA1)"]),
    st.none() | st.integers(-9000, 20000),
    st.just(()) | st.just(("PM2_Supporting", "PS2")),
)


@st.composite
def findings(draw: st.DrawFn) -> FindingRecord:
    alleles = draw(st.lists(ALLELES, min_size=1, max_size=2, unique_by=lambda a: a.key))
    gene, mode = draw(GENES), draw(st.sampled_from(["AD", "AR", "XLD", "XLR", "MT", ""]))
    name = f"{gene.id}|{mode}|{'+'.join(a.key for a in alleles)}"
    zygosity = draw(st.sampled_from(["het", "hom", "hemi", "compound", "one hit", ""]))
    return FindingRecord(name, gene, mode, zygosity, tuple(alleles), draw(st.booleans()))


DECISIONS = st.builds(
    DecisionRecord,
    st.sampled_from([s for s in Status if s is not Status.WITHDRAWN]),
    st.sampled_from(["2024-02-01", "2023-12-31"]),
    st.sampled_from(["", "RCP-9"]),
    st.sampled_from(["", "RCP"]),
    st.sampled_from(["", " ", "CR-7", "=CR"]),
    st.none() | GENES,
    st.none() | DISEASES,
    st.just(()) | KEYS.map(lambda key: (key,)),
)
AGES = st.sampled_from(["", "P3Y", "P3Y2M", "P0D", "P77Y", "three years", "P400D"])

_TOLD = st.sampled_from(["", "P0D", "P12D", "P2M", "P3Y6M", "P41Y", "antenatal"])
HISTORIES = st.just(History()) | st.builds(
    History, _TOLD, _TOLD, _TOLD, st.sampled_from(["", "absent", "inadequate", "adequate"])
)
"""Ages as the intake lets them through."""


@st.composite
def records(draw: st.DrawFn, name: str | None = None) -> CaseRecord:
    """A record of one case; all its consents are given."""
    gestation = draw(st.sampled_from(["", "", "P22W3D", "P22W", "22 weeks"]))
    terms = st.lists(TERMS, max_size=4, unique_by=lambda t: t.id).map(sorted).map(tuple)
    held = draw(st.lists(findings(), max_size=3, unique_by=lambda f: f.id))
    provenance = replace(PROVENANCE, interpretable=draw(st.booleans() | st.just(True)))
    return record(
        name or draw(st.sampled_from(["F1", "DEMO-01", "a" * 64])),
        consent=ALL,
        status=draw(st.sampled_from([s for s in Status if s is not Status.WITHDRAWN])),
        sex=draw(st.sampled_from(Sex)),
        age="" if gestation else draw(AGES),
        gestation=gestation,
        onset=draw(st.none() | st.just(Coded("HP:0003593", "Infantile onset"))),
        history=draw(HISTORIES),
        observed=draw(terms),
        excluded=draw(terms),
        technique=draw(st.sampled_from(["panel", "exome", "genome"])),
        design=draw(st.sampled_from(["solo", "duo", "trio"])),
        assembly=draw(st.sampled_from(["GRCh38", "GRCh37"])),
        analysis_date=draw(st.sampled_from(["", "2024-01-31", "2019-06-01"])),
        laboratory=draw(st.sampled_from(["", "Laboratory-01", "=x"])),
        site=draw(st.sampled_from(["", "Site-01", "Site é"])),
        filiere=draw(st.sampled_from(["", "DéfiScience", "AnDDI-Rares"])),
        pre_indication=draw(st.sampled_from(["", "Déficience intellectuelle"])),
        relatives=draw(
            st.just(())
            | st.just(
                (
                    Relative("F1-M", "mother", Sex.FEMALE, False, True),
                    Relative("F1-S", "sibling", Sex.UNKNOWN, None, False),
                )
            )
        ),
        decision=draw(st.none() | DECISIONS),
        named=tuple(draw(st.lists(findings(), max_size=1))),
        candidates=tuple(
            Candidate(
                finding,
                draw(DISEASES),
                rank,
                rank,
                draw(st.none() | st.floats(0, 1).map(lambda p: round(p, 6))),
            )
            for rank, finding in enumerate(held, start=1)
        ),
        none_posterior=draw(st.none() | st.just(0.1)),
        flags=draw(
            st.just(())
            | st.just((FlagRecord("new candidate", None, "", "", "s", "2024-04-01", "c1"),))
        ),
        provenance=provenance,
    )
