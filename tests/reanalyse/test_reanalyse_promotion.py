"""Promotion: a cut file, changed words and a lost diagnosis end here, not in alarms."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pysam
import pytest
import yaml
from random_cohorts import GOOD
from reanalyse_desk import Desk
from reanalyse_genome import KEYS
from reanalyse_passes import build, changes_between, delta, full
from reanalyse_people import Patient, family
from reanalyse_release import lay_out
from reanalyse_world import TERMS, Said, World

from ariane import files
from ariane.files import RESOURCES
from ariane.knowledge.in_house import case_digest
from ariane.knowledge.release import Release, Source, assemble
from ariane.model import engine
from ariane.model.case import Consent
from ariane.model.errors import ArianeError, InputFaults
from ariane.reanalyse.controls import (
    KEPT,
    LEFT_TOP,
    LOST_CLASS,
    NOT_FOUND,
    Stand,
    compare_stands,
    read_exceptions,
)
from ariane.reanalyse.plausible import (
    DOWNGRADED,
    NO_LONGER,
)
from ariane.reanalyse.promoted import read_promotion, read_promotions
from ariane.reanalyse.promotion import LIMITS, Home, Outcome, RefusedError, Request, promote

REPOSITORY = Path(__file__).resolve().parents[2]
DATA = REPOSITORY.parent / "shared" / "data"
DEMO = RESOURCES / "demo" / "releases" / "demo-A"

import prepare_release  # noqa: E402

SHARD = "000-of-001"
STOP = KEYS[3]
BASE = World(
    assertions={STOP: (Said("P", 3),), KEYS[0]: (Said("VUS", 1),)},
    gene_disease={("HGNC:1", "OMIM:1"): "AD"},
    dosage={"HGNC:1": "3"},
    described={("OMIM:1", TERMS[3]): "3/3", ("OMIM:2", TERMS[4]): "3/3"},
)
SILENT = replace(BASE, assertions={KEYS[0]: (Said("VUS", 1),)}, dosage={"HGNC:1": "0"})
"""The gene is no longer known to be harmed by a loss, and nobody asserts its allele."""
SOLVED = f"F1 | solved | HGNC:1 | {STOP} | OMIM:1 | RCP-1 | RCP | R1 | 2024-01-02 | "


def quiet(_: str) -> None:
    """Progress that nobody watches."""


class Site:
    """A working folder as a run leaves it, with releases prepared where rules look for them."""

    def __init__(self, root: Path) -> None:
        self.desk = Desk(root)
        self.home = Home(self.desk.state, root / "results", root / "releases")
        self.folders: list[Path] = []
        self.names: list[str] = []

    def release(self, name: str, world: World) -> None:
        """Lay a release out."""
        self.desk.laid[name] = lay_out(self.desk.root, name, world)

    def cycle(self, name: str, release: str, patients: Sequence[Patient], *decided: str) -> None:
        """Finish a cycle, a delta over those before."""
        desk, results = self.desk, self.home.results
        desk.decide(*decided)
        previous = self.names[-1] if self.names else ""
        cases = [p.case for p in patients]
        frozen = desk.freeze(name, cases, previous=previous, release=release, shards=1)
        calls = {p.case.id: p.calls for p in patients}
        taken = [Patient(case, calls[case.id]) for case in frozen.cases]
        store = build(results / "store", SHARD, taken)
        out = results / "cycles" / name / "shards" / SHARD
        laid = desk.laid[release]
        if previous:
            before = desk.freeze(previous)
            changes = changes_between(desk.root, desk.laid[before.cycle.release], laid)
            then = [Patient(case, {}) for case in before.cases]
            delta(taken, store, laid, self.folders, changes, out, frozen.cycle.anew, then)
        else:
            full(taken, store, laid, out)
        for case in frozen.cases:
            home = results / "cases" / case.id
            home.mkdir(parents=True, exist_ok=True)
            checksum = files.sha256_of(Path(case.analysis.vcf))
            files.write_text(home / "annotation.json", json.dumps({"vcf_sha256": checksum}))
        self.folders.append(out)
        self.names.append(name)

    def patient(self, name: str = "F1", **more: object) -> Patient:
        """A case with the stop allele, described as its disease is."""
        vcf = str(self.desk.root / "case.vcf")
        case = family(name, vcf=vcf, observed=(TERMS[3],), **more)  # type: ignore[arg-type]
        return Patient(case, {3: {"child": GOOD}})

    def promote(self, release: str, date: str = "2024-03-06", **more: object) -> Outcome:
        """Ask for a promotion."""
        given = {"by": "Pro-1", "cycles": self.names[::-1], **more}
        return promote(self.home, Request(release=release, date=date, **given), quiet)  # type: ignore[arg-type]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A finished first cycle with one solved case, and a candidate that says the same."""
    made = Site(tmp_path)
    made.release("R1", BASE)
    made.cycle("c1", "R1", [made.patient()], SOLVED)
    made.release("R2", replace(BASE, frequencies={KEYS[0]: 0.001}))
    return made


def test_a_plausible_release_is_promoted_and_recorded(site: Site) -> None:
    outcome = site.promote("R2")
    assert outcome.new
    recorded = read_promotion(site.home.state, "R2")
    assert recorded == outcome.promotion
    assert recorded.number == 1
    assert (recorded.by, recorded.date) == ("Pro-1", "2024-03-06")
    assert recorded.grounds["against"] == ["R1"]
    assert recorded.grounds["cycle"] == "c1"
    assert [c["result"] for c in recorded.grounds["controls"]] == [KEPT]
    assert recorded.grounds["exceptions"] == []
    assert recorded.grounds["code_changed"] is False
    assert [v.case for v in outcome.verdicts] == ["F1"]
    text = (site.home.state / "promotions" / "R2.json").read_text(encoding="utf-8")
    assert '"F1"' not in text
    assert STOP not in text


def test_a_release_in_use_that_cannot_be_read_is_a_reason(site: Site) -> None:
    shutil.rmtree(site.home.knowledge("R1"))
    with pytest.raises(RefusedError, match="release R1, with which it is compared, cannot be read"):
        site.promote("R2")


def test_new_code_is_seen_with_the_release(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = engine.numbers()
    monkeypatch.setattr(engine, "numbers", lambda: {**numbers, "ranking": 10**6})
    outcome = site.promote("R2")
    assert outcome.promotion.grounds["code_changed"] is True
    assert any("code and release do together" in notice for notice in outcome.notices)


def test_the_same_promotion_again_is_nothing_new(site: Site) -> None:
    site.promote("R2")
    path = site.home.state / "promotions" / "R2.json"
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    assert not site.promote("R2").new
    with pytest.raises(ArianeError, match="a promotion is never changed"):
        site.promote("R2", by="Pro-2")
    with pytest.raises(ArianeError, match="a promotion is never changed"):
        site.promote("R2", date="2024-03-07")
    manifest = site.home.releases / "R2" / "manifest.yaml"
    manifest.write_text(manifest.read_text("utf-8") + "# touched\n", encoding="utf-8")
    with pytest.raises(ArianeError, match="its manifest has changed since"):
        site.promote("R2")
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_promotions_follow_one_another(site: Site) -> None:
    site.promote("R2")
    site.release("R3", replace(BASE, frequencies={KEYS[0]: 0.002}))
    with pytest.raises(RefusedError, match="lies before that of R2"):
        site.promote("R3", date="2024-03-05")
    third = site.promote("R3", date="2024-04-01").promotion
    assert third.number == 2
    assert third.grounds["against"] == ["R2", "R1"]
    assert [p.release for p in read_promotions(site.home.state)] == ["R2", "R3"]


def test_a_control_that_loses_its_class_stops_it(site: Site, tmp_path: Path) -> None:
    site.release("bad", SILENT)
    with pytest.raises(RefusedError, match=f"case F1: control {LOST_CLASS}: {STOP} from"):
        site.promote("bad")
    assert not (site.home.state / "promotions").exists()
    exceptions = tmp_path / "exceptions.tsv"
    exceptions.write_text(
        "case\treason\twho\tdate\nF1\tthe gene was refuted\tPro-9\t2024-03-01\n"
        "F7\tnot needed\tPro-9\t2024-03-01\n",
        encoding="utf-8",
    )
    outcome = site.promote("bad", exceptions=exceptions)
    [used] = outcome.promotion.grounds["exceptions"]
    assert used == {
        "case": case_digest("F1"),
        "reason": "the gene was refuted",
        "who": "Pro-9",
        "date": "2024-03-01",
    }
    assert any("F7: its exception was not needed" in notice for notice in outcome.notices)


def test_every_reason_is_told_at_once(site: Site, tmp_path: Path) -> None:
    site.release("bad", replace(SILENT, assertions={}, lacks=frozenset({"constraint"})))
    exceptions = tmp_path / "exceptions.tsv"
    exceptions.write_text("case\treason\twho\tdate\nF1\t\tPro 9\tMay\n", encoding="utf-8")
    listed = tmp_path / "controls.txt"
    listed.write_text("# ours\nF1\nF9\n", encoding="utf-8")
    with pytest.raises(RefusedError) as told:
        site.promote("bad", "soon", by="Dr. Who?", exceptions=exceptions, controls=listed)
    text = str(told.value)
    for part in (
        "--by: 'Dr. Who?'",
        "--date: 'soon' is not a date",
        "exceptions.tsv:2: case F1: no reason",
        "exceptions.tsv:2: case F1: date 'May'",
        "exceptions.tsv:2: case F1: who 'Pro 9'",
        "controls.txt:3: F9: not a solved case of cycle c1",
        "it holds no 'constraint', which R1 holds",
        "case F1: control lost its class",
        "assertions, removed: 2 of 2 records of R1, 100.00 %",
    ):
        assert part in text
    assert not (site.home.state / "promotions").exists()


def test_who_is_a_control(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.release("R1", BASE)
    silent = Consent(reanalysis=False)
    patients = [site.patient(f"F{n}") for n in (1, 2, 3, 4)]
    patients.append(site.patient("F5", consent=silent))
    site.cycle(
        "c1",
        "R1",
        patients,
        SOLVED,
        "F2 | solved | | | | RCP-1 | RCP | R2 | 2024-01-02 | ",
        f"F3 | solved | HGNC:1 | {STOP} | | RCP-1 | RCP | R3 | 2024-01-02 | ",
        "F3 | refuted | | | | RCP-1 | RCP | R4 | 2024-01-03 | ",
        "F4 | partly solved | HGNC:1 | | | RCP-1 | RCP | R5 | 2024-01-02 | ",
        f"F5 | solved | HGNC:1 | {STOP} | | RCP-1 | RCP | R6 | 2024-01-02 | ",
    )
    site.release("R2", replace(BASE, frequencies={KEYS[0]: 0.001}))
    outcome = site.promote("R2")
    assert [v.case for v in outcome.verdicts] == ["F1", "F4"]
    assert all(STOP in v.told for v in outcome.verdicts)
    assert any("F2: no signed decision names" in notice for notice in outcome.notices)
    assert any("F5: no consent to reanalysis" in notice for notice in outcome.notices)


@pytest.mark.parametrize("kind", ["reference", "transcripts"])
def test_controls_cannot_be_ranked_on_another_annotation(kind: str, tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.release("R1", BASE)
    site.cycle("c1", "R1", [site.patient()], SOLVED)
    lay_out(tmp_path, "R2", BASE, {kind: "##another\n"})
    with pytest.raises(RefusedError, match=f"not ranked again: the release's {kind} changed"):
        site.promote("R2")


def test_changed_calls_are_no_control(site: Site) -> None:
    path = site.home.results / "cases" / "F1" / "annotation.json"
    files.write_text(path, json.dumps({"vcf_sha256": "0"}))
    with pytest.raises(RefusedError, match="case F1: control not ranked again"):
        site.promote("R2")


def test_the_controls_are_compared_with_the_state_over_overlays(site: Site) -> None:
    site.cycle("c2", "R2", [site.patient()], SOLVED)
    site.release("R3", replace(BASE, frequencies={KEYS[0]: 0.002}))
    grounds = site.promote("R3").promotion.grounds
    assert grounds["cycle"] == "c2"
    assert [c["result"] for c in grounds["controls"]] == [KEPT]


def test_the_first_release_of_a_site(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.release("R1", BASE)
    with pytest.raises(RefusedError, match="nothing was written") as told:
        site.promote("R1")
    assert "say --first" in str(told.value)
    outcome = site.promote("R1", first=True)
    assert outcome.promotion.grounds["against"] == []
    assert outcome.notices == ("No cycle is finished, so no solved case was ranked again.",)


def test_an_unfinished_cycle_is_not_the_last(site: Site) -> None:
    site.desk.freeze("c2", [site.patient().case], previous="c1", release="R2", shards=1)
    site.release("R3", replace(BASE, frequencies={KEYS[0]: 0.002}))
    grounds = site.promote("R3", cycles=["c2", "c1"]).promotion.grounds
    assert grounds["cycle"] == "c1"


def test_a_release_must_be_prepared_and_whole(site: Site) -> None:
    shutil.rmtree(lay_out(site.desk.root, "R9", BASE).folder)
    with pytest.raises(ArianeError, match=r"not prepared. Run scripts/prepare_release.py"):
        site.promote("R9")
    site.home.knowledge("R9").symlink_to(site.desk.laid["R1"].folder)
    with pytest.raises(ArianeError, match="prepared of another release"):
        site.promote("R9")
    (site.home.releases / "files" / "R2" / "assertions").write_text("cut", encoding="utf-8")
    with pytest.raises(ArianeError, match=r"not what .* recorded"):
        site.promote("R2")


STANDS = {
    "kept": (("P", 1), ("P", 5), KEPT),
    "raised": (("LP", 1), ("P", 1), KEPT),
    "class lost": (("P", 1), ("LP", 1), LOST_CLASS),
    "allele lost": (("LP", 1), (None, None), LOST_CLASS),
    "top lost": (("P", 5), ("P", 6), LEFT_TOP),
    "never in the top": (("P", 6), ("P", 9), KEPT),
    "not ranked now": (("P", 1), ("P", None), LEFT_TOP),
    "not found before": ((None, None), (None, None), NOT_FOUND),
}


@pytest.mark.parametrize("name", sorted(STANDS))
def test_what_becomes_of_a_control(name: str) -> None:
    was, now, result = STANDS[name]
    stands = [Stand({"v": klass} if klass else {}, rank) for klass, rank in (was, now)]
    assert compare_stands("F1", *stands, top=5).result == result


def test_an_exceptions_file_without_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "e.tsv"
    path.write_text("case\twhy\nF1\tx\n", encoding="utf-8")
    waivers, faults = read_exceptions(path)
    assert waivers == []
    assert "does not name the columns" in faults[0].what
    path.write_text("case\treason\twho\tdate\nF1\ta\tb\t2024-01-01\tc\n", encoding="utf-8")
    assert "more cells" in read_exceptions(path)[1][0].what
    two = "F1\ta\tb\t2024-01-01\n"
    path.write_text(f"case\treason\twho\tdate\n{two}{two}", encoding="utf-8")
    assert "a second exception" in read_exceptions(path)[1][0].what


# A ClinVar as it is published, read by the reader, in releases made and prepared by the programs.


def clinvar(words: Sequence[str]) -> str:
    """A ClinVar VCF of substitutions on the demo's reference, one a word."""
    demo = Release.open(DEMO)
    lines = ["##fileformat=VCFv4.1", "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]
    with pysam.FastaFile(str(demo.require("reference"))) as fasta:
        contig = "chr1"
        bases = fasta.fetch(contig).upper()
    at = (i for i, base in enumerate(bases) if base in "ACGT")
    for number, (i, word) in enumerate(zip(at, words, strict=False), start=1):
        alt = "ACGT"["CGTA".index(bases[i])]
        info = f"CLNSIG={word};CLNREVSTAT=criteria_provided,_single_submitter"
        lines.append(f"{contig}\t{i + 1}\t{number}\t{bases[i]}\t{alt}\t.\t.\t{info}")
    assert number == len(words)
    return "\n".join(lines) + "\n"


def make(home: Home, name: str, text: str) -> None:
    """A release with the demo's genome and this ClinVar, prepared."""
    demo = Release.open(DEMO)
    path = home.releases.parent / f"{name}.vcf"
    path.write_text(text, encoding="utf-8")
    common = ("1", "2024-01-01", "open", "CC0-1.0", "invented")
    sources = [
        Source(kind, demo.require(kind), demo.resources[kind].format, *common,
               companions=tuple(demo.paths(kind)[1:]))
        for kind in ("reference", "transcripts", "genes")
    ]  # fmt: skip
    sources.append(Source("assertions", path, "clinvar_vcf", *common))
    folder = assemble(name, "2024-01-01", sources, home.releases).folder
    prepare_release.main(["--release", str(folder), "--out", str(home.knowledge(name))])


def test_a_cut_clinvar_and_new_words_end_here(tmp_path: Path) -> None:
    home = Home(tmp_path / "state", tmp_path / "results", tmp_path / "releases")
    words = (["Pathogenic", "Likely_pathogenic"] + ["Uncertain_significance"] * 8) * 100
    whole = clinvar(words)
    make(home, "whole", whole)
    request = Request("whole", "Pro-1", "2024-01-02", (), first=True)
    assert promote(home, request, quiet).new

    cut = whole[: int(len(whole) * 0.6)]
    make(home, "cut", cut[: cut.rindex("\n") + 1])
    with pytest.raises(RefusedError) as told:
        promote(home, replace(request, release="cut", first=False), quiet)
    assert "assertions, removed: 4" in str(told.value)
    assert "the limit is 2.00 %" in str(told.value)
    assert "assertions, no longer pathogenic" in str(told.value)

    strange = [f"{w}_low_certainty" if n % 20 == 5 else w for n, w in enumerate(words)]
    make(home, "strange", clinvar(strange))
    with pytest.raises(RefusedError) as told:
        promote(home, replace(request, release="strange", first=False), quiet)
    assert "assertions, unknown words: 50 of 1,000 records, 5.00 %" in str(told.value)
    assert "resources/assertion_words.tsv" in str(told.value)

    lowered = ["Uncertain_significance" if n % 20 == 0 else w for n, w in enumerate(words)]
    make(home, "lowered", clinvar(lowered))
    with pytest.raises(RefusedError) as told:
        promote(home, replace(request, release="lowered", first=False), quiet)
    assert "assertions, downgraded: 50 of 1,000 records of whole, 5.00 %" in str(told.value)
    own = tmp_path / "own.yaml"
    limits = yaml.safe_load(LIMITS.read_text("utf-8"))
    limits["shares"]["assertions"] |= {DOWNGRADED: 0.05, NO_LONGER: 0.25}
    own.write_text(yaml.safe_dump(limits), encoding="utf-8")
    again = replace(request, release="lowered", first=False, limits=own)
    assert promote(home, again, quiet).promotion.grounds["against"] == ["whole"]


def test_a_site_may_require_promotions(site: Site) -> None:
    case = [site.patient().case]
    with pytest.raises(InputFaults, match="was not promoted, and 'require_promotion' is true"):
        site.desk.freeze("c2", case, previous="c1", release="R2", shards=1, require_promotion=True)
    site.promote("R2")
    asked = {"previous": "c1", "release": "R2", "shards": 1, "require_promotion": True}
    assert site.desk.freeze("c2", case, **asked).cycle.release == "R2"
    manifest = site.home.releases / "R2" / "manifest.yaml"
    manifest.write_text(manifest.read_text("utf-8") + "# touched\n", encoding="utf-8")
    with pytest.raises(InputFaults, match="the release changed since Pro-1 promoted it on"):
        site.desk.freeze("c3", case, **asked)


def test_a_damaged_record_stops_everything(site: Site) -> None:
    site.promote("R2")
    path = site.home.state / "promotions" / "R2.json"
    for text in ("{", '{"schema": 2}', "[]"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ArianeError, match=r"damaged\. Restore it from a backup"):
            read_promotions(site.home.state)


# Shares.
