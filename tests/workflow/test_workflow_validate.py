"""A laboratory's validation on the demo: the real workflow, masked, and its report."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from demo_run import DEMO, FIRST, Run, expected

import validate_cases
from ariane.model.errors import ArianeError
from ariane.report.explain import Run as Folders
from ariane.validate.masked import read_request
from ariane.validate.outcome import judge
from ariane.validate.printed import BROWSERS

pytestmark = pytest.mark.workflow

DECIDED = {row["case_id"]: row for row in expected()}
CASES = ("DEMO-01", "DEMO-06", "DEMO-08", "DEMO-09", "DEMO-14", "DEMO-18")
"""An SNV, a pair that demo-A knows half of, mitochondrial, an indel, a gene without a disease in
demo-A, a deletion with an indel."""
DATE = "2024-04-02"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One validation, run to its end."""
    folder = tmp_path_factory.mktemp("validation")
    lines = (DEMO / "decisions.tsv").read_text("utf-8").splitlines()[:1]
    for case in CASES:
        row = DECIDED[case]
        named = [row[column] for column in ("gene", "variants", "disease")]
        lines.append("\t".join([case, "solved", *named, "RCP-1", "RCP", "CR-1", "2024-02-01", ""]))
    (folder / "decisions.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    config = {
        "cycle": "v1",
        "release": "demo-A",
        "releases": str(DEMO / "releases"),
        "families": str(DEMO / "families.tsv"),
        "decisions": str(folder / "decisions.tsv"),
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    validate(folder, "--cores", "2")
    return folder


def validate(folder: Path, *more: str) -> None:
    config, out = folder / "config.yaml", folder / "run"
    validate_cases.main(["--config", str(config), "--out", str(out), "--date", DATE, *more])


def report(made: Path) -> dict[str, Any]:
    return dict(json.loads((made / "run" / "report.json").read_text("utf-8")))


def test_what_the_demo_holds_is_found_and_what_it_lacks_is_missed(made: Path) -> None:
    told = {case["case"]: case for case in report(made)["cases"]}
    assert set(told) == set(CASES)
    for case in CASES:
        rank = DECIDED[case]["rank_a"]
        assert told[case]["place"] == (None if rank == "none" else int(rank)), case
    assert {case: told[case]["kind"] for case in CASES} == {
        "DEMO-01": "SNV",
        "DEMO-06": "indel",
        "DEMO-08": "mitochondrial",
        "DEMO-09": "indel",
        "DEMO-14": "SNV",
        "DEMO-18": "CNV or SV",
    }
    assert told["DEMO-08"]["modes"] == "MT"
    (everything,) = [line for line in report(made)["sensitivity"] if line["group"] == "all"]
    assert (everything["found"]["count"], everything["found"]["of"]) == (4, 6)


def test_a_missed_case_says_at_which_step(made: Path) -> None:
    missed = {case["case"]: case["reasons"] for case in report(made)["cases"] if case["reasons"]}
    assert set(missed) == {"DEMO-06", "DEMO-14"}
    (reason,) = [line for line in missed["DEMO-14"] if "left out" in line]
    assert "chr19-19730-C-T: left out at step 'disease'" in reason
    assert any("chr1-7320-T-C" in line for line in missed["DEMO-06"])


def test_the_decision_did_not_help(made: Path, demo: Run) -> None:
    frozen = made / "run" / "state" / "cycles" / "v1" / "inputs"
    for path in sorted(frozen.rglob("*")):
        if path.is_file() and path.name != "policy.yaml":
            text = path.read_text("utf-8")
            assert not any(DECIDED[case]["gene"] in text for case in CASES), path
            assert '"solved"' not in text
    # The demo's own cycle knew that DEMO-01 is solved, and by what: it validates nothing.
    folder = demo.folder
    knowing = Folders(folder / "results", folder / "state", DEMO / "releases", FIRST, None)
    with pytest.raises(ArianeError, match="it knew what was decided"):
        judge(knowing, read_request(made / "config.yaml").solved)


def test_the_report_says_what_it_rests_on(made: Path) -> None:
    page = (made / "run" / "report.html").read_text("utf-8")
    for words in ("not a CE-marked device", "ISO 15189", "article 5(5)", "Signature", DATE):
        assert words in page
    versions = report(made)["versions"]
    assert versions["release"]["name"] == "demo-A"
    assert versions["release"]["manifest"] in page
    assert {"snakemake", "pysam", "bcftools (in pysam)"} <= set(versions["packages"])
    for resource in versions["release"]["resources"]:
        assert resource["sha256"] in page
    assert len(versions["inputs"]["masked"]) == 64


def test_the_same_report_has_the_same_bytes(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = made / "run"
    before = {path.name: path.read_bytes() for path in sorted(run.glob("report.*"))}
    validate(made, "--report-only")
    assert {path.name: path.read_bytes() for path in sorted(run.glob("report.*"))} == before
    assert "Causal variant found in 4 of 6 solved cases." in capsys.readouterr().out
    if any(map(shutil.which, BROWSERS)):
        assert before["report.pdf"].startswith(b"%PDF-")
        assert b"/CreationDate (D:20240402000000" in before["report.pdf"]


def test_without_a_browser_the_page_stands_alone(
    made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    validate(made, "--report-only", "--language", "fr")
    assert "There is no Chromium here, so no PDF was made." in capsys.readouterr().out
    page = (made / "run" / "report.html").read_text("utf-8")
    assert "dispositif marqué CE" in page
    assert "left out at step" in page
