"""The store derives the read keys of structural alleles as the model does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from ariane import files
from ariane.annotate.store import build_store
from ariane.model.stretches import (
    REACH,
    codons_of,
    stretch_of,
    stretches_near,
    stretches_sql,
)
from ariane.model.structural import spot_of
from ariane.model.tables import CANDIDATES, READ_KEYS

KEYS = (
    "chr1-1000-N-<DEL:3500>",
    "chr1-1048000-N-<DEL:1049152>",
    "chr1-1048000-N-<DUP:1049151>",
    "chr1-1048575-N-<CNV:1048576>",
    "chr1-1048575-N-<INV:9048576>",
    "chr1-2097152-A-<INS:ME:ALU:2097152>",
    "chr1-1048576-A-A[chr2:321[",
    f"chr1-1048560-{'A' * 60}-A",
    "chr1-1048560-A-T",
)


def candidate(key: str) -> dict[str, Any]:
    spot = spot_of(key)
    chrom, pos, ref, alt = key.split("-", 3)
    row: dict[str, Any] = dict.fromkeys(CANDIDATES.columns, "")
    row |= {"case": "F1", "variant": key, "chrom": chrom, "pos": int(pos), "ref": ref, "alt": alt}
    row |= {"gene": "HGNC:1", "mane": True, "protein_lost": None}
    row |= {"genes_hit": None, "genes_cut": None}
    row |= {"kind": spot.kind if spot else "small"}
    return row | {"end": spot.end if spot else int(pos) + len(ref) - 1}


def test_read_keys_of_structural_alleles(tmp_path: Path) -> None:
    source = tmp_path / "c.parquet"
    files.write_table(source, CANDIDATES, [candidate(key) for key in KEYS])
    build_store([source], tmp_path / "all.parquet", tmp_path / "keys.parquet")
    rows = files.read_table(tmp_path / "keys.parquet", READ_KEYS)
    found = {row["key"] for row in rows if row["kind"] == "structural"}
    spots = [spot for key in KEYS if (spot := spot_of(key)) is not None]
    expected = {spot.read_key for spot in spots}
    expected |= {spot.region_key for spot in spots if spot.kind in ("DEL", "DUP")}
    assert found == expected


transcripts = st.sampled_from(("ENST00000123", "NM_1", "rna:1"))


@settings(deadline=None)
@given(codons=st.lists(st.tuples(transcripts, st.integers(0, 40_000)), min_size=1, max_size=20))
def test_read_keys_of_stretches(codons: list[tuple[str, int]]) -> None:
    """The store's SQL gives the stretches that evidence looks up, for every residue."""
    names = [f"{transcript}:{residue}" for transcript, residue in codons]
    told = ", ".join(f"('{name}')" for name in names)
    sql = f"SELECT codon, {stretches_sql('codon')} FROM (VALUES {told}) AS t(codon)"  # noqa: S608
    for codon, found in duckdb.sql(sql).fetchall():
        assert tuple(found) == stretches_near(codon)


@given(transcript=transcripts, residue=st.integers(1, 5000), step=st.integers(-REACH, REACH))
def test_every_neighbour_within_reach_is_read(transcript: str, residue: int, step: int) -> None:
    own, other = f"{transcript}:{residue}", f"{transcript}:{max(0, residue + step)}"
    assert stretch_of(other) in stretches_near(own)
    assert other in set(codons_of(stretch_of(other)))
