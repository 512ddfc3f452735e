"""HGVS as VEP and SnpEff write it, brought into one form: ``c.68-2A>G``, ``p.(Asn59Ile)``.

Recommendations: HGVS nomenclature (den Dunnen 2016, doi:10.1002/humu.22981): no bases after ``del``
and ``dup``, a predicted protein in brackets, ``Ter`` for a stop.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

AMINO_ACIDS: Final = {
    "Ala": "A", "Arg": "R", "Asn": "N", "Asp": "D", "Cys": "C", "Gln": "Q", "Glu": "E",
    "Gly": "G", "His": "H", "Ile": "I", "Leu": "L", "Lys": "K", "Met": "M", "Phe": "F",
    "Pro": "P", "Pyl": "O", "Sec": "U", "Ser": "S", "Ter": "*", "Thr": "T", "Trp": "W",
    "Tyr": "Y", "Val": "V",
}  # fmt: skip
_THREE: Final = {one: three for three, one in AMINO_ACIDS.items()}
_DELINS: Final = re.compile(r"del[ACGTUN]+ins")
_BASES: Final = re.compile(r"(del|dup)[ACGTUN]+\Z")
_SHORT: Final = re.compile(r"p\.([A-Z*])(\d{1,18})([A-Z*=])\Z")
_SINGLE: Final = re.compile(r"p\.\(?([A-Z][a-z]{2})(\d{1,18})([A-Z][a-z]{2}|=)\)?\Z")
_SILENT: Final = re.compile(r"\A[cn]\..*\((p\.[^()]*)\)\Z")
_INTRONIC: Final = re.compile(r"[cn]\.[*-]?\d+[+-]\d")

Residue = tuple[int, str, str]
"""Number, reference and alternative amino acid, one letter each."""


def parted(text: str) -> tuple[str, str]:
    """Accession and change of ``ENST00000123.4:c.68-2A>G``; no accession where none is written."""
    if "%" in text:
        text = unquote(text)
    accession, colon, change = text.partition(":")
    return (accession, change) if colon else ("", text)


def dna(text: str) -> str:
    """The change of the DNA, without accession."""
    _, change = parted(text)
    if "del" not in change and "dup" not in change and "(" not in change:
        return change
    change = change.partition("(p.")[0]  # VEP before 88 wrote a silent change as c.12G>A(p.=)
    return _BASES.sub(r"\1", _DELINS.sub("delins", change))


def protein(text: str, residue: Residue | None = None) -> str:
    """The change of the protein, in brackets and without accession.

    Args:
        text: HGVSp as written.
        residue: of a single-residue change, to name what ``p.=`` leaves unsaid.
    """
    if not text:
        return ""
    _, change = parted(text)
    if silent := _SILENT.search(change):
        change = silent[1]
    if short := _SHORT.match(change):
        tail = "=" if short[3] in ("=", short[1]) else _THREE.get(short[3], "Xaa")
        change = f"p.{_THREE.get(short[1], 'Xaa')}{short[2]}{tail}"
    change = change.replace("*", "Ter")
    if not change.startswith("p."):
        return ""
    body = change[2:]
    if body.startswith("(") and body.endswith(")"):
        body = body[1:-1]
    single = _SINGLE.match(f"p.{body}")
    if single and single[1] == single[3]:
        body = f"{single[1]}{single[2]}="
    if body == "=" and residue and residue[1] == residue[2] and residue[1] in _THREE:
        body = f"{_THREE[residue[1]]}{residue[0]}="
    return f"p.({body})" if body not in ("?", "0") else f"p.{body}"


def residue_of(text: str) -> Residue | None:
    """The residue of a single substitution or silent change, from HGVSp."""
    single = _SINGLE.match(protein(text))
    if single is None or single[1] not in AMINO_ACIDS:
        return None
    before = AMINO_ACIDS[single[1]]
    after = before if single[3] == "=" else AMINO_ACIDS.get(single[3], "")
    return (int(single[2]), before, after) if after else None


def intronic(change: str) -> bool:
    """Whether the change begins in an intron."""
    return _INTRONIC.match(change) is not None
