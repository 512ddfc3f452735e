"""Findings as records: rows of the tables in force, split by allele, and what a decision names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ariane.model.case import Case, Decision
from ariane.model.errors import ArianeError
from ariane.model.evidence import Ledger
from ariane.model.genotype import Genotype, Zygosity, decode_family
from ariane.rank.finding import ONE_HIT, split_per_variant
from ariane.registry.record import AlleleRecord, Coded, FindingRecord

_COMPOUND: Final = "compound"
_CARRIES: Final = frozenset({Zygosity.HETEROZYGOUS, Zygosity.HOMOZYGOUS, Zygosity.HEMIZYGOUS})
_ORIGINS: Final[Mapping[tuple[bool, bool], str]] = {
    (True, True): "biparental",
    (True, False): "maternal",
    (False, True): "paternal",
}

_DE_NOVO: Final = ("DE_NOVO", "PS2", "PM6")
"""Codes of the rows by which the ranking calls an allele de novo; calls alone are not enough."""

Row = Mapping[str, Any]


def finding_record(row: Row, ledger: Iterable[Row], case: Case) -> FindingRecord:
    """A row of the ``findings`` table as a record.

    Args:
        row: the finding.
        ledger: rows of the ledger of its case.
        case: whose patient and parents are told.

    Raises:
        ArianeError: the stored genotypes cannot be read.
    """
    counted = [
        r for r in ledger if r["finding"] == row["finding"] and not r["suppressed"] and _speaks(r)
    ]
    names, genomic = (split_per_variant(row, column, "; ") for column in ("hgvs", "hgvs_g"))
    columns = ("transcript", "consequence", "acmg_class", "acmg_points", "genotypes")
    split = {column: split_per_variant(row, column) for column in columns}
    alleles = []
    for number, key in enumerate(str(row["variants"]).split("+")):
        transcript, hgvs_c, hgvs_p = _hgvs(names[number])
        family = _family(split["genotypes"][number], row)
        call = family.get(case.proband)
        own = [r for r in counted if r["variant"] == key]
        alleles.append(
            AlleleRecord(
                key=key,
                hgvs_g=genomic[number],
                hgvs_c=hgvs_c,
                hgvs_p=hgvs_p,
                transcript=transcript or split["transcript"][number],
                consequence=split["consequence"][number],
                zygosity=_zygosity(str(row["zygosity"]), call),
                genotype=call,
                origin=_origin(case, family, own),
                acmg_class=split["acmg_class"][number],
                acmg_points=_whole(split["acmg_points"][number]),
                criteria=tuple(sorted({r["code"] for r in own if r["ledger"] == Ledger.CLASS})),
            )
        )
    return FindingRecord(
        id=str(row["finding"]),
        gene=Coded(str(row["gene"]), str(row["symbol"])),
        mode=str(row["mode"]),
        zygosity=str(row["zygosity"]),
        alleles=tuple(alleles),
    )


def named_findings(
    decision: Decision,
    findings: Sequence[FindingRecord],
    order: Sequence[str],
    gene_of: Callable[[str], Coded],
) -> tuple[FindingRecord, ...]:
    """The findings that a decision names.

    By its ``finding`` where it has one, else by gene and variants; of several modes the one that
    stands best. What the cycle does not hold (any more) is told as the decision writes it, with
    what other findings know of its alleles.

    Args:
        decision: the decision.
        findings: findings of the case, those in the decision's gene at least.
        order: identifiers of the case's findings, the leading first.
        gene_of: the name of a gene by its identifier.
    """
    keys = [key for key in decision.variants.split("+") if key]
    if decision.finding and not keys:
        keys = decision.finding.split("|")[2].split("+")
    if not keys:
        return ()
    place = {finding: number for number, finding in reversed(list(enumerate(order)))}
    meant = [
        finding
        for finding in findings
        if finding.id == decision.finding
        or (
            {allele.key for allele in finding.alleles} == set(keys)
            and decision.gene in ("", finding.gene.id)
        )
    ]
    if meant:
        first = min(
            meant, key=lambda f: (f.id != decision.finding, place.get(f.id, len(place)), f.id)
        )
        gene = gene_of(first.gene.id)
        return (replace(first, gene=gene) if gene.label else first,)
    known = {allele.key: allele for finding in findings for allele in finding.alleles}
    alleles = tuple(known.get(key, AlleleRecord(key)) for key in keys)
    gene_id, _, rest = decision.finding.partition("|")
    mode = rest.partition("|")[0]
    name = decision.finding or f"{decision.gene}|{mode}|{'+'.join(keys)}"
    gene = gene_of(decision.gene or gene_id)
    return (FindingRecord(name, gene, mode, "", alleles, held=False),)


def _speaks(row: Row) -> bool:
    """Whether a row counts; BA1 is a gate, which shuts without points."""
    return bool(row["points"]) or row["code"] == "BA1"


def _hgvs(name: str) -> tuple[str, str, str]:
    """``NM_000059.4:c.68-2A>G p.?`` as transcript, c. and p. name."""
    transcript, colon, rest = name.partition(":")
    if not colon:
        return "", "", ""
    coding, _, protein = rest.partition(" ")
    return transcript, coding, protein


def _zygosity(of_finding: str, call: Genotype | None) -> str:
    if of_finding not in (_COMPOUND, ONE_HIT, ""):
        return of_finding  # it knows of the X of a male and of levels in mitochondria
    return str(call.zygosity) if call else ""


def _origin(case: Case, family: Mapping[str, Genotype], rows: Iterable[Row]) -> str:
    if any(row["points"] > 0 and row["code"].startswith(_DE_NOVO) for row in rows):
        return "de novo"
    told = []
    for parent in (case.patient.mother, case.patient.father):
        call = family.get(parent) if parent else None
        if call is None or call.zygosity is Zygosity.MISSING:
            return ""
        told.append(call.zygosity in _CARRIES)
    own = family.get(case.proband)
    if all(told) and (own is None or own.zygosity is not Zygosity.HOMOZYGOUS):
        return ""  # either parent may have handed it down
    return _ORIGINS.get((told[0], told[1]), "")


def _family(text: str, row: Row) -> dict[str, Genotype]:
    try:
        return decode_family(text)
    except ValueError:
        raise ArianeError(
            f"case {row['case']}: the genotypes stored for {row['finding']} cannot be read. "
            "Run the ranking of this case again."
        ) from None


def _whole(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
