"""A large cohort in the folders of a run: published cases in drawn persons, and copies of them.

The cases of a few shards are ranked by the workflow's programs. Further shards hold the same cases
under new pseudonyms: their tables are those of the ranked shards with the column ``case`` written
anew, which is what ranking them would give: :meth:`Cohort.rerun` tells.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ariane.annotate.store import build_store
from ariane.files import RESOURCES, read_table, sha256_of, write_table, write_text
from ariane.intake.config import Settings
from ariane.knowledge.decisions import COLUMNS as DECISION_COLUMNS
from ariane.knowledge.release import Release
from ariane.model.canonical import sha256_of_rows, shard_name, shard_of, to_json
from ariane.model.case import Analysis, Case, Status
from ariane.model.tables import CANDIDATES, EVENTS, FLAGS, TOUCHED
from ariane.reanalyse.cycle import freeze
from ariane.reanalyse.effective import shard_state
from ariane.seals import sealed_writer
from published_cases import read_published
from ranking_cases import Put, put_into
from ranking_world import Allele, causal_alleles, read_by_product, read_persons
from reanalysis_speed_jobs import Job, Spent, run_all
from reanalysis_world import Patient

Row = dict[str, Any]

STORED: Final = 500
"""Stored variants of a case."""
SITES: Final = 20
SOLVED_EACH: Final = 20
"""Each so manieth case is solved, and a decision names its causal alleles."""
FIRST: Final = "first"
"""The cycle that all others follow."""
ANALYSED: Final = "2023-06-15"
STORE: Final = ("candidates", "read_keys")
BASE: Final = ("findings", "ledger", "touched", "phenotype", "standing")
TOLD: Final = ("events", "flags", "since")


def drawn_patients(
    cases: Path, backgrounds: Path, data: Path, work: Path, count: int
) -> list[Patient]:
    """Published cases of small variants, each in a drawn person who holds :data:`STORED` variants.

    A drawn person has about half as many, all of them rare and in proteins: those of a second
    person of the same sex fill up what is missing.

    Args:
        cases: published cases.
        backgrounds: drawn persons.
        data: the real data.
        work: an existing folder; the reference is left there.
        count: of cases; published ones are taken again when there are fewer.
    """
    held = [(case, found) for case in read_published(cases) if (found := causal_alleles(case))]
    held = held[:count]
    persons = read_persons(backgrounds)
    puts = [put_into(case, alleles, persons) for case, alleles in held]
    alleles = [a for p in puts for a in p.alleles]
    alleles += [a for _, own in persons.values() for a in own]
    candidates = read_by_product(alleles, data, work, real=True)
    names = {sex: sorted(n for n in persons if persons[n][0] == sex) for sex in ("M", "F")}
    second = {
        name: own[(place + 1) % len(own)]
        for own in names.values()
        for place, name in enumerate(own)
    }
    return [
        _patient(n, puts[n % len(puts)], persons, second, candidates, work) for n in range(count)
    ]


def _patient(
    number: int,
    put: Put,
    persons: Mapping[str, tuple[str, list[Allele]]],
    second: Mapping[str, str],
    candidates: Mapping[tuple[str, str], list[Row]],
    work: Path,
) -> Patient:
    rows: dict[tuple[str, str], Row] = {}
    own, other = persons[put.person][1], persons[second[put.person]][1]
    for allele in (*put.alleles, *own, *other):
        for row in candidates.get(allele.key, ()):
            if len(rows) < STORED:
                rows.setdefault((row["variant"], row["gene"]), row)
    causal = {r["variant"] for a in put.alleles for r in candidates.get(a.key, ())}
    solved = number % SOLVED_EACH == 0 and bool(causal)
    case = replace(
        put.case,
        status=Status.SOLVED if solved else Status.IMPASSE,
        site=f"site{number % SITES:02d}",
        analysis=Analysis(str(work / "calls.vcf"), technique="exome", date=ANALYSED),
        decided=tuple(sorted(causal)) if solved else (),
    )
    return Patient(case, tuple(rows[key] for key in sorted(rows)))


@dataclass(frozen=True)
class Place:
    """Where releases lie: the folder of each by its name."""

    releases: Path
    prepared: Path


class Cohort:
    """Cases in shards of one size, in the folders of a run.

    Args:
        home: an existing folder, where ``state`` and ``results`` come to lie.
        parts: the cases of some shards; further shards repeat them.
        shards: number of shards.
        place: the releases.
    """

    def __init__(
        self, home: Path, parts: Sequence[Sequence[Patient]], shards: int, place: Place
    ) -> None:
        self.home, self.shards, self.place = home, shards, place
        self._parts = parts
        self.names = [
            [pseudonym(n, shard, shards) for n in range(len(parts[shard % len(parts)]))]
            for shard in range(shards)
        ]
        calls = home / "calls.vcf"
        write_text(calls, "##fileformat=VCFv4.2\n")
        self._calls = calls
        checksum, folder = sha256_of(calls), home / "results" / "cases"
        for shard, names in enumerate(self.names):
            for name, patient in zip(names, parts[shard % len(parts)], strict=True):
                told = {"vcf_sha256": checksum, "rows": {"all": len(patient.rows)}}
                (folder / name).mkdir(parents=True)
                (folder / name / "annotation.json").write_text(to_json(told), encoding="utf-8")
        write_text(home / "families.tsv", "the sheet is not read again\n")
        write_text(home / "decisions.tsv", self._decisions())

    @property
    def cases(self) -> list[Case]:
        """All cases."""
        return [
            replace(
                patient.case,
                id=name,
                analysis=replace(patient.case.analysis, vcf=str(self._calls)),
            )
            for shard, names in enumerate(self.names)
            for name, patient in zip(names, self._parts[shard % len(self._parts)], strict=True)
        ]

    def store(self, shard: int) -> Path:
        """Folder of a shard's store."""
        return self.home / "results" / "store" / shard_name(shard, self.shards)

    def folder(self, cycle: str, shard: int) -> Path:
        """Folder of a shard's tables in a cycle."""
        cycles = self.home / "results" / "cycles"
        return cycles / cycle / "shards" / shard_name(shard, self.shards)

    def build_stores(self) -> None:
        """Build the store of each shard from its cases' candidates."""
        for shard, names in enumerate(self.names):
            source = self.home / "source.parquet"
            held = zip(names, self._parts[shard % len(self._parts)], strict=True)
            write_table(
                source, CANDIDATES, ({**row, "case": name} for name, p in held for row in p.rows)
            )
            folder = self.store(shard)
            build_store([source], folder / "candidates.parquet", folder / "read_keys.parquet")
            source.unlink()

    def copy_of(self, other: Cohort) -> None:
        """Take over stores and first cycle from a cohort of the same parts, under own pseudonyms.

        Row groups stay as they are, for what is read of a store goes by them.
        """
        for shard, names in enumerate(self.names):
            there = shard % other.shards
            new = dict(zip(other.names[there], names, strict=True))
            pairs = [(other.store(there), self.store(shard), STORE)]
            pairs.append((other.folder(FIRST, there), self.folder(FIRST, shard), (*BASE, *TOLD)))
            for source, target, tables in pairs:
                target.mkdir(parents=True)
                for table in tables:
                    renamed(source / f"{table}.parquet", target / f"{table}.parquet", new)

    def freeze(self, cycle: str, release: str, previous: str = "", full: bool = False) -> None:
        """Begin a cycle: its inputs are checked and frozen by the product."""
        settings = Settings(
            cycle=cycle,
            release=release,
            families=self.home / "families.tsv",
            previous=previous,
            full=full,
            releases=self.place.releases,
            decisions=self.home / "decisions.tsv",
            policy=RESOURCES / "policy.yaml",
            shards=self.shards,
            regions=None,
            gene_padding=0,
            profile="clingen",
            language="en",
            pages="flagged",
            registries={},
        )
        opened = Release.open(self.place.releases / release)
        freeze(settings, opened, self.cases, self.home / "state", {})

    def run(
        self,
        cycle: str,
        release: str,
        changes: Path | None = None,
        *,
        full: bool = False,
        shards: int | None = None,
    ) -> Spent:
        """Rank the shards, and find events and flags, by the programs that the rules call.

        Args:
            cycle: a frozen one.
            release: its release.
            changes: from the release before to this one; None in the first cycle.
            full: whether the cycle was frozen as a full pass.
            shards: how many of them, unless all.
        """
        jobs = (cycle, release, changes, full or changes is None)
        chains = [self._jobs(*jobs, n) for n in range(shards or self.shards)]
        return run_all(chains, self.home / "logs" / cycle)

    def queue(self, cycle: str, as_of: datetime.date) -> Spent:
        """Put the flags of all shards in one order."""
        folder = self.home / "results" / "cycles" / cycle
        job: Job = [
            *("queue_flags.py", "--cycle-folder", folder, "--shards", str(self.shards)),
            *("--inputs", self._inputs(cycle), "--as-of", as_of.isoformat()),
            *("--out", folder / "flags.parquet"),
        ]
        return run_all([[job]], self.home / "logs" / cycle)

    def rerun(self, cycle: str, release: str, shard: int) -> dict[str, str]:
        """What a full pass, done again beside the first, gives: see :meth:`content`."""
        out = self.home / "again" / self.folder(cycle, shard).name
        run_all([self._jobs(cycle, release, None, True, shard, out)], self.home / "logs" / "again")
        return _content([out])

    def content(self, cycles: Sequence[str], shard: int) -> dict[str, str]:
        """Digests of a shard's state, and of the events and flags of the last cycle."""
        return _content([self.folder(cycle, shard) for cycle in cycles])

    def digests(self, cycles: Sequence[str], shard: int) -> dict[str, str]:
        """Digests of a shard's state in the last of some cycles."""
        return shard_state([self.folder(cycle, shard) for cycle in cycles]).digests()

    def touched(self, cycle: str, shards: int | None = None) -> int:
        """Pairs of case and gene that a cycle rewrote."""
        folders = [self.folder(cycle, n) for n in range(shards or self.shards)]
        return sum(len(read_table(f / "touched.parquet", TOUCHED)) for f in folders)

    def bytes_of(self, folders: Sequence[Path], tables: Sequence[str]) -> int:
        """Bytes of some tables in some folders."""
        return sum((f / f"{table}.parquet").stat().st_size for f in folders for table in tables)

    def frozen_bytes(self, cycle: str) -> int:
        """Bytes of a cycle's frozen inputs."""
        paths = self._inputs(cycle).rglob("*")
        return sum(path.stat().st_size for path in paths if path.is_file())

    def _inputs(self, cycle: str) -> Path:
        return self.home / "state" / "cycles" / cycle / "inputs"

    def _jobs(
        self,
        cycle: str,
        release: str,
        changes: Path | None,
        full: bool,
        shard: int,
        elsewhere: Path | None = None,
    ) -> list[Job]:
        name, out = shard_name(shard, self.shards), elsewhere or self.folder(cycle, shard)
        common: Job = [
            *("--state", self.home / "state", "--cycle", cycle, "--shard", name),
            *("--release", self.place.releases / release),
            *("--knowledge", self.place.prepared / release),
        ]
        before = [self.folder(FIRST, shard)] if changes else []
        store = self.store(shard)
        out.mkdir(parents=True, exist_ok=True)
        rank: list[str | Path] = [
            *("rank_shard.py", *common, "--cases", self.home / "results" / "cases", "--out", out),
            *("--candidates", store / "candidates.parquet"),
            *("--read-keys", store / "read_keys.parquet"),
        ]
        watch: list[str | Path] = ["find_events.py", *common, "--previous", *before]
        watch += ["--current", *(() if full else before), out]
        if changes:
            if not full:
                rank += ["--changes", changes, "--previous", *before]
            waiting = self.home / "results" / "cycles" / FIRST / "flags.parquet"
            watch += ["--changes", changes, "--waiting", waiting]
            watch += ["--past", self.folder(FIRST, shard) / "since.parquet"]
        for table in TOLD:
            watch += [f"--{table}", out / f"{table}.parquet"]
        return [rank, watch]

    def _decisions(self) -> str:
        signed = {"actor": "meeting", "role": "RCP", "date": "2023-09-01"}
        lines = ["\t".join(DECISION_COLUMNS)]
        for case in self.cases:
            if case.status is Status.SOLVED:
                row = dict.fromkeys(DECISION_COLUMNS, "") | signed
                row |= {"case_id": case.id, "outcome": "solved", "report": f"R-{case.id}"}
                row["variants"] = "+".join(case.decided)
                lines.append("\t".join(row[name] for name in DECISION_COLUMNS))
        return "\n".join(lines) + "\n"


def _content(chain: Sequence[Path]) -> dict[str, str]:
    found = shard_state(chain).digests()
    for table in (EVENTS, FLAGS):
        rows = read_table(chain[-1] / f"{table.name}.parquet", table)
        found[table.name] = sha256_of_rows(rows)
    return found


def pseudonym(number: int, shard: int, shards: int) -> str:
    """A name that lies in a shard; names of a shard sort by their numbers."""
    attempt = 0
    while True:
        drawn = sha256(f"{number} {shard} {shards} {attempt}".encode()).hexdigest()[:8]
        name = f"C{number:05d}-{drawn}"
        if shard_of(name, shards) == shard:
            return name
        attempt += 1


def renamed(source: Path, target: Path, names: Mapping[str, str]) -> None:
    """Write a table with other names in its column ``case``; row groups stay as they are.

    Args:
        source: a table of the product.
        target: where the other one goes.
        names: the new name of each; their order is that of the old ones.
    """
    old = pa.array(list(names), pa.string())
    new = pa.array(list(names.values()), pa.string())
    with (
        pq.ParquetFile(source) as held,
        sealed_writer(target, held.schema_arrow, compression="zstd") as writer,
    ):
        at = held.schema_arrow.names.index("case")
        for number in range(held.num_row_groups):
            part = held.read_row_group(number)
            case = part["case"].combine_chunks()
            column = new.take(pc.index_in(case, value_set=old))
            writer.write_table(part.set_column(at, held.schema_arrow.field("case"), column))
