"""Families with their alleles, drawn at random, and what may change of them between cycles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from hypothesis import strategies as st
from reanalyse_genome import ALLELES, FAR, GENES, KEYS, OF_GENE, STRUCTURAL
from reanalyse_people import Patient, family
from reanalyse_world import TERMS

from ariane.model.case import Sex, Status

GOOD: Final = "0/1:15,15:30:99:."
CALLS: Final = (
    *(GOOD, "1/1:0,30:30:99:.", "0|1:15,15:30:99:7", "1|0:15,15:30:99:7", "1:0,9:9:30:."),
    *("1|1:0,30:30:99:7", "0*/1:0,15:30:99:.", "./1:.,.:.:.:."),
)
PARENTS: Final = ("0/0:30,0:30:99:.", GOOD, "1/1:0,30:30:99:.", "./.:.,.:.:.:.", "0/0:3,0:3:9:.")
FAR_CALLS: Final = ("0/1:.", "0|1:7", "0|1:7", "1|0:7", "1/1:.", "0/0:.", "./.:.")
NAMES: Final = ("F0", "F1", "F2", "F3")

terms = st.lists(st.sampled_from(TERMS), max_size=4, unique=True).map(tuple)
PHENOTYPE: Final[Mapping[str, st.SearchStrategy[Any]]] = {
    "observed": terms,
    "excluded": terms,
    "age": st.sampled_from(("", "P3Y", "P17Y11M", "P40Y")),
    "onset": st.sampled_from(("", "HP:0003577", "HP:0003584")),
}
ABOUT: Final[Mapping[str, st.SearchStrategy[Any]]] = {
    "status": st.sampled_from((Status.IN_PROGRESS, Status.IMPASSE, Status.SOLVED)),
    "gene_list": st.sampled_from(((), (), ("One",), ("HGNC:2",), ("NEW", "EXE"))),
    "decided": st.sampled_from(((), (), ("HGNC:1",), (KEYS[3],), (KEYS[9],))),
}
"""What changes of a case without a look at its calls: they are all evaluated as they were."""
TECHNIQUES: Final = st.sampled_from(("exome", "genome"))


@st.composite
def patients(draw: st.DrawFn, name: str) -> Patient:
    """Solo or trio, either sex, with alleles on autosomes, X and mitochondria; often compound."""
    trio = draw(st.booleans())
    case = family(
        name,
        trio=trio,
        sex=draw(st.sampled_from(Sex)),
        father_affected=draw(st.booleans()),
        technique=draw(TECHNIQUES),
    )
    phenotype = {field: draw(values) for field, values in PHENOTYPE.items()}
    about = {field: draw(values) for field, values in ABOUT.items()}
    case = replace(case, phenotype=replace(case.phenotype, **phenotype), **about)
    carried = draw(st.sets(st.integers(0, len(ALLELES) - 1), min_size=1, max_size=9))
    gene = draw(st.sampled_from(GENES))
    carried |= {ALLELES.index(a) for a in OF_GENE[gene][: draw(st.integers(0, 4))]}
    carried |= draw(st.sets(st.sampled_from(STRUCTURAL), max_size=3))
    carried |= draw(st.sets(st.integers(STRUCTURAL.stop, len(ALLELES) - 1), max_size=3))
    relatives = ("dad", "mum") if trio else ()
    calls: dict[int, Mapping[str, str]] = {}
    for index in sorted(carried):
        calls[index] = {"child": draw(st.sampled_from((GOOD, GOOD, *CALLS)))}
        calls[index] |= {p: draw(st.sampled_from(PARENTS)) for p in relatives}
    far = {
        key: {m: draw(st.sampled_from(FAR_CALLS)) for m in ("child", *relatives)}
        for key in sorted(draw(st.sets(st.sampled_from(FAR))))
    }
    return Patient(case, calls, far)


@st.composite
def cohorts(draw: st.DrawFn) -> list[Patient]:
    """One to four cases."""
    return [draw(patients(name)) for name in NAMES[: draw(st.integers(1, len(NAMES)))]]


@st.composite
def changed(
    draw: st.DrawFn, cohort: Sequence[Patient], gone: Mapping[str, Patient]
) -> list[Patient]:
    """A cohort of which one or two things changed: a case's own data, or who is in it.

    Args:
        gone: cases that were in it earlier, as they were last: they may return.
    """
    held = {patient.case.id: patient for patient in cohort}
    for _ in range(draw(st.integers(1, 2))):
        what = draw(st.sampled_from((*PHENOTYPE, *ABOUT, *_OF_CALLS, "who", "who")))
        if what == "who" or not held:
            _who(draw, held, gone)
            continue
        name = draw(st.sampled_from(sorted(held)))
        held[name] = _other(draw, held[name], what)
    return [held[name] for name in sorted(held)]


_OF_CALLS: Final = ("technique", "sex", "father", "call", "calls")


def _who(draw: st.DrawFn, held: dict[str, Patient], gone: Mapping[str, Patient]) -> None:
    """A case comes, goes or returns."""
    name = draw(st.sampled_from(NAMES))
    if name in held:
        del held[name]
    elif name in gone and draw(st.booleans()):
        held[name] = gone[name]
    else:
        held[name] = draw(patients(name))


def _other(draw: st.DrawFn, patient: Patient, what: str) -> Patient:
    case = patient.case
    if what in PHENOTYPE:
        told = replace(case.phenotype, **{what: draw(PHENOTYPE[what])})
        return replace(patient, case=replace(case, phenotype=told))
    if what in ABOUT:
        return replace(patient, case=replace(case, **{what: draw(ABOUT[what])}))
    if what == "technique":
        analysis = replace(case.analysis, technique=draw(TECHNIQUES))
        return replace(patient, case=replace(case, analysis=analysis))
    if what == "sex":
        child, *others = case.members
        child = replace(child, sex=draw(st.sampled_from(Sex)))
        return replace(patient, case=replace(case, members=(child, *others)))
    if what == "father" and len(case.members) > 1:
        child, father, *others = case.members
        father = replace(father, affected=not father.affected)
        return replace(patient, case=replace(case, members=(child, father, *others)))
    if what == "call":
        index = draw(st.sampled_from(sorted(patient.calls)))
        told = {**patient.calls[index], "child": draw(st.sampled_from(CALLS))}
        return replace(patient, calls={**patient.calls, index: told})
    anew = draw(patients(case.id))
    return replace(anew, case=replace(case, members=anew.case.members))
