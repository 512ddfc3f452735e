"""Propose: from a cycle's results and the decisions to the cells a registry could receive.

Pure: no file, no clock. Ariane proposes; what a case is decided to be comes from a Decision only.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from ariane.intake.identity import tells_a_person
from ariane.model.canonical import POSTERIOR_DIGITS
from ariane.model.case import Case, Decision, Status
from ariane.model.structural import is_symbolic
from ariane.registry import words
from ariane.registry.decided import latest, signed
from ariane.registry.gates import Destination, Purpose, refusals
from ariane.registry.impasse import Impasses
from ariane.registry.mapping import RegistryMapping
from ariane.registry.patch import Patch, Proposal, Refusal

MIN_POSTERIOR: Final = 0.1
"""A gene is named to a registry above this posterior: our choice, so that the head of a long tail
of improbable genes is not read as a candidate. Change it by argument."""

LONG_ALLELE: Final = 20
"""Bases of an allele shown in full; a longer one is shown by its length."""

AT_RISK: Final = "diagnosis at risk"
"""The flags' reason for a past diagnosis that new knowledge weakens."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Rules:
    """What a site decides about its proposals."""

    min_posterior: float = MIN_POSTERIOR
    """The leading gene is named above this posterior (0 to 1)."""
    impasses: Impasses = field(default_factory=Impasses)
    as_of: str = ""
    """ISO 8601 date of the cycle, or empty when it is not known."""


@dataclass(frozen=True)
class _Leading:
    """The gene that leads a case."""

    symbol: str
    variant: str
    disease: str
    posterior: float


def propose(
    cases: Iterable[Case],
    flags: Iterable[Row],
    standing: Iterable[Row],
    findings: Iterable[Row],
    decisions: Iterable[Decision],
    *,
    mapping: RegistryMapping,
    cycle: str,
    release: str,
    engine: Mapping[str, int],
    rules: Rules = Rules(),
    excluded: Mapping[str, str] | None = None,
) -> Patch:
    """The proposals of one cycle for one registry.

    Args:
        cases: the frozen cases of the cycle.
        flags, standing, findings: rows of the tables of those names, of all shards.
        decisions: what people decided; the latest of a case counts.
        mapping: says which fields the registry takes, its decimal sign and date format.
        cycle, release, engine: named in the patch.
        rules: what is named and what counts as an impasse.
        excluded: cases that the cycle left alone, with the reason.

    Raises:
        ValueError: two cases share an identifier.
    """
    by_id: dict[str, Case] = {}
    for case in cases:
        if case.id in by_id:
            raise ValueError(f"case {case.id!r} is given twice")
        by_id[case.id] = case
    flags_of, standing_of, findings_of = _group(flags), _group(standing), _group(findings)
    last = latest(decisions)

    proposals: list[Proposal] = []
    refused: list[Refusal] = []
    left_alone = excluded or {}
    for case_id in sorted({*by_id, *flags_of, *standing_of, *last, *left_alone}):
        found = by_id.get(case_id)
        if case_id in left_alone:
            refused.append(Refusal(case_id, (left_alone[case_id],)))
            continue
        if found is None:
            refused.append(Refusal(case_id, ("not among the cases of this cycle",)))
            continue
        taken = last.get(case_id)
        # A decision after the cycle began may withdraw what the sheet still allows.
        withdrawn = taken is not None and taken.outcome is Status.WITHDRAWN
        status = Status.WITHDRAWN if withdrawn else found.status
        reasons = refusals(found.consent, status, Destination(Purpose.IMPASSE))
        if not reasons:
            values = _values(
                found,
                flags_of[case_id],
                standing_of[case_id],
                findings_of[case_id],
                taken,
                mapping,
                rules,
            )
            values |= {"cycle": cycle, "release": release}
            if tells_a_person(case_id):
                reasons = ("the pseudonym looks like an identity",)
            named = [f for f in sorted(values) if f not in ("due", "proposal_status")]
            bad = [f for f in named if tells_a_person(values[f])]
            if bad:
                reasons += (f"identity in a value: {', '.join(bad)}",)
        if reasons:
            refused.append(Refusal(case_id, reasons))
            continue
        own = {f: values[f] for f in mapping.columns if f in values}
        proposals.append(Proposal(case_id, own, _causes(flags_of[case_id])))
    return Patch(
        cycle,
        release,
        dict(engine),
        mapping.identity,
        rules.min_posterior,
        tuple(proposals),
        tuple(refused),
    )


def _group(rows: Iterable[Row]) -> defaultdict[str, list[Row]]:
    grouped: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[str(row["case"])].append(row)
    return grouped


def _values(
    case: Case,
    flags: Sequence[Row],
    standing: Sequence[Row],
    findings: Sequence[Row],
    decision: Decision | None,
    mapping: RegistryMapping,
    rules: Rules,
) -> dict[str, str]:
    decided = signed(decision)
    outcome = decided.outcome if decided else None
    # The date of the most urgent reason, which is the one written first beside it.
    due = next((str(f["due"]) for f in sorted(flags, key=_flag_order) if f["due"]), "")
    due_text = _date(due, mapping)
    risks = sorted((f for f in flags if f["reason"] == AT_RISK), key=_flag_order)
    leading = _leading(standing, findings, decided, rules.min_posterior)
    definition = mapping.impasse or rules.impasses.of(case)
    closed_in_sheet = case.status in {Status.SOLVED, Status.CLOSED}

    if risks:
        shown = _of_decision(decided, [*standing, *findings]) if decided else None
        if shown is None:
            shown = _Leading(str(risks[0]["symbol"]), "", "", math.nan)
        status = words.AT_RISK
    elif decided and outcome in {Status.SOLVED, Status.CLOSED}:
        shown = _of_decision(decided, [*standing, *findings])
        status = words.BY_DECISION[outcome]
    elif closed_in_sheet and not outcome:
        shown, status = None, words.CLOSED_WITHOUT_DECISION
    elif outcome in words.BY_DECISION:
        shown, status = leading, words.BY_DECISION[outcome]
    elif not standing:
        # Not looked at is not the same as looked at and nothing found.
        shown, status = None, words.NOT_EXAMINED
    elif leading:
        shown, status = leading, words.CANDIDATE
    elif {case.status.value, outcome.value if outcome else ""} & set(definition.statuses):
        shown = None
        status = words.impasse(rules.impasses.unshown(definition, case, rules.as_of), due_text)
    else:
        shown, status = None, words.NO_CANDIDATE

    values = {
        "proposal_status": status,
        "gene": shown.symbol if shown else "",
        "variant": shown.variant if shown else "",
        "disease": shown.disease if shown else "",
        "posterior": _percent(shown.posterior, mapping.decimal) if shown else "",
        "flag": _flag_text(flags),
        "due": due_text,
    }
    if decided and outcome in words.OUTCOME:
        # Named only then: a decision once written is never cleared by a cycle without one.
        values |= {"outcome": words.OUTCOME[outcome], "report": decided.report.strip()}
    return {name: _one_line(text) for name, text in values.items()}


def _leading(
    standing: Sequence[Row],
    findings: Sequence[Row],
    decided: Decision | None,
    min_posterior: float,
) -> _Leading | None:
    """The gene whose hypotheses together have the highest posterior, if above the threshold."""
    genes: defaultdict[str, list[Row]] = defaultdict(list)
    for row in standing:
        if row["rank"] > 0 and not _was_refuted(row, decided):
            genes[str(row["gene"])].append(row)
    if not genes:
        return None
    # fsum: the same total in any order of the rows.
    total = {
        gene: round(math.fsum(r["posterior"] for r in rows), POSTERIOR_DIGITS)
        for gene, rows in genes.items()
    }
    best = {
        gene: min(rows, key=lambda r: (r["rank"], r["hypothesis"])) for gene, rows in genes.items()
    }
    gene = min(genes, key=lambda g: (-total[g], best[g]["rank"], g))
    if not total[gene] > min_posterior:
        return None
    row = best[gene]
    finding = next((f for f in findings if f["finding"] == row["finding"]), None)
    keys = str(row["finding"]).split("|")[2:3]
    changes = str(finding["protein_change"]) if finding else ""
    variant = _variants(keys[0] if keys else "", changes)
    return _Leading(str(row["symbol"]), variant, str(row["disease"]), total[gene])


def _was_refuted(row: Row, decided: Decision | None) -> bool:
    """Whether people have already said that this is not the cause.

    A decision that names variants speaks of them; one that names a gene alone, of the gene.
    """
    if decided is None or decided.outcome is not Status.REFUTED or not decided.gene:
        return False
    if row["gene"] != decided.gene:
        return False
    variants = str(row["finding"]).split("|")[2:3]
    if not decided.variants or not variants:
        return True
    return set(variants[0].split("+")) == set(decided.variants.split("+"))


def _of_decision(decision: Decision, rows: Iterable[Row]) -> _Leading | None:
    """What a decision names, with the gene's symbol where this cycle knows it."""
    if not decision.gene:
        return None
    symbol = next((str(r["symbol"]) for r in rows if r["gene"] == decision.gene), decision.gene)
    return _Leading(symbol, _variants(decision.variants, ""), decision.disease, math.nan)


def _variants(keys: str, changes: str) -> str:
    """Variant keys with their protein changes where each has one: ``1-55-A-G (59I>59L) + ...``."""
    names = [_short(key) for key in keys.split("+") if key]
    proteins = changes.split("+")
    if len(proteins) != len(names):
        proteins = [""] * len(names)
    parts = [f"{n} ({p})" if p else n for n, p in zip(names, proteins, strict=True)]
    return " + ".join(parts)


def _short(key: str) -> str:
    parts = key.split("-")
    if len(parts) < 4:
        return key
    shown = [a if len(a) <= LONG_ALLELE or is_symbolic(a) else f"[{len(a)} nt]" for a in parts[-2:]]
    return "-".join([*parts[:-2], *shown])


def _percent(posterior: float, decimal: str) -> str:
    """Percent with one decimal, no trailing zero (a spreadsheet would drop it and look like an
    edit), and never 100: certainty is for people."""
    if math.isnan(posterior):
        return ""
    tenth = Decimal("0.1")
    value = (Decimal(repr(posterior)) * 100).quantize(tenth, ROUND_HALF_UP)
    value = min(value, Decimal("99.9"))
    text = f"{value:f}"
    return text.removesuffix(".0").replace(".", decimal)


def _date(text: str, mapping: RegistryMapping) -> str:
    return date.fromisoformat(text).strftime(mapping.date_format) if text else ""


def _flag_order(flag: Row) -> tuple[Any, ...]:
    return (flag["priority"], flag["reason"], flag["symbol"], flag["finding"], flag["due"])


def _flag_text(flags: Sequence[Row]) -> str:
    """Reasons in order of priority, each with the gene it names."""
    texts: dict[str, None] = {}
    for flag in sorted(flags, key=_flag_order):
        word = words.REASONS.get(str(flag["reason"]), str(flag["reason"]))
        texts[f"{word} ({flag['symbol']})" if flag["symbol"] else word] = None
    return " | ".join(texts)


def _causes(flags: Sequence[Row]) -> tuple[Mapping[str, str], ...]:
    names = ("reason", "gene", "finding", "sentence", "due")
    return tuple({n: str(f[n]) for n in names} for f in sorted(flags, key=_flag_order))


def _one_line(text: str) -> str:
    return " ".join(text.split())
