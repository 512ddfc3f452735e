"""An allele of a finding as its stored rows tell it: what a result's reader can still ask of it.

The tables of a cycle are enough: pages, flags and explanations ask the same of the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ariane.model.case import Case
from ariane.model.evidence import Ledger
from ariane.model.structural import spot_of
from ariane.rank import inheritance
from ariane.rank.alleles import Setting, site_of
from ariane.rank.inheritance import Site
from ariane.rank.partners import ALONE
from ariane.rank.profile import Profile

Row = Mapping[str, Any]

_OF_PARTNER: Final = frozenset({"PM3", "BP2"})
"""Class rows of an allele that rest on another allele of the patient."""


def criterion(code: str) -> str:
    """A criterion without its strength: ``PM2`` of ``PM2_Supporting``."""
    return code if code == "PVS1_ALONE" else code.partition("_")[0]


@dataclass(frozen=True)
class Seen:
    """One allele of one finding, with its family's calls and its rows."""

    case: Case
    candidate: Row
    """As much of a candidate as a finding keeps."""
    site: Site
    mode: str
    rows: tuple[Row, ...]
    """Ledger rows of this allele, and of the genotype where the finding is a single allele."""
    single: bool

    @property
    def variant(self) -> str:
        """Key of the allele."""
        return str(self.candidate["variant"])

    @property
    def class_rows(self) -> list[Row]:
        """The ACMG rows of this allele."""
        return [
            row
            for row in self.rows
            if row["ledger"] == Ledger.CLASS and row["variant"] == self.variant
        ]

    @property
    def points(self) -> int:
        """Its class points, in thousandths."""
        return sum(row["points"] for row in self.class_rows)

    def standing_points(self, profile: Profile) -> int:
        """Its class points without what a partner says of it, in thousandths: what it is as a
        partner. PVS1 that stands alone without the partner is held back where the profile says so.
        """
        own = [
            row
            for row in self.class_rows
            if criterion(row["code"]) not in {*_OF_PARTNER, "PVS1_ALONE"}
        ]
        total = sum(int(row["points"]) for row in own)
        speaking = [row["code"] for row in own if row["points"] > 0]
        held = profile.pvs1.alone == "VUS" and speaking == ["PVS1"]
        return min(total, ALONE) if held else total

    @property
    def own_points(self) -> int:
        """Class and assertion points without what a partner says of it: its share of a pair."""
        return sum(
            row["points"]
            for row in self.rows
            if row["variant"] == self.variant and criterion(row["code"]) not in _OF_PARTNER
        )

    def counted(self, *criteria: str) -> int:
        """Thousandths that some criteria count, whatever their strength."""
        return sum(r["points"] for r in self.class_rows if criterion(r["code"]) in criteria)

    def triage(self, code: str) -> int | None:
        """Thousandths of a triage row, or None where the finding has none."""
        found = [r["points"] for r in self.rows if r["code"] == code and r["ledger"] != "class"]
        return sum(found) if found else None

    @property
    def shut(self) -> bool:
        """Excluded by BA1."""
        return any(r["code"] == "BA1" for r in self.class_rows)


def alleles_of(
    case: Case, finding: Row, ledger: Sequence[Row], setting: Setting
) -> tuple[Seen, ...]:
    """The alleles of a finding.

    Args:
        case: the family.
        finding: a row of ``findings``.
        ledger: its rows of ``ledger``.
        setting: the release.
    """
    variants = str(finding["variants"]).split("+")
    consequences = _parts(finding, "consequence", len(variants))
    genotypes = _parts(finding, "genotypes", len(variants))
    seen = []
    for variant, consequence, calls in zip(variants, consequences, genotypes, strict=True):
        chrom, pos, ref, alt = variant.split("-", 3)
        spot = spot_of(variant)
        candidate = {
            "variant": variant,
            "chrom": chrom,
            "pos": int(pos),
            "ref": ref,
            "alt": alt,
            "gene": finding["gene"],
            "symbol": finding["symbol"],
            "consequence": consequence,
            "genotypes": calls,
            "kind": spot.kind if spot else "small",
            "tier": "coding",
        }
        single = len(variants) == 1
        rows = tuple(r for r in ledger if r["variant"] == variant or (single and not r["variant"]))
        site = site_of(case, candidate, setting)
        seen.append(Seen(case, candidate, site, str(finding["mode"]), rows, single))
    return tuple(seen)


def phase_of(first: Seen, second: Seen) -> str:
    """What is known of the phase of a pair; ``trans_by_phase`` where one is not heterozygous."""
    if not (inheritance.heterozygous(first.site) and inheritance.heterozygous(second.site)):
        return "trans_by_phase"  # over a deletion: in trans by construction
    return inheritance.phase(first.site, second.site)


def _parts(finding: Row, column: str, count: int) -> list[str]:
    """One value for each allele; nothing is attributed where they do not split."""
    parts = str(finding[column]).split("+")
    return parts if len(parts) == count else [""] * count
