"""What a change inside one exon does to the protein, as HGVS predicts it: ``p.(Asn59IlefsTer51)``.

Names follow the HGVS nomenclature (version 21, protein level): three-letter codes, ``Ter``, in
brackets because predicted, moved towards the C-terminus, extensions counted from the lost stop
codon, frameshifts counted from the first changed residue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ariane.annotate.genes import Transcript
from ariane.annotate.hgvs_edit import reverse_complement
from ariane.annotate.sequence import Reference
from ariane.annotate.transcript_map import TranscriptMap

UNKNOWN: Final = "p.?"
"""The effect on the protein is not predicted from the coding sequence."""
START: Final = "p.(Met1?)"
"""The start codon is lost: whether and where translation begins is not known."""
STANDARD: Final = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
"""NCBI translation table 1; codons in the order TTT, TTC, TTA, TTG, TCT and so on."""
MITOCHONDRIAL: Final = "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG"
"""NCBI translation table 2, vertebrate mitochondria."""
NAMES: Final = {
    "A": "Ala", "C": "Cys", "D": "Asp", "E": "Glu", "F": "Phe", "G": "Gly", "H": "His", "I": "Ile",
    "K": "Lys", "L": "Leu", "M": "Met", "N": "Asn", "P": "Pro", "Q": "Gln", "R": "Arg", "S": "Ser",
    "T": "Thr", "U": "Sec", "V": "Val", "W": "Trp", "X": "Xaa", "Y": "Tyr", "*": "Ter",
}  # fmt: skip


def _codons(table: str) -> dict[str, str]:
    order = "TCAG"
    triplets = (a + b + c for a in order for b in order for c in order)
    return dict(zip(triplets, table, strict=True))


_TABLES: Final = {False: _codons(STANDARD), True: _codons(MITOCHONDRIAL)}
_STARTS: Final = {False: frozenset({"ATG"}), True: frozenset({"ATG", "ATA", "ATT", "ATC", "GTG"})}
"""Codons that still begin translation when a start codon changes into them."""


@dataclass(frozen=True, slots=True)
class Coding:
    """The coding sequence of a transcript and what follows it, in transcript direction."""

    bases: str
    """From the first coding base to the transcript's end, led by ``N`` where the first codon is
    cut, so that codons lie in frame."""
    lead: int
    """Bases ``N`` put before the first coding base."""
    size: int
    """Bases of the coding part, the lead among them."""
    starts: bool
    """Whether the first codon is the start codon, and not where an incomplete sequence begins."""
    mitochondrial: bool

    @property
    def codons(self) -> dict[str, str]:
        """The genetic code."""
        return _TABLES[self.mitochondrial]


def coding_of(
    transcript: Transcript,
    places: TranscriptMap,
    reference: Reference,
    contig: str,
    mitochondrial: bool,
) -> Coding | None:
    """The coding sequence; None where the coding parts are not the exons between their ends."""
    if not places.cds_last or not places.contiguous:
        return None
    spliced = "".join(
        reference.bases(contig, start, end - start + 1).decode() for start, end in transcript.exons
    )
    if len(spliced) != places.length:
        return None
    if places.minus:
        spliced = reverse_complement(spliced)
    phase = transcript.cds[-1 if places.minus else 0][2]
    lead = (3 - int(phase)) % 3 if phase.isdigit() else 0
    after = spliced[places.cds_last :]
    coding = "N" * lead + spliced[places.cds_first - 1 : places.cds_last]
    if mitochondrial and not after:
        # The tail of A completes stop codons of which the genome holds T or TA.
        coding += "A" * (-len(coding) % 3)
    starts = not lead and (coding[:3] == "ATG" or mitochondrial or bool(transcript.mane))
    return Coding(coding + after, lead, len(coding), starts, mitochondrial)


class Protein:
    """The protein of one transcript; the translation is made when first needed.

    Args:
        coding: the coding sequence.
    """

    __slots__ = ("_made", "coding")

    def __init__(self, coding: Coding) -> None:
        self.coding: Final = coding
        self._made: str | None = None

    @property
    def residues(self) -> str:
        """One letter a codon, ``*`` for the stop codon, ``U`` for a TGA that is read through.

        A codon with an unknown base is ``X``, and so is a stop codon inside that is not TGA: there
        the transcript's protein is not what its bases say.
        """
        if self._made is None:
            coding = self.coding
            made = translated(coding.bases[: coding.size], coding.codons)
            if coding.starts:
                made = "M" + made[1:]
            if "*" in made[:-1]:
                inner = "".join(
                    ("U" if coding.bases[3 * at : 3 * at + 3] == "TGA" else "X")
                    if letter == "*"
                    else letter
                    for at, letter in enumerate(made[:-1])
                )
                made = inner + made[-1:]
            self._made = made
        return self._made

    def start_lost(self) -> str:
        """The name of a change that reaches from before the start codon into it."""
        return START if self.coding.starts else UNKNOWN

    def change(self, index: int, removed: int, inserted: str) -> str:
        """The name of a change.

        Args:
            index: place in the coding part from 0, without the lead; an insertion stands before it.
            removed: number of bases removed; they may reach beyond the stop codon.
            inserted: bases in transcript direction.
        """
        at = index + self.coding.lead
        if removed == 1 and len(inserted) == 1:
            return self._substitution(at, inserted)
        return self._other(at, removed, inserted)

    def _substitution(self, at: int, base: str) -> str:
        number, place = divmod(at, 3)
        old_codon = self.coding.bases[3 * number : 3 * number + 3]
        new_codon = old_codon[:place] + base + old_codon[place + 1 :]
        codons = self.coding.codons
        old, new = codons.get(old_codon, "X"), codons.get(new_codon, "X")
        last = 3 * number + 3 == self.coding.size
        if old == "*" and not last:
            old = "U" if old_codon == "TGA" else "X"
            if new_codon == old_codon:
                new = old
        if old == "X" or new == "X" or 3 * number + 3 > self.coding.size:
            return UNKNOWN
        if number == 0 and self.coding.starts:
            return "p.(Met1=)" if new_codon in _STARTS[self.coding.mitochondrial] else START
        if old == new:
            return f"p.({NAMES[old]}{number + 1}=)"
        if old == "*":
            return self._other(at, 1, base)
        return f"p.({NAMES[old]}{number + 1}{NAMES[new]})"

    def _other(self, at: int, removed: int, inserted: str) -> str:
        coding, old = self.coding, self.residues
        bases = coding.bases
        made = bases[:at] + inserted + bases[at + removed :]
        if "N" in bases[at - at % 3 : at + removed + 3] or "N" in inserted:
            return UNKNOWN
        if coding.starts and made[:3] not in (bases[:3], *_STARTS[coding.mitochondrial]):
            return START
        shift = len(inserted) - removed
        # The stop codon stays when the change ends before it.
        kept_stop = old.endswith("*") and at + removed <= coding.size - 3
        if shift % 3 == 0 and (kept_stop or not old.endswith("*")):
            return self._in_frame(at, removed, inserted)
        return self._read_on(at, made, shift)

    def _in_frame(self, at: int, removed: int, inserted: str) -> str:
        """A change of whole codons: what lies after it is as before."""
        old, bases = self.residues, self.coding.bases
        first = at // 3
        last = -(-(at + removed) // 3)
        if last > len(old):
            return UNKNOWN
        before, after = old[first:last], bases[at + removed : 3 * last]
        window = bases[3 * first : at] + inserted + after
        now = translated(window, self.coding.codons)
        now = _selenocysteines(window, now, before)
        if "X" in before or "X" in now:
            return UNKNOWN
        if before == now:
            name = f"{NAMES[before[0]]}{first + 1}" if len(before) == 1 else ""
            return f"p.({name}=)"
        head = 0
        while head < min(len(before), len(now)) and before[head] == now[head]:
            head += 1
        start = first + head
        if now[head : head + 1] == "*":
            return self._silent_or_stop(start)
        if "*" in now:
            # Whatever the bases say after the new stop codon, the protein ends there.
            return self._described(start, before[head:], now[head : now.index("*") + 1])
        tail = 0
        while tail < min(len(before), len(now)) - head and before[-1 - tail] == now[-1 - tail]:
            tail += 1
        return self._described(
            start, before[head : len(before) - tail], now[head : len(now) - tail]
        )

    def _silent_or_stop(self, at: int) -> str:
        letter = self.residues[at : at + 1]
        if letter == "*":
            return f"p.(Ter{at + 1}=)"
        return f"p.({NAMES[letter]}{at + 1}Ter)" if letter else UNKNOWN

    def _described(self, at: int, lost: str, new: str) -> str:
        """Substitution, deletion, duplication, insertion or both of residues from ``at`` on."""
        old = self.residues
        if lost and new:
            if len(lost) == len(new) == 1:
                return f"p.({NAMES[lost]}{at + 1}{NAMES[new]})"
            return f"p.({self._span(at, len(lost))}delins{_spelled(new)})"
        if lost:
            while old[at + len(lost) : at + len(lost) + 1] == old[at]:
                at += 1
            return f"p.({self._span(at, len(lost))}del)"
        while old[at : at + 1] == new[0]:
            new, at = new[1:] + new[0], at + 1
        if old[max(0, at - len(new)) : at] == new:
            return f"p.({self._span(at - len(new), len(new))}dup)"
        if not 0 < at < len(old):
            return UNKNOWN
        return f"p.({self._span(at - 1, 2)}ins{_spelled(new)})"

    def _read_on(self, at: int, made: str, shift: int) -> str:
        """A shifted frame or a lost stop codon: the new frame is read to its own stop codon."""
        old = self.residues
        first = at // 3
        now = translated(made[3 * first :], self.coding.codons, to_stop=True)
        head = 0
        while head < len(now) and now[head] == old[first + head : first + head + 1]:
            head += 1
            if now[head - 1] == "*":
                return f"p.(Ter{first + head}=)" if len(now) == 1 else "p.(=)"
        start = first + head
        was, new = old[start : start + 1], now[head : head + 1]
        stop = now.endswith("*")
        if not was or was == "X" or "X" in now or not new:
            return UNKNOWN
        if new == "*":
            return f"p.({NAMES[was]}{start + 1}Ter)"
        if was == "*":
            length = str(len(now) - 1 - head) if stop else "?"
            return f"p.(Ter{start + 1}{NAMES[new]}extTer{length})"
        if shift % 3 == 0:
            return UNKNOWN
        length = str(len(now) - head) if stop else "?"
        return f"p.({NAMES[was]}{start + 1}{NAMES[new]}fsTer{length})"

    def _span(self, at: int, size: int) -> str:
        """``Lys23`` or ``Lys23_Val25``."""
        old = self.residues
        first = f"{NAMES[old[at]]}{at + 1}"
        return first if size == 1 else f"{first}_{NAMES[old[at + size - 1]]}{at + size}"


def translated(bases: str, codons: dict[str, str], to_stop: bool = False) -> str:
    """One letter for each whole codon, ``X`` for one with unknown bases."""
    found: list[str] = []
    for at in range(0, len(bases) - 2, 3):
        letter = codons.get(bases[at : at + 3], "X")
        found.append(letter)
        if to_stop and letter == "*":
            break
    return "".join(found)


def _spelled(letters: str) -> str:
    return "".join(NAMES[letter] for letter in letters)


def _selenocysteines(bases: str, now: str, before: str) -> str:
    """TGA is read as selenocysteine where the unchanged sequence reads it so in the same place."""
    if "U" not in before:
        return now
    letters = list(now)
    for at, letter in enumerate(letters):
        if letter == "*" and bases[3 * at : 3 * at + 3] == "TGA":
            from_end = len(before) - len(now) + at
            if before[at : at + 1] == "U" or (from_end >= 0 and before[from_end] == "U"):
                letters[at] = "U"
    return "".join(letters)
