"""All faults of all inputs, found before anything starts."""

from __future__ import annotations

import datetime
import logging
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from ariane.files import folder_at
from ariane.intake.assembly import ASSEMBLIES, assembly_of
from ariane.intake.bases import Looked, Reference, look, word_faults
from ariane.intake.config import Settings, read_settings
from ariane.intake.consents import consent_of, unnamed_registries
from ariane.intake.described import described
from ariane.intake.family import Family, read_family
from ariane.intake.history import history_of
from ariane.intake.looked import Memory, on_disk
from ariane.intake.networks import network_faults
from ariane.intake.requests import request_and_pregnancy
from ariane.intake.sheet import Row, of_batch, read_sheet, resolve
from ariane.intake.terms import Names
from ariane.intake.vcf import glance, has_index, sample_faults
from ariane.intake.vcfs import paths_of, samples_of, vcf_faults
from ariane.intake.words import STATUS, TECHNIQUE, braces_in, instead, plain
from ariane.knowledge.hpo import load_obo
from ariane.knowledge.release import Release
from ariane.knowledge.vcf_files import compression_of
from ariane.model.case import Analysis, Case, Consent, Status
from ariane.model.errors import ArianeError, Fault, Level, in_order

_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_LIST: Final = re.compile("[;,]")
_PROGRESS: Final = 50

log = logging.getLogger(__name__)


@dataclass
class _Bench:
    """What the checks of all cases share."""

    sheet: Path
    reference: Reference | None = None
    names: Names | None = None
    as_of: datetime.date = datetime.date.max
    vcfs: dict[str, Looked] = field(default_factory=dict)
    cases: dict[str, list[str]] = field(default_factory=dict)
    """Identifiers of the cases that name a VCF, by its path."""
    memory: Memory | None = None

    def take(self, release: Release) -> list[Fault]:
        """Open what the checks need of a release; the faults met."""
        self.as_of = release.as_of
        faults = []
        try:
            self.reference = Reference.of(release)
        except ArianeError as problem:
            faults.append(_told(str(problem)))
        ontology = release.path("hpo_ontology")
        if ontology is None:
            found = "the release holds no 'hpo_ontology': HPO terms are not checked"
            advice = "Add it to the release"
            return [*faults, Fault(str(release.folder), "", found, advice, Level.WARNING)]
        try:
            self.names = Names(load_obo(ontology))
        except ArianeError as problem:
            faults.append(_told(str(problem)))
        return faults

    def vcf(self, path: str, case: str, column: str = "vcf") -> Looked:
        """A VCF looked at once, however many cases use it."""
        self.cases.setdefault(path, []).append(case)
        if path not in self.vcfs:
            known = self.memory.look(path, column) if self.memory and self.reference else None
            self.vcfs[path] = known or self._look(path, column)
        return self.vcfs[path]

    def told(self) -> list[Fault]:
        """Faults of the VCFs themselves, each told once; with the case, where it is one's alone."""
        faults = []
        for path, looked in self.vcfs.items():
            cases = self.cases[path]
            for fault in looked.faults:
                alone = len(cases) == 1 and fault.where.startswith(path) and not fault.case
                faults.append(replace(fault, case=cases[0]) if alone else fault)
        return faults

    def _look(self, path: str, column: str) -> Looked:
        before = on_disk(Path(path))
        seen = glance(Path(path), column)
        faults = seen.faults
        try:
            if self.reference is not None:
                looked = look(seen, self.reference)
                if self.memory:
                    self.memory.keep(path, column, looked, before)
                return looked
        except ArianeError as problem:
            faults = [*faults, _told(str(problem))]
        finally:  # they have served, and thousands of VCFs have thousands of contigs each
            seen.sites.clear()
            seen.contigs.clear()
        return Looked(seen, tuple(faults), 0)


def check_config(config: Path) -> tuple[Settings | None, list[Case], list[Fault]]:
    """Check a configuration, its families sheet and every file they name. Nothing is written.

    Returns:
        The settings (None when the file breaks its schema), the cases without errors of their own,
        and all faults in reading order, those of a release that cannot be opened included.

    Raises:
        ArianeError: the configuration is missing or is not YAML.
    """
    settings, faults = read_settings(config)
    if settings is None:
        return None, [], in_order(faults)
    release = None
    if folder_at(settings.release_folder):
        try:
            release = Release.open(settings.release_folder)
        except ArianeError as problem:
            faults += [_told(line) for line in str(problem).splitlines()]
    cases, more = check(settings, release)
    return settings, cases, in_order(faults + more)


def check(
    settings: Settings, release: Release | None, memory: Memory | None = None
) -> tuple[list[Case], list[Fault]]:
    """Check the families sheet and every file it names against a release. Nothing is written.

    A fault of one case never stops the checks of the others. Without a release what needs one
    (terms, reference bases, dates) is not checked.

    Args:
        settings: the configuration.
        release: the release, where it can be opened.
        memory: looks at VCFs that need not be taken again; new ones are added.

    Returns:
        The cases without errors of their own, sorted by identifier, and all faults of all cases in
        reading order. The cases may only be used when no fault is an error.
    """
    rows, faults = read_sheet(settings.families)
    if settings.batch:
        rows, missing = of_batch(rows, settings.batch, settings.families)
        faults += missing
    bench = _Bench(settings.families, memory=memory)
    if release is not None:
        faults += bench.take(release)
    cases = []
    for number, row in enumerate(rows, start=1):
        case, problems = _case(row, bench)
        faults += problems
        if not any(fault.level is Level.ERROR for fault in problems):
            cases.append(case)
        if number % _PROGRESS == 0:
            log.info("Checked %d of %d cases.", number, len(rows))
    faults += bench.told()
    bad = {f.where for f in faults if f.level is Level.ERROR}
    lines = {f"{settings.families}:{row.line}": row["case_id"] for row in rows}
    bad_ids = {lines[where].casefold() for where in bad & set(lines)}
    torn = {p for p, v in bench.vcfs.items() if any(f.level is Level.ERROR for f in v.faults)}
    cases = [
        c
        for c in cases
        if c.id.casefold() not in bad_ids and torn.isdisjoint({*c.analysis.vcfs, c.analysis.sv_vcf})
    ]
    faults += _shared(rows, cases, settings.families)
    faults += _indexes(bench)
    faults += unnamed_registries(cases, settings.families)
    regions = settings.exports.get("observatory", {}).get("regions", {})
    faults += network_faults(cases, regions, settings.families)
    return sorted(cases, key=lambda c: c.id), in_order(faults)


def _told(message: str) -> Fault:
    """The text of an ArianeError, ``where: what. Advice.``, as a fault."""
    where, _, rest = message.partition(": ")
    what, _, advice = rest.partition(". ")
    return Fault(where, "", what, advice.rstrip("."))


def _case(row: Row, bench: _Bench) -> tuple[Case, list[Fault]]:
    where, case = f"{bench.sheet}:{row.line}", row["case_id"]
    folder = bench.sheet.parent
    faults: list[Fault] = []
    paths = paths_of(folder, row["vcf"])
    if row.lacks("vcf") or (row["vcf"] and not paths):
        faults.append(Fault(where, case, "vcf is empty", "Give the path of the case's VCF"))
    advice = "Rename the file or folder"
    named = (*paths, resolve(folder, row["sv_vcf"]))
    faults += [Fault(where, case, f"{p} {why}", advice) for p in named if (why := braces_in(p))]
    twice = sorted({path for path in paths if paths.count(path) > 1})
    advice = "Name each file once"
    faults += [Fault(where, case, f"vcf names {path} twice", advice) for path in twice]
    looked = [bench.vcf(path, case) for path in dict.fromkeys(paths)]
    samples = samples_of(looked)
    family, problems = read_family(row, folder, samples, where)
    faults += problems
    analysis, problems = _analysis(row, paths, bench, where)
    faults += problems
    if samples is not None:
        faults += vcf_faults(looked, family.wanted, analysis.assembly, bench.reference, where, case)
    analysis, problems = _structural(row, analysis, family, bench, where)
    faults += problems
    phenotype, first_signs, problems = described(row, family, folder, bench.names, where)
    faults += problems
    consent, problems = consent_of(row, where)
    faults += problems
    status, problems = _status(row, consent, where)
    faults += problems
    history, problems = history_of(row, phenotype, status, first_signs, where)
    faults += problems
    request, pregnancy, problems = request_and_pregnancy(row, where, bench.as_of)
    faults += problems
    built = Case(
        id=case,
        proband=family.proband,
        members=family.members,
        phenotype=phenotype,
        analysis=analysis,
        consent=consent,
        status=status,
        site=row["site"],
        filiere=row["filiere"],
        pre_indication=row["pre_indication"],
        history=history,
        gene_list=tuple(sorted({w.strip() for w in _LIST.split(row["gene_list"])} - {""})),
        request=request,
        pregnancy=pregnancy,
        notes=row.notes,
    )
    return built, faults


def _analysis(
    row: Row, paths: tuple[str, ...], bench: _Bench, where: str
) -> tuple[Analysis, list[Fault]]:
    case = row["case_id"]
    found: list[tuple[str, str, Level]] = []
    assembly = assembly_of(row["assembly"])
    if row.lacks("assembly"):
        found.append(("assembly is empty", "Write GRCh38 or GRCh37", Level.ERROR))
    elif row["assembly"] and not assembly:
        what = f"assembly {row['assembly']!r} is not known"
        found.append((what, instead(row["assembly"], ASSEMBLIES), Level.ERROR))
    technique = TECHNIQUE.get(plain(row["technique"]), "")
    if row.lacks("technique"):
        found.append(("technique is empty", "Write " + " or ".join(TECHNIQUE), Level.ERROR))
    elif row["technique"] and not technique:
        what = f"technique {row['technique']!r} is not known"
        found.append((what, instead(row["technique"], TECHNIQUE), Level.ERROR))
    date = row["analysis_date"]
    day = _day(date)
    if row.lacks("analysis_date"):
        found.append(("analysis_date is empty", "Write it as 2024-03-06", Level.ERROR))
    elif date and day is None:
        what = f"analysis_date {date!r} is not a date"
        found.append((what, "Write it as 2024-03-06", Level.ERROR))
    elif day and day > bench.as_of:
        what = f"analysis_date {date} is later than the release, as of {bench.as_of.isoformat()}"
        found.append((what, "Check the date, or use a newer release", Level.WARNING))
    first, *more = paths or ("",)
    analysis = Analysis(first, assembly, technique, row["laboratory"], date, tuple(more))
    return analysis, [Fault(where, case, *entry) for entry in found]


def _structural(
    row: Row, analysis: Analysis, family: Family, bench: _Bench, where: str
) -> tuple[Analysis, list[Fault]]:
    """The VCF of structural variants, where the sheet names one."""
    case, path = row["case_id"], resolve(bench.sheet.parent, row["sv_vcf"])
    if not path:
        return analysis, []
    if os.path.realpath(path) in {os.path.realpath(vcf) for vcf in analysis.vcfs if vcf}:
        found = "sv_vcf is the same file as vcf"
        return analysis, [Fault(where, case, found, "Leave sv_vcf empty: one VCF may hold both")]
    looked = bench.vcf(path, case, "sv_vcf")
    faults: list[Fault] = []
    if looked.seen.usable:
        wanted = {m.sample: family.wanted.get(m.sample, f"member {m.id}") for m in family.members}
        wanted.pop("", None)
        faults += sample_faults(looked.seen, wanted, where, case, called=False)
        if bench.reference is not None and analysis.assembly:
            faults += word_faults(looked, analysis.assembly, bench.reference, where, case)
    return replace(analysis, sv_vcf=path), faults


def _status(row: Row, consent: Consent, where: str) -> tuple[Status, list[Fault]]:
    word = row["status"]
    if not word:
        return Status.IN_PROGRESS, []
    status = STATUS.get(plain(word))
    if status is None:
        found = f"status {word!r} is not known"
        fault = Fault(where, row["case_id"], found, instead(word, STATUS))
        return Status.IN_PROGRESS, [fault]
    # Opposition may stand beside it: it says no as well.
    if status is Status.WITHDRAWN and replace(consent, opposition=None) != Consent():
        found = "status is 'consent withdrawn', but a consent column says yes"
        return status, [Fault(where, row["case_id"], found, "Mend the one that is wrong")]
    return status, []


def _shared(rows: Iterable[Row], cases: Iterable[Case], sheet: Path) -> list[Fault]:
    lines = {row["case_id"]: row.line for row in rows}
    first: dict[tuple[str, str], str] = {}
    faults = []
    for case in cases:
        key = (";".join(map(os.path.realpath, case.analysis.vcfs)), case.patient.sample)
        other = first.setdefault(key, case.id)
        if other != case.id:
            found = f"has the same VCF and proband's sample as case {other}"
            where = f"{sheet}:{lines[case.id]}"
            advice = "Check that they are two persons"
            faults.append(Fault(where, case.id, found, advice, Level.WARNING))
    return faults


def _indexes(bench: _Bench) -> list[Fault]:
    bare = [
        path
        for path, looked in sorted(bench.vcfs.items())
        if looked.seen.usable
        and compression_of(Path(path)) in ("bgzf", "bcf")
        and not has_index(Path(path))
    ]
    if not bare:
        return []
    count = "1 VCF has" if len(bare) == 1 else f"{len(bare)} VCFs have"
    advice = "Nothing to do: files are read from end to end, no index is needed"
    return [Fault(str(bench.sheet), "", f"{count} no index", advice, Level.NOTE)]


def _day(text: str) -> datetime.date | None:
    if not _ISO_DATE.fullmatch(text):
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None
