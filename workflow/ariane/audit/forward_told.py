"""Forward: what left the tables. Proposals, writes into registries, pages and exports."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ariane import files
from ariane.audit.back_registry import writes
from ariane.audit.folders import Folders
from ariane.audit.forward import evidence_of, rests
from ariane.audit.reading import read_cycle
from ariane.audit.uses import Sought, Uses
from ariane.knowledge.tables import GENES
from ariane.model.errors import ArianeError
from ariane.registry.patch import Proposal, read_patch
from ariane.registry.state import StateFolder, read_verified
from ariane.registry.written_exports import RECEIPT, known_folders

CAUSED: Final = "a flag of this finding caused it"
LEADS: Final = "names the gene of a finding that rests on it"


def forward(folders: Folders, sought: Sought, exports: Sequence[Path] = ()) -> Uses:
    """Everything that used a record, in every cycle.

    Args:
        folders: of the run.
        sought: the record, gene or disease.
        exports: folders under which exports were written, beside those that the run remembers.

    Raises:
        ArianeError: see :func:`ariane.audit.forward.evidence_of`.
    """
    if sought.gene:
        sought = Sought(gene=key_of(folders, sought.gene))
    uses = evidence_of(folders, sought)
    told = {folders.home / one for one in known_folders(folders.state)}
    places = sorted({one.absolute() for one in (*told, *exports)})
    uses.notices += [f"{one}: no exports lie there any more" for one in places if not one.is_dir()]
    for cycle in sorted(
        {row["cycle"] for row in uses.findings} | {e["cycle"] for e in uses.events}
    ):
        found = {case: set(held) for case, held in rests(uses, cycle).items()}
        for event in uses.events:
            if event["cycle"] == cycle:
                found.setdefault(event["case"], set()).update({event["finding"]} - {""})
        _proposals(folders, cycle, found, uses)
        _pages(folders, cycle, found, uses)
        for folder in places:
            _exports(folder, cycle, found, uses)
    _writes(folders, uses)
    return uses


def key_of(folders: Folders, gene: str) -> str:
    """Key of a gene that somebody named by its key or symbol, in the release of any cycle.

    Raises:
        ArianeError: no release of a cycle knows such a gene.
    """
    releases = sorted({cycle.release for cycle in folders.known()})
    for release in releases:
        path = folders.knowledge(release) / "genes.parquet"
        for row in files.read_table(path, GENES) if path.is_file() else ():
            if gene.upper() in (row["gene"].upper(), row["symbol"].upper()):
                return str(row["gene"])
    raise ArianeError(f"{gene}: no release of a cycle knows such a gene ({', '.join(releases)}).")


def why_proposed(proposal: Proposal, findings: set[str], symbols: set[str]) -> str:
    """Why a proposal rests on some findings; empty where it does not.

    Args:
        proposal: of one case.
        findings: of that case.
        symbols: of their genes.
    """
    if any(cause.get("finding", "") in findings for cause in proposal.causes):
        return CAUSED
    return LEADS if proposal.values.get("gene", "") in symbols - {""} else ""


def _proposals(folders: Folders, cycle: str, found: Mapping[str, set[str]], uses: Uses) -> None:
    symbols = _symbols(folders, cycle, found)
    for path in sorted((folders.cycle(cycle) / "registry").glob("*.patch.json")):
        for proposal in read_patch(path).proposals:
            if proposal.case not in found:
                continue
            how = why_proposed(proposal, found[proposal.case], symbols[proposal.case])
            if how:
                uses.proposals.append(
                    {
                        "cycle": cycle,
                        "registry": path.name.removesuffix(".patch.json"),
                        "case": proposal.case,
                        "status": proposal.values.get("proposal_status", ""),
                        "gene": proposal.values.get("gene", ""),
                        "values": dict(proposal.values),
                        "how": how,
                        "file": folders.relative(path),
                    }
                )


def _symbols(folders: Folders, cycle: str, found: Mapping[str, set[str]]) -> dict[str, set[str]]:
    reader = read_cycle(folders, cycle)
    return {
        case: {
            name
            for row in reader.standing(case)
            if row["finding"] in findings
            for name in (row["symbol"], row["gene"])
        }
        for case, findings in found.items()
    }


def _writes(folders: Folders, uses: Uses) -> None:
    """What the journals say was written of those proposals."""
    wanted = {(one["registry"], one["cycle"], one["case"]) for one in uses.proposals}
    for registry in sorted({registry for registry, _, _ in wanted}):
        folder = folders.state / "registry" / registry
        if not folder.is_dir():
            uses.notices.append(f"{folder}: nothing was ever written to this registry")
            continue
        try:
            keys, journal = read_verified(StateFolder(folder))
        except (ArianeError, OSError) as problem:
            uses.notices.append(str(problem))
            continue
        for case in sorted({case for name, _, case in wanted if name == registry}):
            for record, change in writes(journal, keys, case):
                if (registry, record["cycle"], case) in wanted and change["cells"]:
                    uses.writes.append(
                        {
                            "cycle": record["cycle"],
                            "registry": registry,
                            "case": case,
                            "seq": record["seq"],
                            "as_of": record["as_of"],
                            "actor": record["actor"],
                            "columns": sorted(change["cells"]),
                            "reverted": record["seq"] in journal.reverted,
                        }
                    )


def _pages(folders: Folders, cycle: str, found: Mapping[str, set[str]], uses: Uses) -> None:
    """Pages whose data hold one of the findings."""
    for case, findings in sorted(found.items()):
        path = folders.cycle(cycle) / "cases" / f"{case}.json"
        if not path.is_file():
            continue
        held = {one["finding"] for one in json.loads(path.read_text("utf-8"))["findings"]}
        beside = [one for s in (".html", ".json", ".tsv") if (one := path.with_suffix(s)).is_file()]
        if held & findings:
            told = ", ".join(folders.relative(one) for one in beside)
            uses.pages.append({"cycle": cycle, "case": case, "file": told})


def _exports(folder: Path, cycle: str, found: Mapping[str, set[str]], uses: Uses) -> None:
    """Documents of exports that name one of the cases: their formats tell findings each its way."""
    # A pseudonym may hold dots: F1 is not named where F1.2 is.
    names = {
        case: re.compile(rf"(?<![\w-])(?<!\w\.){re.escape(case)}(?![\w-]|\.\w)") for case in found
    }
    for receipt in sorted(folder.rglob(RECEIPT)):
        told: dict[str, Any] = json.loads(receipt.read_text(encoding="utf-8"))
        if told.get("cycle") != cycle:
            continue
        for name, checksum in sorted(told["documents"].items()):
            path = receipt.with_name(name)
            if not path.is_file():
                uses.notices.append(f"{path}: sent perhaps, and no longer there")
                continue
            content = path.read_text(encoding="utf-8")
            same = files.sha256_of(path) == checksum
            for case in sorted(found):
                if names[case].search(f"{Path(name).stem}\n{content}"):
                    uses.exports.append(
                        {
                            "cycle": cycle,
                            "case": case,
                            "file": str(path),
                            "destination": told["destination"],
                            "state": "as written" if same else "changed since",
                        }
                    )
