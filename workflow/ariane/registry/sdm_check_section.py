"""Checks the diagnosis section of an SDM-MR document against its model, in both versions.

Structure, cardinalities and value sets as the examples and schematrons of the ANS have them; it
reads the XML alone and knows nothing of how a proposal is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from ariane.registry.sdm_shapes import (
    ACT,
    COMMENT,
    FOETUS,
    OBSERVATION,
    PROBLEM,
    SECTION,
    SUBJECT,
    TYPE,
    Element,
    Shape,
    attribute,
    child,
    children,
    faults_of_shape,
    lacking,
)
from ariane.registry.sdm_tables import Edition, Field, systems

PRECISIONS: Final[Mapping[str, str]] = {
    "PAT-014": "PAT-013",
    "PAT-016": "PAT-015",
    "PAT-063": "PAT-062",
    "PAT-065": "PAT-064",
}
"""Fields that give in months what another field says is an age."""

OPEN: Final = frozenset({"MED-071", "ORG-017"})
"""Fields that must stand and whose set has no "not known": null until a person fills them."""

_NULLS: Final = frozenset({"UNK", "NI", "OTH", "NA", "NASK", "ASKU", "NAV", "MSK"})
"""Null flavors that the schematrons of the ANS take for a disease."""
_ACT_STATES: Final = frozenset({"active", "suspended", "aborted", "completed"})


@dataclass
class Found:
    """A diagnosis as the document tells it, and what is wrong with it."""

    number: int
    faults: list[str] = field(default_factory=list)
    values: dict[str, list[Element]] = field(default_factory=dict)
    """Values by the code of their field."""
    disease: Element | None = None

    def say(self, where: str, what: str) -> None:
        """Note a fault."""
        self.faults.append(f"diagnosis {self.number}: {where}: {what}")

    def word(self, code: str, values: str, edition: Edition) -> str:
        """The word of a coded field; empty where it has none in force."""
        value = next(iter(self.values.get(code, ())), None)
        return edition.word_of(values, attribute(value, "code"), attribute(value, "codeSystem"))


def read_section(section: Element, edition: Edition) -> tuple[list[Found], list[str]]:
    """The diagnoses of a section, and what is wrong with the section itself."""
    faults = [f"section: {fault}" for fault in faults_of_shape(section, SECTION)]
    if attribute(child(section, "code"), "code") != "46241-6":
        faults.append("section: its code is not 46241-6")
    texts = {e.get("ID") for e in section.iter() if isinstance(e.tag, str) and e.get("ID")}
    found = []
    for number, entry in enumerate(children(section, "entry"), start=1):
        diagnosis = Found(number)
        act = child(entry, "act")
        if act is None:
            diagnosis.say("entry", "holds no act")
        else:
            _act(act, diagnosis, edition, texts)
        found.append(diagnosis)
    return found, faults


def section_faults(section: Element, edition: Edition) -> Iterator[str]:
    """Everything in which a section breaks the model."""
    found, faults = read_section(section, edition)
    yield from faults
    for diagnosis in found:
        yield from diagnosis.faults


def _act(act: Element, found: Found, edition: Edition, texts: set[str | None]) -> None:
    _shaped(act, ACT, found, "act")
    if attribute(child(act, "code"), "nullFlavor") != "NA":
        found.say("act", "its code is not the null flavor NA")
    state = attribute(child(act, "statusCode"), "code")
    when = child(act, "effectiveTime")
    if state not in _ACT_STATES:
        found.say("act", f"status {state!r} is not one of {', '.join(sorted(_ACT_STATES))}")
    if not attribute(when, "nullFlavor"):
        ended = state in ("completed", "aborted")
        high = when is not None and child(when, "high") is not None
        if when is None or child(when, "low") is None or high != ended:
            found.say("act", "its time needs a low, and a high only where it has ended")
    links = children(act, "entryRelationship")
    problems = [p for link in links if (p := _problem_of(link)) is not None]
    if len(problems) != 1:
        found.say("act", f"holds {len(problems)} diagnoses (282291009), one must stand there")
        return
    problem = problems[0]
    _problem(problem, found, edition, texts)
    nested, beside = (
        children(problem, "entryRelationship"),
        [link for link in links if _problem_of(link) is None],
    )
    inside = edition.model.nested
    if beside if inside else nested:
        place = "inside" if inside else "beside"
        found.say("fields", f"version {edition.version} has them {place} the diagnosis")
    _fields(nested if inside else beside, found, edition, texts)


def _problem_of(link: Element) -> Element | None:
    observation = child(link, "observation")
    if observation is None or lacking(observation, PROBLEM):
        return None
    return observation


def _problem(problem: Element, found: Found, edition: Edition, texts: set[str | None]) -> None:
    _shaped(problem, PROBLEM, found, "disease")
    if attribute(child(problem, "code"), "code") != "282291009":
        found.say("disease", "its code is not 282291009")
    if attribute(child(problem, "statusCode"), "code") != "completed":
        found.say("disease", "its statusCode is not completed")
    low = child(problem, "effectiveTime", "low")
    if not (attribute(low, "value") or attribute(low, "nullFlavor") in ("UNK", "NAV")):
        found.say("date", "neither a day nor the null flavor UNK")
    _refers(problem, found, "disease", texts)
    value = found.disease = child(problem, "value")
    if value is not None:
        null = attribute(value, "nullFlavor")
        if value.get(TYPE) != "CD":
            found.say("disease", "its value is not of type CD")
        if null and (null not in _NULLS or attribute(value, "code")):
            found.say("disease", f"null flavor {null!r} is unknown or stands beside a code")
        if not null:
            _in_systems(value, "disease", found, "disease")
        if len(children(value, "originalText")) != 1:
            found.say("disease", "its value refers to no text, where a null has its reason")
        else:
            _refers(value, found, "disease", texts, "originalText")
    for subject in children(problem, "subject"):
        if not edition.model.foetus:
            found.say("foetus", f"version {edition.version} carries none")
        _shaped(subject, SUBJECT, found, "foetus")
        person = child(subject, "relatedSubject", "subject")
        if person is None:
            found.say("foetus", "the subject names nobody")
        else:
            for fault in faults_of_shape(person, FOETUS):
                found.say("foetus", fault)
            for tag in ("family", "given"):
                names = person.iterfind(f"{{*}}name/{{*}}{tag}[@qualifier='BR']")
                if not any(name.text for name in names):
                    found.say("foetus", f"the mother's {tag} name of birth lacks")
    for role in problem.iterfind("{*}participant/{*}participantRole"):
        for path in (("id",), ("playingEntity", "code"), ("playingEntity", "name")):
            if child(role, *path) is None:
                found.say("site", f"its {'/'.join(path)} lacks")


def _fields(links: list[Element], found: Found, edition: Edition, texts: set[str | None]) -> None:
    known = {field.code: field for field in edition.fields}
    for link in links:
        held = child(link, "observation")
        held = held if held is not None else child(link, "act")
        code = attribute(child(held, "code") if held is not None else None, "code")
        if held is None or code not in known:
            found.say(code or "field", f"is no field of version {edition.version}")
            continue
        _field(held, link, known[code], found, edition, texts)
    for each in edition.fields:
        count = len(found.values.get(each.code, ()))
        if count < each.at_least:
            found.say(each.name, f"stands {count} times, at least {each.at_least} must")
        if each.at_most is not None and count > each.at_most:
            found.say(each.name, f"stands {count} times, at most {each.at_most} may")
    for precision, base in PRECISIONS.items():
        word = found.word(base, "age", edition)
        if precision in found.values and word != "age":
            found.say(precision, f"months stand beside {base}, which does not say 'à l'âge de'")


def _field(
    held: Element,
    link: Element,
    each: Field,
    found: Found,
    edition: Edition,
    texts: set[str | None],
) -> None:
    where = each.name
    comment = each.kind == "comment"
    _shaped(held, COMMENT if comment else OBSERVATION, found, where)
    if attribute(child(held, "code"), "codeSystem") != each.system:
        found.say(where, f"the system of its code is not {each.system}")
    if link.get("typeCode") != ("SUBJ" if comment else "REFR"):
        found.say(where, "wrong typeCode of its entryRelationship")
    if (link.get("inversionInd") == "true") != each.inversion:
        found.say(where, "wrong inversionInd of its entryRelationship")
    if attribute(child(held, "statusCode"), "code") != "completed":
        found.say(where, "its statusCode is not completed")
    _refers(held, found, where, texts)
    value = held if comment else child(held, "value")
    if value is None:
        return
    found.values.setdefault(each.code, []).append(value)
    if not comment:
        _value(value, each, found, edition)


def _value(value: Element, each: Field, found: Found, edition: Edition) -> None:
    where = each.name
    if value.get(TYPE) != each.kind:
        found.say(where, f"its value is of type {value.get(TYPE)!r}, not {each.kind}")
        return
    if value.get("nullFlavor"):
        if each.code not in OPEN or value.get("code"):
            found.say(where, "null, but a value must stand there")
    elif each.kind == "CD":
        if systems(each.values):
            _in_systems(value, each.values, found, where)
        elif (value.get("code"), value.get("codeSystem")) not in edition.set_of(each.values):
            shown = f"{value.get('code')} of {value.get('codeSystem')}"
            found.say(where, f"{shown} is not in the value set in force on {edition.day}")
    elif each.kind == "PQ":
        if value.get("unit") != each.values or not _is_count(value.get("value") or ""):
            found.say(where, f"not a number of {each.values}")
    elif each.kind == "ST" and not (value.text or "").strip():
        found.say(where, "its text is empty")
    elif each.kind == "BL" and value.get("value") not in ("true", "false"):
        found.say(where, "neither true nor false")


def _in_systems(value: Element, use: str, found: Found, where: str) -> None:
    code = value.get("code") or ""
    held = [s for s in systems(use) if s.oid == value.get("codeSystem")]
    if not held:
        found.say(where, f"code system {value.get('codeSystem')!r} is not one for it")
    elif not held[0].pattern.fullmatch(code):
        found.say(where, f"{code!r} is not written as codes of {held[0].name} are")


def _is_count(text: str) -> bool:
    return text.isascii() and text.replace(".", "", 1).isdecimal()


def _shaped(element: Element, shape: Shape, found: Found, where: str) -> None:
    for fault in faults_of_shape(element, shape):
        found.say(where, fault)


def _refers(
    element: Element, found: Found, where: str, texts: set[str | None], by: str = "text"
) -> None:
    # Blanks around a URI mean nothing; the examples have some.
    reference = attribute(child(element, by, "reference"), "value").strip()
    if not reference.startswith("#") or reference[1:] not in texts:
        found.say(where, f"refers to {reference!r}, which is not in the narrative")
