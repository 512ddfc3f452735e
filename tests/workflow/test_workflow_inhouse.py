"""The in-house table made by its program from a run's cases, and read by a release."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from demo_run import DEMO, FIRST, REPOSITORY, Run

from ariane import files
from ariane.knowledge.context import Context, contigs_of
from ariane.knowledge.genes import GeneNames
from ariane.knowledge.in_house import case_digest, read_families, read_in_house
from ariane.knowledge.release import Release
from ariane.model.genotype import decode_family
from ariane.model.tables import CANDIDATES
from ariane.reanalyse.frozen import open_cycle

pytestmark = pytest.mark.workflow

SHEET = "# unrelated\ncase\tfamily\nDEMO-04\tone\nDEMO-05\ttwo\nDEMO-07\ttwo\nDEMO-13\tthree\n"


def made(demo: Run, out: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(REPOSITORY / "scripts" / "make_inhouse.py"), "--cycle", FIRST,
         "--release", str(DEMO / "releases" / "demo-A"), "--out", str(out), *words],
        cwd=demo.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def carried(demo: Run, *cases: str) -> Counter[str]:
    """Alleles that the patients of some cases carry, counted by hand from what is stored."""
    found: Counter[str] = Counter()
    for case in open_cycle(demo.folder / "state", FIRST).cases:
        if case.id not in cases:
            continue
        seen = set()
        path = demo.folder / "results/cases" / case.id / "candidates.parquet"
        for row in files.read_table(path, CANDIDATES):
            call = decode_family(row["genotypes"]).get(case.proband)
            plain = row["alt"] and set(row["ref"] + row["alt"]) <= set("ACGT")
            if row["variant"] in seen or not call or not plain or "chr1" not in row["variant"]:
                continue
            seen.add(row["variant"])
            found[row["variant"]] += sum(1 for allele in call.alleles if allele == 1)
    return +found


def rows(path: Path) -> dict[str, dict[str, object]]:
    release = Release.open(DEMO / "releases" / "demo-A")
    context = Context(GeneNames.of(()), contigs_of(release), release.require("reference"))
    return {str(row["variant"]): row for row in read_in_house(path, context)}


def test_one_patient_of_each_family_is_counted(demo: Run, tmp_path: Path) -> None:
    sheet, out = tmp_path / "unrelated.tsv", tmp_path / "in_house.vcf.gz"
    sheet.write_text(SHEET, encoding="utf-8")
    done = made(demo, out, "--families", str(sheet))
    assert done.returncode == 0, done.stderr
    assert "3 families are counted" in done.stderr
    expected = carried(demo, "DEMO-04", "DEMO-05", "DEMO-13")
    found = {name: row for name, row in rows(out).items() if "chr1" in name}
    assert expected
    assert {name: row["ac"] for name, row in found.items()} == dict(expected)
    assert {row["an"] for row in found.values()} == {6}
    text = files.open_text(out).read()
    assert "DEMO-" not in text, "no pseudonym leaves the cohort's folder"
    named = " ".join(str(row) for row in read_families(out))
    for case in ("DEMO-04", "DEMO-05", "DEMO-07", "DEMO-13"):
        assert case_digest(case) in named, "all cases of a family are of it"
    assert case_digest("DEMO-06") not in named
    again = tmp_path / "again.vcf.gz"
    assert made(demo, again, "--families", str(sheet)).returncode == 0
    assert again.read_bytes() == out.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "again.vcf.gz", "in_house.vcf.gz", "unrelated.tsv",
    ]  # fmt: skip


def test_without_a_sheet_each_case_is_a_family(demo: Run, tmp_path: Path) -> None:
    done = made(demo, tmp_path / "t.vcf.gz")
    assert done.returncode == 0, done.stderr
    count = len(open_cycle(demo.folder / "state", FIRST).cases)
    assert f"{count} families are counted" in done.stderr


def test_all_faults_of_the_sheet_are_told_and_nothing_is_written(demo: Run, tmp_path: Path) -> None:
    sheet, out = tmp_path / "unrelated.tsv", tmp_path / "in_house.vcf.gz"
    sheet.write_text("DEMO-04\tone\nDEMO-99\ttwo\nDEMO-04\tthree\nDEMO-05\n", encoding="utf-8")
    done = made(demo, out, "--families", str(sheet))
    assert done.returncode == 2
    for words in (
        f"{sheet}:2: the cycle holds no case 'DEMO-99'.",
        f"{sheet}:3: case 'DEMO-04' comes twice. Keep one line.",
        f"{sheet}:4: give case and family, parted by a tabulator.",
    ):
        assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["unrelated.tsv"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--cycle", "2099-01"), "2099-01"),
        (("--cases", "nowhere"), "Annotate the case first."),
        (("--families", "nowhere.tsv"), "nowhere.tsv"),
    ],
)
def test_what_is_wrongly_asked_is_told(
    words: tuple[str, ...], message: str, demo: Run, tmp_path: Path
) -> None:
    done = made(demo, tmp_path / "t.vcf.gz", *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
