"""What the sheet writes of the French networks, against what is known of them.

Filières, and the laboratories and pre-indications of the PFMG, are free text in the sheet, and yet
much goes by them: what an impasse is, the strata of the observatory, to whom a request is sent.
The tables are not complete, so that nothing here is an error; each thing is said once.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from ariane.intake.words import plain
from ariane.knowledge.marked import FOLDER, read_marked
from ariane.model.case import Case
from ariane.model.errors import Fault, Level

_LIKE: Final = 0.8
_TITLES_LIKE: Final = 0.9
"""How like two names, and two titles, are (difflib's ratio) where one is taken for a slip of the
other. Judgement: high enough to keep apart what the tables hold, and "cardiomyopathies familiales"
from the dilated ones."""


def network_faults(
    cases: Sequence[Case], regions: Mapping[str, str], sheet: Path
) -> Iterator[Fault]:
    """Slips of the pen, and what the tables of networks do not know.

    Args:
        cases: the cases of the sheet.
        regions: region by site, as the configuration tells it.
        sheet: the sheet, for messages.
    """
    where = str(sheet)
    for what, advice, level in (
        *_filieres(cases),
        *_pre_indications(cases),
        *_laboratories(cases),
        *_territories(cases, regions),
    ):
        yield Fault(where, "", what, advice, level)


Found = Iterator[tuple[str, str, Level]]


def _filieres(cases: Iterable[Case]) -> Found:
    known = {plain(row["filiere"]): row["filiere"] for row in _rows("filieres.tsv")}
    for name, count in _counted(case.filiere for case in cases):
        if plain(name) not in known:
            what = f"filiere {name!r} ({_cases(count)}) is none of the {len(known)} known"
            yield what, _advice(name, known, "what an impasse is goes by this name"), Level.NOTE


def _pre_indications(cases: Sequence[Case]) -> Found:
    known, total = _indications(), len(_rows("pre_indications.tsv"))
    unknown = []
    for name, count in _counted(case.pre_indication for case in cases):
        if plain(name) in known:
            continue
        meant = _meant(name, {key: title for key, (title, _) in known.items()}, _TITLES_LIKE)
        if meant:
            what = f"pre_indication {name!r} ({_cases(count)}) is written otherwise in the table"
            yield what, f"Did you mean {meant!r}", Level.WARNING
        else:
            unknown.append(name)
    if unknown:
        what = f"{len(unknown)} pre-indications are not among the {total} known"
        if len(unknown) == 1:
            what = f"pre-indication {unknown[0]!r} is not among the {total} known"
        advice = "Nothing to do: the table is far from complete"
        yield what, advice, Level.NOTE
    for case in cases:
        _, owners = known.get(plain(case.pre_indication), ("", ()))
        if case.filiere and owners and plain(case.filiere) not in map(plain, owners):
            what = f"case {case.id}: pre-indication {case.pre_indication!r} is of "
            what += f"{' and '.join(owners)}, and the filiere is {case.filiere}"
            yield what, "Check both; the declared filière counts", Level.NOTE


def _laboratories(cases: Iterable[Case]) -> Found:
    known = {plain(row["laboratory"]): row["laboratory"] for row in _rows("laboratories.tsv")}
    for name, count in _counted(case.analysis.laboratory for case in cases):
        meant = _meant(name, known)
        if meant and name != meant:
            what = f"laboratory {name!r} ({_cases(count)}) is like {meant!r} of the PFMG"
            yield what, f"Write {meant!r} where it is meant", Level.WARNING


def _territories(cases: Sequence[Case], regions: Mapping[str, str]) -> Found:
    serving = {plain(row["region"]): row for row in _rows("laboratories.tsv")}
    for region in sorted({region for region in regions.values() if plain(region) not in serving}):
        names = {key: row["region"] for key, row in serving.items()}
        what = f"region {region!r} of 'exports.observatory.regions' is no French region"
        yield what, _advice(region, names, "the observatory counts by this name"), Level.WARNING
    laboratories = {plain(row["laboratory"]) for row in serving.values()}
    others: Counter[tuple[str, str]] = Counter()
    unsaid: Counter[str] = Counter()
    for case in cases:
        row = serving.get(plain(regions.get(case.site, "")))
        name = case.analysis.laboratory
        if row is None or case.analysis.technique != "genome":
            continue
        if not name:
            unsaid[row["region"]] += 1
        elif plain(name) in laboratories and plain(name) != plain(row["laboratory"]):
            others[name, row["region"]] += 1
    for (name, region), count in sorted(others.items()):
        own = serving[plain(region)]["laboratory"]
        what = f"laboratory {name} ({_cases(count)}) does not serve {region}, which {own} does"
        yield what, "Check the laboratory and the site", Level.NOTE
    for region, count in sorted(unsaid.items()):
        row = serving[plain(region)]
        what = f"the genomes of {_cases(count)} from {region} have no laboratory"
        advice = f"If they are of the PFMG it is {row['laboratory']} ({row['e_prescription']})"
        yield what, advice, Level.NOTE


@cache
def _indications() -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """Pre-indications by either title in plain form: that title, and the filières they are of."""
    return {
        plain(row[column]): (row[column], tuple(filter(None, row["filiere"].split(";"))))
        for row in _rows("pre_indications.tsv")
        for column in ("pre_indication", "titre")
    }


def _rows(name: str) -> Sequence[Mapping[str, str]]:
    return read_marked(FOLDER / name)


def _counted(names: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(filter(None, names)).items())


def _cases(count: int) -> str:
    return "1 case" if count == 1 else f"{count} cases"


def _meant(name: str, known: Mapping[str, str], like: float = _LIKE) -> str:
    """The known word that another is a slip of, or an empty string."""
    close = difflib.get_close_matches(plain(name), known, n=1, cutoff=like)
    return known[close[0]] if close else ""


def _advice(name: str, known: Mapping[str, str], why: str) -> str:
    meant = _meant(name, known)
    return f"Did you mean {meant!r}: {why}" if meant else f"Check its spelling: {why}"
