"""A cohort that grows: earlier cycles stay as they are, and only what is new is computed."""

from __future__ import annotations

import re
import shutil

import pytest
import yaml
from demo_run import DEMO, NEXT, Run

from ariane.reanalyse.frozen import open_cycle

pytestmark = pytest.mark.workflow

THIRD = "2025-03"


@pytest.fixture
def grown(demo: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The finished demo, copied, with one more case in a third cycle under the same release.

    The copy lies as deep as the first run, for programs are named relative to the working folder.
    """
    run = Run(tmp_path_factory.mktemp("grown"))
    # Another process may be running the workflow in it: its lock is not ours.
    free = shutil.ignore_patterns("locks")
    shutil.copytree(demo.folder, run.folder, symlinks=True, dirs_exist_ok=True, ignore=free)
    sheet = (DEMO / "families.tsv").read_text(encoding="utf-8").splitlines()
    columns = sheet[0].split("\t")
    rows = [dict(zip(columns, line.split("\t"), strict=True)) for line in sheet[1:]]
    named = ("vcf", "sv_vcf", "ped", "phenopacket")
    for row in rows:
        row |= {name: str(DEMO / row[name]) for name in named if row[name]}
    twin = next(row for row in rows if row["case_id"] == "DEMO-03") | {"case_id": "DEMO-99"}
    lines = ["\t".join(row[name] for name in columns) for row in [*rows, twin]]
    (run.folder / "families.tsv").write_text("\n".join([sheet[0], *lines]) + "\n", encoding="utf-8")
    config = yaml.safe_load(demo.config(NEXT).read_text(encoding="utf-8"))
    config |= {"cycle": THIRD, "previous": NEXT, "families": "families.tsv", "registries": {}}
    config["pages"] = "none"
    run.config(THIRD).write_text(yaml.safe_dump(config), encoding="utf-8")
    return run


def planned(run: Run, cycle: str) -> dict[str, str]:
    """How many jobs of each rule a cycle asks for."""
    plan = run.snakemake(cycle, "--dry-run")
    assert plan.returncode == 0, plan.stderr[-3000:]
    return dict(re.findall(r"^(\w+) +(\d+)$", plan.stdout + plan.stderr, flags=re.MULTILINE))


def follow(run: Run, cycle: str, previous: str, **more: object) -> None:
    """Configure one more cycle, under the same release."""
    config = yaml.safe_load(run.config(previous).read_text(encoding="utf-8"))
    config |= {"cycle": cycle, "previous": previous, "registries": {}, "pages": "none", **more}
    run.config(cycle).write_text(yaml.safe_dump(config), encoding="utf-8")


def test_one_new_case_touches_one_shard_and_no_earlier_cycle(grown: Run) -> None:
    jobs = planned(grown, THIRD)
    assert jobs["annotate"] == "1"
    assert jobs["store"] == "1"
    assert jobs["reanalyse"] == "4"
    assert "rank" not in jobs, "the first cycle is not made again"
    assert jobs["freeze"] == "1"
    done = grown.snakemake(THIRD)
    assert done.returncode == 0, done.stderr[-3000:]
    frozen = open_cycle(grown.folder / "state", THIRD)
    assert frozen.cycle.kind == "delta"
    # The sheet's paths were relative before: they name the same files, so nobody is seen anew.
    assert frozen.cycle.anew == ("DEMO-99",)
    old = grown.rows(NEXT, "standing")
    new = [row for row in grown.rows(THIRD, "standing") if row["case"] != "DEMO-99"]
    assert sorted(map(repr, old)) == sorted(map(repr, new)), "other cases never change a result"
    assert any(row["case"] == "DEMO-99" for row in grown.rows(THIRD, "standing"))


def test_a_new_base_or_a_full_pass_in_the_middle_stays_what_it_was(grown: Run) -> None:
    """The cycles before it are no longer known to those after it: nothing of it is made again."""
    follow(grown, THIRD, NEXT, compact_after=1)
    follow(grown, "2025-06", THIRD, compact_after=12)
    follow(grown, "2025-09", "2025-06", full=True)
    follow(grown, "2025-12", "2025-09", full=False)
    before = None
    for cycle, ranked in ((THIRD, 0), ("2025-06", 0), ("2025-09", 4), ("2025-12", 0)):
        jobs = planned(grown, cycle)
        assert int(jobs.get("rank", 0)) == ranked
        assert (jobs["events"], int(jobs.get("reanalyse", 0))) == ("4", 4 - ranked)
        done = grown.snakemake(cycle)
        assert done.returncode == 0, done.stderr[-3000:]
        states = [state.digests() for state in grown.states(cycle)]
        assert before in (None, states), "nothing changed, so each says the same"
        before = states
    cycles = [open_cycle(grown.folder / "state", c).cycle for c in (THIRD, "2025-06", "2025-09")]
    assert [(c.kind, c.compacted, c.base) for c in cycles] == [
        ("delta", True, True),
        ("delta", False, False),
        ("full", False, True),
    ]
