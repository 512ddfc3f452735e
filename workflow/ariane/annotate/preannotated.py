"""Consequences that a VCF already holds: which field, whose, in which columns.

VEP (``CSQ``, or the name a laboratory chose) and SnpEff (``ANN``) write one text per allele and
transcript; the header's line says in which order its columns stand. Only that line is believed:
orders and names differ between versions, options and plugins.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from ariane.files import RESOURCES, open_text
from ariane.model.errors import ArianeError

VEP: Final = "vep"
SNPEFF: Final = "snpeff"

_INFO: Final = re.compile(r'##INFO=<ID=([^,>]+),.*?Description="(.*)"')
_VEP_VERSION: Final = re.compile(r'##VEP="?v?(\w[\w.-]*)')
_SNPEFF_VERSION: Final = re.compile(r'##SnpEffVersion="?\s*v?([\w.]+)')
_DETAIL: Final = re.compile(r'\b(assembly|gencode|refseq)="?([\w.-]+(?: \d+)?)')
_PREFERRED: Final = ("CSQ", "vep", "ANN")

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "allele": ("allele",),
    "words": ("consequence", "annotation"),
    "symbol": ("symbol", "genename", "genesymbol", "hgnc"),
    "gene": ("gene", "geneid"),
    "hgnc": ("hgncid",),
    "feature": ("feature", "featureid"),
    "feature_type": ("featuretype",),
    "biotype": ("biotype", "transcriptbiotype"),
    "hgvs_g": ("hgvsg",),
    "hgvs_c": ("hgvsc",),
    "hgvs_p": ("hgvsp",),
    "exon": ("exon",),
    "intron": ("intron",),
    "rank": ("rank",),
    "position": ("proteinposition", "aaposaalength"),
    "amino_acids": ("aminoacids",),
    "mane_select": ("maneselect",),
    "mane_plus": ("maneplusclinical",),
    "mane": ("mane",),
    "number": ("allelenum",),
    "nmd": ("nmd",),
}
"""Our word for a column, and how it is spelled in headers: letters and digits only, lower case."""


@dataclass(frozen=True)
class Layout:
    """One INFO field of consequences, as its header line describes it."""

    field: str
    engine: str
    """``vep`` or ``snpeff``, told by the names of the columns and not by the field's."""
    columns: tuple[str, ...]
    """Names of the columns as written."""
    version: str = ""
    """Of the engine, from the header; empty where it does not say."""
    details: str = ""
    """Assembly and gene set, where the header names them."""

    def at(self, name: str) -> int:
        """Where one of our columns stands; ``len(columns)`` where the field lacks it."""
        return self.places.get(name, len(self.columns))

    @property
    def places(self) -> dict[str, int]:
        """Our columns that the field has, with their places."""
        spelled: dict[str, int] = {}
        for place, column in enumerate(self.columns):
            spelled.setdefault(_plain(column), place)
        found = {
            name: next((spelled[word] for word in words if word in spelled), -1)
            for name, words in _NAMES.items()
        }
        return {name: place for name, place in found.items() if place >= 0}

    def to_json(self) -> dict[str, str]:
        """What the case's summary tells of the engine."""
        told = {"engine": self.engine, "field": self.field}
        return told | {"version": self.version, "details": self.details}


def layouts(header: Iterable[str]) -> list[Layout]:
    """Every field of consequences that a VCF's header declares and that can be read, best first.

    A field can be read when it tells allele, consequence, and gene or transcript. VEP stands before
    SnpEff (it gives HGNC numbers and MANE marks), then the usual names before others.

    Args:
        header: lines of the header.
    """
    lines = list(header)
    versions = {VEP: _first(_VEP_VERSION, lines), SNPEFF: _first(_SNPEFF_VERSION, lines)}
    details = next((line for line in lines if line.startswith("##VEP=")), "")
    told = ", ".join(f"{name} {value}" for name, value in _DETAIL.findall(details))
    found: dict[str, Layout] = {}
    for line in lines:
        declared = _INFO.match(line)
        columns = _columns(declared[2]) if declared else ()
        if not declared or not columns:
            continue
        names = {_plain(column) for column in columns}
        engine = SNPEFF if "annotation" in names else VEP
        layout = Layout(
            declared[1], engine, columns, versions[engine], told if engine == VEP else ""
        )
        has = layout.places
        if {"allele", "words"} <= has.keys() and has.keys() & {"gene", "symbol", "hgnc"}:
            found.setdefault(layout.field, layout)
    order = {name: place for place, name in enumerate(_PREFERRED)}
    return sorted(
        found.values(),
        key=lambda f: (f.engine == SNPEFF, order.get(f.field, len(order)), f.field),
    )


@cache
def engine_words(engine: str) -> Mapping[str, str]:
    """An engine's own words and the terms of ``consequences.tsv`` that they stand for."""
    return _read_words(RESOURCES / "engine_words.tsv").get(engine, {})


def _read_words(path: Path) -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = {}
    try:
        with open_text(path) as handle:
            lines = [line for line in handle if not line.startswith("#")]
        rows: list[dict[str, Any]] = list(csv.DictReader(lines, delimiter="\t"))
        for row in rows:
            words.setdefault(row["engine"], {})[row["word"]] = row["term"]
    except FileNotFoundError:
        raise ArianeError(f"{path}: there is no such file. Restore it from the workflow.") from None
    except KeyError as missing:
        raise ArianeError(f"{path}: no column {missing}. Restore the file.") from None
    return words


def _columns(description: str) -> tuple[str, ...]:
    """The columns named in a description: what stands around its bars."""
    first, last = description.find("|"), description.rfind("|")
    if first < 0:
        return ()
    start = max(description.rfind(mark, 0, first) for mark in ":'\"") + 1
    ends = [place for mark in "'\"" if (place := description.find(mark, last)) >= 0]
    text = description[start : min(ends, default=len(description))]
    columns = [column.strip().strip("\\") for column in text.split("|")]
    columns[-1] = columns[-1].rstrip(". ")
    return tuple(columns)


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _first(pattern: re.Pattern[str], lines: Iterable[str]) -> str:
    return next((found[1] for line in lines if (found := pattern.match(line))), "")
