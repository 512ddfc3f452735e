"""How values are written for people: numbers and links out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

from ariane.model.points import THOUSAND

NO_BREAK: Final = "\u00a0"
MINUS: Final = "\u2212"

_VARIANT = re.compile(
    r"(?:chr)?([0-9]{1,2}|X|Y|M|MT)-([0-9]+)-([ACGTN]+)-([ACGTN]+)", re.IGNORECASE
)
_LINKS: Final[Sequence[tuple[str, re.Pattern[str], str]]] = (
    ("HPO", re.compile(r"(HP:[0-9]{7})"), "https://hpo.jax.org/browse/term/{0}"),
    ("OMIM", re.compile(r"OMIM:([0-9]{6})"), "https://omim.org/entry/{0}"),
    (
        "Orphanet",
        re.compile(r"(?:ORPHA|Orphanet):([0-9]+)"),
        "https://www.orpha.net/{language}/disease/detail/{0}",
    ),
    ("PubMed", re.compile(r"PMID:([0-9]+)"), "https://pubmed.ncbi.nlm.nih.gov/{0}/"),
    (
        "HGNC",
        re.compile(r"(HGNC:[0-9]+)"),
        "https://www.genenames.org/data/gene-symbol-report/#!/hgnc_id/{0}",
    ),
)
_SETS: Final[Mapping[str, tuple[str, str]]] = {
    "GRCh38": ("gnomad_r4", "chrpos38"),
    "GRCh37": ("gnomad_r2_1", "chrpos37"),
}

_SITES: Final[Mapping[str, str]] = {
    "frequencies": "gnomAD",
    "coverage": "gnomAD",
    "assertions": "ClinVar",
}
"""Where a kind of resource shows a variant to people."""


def interpretation(allowed: bool) -> str:
    """What a table says of its own use: without population frequencies, none."""
    return "" if allowed else "not for interpretation"


def decimal(thousandths: int) -> str:
    """Thousandths of a point as a plain number with at least one decimal: ``-1.0``, ``0.125``."""
    whole, part = divmod(abs(thousandths), THOUSAND)
    digits = f"{part:03d}".rstrip("0").ljust(1, "0")
    return f"{'-' if thousandths < 0 else ''}{whole}.{digits}"


def points(thousandths: int, language: str) -> str:
    """Thousandths of a point for a page: signed, with the decimal mark of the language."""
    text = decimal(thousandths)
    text = text.replace("-", MINUS) if thousandths < 0 else f"+{text}" if thousandths else text
    return _mark(text, language)


def percent(probability: float, language: str) -> str:
    """A probability as a percentage with one decimal; never rounded to a certainty.

    Below 0.1 % and above 99.9 % the text says so instead of claiming 0 % or 100 %.
    """
    if probability < 0.001:
        text = "<" + NO_BREAK + "0.1"
    elif probability > 0.999:
        text = ">" + NO_BREAK + "99.9"
    else:
        text = f"{100 * probability:.1f}"
    return _mark(text, language) + (NO_BREAK if language == "fr" else "") + "%"


def count(number: int) -> str:
    """A whole number with thin groups of three, as both languages accept."""
    return f"{number:,}".replace(",", "\u202f")


def tenth(number: float, language: str) -> str:
    """A number with one decimal, with the decimal mark of the language."""
    return _mark(f"{number:.1f}", language)


def _mark(text: str, language: str) -> str:
    return text.replace(".", ",") if language == "fr" else text


def link(identifier: str, language: str) -> tuple[str, str] | None:
    """Name of the site and address for an HPO, OMIM, Orphanet or HGNC identifier, or None."""
    for site, pattern, address in _LINKS:
        found = pattern.fullmatch(identifier)
        if found:
            return site, address.format(found[1], language=language)
    return None


def variant_links(variant: str, assembly: str) -> list[tuple[str, str]]:
    """Addresses of gnomAD and ClinVar for a variant key; empty where the key is not plain."""
    found = _VARIANT.fullmatch(variant)
    if found is None or assembly not in _SETS:
        return []
    chrom, pos, ref, alt = (part.upper() for part in found.groups())
    dataset, field = _SETS[assembly]
    chrom = "M" if chrom == "MT" else chrom
    term = quote(f"{'MT' if chrom == 'M' else chrom}[chr] AND {pos}[{field}]", safe="")
    site = f"https://gnomad.broadinstitute.org/variant/{chrom}-{pos}-{ref}-{alt}?dataset={dataset}"
    return [("gnomAD", site), ("ClinVar", f"https://www.ncbi.nlm.nih.gov/clinvar/?term={term}")]


def key_links(resource: str, key: str, assembly: str, language: str) -> list[tuple[str, str]]:
    """Addresses of what a row of the ledger looked up: name of the site and address.

    Args:
        resource: the kind of resource that the row names.
        key: its read key: a variant, a gene, a disease or a term.
        assembly: of the variant.
        language: of the site, where it has several.
    """
    own = link(key, language)
    if own is not None:
        return [own]
    wanted = _SITES.get(resource)
    return [one for one in variant_links(key, assembly) if one[0] == wanted]
