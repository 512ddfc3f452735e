"""HPO terms as people write them, against the ontology of the release."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from ariane.intake.words import plain
from ariane.knowledge.hpo import Ontology
from ariane.model.case import Phenotype
from ariane.model.errors import Fault, Level

ONSET: Final = "HP:0003674"
"""Root of the onset terms."""

_APART: Final = re.compile(r";|,(?=\s*HP[:_])", re.IGNORECASE)
_TERM: Final = re.compile(r"(HP[:_]\S*?)(?:[\s(|,=-]+(.*?)\)?)?", re.IGNORECASE)
_ANOTHER: Final = re.compile(r"HP[:_]\d", re.IGNORECASE)
_ID: Final = re.compile(r"HP:[0-9]{7}")


@dataclass(frozen=True)
class Names:
    """An ontology with an index of its names, made once a run."""

    ontology: Ontology

    @cached_property
    def terms(self) -> Mapping[str, str]:
        """Each name, as compared, with its live term."""
        return {plain(n): t for t, n in sorted(self.ontology.names.items(), reverse=True)}

    def nearest(self, label: str) -> str:
        """The live term named most like a label, as ``HP:0001250 (Seizure)``, or empty."""
        word = plain(label)
        close = (
            [word]
            if word in self.terms
            else difflib.get_close_matches(word, self.terms, n=1, cutoff=0.75)
        )
        if not word or not close:
            return ""
        term = self.terms[close[0]]
        return f"{term} ({self.ontology.names[term]})"


def split_terms(cell: str) -> list[tuple[str, str]]:
    """The terms of a cell, each with the label written beside it (or an empty one).

    ``;`` parts terms, and ``,`` where another HPO id follows, so that labels may hold commas:
    ``HP:0001250 Seizure, HP:0001263 (Global developmental delay)``.
    """
    terms = []
    for part in filter(None, (p.strip(" \t,") for p in _APART.split(cell))):
        found = _TERM.fullmatch(part)
        if not found:
            terms.append(("", part))
            continue
        raw, label = found.group(1), (found.group(2) or "").strip()
        if label and (not any(c.isalpha() for c in label) or _ANOTHER.search(label)):
            raw, label = part, ""  # a second id must not pass for a label
        terms.append((raw.upper().replace("HP_", "HP:"), label))
    return terms


def check_phenotype(
    phenotype: Phenotype,
    labels: Mapping[str, str],
    names: Names | None,
    where: str,
    case: str,
    written_with: str = "",
) -> list[Fault]:
    """Every fault of a case's terms.

    Without an ontology in the release only the ids' form is checked.

    Args:
        phenotype: the terms as given.
        labels: labels written beside terms, by term as given.
        names: the release's ontology, or None.
        where: file and line for the messages.
        case: the case's identifier.
        written_with: date of the HPO release that the terms were chosen from, where it is said.
            A labelled term of a newer HPO than the release's is told and waits; any other unknown
            term is an error.
    """
    terms = (*phenotype.observed, *phenotype.excluded)
    found: list[tuple[str, str, Level]] = []
    if names is None:
        every = [*terms, phenotype.onset] if phenotype.onset else terms
        found += [_malformed(t) for t in every if not _ID.fullmatch(t)]
        found += [_both(t) for t in sorted(set(phenotype.observed) & set(phenotype.excluded))]
    else:
        for term in terms:
            found += _judge(term, labels.get(term, ""), names, written_with)
        found += _contradictions(phenotype, names.ontology)
        found += _onset(phenotype.onset, names.ontology)
    return [Fault(where, case, what, advice, level) for what, advice, level in found]


def label_only(label: str, names: Names | None) -> tuple[str, str]:
    """What to say of a label without an id: the fault and its advice."""
    suggestion = names.nearest(label) if names else ""
    advice = f"Did you mean {suggestion}" if suggestion else "Give the term's id (HP:0001250)"
    return f"{label!r} is not an HPO id", advice


def _judge(
    term: str, label: str, names: Names, written_with: str
) -> Iterator[tuple[str, str, Level]]:
    ontology = names.ontology
    known = ontology.resolve(term)
    suggestion = names.nearest(label) if known.term is None else ""
    meant = f"Did you mean {suggestion}" if suggestion else ""
    named = f"{term} ({label})" if label else term
    if known.how == "malformed":
        what, advice, level = _malformed(term)
        yield what, meant or advice, level
    elif known.how == "unknown" and label and not meant and written_with > ontology.version > "":
        what = f"{named} is newer than the release's HPO {ontology.version}"
        yield what, "It moves no points until a release holds it", Level.WARNING
    elif known.how == "unknown":
        advice = meant or f"Check the id; the release holds HPO {ontology.version}"
        yield f"{named} is not a term of the release's HPO", advice, Level.ERROR
    elif known.term is None:
        advice = meant or "Choose a live term"
        yield f"{term} ({known.label}) is obsolete without a successor", advice, Level.ERROR
    else:
        if known.how in ("alternative", "replaced"):
            what = f"{term} is replaced by {known.term} ({known.label})"
            yield what, "The new term is used", Level.NOTE
        if not ontology.is_phenotype(known.term):
            what = f"{term} ({known.label}) lies outside Phenotypic abnormality"
            yield what, "It does not count; onset has a column of its own", Level.WARNING
        other = names.terms.get(plain(label), known.term)
        if other != known.term:
            what = f"{term} is '{known.label}', but '{label}' is written beside it"
            yield what, f"Check the id: {other} bears that name", Level.WARNING


def _contradictions(phenotype: Phenotype, ontology: Ontology) -> Iterator[tuple[str, str, Level]]:
    observed, excluded = ontology.live(phenotype.observed), ontology.live(phenotype.excluded)
    for term in sorted(set(observed) & set(excluded)):
        yield _both(f"{term} ({ontology.names[term]})")
    for term in observed:
        for other in sorted(set(excluded) & ontology.ancestors[term] - {term}):
            what = f"{term} ({ontology.names[term]}) is observed, but {other} "
            what += f"({ontology.names[other]}), which contains it, is excluded"
            yield what, "Remove one of the two", Level.WARNING


def _onset(onset: str, ontology: Ontology) -> Iterator[tuple[str, str, Level]]:
    if not onset:
        return
    known = ontology.resolve(onset)
    if known.term is None or ONSET not in ontology.ancestors[known.term]:
        advice = "Give a term under HP:0003674, such as HP:0003577 (congenital)"
        yield f"onset {onset!r} is not an HPO onset term", advice, Level.ERROR


def _malformed(term: str) -> tuple[str, str, Level]:
    return f"{term!r} is not an HPO id", "Write HP: and seven digits", Level.ERROR


def _both(term: str) -> tuple[str, str, Level]:
    return f"{term} is both observed and excluded", "Keep one", Level.ERROR
