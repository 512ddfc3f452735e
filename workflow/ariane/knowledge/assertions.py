"""What others say of an allele: ClinVar's VCF and consensus tables of expert laboratories."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from ariane.files import RESOURCES, open_text
from ariane.knowledge.contigs import Contigs
from ariane.knowledge.genes import GeneNames
from ariane.knowledge.release import Resource
from ariane.knowledge.vcf_files import open_whole
from ariane.model.canonical import digest
from ariane.model.errors import ArianeError

PATHOGENIC: Final = frozenset({"P", "P/LP", "LP"})
"""Classes that name an allele pathogenic or likely pathogenic."""

_PLAIN: Final = frozenset("ACGTN")


@cache
def _words() -> Mapping[str, str]:
    return dict(_pairs(RESOURCES / "assertion_words.tsv"))


@cache
def _stars() -> Mapping[str, int]:
    return {word: int(stars) for word, stars in _pairs(RESOURCES / "review_stars.tsv")}


def _pairs(path: Path) -> Iterator[tuple[str, str]]:
    with open_text(path) as handle:
        rows = csv.reader((line for line in handle if not line.startswith("#")), delimiter="\t")
        next(rows)
        yield from ((first, second) for first, second, *_ in rows)


def read_assertions(
    path: Path, resource: Resource, names: GeneNames, contigs: Contigs, unknown: Counter[str]
) -> Iterator[dict[str, Any]]:
    """Records of an assertion resource as rows of the ``assertions`` table.

    Args:
        unknown: counts each word of classification that ``resources/assertion_words.tsv`` does
            not list; such a record is kept as ``other`` and moves no points.

    Raises:
        ArianeError: the file is not in the format that the manifest names.
    """
    if resource.format == "clinvar_vcf":
        yield from _clinvar(path, names, contigs, unknown)
    else:
        yield from _consensus(path, resource, contigs, unknown)


def _klass(word: str, unknown: Counter[str]) -> str:
    for part in (word, word.split("|")[0], word.split(";")[0]):
        found = _words().get(part.strip().lower().replace(" ", "_"))
        if found:
            return found
    unknown[word] += 1
    return "other"


def _clinvar(
    path: Path, names: GeneNames, contigs: Contigs, unknown: Counter[str]
) -> Iterator[dict[str, Any]]:
    with open_whole(path) as handle:
        for line in handle:
            alleles = line.alts or ()
            if len(alleles) != 1 or not line.ref or not _PLAIN.issuperset(line.ref + alleles[0]):
                continue
            word = _text(line.info.get("CLNSIG"))
            klass = _klass(word, unknown) if word else "none"
            if klass == "none":
                continue
            status = _text(line.info.get("CLNREVSTAT"))
            first = _text(line.info.get("GENEINFO")).split("|")[0]
            symbol, _, ncbi = first.partition(":")
            yield _row(
                contigs.name(line.chrom),
                line.pos,
                line.ref,
                alleles[0],
                klass=klass,
                stars=_stars().get(status, 0),
                accession=line.id or "",  # the Variation ID, under which ClinVar is read
                conditions=_text(line.info.get("CLNDN")).replace("_", " "),
                gene=names.find(symbol, ncbi) if symbol else "",
            )


def _consensus(
    path: Path, resource: Resource, contigs: Contigs, unknown: Counter[str]
) -> Iterator[dict[str, Any]]:
    column = resource.options.get("column", "class")
    stars = int(resource.options.get("stars", "1"))
    with open_text(path) as handle:
        reader = csv.DictReader(handle, delimiter="\t")
        wanted = {"chrom", "pos", "ref", "alt", column}
        if not wanted <= set(reader.fieldnames or ()):
            missing = ", ".join(sorted(wanted - set(reader.fieldnames or ())))
            raise ArianeError(f"{path}: lacks the columns {missing}. Mend the manifest's options.")
        for row in reader:
            if row[column] in (".", "", None):
                continue
            klass = _klass(row[column], unknown)
            if klass == "none" or not _PLAIN.issuperset(row["ref"] + row["alt"]):
                continue
            yield _row(
                contigs.name(row["chrom"]),
                int(row["pos"]),
                row["ref"],
                row["alt"],
                klass=klass,
                stars=stars,
                accession="",
                conditions="",
                gene="",
            )


def _row(chrom: str, pos: int, ref: str, alt: str, **said: Any) -> dict[str, Any]:
    pos, ref, alt = trimmed(pos, ref, alt)
    return {"variant": f"{chrom}-{pos}-{ref}-{alt}", **said, "record": digest(said)}


def trimmed(pos: int, ref: str, alt: str) -> tuple[int, str, str]:
    """The shortest way to write an allele at its place: shared last, then first bases dropped.

    One base is always left on each side, as VCF asks.
    """
    while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        pos, ref, alt = pos + 1, ref[1:], alt[1:]
    return pos, ref, alt


def _text(value: object) -> str:
    if value is None:
        return ""
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
