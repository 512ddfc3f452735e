"""The masked inputs: sheet, configuration and release that tell nothing of what was decided.

The workflow is given these alone. What was decided is read again when the results are judged.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from ariane.files import read_yaml, write_text
from ariane.intake.config import Settings, settings_of
from ariane.intake.consents import consent_of
from ariane.intake.sheet import COLUMNS, Row, read_sheet
from ariane.intake.vcfs import BETWEEN, paths_of
from ariane.knowledge.decisions import read_decisions
from ariane.knowledge.release import MANIFEST, Release
from ariane.model.case import Decision, Status
from ariane.model.errors import ArianeError, Fault, InputFaults, Level
from ariane.reanalyse.controls import deciding

SHEET: Final = "families.tsv"
CONFIGURATION: Final = "config.yaml"
RELEASES: Final = "releases"
"""Folder of the masked release, where one is needed."""

OWN_CLASSES: Final = "laboratory"
"""The kind of resource that may hold the decisions themselves."""

MASKED: Final[Mapping[str, str]] = {
    "status": Status.IN_PROGRESS.value,
    "request": "",
    "pregnancy": "",
    "age_clinical_diagnosis": "",
    "age_genetic_diagnosis": "",
    "diagnosis_at_entry": "",
    "consent_registry": "",
    "consent_ern": "",
    "consent_matchmaking": "",
    "consent_research": "",
    "consent_third_countries": "",
    "opposition_bndmr": "",
}
"""Cells that the masked sheet does not take over: what tells of a diagnosis, and every consent but
that to reanalysis, since nothing of a validation leaves."""

_KEPT: Final = ("release", "engine", "profile", "gene_padding", "language")
"""Keys of the configuration that the analysis rests on, taken over as they are."""


@dataclass(frozen=True)
class Solved:
    """A solved case and what its last signed decision names."""

    case: str
    gene: str
    """HGNC identifier, or empty."""
    variants: tuple[str, ...]
    """Keys of the causal alleles."""
    disease: str
    finding: str
    """The finding decided on, or empty."""
    cells: Mapping[str, str]
    """Its line of the sheet."""


@dataclass(frozen=True)
class Request:
    """What a laboratory asks to be validated."""

    settings: Settings
    solved: tuple[Solved, ...]
    """By identifier."""
    left: tuple[str, ...]
    """Solved cases that cannot be judged, each with the reason."""
    unsolved: int
    """Cases of the sheet that nobody solved: they are not run."""
    with_laboratory: bool = False
    """Whether the laboratory's own classifications stay in the release."""

    @property
    def release(self) -> Release:
        """The release that is validated, as the laboratory uses it.

        Raises:
            ArianeError: it cannot be opened.
        """
        return Release.open(self.settings.release_folder)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Kinds of resource that the masked release lacks."""
        held = OWN_CLASSES in self.release.resources
        return (OWN_CLASSES,) if held and not self.with_laboratory else ()

    def releases(self, home: Path) -> Path:
        """Parent folder of the release that the masked run reads."""
        return home / RELEASES if self.left_out else self.settings.releases


def read_request(config: Path, with_laboratory: bool = False) -> Request:
    """Read a configuration, its sheet and its decisions.

    Args:
        config: the laboratory's configuration.
        with_laboratory: keep the laboratory's own classifications in the release.

    Raises:
        InputFaults: the configuration, the sheet or the decisions have errors; told together.
        ArianeError: a file is missing, or no case can be judged.
    """
    settings, faults = settings_of(read_yaml(config), str(config))
    if settings is None:
        raise InputFaults(faults)
    rows, wrong = read_sheet(settings.families)
    faults += wrong
    decisions: list[Decision] = []
    if settings.decisions is None:
        what = "key 'decisions' is empty: nothing says what the solved cases are solved by"
        faults.append(Fault(str(config), "", what, "Name the file of signed decisions"))
    elif settings.decisions.is_file():
        decisions, wrong = read_decisions(settings.decisions)
        faults += wrong
    if any(fault.level is Level.ERROR for fault in faults):
        raise InputFaults(faults)
    solved, left = solved_cases(rows, decisions)
    if not solved:
        reasons = "\n".join(left)
        raise ArianeError(
            f"{config}: no case can be judged. A validation needs cases whose last signed decision "
            f"is 'solved' or 'partly solved' and names alleles.\n{reasons}".rstrip()
        )
    unsolved = len(rows) - len(solved) - len(left)
    return Request(settings, tuple(solved), tuple(left), unsolved, with_laboratory)


def solved_cases(
    rows: Iterable[Row], decisions: Sequence[Decision]
) -> tuple[list[Solved], list[str]]:
    """Solved cases that can be judged, by identifier; and those that cannot, with the reason."""
    solved, left = [], []
    for row in sorted(rows, key=lambda row: row["case_id"]):
        case = row["case_id"]
        own = [decision for decision in decisions if decision.case == case]
        named = deciding(own)
        if named is None:
            continue
        consent, _ = consent_of(row, "")
        if any(d.outcome is Status.WITHDRAWN for d in own):
            left.append(f"{case}: its consent was withdrawn")
        elif not consent.reanalysis:
            left.append(f"{case}: no consent to reanalysis")
        elif not named.variants:
            left.append(f"{case}: its decision names a gene and no allele")
        else:
            variants = tuple(sorted(set(named.variants.split("+"))))
            told = (named.gene, variants, named.disease, named.finding)
            solved.append(Solved(case, *told, cells=row.cells))
    return solved, left


def masked_sheet(solved: Iterable[Solved], folder: Path) -> str:
    """The sheet of the masked run.

    Args:
        solved: the cases, each with its line.
        folder: the folder of the laboratory's sheet, from which its paths start.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerow(COLUMNS)
    for case in solved:
        cells = {name: case.cells.get(name, "") for name in COLUMNS}
        cells |= {name: word for name, word in MASKED.items() if cells[name] or word}
        for name in ("vcf", "sv_vcf", "ped", "phenopacket"):
            cells[name] = BETWEEN.join(
                str(Path(path).absolute()) for path in paths_of(folder, cells[name])
            )
        writer.writerow([cells[name] for name in COLUMNS])
    return text.getvalue()


def masked_release(release: Release, without: Iterable[str]) -> str:
    """The manifest of a release without some kinds; every other file is that of the first."""
    raw = read_yaml(release.folder / MANIFEST)
    for kind in without:
        del raw["resources"][kind]
    folder = release.folder.absolute()
    for entry in raw["resources"].values():
        entry["file"] = os.path.normpath(folder / entry["file"])
    return str(yaml.safe_dump(raw, allow_unicode=True, sort_keys=True))


def masked_configuration(settings: Settings, cases: int) -> dict[str, Any]:
    """The configuration of the masked run: no decision, no registry, no cycle before."""
    paths = {
        name: str(Path(value).absolute())
        for name in ("releases", "policy", "regions", "vep_cache")
        if (value := getattr(settings, name)) is not None
    }
    return {
        **{name: getattr(settings, name) for name in _KEPT},
        **paths,
        "cycle": settings.cycle,
        "families": SHEET,
        "pages": "none",
        "shards": max(1, min(settings.shards, cases // 50)),
    }


def lay_out(request: Request, home: Path) -> Path:
    """Write the masked inputs into the working folder of the run.

    The same inputs again change nothing, so an interrupted run goes on.

    Returns:
        the configuration for the workflow.

    Raises:
        ArianeError: the folder holds a validation of other cases.
    """
    settings = request.settings
    sheet = masked_sheet(request.solved, settings.families.parent)
    made = masked_configuration(settings, len(request.solved))
    made["releases"] = str(request.releases(home).absolute())
    content = {
        SHEET: sheet,
        CONFIGURATION: yaml.safe_dump(made, allow_unicode=True, sort_keys=True),
    }
    if request.left_out:
        name = f"{RELEASES}/{settings.release}/{MANIFEST}"
        content[name] = masked_release(request.release, request.left_out)
    for name, text in content.items():
        path = home / name
        if path.is_file() and path.read_text(encoding="utf-8") != text:
            raise ArianeError(
                f"{path}: a validation of other cases or settings lies there, under the same "
                f"cycle {settings.cycle!r}. Name another cycle, or move {home} away."
            )
    for name, text in content.items():
        if not (home / name).is_file():
            write_text(home / name, text)
    return home / CONFIGURATION
