"""A second, independent opinion on c. and p. names: the library ferro-hgvs, fed gene by gene.

ferro-hgvs 1.0 joins the exons of transcripts on the reverse strand in the wrong order, from GFF3
and from its own JSON (measured), and takes whole contigs. So each transcript is given alone, as the
forward strand of its own stretch of sequence: the library then counts, moves and translates by
itself, and nothing of Ariane's naming is used.
"""

from __future__ import annotations

import json
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from ariane.annotate.genes import Transcript
from ariane.annotate.sequence import Reference
from ariane.model.errors import ArianeError

_AROUND: Final = 1000
"""Bases given on both sides of a transcript, so that repeats at its ends are seen."""
_NAME: Final = "NC_000001.11"
"""Any genomic accession: only positions inside the stretch count."""
_PAIRS: Final = str.maketrans("ACGTN", "TGCAN")


class SecondOpinion:
    """What ferro-hgvs calls a variant on a transcript.

    Args:
        reference: the bases.

    Raises:
        ArianeError: the library is not installed.
    """

    def __init__(self, reference: Reference) -> None:
        try:
            self._library = import_module("ferro_hgvs")
        except ImportError:
            raise ArianeError(
                "ferro-hgvs is not installed. Install the development extra: pip install .[dev]"
            ) from None
        self._reference = reference
        self._known: dict[str, Any] = {}

    def names(
        self, transcript: Transcript, contig: str, pos: int, ref: str, alt: str
    ) -> tuple[str, str]:
        """c. and p. name without accession; empty where the library gives none."""
        projector = self._known.get(transcript.name)
        if projector is None:
            projector = self._known[transcript.name] = self._fed(transcript, contig)
        try:
            told = projector.project(f"{_NAME}:{_mirrored(transcript, pos, ref, alt)}", "T.1")
        except (ValueError, RuntimeError):
            return "", ""
        c, p = str(told.c_name or told.n_name or ""), str(told.p_name or "")
        return c.rpartition(":")[2], p.rpartition(":")[2]

    def _fed(self, transcript: Transcript, contig: str) -> Any:
        low, high = transcript.start - _AROUND, transcript.end + _AROUND
        bases = self._reference.bases(contig, low, high - low + 1).decode()
        minus = transcript.strand == "-"
        if minus:
            bases = bases.translate(_PAIRS)[::-1]

        def turn(position: int) -> int:
            return high - position + 1 if minus else position - low + 1

        exons = sorted(sorted(map(turn, exon)) for exon in transcript.exons)
        parts, spliced = [], ""
        for number, (start, end) in enumerate(exons, 1):
            parts.append(
                {
                    "number": number,
                    "start": len(spliced) + 1,
                    "end": len(spliced) + end - start + 1,
                    "genomic_start": start,
                    "genomic_end": end,
                }
            )
            spliced += bases[start - 1 : end]
        coding: dict[str, int] = {}
        if transcript.cds:
            ends = sorted((turn(transcript.cds[0][0]), turn(transcript.cds[-1][1])))
            inside = [
                part["start"] + end - part["genomic_start"]
                for end in ends
                for part in parts
                if part["genomic_start"] <= end <= part["genomic_end"]
            ]
            coding = {"cds_start": inside[0], "cds_end": inside[1]}
        given = {
            "genome_build": "GRCh38",
            "version": "1.0",
            "genomic_sequences": {_NAME: bases},
            "transcripts": [
                {
                    "id": "T.1",
                    "strand": "+",
                    "chromosome": _NAME,
                    "genome_build": "GRCh38",
                    "gene_symbol": "T",
                    "sequence": spliced,
                    "exons": parts,
                    "genomic_start": exons[0][0],
                    "genomic_end": exons[-1][1],
                    **coding,
                }
            ],
        }
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "transcripts.json"
            path.write_text(json.dumps(given), encoding="utf-8")
            return self._library.VariantProjector(str(path))


def _mirrored(transcript: Transcript, pos: int, ref: str, alt: str) -> str:
    """The variant on the transcript's stretch, as its VCF spells it: nothing is moved."""
    head = 0
    while head < min(len(ref), len(alt)) and ref[head] == alt[head]:
        head += 1
    tail = 0
    while tail < min(len(ref), len(alt)) - head and ref[-1 - tail] == alt[-1 - tail]:
        tail += 1
    lost, new = ref[head : len(ref) - tail], alt[head : len(alt) - tail]
    first, last = pos + head, pos + len(ref) - tail - 1
    low, high = transcript.start - _AROUND, transcript.end + _AROUND
    if transcript.strand == "-":
        first, last = high - last + 1, high - first + 1
        lost, new = lost.translate(_PAIRS)[::-1], new.translate(_PAIRS)[::-1]
    else:
        first, last = first - low + 1, last - low + 1
    if not lost:
        return f"g.{last}_{first}ins{new}"
    if len(lost) == len(new) == 1:
        return f"g.{first}{lost}>{new}"
    place = str(first) if first == last else f"{first}_{last}"
    return f"g.{place}delins{new}" if new else f"g.{place}del"
