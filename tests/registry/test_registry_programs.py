"""The three programs, end to end, as a rule calls them."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import openpyxl

from ariane.files import write_table
from ariane.model import tables
from ariane.model.canonical import to_json
from ariane.model.case import Analysis, Case, Consent, Member, Phenotype, Status
from ariane.reanalyse.frozen import write_by_shard
from ariane.reanalyse.sums import write_sums
from ariane.registry.mapping import read_mapping
from ariane.registry.patch import Patch, Proposal, write_patch

ROOT = Path(__file__).resolve().parents[2]


def call(folder: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / program), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_from_tables_to_the_registry_and_its_journal(tmp_path: Path) -> None:
    cases = [
        Case(name, "p", (Member("p", "s"),), Phenotype(), Analysis("a.vcf.gz"),
             Consent(registry=consent), status)
        for name, consent, status in [
            ("F1", True, Status.IMPASSE), ("F2", False, Status.IMPASSE),
            ("F3", True, Status.SOLVED),
        ]
    ]  # fmt: skip
    (tmp_path / "cases.jsonl").write_text("".join(to_json(c.to_json()) + "\n" for c in cases))
    finding = "HGNC:4177|AR|chr1-55-A-G"
    write_table(tmp_path / "standing.parquet", tables.STANDING, [
        {"case": name, "hypothesis": f"{finding}|OMIM:1", "gene": "HGNC:4177", "symbol": "GBA1",
         "disease": "OMIM:1", "disease_name": "d", "mode": "AR", "finding": finding,
         "local_points": 0, "phenotype_points": 0, "total_points": 0, "posterior": 0.875,
         "rank": 1, "gene_rank": 1, "out_of_scope": 0} for name in ("F1", "F2", "F3")
    ])  # fmt: skip
    write_table(tmp_path / "flags.parquet", tables.FLAGS, [
        {"case": "F1", "reason": "event", "gene": "HGNC:4177", "symbol": "GBA1",
         "finding": finding, "sentence": "s", "due": "2024-06-30", "priority": 1,
         "status": "impasse", "lift": "", "look_for": "", "site": "", "hgvs": "", "source": "",
         "urgent": False, "to": "biologist", "expected_change": 0.5, "why": "", "since": "c1"}
    ])  # fmt: skip
    write_table(tmp_path / "findings.parquet", tables.FINDINGS, [])
    (tmp_path / "decisions.tsv").write_text(
        "case_id\toutcome\tgene\tactor\trole\treport\tdate\n"
        "F3\tsolved\tHGNC:4177\tRCP-9\tRCP\tCR-7\t2024-03-06\n"
    )
    example = ROOT / "config" / "registries" / "example.yaml"
    mapping = example.read_text(encoding="utf-8").replace(
        "add_missing_columns: false", "add_missing_columns: true"
    )
    (tmp_path / "mapping.yaml").write_text(mapping, encoding="utf-8")
    registry = tmp_path / "registre.csv"
    registry.write_bytes(b"pseudonyme;statut_diagnostic\r\nF1;en cours\r\nF2;en cours\r\nF3;x\r\n")
    original = registry.read_bytes()

    propose = [
        "--cases", "cases.jsonl", "--flags", "flags.parquet", "--standing", "standing.parquet",
        "--findings", "findings.parquet", "--decisions", "decisions.tsv", "--cycle", "2024-2",
        "--release", "R2", "--mapping", "mapping.yaml", "--out", "patch.json",
    ]  # fmt: skip
    apply = [
        "--registry", "registre.csv", "--mapping", "mapping.yaml", "--patch", "patch.json",
        "--state", "state/registry/r", "--as-of", "2024-03-06", "--actor", "RCP-9",
        "--receipt", "receipt.json",
    ]  # fmt: skip
    done = call(tmp_path, "propose_registry.py", *propose)
    assert (done.returncode, done.stderr) == (0, "2 cases proposed, 1 refused: patch.json\n")
    first = (tmp_path / "patch.json").read_bytes()
    call(tmp_path, "propose_registry.py", *propose)
    assert (tmp_path / "patch.json").read_bytes() == first

    checked = call(tmp_path, "apply_registry.py", *apply, "--check")
    assert "2 rows would be written" in checked.stderr
    assert registry.read_bytes() == original
    assert not (tmp_path / "state").exists()

    assert call(tmp_path, "apply_registry.py", *apply).returncode == 0
    lines = registry.read_bytes().decode().split("\r\n")
    assert lines[1] == (
        "F1;en cours;candidat à examiner;GBA1;chr1-55-A-G;OMIM:1;87,5;élément nouveau (GBA1);"
        "30/06/2024;2024-2;R2;;"
    )
    assert lines[2] == "F2;en cours;;;;;;;;;;;"
    assert lines[3] == "F3;x;résolu (décision);GBA1;;;;;;2024-2;R2;résolu;CR-7"
    receipt = json.loads((tmp_path / "receipt.json").read_text(encoding="utf-8"))
    assert receipt["refused"][0]["reasons"] == ["no consent_registry"]

    state = ["--state", "state/registry/r"]
    verified = call(
        tmp_path, "registry_journal.py", "verify", *state, "--head", receipt["journal"]["head"]
    )
    assert verified.stdout.startswith("2 records, chain and seals whole.")
    shown = call(tmp_path, "registry_journal.py", "show", *state).stdout
    assert '"case":"F1"' in shown
    who = ["--as-of", "2024-04-01", "--actor", "DPO"]
    erased = call(tmp_path, "registry_journal.py", "erase", *state, "--case", "F1", *who)
    assert "2024-03-06-001.csv" in erased.stdout
    shown = call(tmp_path, "registry_journal.py", "show", *state).stdout
    assert '"case":"F1"' not in shown
    assert '"case":"F3"' in shown
    journal = tmp_path / "state" / "registry" / "r" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().split(b"\n")[0] + b"\n")
    short = call(
        tmp_path, "registry_journal.py", "verify", *state, "--head", receipt["journal"]["head"]
    )
    assert short.returncode == 2
    assert "shortened" in short.stderr


def test_a_cycle_is_read_with_the_findings_in_force(tmp_path: Path) -> None:
    one = Case("F1", "p", (Member("p", "s"),), Phenotype(), Analysis("a.vcf.gz"),
               Consent(registry=True), Status.IMPASSE)  # fmt: skip
    finding = "HGNC:4177|AR|chr1-55-A-G"
    row = {
        "case": "F1", "gene": "HGNC:4177", "symbol": "GBA1", "finding": finding, "mode": "AR",
        "variants": "chr1-55-A-G", "zygosity": "hom", "consequence": "missense",
        "hgvs": "", "hgvs_g": "",
        "transcript": "T", "acmg_points": "0", "acmg_class": "VUS", "local_points": 0,
        "genotypes": "",
    }  # fmt: skip
    stand = {
        "case": "F1", "hypothesis": f"{finding}|OMIM:1", "gene": "HGNC:4177", "symbol": "GBA1",
        "disease": "OMIM:1", "disease_name": "d", "mode": "AR", "finding": finding,
        "local_points": 0, "phenotype_points": 0, "total_points": 0, "posterior": 0.875,
        "rank": 1, "gene_rank": 1, "out_of_scope": 0,
    }  # fmt: skip
    for cycle, previous, kind, change in [
        ("c1", "", "full", "1A>1B"),
        ("c2", "c1", "delta", "1A>1C"),
    ]:
        frozen = tmp_path / "state" / "cycles" / cycle / "inputs"
        frozen.mkdir(parents=True)
        write_by_shard(frozen, 1, [one], {one.id: {}})
        (frozen / "decisions.tsv").write_text("case_id\toutcome\tactor\trole\treport\tdate\n")
        (frozen / "cycle.json").write_text(to_json({
            "cycle": cycle, "release": f"R-{cycle}", "as_of": "2024-03-06", "previous": previous,
            "kind": kind, "reasons": [], "shards": 1, "profile": "p", "engine": {"ranking": 7},
            "tables": "t", "manifest": "m", "excluded": {"F8": "consent withdrawn"}, "anew": [],
        }))  # fmt: skip
        write_sums(frozen)
        shard = tmp_path / "results" / "cycles" / cycle / "shards" / "000-of-001"
        write_table(
            shard / "findings.parquet", tables.FINDINGS, [{**row, "protein_change": change}]
        )
        write_table(shard / "ledger.parquet", tables.LEDGER, [])
        write_table(shard / "flags.parquet", tables.FLAGS, [])
        write_table(shard / "standing.parquet", tables.STANDING, [stand])
        write_table(shard / "touched.parquet", tables.TOUCHED,
                    [{"case": "F1", "gene": "HGNC:4177", "operation": "replaced"}])  # fmt: skip
    done = call(
        tmp_path, "propose_registry.py", "--inputs", "state/cycles/c2/inputs",
        "--cycles", "results/cycles", "--out", "patch.json",
        "--mapping", str(ROOT / "config" / "registries" / "example.yaml"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    patch = json.loads((tmp_path / "patch.json").read_text(encoding="utf-8"))
    assert (patch["cycle"], patch["release"], patch["engine"]) == ("c2", "R-c2", {"ranking": 7})
    assert patch["proposals"][0]["values"]["variant"] == "chr1-55-A-G (1A>1C)"
    assert patch["refused"] == [{"case": "F8", "reasons": ["consent withdrawn"]}]


def test_faults_of_the_decisions_stop_everything_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_text("")
    (tmp_path / "decisions.tsv").write_text("case_id\toutcome\n")
    done = call(
        tmp_path, "propose_registry.py", "--cases", "cases.jsonl", "--decisions", "decisions.tsv",
        "--cycle", "c", "--release", "R", "--out", "patch.json",
        "--mapping", str(ROOT / "config" / "registries" / "example.yaml"),
    )  # fmt: skip
    assert done.returncode == 2
    assert "no column 'actor'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "patch.json").exists()


def test_a_file_larger_than_the_account_may_write_ends_in_words(tmp_path: Path) -> None:
    """A quota as the system has it: the new registry does not fit, the old one stays."""
    example = ROOT / "config" / "registries" / "example.yaml"
    registry = tmp_path / "registre.csv"
    columns = read_mapping(example).columns.values()
    rows = "".join(f"F{i};{'x' * 40}{';' * len(columns)}\n" for i in range(10_000))
    registry.write_text(f"pseudonyme;note;{';'.join(columns)}\n{rows}", encoding="utf-8")
    before = registry.read_bytes()
    patch = Patch("c", "R", {}, read_mapping(example).identity, 0.1,
                  (Proposal("F7", {"gene": "GBA1"}),))  # fmt: skip
    write_patch(tmp_path / "patch.json", patch)
    arguments = [
        "--registry", "registre.csv", "--mapping", str(example), "--patch", "patch.json",
        "--state", "state", "--as-of", "2024-03-06", "--actor", "RCP-9", "--receipt", "r.json",
    ]  # fmt: skip
    program = str(ROOT / "scripts" / "apply_registry.py")
    done = subprocess.run(
        [sys.executable, program, *arguments], cwd=tmp_path, capture_output=True, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
        check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "File too large" in done.stderr
    assert "The registry is as it was. Mend this and run again." in done.stderr
    assert "Traceback" not in done.stderr
    assert registry.read_bytes() == before
    assert not list(tmp_path.glob(".*ariane*"))
    assert not (tmp_path / "r.json").exists()
    assert call(tmp_path, "apply_registry.py", *arguments).returncode == 0
    assert registry.read_bytes().count(b"GBA1") == 1


def test_from_a_workbook_to_its_reversal(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["pseudonyme", "statut"])
    book.worksheets[0].append(["F1", "en cours"])
    registry = tmp_path / "registre.xlsx"
    book.save(registry)
    example = ROOT / "config" / "registries" / "example.yaml"
    text = example.read_text(encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(
        text.replace("add_missing_columns: false", "add_missing_columns: true"), encoding="utf-8"
    )
    mapping = read_mapping(tmp_path / "mapping.yaml")
    values = {"gene": "GBA1", "posterior": "87,5"}
    write_patch(
        tmp_path / "patch.json",
        Patch("c", "R", {}, mapping.identity, 0.1, (Proposal("F1", values),)),
    )
    done = call(
        tmp_path, "apply_registry.py", "--registry", "registre.xlsx", "--mapping", "mapping.yaml",
        "--patch", "patch.json", "--state", "state", "--as-of", "2024-03-06", "--actor", "RCP-9",
        "--receipt", "receipt.json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr

    def row() -> dict[object, object]:
        header, line = openpyxl.load_workbook(registry).worksheets[0].iter_rows(values_only=True)
        return {k: v for k, v in zip(header, line, strict=True) if v is not None}

    assert row() == {
        "pseudonyme": "F1", "statut": "en cours", "ariane_gene": "GBA1", "ariane_probabilite": 87.5,
    }  # fmt: skip
    back = [
        "revert", "--state", "state", "--registry", "registre.xlsx", "--mapping", "mapping.yaml",
        "--as-of", "2024-04-01", "--actor", "RCP-9", "--receipt", "back.json",
    ]  # fmt: skip
    wrong = call(tmp_path, "registry_journal.py", *back)
    assert (wrong.returncode, "either a record" in wrong.stderr) == (2, True)
    done = call(tmp_path, "registry_journal.py", *back, "--record", "1")
    assert (done.returncode, done.stderr) == (0, "1 rows put back in registre.xlsx\n")
    assert row() == {"pseudonyme": "F1", "statut": "en cours"}
    told = json.loads((tmp_path / "back.json").read_text(encoding="utf-8"))
    assert told["reverted"][0]["case"] == "F1"
    erased = call(
        tmp_path, "registry_journal.py", "erase", "--state", "state", "--case", "F1",
        "--as-of", "2024-05-01", "--actor", "DPO",
    )  # fmt: skip
    # The pseudonym lies compressed within the workbooks' backups, and is found.
    assert erased.stdout.count(".xlsx") == 2
