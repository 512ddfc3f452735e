"""A cohort under one release after the other, drawn at random, and what each step changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

from hypothesis import strategies as st
from random_cohorts import changed, cohorts
from random_worlds import HPO, LOCAL, NAMED, edited, predicted, worlds
from reanalyse_genome import ALLELES
from reanalyse_people import Patient
from reanalyse_world import World


@dataclass(frozen=True)
class Moment:
    """A release and the cohort that is ranked under it."""

    world: World
    patients: tuple[Patient, ...]


_STEPS: Final = (
    *("nothing", "another release", "predictors"),
    *("local",) * 6,
    *("HPO",) * 3,
    *("genes and diseases",) * 2,
    *("cases",) * 4,
    *("several",) * 4,
)
"""What a step changes, each as often as it is drawn."""


@st.composite
def histories(draw: st.DrawFn, length: int) -> list[Moment]:
    """Moments, each a step from the one before."""
    found = [Moment(draw(worlds), tuple(draw(cohorts())))]
    last: dict[str, Patient] = {}
    while len(found) < length:
        now = found[-1]
        last |= {patient.case.id: patient for patient in now.patients}
        found.append(_next(draw, now, last, draw(st.sampled_from(_STEPS))))
    return found


def _next(draw: st.DrawFn, now: Moment, last: dict[str, Patient], step: str) -> Moment:
    world, patients = now.world, list(now.patients)
    carried = sorted({ALLELES[index].key for patient in patients for index in patient.calls})
    if step == "another release":
        world = draw(worlds)
    if step == "predictors":
        world = replace(world, scores=draw(predicted))
    if step == "local":
        world = draw(edited(world, LOCAL, carried, most=6))
    if step == "several":
        world = draw(edited(world, (*LOCAL, *HPO, *NAMED), carried, most=6))
    if step == "HPO":
        world = draw(edited(world, HPO, carried))
    if step == "genes and diseases":
        world = draw(edited(world, NAMED, carried))
    if step == "cases" or (step == "several" and draw(st.booleans())):
        patients = draw(changed(patients, last))
    return Moment(world, tuple(patients))


COMPACTED: Final = st.sampled_from((12, 1, 2))
"""Every so many deltas one is written whole; of three the last never is, or each, or the second."""

GROUPS: Final = {
    **dict.fromkeys(LOCAL, "local knowledge"),
    **dict.fromkeys(HPO, "HPO"),
    **dict.fromkeys(NAMED, "genes and diseases"),
}


def group(changes: Sequence[str]) -> str:
    """Which kind of knowledge or data alone changed: by a field, or what is told of a case."""
    found = {GROUPS.get(change, "cases") for change in changes}
    return f"only {found.pop()}" if len(found) == 1 else "several" if found else "nothing"


def changes_of(before: Moment, after: Moment) -> list[str]:
    """The fields of the release that differ, and what is another of the cases, in words."""
    told = [f.name for f in fields(World) if _of(before, f.name) != _of(after, f.name)]
    was, now = ({p.case.id: p for p in side.patients} for side in (before, after))
    told += ["a case that comes"] * bool(now.keys() - was.keys())
    told += ["a case that goes"] * bool(was.keys() - now.keys())
    both = [(was[name], now[name]) for name in sorted(was.keys() & now.keys())]
    return told + sorted({what for pair in both for what in _of_case(*pair)})


def _of(moment: Moment, field: str) -> object:
    return getattr(moment.world, field)


def _of_case(was: Patient, now: Patient) -> Iterator[str]:
    one, two = was.case, now.case
    for name in ("observed", "excluded", "age", "onset"):
        if getattr(one.phenotype, name) != getattr(two.phenotype, name):
            yield f"a case's {name}"
    for name in ("status", "gene_list", "decided"):
        if getattr(one, name) != getattr(two, name):
            yield f"a case's {name}"
    if one.analysis.technique != two.analysis.technique:
        yield "a case's technique"
    if one.members != two.members:
        yield "a case's pedigree"
    if (was.calls, was.far) != (now.calls, now.far):
        yield "a case's calls"
