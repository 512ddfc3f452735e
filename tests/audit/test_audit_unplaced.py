"""No path, account or address of a machine is left in what a manifest says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ariane.audit.unplaced import HIDDEN, command, configuration, unplaced

PART = st.from_regex(r"q[a-z0-9_-]{2,8}z", fullmatch=True)
"""A name that no word around it holds."""
FILE = st.from_regex(r"[a-z]{1,6}\.(yaml|tsv|vcf\.gz)", fullmatch=True)
ROOT = st.sampled_from(["/", "~/", "C:\\", "//"])
BEFORE = st.sampled_from(["", "--configfile=", "a,b=", "key: ", "see (", "x;"])


@given(BEFORE, ROOT, st.lists(PART, min_size=1, max_size=4), FILE)
def test_of_a_path_only_the_file_is_left(
    before: str, root: str, parts: list[str], name: str
) -> None:
    told = unplaced(before + root + "/".join([*parts, name]))
    assert not any(part in told for part in parts)
    assert told.endswith(f"{HIDDEN}/{name}")
    assert told.startswith(before)


@given(BEFORE, ROOT, st.lists(PART, min_size=1, max_size=4))
def test_of_a_folder_nothing_is_left(before: str, root: str, parts: list[str]) -> None:
    told = unplaced(before + root + "/".join(parts))
    assert told == before + HIDDEN


@given(st.sampled_from(["postgresql", "sqlite", "file", "ssh", "s3"]), PART, PART)
def test_of_an_address_only_the_scheme_is_left(scheme: str, user: str, host: str) -> None:
    for public in (False, True):
        told = unplaced(f"url={scheme}://{user}@{host}/base", public=public)
        assert told == f"url={scheme}://{HIDDEN}"


def test_a_public_source_stays_and_an_account_in_it_does_not() -> None:
    source = "https://example.org/clinvar/clinvar.vcf.gz"
    assert unplaced(source, public=True) == source
    assert unplaced(source) == f"https://{HIDDEN}"
    assert unplaced("https://me@example.org/x", public=True) == f"https://{HIDDEN}"
    assert unplaced("mailto:me@example.org") == f"mailto://{HIDDEN}"


@given(st.text())
def test_once_more_changes_nothing(text: str) -> None:
    once = unplaced(text)
    assert unplaced(once) == once


@given(st.lists(PART, min_size=1, max_size=4))
def test_relative_paths_and_words_stay(parts: list[str]) -> None:
    assert unplaced("/".join(parts)) == "/".join(parts)
    assert unplaced(" ".join(parts)) == " ".join(parts)


@given(PART, PART)
def test_a_command_names_no_machine_and_no_person(account: str, folder: str) -> None:
    words = [
        f"/home/{account}/.venv/bin/snakemake", "--cores", "2", "--directory", f"/home/{account}",
        "--configfile", f"/data/{folder}/config.yaml", "--slurm-account", account,
        "--default-resources", f"slurm_account={account}", "mem_mb=2000", "--forcerun", "annotate",
    ]  # fmt: skip
    told = command(words)
    assert told == [
        "snakemake", "--cores", "2", "--directory", HIDDEN, "--configfile", f"{HIDDEN}/config.yaml",
        "--slurm-account", HIDDEN, "--default-resources", f"slurm_account={HIDDEN}", "mem_mb=2000",
        "--forcerun", "annotate",
    ]  # fmt: skip


@pytest.mark.parametrize("depth", [1, 3])
def test_a_configuration_is_cleaned_at_any_depth(depth: int) -> None:
    value: object = {"file": "/home/doe/registry.csv", "shards": 4, "full": False, "none": None}
    cleaned: object = {"file": f"{HIDDEN}/registry.csv", "shards": 4, "full": False, "none": None}
    for _ in range(depth):
        value, cleaned = {"inner": [value]}, {"inner": [cleaned]}
    assert configuration(value) == cleaned
    told = configuration({"exports": {"contact": {"name": "Dr Doe", "href": "x"}}})
    assert told == {"exports": {"contact": HIDDEN}}


@given(PART, PART, st.sampled_from([" ", ", ", ";", ": ", "="]), FILE)
def test_odd_names_of_folders_are_left_out_whole(one: str, two: str, odd: str, name: str) -> None:
    path = f"/data/{one}{odd}{two}/{name}"
    told = command(["snakemake", "--configfile", path, f"--config=x={path}", f"families={path}"])
    assert not any(part in word for word in told for part in (one, two))
    assert told[2] == f"{HIDDEN}/{name}"
