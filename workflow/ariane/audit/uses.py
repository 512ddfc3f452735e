"""What used a record: everything that a walk forward finds, as text and as plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from ariane.audit.links import headed
from ariane.model.points import THOUSAND

Row = dict[str, Any]

NAMES_IT: Final = "names the record"
UNDER_KEY: Final = "read under its key"
BESIDE: Final = "read beside others"
"""The row's key is one under which the record is read, and the row names another: a criterion that
counts several records names one of them."""


@dataclass(frozen=True)
class Sought:
    """What to look for: a resource's key, a digest, a gene or a disease; one of the four."""

    resource: str = ""
    key: str = ""
    record: str = ""
    gene: str = ""
    disease: str = ""

    def __str__(self) -> str:
        if self.key:
            return f"{self.resource} {self.key}"
        what = self.record and f"record {self.record}"
        return what or (self.gene and f"gene {self.gene}") or f"disease {self.disease}"


@dataclass
class Uses:
    """Everything that used it, each entry with its cycle."""

    sought: str
    records: list[Row] = field(default_factory=list)
    """What each release holds of it."""
    evidence: list[Row] = field(default_factory=list)
    findings: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    flags: list[Row] = field(default_factory=list)
    proposals: list[Row] = field(default_factory=list)
    writes: list[Row] = field(default_factory=list)
    pages: list[Row] = field(default_factory=list)
    exports: list[Row] = field(default_factory=list)
    untold: int = 0
    """Findings that may not be told of, over all cycles: counted, never named."""
    unread: list[str] = field(default_factory=list)
    """Cycles that could not be looked at whole: what used it there is not known."""
    notices: list[str] = field(default_factory=list)
    """What could not be looked at, and why."""

    @property
    def unused(self) -> bool:
        """Whether nothing was found to rest on it."""
        return not (self.unread or self.evidence or self.findings or self.events or self.untold)

    def to_json(self) -> dict[str, Any]:
        """Plain values only."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """The uses as text, what people were told last."""
        yield from headed(f"Forward from {self.sought}")
        for title, rows, told in _SECTIONS:
            held: Sequence[Row] = getattr(self, rows)
            yield ""
            yield f"{title}: {len(held) or 'none'}"
            yield from (f"  {told(row)}" for row in held)
        if self.untold:
            yield ""
            yield f"Findings out of the indication of their case, not named: {self.untold}"
        if self.notices:
            yield ""
            yield "Not looked at:"
            yield from (f"  {notice}" for notice in self.notices)
        if self.unused:
            yield ""
            yield "Nothing in any cycle rests on it" + (
                "." if self.records else ", and no release of a cycle holds such a record."
            )


_SECTIONS: Final[Sequence[tuple[str, str, Callable[[Row], str]]]] = (
    (
        "Releases that hold it",
        "records",
        lambda r: f"{r['release']}: {r['resource']} {r['key']} {r['record']}",
    ),
    (
        "Evidence rows",
        "evidence",
        lambda r: (
            f"{r['cycle']} {r['case']} {r['finding']}: {r['code']} {r['points'] / THOUSAND:+.2f} "
            f"({r['resource']} {r['read_key']}: {r['record']}), {r['how']}"
        ),
    ),
    (
        "Findings, with their rank then",
        "findings",
        lambda r: (
            f"{r['cycle']} {r['case']} {r['finding']}: "
            + (
                f"rank {r['rank']} for {r['disease']}, posterior {r['posterior']:.6g}"
                if r["rank"]
                else "not ranked"
            )
        ),
    ),
    (
        "Events with this cause",
        "events",
        lambda r: (
            f"{r['cycle']} {r['case']} {r['finding']}: {r['kind']}, "
            f"{r['cause_old'] or 'nothing'} -> {r['cause_new'] or 'nothing'}"
        ),
    ),
    (
        "Flags",
        "flags",
        lambda r: (
            f"{r['cycle']} {r['case']} {r['reason']} ({r['symbol']}), due {r['due']}, {r['how']}"
        ),
    ),
    (
        "Registry proposals",
        "proposals",
        lambda r: (
            f"{r['cycle']} {r['registry']} {r['case']}: {r['status']} {r['gene']}, {r['how']}"
        ),
    ),
    (
        "Registry writes",
        "writes",
        lambda r: (
            f"{r['cycle']} {r['registry']} {r['case']}: journal record {r['seq']} of {r['as_of']}, "
            f"columns {', '.join(r['columns'])}" + (", reverted since" if r["reverted"] else "")
        ),
    ),
    ("Pages", "pages", lambda r: f"{r['cycle']} {r['case']}: {r['file']}"),
    (
        "Exports",
        "exports",
        lambda r: f"{r['cycle']} {r['case']}: {r['file']}, {r['state']}",
    ),
)
