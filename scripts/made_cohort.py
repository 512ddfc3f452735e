"""A made cohort of any size, three cycles long, on disk as a run leaves it: nobody in it exists.

Its genes, diseases and people are invented; flags, queue and follow-up are made by the product.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from ariane import files
from ariane.knowledge.decisions import COLUMNS as DECISION_COLUMNS
from ariane.knowledge.decisions import read_decisions
from ariane.knowledge.release import Source, assemble
from ariane.model import engine
from ariane.model.canonical import shard_name, shard_of, to_json
from ariane.model.case import Analysis, Case, Consent, Member, Phenotype, Sex, Status
from ariane.model.tables import CHANGES, EVENTS, FLAGS, STANDING
from ariane.reanalyse.flags import REVIEW, find_flags
from ariane.reanalyse.followup import COLUMNS as FOLLOW_UP_COLUMNS
from ariane.reanalyse.followup import follow_up_of
from ariane.reanalyse.frozen import Cycle, inputs_folder, write_by_shard
from ariane.reanalyse.policy import load_policy
from ariane.reanalyse.queueing import queue_flags
from ariane.reanalyse.steps import COLUMNS as STEP_COLUMNS
from ariane.reanalyse.sums import write_sums
from ariane.safe import tsv

Row = dict[str, Any]

SHARDS: Final = 16
CYCLES: Final = (
    ("2025-01", "made-A", datetime.date(2025, 1, 15)),
    ("2025-07", "made-B", datetime.date(2025, 7, 15)),
    ("2026-01", "made-C", datetime.date(2026, 1, 15)),
)
CAP: Final = 25
"""Flags for each site and cycle, so that something waits."""
KINDS: Final = {
    "new candidate": 5,
    "strengthened": 4,
    "gene gained a disease": 3,
    "partner found": 1,
    "weakened": 2,
    "withdrawn": 2,
}
STATUSES: Final = {
    Status.IMPASSE: 55,
    Status.IN_PROGRESS: 22,
    Status.CANDIDATE: 10,
    Status.SOLVED: 10,
    Status.REFUTED: 2,
    Status.CLOSED: 1,
}
NETWORKS: Final = ("AnDDI-Rares", "DéfiScience", "FILNEMUS", "G2M", "SENSGENE", "CARDIOGEN", "")


@dataclass(frozen=True)
class Made:
    """Where a made cohort lies."""

    folder: Path

    @property
    def cycle_folder(self) -> Path:
        """``results/cycles/{cycle}`` of the last cycle."""
        return self.folder / "results" / "cycles" / CYCLES[-1][0]

    def arguments(self, out: Path) -> list[str]:
        """Arguments of ``report_cohort.py`` for the last cycle."""
        cycle = self.cycle_folder
        given = {
            "--cycle-folder": cycle,
            "--inputs": inputs_folder(self.folder / "state", CYCLES[-1][0]),
            "--release": self.folder / "releases" / CYCLES[-1][1],
            "--release-before": self.folder / "releases" / CYCLES[-2][1],
            "--changes": cycle / "changes.parquet",
            "--follow-up": cycle / "follow_up.tsv",
            "--shards": SHARDS,
            "--html": out / "cohort.html",
            "--tsv": out / "cohort.tsv",
            "--flags-tsv": out / "flags.tsv",
            "--figures": out / "figures",
        }
        return [str(part) for pair in given.items() for part in pair]


def make(folder: Path, number: int, cap: int = CAP, seed: int = 11) -> Made:
    """Write a cohort of so many cases; the same number, cap and seed give the same cohort."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    policy = (files.RESOURCES / "policy.yaml").read_text(encoding="utf-8")
    capped = policy.replace("per_site_and_cycle: null", f"per_site_and_cycle: {cap}")
    (folder / "sources").mkdir(parents=True)
    files.write_text(folder / "policy.yaml", capped)
    cases = [_case(n, draw) for n in range(number)]
    steps: list[Row] = []
    decisions: list[Row] = []
    flags: Sequence[Row] = ()
    for place, (name, release, as_of) in enumerate(CYCLES):
        _release(folder, release, as_of)
        cases = _answered(cases, flags, as_of, steps, decisions, draw)
        _freeze(folder, place, cases, steps, decisions)
        flags = _told(folder, name, as_of, cases, draw)
    last = Made(folder).cycle_folder
    files.write_table(last / "changes.parquet", CHANGES, _changes(number, draw))
    rows, _ = follow_up_of(folder / "state", folder / "results", CYCLES[-1][0])
    table = tsv(FOLLOW_UP_COLUMNS, ([row[name] for name in FOLLOW_UP_COLUMNS] for row in rows))
    files.write_text(last / "follow_up.tsv", table)
    return Made(folder)


def _case(number: int, draw: random.Random) -> Case:
    name = f"MADE-{number:05d}"
    trio = draw.random() < 0.4
    parents = (Member("F", "F", sex=Sex.MALE), Member("M", "M", sex=Sex.FEMALE)) if trio else ()
    kin = ("F", "M") if trio else ("", "")
    members = (Member("P", "P", *kin, sex=Sex.FEMALE, affected=True), *parents)
    technique = draw.choices(("panel", "exome", "genome"), (1, 5, 4))[0]
    age = draw.triangular(0, 5 * 365, 5 * 365)  # most analyses are of late
    analysed = datetime.date(2020, 1, 1) + datetime.timedelta(days=round(age))
    return Case(
        name,
        "P",
        members,
        Phenotype(("HP:0001250",), age=f"P{draw.randrange(1, 60)}Y"),
        Analysis("made.vcf.gz", technique=technique, date=analysed.isoformat()),
        Consent(reanalysis=True),
        draw.choices(list(STATUSES), list(STATUSES.values()))[0],
        site=f"Site-{draw.randrange(12):02d}",
        filiere=draw.choice(NETWORKS),
        pregnancy=draw.random() < 0.02,
    )


def _release(folder: Path, name: str, as_of: datetime.date) -> None:
    kinds = {"reference": "fasta", "transcripts": "gff3", "frequencies": "gnomad_vcf"}
    sources = []
    for kind, form in kinds.items():
        path = folder / "sources" / f"{kind}.{name if kind == 'frequencies' else 'all'}"
        path.write_text(path.name, encoding="utf-8")
        facts = (form, as_of.isoformat(), as_of.isoformat(), "open", "CC0", "made")
        sources.append(Source(kind, path, *facts))
    assemble(name, as_of.isoformat(), sources, folder / "releases")


def _answered(
    cases: Sequence[Case],
    flags: Sequence[Row],
    as_of: datetime.date,
    steps: list[Row],
    decisions: list[Row],
    draw: random.Random,
) -> list[Case]:
    """What people did with the flags of the cycle before; gives the cases with their new status."""
    solved = set()
    for flag in flags:
        if flag["queued"] or not flag["finding"] or draw.random() < 0.3:
            continue
        day = as_of - datetime.timedelta(days=120)
        common = {"case_id": flag["case"], "finding": flag["finding"], "actor": "RPPS-1"}
        common |= dict.fromkeys(("report", "seen", "reason"), "")
        report = f"CR-{flag['case']}-{as_of.year}{as_of.month:02d}"
        taken = [("triage", "accepted", "biologist"), ("confirmation", "confirmed", "biologist")]
        taken += [("rcp", "approved", "RCP"), ("report", "signed", "biologist")]
        if draw.random() < 0.6:
            taken = [("triage", "dismissed", "biologist")]
        taken = taken[: draw.randrange(1, 5)]
        for step, outcome, role in taken:
            day += datetime.timedelta(days=20)
            row = common | {"step": step, "outcome": outcome, "role": role}
            row |= {"date": day.isoformat(), "seen": "0" * 12 if step == "triage" else ""}
            row |= {"reason": "does not fit" if outcome == "dismissed" else ""}
            steps.append(row | {"report": report if step == "report" else ""})
        if taken[-1][0] == "report" and flag["case"] not in solved:
            solved.add(flag["case"])
            decisions.append(_solved(flag["case"], flag["finding"], report, day))
    if flags:  # a few are found by other means, and no flag had told of them
        for case in draw.sample(cases, len(cases) // 500):
            if case.status.watched and case.id not in solved:
                solved.add(case.id)
                report = f"CR-{case.id}-other-{as_of.year}"
                finding = f"{_gene(draw)['gene']}|AD|chr2-{draw.randrange(10**6)}-C-T"
                decisions.append(_solved(case.id, finding, report, as_of))
    return [replace(one, status=Status.SOLVED) if one.id in solved else one for one in cases]


def _solved(case: str, finding: str, report: str, day: datetime.date) -> Row:
    gene, _, variants = finding.split("|")
    told = {"case_id": case, "outcome": "solved", "gene": gene, "variants": variants}
    told |= {"report": report, "actor": "RPPS-1", "role": "geneticist", "date": day.isoformat()}
    return dict.fromkeys(DECISION_COLUMNS, "") | told


def made_cycle(
    name: str, release: str, as_of: str, previous: str, shards: int, manifest: str
) -> Cycle:
    """A cycle over all cases: a delta where it has a previous one.

    Args:
        name: of the cycle.
        release: its name.
        as_of: its date.
        previous: name of the cycle before; empty for none.
        shards: their number.
        manifest: SHA-256 of the release's manifest.
    """
    return Cycle(
        cycle=name,
        release=release,
        as_of=as_of,
        previous=previous,
        kind="delta" if previous else "full",
        reasons=(),
        shards=shards,
        profile="clingen",
        engine=engine.numbers(),
        tables="",
        manifest=manifest,
        excluded={},
        anew=(),
    )


def _freeze(
    folder: Path,
    place: int,
    cases: Sequence[Case],
    steps: Sequence[Row],
    decisions: Sequence[Row],
) -> None:
    name, release, as_of = CYCLES[place]
    inputs = inputs_folder(folder / "state", name)
    write_by_shard(inputs, SHARDS, cases, {case.id: {} for case in cases})
    for file, columns, rows in (
        ("follow_up.tsv", STEP_COLUMNS, steps),
        ("decisions.tsv", DECISION_COLUMNS, decisions),
    ):
        files.write_text(inputs / file, tsv(columns, ([r[c] for c in columns] for r in rows)))
    files.write_bytes(inputs / "policy.yaml", (folder / "policy.yaml").read_bytes())
    previous = CYCLES[place - 1][0] if place else ""
    manifest = files.sha256_of(folder / "releases" / release / "manifest.yaml")
    cycle = made_cycle(name, release, as_of.isoformat(), previous, SHARDS, manifest)
    files.write_text(inputs / "cycle.json", to_json(asdict(cycle)))
    write_sums(inputs)


def _told(
    folder: Path, name: str, as_of: datetime.date, cases: Sequence[Case], draw: random.Random
) -> list[Row]:
    """Events, standing and flags of a cycle, written; gives the flags in the queue's order."""
    policy = load_policy(folder / "policy.yaml")
    decided, _ = read_decisions(inputs_folder(folder / "state", name) / "decisions.tsv")
    out = folder / "results" / "cycles" / name
    paths = []
    for number in range(SHARDS):
        own = [case for case in cases if shard_of(case.id, SHARDS) == number]
        standing = [row for case in own for row in _standing(case, draw)]
        events = [row for case in own for row in _events(case, name, draw)]
        here = {case.id for case in own}
        mine = [decision for decision in decided if decision.case in here]
        flags = find_flags(own, events, mine, policy, as_of, {}, cycle=name)
        shard = out / "shards" / shard_name(number, SHARDS)
        files.write_table(shard / "standing.parquet", STANDING, standing)
        files.write_table(shard / "events.parquet", EVENTS, events)
        files.write_table(shard / "flags.parquet", FLAGS, flags)
        paths.append(shard / "flags.parquet")
    queue_flags(paths, policy.cap, as_of, out / "flags.parquet")
    asked = f"SELECT \"case\", finding, queued FROM held WHERE reason <> '{REVIEW}'"  # noqa: S608
    return files.query(asked, held=out / "flags.parquet")


def _gene(draw: random.Random) -> dict[str, str]:
    number = draw.randrange(3000)
    return {"gene": f"HGNC:{10000 + number}", "symbol": f"MADE{number}"}


def _standing(case: Case, draw: random.Random) -> list[Row]:
    none = 0.95 if draw.random() < 0.7 else round(draw.random(), 6)
    blank: Row = dict.fromkeys(STANDING.columns, "") | {"case": case.id}
    numbers = ("local_points", "phenotype_points", "total_points", "rank", "gene_rank")
    blank |= dict.fromkeys((*numbers, "out_of_scope"), 0)
    rows = [blank | {"hypothesis": "none", "posterior": none}]
    if draw.random() < 0.97:
        gene, mode = _gene(draw), draw.choice(("AD", "AR", "XLR"))
        finding = f"{gene['gene']}|{mode}|chr1-{draw.randrange(10**6)}-A-G"
        disease = f"OMIM:{100000 + int(gene['symbol'][4:])}"
        leads = {"finding": finding, "mode": mode, "disease": disease, "rank": 1, "gene_rank": 1}
        leads |= {"hypothesis": f"{finding}|{disease}", "posterior": round((1 - none) * 0.8, 6)}
        name = f"Made disorder of {gene['symbol']}, with some words as names have them"
        rows.append(blank | gene | leads | {"disease_name": name, "total_points": 8000})
    return rows


def _events(case: Case, cycle: str, draw: random.Random) -> list[Row]:
    material = 1 if draw.random() < 0.04 else 0
    drifting = draw.randrange(1, 5) if draw.random() < 0.3 else 0
    return [_event(case, cycle, n < material, draw) for n in range(material + drifting)]


def _event(case: Case, cycle: str, material: bool, draw: random.Random) -> Row:
    gene = _gene(draw)
    variant = f"chr{draw.randrange(1, 23)}-{draw.randrange(10**6)}-A-G"
    kind = draw.choices(list(KINDS), list(KINDS.values()))[0] if material else "strengthened"
    bad = kind in ("weakened", "withdrawn")
    high = round(draw.uniform(0.15, 0.99), 6) if material else 0.001
    old, new = (high, round(high / 9, 6)) if bad else (round(high / 9, 6), high)
    classes = ("LP", "VUS") if bad else ("VUS", "LP")
    said = ("LP 2 stars", "VUS 1 star") if bad else ("VUS 1 star", "LP 2 stars")
    return {
        "case": case.id,
        **gene,
        "finding": f"{gene['gene']}|AD|{variant}",
        "kind": kind,
        "material": material,
        "old_points": 4000,
        "new_points": 1500 if bad else 7500 if material else 4000 + draw.randrange(-400, 400),
        "old_rank": 1 if bad else 6,
        "new_rank": 6 if bad else 1,
        "old_posterior": old,
        "new_posterior": new,
        "old_class": classes[0] if material else "VUS",
        "new_class": classes[1] if material else "VUS",
        "cause_resource": "assertions" if material else "hpo_annotations",
        "cause_key": variant if material else "OMIM:100000",
        "cause_old": said[0] if material else "",
        "cause_new": said[1] if material else "",
        "sentence": f"{kind}: assertion went from {said[0]} to {said[1]}",
        "first_seen": cycle,
        "last_changed": cycle,
    }


def _changes(number: int, draw: random.Random) -> list[Row]:
    words: Mapping[str, int] = {"new": 6, "upgraded": 2, "downgraded": 1, "removed": 1}
    return [
        {
            "resource": "assertions",
            "kind": "variant",
            "key": f"chr1-{n}-A-G",
            "change": draw.choices(list(words), list(words.values()))[0],
            "old": "",
            "new": "",
            "sentence": "",
        }
        for n in range(number // 5)
    ]
