import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from annotate_world import World

from ariane.annotate.case import Inputs, Outputs, annotate_case
from ariane.files import read_table
from ariane.model.tables import CANDIDATES, READ_KEYS

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = REPOSITORY.parent / "shared" / "data"
EXOME = SHARED / "vcf" / "exome_hu82436A.GRCh38.vcf.gz"
REAL = {
    "vcf": EXOME,
    "reference": SHARED / "reference" / "GRCh38.lrg524.fa.gz",
    "transcripts": SHARED / "reference" / "MANE_select.GRCh38.gff3.gz",
    "regions": SHARED / "reference" / "lrg524.bed",
}


def program(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(REPOSITORY / "scripts" / name), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_programs_end_to_end(world: World, tmp_path: Path) -> None:
    vcf = world.vcf(tmp_path, ["chr1 335 . C A . PASS . GT 0/1"], name="c.vcf.gz")
    out = tmp_path / "cases" / "F1"
    given = ["--case", "F1", "--vcf", vcf, "--sample", "P=S1", "--reference", world.reference]
    given += ["--transcripts", world.transcripts, "--out-bcf", out / "variants.bcf"]
    given += ["--out-candidates", out / "c.parquet", "--out-summary", out / "annotation.json"]
    done = program("annotate_case.py", *given)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")
    assert (out / "variants.bcf.csi").is_file()
    assert json.loads((out / "annotation.json").read_text())["samples"] == {"P": "S1"}
    keys = tmp_path / "k.parquet"
    done = program(
        *("build_store.py", "--candidates", out / "c.parquet"),
        *("--out-candidates", tmp_path / "s.parquet", "--out-read-keys", keys),
    )
    assert (done.returncode, done.stderr) == (0, "")
    kinds = {row["kind"] for row in read_table(keys, READ_KEYS)}
    assert kinds == {"variant", "codon", "gene", "stretch"}


def test_a_fault_is_one_line_without_traceback(world: World, tmp_path: Path) -> None:
    out = tmp_path / "out"
    given = ["--case", "F1", "--vcf", tmp_path / "no.vcf", "--reference", world.reference]
    given += ["--transcripts", world.transcripts, "--out-bcf", out / "v.bcf"]
    given += ["--out-candidates", out / "c.parquet", "--out-summary", out / "a.json"]
    done = program("annotate_case.py", *given, "--sample", "P=S1")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "no.vcf: there is no such file" in done.stderr
    assert "MEMBER=SAMPLE" in program("annotate_case.py", *given, "--sample", "S1").stderr


@pytest.mark.shared_data
def test_real_exome_loses_nothing(tmp_path: Path) -> None:
    for path in REAL.values():
        if not path.is_file():
            pytest.skip(f"absent: {path.name}")
    outputs = Outputs(tmp_path / "v.bcf", tmp_path / "c.parquet", tmp_path / "a.json")
    start = time.perf_counter()
    summary = annotate_case(
        Inputs(
            "F1", EXOME, {"P": "LH7161"}, REAL["reference"], REAL["transcripts"], REAL["regions"]
        ),
        outputs,
    )
    print(
        f"annotated {summary['records']['records']} records in {time.perf_counter() - start:.1f} s"
    )
    assert summary["records"]["records"] == 118_946
    assert summary["records"]["kept_records"] == 4_083
    assert sum(summary["alleles"].values()) == 4_083
    rows = read_table(outputs.candidates, CANDIDATES)
    assert len({row["variant"] for row in rows}) == summary["alleles"]["candidates"]
    order = [tuple(row[name] for name in CANDIDATES.sort) for row in rows]
    assert order == sorted(order)
