"""Events: what differs between two cycles' ledgers and standings of a case, each with its cause.

Bad news is told as surely as good: a finding that is weakened or gone makes an event like one that
is new.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import itemgetter
from typing import Any, Final, NamedTuple

from ariane.knowledge.kinds import ASSERTING
from ariane.model.points import THOUSAND
from ariane.phrases import say
from ariane.rank.finding import one_hit
from ariane.rank.standing import NONE
from ariane.reanalyse.effective import ShardState
from ariane.reanalyse.policy import LEADING, Policy
from ariane.reanalyse.row_changes import lost_source, row_changes

Row = dict[str, Any]


Key = tuple[str, str]
"""A case and a finding."""

STOOD: Final = (
    *("case", "finding", "hypothesis", "posterior", "rank", "phenotype_points"),
    *("disease", "disease_name"),
)
"""What :func:`best_of` reads of the ``standing`` table, in this order."""


class Best(NamedTuple):
    """The best-standing hypothesis of a finding."""

    posterior: float
    rank: int
    phenotype_points: int
    disease: str
    disease_name: str


def best_of(standing: Iterable[Sequence[Any]]) -> dict[Key, Best]:
    """The best hypothesis of each finding.

    Args:
        standing: values of the columns :data:`STOOD`, sorted by rank within a case.
    """
    best: dict[Key, Best] = {}
    for case, finding, hypothesis, *values in standing:
        if hypothesis != NONE and (case, finding) not in best:
            best[case, finding] = Best(*values)
    return best


@dataclass(frozen=True)
class View:
    """One state, indexed for comparison."""

    findings: Mapping[Key, Row]
    rows: Mapping[Key, Sequence[Row]]
    best: Mapping[Key, Best]
    cases: frozenset[str] = frozenset()
    """Cases of the state, those without any finding included."""
    hidden: frozenset[Key] = frozenset()
    """Findings that do not fit the indication of their case: nothing of them is told."""

    @classmethod
    def of(cls, state: ShardState) -> View:
        """Index a shard's state by (case, finding)."""
        best = best_of(map(itemgetter(*STOOD), state.standing))
        cases = frozenset(row["case"] for row in state.standing)
        return cls.indexed(state.findings, state.ledger, best, cases)

    @classmethod
    def indexed(
        cls,
        told: Iterable[Row],
        ledger: Iterable[Row],
        best: Mapping[Key, Best],
        cases: frozenset[str],
    ) -> View:
        """Index findings and rows of the ledger by (case, finding).

        Args:
            told: the findings; of those that sleep (:func:`asleep`) none are needed.
            ledger: their rows.
            best: of all findings.
            cases: of the state.
        """
        findings = {(f["case"], f["finding"]): f for f in told}
        hidden = frozenset(
            key for key, f in findings.items() if key not in best and SHUT not in f["acmg_class"]
        )
        rows: dict[Key, list[Row]] = {}
        for row in ledger:
            if (row["case"], row["finding"]) not in hidden:
                rows.setdefault((row["case"], row["finding"]), []).append(row)
        shown = {key: finding for key, finding in findings.items() if key not in hidden}
        return cls(shown, rows, best, cases, hidden)

    @property
    def standing(self) -> set[Key]:
        """Findings that stand: all that are ranked, and those of which a shut gate is shown."""
        return self.findings.keys() | self.best.keys()

    @cached_property
    def partners(self) -> Mapping[Key, frozenset[str]]:
        """By case and "gene|mode", the alleles that stand in some finding."""
        found: dict[Key, set[str]] = {}
        for case, finding in self.best:
            head, _, variants = finding.rpartition("|")
            found.setdefault((case, head), set()).update(variants.split("+"))
        return {key: frozenset(alleles) for key, alleles in found.items()}


SHUT: Final = "BA1"
"""What the class of a finding holds whose gate is shut."""

EMPTY: Final = View({}, {}, {})

_TAKES_AWAY: Final = frozenset({"removed", "downgraded", "risen", "lost a disease", "mode changed"})


@dataclass(frozen=True)
class Causes:
    """The changes of a release by read key, and the cause when no record of it changed."""

    by_key: Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]
    """By (resource, key)."""
    otherwise: str
    """What else made the cycle differ: first analysis, engine, the case's own data."""
    of_case: Mapping[str, str] = field(default_factory=dict)
    """By case, what of its own data changed, in words; these cases have it for ``otherwise``."""

    @classmethod
    def of(
        cls,
        changes: Iterable[Mapping[str, Any]],
        otherwise: str,
        of_case: Mapping[str, str] | None = None,
    ) -> Causes:
        """Index the rows of a ``changes`` table."""
        found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for row in changes:
            found.setdefault((row["resource"], row["key"]), []).append(row)
        return cls(found, otherwise, of_case or {})

    @cached_property
    def genes_that_lost_a_disease(self) -> frozenset[str]:
        """Genes of which a disease is known no more."""
        return frozenset(
            key
            for (resource, key), rows in self.by_key.items()
            if resource == "gene_disease" and any(r["change"] == "lost a disease" for r in rows)
        )

    def within(self, case: str) -> Causes:
        """The causes as a case sees them."""
        own = self.of_case.get(case)
        return replace(self, otherwise=own) if own else self

    def first(self, *keys: tuple[str, str]) -> Mapping[str, Any] | None:
        """The first change under any of the keys, in their order."""
        for key in keys:
            if key in self.by_key:
                return self.by_key[key][0]
        return None


def asleep(
    before: Mapping[Key, Best], after: Mapping[Key, Best], causes: Causes, policy: Policy
) -> set[Key]:
    """Findings of which nothing is told unless their own evidence moved: they were and are
    improbable, and their gene lost no disease. Most are."""
    lost = causes.genes_that_lost_a_disease
    least = min(policy.considered_posterior, policy.leading_posterior)  # of any tier
    sleeping = {
        key
        for key, best in before.items()
        if best.posterior < least and key in after and after[key].posterior < least
    }
    if lost:
        sleeping -= {key for key in sleeping if key[1].partition("|")[0] in lost}
    return sleeping


def find_events(
    before: View,
    after: View,
    causes: Causes,
    policy: Policy,
    cycle: str,
    first_seen: Mapping[tuple[str, str], str],
    withdrawn: Mapping[tuple[str, str], str] | None = None,
) -> list[Row]:
    """Rows of the ``events`` table for one shard.

    Args:
        before: the previous cycle's state; :data:`EMPTY` for a first pass.
        after: this cycle's state.
        causes: the changes of the release.
        policy: what counts as material.
        cycle: this cycle's id.
        first_seen: the cycle in which each (case, finding) was first seen, as far as known.
        withdrawn: the cycle in which each (case, finding) that has not returned was withdrawn.
    """
    events = []
    gone = withdrawn or {}
    sleeping = asleep(before.best, after.best, causes, policy)
    for key in sorted(before.best.keys() | after.best.keys()):  # never ranked, never told
        if key in sleeping and key not in before.rows and key not in after.rows:
            continue
        old, new = before.findings.get(key), after.findings.get(key)
        if key in after.hidden:
            events += _unnamed(key[0], before.best[key], policy, cycle)
            continue
        event = _compare(key, old, new, before, after, causes.within(key[0]), policy)
        if event is None:
            continue
        finding = new or old
        if finding is None or (new is None and one_hit(finding) and _completed(key, after)):
            continue
        if one_hit(finding):
            event["material"] = False  # half of a genotype moves no one to act
        if key in gone and event["kind"] != "withdrawn":
            said = {"said": event["sentence"], "cycle": gone[key]}
            event["sentence"] = say("{said}; it had been withdrawn in cycle {cycle}", **said)
        events.append(
            {
                "case": key[0],
                "gene": finding["gene"],
                "symbol": finding["symbol"],
                "finding": key[1],
                "old_points": old["local_points"] if old else 0,
                "new_points": new["local_points"] if new else 0,
                "old_rank": before.best[key].rank if key in before.best else 0,
                "new_rank": after.best[key].rank if key in after.best else 0,
                "old_posterior": _posterior(before, key),
                "new_posterior": _posterior(after, key),
                "old_class": old["acmg_class"] if old else "",
                "new_class": new["acmg_class"] if new else "",
                "first_seen": first_seen.get(key, cycle),
                "last_changed": cycle,
                **event,
            }
        )
    return events


def _compare(
    key: tuple[str, str],
    old: Row | None,
    new: Row | None,
    before: View,
    after: View,
    causes: Causes,
    policy: Policy,
) -> Row | None:
    was, now = (policy.tier(_posterior(view, key)) for view in (before, after))
    gained = row_changes(before.rows.get(key, ()), after.rows.get(key, ()))
    if old is None and new is not None:
        if now < LEADING and key[0] not in before.cases:
            return None  # a new case's whole list is no news
        best = after.best.get(key)
        kind = _kind_of_new(new, key[0] in before.cases, best, causes)
        if key in before.hidden and best and kind != "gene gained a disease":
            return _entered(now > 0, best, causes)
        return _event(kind, now > 0, gained, new, causes, best)
    if new is None and old is not None:
        gone = _cause_of_gone(old, causes)
        material = was > 0 or _counts(old)
        return _event("withdrawn", material, gained, old, causes, before.best.get(key), gone)
    if old is None or new is None:
        return None
    lost = _lost_disease(key, before, after, new, causes)
    if lost and was > now:
        # Its own rows may have moved too: the loss of what it stood for is told first.
        return _caused("weakened", True, lost)
    moved = new["local_points"] - old["local_points"]
    limit = round(policy.points * THOUSAND)
    stepped = max((abs(change) for change, _ in gained), default=0) >= limit
    crossed = old["acmg_class"] != new["acmg_class"]
    rows = before.rows.get(key, ()), after.rows.get(key, ())
    source = lost_source(*rows, causes.by_key) if gained else None
    if gained and (moved or crossed or stepped or source):
        material = crossed or stepped or was != now or source is not None
        kind = "strengthened" if moved > 0 or (moved == 0 and now > 0) else "weakened"
        if source and not (moved or crossed or stepped):  # it rests on less, whatever the sum
            return _event("weakened", material, gained, new, causes, after.best.get(key), source)
        was_shut, is_shut = ("BA1" in row["acmg_class"] for row in (old, new))
        if was_shut != is_shut:  # a shut gate counts nothing, whatever the points were before
            kind = "weakened" if is_shut else "strengthened"
        if kind == "strengthened" and new["zygosity"] == "compound":
            kind = "partner found" if now > was else kind
        return _event(kind, material, gained, new, causes, after.best.get(key))
    return _standing_event(key, before, after, new, causes, policy)


def _completed(key: tuple[str, str], after: View) -> bool:
    """Whether the allele of a one hit stands in another finding of its gene and mode now."""
    head, _, variant = key[1].rpartition("|")
    return variant in after.partners.get((key[0], head), ())


def _unnamed(case: str, was: Best, policy: Policy, cycle: str) -> list[Row]:
    """The end of a candidate that was told and is out of scope now: told without its name."""
    told = policy.tier(was.posterior) > 0
    if not told and was.rank != 1:
        return []
    blank = dict.fromkeys(("gene", "symbol", "finding", "old_class", "new_class"), "")
    caused = dict.fromkeys(("cause_key", "cause_old", "cause_new"), "")
    sentence = say(
        "withdrawn: a candidate that was told no longer fits the indication of this case; what is "
        "out of scope is not named"
    )
    row = {"case": case, **blank, **caused, "old_points": 0, "new_points": 0, "new_rank": 0}
    row |= {"kind": "withdrawn", "material": told, "old_rank": was.rank, "sentence": sentence}
    row |= {"old_posterior": was.posterior, "new_posterior": 0.0}
    return [row | {"cause_resource": "case", "first_seen": cycle, "last_changed": cycle}]


def _entered(material: bool, best: Best, causes: Causes) -> Row:
    """A finding that was there and out of scope, and fits the indication now."""
    cause = causes.first(("hpo_annotations", best.disease))
    if cause:
        return _caused("new candidate", material, cause)
    row = _own("new candidate", material, causes)
    said = say("new candidate: it fits the indication now; {said}", said=causes.otherwise)
    return row | {"sentence": said}


def _lost_disease(
    key: tuple[str, str], before: View, after: View, finding: Row, causes: Causes
) -> Mapping[str, Any] | None:
    """The change by which a finding lost the disease it stood for, if one did."""
    of_gene = causes.by_key.get(("gene_disease", finding["gene"]), ())
    lost = _change_of(of_gene, "lost a disease", "old", before.best.get(key))
    now = after.best.get(key)
    return lost if lost and (now is None or now.disease != lost["old"]) else None


def _standing_event(
    key: tuple[str, str],
    before: View,
    after: View,
    finding: Row,
    causes: Causes,
    policy: Policy,
) -> Row | None:
    """A finding whose own rows stand, but whose diseases or their fit moved."""
    was, now = before.best.get(key), after.best.get(key)
    stood, stands = (policy.tier(_posterior(view, key)) for view in (before, after))
    of_gene = causes.by_key.get(("gene_disease", finding["gene"]), ())
    lost = _change_of(of_gene, "lost a disease", "old", was)
    if lost and (stood or not stands):
        return _caused("weakened" if stands else "withdrawn", stood > 0, lost)
    if stood == stands and not (was and now and stands):
        return None
    gained = _change_of(of_gene, "gained a disease", "new", now)
    if gained and stands:
        return _caused("gene gained a disease", True, gained)
    modes = [change for change in of_gene if change["change"] == "mode changed"]
    if stood != stands and modes and (was is None or now is None or was.disease != now.disease):
        return _caused("mode changed", True, modes[0])
    moved = (now.phenotype_points if now else 0) - (was.phenotype_points if was else 0)
    # Where only the fit moved, it takes a leading candidate: an ontology moves a little everywhere.
    led = stood != stands and LEADING in (stood, stands)
    material = led and abs(moved) >= round(policy.phenotype_points * THOUSAND)
    if not material and abs(moved) < round(policy.phenotype_points * THOUSAND):
        return None
    disease = (now or was).disease  # type: ignore[union-attr]
    cause = causes.first(("hpo_annotations", disease))
    kind = "phenotype fit changed"
    return _caused(kind, material, cause) if cause else _own(kind, material, causes)


def _change_of(
    changes: Iterable[Mapping[str, Any]], change: str, side: str, best: Best | None
) -> Mapping[str, Any] | None:
    """The change by which the gene lost or gained the disease of a best hypothesis."""
    if best is None:
        return None
    return next((c for c in changes if c["change"] == change and c[side] == best.disease), None)


def _kind_of_new(new: Row, known_case: bool, best: Best | None, causes: Causes) -> str:
    changes = causes.by_key.get(("gene_disease", new["gene"]), ())
    if not known_case:
        return "new candidate"
    if _change_of(changes, "gained a disease", "new", best):
        return "gene gained a disease"
    if any(change["change"] == "mode changed" for change in changes):
        return "mode changed"
    return "partner found" if new["zygosity"] == "compound" else "new candidate"


def _posterior(view: View, key: tuple[str, str]) -> float:
    return view.best[key].posterior if key in view.best else 0.0


def _counts(finding: Row) -> bool:
    classes = finding["acmg_class"].split("+")
    return any(name in ("P", "LP") for name in classes)


def _cause_of_gone(old: Row, causes: Causes) -> Mapping[str, Any] | None:
    sources = (*ASSERTING, "frequencies", "in_house")
    keys = [(kind, variant) for kind in sources for variant in old["variants"].split("+")]
    keys.append(("gene_disease", old["gene"]))
    told = [change for key in keys for change in causes.by_key.get(key, ())]
    # What can take a finding away goes before what merely changed beside it.
    return next((c for c in told if c["change"] in _TAKES_AWAY), told[0] if told else None)


def _event(
    kind: str,
    material: bool,
    gained: Sequence[tuple[int, Row]],
    finding: Row,
    causes: Causes,
    best: Best | None,
    cause: Mapping[str, Any] | None = None,
) -> Row:
    if cause is None and kind in ("gene gained a disease", "mode changed"):
        cause = causes.first(("gene_disease", finding["gene"]))
    if cause is None:
        cause = causes.first(*((row["resource"], row["read_key"]) for _, row in gained))
    if cause is None:
        keys = [(kind, v) for kind in ASSERTING for v in finding["variants"].split("+")]
        cause = causes.first(*keys, ("assertions", finding["gene"]))
    if cause is None and best is not None:
        cause = causes.first(("hpo_annotations", best.disease))
    return _caused(kind, material, cause) if cause else _own(kind, material, causes)


def _caused(kind: str, material: bool, cause: Mapping[str, Any]) -> Row:
    return {
        "kind": kind,
        "material": material,
        "cause_resource": cause["resource"],
        "cause_key": cause["key"],
        "cause_old": cause["old"],
        "cause_new": cause["new"],
        "sentence": say("{event}: {said}", event=kind, said=cause["sentence"]),
    }


def _own(kind: str, material: bool, causes: Causes) -> Row:
    return {
        "kind": kind,
        "material": material,
        "cause_resource": "case",
        "cause_key": "",
        "cause_old": "",
        "cause_new": "",
        "sentence": say("{event}: {said}", event=kind, said=causes.otherwise),
    }
