"""The prepared tables of an invented release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reanalyse_genome import ALLELES, SYMBOLS, told_of
from reanalyse_world import World, symbols

from ariane import files
from ariane.knowledge import tables
from ariane.knowledge.annotations import read_disease_terms
from ariane.knowledge.assertions import BENIGN, PATHOGENIC
from ariane.knowledge.hpo import load_obo
from ariane.knowledge.in_house import case_digest
from ariane.knowledge.kinds import ASSERTING
from ariane.knowledge.release import Release
from ariane.knowledge.spectra import Tally
from ariane.model.canonical import digest, to_json

Row = dict[str, Any]


def prepare(folder: Path, release: Release, world: World) -> None:
    """Write the tables that preparing such a release would give."""
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
        "genes": [
            {"gene": gene, "symbol": symbol, "ncbi": "", "former": ""}
            for gene, symbol in symbols(world).items()
        ],
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
