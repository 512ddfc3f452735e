from __future__ import annotations

import copy
import csv
import io
import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ariane.model.errors import ArianeError
from ariane.report import case_data, schema
from ariane.report.case_report import TOP, CaseReport

FOLDERS = sorted(path for path in (Path(__file__).parent / "cases").iterdir() if path.is_dir())
LANGUAGES = ["en", "fr"]
DASH = "\u2013"
Build = Callable[[dict[str, Any]], CaseReport]


def number(cell: str) -> float:
    return float(cell.replace("\u2212", "-").replace("+", "").replace(",", "."))


def empty(raw: dict[str, Any]) -> dict[str, Any]:
    none = [{**row, "posterior": 0.999999} for row in raw["standing"] if row["rank"] == 0]
    names = ("findings", "ledger", "phenotype", "events", "flags", "terms")
    gone: dict[str, Any] = {name: [] for name in names}
    return {**raw, **gone, "standing": none}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_case_folder_gives_the_expected_files(folder: Path, build: Build, read: Any) -> None:
    report = build(json.loads((folder / "input.json").read_text(encoding="utf-8")))
    assert report.to_tsv() == (folder / "expected.tsv").read_text(encoding="utf-8")
    assert case_data.dump(report.to_json()) == (folder / "expected.json").read_text("utf-8")
    for language in LANGUAGES:
        expected = (folder / f"expected.{language}.txt").read_text(encoding="utf-8")
        assert read(report.render_html(language)).text == expected.rstrip("\n")


def test_json_follows_its_schema_and_comes_back_whole(
    raw: dict[str, Any], build: Build, tmp_path: Path
) -> None:
    report = build(raw)
    report.write("en", tmp_path / "c.html", tmp_path / "c.tsv", tmp_path / "c.json")
    back = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    schema.check(back)
    assert back == report.to_json()
    ledger = sorted(json.dumps({**row, "case": "CASE-7"}, sort_keys=True) for row in back["ledger"])
    assert ledger == sorted(json.dumps(row, sort_keys=True) for row in raw["ledger"])


def test_data_against_the_schema_stop_all_three_files(
    raw: dict[str, Any], build: Build, tmp_path: Path
) -> None:
    raw["standing"][1]["posterior"] = 1.5
    with pytest.raises(ArianeError, match="hypotheses/0/posterior"):
        build(raw).write("en", tmp_path / "c.html", tmp_path / "c.tsv", tmp_path / "c.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_sum_printed_is_the_sum_of_the_rows_printed(
    raw: dict[str, Any], build: Build, read: Any, language: str
) -> None:
    report = build(raw)
    tables = read(report.render_html(language)).tables
    accounts = [t for t in tables if len(t[0]) == 7 and t[0][2] == "\u2212 · +"]
    shown = sum(2 * len(c.alleles) + bool(c.shared.lines) for c in report.candidates)
    assert len(accounts) == shown
    for table in accounts:
        rows = [row for row in table[1:-1] if len(row) == 7]
        assert sum(number(row[1]) for row in rows) == pytest.approx(number(table[-1][1]))
    printed = sum(len(t) - 2 for t in accounts if len(t[1]) == 7)
    assert printed == sum(
        len([r for r in raw["ledger"] if r["finding"] == c.standing["finding"]])
        for c in report.candidates
    )


def test_totals_add_up_and_the_pair_is_explained(
    raw: dict[str, Any], build: Build, read: Any
) -> None:
    page = read(build(raw).render_html("en"))
    assert "A pair is a product, not a sum" in page.text
    pair = next(t for t in page.tables if any(row[0] == "The pair" for row in t))
    values = {row[0]: number(row[1]) for row in pair}
    parts = [v for name, v in values.items() if name.startswith("Rows on")]
    assert sum(parts) == values["The pair"] == 3.75
    assert values["The pair"] + values["Phenotype, scaled and bounded"] == values["Total"] == 7.875
    assert "Not explained by the rows shown" not in page.text


def test_points_that_the_rows_do_not_explain_are_said(
    raw: dict[str, Any], build: Build, read: Any
) -> None:
    scn1a = raw["findings"][1]["finding"]
    raw["ledger"] = [r for r in raw["ledger"] if (r["finding"], r["code"]) != (scn1a, "BS2")]
    page = read(build(raw).render_html("en"))
    assert "Not explained by the rows shown" in page.text
    assert "The class points on record are \u22123.0; the rows shown sum to +1.0" in page.text


def test_suppressed_rows_stay_visible_with_their_reason(raw: dict[str, Any], build: Build) -> None:
    page = build(raw).render_html("en")
    row = re.search(r'<tr class="off"><th scope="row">PS1\b.*?</tr>', page, re.DOTALL)
    assert row
    assert "does not count: drawn from the same record as ASSERT" in row[0]
    assert ">0.0<" in row[0]


def test_every_row_carries_its_resource_version_and_record(
    raw: dict[str, Any], build: Build, read: Any
) -> None:
    text = read(build(raw).render_html("en")).text
    for row in raw["ledger"]:
        assert row["sentence"] in text
        assert row["read_key"] in text
    assert "4.1, 2024-04-19" in text
    for words in ("absent: read, no record", "not covered by the resource", "no such resource"):
        assert words in text


def test_missing_resources_are_said_in_banner_and_provenance(
    raw: dict[str, Any], build: Build, read: Any
) -> None:
    for kind in ("frequencies", "assertions"):
        del raw["release"]["resources"][kind]
    report = build(raw)
    release = report.to_json()["release"]
    assert {"assertions", "frequencies", "coverage", "constraint", "revel"} < set(release["absent"])
    assert release["interpretable"] is False
    for row in rows_of(report):
        assert row["interpretation"] == "not for interpretation"
        assert row["absent_resources"].split() == release["absent"]
    page = read(report.render_html("en"))
    assert "Not for interpretation: the release holds no population frequencies" in page.text
    assert "Ne pas interpréter : la version" in read(report.render_html("fr")).text
    assert (
        "Also absent: 19 other kinds of resource, among them those that bear most on an "
        "interpretation: in-house frequencies · REVEL · AlphaMissense · CADD · SpliceAI · Pangolin."
    ) in page.text
    assert "SpliceAI · Pangolin · phyloP" in page.text, "the full list, folded"
    folded = [tag for tag, _ in page.tags].index("details")
    assert [tag for tag, _ in page.tags][folded + 1] == "summary"
    assert "Knowledge is missing" in page.text
    assert "a common variant may look rare. Not for interpretation." in page.text
    provenance = next(t for t in page.tables if t[0][-1] == "SHA-256")
    assert ["frequencies", "absent from this release"] in provenance
    assert "not in the release" in page.text


def test_an_allele_without_a_transcript_name_shows_its_genomic_one(
    raw: dict[str, Any], build: Build, read: Any
) -> None:
    """A deletion paired with a small variant: each has a name, the transcript stands once."""
    pair = next(f for f in raw["findings"] if "+" in f["variants"])
    small = pair["hgvs"].split("; ")[1]
    pair["hgvs"] = f"; {small}"
    pair["hgvs_g"] = "NC_000015.10:g.45000101_45000300del; NC_000015.10:g.45000901del"
    pair["transcript"] = "ENST1.1+ENST1.1"
    text = read(build(raw).render_html("en")).text
    assert f"NC_000015.10:g.45000101_45000300del {small}" in text, "on the first screen"
    assert text.count("NC_000015.10:g.45000101_45000300del") == 4, "and in table, family, ledger"
    assert "45000901del" not in text, "a transcript's name comes first"
    assert "ENST1.1+ENST1.1" not in text
    pair["transcript"] = "ENST1.1+ENST2.1"
    assert "ENST1.1 + ENST2.1" in read(build(raw).render_html("en")).text


def test_a_few_absent_resources_are_simply_named(
    raw: dict[str, Any], build: Build, read: Any
) -> None:
    one = raw["release"]["resources"]["frequencies"]
    absent = build(raw).absent_kinds
    for kind in absent:
        if kind not in ("revel", "phylop", "coverage"):
            raw["release"]["resources"][kind] = one
    text = read(build(raw).render_html("en")).text
    assert "Also absent: REVEL · phyloP" in text
    assert "other kinds of resource" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_candidate_is_an_answer(
    raw: dict[str, Any], build: Build, read: Any, language: str
) -> None:
    report = build(empty(raw))
    schema.check(report.to_json())
    page = read(report.render_html(language))
    none = {"en": "No hypothesis was ranked", "fr": "Aucune hypothèse n'a été classée"}
    assert none[language] in page.text
    assert "99.9" in page.text or "99,9" in page.text
    assert [row["rank"] for row in rows_of(report)] == ["0"]


def test_a_posterior_is_never_a_certainty(raw: dict[str, Any], build: Build, read: Any) -> None:
    text = read(build(empty(raw)).render_html("en")).text
    assert "> 99.9% None in these data" in text
    assert "100.0%" not in text


def test_no_phenotype_is_its_own_state(raw: dict[str, Any], build: Build, read: Any) -> None:
    raw["case"]["phenotype"] = {"observed": [], "excluded": [], "onset": "", "age": ""}
    raw["terms"] = []
    for row in raw["phenotype"]:
        row.update(points=0, state="no phenotype")
    for row in raw["standing"]:
        row.update(total_points=row["local_points"], phenotype_points=0)
    report = build(raw)
    schema.check(report.to_json())
    text = read(report.render_html("en")).text
    assert "No HPO term was given" in text
    assert "No phenotype was given: it moves no points." in text


def test_ten_candidates_on_the_page_and_all_in_the_table(
    raw: dict[str, Any], build: Build, read: Any
) -> None:
    last = raw["standing"][-1]
    for rank in range(4, 16):
        disease = f"OMIM:6{rank:05d}"
        hypothesis = f"{last['finding']}|{disease}"
        raw["standing"].append({**last, "rank": rank, "disease": disease, "hypothesis": hypothesis})
    report = build(raw)
    page = report.render_html("en")
    assert len(re.findall('<details class="cand"', page)) == 2 * TOP, "in both languages"
    assert "The 10 first of 15 ranked hypotheses" in read(page).text
    assert [row["rank"] for row in rows_of(report)] == [str(n) for n in range(16)]


def rows_of(report: CaseReport) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(report.to_tsv()), delimiter="\t"))


HOSTILE = [
    "</script><script>alert(1)</script>",
    "\"' onmouseover=alert(1) x='",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "<!-- --><style>*{display:none}</style>",
    '=HYPERLINK("http://example.org")',
    "safe\u202egnihtyna\u2066",
    "a\tb\nc\rd\x00e",
]


def poisoned(value: Any, poison: str) -> Any:
    if isinstance(value, dict):
        return {key: poisoned(inner, poison) for key, inner in value.items()}
    return value + poison if isinstance(value, str) else value


@pytest.mark.parametrize("poison", HOSTILE)
def test_hostile_text_stays_text(raw: dict[str, Any], build: Build, read: Any, poison: str) -> None:
    clean = read(build(copy.deepcopy(raw)).render_html("en"))
    for table in ("ledger", "events", "flags", "steps"):
        for row in raw[table]:
            for name in ("sentence", "suppressed", "cause_new", "rule", "symbol", "kind"):
                if row.get(name):
                    row[name] = poison + row[name]
    for row in raw["standing"]:
        row.update(symbol=poison, disease_name=poison)
    for row in raw["terms"]:
        row.update(label=poison, matched_term=poison if row["matched_term"] else "")
    raw["case"].update(site=poison, pre_indication=poison, notes={"remark": poison})
    raw["notices"] = [poison]
    raw["labels"] = dict.fromkeys(raw["labels"], poison)
    report = build(raw)
    for language in LANGUAGES:
        page = report.render_html(language)
        dirty = read(page)
        names = [tag for tag, _ in dirty.tags]
        for tag in ("script", "style", "img", "iframe", "form", "object"):
            assert names.count(tag) == [t for t, _ in clean.tags].count(tag)
        attributes = {name for _, attrs in dirty.tags for name in attrs}
        assert not [name for name in attributes if name.startswith("on")]
        for _, attrs in dirty.tags:
            assert not (attrs.get("href") or "").lower().startswith("javascript")
        assert "\u202e" not in page
        assert "\x00" not in page
    for row in rows_of(report):
        assert not [c for c in row.values() if c[:1] in "=+@" and c]
        assert not [c for c in row.values() if c.startswith("-") and not is_number(c)]
        assert len(row) == len(rows_of(build(raw))[0])


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_asks_nothing_of_the_network(
    raw: dict[str, Any], build: Build, read: Any, language: str
) -> None:
    page = build(raw).render_html(language)
    for tag, attrs in read(page).tags:
        assert "src" not in attrs
        assert "style" not in attrs
        href = attrs.get("href") or ""
        assert not href or (tag == "a" and href.startswith(("#", "https://")))
        if href.startswith("https://"):
            assert attrs["rel"] == "noopener noreferrer"
    assert "url(" not in page
    assert "@import" not in page
    assert "default-src 'none'" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_can_be_read_by_everyone(
    raw: dict[str, Any], build: Build, read: Any, language: str
) -> None:
    page = read(build(raw).render_html(language))
    tags = page.tags
    assert tags[0] == ("html", {"lang": language})
    assert all(attrs.get("scope") in {"row", "col"} for tag, attrs in tags if tag == "th")
    assert len(page.ids) == len(set(page.ids))
    fors = {attrs["for"] for tag, attrs in tags if tag == "label"}
    assert fors == {attrs["id"] for tag, attrs in tags if tag in {"input", "select", "textarea"}}
    anchors = {a["href"] for t, a in tags if t == "a" and (a.get("href") or "").startswith("#")}
    assert {anchor[1:] for anchor in anchors if anchor} <= set(page.ids)
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_identity_and_checks_of_sex_never_reach_a_file(raw: dict[str, Any], build: Build) -> None:
    report = build(raw)
    files = [case_data.dump(report.to_json()), report.to_tsv()]
    files += [report.render_html(language) for language in LANGUAGES]
    for content in files:
        assert "SURNAME" not in content
        assert "mismatch" not in content
        assert "sex_check" not in content
        assert "vcf.gz" not in content
    assert "2023-12" in files[2]


def test_new_and_older_events_are_apart(raw: dict[str, Any], build: Build, read: Any) -> None:
    report = build(raw)
    assert [row["kind"] for row in report.new_events] == ["strengthened"]
    assert [row["kind"] for row in report.older_events] == ["weakened"]
    raw["events"] = []
    assert "Nothing has changed for this case since cycle 2024-03." in (
        read(build(raw).render_html("en")).text
    )
    raw["cycle"]["previous"] = ""
    assert "This is the first look at the case" in read(build(raw).render_html("en")).text


def test_genotypes_of_each_member_are_shown(raw: dict[str, Any], build: Build, read: Any) -> None:
    tables = [t for t in read(build(raw).render_html("en")).tables if t[0][0] == "Member"]
    assert tables[0][1] == ["P1 (proband)", "yes", "0|1", "heterozygous", "14, 15", "29", "99"]
    assert tables[0][3] == ["P3 (mother)", "unknown", "0/0", "reference", "25, 0", "25", "75"]
    assert tables[1][2] == ["P2 (father)", "no", "no call at this site"]
    assert tables[2][3] == [
        "P3 (mother)",
        "unknown",
        "0/1",
        "heterozygous",
        f"{DASH}, {DASH}",
        DASH,
        DASH,
    ]


def test_rows_of_another_case_stop_the_page(raw: dict[str, Any], build: Build) -> None:
    raw["events"][0]["case"] = "CASE-8"
    with pytest.raises(ArianeError, match="events hold rows of CASE-8"):
        build(raw)


def test_another_release_and_lost_findings_are_told_together(
    raw: dict[str, Any], build: Build
) -> None:
    raw["release"]["name"] = "demo-C"
    raw["findings"] = raw["findings"][1:]
    with pytest.raises(ArianeError) as caught:
        build(raw)
    assert len(str(caught.value).splitlines()) == 2


def test_genotypes_that_cannot_be_read_are_named(raw: dict[str, Any], build: Build) -> None:
    raw["findings"][0]["genotypes"] = "P1=0/1+nonsense"
    with pytest.raises(ArianeError, match="genotypes stored for HGNC:21202"):
        build(raw).render_html("en")


def test_order_of_rows_does_not_matter(raw: dict[str, Any], build: Build) -> None:
    turned = copy.deepcopy(raw)
    for name in ("findings", "ledger", "phenotype", "standing", "events", "flags", "terms"):
        turned[name].reverse()
    one, two = build(raw), build(turned)
    assert one.render_html("fr") == two.render_html("fr") == build(raw).render_html("fr")
    assert one.to_tsv() == two.to_tsv()
    assert case_data.dump(one.to_json()) == case_data.dump(two.to_json())


def test_counts_of_the_annotation_room_are_understood(
    raw: dict[str, Any], build: Build, read: Any
) -> None:
    raw["annotation"] = {
        "samples": {"P1": "SURNAME"},
        "records": {"records": 12, "absent_contigs": {}},
        "alleles": {"outside_genes": 5},
        "kept": True,
    }
    report = build(raw)
    assert report.annotation_counts == [("records.records", 12), ("alleles.outside_genes", 5)]
    text = read(report.render_html("en")).text
    told = "alleles left out: outside genes (looked up again where asserted pathogenic) 5"
    assert f"records in the VCF 12 {told}" in text


@pytest.mark.parametrize(
    "alt", ["<DEL:45003500>", "<INS:ME:ALU:45000900>", "A[chr2:321[", "]9:5]TA"]
)
def test_keys_of_structural_variants_pass_unharmed(
    alt: str, raw: dict[str, Any], build: Build, read: Any, tmp_path: Path
) -> None:
    key = f"15-45000900-A-{alt}"
    changed = json.loads(json.dumps(raw).replace("15-45000900-GA-G", key))
    report = build(changed)
    page = read(report.render_html("en"))
    assert key in page.text
    assert all(tag not in ("del", "ins") for tag, _ in page.tags)
    report.write("en", tmp_path / "c.html", tmp_path / "c.tsv", tmp_path / "c.json")
    assert key in (tmp_path / "c.tsv").read_text(encoding="utf-8")
    back = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    assert any(key in finding["variants"].split("+") for finding in back["findings"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_candidate_lacks_stands_with_it(
    raw: dict[str, Any], build: Build, read: Any, language: str
) -> None:
    report = build(raw)
    page = report.render_html(language)
    within = page.split('<details class="lift"')
    assert len(within) == 3, "one leading candidate lacks something, told in both languages"
    assert within[0].rindex('<details class="cand"') > within[0].rindex("<h2")
    words = {
        "en": ["Genotype the mother and father at both alleles", "SMN1 and SMN2", "If present"],
        "fr": ["Génotyper pour les deux allèles : mère et père", "SMN1 et SMN2", "Si présent"],
    }
    text = read(page).text
    for sentence in words[language]:
        assert sentence in text
    mark = "." if language == "en" else ","
    assert f"0{mark}721" in text
    tables = read(page).tables
    (table,) = (t for t in tables if len(t[0]) == 6 and "PP3" in [row[1] for row in t])
    assert [row[1] for row in table[1:]] == ["PP3", "PM3_Moderate", "PM3_Moderate"]
    assert [number(row[2]) for row in table[1:]] == [1.0, 2.0, 2.0]


def test_a_single_hit_tells_where_the_second_may_hide(
    raw: dict[str, Any], build: Build, read: Any
) -> None:
    text = read(build(raw).render_html("en")).text
    told = text[text.index("One hit, the second to be looked for") :]
    assert "Look for a second hit: deletions and duplications" in told
    assert "A technique that sees what this one cannot: SMN1 and SMN2" in told
    raw["lift"] = [row for row in raw["lift"] if not row["one_hit"]]
    assert "One hit, the second" not in read(build(raw).render_html("en")).text


def test_nothing_missing_and_nothing_to_look_for_is_said(
    raw: dict[str, Any], build: Build, read: Any
) -> None:
    raw["lift"], raw["look_for"] = [], []
    text = read(build(raw).render_html("en")).text
    assert "No leading candidate lacks anything" in text
    assert "No term would part the leading diseases" in text


def test_a_lift_of_another_case_stops_the_page(raw: dict[str, Any], build: Build) -> None:
    raw["lift"][0]["case"] = "CASE-8"
    with pytest.raises(ArianeError, match="its lift hold rows of CASE-8"):
        build(raw)


def test_out_of_scope_is_a_number_and_nothing_else(build: Build, raw: dict[str, Any]) -> None:
    raw["standing"][0]["out_of_scope"] = 41
    report = build(raw)
    assert report.to_json()["counts"]["out_of_scope"] == 41
    assert "Out of scope: 41 finding(s)" in report.render_html("en")
    raw["standing"][0]["out_of_scope"] = 0
    page = build(raw).render_html("en")
    assert "Out of scope:" not in page
    assert "Out of scope, counted and not listed: 0." in page


def test_one_hit_stands_below_without_a_posterior(
    build: Build, raw: dict[str, Any], read: Any
) -> None:
    last = raw["standing"][-1]
    for finding in raw["findings"]:
        if finding["finding"] == last["finding"]:
            finding["zygosity"] = "one hit"
    report = build(raw)
    assert [c.standing["hypothesis"] for c in report.one_hits][-1] == last["hypothesis"]
    told = {row["hypothesis"]: row["posterior"] for row in report.to_json()["hypotheses"]}
    assert told[last["hypothesis"]] is None
    schema.check(report.to_json())
    cells = [line.split("\t") for line in report.to_tsv().splitlines()]
    at = cells[0].index("posterior")
    assert cells[-1][at] == ""
    for language, words in (("en", "One hit in a recessive gene"), ("fr", "Un seul allèle")):
        page = read(report.render_html(language))
        assert words in page.text
        ranked = [row for table in page.tables for row in table if last["disease"] in row]
        assert ranked == []


def test_two_diseases_at_once(build: Build, raw: dict[str, Any], read: Any) -> None:
    first, second = raw["standing"][1], raw["standing"][2]
    raw["two_diseases"] = {
        "first": first["hypothesis"],
        "second": second["hypothesis"],
        "phenotype_points": 5000,
        "total_points": 9000,
        "posterior": 0.25,
        "terms_first": ["HP:0001250"],
        "terms_second": ["HP:0000252"],
    }
    report = build(raw)
    schema.check(report.to_json())
    text = read(report.render_html("en")).text
    assert "Two diseases at once" in text
    assert "25.0%" in text
    assert second["disease_name"] in text
    raw["two_diseases"] = None
    assert "Two diseases at once" not in build(raw).render_html("en")
