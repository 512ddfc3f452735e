"""Small families and small releases, made in memory, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ariane.knowledge.contigs import Contigs
from ariane.knowledge.lookup import NULL_CONSEQUENCES, Covered, Knowledge
from ariane.model.case import Analysis, Case, Consent, Member, Phenotype, Sex, Status
from ariane.model.evidence import Evidence
from ariane.model.genotype import Genotype, encode_family
from ariane.model.stretches import stretch_of
from ariane.model.structural import spot_of
from ariane.rank.background import BACKGROUND
from ariane.rank.constants import load_constants
from ariane.rank.criteria import class_rows
from ariane.rank.evaluate import Finding, Setting, evaluate
from ariane.rank.inheritance import Site
from ariane.rank.profile import Profile, load_profile

CONSTANTS = replace(load_constants(), background={})
"""Without the background, which is tested apart: rows of one kind speak at a time."""
PROFILE = load_profile("clingen")
CONTIGS = Contigs({"1": 248_956_422, "X": 156_040_895, "Y": 57_227_415, "MT": 16_569})
GENE = "HGNC:1"
VARIANT = "1-100-A-T"

KID = Member("kid", "kid", father="dad", mother="mum", sex=Sex.MALE, affected=True)
GIRL = replace(KID, sex=Sex.FEMALE)
MUM = Member("mum", "mum", sex=Sex.FEMALE, affected=False)
DAD = Member("dad", "dad", sex=Sex.MALE, affected=False)
SISTER = Member("sis", "sis", father="dad", mother="mum", sex=Sex.FEMALE, affected=False)
BROTHER = Member("bro", "bro", father="dad", mother="mum", sex=Sex.MALE, affected=True)


def family(*members: Member, **fields: Any) -> Case:
    """A case whose proband is ``kid``."""
    given = {
        "phenotype": Phenotype(),
        "analysis": Analysis("f.vcf"),
        "consent": Consent(),
        "status": Status.IN_PROGRESS,
    } | fields
    return Case("F1", "kid", members, **given)


def call(text: str, **fields: Any) -> Genotype:
    """``0/1``, ``1|0``, ``./.``, ``1``: depths and quality as good as one wishes, unless given."""
    marks = text.replace("|", "/").split("/")
    alleles = tuple(None if m == "." else int(m) for m in marks)
    reads = {0: (30, 0), 1: (15, 15), 2: (0, 30)}
    count = sum(a == 1 for a in alleles) * (2 if len(alleles) == 1 else 1)
    ref, alt = reads[count]
    good = {"ref_depth": ref, "alt_depth": alt, "depth": 30, "quality": 60}
    return Genotype(alleles, phased="|" in text, **(good | fields))


def calls(**written: str | Genotype) -> dict[str, Genotype]:
    return {m: call(c) if isinstance(c, str) else c for m, c in written.items()}


def site(case: Case, sex_linked: bool = False, **written: str | Genotype) -> Site:
    return Site(case, calls(**written), sex_linked=sex_linked)


def decay(consequence: str) -> dict[str, Any]:
    """A null allele in the middle of the protein."""
    null = consequence.split("&")[0] in NULL_CONSEQUENCES
    return {"nmd": "expected" if null else "", "protein_lost": 500 if null else None}


def candidate(
    variant: str = VARIANT,
    consequence: str = "missense_variant",
    genotypes: Mapping[str, Genotype] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """A row of the ``candidates`` table."""
    chrom, pos, ref, alt = variant.split("-", 3)
    spot = spot_of(variant)
    held = calls(kid="0/1") if genotypes is None else dict(genotypes)
    return {
        "case": "F1",
        "variant": variant,
        "chrom": chrom,
        "pos": int(pos),
        "ref": ref,
        "alt": alt,
        "gene": GENE,
        "symbol": "GENE1",
        "transcript": "ENST1.1",
        "mane": True,
        "consequence": consequence,
        "consequence_alone": "",
        "protein_change": "",
        "dna_change": "",
        "codon": "ENST1:34" if consequence == "missense_variant" else "",
        "aa_ref": "R" if consequence == "missense_variant" else "",
        "aa_alt": "W" if consequence == "missense_variant" else "",
        **dict.fromkeys(("refseq", "place", "hgvs_g", "hgvs_c", "hgvs_p", "nmd", "others"), ""),
        **decay(consequence),
        "reach": "",
        "genes_hit": None,
        "genes_cut": None,
        "kind": spot.kind if spot else "small",
        "end": spot.end if spot else int(pos) + len(ref) - 1,
        "tier": "coding",
        "filters": "PASS",
        "genotypes": encode_family(held),
    } | fields


def asserted(klass: str, stars: int = 2, record: str = "rec", **fields: Any) -> dict[str, Any]:
    """A row of the ``assertions`` table, without its key."""
    said = {"klass": klass, "stars": stars, "accession": "", "conditions": "", "gene": GENE}
    return said | {"record": record, "resource": "assertions"} | fields


def null_allele(variant: str, stars: int = 1) -> dict[str, Any]:
    return known_allele(variant, "stop_gained", stars=stars)


def known_allele(variant: str, consequence: str = "missense_variant", **fields: Any) -> Any:
    """A row of the ``known_alleles`` table."""
    return {
        "gene": GENE,
        "variant": variant,
        "transcript": "ENST1.1",
        "consequence": consequence,
        "codon": "ENST1:34",
        "aa_ref": "R",
        "aa_alt": "Q",
        **dict.fromkeys(("hgvs_c", "hgvs_p", "place"), ""),
        **decay(consequence),
        "klass": "P",
        "stars": 2,
        "accession": "",
        "resource": "assertions",
        "record": f"known-{variant}",
    } | fields


def disease(modes: str = "AD", disease: str = "OMIM:1", gene: str = GENE) -> dict[str, Any]:
    return {
        "gene": gene,
        "symbol": "GENE1",
        "disease": disease,
        "disease_name": f"Disease {disease}",
        "modes": modes,
        "record": f"pair-{disease}-{modes}",
    }


ALL_KINDS = ("assertions", "frequencies", "coverage", "gene_disease", "dosage", "constraint")


def knowledge(
    *,
    present: Iterable[str] = ALL_KINDS,
    assertions: Mapping[str, list[Any]] | None = None,
    codons: list[Any] | None = None,
    nulls: list[Any] | None = None,
    frequencies: Mapping[str, float] | None = None,
    in_house: Mapping[str, Mapping[str, Any]] | None = None,
    families: Mapping[str, str] | None = None,
    diseases: Iterable[Mapping[str, Any]] = (),
    dosage: str = "",
    gain: str = "",
    structural: Mapping[str, list[Any]] | None = None,
    regions: Mapping[str, list[Any]] | None = None,
    seen: Iterable[tuple[str, int, int]] = (),
    constraint: float | None = None,
    missense_z: float | None = None,
    stretches: Mapping[str, list[Any]] | None = None,
    spectrum: str = "",
    validity: Iterable[str] = (),
    gencc: Iterable[str] = (),
    scores: Mapping[str, float] | None = None,
    covered: Iterable[tuple[str, int, int]] = (("1", 0, 10_000), ("X", 0, 10**8)),
) -> Knowledge:
    """What a release says; nothing but what is given."""
    pairs: dict[str, list[Mapping[str, Any]]] = {}
    for row in diseases:
        pairs.setdefault(row["gene"], []).append(row)
    return Knowledge(
        present=frozenset(present),
        assertions={
            k: tuple({"variant": k, **r} for r in v) for k, v in (assertions or {}).items()
        },
        codons={"ENST1:34": tuple(codons)} if codons else {},
        nulls={GENE: tuple(nulls)} if nulls else {},
        frequencies={
            v: ({"variant": v, "af": af, "filters": "", "record": f"af-{af}"},)
            for v, af in (frequencies or {}).items()
        },
        in_house={
            v: ({"variant": v, **row, "record": f"in-house-{v}"},)
            for v, row in (in_house or {}).items()
        },
        families=dict(families or {}),
        gene_disease={gene: tuple(rows) for gene, rows in pairs.items()},
        constraint={
            GENE: (
                {
                    "gene": GENE,
                    "loeuf": constraint,
                    "pli": 1.0,
                    "missense_z": missense_z,
                    "record": "c",
                },
            )
        }
        if constraint is not None or missense_z is not None
        else {},
        dosage={
            GENE: (
                {
                    "gene": GENE,
                    "haploinsufficiency": dosage,
                    "triplosensitivity": gain,
                    "record": "hi",
                },
            )
        }
        if dosage or gain
        else {},
        covered=Covered.of({"chrom": c, "start": s, "end": e} for c, s, e in covered),
        structural={k: tuple(v) for k, v in (structural or {}).items()},
        regions={k: tuple(v) for k, v in (regions or {}).items()},
        structural_covered=Covered.of({"chrom": c, "start": s, "end": e} for c, s, e in seen),
        stretches={k: tuple(v) for k, v in (stretches or {}).items()},
        spectra={
            GENE: (
                {
                    "gene": GENE,
                    "missense": spectrum == "missense",
                    "truncating": spectrum == "truncating",
                    "record": "spectrum",
                },
            )
        }
        if spectrum
        else {},
        validity=_judged(validity),
        gencc=_judged(gencc),
        scores={kind: {VARIANT: [{"score": value}]} for kind, value in (scores or {}).items()},
    )


def _judged(words: Iterable[str]) -> dict[str, tuple[dict[str, Any], ...]]:
    rows = tuple({"gene": GENE, "classification": w, "record": f"said-{w}"} for w in words)
    return {GENE: rows} if rows else {}


def setting(known: Knowledge) -> Setting:
    return Setting(known, CONSTANTS, PROFILE, CONTIGS)


def findings(case: Case, known: Knowledge, *candidates: dict[str, Any]) -> dict[str, Finding]:
    """Findings of one gene by ``mode|variants``."""
    found = evaluate(case, GENE, candidates, setting(known)).findings
    return {f.id.partition("|")[2]: f for f in found}


def points_of(finding: Finding) -> dict[str, int]:
    """Points by code, the background's aside; codes that stand twice are summed."""
    sums: dict[str, int] = {}
    for row in finding.rows:
        if row.code == BACKGROUND:
            continue
        sums[row.code] = sums.get(row.code, 0) + row.points
    return sums


def by_stretch(records: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Known missense alleles as they are looked up around a residue."""
    held: dict[str, list[Any]] = {}
    for record in records:
        held.setdefault(stretch_of(record["codon"]), []).append(record)
    return held


def codes_of(rows: Iterable[Evidence]) -> dict[str, int]:
    """Points by code; a code may stand once."""
    told = [(row.code, row.points) for row in rows]
    assert len(dict(told)) == len(told), told
    return dict(told)


def class_points_of(known: Knowledge, profile: Profile = PROFILE, **seen: Any) -> dict[str, int]:
    """Points by code of all ACMG criteria of one candidate, before its family is asked."""
    return codes_of(class_rows(candidate(**seen), known, profile))
