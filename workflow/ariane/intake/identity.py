"""Identity of persons: columns that name it and values shaped like a French INS are refused.

Ariane works on pseudonyms. What is found is never repeated in a message, for messages go to logs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ALONE: Final = _words(
    """
    ins nir nia ipp iep nss ssn mrn nhs prenom prenoms surname forename firstname lastname
    givenname familyname middlename maidenname fullname patronyme dob ddn email mail courriel
    tel telephone phone mobile fax adresse address postcode zipcode codepostal birthdate
    birthday birthplace datenaissance nomnaissance lieunaissance socialsecurity securitesociale
    passport passeport
    """
)
"""Words that name an identity wherever they stand in a column's name."""

_NAMES: Final = frozenset({"nom", "noms", "name", "names"})
_WITH_NAMES: Final = _words(
    """
    de du la le of s d patient patients patiente proband propositus person personne individu
    individual subject sujet mother mere father pere parent child enfant family famille usuel
    usage marital jeune fille naissance birth born complet complete full first last given middle
    maiden et and son daughter
    """
)
"""Words that leave "name" the name of a person: gene_name and site_name are something else."""

_BIRTH: Final = frozenset({"birth", "born", "naissance", "ne", "nee"})
_OF_BIRTH: Final = _words(
    "date day jour month mois year annee place lieu commune town city ville on le"
)
"""A date or place of birth is identity; a weight or length at birth is a clinical sign."""

_JOINED: Final = frozenset(
    {"numsecu", "numerosecu", "codepostal", "zipcode", "dateofbirth", "dateborn", "datedenaissance"}
)
_WORD_PAIRS: Final = (
    {"code", "postal"},
    {"zip", "code"},
    {"securite", "sociale"},
    {"social", "security"},
    {"post", "code"},
)

_GROUPS: Final = r"([1-478])%s(\d\d)%s(\d\d)%s(\d[\dABab])%s(\d{3})%s(\d{3})"
_SEPARATOR: Final = r"[ .\u00a0\u202f-]?"
_WITH_KEY: Final = re.compile(
    r"(?<!\d)" + _GROUPS % ((_SEPARATOR,) * 5) + _SEPARATOR + r"(\d\d)(?!\d)"
)
_WITHOUT_KEY: Final = re.compile(
    r"(?<![\w.:/-])" + _GROUPS % ((r"[ \u00a0\u202f]?",) * 5) + r"(?![\w.:/-])"
)
_PERSONAL: Final = re.compile(
    r"""
      [^\s@]+@[^\s@]+\.[^\s@]+                                # electronic address
    | (?<!\d)(?:\+33|0)\s?[1-9](?:[\s.-]?\d{2}){4}(?!\d)      # French telephone
    | (?<!\d)(?:0?[1-9]|[12]\d|3[01])[/.](?:0?[1-9]|1[0-2])[/.](?:19|20)\d{2}(?!\d)   # 03/02/1999
    | (?<!\w)(?:m\.|mme|mlle|mr|mrs|ms|monsieur|madame|n[ée]e?\ le)(?!\w)             # titles
    | (?<!\w)(?-i:Enfant)\s+(?-i:[A-ZÀ-Ý])                    # a child's name
    | (?<!\d)[1-478]\ ?\d{2}\ ?(?:0[1-9]|1[0-2]|[2-9]\d)\ ?(?:\d{2}|2[AB])\ ?\d{3}\ ?\d{3}
      (?:\ ?\d{2})?(?!\d)                                      # a national number, whatever its key
    """,
    re.VERBOSE | re.IGNORECASE,
)
_WORD: Final = r"[^\W\d_](?:[^\W\d_]|['\u2019.-])*"
_WORDS_ONLY: Final = re.compile(rf"{_WORD}(?:[\s,]+{_WORD})+")
_ROLES: Final = _words(
    """
    patient patiente patients proband propositus subject sujet case cas individual individu family
    famille twin jumeau brother frere sister soeur child enfant father pere mother mere index fetus
    foetus sample control member sib sibling report clinical presentation description data female
    male older elder younger first second third fourth his her current normal tumor tumour blood
    """
)
"""Words of identifiers in published phenopackets, seen not to be names."""


def fold(text: str) -> str:
    """The text without accents, in lower case."""
    bare = unicodedata.normalize("NFKD", text)
    return "".join(c for c in bare if not unicodedata.combining(c)).casefold()


def names_identity(column: str) -> bool:
    """Whether a column's (or field's) name announces the identity of a person.

    French and English, whatever the accents, case and separators: ``Prénom``, ``birthDate``,
    ``NOM_DE_NAISSANCE``. ``gene_name`` and ``poids_naissance`` are not identity.
    """
    apart = re.sub(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])", " ", column)
    words = [w for w in re.split(r"[\W_]+", fold(apart)) if w]
    held = set(words)
    if held & _ALONE or "".join(words) in _ALONE | _JOINED:
        return True
    if held & _NAMES and held <= _NAMES | _WITH_NAMES:
        return True
    if held & _BIRTH and held & _OF_BIRTH:
        return True
    return any(pair <= held for pair in _WORD_PAIRS)


def ins_key(number: str) -> int:
    """The control key of the 13 characters of a NIR or NIA: 97 less the number modulo 97.

    Corsica's departments 2A and 2B count as 19 and 18. Source: INSEE, répertoire national
    d'identification des personnes physiques.

    Raises:
        ValueError: the text is not 13 digits, but for an A or B in seventh place.
    """
    digits = number.upper()
    if len(digits) == 13 and digits[5:7] in ("2A", "2B"):
        digits = digits[:5] + {"2A": "19", "2B": "18"}[digits[5:7]] + digits[7:]
    if not re.fullmatch(r"[0-9]{13}", digits):
        raise ValueError("an INS has 13 digits before its key")
    return 97 - int(digits) % 97


def holds_ins(text: str) -> bool:
    """Whether a text holds a number shaped like an INS (a NIR or NIA).

    Either 15 characters whose key is right, or 13 that stand alone with a possible month of birth.
    A number of another length, such as the 20 digits of an IdMR, is not one.
    """
    if len(text) < 13:
        return False  # nearly every text of a record: told without a search
    for found in _WITH_KEY.finditer(text):
        number = "".join(found.groups()[:6])
        if _possible(found.groups()) and ins_key(number) == int(found.group(7)):
            return True
    return any(_possible(found.groups()) for found in _WITHOUT_KEY.finditer(text))


def tells_a_person(text: str) -> bool:
    """Whether a text holds, by its form, what could name a person.

    A national number (here also with a wrong key), an electronic address, a French telephone, a
    date written as births are, a civil title. It errs on the side of silence.
    """
    return holds_ins(text) or bool(_PERSONAL.search(text))


def _possible(groups: tuple[str, ...]) -> bool:
    """Months as the INSEE writes them: 1 to 12, and 20, 30 to 42, 50 to 99 when unknown."""
    month, department = int(groups[2]), groups[3].upper()
    if department[1] in "AB" and department not in ("2A", "2B"):
        return False
    return 1 <= month <= 12 or month == 20 or 30 <= month <= 42 or 50 <= month <= 99


def looks_like_a_name(text: str) -> bool:
    """Whether an identifier reads as the name of a person: two words of letters or more, no digit.

    Words for the role of a person (``male proband``, ``patient EK``, ``elder sister``) do not
    count, nor do single letters.
    """
    if not _WORDS_ONLY.fullmatch(text.strip()):
        return False
    words = [w for w in re.split(r"[\s,.]+", fold(text)) if len(w) > 1 and w not in _ROLES]
    return len(words) > 1


def strings_of(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Each text inside a JSON value, with the path of keys that leads to it."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from strings_of(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from strings_of(inner, f"{path}[{number}]")
