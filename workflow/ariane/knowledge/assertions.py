"""What others say of an allele: ClinVar's VCF, and tables of expert laboratories."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from ariane.bounds import whole
from ariane.files import RESOURCES, open_text
from ariane.knowledge.context import Context, spelled
from ariane.knowledge.release import Resource
from ariane.knowledge.vcf_records import read_records
from ariane.model.canonical import digest
from ariane.model.errors import ArianeError

PATHOGENIC: Final = frozenset({"P", "P/LP", "LP"})
"""Classes that name an allele pathogenic or likely pathogenic."""

BENIGN: Final = frozenset({"B", "B/LB", "LB"})
"""Classes that name an allele benign or likely benign."""

_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)


@dataclass(frozen=True)
class Voice:
    """How a kind that asserts classes is heard (``resources/assertion_sources.tsv``)."""

    order: int
    """The lowest is heard first; among equals the better reviewed."""
    stars: int
    """Stars of a record that brings none of its own."""


@cache
def voices() -> Mapping[str, Voice]:
    """The asserting kinds of resource."""
    rows = _rows(RESOURCES / "assertion_sources.tsv")
    return {row[0]: Voice(int(row[1]), int(row[2])) for row in rows}


@cache
def _words() -> Mapping[str, str]:
    return {row[0]: row[1] for row in _rows(RESOURCES / "assertion_words.tsv")}


@cache
def _stars() -> Mapping[str, int]:
    return {row[0]: int(row[1]) for row in _rows(RESOURCES / "review_stars.tsv")}


def _rows(path: Path) -> Iterator[list[str]]:
    with open_text(path) as handle:
        rows = csv.reader((line for line in handle if not line.startswith("#")), delimiter="\t")
        next(rows)
        yield from rows


def read_assertions(path: Path, resource: Resource, context: Context) -> Iterator[dict[str, Any]]:
    """Records of an assertion resource as rows of its table.

    Words of classification that ``resources/assertion_words.tsv`` does not list are counted in the
    context; such a record is kept as ``other`` and moves no points.

    Raises:
        ArianeError: the file is not in the format that the manifest names.
    """
    if resource.format == "clinvar_vcf":
        yield from _clinvar(path, context)
    else:
        yield from _consensus(path, resource, context)


def _klass(word: str, unknown: Counter[str]) -> str:
    for part in (word, word.split("|")[0], word.split(";")[0]):
        found = _words().get(part.strip().lower().replace(" ", "_"))
        if found:
            return found
    unknown[word] += 1
    return "other"


def _clinvar(path: Path, context: Context) -> Iterator[dict[str, Any]]:
    for line in read_records(path):
        if len(line.alts) != 1 or not spelled(line.ref, line.alts[0]):
            continue
        info = line.info
        word = info.get("CLNSIG", "")
        klass = _klass(word, context.unknown) if word else "none"
        if klass == "none":
            continue
        yield _row(
            context.variant(line.chrom, line.pos, line.ref, line.alts[0]),
            klass=klass,
            stars=_stars().get(info.get("CLNREVSTAT", ""), 0),
            accession=line.id,  # the Variation ID, under which ClinVar is read
            conditions=info.get("CLNDN", "").replace("_", " "),
            gene=_genes(info.get("GENEINFO", ""), context),
            conflicts=info.get("CLNSIGCONF", "").replace("_", " "),
        )


def _consensus(path: Path, resource: Resource, context: Context) -> Iterator[dict[str, Any]]:
    column = resource.options.get("column", "class")
    stars = int(resource.options.get("stars", voices()[resource.kind].stars))
    with open_text(path) as handle:
        reader = csv.DictReader(handle, delimiter="\t")
        wanted = {"chrom", "pos", "ref", "alt", column}
        if not wanted <= set(reader.fieldnames or ()):
            missing = ", ".join(sorted(wanted - set(reader.fieldnames or ())))
            raise ArianeError(f"{path}: lacks the columns {missing}. Mend the manifest's options.")
        for row in reader:
            if row[column] in (".", "", None):
                continue
            klass = _klass(row[column], context.unknown)
            ref, alt = row["ref"].upper(), row["alt"].upper()
            if klass == "none" or not spelled(ref, alt):
                continue
            yield _row(
                context.variant(row["chrom"], int(row["pos"]), ref, alt),
                klass=klass,
                stars=stars,
                accession=row.get("accession") or "",
                conditions=row.get("conditions") or "",
                gene=_genes(row.get("gene") or "", context),
                evaluated=row.get("evaluated") or "",
            )


def _genes(said: str, context: Context) -> str:
    """Keys of the genes that a record names, joined by ``|``, in the order of the record.

    Args:
        said: ``SOX9:6662|LOC102723505:102723505`` as ClinVar writes symbols and NCBI's numbers, or
            symbols or HGNC identifiers alone.
    """
    found: dict[str, None] = {}
    for part in said.split("|"):
        name = part.strip()
        if name.startswith("HGNC:"):
            found[context.names.find("", hgnc=name)] = None
            continue
        symbol, _, ncbi = name.partition(":")
        if symbol:
            found[context.names.find(symbol, ncbi)] = None
    return "|".join(found)


def _row(variant: str, *, conflicts: str = "", evaluated: str = "", **said: Any) -> dict[str, Any]:
    """A row; what a source does not say has no part in the record's digest."""
    more = {"conflicts": conflicts, "evaluated": evaluated}
    record = digest({**said, **{name: value for name, value in more.items() if value}})
    return {"variant": variant, **said, **more, "record": record}


def read_summary_dates(path: Path) -> Iterator[dict[str, Any]]:
    """When each ClinVar record was last evaluated, from ``variant_summary.txt``.

    ClinVar's VCF does not say it. The table has a line for each assembly; each record is told once.

    Raises:
        ArianeError: the file lacks the columns of that table.
    """
    with open_text(path) as handle:
        columns = handle.readline().lstrip("#").rstrip("\r\n").split("\t")
        if not {"VariationID", "LastEvaluated"} <= set(columns):
            raise ArianeError(
                f"{path}: lacks the columns VariationID and LastEvaluated. Give ClinVar's "
                "variant_summary.txt."
            )
        accession, evaluated = columns.index("VariationID"), columns.index("LastEvaluated")
        before = ""
        for line in handle:
            fields = line.rstrip("\r\n").split("\t")
            if len(fields) <= max(accession, evaluated) or fields[accession] == before:
                continue
            before = fields[accession]
            if date := iso_date(fields[evaluated]):
                yield {"accession": before, "evaluated": date}


def iso_date(text: str) -> str:
    """``Jun 29, 2010`` as ``2010-06-29``; an ISO date as it is; anything else as nothing."""
    words = text.replace(",", " ").split()
    if len(words) == 3 and words[0] in _MONTHS:
        day, year = whole(words[1]), whole(words[2])
        if day is not None and year is not None:
            return f"{year:04d}-{_MONTHS.index(words[0]) + 1:02d}-{day:02d}"
    head = text.strip()[:10]
    digits = head[:4] + head[5:7] + head[8:]
    return head if len(head) == 10 and digits.isdecimal() and head[4] == head[7] == "-" else ""
