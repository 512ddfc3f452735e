"""Mapping: which column of a registry file holds what, as the registry's manager wrote it down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from ariane.files import read_yaml
from ariane.model.canonical import digest
from ariane.model.errors import Fault, InputFaults
from ariane.registry.impasse import Definition, parse_definition
from ariane.registry.values import DATE_FORMATS

FIELDS: Final = (
    "proposal_status",
    "gene",
    "variant",
    "disease",
    "posterior",
    "flag",
    "due",
    "cycle",
    "release",
    "outcome",
    "report",
)
"""What Ariane can write, in the order in which missing columns are added."""

DELIMITERS: Final = {"auto": "", ";": ";", ",": ",", "\t": "\t", "tab": "\t"}
ENCODINGS: Final = ("auto", "utf-8", "windows-1252")
DECIMALS: Final = (",", ".")
OWN_PREFIX: Final = "ariane_"

_KEYS: Final = frozenset(
    {
        "key",
        "columns",
        "add_missing_columns",
        "decimal",
        "encoding",
        "delimiter",
        "date_format",
        "own_prefix",
        "people_columns",
        "impasse",
        "sheet",
        "table",
    }
)


@dataclass(frozen=True)
class RegistryMapping:
    """Where a registry file keeps the pseudonym, and which columns are Ariane's own."""

    key: str
    """Column that holds the case's pseudonym."""
    columns: Mapping[str, str]
    """Field (one of FIELDS) to column name, in the order of FIELDS."""
    add_missing_columns: bool = False
    decimal: str = ","
    encoding: str = "auto"
    delimiter: str = ""
    """``;``, ``,``, tab, or empty: told by the header."""
    date_format: str = "%Y-%m-%d"
    sheet: str = ""
    """Sheet of a workbook; empty: the one that has the key column."""
    table: str = ""
    """Table of a database, with its schema before a point where it has one."""
    impasse: Definition | None = None
    """What this registry calls an impasse; None: what the filière of each case does."""

    @property
    def identity(self) -> str:
        """Short digest of the mapping, so that a patch made for another one is refused."""
        optional = ("sheet", "table", "impasse")
        return digest({k: v for k, v in asdict(self).items() if k not in optional or v})


def parse_mapping(raw: Any, where: str) -> RegistryMapping:
    """Check a mapping and return it.

    Args:
        raw: the YAML document.
        where: name of the file for messages.

    Raises:
        InputFaults: everything wrong with it, together.
    """
    faults: list[Fault] = []

    def fault(what: str, advice: str) -> None:
        faults.append(Fault(where, "", what, advice))

    if not isinstance(raw, dict):
        raise InputFaults(
            [Fault(where, "", "not a mapping of keys to values", "Start from example.yaml")]
        )
    for name in sorted(str(k) for k in raw if k not in _KEYS):
        fault(f"unknown entry {name!r}", f"Use only {', '.join(sorted(_KEYS))}")

    key = raw.get("key")
    if not isinstance(key, str) or not key.strip():
        fault("no key", "Name under 'key' the column that holds the pseudonym")
        key = ""
    key = key.strip()

    prefix = raw.get("own_prefix", OWN_PREFIX)
    if not isinstance(prefix, str) or not prefix.strip():
        fault("own_prefix is empty", f"Give a prefix such as {OWN_PREFIX!r}")
        prefix = OWN_PREFIX

    people = raw.get("people_columns") or []
    if not isinstance(people, list) or not all(isinstance(p, str) for p in people):
        fault("people_columns is not a list of names", "Write one column name per line")
        people = []
    kept = {p.strip().casefold() for p in people}

    given = raw.get("columns")
    columns: dict[str, str] = {}
    if not isinstance(given, dict) or not given:
        fault("no columns", f"Map at least one of {', '.join(FIELDS)}")
        given = {}
    for name in sorted(str(k) for k in given if k not in FIELDS):
        fault(f"unknown field {name!r} under columns", f"Use only {', '.join(FIELDS)}")
    taken: dict[str, str] = {}
    for name in FIELDS:
        if name not in given:
            continue
        column = given[name]
        if not isinstance(column, str) or not column.strip():
            fault(f"columns.{name} names no column", "Give the column's name, or drop the line")
            continue
        column = column.strip()
        folded = column.casefold()
        if any(ord(letter) < 32 for letter in column):
            fault(f"columns.{name} holds a control character", "Give a one-line column name")
        if folded == key.casefold():
            fault(
                f"columns.{name} is the key column {column!r}",
                "Ariane never writes the key; give it a column of its own",
            )
        elif folded in kept:
            fault(
                f"columns.{name} is {column!r}, listed under people_columns",
                "Give Ariane a column of its own",
            )
        elif not folded.startswith(prefix.casefold()):
            fault(
                f"columns.{name} is {column!r}, which does not start with {prefix!r} and may be a "
                "column that people keep",
                "Rename Ariane's column, or set own_prefix if all its columns start otherwise",
            )
        if folded in taken:
            fault(
                f"columns.{name} and columns.{taken[folded]} are both {column!r}",
                "Give each field a column of its own",
            )
        taken[folded] = name
        columns[name] = column

    add = raw.get("add_missing_columns", False)
    if not isinstance(add, bool):
        fault(f"add_missing_columns is {add!r}", "Write true or false")
        add = False

    def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = raw.get(name, default)
        if isinstance(value, str) and value in allowed:
            return value
        fault(f"{name} is {value!r}", f"Use one of {', '.join(repr(a) for a in allowed)}")
        return default

    def name_of(what: str) -> str:
        value = raw.get(what, "")
        if isinstance(value, str):
            return value.strip()
        fault(f"{what} is {value!r}", f"Give the {what}'s name, or drop the line")
        return ""

    sheet, table = name_of("sheet"), name_of("table")
    decimal = choice("decimal", ",", DECIMALS)
    encoding = choice("encoding", "auto", ENCODINGS)
    delimiter = DELIMITERS[choice("delimiter", "auto", tuple(DELIMITERS))]
    date_format = choice("date_format", "%Y-%m-%d", DATE_FORMATS)
    impasse = None
    if "impasse" in raw:
        try:
            impasse = parse_definition(raw["impasse"])
        except (TypeError, ValueError) as problem:
            fault(f"impasse: {problem}", "See resources/registry/impasse.yaml")
    if faults:
        raise InputFaults(faults)
    return RegistryMapping(
        key, columns, add, decimal, encoding, delimiter, date_format, sheet, table, impasse
    )


def read_mapping(path: Path) -> RegistryMapping:
    """Read a registry's mapping.

    Raises:
        ArianeError: the file is missing or is not YAML.
        InputFaults: everything wrong with it, together.
    """
    return parse_mapping(read_yaml(path), path.name)
