"""Reads the records of a cycle: from its frozen inputs, the tables in force and its release."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pyarrow.compute as pc
from pydantic import TypeAdapter

from ariane.files import read_arrow, read_table
from ariane.knowledge.hpo import Ontology, load_obo
from ariane.knowledge.kinds import FORMATS
from ariane.knowledge.lookup import select
from ariane.knowledge.release import Release
from ariane.knowledge.tables import GENE_DISEASE, GENES, ORPHANET_GENES, ORPHANET_REFERENCES
from ariane.model.canonical import shard_name, shard_of
from ariane.model.case import Case, Decision
from ariane.model.errors import ArianeError
from ariane.model.tables import FINDINGS, FLAGS, LEDGER, STANDING
from ariane.rank.finding import one_hit
from ariane.reanalyse.effective import effective
from ariane.reanalyse.frozen import Frozen, chain, open_cycle
from ariane.registry.decided import by_case
from ariane.registry.record import (
    Candidate,
    CaseRecord,
    Coded,
    DecisionRecord,
    FindingRecord,
    FlagRecord,
    Provenance,
    Relative,
)
from ariane.registry.record_findings import finding_record, named_findings

LEADING: Final = 10
"""Hypotheses kept of each case, as many as its page shows."""

_OWN_DATA: Final = "case"
"""Source of the flags that the family's own data raised."""

_IN_MEMORY: Final = 64 * 1024 * 1024
"""Bytes of records kept in memory before they go to a temporary file."""

_NOWHERE: Final = Provenance("", "", "", {}, {}, interpretable=False)
"""Stands in for the one provenance of all records while they are laid down."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Records:
    """The records of a cycle, in order of case; one shard's tables are in memory at a time."""

    provenance: Provenance
    left_out: Mapping[str, str]
    """Cases of the sheet that the cycle left alone, with the reason: no record tells of them."""
    knowledge: Path
    """The cycle's release, prepared."""
    _frozen: Frozen
    _links: tuple[str, ...]
    _cycles: Path
    _names: _Names
    _leading: int

    def __iter__(self) -> Iterator[CaseRecord]:
        """Each case's record, sorted by case.

        Raises:
            ArianeError: a table is missing or damaged.
        """
        shards = self._frozen.cycle.shards
        by_shard: defaultdict[int, list[Case]] = defaultdict(list)
        for case in self._frozen.cases:
            by_shard[shard_of(case.id, shards)].append(case)
        places: dict[str, tuple[int, int]] = {}
        laid = TypeAdapter(CaseRecord)
        # Cases are spread over shards by chance: what each shard gives is laid down, then told in
        # order of case, so that memory holds neither all tables nor all records.
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
            for index, cases in sorted(by_shard.items()):
                for record in self._shard(shard_name(index, shards), cases):
                    start = spool.tell()
                    spool.write(laid.dump_json(replace(record, provenance=_NOWHERE)))
                    places[record.case] = (start, spool.tell())
            for _, (start, end) in sorted(places.items()):
                spool.seek(start)
                held = laid.validate_json(spool.read(end - start))
                yield replace(held, provenance=self.provenance)

    def _shard(self, shard: str, cases: Sequence[Case]) -> Iterator[CaseRecord]:
        folders = [self._cycles / link / "shards" / shard for link in self._links]
        table = read_arrow(folders[-1] / "standing.parquet", STANDING)
        leading = table.filter(pc.less_equal(table["rank"], self._leading)).to_pylist()
        standing, flags = _group(leading), _group(read_table(folders[-1] / "flags.parquet", FLAGS))
        decisions = {case.id: self._names.decisions.get(case.id, ()) for case in cases}
        pairs = {(str(r["case"]), str(r["gene"])) for r in leading if r["gene"]}
        pairs |= {(d.case, d.gene) for held in decisions.values() for d in held if d.gene}
        findings = _group(effective(folders, FINDINGS, pairs))
        ledger = _group(effective(folders, LEDGER, pairs))
        for case in cases:
            yield self._record(
                case,
                standing[case.id],
                [finding_record(row, ledger[case.id], case) for row in findings[case.id]],
                flags[case.id],
                decisions[case.id],
            )

    def _record(
        self,
        case: Case,
        standing: Sequence[Row],
        findings: Sequence[FindingRecord],
        flags: Sequence[Row],
        decisions: Sequence[Decision],
    ) -> CaseRecord:
        names = self._names
        decision = decisions[-1] if decisions else None
        none = next((float(r["posterior"]) for r in standing if r["rank"] == 0), None)
        by_id = {finding.id: finding for finding in findings}
        ranked = sorted(
            (r for r in standing if r["rank"] > 0), key=lambda r: (r["rank"], r["hypothesis"])
        )
        lost = next((r["finding"] for r in ranked if r["finding"] not in by_id), None)
        if lost is not None:
            raise ArianeError(
                f"case {case.id}: the standing names {lost}, which the findings do not hold. "
                "Run the ranking of this shard again."
            )
        candidates = tuple(_candidate(row, by_id[row["finding"]]) for row in ranked)
        phenotype, analysis = case.phenotype, case.analysis
        order = [candidate.finding.id for candidate in candidates]
        told = sorted(
            (row for row in flags if row["source"] != _OWN_DATA),
            key=lambda r: (r["priority"], r["reason"], r["symbol"], r["finding"]),
        )
        return CaseRecord(
            case=case.id,
            patient=case.proband,
            consent=case.consent,
            status=case.status,
            sex=case.patient.sex,
            age="" if phenotype.prenatal else phenotype.age,
            gestation=phenotype.gestation,
            onset=names.term(phenotype.onset) if phenotype.onset else None,
            history=case.history,
            observed=names.terms(phenotype.observed),
            excluded=names.terms(phenotype.excluded),
            technique=analysis.technique,
            design=case.design,
            assembly=analysis.assembly,
            analysis_date=analysis.date,
            laboratory=analysis.laboratory,
            site=case.site,
            filiere=case.filiere,
            pre_indication=case.pre_indication,
            relatives=tuple(_relatives(case)),
            decision=names.decision(decision) if decision else None,
            earlier=tuple(names.decision(one) for one in decisions[:-1]),
            named=named_findings(decision, findings, order, names.gene) if decision else (),
            candidates=candidates,
            none_posterior=none,
            flags=tuple(_flag(row) for row in told),
            provenance=self.provenance,
        )


@dataclass(frozen=True)
class _Names:
    """What a release calls genes, diseases and terms, as far as the cases need it."""

    decisions: Mapping[str, Sequence[Decision]]
    """Of each case, the latest last."""
    symbols: Mapping[str, str]
    diseases: Mapping[str, str]
    ontology: Ontology | None

    @classmethod
    def of(cls, decisions: Iterable[Decision], release: Release, knowledge: Path) -> _Names:
        decisions = list(decisions)
        genes = frozenset(d.gene for d in decisions if d.gene)
        diseases = frozenset(d.disease for d in decisions if d.disease)
        symbols = {g: str(rows[0]["symbol"]) for g, rows in _of(knowledge, GENES, genes).items()}
        titles: dict[str, str] = {}
        for table in (ORPHANET_REFERENCES, ORPHANET_GENES, GENE_DISEASE):
            found = select(knowledge, table, "disease", diseases)
            titles |= {disease: str(rows[0]["disease_name"]) for disease, rows in found.items()}
        path = release.path("hpo_ontology")
        return cls(by_case(decisions), symbols, titles, load_obo(path) if path else None)

    def gene(self, gene: str) -> Coded:
        return Coded(gene, self.symbols.get(gene, ""))

    def term(self, raw: str) -> Coded:
        if self.ontology is None:
            return Coded(raw, "")
        found = self.ontology.resolve(raw)
        return Coded(found.term or raw, found.label)

    def terms(self, raw: Iterable[str]) -> tuple[Coded, ...]:
        return tuple(sorted({self.term(one) for one in raw}))

    def decision(self, decision: Decision) -> DecisionRecord:
        disease = decision.disease
        return DecisionRecord(
            outcome=decision.outcome,
            date=decision.date,
            actor=decision.actor,
            role=decision.role,
            report=decision.report.strip(),
            gene=self.gene(decision.gene) if decision.gene else None,
            disease=Coded(disease, self.diseases.get(disease, "")) if disease else None,
            variants=tuple(filter(None, decision.variants.split("+"))),
        )


def open_records(
    inputs: Path, cycles: Path, release: Path, knowledge: Path, *, leading: int = LEADING
) -> Records:
    """Open the records of a cycle; nothing of its tables is read before they are iterated.

    Args:
        inputs: the cycle's frozen inputs, ``state/cycles/{cycle}/inputs``.
        cycles: ``results/cycles``.
        release: folder of the manifest of the cycle's release.
        knowledge: that release, prepared: ``results/releases/{release}/knowledge``.
        leading: hypotheses to keep of each case.

    Raises:
        ArianeError: the cycle was never begun, the release is not the cycle's, or a file is
            missing or damaged.
    """
    folder = inputs.absolute()
    if folder.name != "inputs":
        raise ArianeError(f"{inputs}: not the frozen inputs of a cycle. Give state/cycles/C/inputs")
    state, name = folder.parents[2], folder.parent.name
    frozen = open_cycle(state, name)
    opened = Release.open(release)
    if opened.name != frozen.cycle.release:
        raise ArianeError(
            f"cycle {name}: it was made under release {frozen.cycle.release}, but {opened.name} "
            "was given. Give the release of the cycle."
        )
    provenance = Provenance(
        cycle=name,
        release=opened.name,
        as_of=frozen.cycle.as_of,
        engine=dict(frozen.cycle.engine),
        resources={kind: (r.version, r.date) for kind, r in sorted(opened.resources.items())},
        interpretable=opened.interpretable,
    )
    links = tuple(link.cycle for link in chain(state, name))
    names = _Names.of(frozen.decisions, opened, knowledge)
    return Records(
        provenance, dict(frozen.cycle.excluded), knowledge, frozen, links, cycles, names, leading
    )


def _candidate(row: Row, finding: FindingRecord) -> Candidate:
    # The standing's symbol is the release's; a finding has it from the transcripts.
    return Candidate(
        finding=replace(finding, gene=Coded(str(row["gene"]), str(row["symbol"]))),
        disease=Coded(str(row["disease"]), str(row["disease_name"])),
        rank=int(row["rank"]),
        gene_rank=int(row["gene_rank"]),
        posterior=None if one_hit({"zygosity": finding.zygosity}) else float(row["posterior"]),
    )


def _flag(row: Row) -> FlagRecord:
    source = str(row["source"])
    return FlagRecord(
        reason=str(row["reason"]),
        gene=Coded(str(row["gene"]), str(row["symbol"])) if row["gene"] else None,
        finding=str(row["finding"]),
        hgvs=str(row["hgvs"]),
        source=source if source.split(" ")[0] in FORMATS else "",
        due=str(row["due"]),
        since=str(row["since"]),
    )


def _relatives(case: Case) -> Iterator[Relative]:
    patient = case.patient
    parents = {patient.father, patient.mother} - {""}
    for member in sorted(case.members, key=lambda m: m.id):
        if member.id == patient.id:
            continue
        relation = {patient.mother: "mother", patient.father: "father"}.get(member.id, "")
        if not relation:
            relation = "sibling" if parents & {member.father, member.mother} else "relative"
        yield Relative(member.id, relation, member.sex, member.affected, bool(member.sample))


def _of(knowledge: Path, table: Any, keys: frozenset[str]) -> Mapping[str, Sequence[Row]]:
    return select(knowledge, table, table.sort[0], keys)


def _group(rows: Iterable[Row]) -> defaultdict[str, list[Row]]:
    grouped: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[str(row["case"])].append(row)
    return grouped
