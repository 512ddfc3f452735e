"""The two accounts of a hypothesis, laid out so that what is printed adds up or says that it does
not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ariane.knowledge.release import Release
from ariane.model.case import Case
from ariane.model.errors import ArianeError
from ariane.model.evidence import ABSENT, NO_RESOURCE, NOT_COVERED, Ledger
from ariane.model.genotype import Genotype, decode_family
from ariane.rank.finding import one_hit, split_per_variant

Row = Mapping[str, Any]

NONE = "none"
"""Hypothesis of the standing that stands for 'none in these data'."""

OWN_DATA = "genotypes"
"""Resource named by rows that were read from the case's own calls."""

OWN_RECORD = "case"
"""Record named by such rows: there is no record of a resource behind them."""


@dataclass(frozen=True)
class Line:
    """One row of a ledger with the version and date of its resource."""

    row: Row
    version: str
    date: str
    origin: str
    """``release``, ``case`` (the case's own data) or ``absent`` (not in the release)."""
    state: str
    """``found``, ``case``, or one of ``absent``, ``not covered``, ``no resource``."""

    @property
    def points(self) -> int:
        """Thousandths of a point that the row counts for."""
        return int(self.row["points"])


@dataclass(frozen=True)
class Account:
    """Rows that are printed together, with the sum printed below them."""

    lines: tuple[Line, ...]

    @property
    def total(self) -> int:
        """Thousandths: the sum of exactly the rows printed."""
        return sum(line.points for line in self.lines)


@dataclass(frozen=True)
class Call:
    """One member's genotype at one allele; ``genotype`` is None where the store has no call."""

    member: str
    relation: str
    affected: bool | None
    genotype: Genotype | None

    @property
    def spelled(self) -> str:
        """The genotype as a VCF writes it, ``0|1``; empty without a call."""
        return self.genotype.encode().split(":")[0] if self.genotype else ""


@dataclass(frozen=True)
class Allele:
    """One allele of a finding with the rows that speak of it alone."""

    variant: str
    consequence: str
    hgvs: str
    hgvs_g: str
    protein_change: str
    acmg_class: str
    acmg_points: int | None
    calls: tuple[Call, ...]
    class_account: Account
    triage_account: Account

    @property
    def class_adds_up(self) -> bool:
        """Whether the class rows printed sum to the class points that the finding records."""
        return self.acmg_points is None or self.class_account.total == self.acmg_points

    @property
    def total(self) -> int:
        """Thousandths of the rows that speak of this allele."""
        return self.class_account.total + self.triage_account.total


@dataclass(frozen=True)
class Candidate:
    """One ranked hypothesis with its finding and its accounts."""

    standing: Row
    finding: Row
    alleles: tuple[Allele, ...]
    shared: Account
    """Rows on the pair or the genotype, and any that name no allele of the finding."""
    phenotype_state: str
    terms: tuple[Row, ...]

    @property
    def is_pair(self) -> bool:
        """Whether two alleles are held together: their points are a product, not a sum."""
        return len(self.alleles) > 1

    @property
    def one_hit(self) -> bool:
        """Whether it is half of a recessive genotype: below every full hypothesis, no posterior."""
        return one_hit(self.finding)

    @property
    def rows_total(self) -> int:
        """Thousandths of all rows printed, class and triage."""
        return sum(allele.total for allele in self.alleles) + self.shared.total

    @property
    def local_points(self) -> int:
        """Thousandths without phenotype, as the standing records them."""
        return int(self.standing["local_points"])

    @property
    def phenotype_points(self) -> int:
        """Thousandths of the phenotype, scaled and bounded."""
        return int(self.standing["phenotype_points"])

    @property
    def total_points(self) -> int:
        """Thousandths that rank the hypothesis."""
        return int(self.standing["total_points"])

    @property
    def unexplained_local(self) -> int:
        """Thousandths by which the recorded local points differ from the rows printed.

        The ranking writes a PAIR row with what turns the sum of two alleles into their product, so
        this is 0 for pairs too; whatever remains is printed, never hidden.
        """
        return self.local_points - self.rows_total

    @property
    def unexplained_total(self) -> int:
        """Thousandths of the total beyond local and phenotype points."""
        return self.total_points - self.local_points - self.phenotype_points

    @property
    def terms_total(self) -> int:
        """Thousandths of the phenotype terms printed."""
        return sum(int(term["points"]) for term in self.terms)

    def reasons(self, limit: int) -> list[Line]:
        """The counting rows that weigh most, either way."""
        accounts = [a for al in self.alleles for a in (al.class_account, al.triage_account)]
        lines = [ln for account in (*accounts, self.shared) for ln in account.lines if ln.points]
        lines.sort(key=lambda ln: (-abs(ln.points), ln.row["code"], ln.row["variant"]))
        return lines[:limit]


def ranked(standing: Iterable[Row]) -> list[Row]:
    """Hypotheses from the first rank on, without 'none in these data'."""
    rows = [row for row in standing if row["hypothesis"] != NONE]
    return sorted(rows, key=lambda row: (row["rank"], row["hypothesis"]))


def none_in_these_data(standing: Iterable[Row]) -> float | None:
    """Posterior that the cause is not in these data; None when the standing does not hold it."""
    return next((float(r["posterior"]) for r in standing if r["hypothesis"] == NONE), None)


def families(finding: Row) -> list[dict[str, Genotype]]:
    """Calls of the family at each variant of a finding.

    Raises:
        ArianeError: the stored genotypes cannot be read.
    """
    try:
        return [decode_family(text) for text in split_per_variant(finding, "genotypes")]
    except ValueError:
        raise ArianeError(
            f"case {finding['case']}: the genotypes stored for {finding['finding']} cannot be "
            "read. Run the ranking of this case again."
        ) from None


def candidate(
    standing: Row,
    finding: Row,
    ledger: Iterable[Row],
    phenotype: Iterable[Row],
    terms: Iterable[Row],
    case: Case,
    release: Release,
) -> Candidate:
    """Join one hypothesis with everything the page shows of it.

    Args:
        standing: the hypothesis.
        finding: its finding.
        ledger: rows of the ledger of this finding.
        phenotype: rows of the phenotype table of the case.
        terms: per-term rows of the case.
        case: whose members' genotypes are shown.
        release: whose manifest gives versions and dates.

    Raises:
        ArianeError: the stored genotypes cannot be read.
    """
    variants = str(finding["variants"]).split("+")
    lines = sorted((_line(row, release) for row in ledger), key=_order)
    calls = families(finding)
    points = [_whole(text) for text in split_per_variant(finding, "acmg_points")]
    classes = split_per_variant(finding, "acmg_class")
    consequences = split_per_variant(finding, "consequence")
    proteins = split_per_variant(finding, "protein_change")
    names, genomic = (split_per_variant(finding, name, "; ") for name in ("hgvs", "hgvs_g"))
    alleles = tuple(
        Allele(
            variant=variant,
            consequence=consequences[n],
            hgvs=names[n],
            hgvs_g=genomic[n],
            protein_change=proteins[n],
            acmg_class=classes[n],
            acmg_points=points[n],
            calls=tuple(_calls(case, calls[n])),
            class_account=_account(lines, variant, Ledger.CLASS),
            triage_account=_account(lines, variant, Ledger.TRIAGE),
        )
        for n, variant in enumerate(variants)
    )
    disease = standing["disease"]
    states = [str(row["state"]) for row in phenotype if row["disease"] == disease]
    return Candidate(
        standing=standing,
        finding=finding,
        alleles=alleles,
        shared=Account(tuple(ln for ln in lines if not _of_an_allele(ln, variants))),
        phenotype_state=states[0] if states else "",
        terms=tuple(sorted((t for t in terms if t["disease"] == disease), key=_term_order)),
    )


def relation(case: Case, member_id: str) -> str:
    """``proband``, ``father``, ``mother`` or ``relative``."""
    patient = case.patient
    named = {patient.id: "proband", patient.father: "father", patient.mother: "mother"}
    return named.get(member_id, "relative")


_MATCHES: Sequence[str] = ("exact", "broader", "narrower", "none")


def _term_order(term: Row) -> tuple[int, int, str]:
    match = str(term["match"])
    place = _MATCHES.index(match) if match in _MATCHES else len(_MATCHES)
    return place, -int(term["points"]), str(term["term"])


def _calls(case: Case, calls: Mapping[str, Genotype]) -> Iterable[Call]:
    order = ("proband", "father", "mother", "relative")
    members = sorted(case.sequenced, key=lambda m: (order.index(relation(case, m.id)), m.id))
    for member in members:
        yield Call(member.id, relation(case, member.id), member.affected, calls.get(member.id))


def _whole(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def _of_an_allele(line: Line, variants: Sequence[str]) -> bool:
    return line.row["variant"] in variants and line.row["ledger"] in set(Ledger)


def _account(lines: Iterable[Line], variant: str, ledger: Ledger) -> Account:
    chosen = (ln for ln in lines if ln.row["variant"] == variant and ln.row["ledger"] == ledger)
    return Account(tuple(chosen))


def _order(line: Line) -> tuple[bool, int, str, str, str, str]:
    row = line.row
    counted = bool(row["suppressed"])
    return counted, -line.points, row["code"], row["resource"], row["read_key"], row["record"]


def _line(row: Row, release: Release) -> Line:
    record = str(row["record"])
    state = record if record in (OWN_RECORD, ABSENT, NOT_COVERED, NO_RESOURCE) else "found"
    resource = release.resources.get(str(row["resource"]))
    if resource is not None:
        return Line(row, resource.version, resource.date, "release", state)
    return Line(row, "", "", "case" if row["resource"] == OWN_DATA else "absent", state)
