"""Back: from a case's finding, gene or evidence row to the bytes that it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ariane import files
from ariane.audit import records
from ariane.audit.folders import Folders
from ariane.audit.links import Link, State, Walk
from ariane.audit.manifest import read_manifest
from ariane.audit.reading import Reader, read_cycle
from ariane.knowledge.kinds import BY_NAME
from ariane.knowledge.release import MANIFEST, Release
from ariane.model.errors import ArianeError
from ariane.model.points import THOUSAND
from ariane.model.tables import CANDIDATES
from ariane.rank.shard import read_candidates
from ariane.seals import verified

Row = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """What a walk back starts from: a case, and what of it."""

    case: str
    gene: str = ""
    """Gene key or symbol; all told findings of it."""
    finding: str = ""
    """Or one finding, ``gene|mode|variants``."""
    code: str = ""
    """Evidence rows of this code only, such as ``PVS1``."""

    def __str__(self) -> str:
        what = self.finding or self.gene or "the whole case"
        return f"{self.case}, {what}" + (f", {self.code}" if self.code else "")


def back(folders: Folders, cycle: str, asked: Asked, *, hashing: bool = True) -> Walk:
    """Walk from a finding, a gene or an evidence row of a case to the bytes below.

    Args:
        folders: of the run.
        cycle: in which it stands.
        asked: what to start from.
        hashing: compute the checksums of VCFs and of the release's files, which takes a while.

    Raises:
        ArianeError: no such cycle, case, gene, finding or row; or nothing of it may be told.
    """
    reader = read_cycle(folders, cycle)
    reader.case(asked.case)
    found = findings_of(reader, asked)
    links = [*people(reader, asked.case, found), *evidence(reader, asked, found, hashing)]
    return Walk(f"Back from {asked}, cycle {cycle}", tuple(links))


def findings_of(reader: Reader, asked: Asked) -> list[Row]:
    """The told findings that a walk starts from.

    Raises:
        ArianeError: there is none; whether there is one that may not be told is not said.
    """
    gene = (
        asked.finding.split("|")[0] if asked.finding else gene_key(reader, asked.case, asked.gene)
    )
    told = reader.told(asked.case, [gene]) if gene else []
    kept = [row for row in told if not asked.finding or row["finding"] == asked.finding]
    if kept:
        return kept
    standing = sorted({row["symbol"] for row in reader.standing(asked.case) if row["symbol"]})
    raise ArianeError(
        f"{asked.case}: cycle {reader.cycle} tells no finding of {asked.finding or asked.gene}. "
        f"Told are findings of: {', '.join(standing[:20]) or 'no gene'}."
    )


def gene_key(reader: Reader, case: str, text: str) -> str:
    """Key of a gene that somebody wrote, where the case has a told finding of it; else empty."""
    for row in reader.standing(case):
        if row["gene"] and text.upper() in (row["gene"].upper(), row["symbol"].upper()):
            return str(row["gene"])
    return text if ":" in text else ""


def people(reader: Reader, case: str, findings: Sequence[Row]) -> Iterator[Link]:
    """What people decided and were told: decisions, flags, events, and where the findings stand."""
    folders = reader.folders
    names = {row["finding"] for row in findings}
    genes = {row["gene"] for row in findings}
    yield from decisions(reader, case)
    for flag in reader.flags(case):
        if flag["finding"] in names or (not flag["finding"] and flag["gene"] in genes):
            told = f"{flag['reason']}: {flag['sentence']} (source: {flag['source'] or 'none'})"
            yield Link("flag", _file(reader, case, "flags"), told, held=flag)
    for event in reader.events(case):
        if event["finding"] in names:
            yield Link("event", _file(reader, case, "events"), _event(event), held=event)
            yield from _cause(reader, event)
    for row in reader.standing(case):
        if row["finding"] in names:
            told = (
                f"rank {row['rank']} for {row['disease_name']} ({row['disease']}): "
                f"{_points(row['local_points'])} local and {_points(row['phenotype_points'])} "
                f"phenotype points, posterior {row['posterior']:.6g}"
            )
            yield Link("standing", _file(reader, case, "standing"), told, held=row)
    for row in findings:
        folder = reader.written_in(case, row["gene"])
        told = (
            f"{row['finding']} {row['zygosity']}, class proposal {row['acmg_class']}, "
            f"{_points(row['local_points'])} local points; "
            f"written in cycle {folder.parents[1].name}"
        )
        where = folders.relative(folder / "findings.parquet")
        yield Link("finding", where, told, held=row)


def decisions(reader: Reader, case: str) -> Iterator[Link]:
    """The decisions on a case that stood when the cycle began."""
    where = reader.folders.relative(reader.frozen.folder / "decisions.tsv")
    for one in reader.frozen.decisions:
        if one.case == case:
            about = one.finding or " ".join(filter(None, (one.gene, one.variants))) or "the case"
            told = f"{one.outcome.value} on {one.date} by {one.actor}, report {one.report}: {about}"
            held = {"outcome": one.outcome.value, "date": one.date, "report": one.report}
            # The folder was held against its checksums when the cycle was opened.
            yield Link("decision", where, told, State.SAME, held)


def evidence(
    reader: Reader, asked: Asked, findings: Sequence[Row], hashing: bool
) -> Iterator[Link]:
    """Ledger rows with their records, the files below them, and the case's own bytes.

    Raises:
        ArianeError: the finding has no row of the code that was asked for.
    """
    names = {row["finding"] for row in findings}
    rows = [
        row
        for row in reader.ledger(asked.case, {row["gene"] for row in findings})
        if row["finding"] in names and asked.code in ("", row["code"])
    ]
    if not rows:
        raise ArianeError(
            f"{asked}: no evidence row of that code. Leave --code out to see all of them."
        )
    release = reader.folders.release(reader.frozen.cycle.release)
    folder = reader.folders.knowledge(release.name)
    variants = {v for row in findings for v in row["variants"].split("+")}
    stored = list(candidates(reader, asked.case, {row["gene"] for row in findings}, variants))
    for row in rows:
        written = reader.written_in(asked.case, row["gene"])
        yield Link(
            "evidence", reader.folders.relative(written / "ledger.parquet"), _row(row), held=row
        )
        found = records.look(release, folder, row, stored)
        table = records.table_of(row["resource"])
        where = reader.folders.relative(folder / f"{table.name}.parquet") if table else ""
        held = {"rows": [dict(one) for one in found.rows]}
        yield Link("record", where, found.sentence, found.state, held)
    yield from resources(reader, release, {row["resource"] for row in rows}, hashing)
    yield from calls(reader, asked.case, hashing)
    yield from stored_rows(reader, asked.case, variants, stored)
    yield from made(reader, asked.case, {"findings", "ledger", "standing", "events", "flags"})


def resources(reader: Reader, release: Release, kinds: set[str], hashing: bool) -> Iterator[Link]:
    """The release and the files that some kinds of resource lie in, by checksum."""
    manifest = release.folder / MANIFEST
    same = files.sha256_of(manifest) == reader.frozen.cycle.manifest
    told = f"{release.name}, as of {release.as_of}: " + (
        "the manifest that the cycle began with" if same else "not the manifest of the cycle"
    )
    yield Link("release", str(manifest), told, State.SAME if same else State.DIFFERS)
    # Spectra are counted from assertions; a table that others shape rests on their files too.
    kinds = kinds | ({"assertions"} if "spectra" in kinds else set())
    kinds |= {need for kind in kinds if kind in BY_NAME for need in BY_NAME[kind].needs}
    for kind in sorted(kinds & release.resources.keys()):
        one, path = release.resources[kind], release.require(kind)
        told = f"{kind} {one.version} of {one.date} ({one.source})"
        if not hashing:
            yield Link("resource file", str(path), f"{told}: checksum not computed")
            continue
        same = files.sha256_of(path) == one.sha256
        told += f": sha256 {one.sha256[:16]}…" + ("" if same else " recorded, the file has another")
        yield Link(
            "resource file", str(path), told, State.SAME if same else State.DIFFERS,
            {"sha256": one.sha256, "version": one.version, "date": one.date},
        )  # fmt: skip


def calls(reader: Reader, case: str, hashing: bool) -> Iterator[Link]:
    """The case's VCF: as frozen, as annotated, and as it lies there now."""
    folders = reader.folders
    shard = folders.shard(reader.frozen, case)
    mark = reader.frozen.fingerprints_of(shard)[case]
    frozen = str(mark["sha256"])
    where = folders.relative(reader.frozen.folder / "fingerprints" / f"{shard}.json")
    yield Link(
        "VCF", where, f"frozen with the cycle: sha256 {frozen}", State.SAME, {"sha256": frozen}
    )
    path = folders.results / "cases" / case / "annotation.json"
    if path.is_file():
        try:
            seen = str(files.read_json(path)["vcf_sha256"])
        except ArianeError:
            yield Link("VCF", folders.relative(path), "the file is damaged", State.DIFFERS)
        else:
            same = seen == frozen
            told = "annotated from the same bytes" if same else f"annotated from others: {seen}"
            state = State.SAME if same else State.DIFFERS
            yield Link("VCF", folders.relative(path), told, state, {"sha256": seen})
    else:
        told = "the case is not annotated any more"
        yield Link("VCF", folders.relative(path), told, State.MISSING)
    paths = [folders.home / one for one in str(mark["path"]).split(";")]
    where = ", ".join(folders.relative(one) for one in paths)
    if not all(one.is_file() for one in paths):
        yield Link("VCF", where, "the file is no longer there", State.MISSING)
    elif not hashing:
        yield Link("VCF", where, "the file is there: checksum not computed")
    else:
        same = files.sha256_of_all(paths) == frozen
        told = "the file has that checksum" if same else "the file was changed since"
        yield Link("VCF", where, told, State.SAME if same else State.DIFFERS)


def candidates(reader: Reader, case: str, genes: set[str], variants: set[str]) -> Iterator[Row]:
    """Candidates of some alleles as the shard's store holds them."""
    folders = reader.folders
    store = folders.results / "store" / folders.shard(reader.frozen, case) / "candidates.parquet"
    if store.is_file():
        for row in read_candidates(store, [case], [(case, gene) for gene in sorted(genes)]):
            if row["variant"] in variants:
                yield row


def stored_rows(
    reader: Reader, case: str, variants: set[str], stored: Sequence[Row]
) -> Iterator[Link]:
    """The candidate rows of some alleles: as the store holds them, against the case's own file.

    One that a release names for a gene in which it does not lie stands with the case alone.
    """
    folders = reader.folders
    shard = folders.shard(reader.frozen, case)
    own = folders.results / "cases" / case / "candidates.parquet"
    asked = [("variant", "in", sorted(variants))]
    told = files.read_arrow(own, CANDIDATES, filters=asked).to_pylist() if own.is_file() else []
    for row in stored:
        same = row in told
        sentence = f"{row['variant']} {row['consequence']} in {row['symbol']}, " + (
            "as the case's own file has it" if same else "not as in the case's own file"
        )
        where = folders.relative(folders.results / "store" / shard / own.name)
        yield Link("candidate", where, sentence, State.SAME if same else State.DIFFERS, row)
    for variant in sorted(variants - {row["variant"] for row in stored}):
        apart = next((row for row in told if row["variant"] == variant), None)
        if apart is None:
            yield Link("candidate", "", f"{variant}: in no stored candidate", State.MISSING)
        else:
            sentence = f"{variant}: outside the gene, with the case alone"
            yield Link("candidate", folders.relative(own), sentence, held=apart)


def made(reader: Reader, case: str, names: set[str]) -> Iterator[Link]:
    """Whether the tables and pages of a case are the files that the run manifest names."""
    folders = reader.folders
    path = folders.manifest(reader.cycle)
    where = folders.relative(path)
    if not path.is_file():
        told = "the cycle has no run manifest: its files cannot be held against one"
        yield Link("run manifest", where, told)
        return
    content = read_manifest(path)
    held = {one["file"]: one["sha256"] for one in content["files"]}
    shard = folders.shard(reader.frozen, case)
    wanted = [f"shards/{shard}/{name}.parquet" for name in sorted(names)]
    wanted += [name for name in sorted(held) if name.startswith(f"cases/{case}.")]
    told = f"names {len(held)} files of cycle {reader.cycle}"
    yield Link("run manifest", where, told, held={"sha256": files.sha256_of(path)})
    for name in wanted:
        yield _as_made(folders, folders.cycle(reader.cycle) / name, held.get(name))


def _as_made(folders: Folders, path: Path, checksum: str | None) -> Link:
    where = folders.relative(path)
    if checksum is None:
        return Link("run manifest", where, "made after the manifest, which does not name it")
    if not path.is_file():
        return Link("run manifest", where, "named there, and no longer there", State.MISSING)
    if path.suffix == ".parquet":
        verified(path)
    if files.sha256_of(path) == checksum:
        return Link("run manifest", where, "as it was made", State.SAME)
    told = "not as it was made: made again since, or rewritten by the erasure of another case"
    return Link("run manifest", where, told, State.DIFFERS)


def _cause(reader: Reader, event: Row) -> Iterator[Link]:
    if not event["cause_key"]:
        return
    where = reader.folders.relative(reader.folders.cycle(reader.cycle) / "changes.parquet")
    for change in reader.changes(event["cause_resource"], event["cause_key"]):
        told = f"{change['resource']} {change['key']}: {change['change']}, {change['sentence']}"
        yield Link("change of the release", where, told, held=change)


def _event(event: Mapping[str, Any]) -> str:
    said = f"{event['cause_old'] or 'nothing'} -> {event['cause_new'] or 'nothing'}"
    cause = f"{event['cause_resource']} {event['cause_key']}".strip()
    return (
        f"{event['kind']}: rank {event['old_rank']} -> {event['new_rank']}, points "
        f"{_points(event['old_points'])} -> {_points(event['new_points'])}; cause {cause}: {said}"
    )


def _row(row: Mapping[str, Any]) -> str:
    note = f" [not counted: {row['suppressed']}]" if row["suppressed"] else ""
    return (
        f"{row['ledger']} {row['code']} {_points(row['points'])}: {row['sentence']} "
        f"({row['resource']} {row['read_key']}: {row['record']}){note}"
    )


def _points(thousandths: int) -> str:
    return f"{thousandths / THOUSAND:+.2f}"


def _file(reader: Reader, case: str, table: str) -> str:
    return reader.folders.relative(reader.shard(case) / f"{table}.parquet")
