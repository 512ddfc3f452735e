"""Fetching all that is chosen, and making a release of it."""

from __future__ import annotations

import email.utils
import logging
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ariane.knowledge.contigs import Contigs
from ariane.knowledge.fetch.cutting import Cutter
from ariane.knowledge.fetch.entry import Terms, fetch_file, refused, take_own
from ariane.knowledge.fetch.http import session
from ariane.knowledge.fetch.manifest import Catalogue, Download
from ariane.knowledge.fetch.pages import fetch_pages
from ariane.knowledge.fetch.patience import Patience, amount
from ariane.knowledge.fetch.pool import Pool, Receipt
from ariane.knowledge.fetch.regions import Regions
from ariane.knowledge.fetch.stream import fetch_regions
from ariane.knowledge.kinds import REQUIRED
from ariane.knowledge.release import Release, Source, assemble
from ariane.model.errors import ArianeError

log = logging.getLogger(__name__)


@dataclass
class Outcome:
    """What came of each chosen entry."""

    receipts: dict[str, Receipt] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    """Entries that are never downloaded, each with where to ask."""
    failed: list[str] = field(default_factory=list)
    """What went wrong, told together at the end."""


@dataclass(frozen=True)
class Wanted:
    """How the chosen entries are to be fetched."""

    pool: Pool
    patience: Patience
    terms: Terms = field(default_factory=Terms)
    regions: Regions | None = None
    """Of the files that are streamed or cut; None for the genes of the release's transcripts."""
    genes: Callable[[Path], Regions] | None = None
    """Reads regions from a GFF3, when none are given."""
    stream_limit: int | None = None
    assembly: str = ""
    """Of the release, for files of any assembly that are cut to its regions."""


def fetch_all(catalogue: Catalogue, chosen: Iterable[Download], wanted: Wanted) -> Outcome:
    """Fetch entries one after another; a fault of one does not keep the others from coming."""
    outcome = Outcome()
    with session(wanted.patience) as line:

        def one(entry: Download) -> Receipt:
            if entry.by == "pages":
                return fetch_pages(entry, wanted.pool, line, wanted.patience)
            if entry.by == "regions":
                return fetch_regions(
                    entry, regions(entry), wanted.pool, line, wanted.patience, wanted.stream_limit
                )
            cut = cutter(entry) if entry.is_cut else None
            return fetch_file(entry, wanted.pool, line, wanted.patience, wanted.terms, cut)

        def regions(entry: Download) -> Regions:
            if wanted.regions:
                return wanted.regions
            advice = "no transcripts say where the genes lie. Give --regions"
            found = beside(entry, "transcripts", advice)
            if wanted.genes is None:
                raise ArianeError(f"{entry.name}: {advice}.")
            return wanted.genes(found)

        def cutter(entry: Download) -> Cutter:
            found = beside(entry, "reference", "no reference names the contigs. Choose one")
            return Cutter(regions(entry), Contigs.of_index(found.with_name(found.name + ".fai")))

        def beside(entry: Download, kind: str, advice: str) -> Path:
            """The file of another kind that an entry needs: what came, else the default one."""
            fits = {wanted.assembly, entry.assembly} - {"any", ""}
            fitting = [
                d
                for d in catalogue.downloads.values()
                if d.kind == kind
                and (d.name in outcome.receipts or (d.default and d.assembly in (*fits, "any")))
            ]
            if not fitting:
                raise ArianeError(f"{entry.name}: {advice}.")
            source = sorted(fitting, key=lambda d: d.name not in outcome.receipts)[0]
            receipt = outcome.receipts.get(source.name)
            if receipt is None:
                receipt = fetch_file(source, wanted.pool, line, wanted.patience, wanted.terms)
            return wanted.pool.path(receipt)

        # Those that need the transcripts come last; they take longest, too.
        for entry in sorted(chosen, key=lambda d: d.needs_regions):
            try:
                own = take_own(entry, wanted.pool, wanted.terms, partial(cutter, entry))
                if own is not None:
                    outcome.receipts[entry.name] = own
                elif reason := refused(entry, wanted.terms):
                    outcome.left_out.append(reason)
                else:
                    outcome.receipts[entry.name] = one(entry)
            except ArianeError as problem:
                log.error("%s: failed; the others go on.", entry.name)
                outcome.failed.append(str(problem))
    return outcome


def see_room(chosen: Iterable[Download], pool: Pool, patience: Patience) -> None:
    """Tell how much disk is needed at the peak and after, and refuse when it is not there.

    The peak is that of the entry which needs most on top of what came before it. What lies in the
    pool already is not counted.

    Raises:
        ArianeError: less is free than the known sizes need.
    """
    folder = pool.releases
    while not folder.exists():
        folder = folder.parent
    held, peak, unknown = 0, 0, []
    for entry in sorted(chosen, key=lambda d: d.needs_regions):
        receipt = pool.receipt(entry)
        if entry.by == "hand" or (receipt and pool.path(receipt).is_file()):
            continue
        after = entry.after if entry.after is not None else entry.size
        if after is None:
            unknown.append(entry.name)
            continue
        peak = max(peak, held + max(after, entry.peak or 0))
        held += after
    free = shutil.disk_usage(folder).free
    told = f" Of unknown size: {', '.join(unknown)}." if unknown else ""
    log.info(
        "Disk: about %s at the peak, %s after; %s are free.%s",
        amount(peak),
        amount(held),
        amount(free),
        told,
    )
    if peak + patience.disk_reserve_bytes > free:
        raise ArianeError(
            f"{folder}: about {amount(peak)} are needed at the peak, beside "
            f"{amount(patience.disk_reserve_bytes)} in reserve, but {amount(free)} are free. Make "
            "room, choose less with --only, or give another folder with --releases."
        )


def release_of(
    name: str, as_of: str, chosen: Iterable[Download], outcome: Outcome, releases: Path
) -> Release:
    """Make a release of what was fetched.

    Args:
        name: of the release.
        as_of: ISO date up to which the knowledge reaches.
        chosen: entries; those that no reader of this version knows stay in the pool and are told.
        outcome: their receipts.
        releases: the folder of releases.

    Raises:
        ArianeError: what a release cannot do without is missing, or its name is taken.
    """
    pool = Pool(releases)
    sources: dict[str, Source] = {}
    for entry in chosen:
        receipt = outcome.receipts.get(entry.name)
        if receipt is None:
            continue
        if not entry.is_read:
            log.info(
                "%s: fetched, not read by this version of Ariane; it stays in the pool.", entry.name
            )
            continue
        sources[entry.kind] = _source(entry, receipt, pool, as_of)
    for entry in chosen:
        receipt = outcome.receipts.get(entry.name)
        if receipt and receipt.covers and entry.is_read and "coverage" not in sources:
            sources["coverage"] = _coverage(entry, receipt, pool, as_of)
    missing = [kind for kind in REQUIRED if kind not in sources]
    if missing:
        raise ArianeError(
            f"{name}: a release needs {' and '.join(missing)}. Name such a download with --also, "
            "or mend what failed above."
        )
    return assemble(name, as_of, sources.values(), releases)


def _source(entry: Download, receipt: Receipt, pool: Pool, as_of: str) -> Source:
    path = pool.path(receipt)
    return Source(
        kind=entry.kind,
        path=path,
        format=entry.format,
        version=entry.version,
        date=entry.date or _day(receipt.last_modified) or as_of,
        licence_class=entry.licence_class,
        licence=entry.licence,
        source=f"{entry.source} ({receipt.address})",
        companions=tuple(path.with_name(name) for name in receipt.companions),
        options=entry.options,
    )


def _coverage(entry: Download, receipt: Receipt, pool: Pool, as_of: str) -> Source:
    return Source(
        kind="coverage",
        path=pool.files / receipt.covers,
        format="bed",
        version=entry.version,
        date=entry.date or as_of,
        licence_class=entry.licence_class,
        licence=entry.licence,
        source=f"regions streamed of {entry.source}",
    )


def _day(last_modified: str) -> str:
    try:
        return email.utils.parsedate_to_datetime(last_modified).date().isoformat()
    except (TypeError, ValueError):
        return ""
