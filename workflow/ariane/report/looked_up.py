"""What the release says of each allele, gene and disease of a case, beside the ledger.

These rows move no points: they are what a geneticist looks up. Each says whether a record was
found, or why not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from ariane.knowledge.kinds import ASSERTING
from ariane.knowledge.shown import BY_GENE, FOUND, SCORED, Answer, Shown
from ariane.model.evidence import ABSENT, NO_RESOURCE
from ariane.phrases import Teller, teller

Row = dict[str, Any]

_KEYS: Final = frozenset({"record", "gene", "variant", "disease", "resource"})
REFERENCES: Final = "orphanet_references"


def rows(
    shown: Shown, variants: Iterable[str], genes: Iterable[str], diseases: Iterable[str]
) -> list[Row]:
    """One row for each resource and key: ``about``, ``key``, ``resource``, ``state``, ``text``,
    ``records``."""
    found: list[Row] = []
    for variant in sorted(set(variants)):
        found += _of_variant(shown, variant)
    for gene in sorted(set(genes)):
        found += [_row("gene", gene, kind, shown.gene(kind, gene)) for kind in BY_GENE]
    for disease in sorted(set(diseases) - {""}):
        found.append(_row("disease", disease, REFERENCES, shown.disease(disease)))
    return found


def text(row: Mapping[str, Any], language: str) -> str:
    """What the records of a row say, in a language."""
    say = teller(language)
    records = [_SAID.get(row["resource"], _plain)(record, say) for record in row["records"]]
    if row["about"] == "variant":
        return "; ".join(records)
    return (", " if row["about"] == "disease" else "; ").join(dict.fromkeys(records))


def _of_variant(shown: Shown, variant: str) -> Iterator[Row]:
    yield _row("variant", variant, "frequencies", shown.frequency(variant))
    state, counted = shown.in_house(variant)
    record: tuple[Row, ...] = ()
    if counted is not None:
        record = (
            {
                "ac": counted.ac,
                "an": counted.an,
                "faf95": counted.faf95,
                "homozygotes": counted.homozygotes,
                "hemizygotes": counted.hemizygotes,
                "own_family_left_out": counted.own_left_out,
            },
        )
    yield _row("variant", variant, "in_house", Answer(state, record))
    said = shown.assertions(variant)
    for kind in ASSERTING:
        records = tuple(record for record in said if record["resource"] == kind)
        state = FOUND if records else ABSENT if shown.known.has(kind) else NO_RESOURCE
        yield _row("variant", variant, kind, Answer(state, records))
    for kind in SCORED:
        yield _row("variant", variant, kind, shown.score(kind, variant))


def _row(about: str, key: str, resource: str, answer: Answer) -> Row:
    row = {
        "about": about,
        "key": key,
        "resource": resource,
        "state": answer.state,
        "records": [
            {name: value for name, value in record.items() if name not in _KEYS - {"disease"}}
            for record in answer.records
        ],
    }
    return {**row, "text": text(row, "en")}


def _frequency(record: Mapping[str, Any], say: Teller) -> str:
    parts = []
    if record["faf95"] is not None:
        parts.append(say("filtering (faf95) {share:.3g}", share=record["faf95"]))
    if record["grpmax"] is not None:
        parts.append(say("highest group {share:.3g}", share=record["grpmax"]))
    if record["total"] is not None:
        parts.append(say("total {share:.3g}", share=record["total"]))
    if record["ac"] is not None and record["an"] is not None:
        parts.append(say("{count} of {all} chromosomes", count=record["ac"], all=record["an"]))
    parts += _without_a_healthy_copy(record, say)
    failed = record["filters"]
    parts.append(say("failed filters: {text}", text=failed) if failed else say("filters passed"))
    return ", ".join(parts)


def _in_house(record: Mapping[str, Any], say: Teller) -> str:
    counted = {"count": record["ac"], "all": record["an"], "share": record["faf95"]}
    parts = [
        say("{count} of {all} chromosomes, at least {share:.3g}", **counted),
        *_without_a_healthy_copy(record, say),
    ]
    if record["own_family_left_out"]:
        parts.append(say("the own family left out"))
    return ", ".join(parts)


def _without_a_healthy_copy(record: Mapping[str, Any], say: Teller) -> Iterator[str]:
    two, one = record["homozygotes"], record["hemizygotes"]
    yield say("homozygotes not given") if two is None else say("homozygotes {count}", count=two)
    yield say("hemizygotes not given") if one is None else say("hemizygotes {count}", count=one)


def _assertion(record: Mapping[str, Any], say: Teller) -> str:
    told = {"klass": record["klass"], "stars": record["stars"]}
    one = record["stars"] == 1
    parts = [say("{klass}, {stars} star", **told) if one else say("{klass}, {stars} stars", **told)]
    if record["conditions"]:
        parts.append(say("for {text}", text=record["conditions"].replace("|", ", ")))
    if record["conflicts"]:
        parts.append(say("conflicts: {text}", text=record["conflicts"].replace("|", ", ")))
    if record["evaluated"]:
        parts.append(say("last evaluated {text}", text=record["evaluated"]))
    if record["accession"]:
        parts.append(say("record {text}", text=record["accession"]))
    return ", ".join(parts)


def _validity(record: Mapping[str, Any], say: Teller) -> str:
    told = {"text": record["disease_name"], "code": record["disease"]}
    parts = [
        say("{word} for {text} ({code})", word=record["classification"], **told),
        record["mode"] or say("mode not stated"),
        record.get("submitter") or "",
        record["evaluated"] or "",
    ]
    return ", ".join(part for part in parts if part)


def _panel(record: Mapping[str, Any], say: Teller) -> str:
    colours = {"3": say("green"), "2": say("amber"), "1": say("red")}
    confidence = colours.get(record["confidence"], record["confidence"])
    mode = f", {record['mode']}" if record["mode"] else ""
    return say("{colour} on {text}", colour=confidence, text=record["panel_name"]) + mode


def _orphanet(record: Mapping[str, Any], _: Teller) -> str:
    told = f"{record['association']} {record['disease_name']} ({record['disease']})"
    return f"{told}, {record['status'].lower()}" if record["status"] else told


def _reference(record: Mapping[str, Any], _: Teller) -> str:
    return f"{record['reference']} ({record['relation']})"


def _plain(record: Mapping[str, Any], _: Teller) -> str:
    """Values by name, those that are missing left out."""
    held = {n: v for n, v in record.items() if n not in _KEYS and v not in (None, "")}
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in held.items())


_SAID: Final[Mapping[str, Callable[[Mapping[str, Any], Teller], str]]] = {
    "frequencies": _frequency,
    "in_house": _in_house,
    **dict.fromkeys(ASSERTING, _assertion),
    "validity": _validity,
    "gencc": _validity,
    "panels": _panel,
    "orphanet_genes": _orphanet,
    REFERENCES: _reference,
}
"""How the records of a kind of resource are said; those of others by the names of their values."""
