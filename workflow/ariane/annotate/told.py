"""What a VCF's own annotation says of one allele, per gene, in Ariane's terms.

A gene that the annotation does not name is not a gene without effect: VEP may have been asked for
one gene a variant, or use another gene set. The caller finds such genes' effects itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final
from urllib.parse import unquote

from ariane.annotate import said_hgvs
from ariane.annotate.gene_keys import bare, stem
from ariane.annotate.preannotated import SNPEFF, Layout, engine_words
from ariane.annotate.said_alleles import Origin, before_their_split, named
from ariane.annotate.terms import UNKNOWN, Terms
from ariane.bounds import whole

MANE_SELECT: Final = "select"
MANE_PLUS: Final = "plus clinical"
_TRUNCATING: Final = frozenset({"stop_gained", "frameshift_variant"})
_SURROUNDINGS: Final = frozenset(
    {"upstream_gene_variant", "downstream_gene_variant", "intergenic_variant"}
)
_REFSEQ: Final = ("NM_", "NR_", "XM_", "XR_")
_INTERGENIC: Final = frozenset({"intergenic_variant"})
_SHIFTING: Final = frozenset(
    {"frameshift_variant", "inframe_insertion", "inframe_deletion", "protein_altering_variant"}
)


@dataclass(frozen=True)
class Told:
    """What the VCF says of an allele in one gene, for the transcript chosen."""

    gene: str
    """Key of the gene: see :class:`ariane.annotate.gene_keys.GeneKeys`."""
    symbol: str
    transcript: str
    """As named by the engine, with version where it gives one; empty outside transcripts."""
    refseq: str
    mane: bool
    consequence: str
    """Terms joined by ``&``, most severe first."""
    tier: str
    hgvs_g: str = ""
    hgvs_c: str = ""
    """Without accession: ``c.68-2A>G``."""
    hgvs_p: str = ""
    """``p.(Asn59Ile)``."""
    codon: str = ""
    """``ENST00000123:59`` of a single-residue substitution or silent change."""
    aa_ref: str = ""
    aa_alt: str = ""
    place: str = ""
    """``exon 3/27`` or ``intron 3/26``."""
    nmd: str = ""
    """``escapes`` where VEP's plugin NMD says so; else unknown here."""
    protein_lost: int | None = None
    """Thousandths of the protein behind a premature stop or frameshift; None where the engine does
    not give the protein's length."""
    others: str = ""
    """The gene's other transcripts, ``transcript|consequence|c|p`` joined by ``;``."""

    @property
    def inside(self) -> bool:
        """Whether the allele lies in the gene and not only near it."""
        return not _SURROUNDINGS.issuperset(self.consequence.split("&"))


@dataclass
class Reading:
    """How the records of one VCF were read, for the case's summary."""

    read: int = 0
    """Alleles whose entries were found."""
    silent: int = 0
    """Alleles of records without the field."""
    unmatched: int = 0
    """Alleles that no entry could be given to with certainty."""
    short_entries: int = 0
    """Entries with fewer columns than the header names; what they have was read."""
    genes_unsaid: int = 0
    """Alleles and genes of the release where the annotation names other genes only."""
    unknown_words: set[str] = field(default_factory=set)
    """Words that neither table of ``resources/`` holds; each counts as ``sequence_variant``."""

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return asdict(self) | {"unknown_words": sorted(self.unknown_words)}


@dataclass(slots=True)
class _Entry:
    """One entry on one transcript."""

    key: str
    symbol: str
    transcript: str
    refseq: str
    mane: str
    mane_order: int
    terms: frozenset[str]
    is_transcript: bool
    values: Sequence[str]


class Reader:
    """Reads one field of a VCF's annotation.

    Args:
        layout: the field.
        key: gives a gene's key from HGNC number, gene identifier and symbol.
        mane: the MANE mark of a transcript in the release.
        terms: the table of terms.
    """

    def __init__(
        self,
        layout: Layout,
        key: Callable[[str, str, str], str],
        mane: Callable[[str], str],
        terms: Terms,
    ) -> None:
        self.layout = layout
        self.reading = Reading()
        self._key = key
        self._mane = mane
        self._terms = terms
        self._own = engine_words(layout.engine)
        self._words: dict[str, frozenset[str]] = {}
        self._keys: dict[tuple[str, str, str], tuple[str, str]] = {}
        self._manes: dict[tuple[str, str, str, str], tuple[str, int, str]] = {}
        self._width = len(layout.columns)
        self._at = {name: layout.at(name) for name in _COLUMNS}

    def read(self, text: str, origin: Origin, old_multiallelic: str = "") -> dict[str, Told]:
        """What the field says of one allele, by gene key.

        Args:
            text: the value of the INFO field; empty or ``.`` where the record has none.
            origin: the record as it stood in the VCF, and the allele's number.
            old_multiallelic: vt's tag of the record, for a VCF that was split after annotation.

        Returns:
            empty when the record is silent, when no entry is surely this allele's, or when no
            gene is named. The caller then asks its own engine, for every gene; and for any gene
            near the allele that is not among the keys.
        """
        genes: dict[str, list[_Entry]] = {}
        for values in self._found(text, origin, old_multiallelic):
            if entry := self._entry(values):
                genes.setdefault(entry.key, []).append(entry)
        return {key: self._told(genes[key]) for key in sorted(genes)}

    def _found(self, text: str, origin: Origin, old_multiallelic: str) -> Sequence[Sequence[str]]:
        """The entries of the allele asked for."""
        if text in ("", "."):
            self.reading.silent += 1
            return ()
        entries = self._split(text)
        mine = self._mine(entries, origin)
        if mine is None and old_multiallelic:
            earlier = before_their_split(old_multiallelic, origin)
            mine = self._mine(entries, earlier) if earlier else None
        if mine is None:
            self.reading.unmatched += 1
            return ()
        self.reading.read += 1
        return mine

    def entries(self, text: str) -> list[dict[str, str]]:
        """The entries of a field by the header's names of columns, for whoever compares readers."""
        return [
            dict(zip(self.layout.columns, values, strict=False)) for values in self._split(text)
        ]

    def terms_of(self, words: str) -> frozenset[str]:
        """The terms of one entry's words, joined there by ``&``."""
        found = self._words.get(words)
        if found is None:
            made = set()
            for word in filter(None, words.split("&")):
                term = word if word in self._terms.rank else self._own.get(word, UNKNOWN)
                if term == UNKNOWN and word != UNKNOWN:
                    self.reading.unknown_words.add(word)
                made.add(term)
            found = self._words[words] = frozenset(made or {UNKNOWN})
        return found

    def _split(self, text: str) -> list[list[str]]:
        width = self._width
        entries: list[list[str]] = []
        for part in text.split(","):
            values = part.split("|")
            if len(values) < width:
                self.reading.short_entries += 1
                values += [""] * (width - len(values))
            values = values[:width]
            values.append("")  # what a column that the field lacks holds
            entries.append(values)
        return entries

    def _mine(
        self, entries: Sequence[Sequence[str]], origin: Origin
    ) -> Sequence[Sequence[str]] | None:
        """The entries of the allele asked for; None when that is not certain."""
        number, allele = self._at["number"], self._at["allele"]
        numbers = {values[number] for values in entries}
        if all((told := whole(text)) is not None and told <= len(origin.alts) for text in numbers):
            wanted, column = str(origin.number), number
        else:
            name = named(origin, (values[allele] for values in entries), self.layout.engine)
            if name is None:
                return None
            wanted, column = name, allele
        mine = [values for values in entries if values[column] == wanted]
        # With --minimal two alleles may bear one name; a record split since cannot tell them apart.
        return mine if len({values[number] for values in mine}) == 1 else None

    def _entry(self, values: Sequence[str]) -> _Entry | None:
        """One entry in our terms; None when it names no gene."""
        at = self._at
        terms = self.terms_of(values[at["words"]])
        gene, symbol, hgnc = (values[at[name]] for name in ("gene", "symbol", "hgnc"))
        if not (gene or symbol or hgnc) or terms == _INTERGENIC:
            return None
        feature = bare(values[at["feature"]])
        kind = values[at["feature_type"]].lower()
        is_transcript = bool(feature) and kind in ("", "transcript")
        if self.layout.engine != SNPEFF and feature and not is_transcript:
            return None  # regulatory features and motifs
        transcript = refseq = ""
        mane, order = "", 4
        if is_transcript:
            accession, _ = said_hgvs.parted(values[at["hgvs_c"]])
            named_fully = accession.partition(".")[0] == feature
            transcript = accession if named_fully else feature
            select, plus, either = (values[at[name]] for name in _MANE)
            marks = (transcript, select, plus, either)
            if (marked := self._manes.get(marks)) is None:
                marked = self._manes[marks] = self._mane_of(*marks)
            mane, order, match = marked
            if transcript.startswith(_REFSEQ):
                refseq = transcript
                if match.startswith("ENST"):  # MANE: the two are one sequence
                    transcript = match
            elif match.startswith(_REFSEQ):
                refseq = match
        if (named := self._keys.get((hgnc, gene, symbol))) is None:
            named = (self._key(hgnc, gene, symbol), bare(symbol or gene))
            self._keys[hgnc, gene, symbol] = named
        key, name = named
        return _Entry(key, name, transcript, refseq, mane, order, terms, is_transcript, values)

    def _mane_of(
        self, transcript: str, select: str, plus: str, either: str
    ) -> tuple[str, int, str]:
        """MANE mark, its order (the release's word first), and the matching accession."""
        match = unquote(select or plus)
        if either.startswith((*_REFSEQ, "ENST")):  # VEP 93 to 102: one column, with the accession
            select, match = select or either, match or either
        known = self._mane(transcript) or (self._mane(match) if match.startswith("ENST") else "")
        word = either.lower().replace("_", " ")
        said = ""
        if select or "select" in word:
            said = MANE_SELECT
        elif plus or "plus" in word:
            said = MANE_PLUS
        if known:
            return known, 0 if known == MANE_SELECT else 2, match
        return said, {MANE_SELECT: 1, MANE_PLUS: 3, "": 4}[said], match

    def _told(self, entries: list[_Entry]) -> Told:
        """The effect on one gene."""
        kept = [entry for entry in entries if entry.is_transcript] or entries

        def order(entry: _Entry) -> tuple[object, ...]:
            return (entry.mane_order, self._terms.told(entry.terms)[1], entry.transcript)

        kept = sorted(kept, key=order)
        best = kept[0]
        at, values = self._at, best.values
        residue = self._residue(best)
        change, protein = self._changes(best)
        others = sorted(
            {self._other(entry) for entry in kept if entry.transcript != best.transcript}
        )
        consequence, _, tier = self._terms.told(best.terms)
        return Told(
            gene=best.key,
            symbol=best.symbol,
            transcript=best.transcript,
            refseq=best.refseq,
            mane=best.mane != "",
            consequence=consequence,
            tier=tier,
            hgvs_g=said_hgvs.parted(values[at["hgvs_g"]])[1],
            hgvs_c=change,
            hgvs_p=protein,
            codon=f"{stem(best.transcript)}:{residue[0]}" if residue else "",
            aa_ref=residue[1] if residue else "",
            aa_alt=residue[2] if residue else "",
            place=self._place(best, change),
            nmd="escapes" if "escap" in values[at["nmd"]].lower() else "",
            protein_lost=_lost(values[at["position"]], best.terms),
            others=";".join(others),
        )

    def _other(self, entry: _Entry) -> str:
        parts = (entry.transcript, self._terms.told(entry.terms)[0], *self._changes(entry))
        text = "|".join(parts)
        return text.replace(";", ",") if ";" in text else text

    def _changes(self, entry: _Entry) -> tuple[str, str]:
        """HGVS of DNA and protein."""
        if not entry.is_transcript:
            return "", ""
        dna, protein = (entry.values[self._at[name]] for name in ("hgvs_c", "hgvs_p"))
        # VEP before 88 wrote a silent change beside the DNA's: c.12G>A(p.=)
        said = protein or (dna if "(p." in dna else "")
        named = said_hgvs.protein(said, self._residue(entry)) if said else ""
        return said_hgvs.dna(dna), named

    def _residue(self, entry: _Entry) -> said_hgvs.Residue | None:
        """The residue of a single substitution, from the columns made for it, else from HGVSp."""
        if not entry.transcript or entry.terms & _SHIFTING:
            return None
        position = whole(entry.values[self._at["position"]].partition("/")[0])
        before, slash, after = entry.values[self._at["amino_acids"]].partition("/")
        if position is not None and len(before) == 1 and len(after) == len(slash):
            return (position, before, after or before) if after != "X" else None
        if before:
            return None
        return said_hgvs.residue_of(entry.values[self._at["hgvs_p"]])

    def _place(self, entry: _Entry, change: str) -> str:
        exon, intron, rank = (entry.values[self._at[name]] for name in ("exon", "intron", "rank"))
        if exon:
            return _ranked("exon", exon)
        if intron:
            return _ranked("intron", intron)
        if not rank or not entry.is_transcript:
            return ""
        return _ranked("intron" if said_hgvs.intronic(change) else "exon", rank)


_MANE: Final = ("mane_select", "mane_plus", "mane")
_COLUMNS: Final = (
    "allele", "words", "symbol", "gene", "hgnc", "feature", "feature_type", "biotype", "hgvs_g",
    "hgvs_c", "hgvs_p", "exon", "intron", "rank", "position", "amino_acids", "mane_select",
    "mane_plus", "mane", "number", "nmd",
)  # fmt: skip


def _ranked(part: str, rank: str) -> str:
    """``exon 3/27``, ``exons 3-5/27``: several are one to the other, as where we count them."""
    return f"{part}{'s' if '-' in rank.partition('/')[0] else ''} {rank}"


def _lost(position: str, terms: frozenset[str]) -> int | None:
    """Thousandths of the protein behind the change, from ``750/1210``."""
    first, length = map(whole, position.partition("/")[::2])
    if first is None or not length or not terms & _TRUNCATING:
        return None
    return round(1000 * max(0, length - first + 1) / length)
