"""What one release says that another did not, by resource and read key."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from ariane import files
from ariane.knowledge import tables
from ariane.knowledge.annotations import DiseaseTerms
from ariane.knowledge.assertions import PATHOGENIC
from ariane.knowledge.disruption import disrupts, is_missense
from ariane.knowledge.hpo import load_obo
from ariane.knowledge.kinds import ASSERTING, EVIDENCE, FULL_PASS, KINDS, Key, Kind
from ariane.knowledge.prepare import DISEASE_TERMS, read_summary
from ariane.knowledge.release import Release
from ariane.knowledge.spectra import in_words_of
from ariane.model.canonical import digest
from ariane.model.stretches import stretch_of
from ariane.model.tables import CHANGES
from ariane.phrases import say
from ariane.reanalyse.differences import (
    assertion_changes,
    change_row,
    differing,
    name_changes,
)
from ariane.reanalyse.structural import structural_changes

Row = dict[str, Any]
Told = Callable[[str, list[Mapping[str, Any]], list[Mapping[str, Any]]], Iterator[Row]]
_Sides = tuple[list[tuple[str, ...]], list[tuple[str, ...]]]

EVERYWHERE: Final = "cases"
"""Kind of a change on which phenotype and standing of all cases rest."""

_OF_ALL: Final = say("not local: the phenotype and the standing of every case are computed anew")

OF_STANDING: Final = "diseases"
"""Kind of a change of a gene's diseases that leaves their modes as they were, by gene: evidence
reads no more of them than the modes, so only the standing rests on it."""

NULLS: Final = "null"
"""Kind of a change of the gene's disrupting alleles, by gene: some alleles of it read these
(:func:`ariane.knowledge.disruption.reads_nulls`)."""

FAMILY: Final = "family"
"""Kind of a change that touches every gene of one case: its key is the case's digest."""


def reasons_for_full_pass(old: Release, new: Release) -> list[str]:
    """Why a change between two releases cannot be local, in words; empty when it can."""
    return [reason for _, reason in _whole(old, new)]


def compare(old: Release, old_folder: Path, new: Release, new_folder: Path) -> list[Row]:
    """Every difference between two prepared releases as rows of the ``changes`` table."""
    rows: list[Row] = [
        change_row("release", "all", kind, "changed", "", "", reason)
        for kind, reason in _whole(old, new)
    ]
    if not rows:
        rows += [
            change_row(kind.name, EVERYWHERE, "all", "read by all cases", "", "", _OF_ALL)
            for kind in KINDS
            if kind.everywhere and not same_sources(old, new, kind)
        ]
    for kind in KINDS:
        if kind.table is None or kind.whole or same_sources(old, new, kind):
            continue
        if kind.key is Key.REGION:
            continue  # compared by a part of its own
        told = _TOLD.get(kind.name) or _plain(kind)
        before, after = differing(old_folder, new_folder, kind.table, str(kind.key))
        for key in sorted(before.keys() | after.keys()):
            rows += told(key, before.get(key, []), after.get(key, []))
    rows += name_changes(old_folder, new_folder)
    rows += _families(old_folder, new_folder)
    rows += _shown_by_region(old, new)
    rows += structural_changes(old_folder, new_folder)
    rows += _known_alleles(old_folder, new_folder)
    rows += _spectra(old_folder, new_folder)
    rows += _elsewhere(old_folder, new_folder)
    rows += _phenotypes(old, old_folder, new, new_folder)
    return rows


def write_changes(path: Path, rows: Iterable[Row]) -> None:
    """Write the ``changes`` table."""
    files.write_table(path, CHANGES, rows)


def in_words(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """One line per resource and kind of change, with its count, for people."""
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (row["resource"], row["change"])
        counts[key] = counts.get(key, 0) + 1
    return [f"{resource}: {n} {change}" for (resource, change), n in sorted(counts.items())]


def _whole(old: Release, new: Release) -> Iterator[tuple[str, str]]:
    for kind in FULL_PASS:
        if old.sha256(kind) != new.sha256(kind):
            yield kind, say("the release's {resource} changed", resource=kind)
    local = EVIDENCE - set(FULL_PASS)
    for kind in sorted(local & (set(new.resources) - set(old.resources))):
        yield kind, say("the release now holds '{resource}'", resource=kind)
    for kind in sorted(local & (set(old.resources) - set(new.resources))):
        yield kind, say("the release no longer holds '{resource}'", resource=kind)


def same_sources(old: Release, new: Release, kind: Kind) -> bool:
    """Whether neither a resource's file nor anything that shapes its table changed.

    Its table is then the same on both sides, and is not read: some hold millions of rows.
    """
    return all(
        old.sha256(name) == new.sha256(name) and _description(old, name) == _description(new, name)
        for name in (kind.name, "reference", *kind.needs)
    )


def _description(release: Release, kind: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    resource = release.resources.get(kind)
    return (resource.format, tuple(sorted(resource.options.items()))) if resource else ("", ())


def _families(old: Path, new: Path) -> Iterator[Row]:
    """Cases that the in-house table counts and did not count, or the reverse: each is evaluated
    anew, for its own alleles are left out or no longer."""
    sides = []
    for folder in (old, new):
        held = files.read_table(folder / "in_house_families.parquet", tables.IN_HOUSE_FAMILIES)
        sides.append({row["case"]: row["family"] for row in held})
    before, after = sides
    for case in sorted(before.keys() | after.keys()):
        if before.get(case) != after.get(case):
            was, now = ("counted" if case in side else "not counted" for side in sides)
            sentence = say(
                "the family is {now} in the in-house frequencies, and was {was}", now=now, was=was
            )
            yield change_row("in_house", FAMILY, case, "family", was, now, sentence)


def _shown_by_region(old: Release, new: Release) -> Iterator[Row]:
    """Large resources that are only shown: told as a whole, for they are never read through."""
    for kind in (k for k in KINDS if k.by_region):
        if old.sha256(kind.name) == new.sha256(kind.name):
            continue
        was, now = (
            side.resources[kind.name].version if kind.name in side.resources else "absent"
            for side in (old, new)
        )
        sentence = say("{resource} went from {old} to {new}", resource=kind.name, old=was, new=now)
        yield change_row(kind.name, "all", kind.name, "changed", was, now, sentence)


def _frequency(
    key: str, before: list[Mapping[str, Any]], after: list[Mapping[str, Any]]
) -> Iterator[Row]:
    old = max((f"{r['af']:.6g}" for r in before), key=float, default="absent")
    new = max((f"{r['af']:.6g}" for r in after), key=float, default="absent")
    low, high = (0.0 if t == "absent" else float(t) for t in (old, new))
    change = "risen" if high > low else "fallen" if high < low else "counts changed"
    sentence = say("population frequency went from {old} to {new}", old=old, new=new)
    yield change_row("frequencies", "variant", key, change, old, new, sentence)


def _in_house(
    key: str, before: list[Mapping[str, Any]], after: list[Mapping[str, Any]]
) -> Iterator[Row]:
    old, new = (
        "; ".join(say("{count} of {all}", count=r["ac"], all=r["an"]) for r in records) or "absent"
        for records in (before, after)
    )
    change = "new" if not before else "removed" if not after else "counts changed"
    sentence = say("the in-house count went from {old} to {new}", old=old, new=new)
    yield change_row("in_house", "variant", key, change, old, new, sentence)


def _gene_disease(
    key: str, before: list[Mapping[str, Any]], after: list[Mapping[str, Any]]
) -> Iterator[Row]:
    old = {record["disease"]: record for record in before}
    new = {record["disease"]: record for record in after}
    same = {r["modes"] for r in before} == {r["modes"] for r in after}
    kind = OF_STANDING if same else "gene"
    symbol = [*before, *after][0]["symbol"]
    for disease in sorted(old.keys() | new.keys()):
        if disease not in old:
            name = new[disease]["disease_name"]
            told = say("{gene} gained the disease {text}", gene=symbol, text=name)
            row = ("gained a disease", "", disease, told)
        elif disease not in new:
            name = old[disease]["disease_name"]
            told = say("{gene} lost the disease {text}", gene=symbol, text=name)
            row = ("lost a disease", disease, "", told)
        elif old[disease]["modes"] != new[disease]["modes"]:
            was, now = (r[disease]["modes"] or "not stated" for r in (old, new))
            name = new[disease]["disease_name"]
            told = say("mode of {text} went from {old} to {new}", text=name, old=was, new=now)
            row = ("mode changed", was, now, told)
        elif old[disease]["record"] != new[disease]["record"]:
            was, now = (r[disease]["disease_name"] for r in (old, new))
            told = say("the disease {old} is now named {new}", old=was, new=now)
            row = ("renamed", was, now, told)
        else:
            continue
        yield change_row("gene_disease", kind, key, *row)


def _plain(kind: Kind) -> Told:
    resource, column = kind.name, str(kind.key)

    def told(
        key: str, before: list[Mapping[str, Any]], after: list[Mapping[str, Any]]
    ) -> Iterator[Row]:
        old, new = (
            json.dumps(
                [{k: v for k, v in r.items() if k not in ("record", column)} for r in records],
                sort_keys=True,
            )
            for records in (before, after)
        )
        change = "new" if not before else "removed" if not after else "changed"
        named = {"resource": resource, "column": column, "old": old, "new": new}
        sentence = say("{resource} of the {column} went from {old} to {new}", **named)
        yield change_row(resource, column, key, change, old, new, sentence)

    return told


_TOLD: Final[Mapping[str, Told]] = {
    **{kind: partial(assertion_changes, kind) for kind in ASSERTING},
    "frequencies": _frequency,
    "in_house": _in_house,
    "gene_disease": _gene_disease,
}
"""How the differences of a resource are told; any other is told by :func:`_plain`."""


def _known_alleles(old: Path, new: Path) -> Iterator[Row]:
    before, after = differing(old, new, tables.KNOWN_ALLELES, "gene")
    codons: dict[str, _Sides] = {}
    stretches: dict[str, _Sides] = {}
    nulls: dict[str, _Sides] = {}
    for side, held in enumerate((before, after)):
        for gene, records in held.items():
            for record in records:
                told = f"{record['variant']} {record['klass']} {record['stars']}"
                # All that evidence reads of a neighbour: its record's hash stands in the ledger.
                read = (
                    *("record", "aa_ref", "aa_alt", "consequence", "resource", "place", "nmd"),
                    *("hgvs_c", "hgvs_p", "protein_lost"),
                )
                mark = (told, *(str(record[name]) for name in read))
                codon, consequence = record["codon"], record["consequence"]
                if codon and record["klass"] in PATHOGENIC:
                    codons.setdefault(codon, ([], []))[side].append(mark)
                if codon and is_missense(consequence):
                    stretches.setdefault(stretch_of(codon), ([], []))[side].append(mark)
                if disrupts(consequence):
                    nulls.setdefault(gene, ([], []))[side].append(mark)
    for kind, held_by_key in (("codon", codons), ("stretch", stretches), (NULLS, nulls)):
        for key, (was, now) in sorted(held_by_key.items()):
            if sorted(was) == sorted(now):
                continue
            old_text, new_text = ("; ".join(sorted(m[0] for m in side)) for side in (was, now))
            yield change_row(
                "assertions",
                kind,
                key,
                "known alleles changed",
                old_text,
                new_text,
                _WHERE[kind],
            )


_WHERE: Final = {
    "codon": say("what is asserted of alleles at this residue changed"),
    "stretch": say(
        "what is asserted of alleles that change the protein around this residue changed"
    ),
    NULLS: say("what is asserted of alleles that take the gene's function away changed"),
}


def _spectra(old: Path, new: Path) -> Iterator[Row]:
    before, after = differing(old, new, tables.SPECTRA, "gene")
    for gene in sorted(before.keys() | after.keys()):
        was, now = (in_words_of(side.get(gene, ())) for side in (before, after))
        sentence = say(
            "the gene's asserted alleles were spread as {was}, and now as {now}", was=was, now=now
        )
        yield change_row(
            "assertions", "gene", gene, "spread of known alleles changed", was, now, sentence
        )


def _elsewhere(old: Path, new: Path) -> Iterator[Row]:
    """Genes of which other alleles are asserted outside them: such an allele may bear on others of
    the gene without a finding of its own, so that every case of the gene is looked at."""
    before, after = differing(old, new, tables.ASSERTED_ELSEWHERE, "gene")
    change = "alleles outside the gene changed"
    for gene in sorted((before.keys() | after.keys()) - {""}):
        was, now = ("; ".join(r["variant"] for r in side.get(gene, ())) for side in (before, after))
        sentence = say(
            "alleles asserted outside the gene: {old} before, {new} now",
            old=was or "none",
            new=now or "none",
        )
        yield change_row("assertions", "gene", gene, change, was, now, sentence)


def _phenotypes(old: Release, old_folder: Path, new: Release, new_folder: Path) -> Iterator[Row]:
    if old.sha256("hpo_annotations") != new.sha256("hpo_annotations") or old.sha256(
        "hpo_ontology"
    ) != new.sha256("hpo_ontology"):
        before, after = _described(old_folder), _described(new_folder)
        for disease in sorted(before.keys() | after.keys()):
            if before.get(disease) == after.get(disease):
                continue
            if disease not in before:
                change = "new description"
                sentence = say("{disease}: new description by HPO", disease=disease)
            elif disease not in after:
                change = "description removed"
                sentence = say("{disease}: description removed by HPO", disease=disease)
            else:
                change = "description changed"
                sentence = say("{disease}: description changed by HPO", disease=disease)
            yield change_row("hpo_annotations", "disease", disease, change, "", "", sentence)
    yield from _terms(old, new)


def _terms(old: Release, new: Release) -> Iterator[Row]:
    paths = old.path("hpo_ontology"), new.path("hpo_ontology")
    if not all(paths) or old.sha256("hpo_ontology") == new.sha256("hpo_ontology"):
        return
    before, after = (load_obo(path) for path in paths if path)
    for term in sorted(before.names.keys() | after.names.keys()):
        if term not in before.names:
            name = after.names[term]
            row = ("new term", "", name, say("HPO gained {text}", text=name))
        elif term not in after.names:
            found = after.resolve(term)
            to = f"{found.term} {found.label}" if found.term else "nothing"
            change = "merged" if found.term else "obsoleted"
            name = before.names[term]
            row = (change, name, to, say("{text} became {new}", text=name, new=to))
        elif before.parents[term] != after.parents[term]:
            was, now = (" ".join(o.parents[term]) for o in (before, after))
            row = ("moved", was, now, say("{text} moved in the ontology", text=after.names[term]))
        else:
            continue
        yield change_row("hpo_ontology", "term", term, *row)


def _described(folder: Path) -> dict[str, str]:
    if "hpo_annotations" not in read_summary(folder)["present"]:
        return {}
    table = DiseaseTerms.load(folder / DISEASE_TERMS)
    entries: dict[int, list[tuple[str, float]]] = {}
    for index, term in enumerate(table.terms):
        diseases, shares = table.entries(index)
        for disease, share in zip(diseases.tolist(), shares.tolist(), strict=True):
            entries.setdefault(disease, []).append((term, round(share, 6)))
    return {table.diseases[disease]: digest(held) for disease, held in entries.items()}
