"""An invented world small enough to draw at random: genes, alleles, diseases, terms, releases.

Releases are laid out by the code under test's own writers; only what the annotation engine would
give (the consequence of each allele) is written by hand.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pysam
import yaml

from ariane import files
from ariane.annotate.store import build_store
from ariane.knowledge import tables
from ariane.knowledge.annotations import read_disease_terms
from ariane.knowledge.assertions import BENIGN, PATHOGENIC
from ariane.knowledge.hpo import load_obo
from ariane.knowledge.in_house import case_digest
from ariane.knowledge.kinds import ASSERTING
from ariane.knowledge.release import Release
from ariane.knowledge.spectra import Tally
from ariane.model.canonical import digest, to_json
from ariane.model.case import Analysis, Case, Consent, Member, Phenotype, Sex, Status
from ariane.model.structural import spot_of
from ariane.model.tables import CANDIDATES
from ariane.rank.constants import load_constants
from ariane.rank.profile import load_profile
from ariane.rank.shard import Bench
from ariane.reanalyse.compare import compare, write_changes
from ariane.reanalyse.delta import Store, delta_pass, full_pass

Row = dict[str, Any]


@dataclass(frozen=True)
class Allele:
    """One allele with the consequence that the engine would give it."""

    chrom: str
    pos: int
    ref: str
    alt: str
    gene: str
    consequence: str
    residue: int = 0
    aa: str = ""
    tier: str = "coding"
    name: str = ""
    """The ``c.`` name, where it is not the one of its consequence."""

    @property
    def key(self) -> str:
        return f"{self.chrom}-{self.pos}-{self.ref}-{self.alt}"

    @property
    def codon(self) -> str:
        return f"ENST-{self.gene}:{self.residue}" if self.residue else ""


SYMBOLS = {"HGNC:1": "ONE", "HGNC:2": "TWO", "HGNC:3": "EXE", "HGNC:4": "MITO"}
GENES = tuple(SYMBOLS)
_HOME = {"HGNC:1": ("chr1", 1000), "HGNC:2": ("chr1", 5000), "HGNC:3": ("chrX", 3_000_000)}
_HOME["HGNC:4"] = ("chrM", 3000)


def told_of(allele: Allele) -> Row:
    """Names, place and decay, as annotation would tell them."""
    worst = allele.consequence.split("&")[0]
    names = {"hgvs_c": "", "hgvs_p": "", "place": "exon 5/5", "nmd": "", "protein_lost": None}
    if spot_of(allele.key):
        return names | {"place": "", "protein_lost": 400}
    if worst == "stop_gained":
        return names | {"hgvs_p": "p.(Arg90Ter)", "nmd": "expected", "protein_lost": 700}
    if worst == "frameshift_variant":
        # In the last exon: what others say of the end decides.
        residue = 300 + allele.pos % 100
        return names | {"hgvs_p": f"p.(Arg{residue}Ter)", "nmd": "escapes", "protein_lost": 80}
    if worst == "splice_donor_variant":
        name = allele.name or "c.90+1G>A"
        return names | {"hgvs_c": name, "place": "intron 3/4", "protein_lost": 90}
    return names | {"hgvs_c": allele.name}


def _alleles() -> tuple[Allele, ...]:
    found = []
    for gene, (chrom, at) in _HOME.items():
        found += [
            Allele(chrom, at, "A", "G", gene, "missense_variant", 7, "V"),
            Allele(chrom, at, "A", "T", gene, "missense_variant", 7, "V"),  # the same change
            Allele(chrom, at + 1, "C", "T", gene, "missense_variant", 7, "M"),  # the same residue
            Allele(chrom, at + 30, "G", "T", gene, "stop_gained"),
            Allele(chrom, at + 60, "GA", "G", gene, "frameshift_variant"),
            Allele(chrom, at + 90, "T", "C", gene, "intron_variant", tier="elsewhere"),
            Allele(chrom, at + 80, "G", "A", gene, "splice_donor_variant"),
        ]
    # The first gene's stop also lies in the second gene's intron: one variant, two genes.
    stop = found[3]
    found.append(
        Allele(
            stop.chrom, stop.pos, stop.ref, stop.alt, "HGNC:2", "intron_variant", 0, "", "elsewhere"
        )
    )
    # Structural: over exons, over two genes and several read keys, a whole gene gained, cut.
    far = "<DEL:4000000>"
    found += [
        Allele("chr1", 900, "A", "<DEL:1200>", "HGNC:1", "feature_truncation&frameshift_variant"),
        Allele("chr1", 500, "A", far, "HGNC:1", "transcript_ablation"),
        Allele("chr1", 500, "A", far, "HGNC:2", "transcript_ablation"),
        Allele("chr1", 4000, "A", "<DUP:7000>", "HGNC:2", "transcript_amplification"),
        Allele("chr1", 1050, "A", "A[chrX:3000050[", "HGNC:1", CUT),
        Allele("chrX", 3_000_000, "A", "<INV:3145727>", "HGNC:3", CUT),
    ]
    return tuple(found + _neighbours())


def _neighbours() -> list[Allele]:
    """What criteria compare in the first gene: missense alleles over two stretches of residues,
    others at the splice site, other ends of the protein, a lost start."""
    chrom, at = _HOME["HGNC:1"]
    crowd = [
        Allele(chrom, at + residue, "C", alt, "HGNC:1", "missense_variant", residue, "L")
        for residue, alt in ((12, "T"), (13, "T"), (15, "G"), (16, "T"), (17, "A"), (20, "T"))
    ]
    site = [
        Allele(chrom, at + step, ref, alt, "HGNC:1", consequence, name=name)
        for step, ref, alt, consequence, name in (
            (81, "T", "C", "splice_donor_variant", "c.90+2T>C"),
            (84, "G", "A", FIFTH, "c.90+5G>A"),
            (84, "G", "C", FIFTH, "c.90+5G>C"),
        )
    ]
    ends = [
        Allele(chrom, at + step, "GA", "G", "HGNC:1", "frameshift_variant") for step in (58, 62, 64)
    ]
    return [*crowd, *site, *ends, Allele(chrom, at - 20, "A", "G", "HGNC:1", "start_lost")]


CUT = "feature_truncation&coding_sequence_variant"
FIFTH = "splice_donor_5th_base_variant&intron_variant"
STRUCTURAL = range(29, 35)
"""Places of the structural alleles; those after them are what criteria compare."""
ALLELES = _alleles()
OF_GENE = {gene: tuple(a for a in ALLELES if a.gene == gene) for gene in GENES}
KEYS = tuple(dict.fromkeys(a.key for a in ALLELES))
NEIGHBOURS = tuple(dict.fromkeys(a.key for a in ALLELES[STRUCTURAL.stop :]))
FAR = ("chr1-900000-A-G", "chr1-900100-C-T", "chr1-900200-G-T")
"""Alleles near no gene, which a release may assert for one."""
DISEASES = ("OMIM:1", "OMIM:2", "OMIM:3", "ORPHA:4")
TERMS = tuple(f"HP:00010{n:02d}" for n in range(1, 10))
CONTIGS = {"chr1": 248_956_422, "chrX": 156_040_895, "chrM": 16_569}


@dataclass(frozen=True)
class Said:
    """One assertion of one allele, as a reader would give it."""

    klass: str
    stars: int
    conditions: str = ""
    accession: str = ""
    conflicts: str = ""

    def record(self) -> Row:
        said = {
            "klass": self.klass,
            "stars": self.stars,
            "accession": self.accession,
            "conditions": self.conditions,
            "gene": "",
            "conflicts": self.conflicts,
            "evaluated": "",
        }
        # As the readers do: the digest covers what is said, not of which allele.
        return {**said, "record": digest(said)}


@dataclass(frozen=True)
class World:
    """What one release knows."""

    assertions: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)
    frequencies: Mapping[str, float] = field(default_factory=dict)
    gene_disease: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Modes by (gene, disease)."""
    names: Mapping[str, str] = field(default_factory=dict)
    dosage: Mapping[str, str] = field(default_factory=dict)
    constraint: Mapping[str, float] = field(default_factory=dict)
    described: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """HPO's frequency text by (disease, term)."""
    ontology: str = "plain"
    """``plain``, ``merged``, ``obsolete``, ``moved`` or ``grown``."""
    structural: Mapping[tuple[str, str, int, int], float] = field(default_factory=dict)
    """Frequency by kind, contig, first and last base; of a breakend the two ends' bases."""
    regions: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """Both scores by first and last base of a region on chr1."""
    covered: tuple[tuple[str, int, int], ...] = (("chr1", 0, 4000), ("chrX", 0, 9_000_000))
    consensus: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)
    laboratory: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)
    failed: frozenset[str] = frozenset()
    """Alleles whose frequency record failed a filter."""
    in_house: Mapping[str, tuple[int, int, str]] = field(default_factory=dict)
    """Alleles, chromosomes and carriers by allele."""
    families: Mapping[str, str] = field(default_factory=dict)
    """The counted family by case."""
    validity: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    """Alleles asserted for a gene that they do not lie in, with that gene."""
    gencc: Mapping[str, str] = field(default_factory=dict)
    """GenCC's word by gene."""
    spread: Mapping[str, str] = field(default_factory=dict)
    """``missense``, ``truncating`` or ``mixed`` by gene; the others are counted."""
    homozygotes: Mapping[str, int] = field(default_factory=dict)
    """Homozygotes in the population by allele; the others are not counted."""
    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """What REVEL and SpliceAI say of substitutions, by kind; no kind that is not named is held."""
    panels: Mapping[str, str] = field(default_factory=dict)
    """Confidence of a gene on the one panel: shown, and evidence of nothing."""
    """A resource that is only shown: classification by gene."""
    lacks: frozenset[str] = frozenset()
    """Optional kinds of resource that the release does not hold."""


def obo(kind: str) -> str:
    """Thirteen terms: abnormality, two branches, leaves; the last leaf's fate by ``kind``."""
    terms = {"HP:0000001": [], "HP:0000118": ["HP:0000001"], "HP:0000005": ["HP:0000001"]}
    branch = {t: "HP:0000118" if i < 2 else TERMS[i % 2] for i, t in enumerate(TERMS)}
    if kind == "moved":
        branch[TERMS[5]] = TERMS[0] if branch[TERMS[5]] == TERMS[1] else TERMS[1]
    out = ["format-version: 1.2", f"data-version: hp/releases/{kind}", ""]
    stanzas = {**{t: list(p) for t, p in terms.items()}, **{t: [p] for t, p in branch.items()}}
    if kind == "grown":
        stanzas["HP:0001099"] = [TERMS[3]]
    for term, parents in stanzas.items():
        if term == TERMS[-1] and kind in ("merged", "obsolete"):
            if kind == "obsolete":
                out += ["[Term]", f"id: {term}", f"name: term {term}", "is_obsolete: true", ""]
            continue
        out += ["[Term]", f"id: {term}", f"name: term {term}"]
        if kind == "merged" and term == TERMS[2]:
            out.append(f"alt_id: {TERMS[-1]}")
        out += [f"is_a: {p}" for p in parents] + [""]
    return "\n".join(out)


def hpoa(world: World) -> str:
    columns = "database_id disease_name qualifier hpo_id reference evidence onset frequency sex"
    header = [*columns.split(), "modifier", "aspect", "biocuration"]
    lines = ["#description: invented", "\t".join(header)]
    for (disease, term), share in sorted(world.described.items()):
        cells = [disease, disease, "", term, "X:1", "PCS", "", share, "", "", "P", "X"]
        lines.append("\t".join(cells))
    return "\n".join(lines) + "\n"


def predictions(kind: str, said: Mapping[str, float]) -> str:
    """Scores of substitutions as their makers write them."""
    lines = []
    for key, score in said.items():
        chrom, pos, ref, alt = key.split("-")
        if kind == "revel":
            cells = [chrom, ".", pos, ref, alt, ".", ".", str(score), ""]
        else:
            deltas = f"SpliceAI={alt}|X|{score}|0|0|0|.|.|.|."
            cells = [chrom, pos, ".", ref, alt, ".", ".", deltas]
        lines.append((chrom, int(pos), "\t".join(cells)))
    return "".join(f"{line}\n" for _, _, line in sorted(lines))


def _indexed(path: Path, kind: str) -> Path:
    """Pack and index a file of predictions where it lies."""
    text = path.with_suffix(".txt")
    path.rename(text)
    pysam.tabix_compress(str(text), str(path), force=True)
    column = 2 if kind == "revel" else 1
    pysam.tabix_index(str(path), force=True, seq_col=0, start_col=column, end_col=column)
    return path.with_name(f"{kind}.tbi")


@dataclass(frozen=True)
class Laid:
    """A release and its prepared tables on disk."""

    release: Release
    folder: Path

    def bench(self) -> Bench:
        return Bench(self.release, self.folder, load_constants(), load_profile("clingen"))


def lay_out(root: Path, name: str, world: World, more: Mapping[str, str] | None = None) -> Laid:
    """Write a release with its manifest, and its prepared tables.

    Args:
        more: other content for resources by kind (``reference``: another genome).
    """
    pool = root / "releases" / "files" / name
    pool.mkdir(parents=True, exist_ok=True)
    content = {
        "reference": ">invented\n",
        "transcripts": "##gff-version 3\n",
        "hpo_ontology": obo(world.ontology),
        "hpo_annotations": hpoa(world),
        "gene_disease": repr((sorted(world.gene_disease.items()), sorted(world.names.items()))),
        "assertions": repr(sorted(world.assertions.items())),
        "frequencies": repr(
            (
                sorted(world.frequencies.items()),
                sorted(world.failed),
                sorted(world.homozygotes.items()),
            )
        ),
        "consensus": repr(sorted(world.consensus.items())),
        "laboratory": repr(sorted(world.laboratory.items())),
        "in_house": repr((sorted(world.in_house.items()), sorted(world.families.items()))),
        "validity": repr(sorted(world.validity.items())),
        "gencc": repr(sorted(world.gencc.items())),
        "panels": repr(sorted(world.panels.items())),
        "coverage": repr(world.covered),
        "dosage": repr(sorted(world.dosage.items())),
        "constraint": repr(sorted(world.constraint.items())),
        "structural_frequencies": repr(sorted(world.structural.items())),
        "structural_coverage": "chr1\t0\t9000000\n",
        "dosage_regions": repr(sorted(world.regions.items())),
        **{kind: predictions(kind, said) for kind, said in world.scores.items()},
    } | dict(more or {})
    formats = {
        "reference": "fasta",
        "transcripts": "gff3",
        "hpo_ontology": "obo",
        "hpo_annotations": "hpoa",
        "gene_disease": "phenotype_to_genes",
        "assertions": "clinvar_vcf",
        "frequencies": "gnomad_vcf",
        "consensus": "consensus_tsv",
        "laboratory": "consensus_tsv",
        "in_house": "in_house_vcf",
        "validity": "clingen_validity_csv",
        "gencc": "gencc_tsv",
        "revel": "revel_csv",
        "spliceai": "spliceai_vcf",
        "panels": "panelapp_tsv",
        "coverage": "bed",
        "dosage": "clingen_tsv",
        "constraint": "gnomad_tsv",
        "structural_frequencies": "sv_bed",
        "structural_coverage": "bed",
        "dosage_regions": "clingen_regions_tsv",
    }
    resources = {}
    for kind in sorted(set(content) - world.lacks):
        path = pool / kind
        path.write_text(content[kind], encoding="utf-8")
        resources[kind] = {
            "file": f"../files/{name}/{kind}",
            "format": formats[kind],
            "version": "1",
            "date": "2024-01-01",
            "sha256": hashlib.sha256(content[kind].encode()).hexdigest(),
            "licence": {"class": "open", "text": "CC0-1.0"},
            "source": "invented for tests",
        }
        if kind in world.scores:
            resources[kind]["companions"] = [_indexed(path, kind).name]
    fai = "".join(f"{c}\t{length}\t0\t60\t61\n" for c, length in CONTIGS.items())
    (pool / "reference.fai").write_text(fai, encoding="utf-8")
    folder = root / "releases" / name
    folder.mkdir(parents=True, exist_ok=True)
    manifest = {"schema": 1, "name": name, "as_of": "2024-03-06", "resources": resources}
    (folder / "manifest.yaml").write_text(yaml.safe_dump(manifest), encoding="utf-8")
    release = Release.open(folder)
    prepared = root / "knowledge" / name
    _prepare(prepared, release, world)
    return Laid(release, prepared)


def _prepare(folder: Path, release: Release, world: World) -> None:
    heard = {
        kind: [
            {"variant": key, **one.record()}
            for key, all_said in getattr(world, kind).items()
            for one in all_said
        ]
        for kind in ASSERTING
        if kind not in world.lacks
    }
    known = [
        {
            "gene": allele.gene,
            "variant": allele.key,
            "transcript": f"ENST-{allele.gene}.1",
            "consequence": allele.consequence,
            "codon": allele.codon,
            "aa_ref": "I" if allele.codon else "",
            "aa_alt": allele.aa,
            **told_of(allele),
            "resource": kind,
            **{k: row[k] for k in ("klass", "stars", "accession", "record")},
        }
        for kind, rows in heard.items()
        for row in rows
        if row["klass"] in PATHOGENIC | BENIGN
        for allele in ALLELES
        if allele.key == row["variant"]
    ]
    frequencies = []
    for key, af in world.frequencies.items():
        said = dict.fromkeys(("faf95", "grpmax", "ac", "an", "homozygotes", "hemizygotes"))
        said |= {"af": af, "basis": "total", "total": af}
        said |= {"filters": "AC0" if key in world.failed else ""}
        said |= {"homozygotes": world.homozygotes.get(key)}
        frequencies.append({"variant": key, **said, "record": digest(said)})
    in_house = []
    for key, (ac, an, carriers) in world.in_house.items():
        said = {"ac": ac, "an": an, "homozygotes": 0, "hemizygotes": 0, "carriers": carriers}
        in_house.append({"variant": key, **said, "record": digest(said)})
    families = [{"case": case_digest(c), "family": f} for c, f in world.families.items()]
    validity = []
    for gene, classification in world.validity.items():
        said = dict.fromkeys(("disease_name", "mode", "evaluated"), "")
        said |= {"disease": "MONDO:1", "classification": classification}
        validity.append({"gene": gene, **said, "record": digest(said)})
    gencc = []
    for gene, classification in world.gencc.items():
        said = dict.fromkeys(("disease_name", "mode", "evaluated"), "")
        said |= {"disease": "MONDO:1", "submitter": "X", "classification": classification}
        gencc.append({"gene": gene, **said, "record": digest(said)})
    panels = []
    for gene, confidence in world.panels.items():
        panel = {"panel": "1", "panel_name": "One", "confidence": confidence, "mode": ""}
        panels.append({"gene": gene, **panel, "record": digest(panel)})
    diseases = []
    for (gene, disease), modes in world.gene_disease.items():
        about = {"disease_name": world.names.get(disease, f"name of {disease}"), "modes": modes}
        record = digest({**about, "gene": gene, "disease": disease})
        diseases.append(
            {"gene": gene, "symbol": SYMBOLS[gene], "disease": disease, **about, "record": record}
        )
    dosage = [
        {
            "gene": g,
            "haploinsufficiency": s,
            "triplosensitivity": s,
            "record": digest({"haploinsufficiency": s}),
        }
        for g, s in world.dosage.items()
    ]
    constraint = [
        {"gene": g, "loeuf": v, "record": digest({"loeuf": v})}
        | {"pli": 1.0, "missense": None, "missense_z": 4.0 if v < 1 else 1.0}
        | {"missense_oe": v, "lof_oe": v, "lof_expected": 20.0}
        for g, v in world.constraint.items()
    ]
    covered = [{"chrom": c, "start": s, "end": e} for c, s, e in world.covered]
    content = {
        **{kind: heard.get(kind, []) for kind in ASSERTING},
        "frequencies": frequencies,
        "in_house": in_house,
        "gene_disease": diseases,
        "constraint": constraint,
        "dosage": dosage,
        "coverage": covered,
        "validity": validity,
        "gencc": gencc,
        "panels": panels,
        "structural_frequencies": _structural(world),
        "structural_coverage": [{"chrom": "chr1", "start": 0, "end": 9_000_000}],
        "dosage_regions": _regions(world),
    }
    laid = {kind: rows for kind, rows in content.items() if kind not in world.lacks}
    tally = Tally()
    laid |= {"known_alleles": list(tally.counting(known))}
    laid |= {"spectra": _spectra(tally, world)}
    named = {
        row["variant"] for rows in heard.values() for row in rows if row["klass"] in PATHOGENIC
    }
    laid |= {
        "asserted_elsewhere": [
            {"gene": gene, "symbol": SYMBOLS[gene], "variant": variant}
            for variant, gene in sorted(world.elsewhere.items())
            if variant in named and any(row["gene"] == gene for row in diseases)
        ]
    }
    laid |= {"in_house_families": families if "in_house" in laid else []}
    written = {}
    for table in tables.ALL:
        rows = laid.get(table.name, [])
        files.write_stream(folder / f"{table.name}.parquet", table, rows)
        written[table.name] = len(rows)
    annotations, ontology = release.path("hpo_annotations"), release.path("hpo_ontology")
    if annotations and ontology:
        terms = read_disease_terms(annotations, load_obo(ontology))
        terms.save(folder / "disease_terms.npz")
    summary = {
        "release": release.name,
        "as_of": release.as_of.isoformat(),
        "rows": written,
        "present": sorted(release.resources),
        "unknown_words": {},
        "unknown_by_resource": dict.fromkeys(ASSERTING, 0),
    }
    files.write_text(folder / "summary.json", to_json(summary) + "\n")


def _spectra(tally: Tally, world: World) -> list[Row]:
    held = {row["gene"]: row for row in tally.rows()}
    for gene, word in world.spread.items():
        said = {name: name == word for name in ("missense", "truncating")}
        held[gene] = {"gene": gene, **said, "record": digest(said)}
    return [held[gene] for gene in sorted(held)]


def _structural(world: World) -> list[Row]:
    rows = []
    for (kind, chrom, first, last), af in world.structural.items():
        mated = kind == "BND"
        said = {"kind": kind, "chrom": chrom, "start": first, "end": first if mated else last}
        said |= {"chrom2": "chrX" if mated else "", "pos2": last if mated else 0}
        said |= {"af": af, "homozygotes": 0}
        rows.append({**said, "record": digest(said)})
    return rows


def _regions(world: World) -> list[Row]:
    rows = []
    for (first, last), score in world.regions.items():
        said = {"region": f"ISCA-{first}", "name": "a region", "chrom": "chr1"}
        place = {"start": first, "end": last}
        scores = {"haploinsufficiency": score, "triplosensitivity": score}
        whole = {**said, **place, **scores}
        rows.append({**whole, "record": digest(whole)})
    return rows


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
        told = {"samples": {member: member for member in members}}
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


def kind_at(key: str) -> str:
    spot = spot_of(key)
    return spot.kind if spot else "small"


def end_of(allele: Allele) -> int:
    spot = spot_of(allele.key)
    return spot.end if spot else allele.pos + len(allele.ref) - 1


def copies_of(allele: Allele) -> Row:
    """How a copy-number variant lies on the gene, and how many genes it takes."""
    if kind_at(allele.key) not in ("DEL", "DUP"):
        return {"reach": "", "genes_hit": None, "genes_cut": None}
    if "transcript" in allele.consequence:
        hit = 26 if "ablation" in allele.consequence else 2
        return {"reach": "whole", "genes_hit": hit, "genes_cut": 0}
    return {"reach": "end", "place": "exon 5/5", "genes_hit": 1, "genes_cut": 1}


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


def build(root: Path, name: str, patients: Iterable[Patient]) -> Store:
    """A shard's store, by the store's own code."""
    sources = []
    for patient in patients:
        path = root / name / f"{patient.case.id}.parquet"
        files.write_table(path, CANDIDATES, candidates(patient))
        sources.append(path)
    store = Store(root / name / "candidates.parquet", root / name / "read_keys.parquet")
    build_store(sources, store.candidates, store.read_keys)
    return store


def quiet(_: str) -> None:
    """Progress that nobody watches."""


def full(patients: Sequence[Patient], store: Store, laid: Laid, out: Path) -> Path:
    """A full pass under a release; gives its folder."""
    full_pass([p.case for p in patients], store, laid.bench(), out, quiet)
    return out


def changes_between(root: Path, old: Laid, new: Laid) -> Path:
    """The changes table from one release to another."""
    path = root / f"{old.release.name}-{new.release.name}.changes.parquet"
    write_changes(path, compare(old.release, old.folder, new.release, new.folder))
    return path


def delta(
    patients: Sequence[Patient],
    store: Store,
    laid: Laid,
    previous: Sequence[Path],
    changes: Path,
    out: Path,
    anew: Iterable[str] = (),
    before: Sequence[Patient] | None = None,
) -> Path:
    """A delta pass under a release; gives its folder.

    The patients were the same before, unless told.
    """
    cases = [p.case for p in patients]
    then = cases if before is None else [p.case for p in before]
    delta_pass(cases, store, laid.bench(), previous, changes, anew, out, quiet, then)
    return out


def show(path: Path) -> Any:
    """A JSON file's content."""
    return json.loads(path.read_text(encoding="utf-8"))
