"""Which allele of a record an entry of ``CSQ`` or ``ANN`` speaks of.

SnpEff writes the ALT as it stands in the record. VEP takes the first base away from all alleles of
a record that holds an insertion or a deletion, when all of them share it, and writes ``-`` for
nothing; with ``--minimal`` each allele is trimmed by itself. So an entry can be read only beside
the record that was annotated. A reading is accepted when it explains every entry of the record:
a record that was split after its annotation still carries the entries of its former neighbours,
and reading those would give one allele the consequence of another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ariane.bounds import whole

STAR: Final = "*"
_VT: Final = re.compile(r"[^:]+:(\d{1,18}):([ACGTN]+)/(\S+)\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Origin:
    """A record as it was when it was annotated, and the number of the allele asked for."""

    pos: int
    ref: str
    alts: tuple[str, ...]
    number: int
    """Of the allele, from 1."""


def before_our_split(old_record: str, pos: int, ref: str, alt: str) -> Origin:
    """The record of the VCF, from ``chr1|335|C|A,G|2``; the record at hand when it is unchanged."""
    parts = old_record.split("|")
    if len(parts) in (4, 5):  # four: shifted only
        before, number = whole(parts[1]), whole((*parts, "1")[4])
        if before is not None and number is not None:
            return Origin(before, parts[2], tuple(parts[3].split(",")), number)
    return Origin(pos, ref, (alt,), 1)


def before_their_split(old_multiallelic: str, known: Origin) -> Origin | None:
    """The record that vt split, from its ``OLD_MULTIALLELIC`` (``1:335:C/A/G``).

    Returns:
        None when the tag cannot be read or no allele of it is the one at hand.
    """
    found = _VT.match(old_multiallelic)
    if found is None:
        return None
    pos, ref, alts = int(found[1]), found[2], tuple(found[3].split("/"))
    wanted = trimmed(known.pos, known.ref, known.alts[known.number - 1])
    numbers = [n for n, alt in enumerate(alts, 1) if trimmed(pos, ref, alt) == wanted]
    return Origin(pos, ref, alts, numbers[0]) if len(numbers) == 1 else None


def named(origin: Origin, said: Iterable[str], engine: str) -> str | None:
    """What the entries call the allele asked for; None when they do not tell.

    Args:
        origin: the record that was annotated.
        said: the Allele values of all its entries.
        engine: ``vep`` or ``snpeff``: which notation is tried first.
    """
    values = frozenset(said)
    index = origin.number - 1
    for notation in _notations(origin.ref, origin.alts, engine):
        own = notation[index]
        if values <= frozenset(notation) and notation.count(own) == 1:
            return own if own in values else None
    # Split after its annotation. Where every entry names one base, the record that was annotated
    # held substitutions only (an indel beside one would show two bases), so the base is the name.
    alone = len(origin.alts) == 1 and len(origin.ref) == len(origin.alts[0]) == 1
    if alone and all(len(value) == 1 and value.isalpha() for value in values):
        return origin.alts[0] if origin.alts[0] in values else None
    return None


def trimmed(pos: int, ref: str, alt: str) -> tuple[int, str, str]:
    """An allele without the bases that REF and ALT share, those at the end first."""
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        pos, ref, alt = pos + 1, ref[1:], alt[1:]
    return pos, ref, alt


def vep_names(ref: str, alts: Sequence[str], star_counts: bool = False) -> list[str]:
    """What VEP calls the alleles of a record.

    Args:
        ref: REF.
        alts: all ALT alleles of the record.
        star_counts: whether ``*`` makes a record one with an indel, as in some versions.
    """
    sequences = [alt for alt in alts if alt.isalpha()]
    looked_at = [alt for alt in alts if alt in sequences or (star_counts and alt == STAR)]
    indel = any(len(alt) != len(ref) for alt in looked_at)
    if not indel or any(alt[:1] != ref[:1] for alt in sequences):
        return list(alts)
    return [(alt[1:] or "-") if alt.isalpha() else alt for alt in alts]


def _notations(ref: str, alts: Sequence[str], engine: str) -> Iterator[list[str]]:
    full = list(alts)
    if engine == "snpeff":
        yield full
        return
    yield vep_names(ref, alts)
    if STAR in alts:
        yield vep_names(ref, alts, star_counts=True)
    yield full
    yield [(trimmed(1, ref, alt)[2] or "-") if alt.isalpha() else alt for alt in alts]
