"""What a copy-number variant classed by Riggs' sections gains from its family: section 5.

The sum of the sections is converted to points of the ledger as a whole, so an item's gain depends
on the rest: it is the converted sum with the item less the converted sum as it stands.
"""

from __future__ import annotations

from ariane.rank.cnv import PREFIX
from ariane.rank.cnv_table import CnvTable, load_cnv
from ariane.rank.profile import Profile
from ariane.rank.seen import Seen

DE_NOVO = f"{PREFIX}5A"
SEGREGATES = f"{PREFIX}5D"


def by_sections(allele: Seen) -> bool:
    """Whether the class of an allele comes from Riggs' sections."""
    return any(
        r["code"].startswith(f"{PREFIX}1") and not r["suppressed"] for r in allele.class_rows
    )


def if_de_novo(allele: Seen, parentage: str, fit: str, profile: Profile) -> int:
    """Thousandths gained if the variant is de novo, of some parentage and fit (5A)."""
    table = load_cnv(profile.cnv)
    item = table.items(str(allele.candidate["kind"]))[table.de_novo[fit]]
    return _gained(allele, (item.by_parentage or {})[parentage], table)


def if_segregating(allele: Seen, meioses: int, profile: Profile) -> int:
    """Thousandths gained if so many meioses show it with the disease (5D); 0 where too few."""
    table = load_cnv(profile.cnv)
    items = table.items(str(allele.candidate["kind"]))
    reached = [items[code].points for least, code in table.segregations.items() if meioses >= least]
    return _gained(allele, max(reached), table) if reached else 0


def speaks_against(allele: Seen) -> bool:
    """Whether an affected relative lacks the variant, or a well one has it (5C, 5E)."""
    return any(
        row["code"].startswith((f"{PREFIX}5C", f"{PREFIX}5E")) and row["points"] < 0
        for row in allele.class_rows
    )


def _gained(allele: Seen, hundredths: int, table: CnvTable) -> int:
    items = table.items(str(allele.candidate["kind"]))
    codes = [
        row["code"].removeprefix(PREFIX)
        for row in allele.class_rows
        if row["code"].startswith(PREFIX) and not row["suppressed"]
    ]
    others = sum(items[code].points for code in codes if not code.startswith("5") and code in items)
    return table.ledger(others + hundredths) - allele.points
