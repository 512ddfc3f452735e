"""What a change inside one exon does to the protein, as HGVS predicts it: ``p.(Asn59IlefsTer51)``.

Names follow the HGVS nomenclature (version 21, protein level): three-letter codes, ``Ter``, in
brackets because predicted, moved towards the C-terminus, extensions counted from the lost stop
codon, frameshifts counted from the first changed residue.
"""

from __future__ import annotations

from typing import Final

from ariane.annotate.accessions import bare_contig
from ariane.annotate.genes import Transcript
from ariane.annotate.genetic_code import MITOCHONDRIAL, STANDARD
from ariane.annotate.hgvs_edit import reverse_complement
from ariane.annotate.sequence import Reference
from ariane.annotate.transcript_map import TranscriptMap

_PAIRS: Final = str.maketrans("ACGTN", "TGCAN")

UNKNOWN: Final = "p.?"
"""The effect on the protein is not predicted from the coding sequence."""
START: Final = "p.(Met1?)"
"""The start codon is lost: whether and where translation begins is not known."""
NAMES: Final = {
    "A": "Ala", "C": "Cys", "D": "Asp", "E": "Glu", "F": "Phe", "G": "Gly", "H": "His", "I": "Ile",
    "K": "Lys", "L": "Leu", "M": "Met", "N": "Asn", "P": "Pro", "Q": "Gln", "R": "Arg", "S": "Ser",
    "T": "Thr", "U": "Sec", "V": "Val", "W": "Trp", "X": "Xaa", "Y": "Tyr", "*": "Ter",
}  # fmt: skip


class Protein:
    """The protein of one transcript; its sequence is read when a change first needs all of it.

    Args:
        transcript: a coding transcript.
        places: its positions.
        reference: the bases.
        contig: as the reference writes it.
    """

    __slots__ = (
        "_bases",
        "_contig",
        "_lead",
        "_places",
        "_reference",
        "_residues",
        "_size",
        "_transcript",
        "code",
        "mitochondrial",
    )

    def __init__(
        self, transcript: Transcript, places: TranscriptMap, reference: Reference, contig: str
    ) -> None:
        self._transcript: Final = transcript
        self._places: Final = places
        self._reference: Final = reference
        self._contig: Final = contig
        self.mitochondrial: Final = bare_contig(contig) == "M"
        self.code: Final = MITOCHONDRIAL if self.mitochondrial else STANDARD
        phase = transcript.cds[-1 if places.minus else 0][2]
        # A first codon that is cut is filled with N, so that codons lie in frame.
        self._lead: Final = (3 - int(phase)) % 3 if phase.isdecimal() else 0
        self._size = self._lead + places.cds_last - places.cds_first + 1
        self._bases: str | None = None
        self._residues: str | None = None

    @property
    def bases(self) -> str:
        """From the first coding base, in transcript direction, to the transcript's end."""
        if self._bases is None:
            places = self._places
            spliced = "".join(
                self._reference.bases(self._contig, start, end - start + 1).decode()
                for start, end in self._transcript.exons
            )
            if places.minus:
                spliced = reverse_complement(spliced)
            after = spliced[places.cds_last :]
            coding = "N" * self._lead + spliced[places.cds_first - 1 : places.cds_last]
            if self.mitochondrial and not after:
                # The tail of A completes stop codons of which the genome holds T or TA.
                coding += "A" * (-len(coding) % 3)
                self._size = len(coding)
            self._bases = coding + after
        return self._bases

    @property
    def size(self) -> int:
        """Bases of the coding part, those that fill a cut first codon among them."""
        if self.mitochondrial:
            _ = self.bases
        return self._size

    def _starts(self, codon: str) -> bool:
        """Whether the first codon is the start codon, and not where a cut sequence begins."""
        if self._lead:
            return False
        return codon == "ATG" or self.mitochondrial or bool(self._transcript.mane)

    def _codon(self, number: int) -> str:
        """One codon; read alone where the whole sequence is not at hand."""
        first = 3 * number - self._lead
        if self._bases is not None or self.mitochondrial or first < 0:
            return self.bases[3 * number : 3 * number + 3]
        places = self._places
        begin = places.cds_first + first
        where = [places.genomic(at) for at in range(begin, min(begin + 3, places.length + 1))]
        if len(where) < 3:
            return self.bases[3 * number : 3 * number + 3]
        low, high = min(where), max(where)
        held = self._reference.bases(self._contig, low, high - low + 1).decode()
        if len(held) <= high - low:
            return "NNN"
        codon = "".join(held[at - low] for at in where)
        return codon.translate(_PAIRS) if places.minus else codon

    @property
    def residues(self) -> str:
        """One letter a codon, ``*`` for the stop codon, ``U`` for a TGA that is read through.

        A codon with an unknown base is ``X``, and so is a stop codon inside that is not TGA: there
        the transcript's protein is not what its bases say.
        """
        if self._residues is None:
            bases = self.bases
            made = self.code.translated(bases[: self.size])
            if self._starts(bases[:3]):
                made = "M" + made[1:]
            if "*" in made[:-1]:
                letters = list(made)
                for at, letter in enumerate(made[:-1]):
                    if letter == "*":
                        letters[at] = "U" if bases[3 * at : 3 * at + 3] == "TGA" else "X"
                made = "".join(letters)
            self._residues = made
        return self._residues

    def start_lost(self) -> str:
        """The name of a change that reaches from before the start codon into it."""
        return START if self._starts(self._codon(0)) else UNKNOWN

    def substitution(self, index: int, base: str) -> str:
        """The name of a single-base change.

        Args:
            index: place in the coding part from 0.
            base: the new base in transcript direction.
        """
        if not self._places.contiguous:
            return UNKNOWN
        number, place = divmod(index + self._lead, 3)
        if 3 * number + 3 > self.size:
            return UNKNOWN
        old_codon = self._codon(number)
        new_codon = old_codon[:place] + base + old_codon[place + 1 :]
        old, new = self.code.letters.get(old_codon, "X"), self.code.letters.get(new_codon, "X")
        if old == "*" and 3 * number + 3 < self.size:
            old = "U" if old_codon == "TGA" else "X"
        if old == "X" or new == "X":
            return UNKNOWN
        if number == 0 and self._starts(old_codon):
            return "p.(Met1=)" if new_codon in self.code.starts else START
        if old == new:
            return f"p.({NAMES[old]}{number + 1}=)"
        if old == "*":
            return self.change(index, 1, base)
        return f"p.({NAMES[old]}{number + 1}{NAMES[new]})"

    def change(self, index: int, removed: int, inserted: str) -> str:
        """The name of any change inside one exon.

        Args:
            index: place in the coding part from 0; an insertion stands before it.
            removed: number of bases removed; they may reach beyond the stop codon.
            inserted: bases in transcript direction.
        """
        if not self._places.contiguous:
            return UNKNOWN
        at, bases, old = index + self._lead, self.bases, self.residues
        made = bases[:at] + inserted + bases[at + removed :]
        if "N" in bases[at - at % 3 : at + removed + 3] or "N" in inserted:
            return UNKNOWN
        begun = (bases[:3], *self.code.starts)
        if at < 3 and self._starts(bases[:3]) and made[:3] not in begun:
            return START
        shift = len(inserted) - removed
        # The stop codon stays when the change ends before it.
        kept_stop = old.endswith("*") and at + removed <= self.size - 3
        if shift % 3 == 0 and (kept_stop or not old.endswith("*")):
            return self._in_frame(at, removed, inserted)
        return self._read_on(at, made, shift)

    def _in_frame(self, at: int, removed: int, inserted: str) -> str:
        """A change of whole codons: what lies after it is as before."""
        old, bases = self.residues, self.bases
        first = at // 3
        last = -(-(at + removed) // 3)
        if last > len(old):
            return UNKNOWN
        before, after = old[first:last], bases[at + removed : 3 * last]
        window = bases[3 * first : at] + inserted + after
        now = self.code.translated(window)
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
        now = self.code.translated(made[3 * first :], to_stop=True)
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
