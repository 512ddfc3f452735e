"""Dismissed in the first cycle, silent in the second: by the programs that people use."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys

import pytest
import yaml
from demo_run import FIRST, NEXT, REPOSITORY, Run

from ariane.files import read_table
from ariane.model.tables import EVENTS

pytestmark = pytest.mark.workflow

FITS = "DEMO-07"
"""A case of which only the fit of its phenotype moved between the demo's releases."""
RISEN = "DEMO-16"
"""A case whose finding gained more than two points."""
BAD = "DEMO-10"
"""A case whose finding is weakened."""


def rows_of(run: Run, case: str) -> list[dict[str, str]]:
    """The rows for the follow-up file that the program prints after the first cycle."""
    command = [
        sys.executable, str(REPOSITORY / "scripts" / "decision_rows.py"), "--case", case,
        "--config", str(run.config(FIRST)), "--directory", str(run.folder),
        "--only", "follow_up", "--top", "1",
    ]  # fmt: skip
    made = subprocess.run(command, capture_output=True, text=True, check=True)
    return list(csv.DictReader(made.stdout.splitlines(), delimiter="\t"))


@pytest.fixture
def dismissed(demo: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The demo after its first cycle, with three dismissals."""
    run = Run(tmp_path_factory.mktemp("dismissed"))
    free = shutil.ignore_patterns("locks", NEXT)
    shutil.copytree(demo.folder, run.folder, symlinks=True, dirs_exist_ok=True, ignore=free)
    lines = []
    for case in (FITS, RISEN, BAD):
        (row,) = rows_of(run, case)
        row |= {"outcome": "dismissed", "actor": "RPPS-1", "role": "biologist"}
        row |= {"date": "2024-05-01", "reason": "does not explain the signs"}
        lines.append(row)
    path = run.folder / "follow_up.tsv"
    path.write_text(
        "\n".join("\t".join(cells) for cells in [lines[0].keys(), *(r.values() for r in lines)]),
        encoding="utf-8",
    )
    path.chmod(0o600)
    # With this policy the demo's fall or rise of one case's fit would be material.
    policy = yaml.safe_load((REPOSITORY / "resources" / "policy.yaml").read_text(encoding="utf-8"))
    policy["material"] |= {"phenotype_points": 0.001, "leading_posterior": between(demo)}
    (run.folder / "policy.yaml").write_text(yaml.safe_dump(policy), encoding="utf-8")
    config = yaml.safe_load(run.config(NEXT).read_text(encoding="utf-8"))
    config |= {"policy": "policy.yaml", "pages": "none", "registries": {}}
    for name, steps in (("heard", None), (NEXT, "follow_up.tsv")):
        told = config | {"cycle": name, "follow_up": steps}
        run.config(name).write_text(yaml.safe_dump(told), encoding="utf-8")
    return run


def between(demo: Run) -> float:
    """A limit that the posterior of the case's first finding crossed."""
    found = []
    for cycle in (FIRST, NEXT):
        rows = [r for r in demo.rows(cycle, "standing") if r["case"] == FITS and r["rank"] == 1]
        found.append(rows[0]["posterior"])
    assert found[0] < found[1]
    return float(sum(found) / 2)


def flagged(run: Run, cycle: str) -> dict[str, str]:
    """Reason of each case's first flag on a finding."""
    path = run.folder / "results" / "cycles" / cycle / "flags.tsv"
    with path.open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    return {row["case"]: row["reason"] for row in reversed(rows) if row["finding"]}


def test_dismissed_in_one_cycle_not_flagged_in_the_next(dismissed: Run) -> None:
    for cycle in ("heard", NEXT):
        target = [f"results/cycles/{cycle}/{name}.tsv" for name in ("flags", "follow_up")]
        made = dismissed.snakemake(cycle, "--", *target)
        assert made.returncode == 0, made.stderr[-4000:]
    heard, told = flagged(dismissed, "heard"), flagged(dismissed, NEXT)
    assert heard[FITS] == "phenotype fit changed"
    assert FITS not in told
    assert told == {case: reason for case, reason in heard.items() if case != FITS}
    assert (told[RISEN], told[BAD]) == ("strengthened", "diagnosis at risk")
    events = [
        event
        for path in sorted(dismissed.folder.glob(f"results/cycles/{NEXT}/shards/*/events.parquet"))
        for event in read_table(path, EVENTS)
        if event["case"] == FITS
    ]
    assert [(e["kind"], e["material"]) for e in events] == [("phenotype fit changed", False)]
    path = dismissed.folder / "results" / "cycles" / NEXT / "follow_up.tsv"
    with path.open(encoding="utf-8") as handle:
        rows = {r["case"]: r for r in csv.DictReader(handle, delimiter="\t")}
    assert (rows[FITS]["state"], rows[FITS]["next_step"]) == ("dismissed", "")
    assert rows[RISEN]["next_step"] == "triage"
    assert rows["DEMO-03"]["overdue"] == "yes", "flagged ten months before, and nobody looked"
