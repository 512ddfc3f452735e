"""The Human Phenotype Ontology of a release: its terms, their ancestors, ids that moved.

Terms, parents, alternative and obsolete ids are read from ``hp.obo``. When a release is prepared,
:mod:`ariane.knowledge.hpo3_check` reads the same file with hpo3 and stops on any difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Final, Literal

from ariane.files import open_text
from ariane.model.errors import ArianeError

PHENOTYPIC_ABNORMALITY: Final = "HP:0000118"

How = Literal["exact", "alternative", "replaced", "obsolete", "unknown", "malformed"]

_ID = re.compile(r"HP:\d{7}")


@dataclass(frozen=True)
class Resolution:
    """What became of an HPO id that somebody wrote."""

    raw: str
    term: str | None
    """The live term meant, or None."""
    label: str
    """Name of the live term, or of the obsolete one without a successor."""
    how: How


@dataclass(frozen=True)
class Ontology:
    """The ontology as plain tables."""

    version: str
    names: Mapping[str, str]
    """Live term to its name."""
    parents: Mapping[str, tuple[str, ...]]
    moved: Mapping[str, str]
    """Alternative id to the live term that took it in."""
    replaced: Mapping[str, str]
    """Obsolete id to its live successor."""
    obsolete: Mapping[str, str]
    """Obsolete id to its old name."""

    def resolve(self, raw: str) -> Resolution:
        """Find the live term that an id stands for; white space and letter case are forgiven."""
        term = raw.strip().upper().replace("HP_", "HP:")
        if not _ID.fullmatch(term):
            return Resolution(raw, None, "", "malformed")
        if term in self.names:
            return Resolution(raw, term, self.names[term], "exact")
        if term in self.moved:
            live = self.moved[term]
            return Resolution(raw, live, self.names[live], "alternative")
        if term in self.replaced:
            live = self.replaced[term]
            return Resolution(raw, live, self.names[live], "replaced")
        if term in self.obsolete:
            return Resolution(raw, None, self.obsolete[term], "obsolete")
        return Resolution(raw, None, "", "unknown")

    def live(self, terms: Iterable[str]) -> tuple[str, ...]:
        """The live terms among those written, without repeats, sorted."""
        found = {self.resolve(term).term for term in terms}
        return tuple(sorted(term for term in found if term))

    @cached_property
    def ancestors(self) -> Mapping[str, frozenset[str]]:
        """Each live term with itself and all its ancestors."""
        order = TopologicalSorter(self.parents).static_order()  # parents come first
        closed: dict[str, frozenset[str]] = {}
        for term in order:
            above = (closed[parent] for parent in self.parents[term])
            closed[term] = frozenset({term}).union(*above)
        return closed

    def is_phenotype(self, term: str) -> bool:
        """Whether a live term lies under Phenotypic abnormality."""
        return PHENOTYPIC_ABNORMALITY in self.ancestors[term]


def load_obo(path: Path) -> Ontology:
    """Read ``hp.obo``, plain or gzip.

    Raises:
        ArianeError: the file holds no HPO terms, a term's parent is not in it, or a term is its own
            ancestor.
    """
    names: dict[str, str] = {}
    parents: dict[str, tuple[str, ...]] = {}
    alternative: dict[str, str] = {}
    successor: dict[str, str] = {}
    obsolete: dict[str, str] = {}
    version = ""
    for kind, tags in _stanzas(path):
        if kind == "header":
            version = dict(tags).get("data-version", "").removeprefix("hp/releases/")
            continue
        single = dict(tags)
        term = single.get("id", "")
        if kind != "Term" or not _ID.fullmatch(term):
            continue
        if single.get("is_obsolete") == "true":
            obsolete[term] = single.get("name", "")
            if "replaced_by" in single:
                successor[term] = single["replaced_by"]
            continue
        names[term] = single.get("name", "")
        parents[term] = tuple(sorted(value.split(" ")[0] for tag, value in tags if tag == "is_a"))
        alternative.update({value: term for tag, value in tags if tag == "alt_id"})
    if not names:
        raise ArianeError(f"{path}: holds no HPO terms. Give the hp.obo of an HPO release.")
    orphans = sorted(t for t, above in parents.items() if not names.keys() >= set(above))
    if orphans:
        raise ArianeError(
            f"{path}: {orphans[0]} names a parent that is not in the file. Give a complete hp.obo."
        )
    try:
        TopologicalSorter(parents).prepare()
    except CycleError as problem:
        raise ArianeError(
            f"{path}: {problem.args[1][0]} is its own ancestor. Give the hp.obo of an HPO release."
        ) from None
    return Ontology(
        version=version,
        names=names,
        parents=parents,
        moved={old: live for old, live in alternative.items() if old not in names},
        replaced={
            old: final
            for old in successor
            if (final := _follow(old, successor, alternative, names))
        },
        obsolete=obsolete,
    )


def _follow(
    term: str,
    successor: Mapping[str, str],
    alternative: Mapping[str, str],
    names: Mapping[str, str],
) -> str:
    seen: set[str] = set()
    while term not in names and term not in seen:
        seen.add(term)
        term = successor.get(term) or alternative.get(term, term)
    return term if term in names else ""


_READ: Final = tuple(
    f"{tag}: "
    for tag in ("data-version", "id", "name", "is_a", "alt_id", "is_obsolete", "replaced_by")
)
"""What is read of a stanza; the rest, most of the file, is passed over."""


def _stanzas(path: Path) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    kind, tags = "header", list[tuple[str, str]]()
    with open_text(path) as handle:
        for line in handle:
            line = line.rstrip("\r\n")
            if line.startswith("["):
                yield kind, tags
                kind, tags = line.strip("[]"), []
            elif line.startswith(_READ):
                tag, _, value = line.partition(": ")
                tags.append((tag, value.split(" ! ")[0].strip()))
    yield kind, tags
