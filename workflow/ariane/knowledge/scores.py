"""Predictors and conservation, read where they lie, by position: none is ever loaded.

Each file stays in the columns in which its makers publish it, packed with bgzip and indexed with
tabix (``scripts/slim_release.py`` makes both), or is a bigWig, which carries its index inside. An
allele is looked for at its own place; insertions and deletions are found however the file writes
them, as long as they lie within ``REACH`` bases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pysam

from ariane.knowledge.context import Context, spelled
from ariane.knowledge.contigs import Contigs, spellings
from ariane.knowledge.kinds import BY_NAME, KINDS, Key
from ariane.knowledge.release import Release
from ariane.knowledge.vcf_records import parse
from ariane.model.errors import ArianeError

REACH: Final = 100
"""Bases to the right of a left-aligned insertion or deletion in which a file may have written
it."""

_CHR1_GRCH37: Final = 249_250_621

Score = Mapping[str, Any]


@dataclass(frozen=True)
class Site:
    """One allele of a file with what the file says of it."""

    chrom: str
    pos: int
    ref: str
    alt: str
    said: Score


def scored_kinds(release: Release) -> list[str]:
    """Kinds that are read by region and that the release holds, in the order of declaration."""
    return [kind.name for kind in KINDS if kind.by_region and kind.name in release.resources]


def read_scores(
    release: Release, kind: str, variants: Iterable[str], context: Context
) -> dict[str, list[Score]]:
    """What a resource says of some alleles, by allele; one that it does not know is not listed.

    Args:
        release: the release; the kind must be one of :func:`scored_kinds`.
        kind: kind of resource.
        variants: keys ``chrom-pos-ref-alt``.
        context: contigs and reference, for alleles that the file writes in another way.

    Raises:
        ArianeError: the file is damaged, or is not in the format that the manifest names.
    """
    path, form = release.require(kind), release.resources[kind].format
    wanted = sorted(set(variants), key=_place)
    if BY_NAME[kind].key is Key.POSITION:
        return _by_position(path, form, wanted)
    found: dict[str, list[Score]] = {}
    try:
        with pysam.TabixFile(str(path)) as handle:
            contigs = set(handle.contigs)
            for variant in wanted:
                for site in _sites(handle, contigs, form, variant, context):
                    if context.variant(site.chrom, site.pos, site.ref, site.alt) == variant:
                        found.setdefault(variant, []).append(site.said)
    except (OSError, ValueError, IndexError, KeyError) as problem:
        raise ArianeError(
            f"{path}: not as the manifest says, {form} ({type(problem).__name__}: {problem}). "
            "Check the file and its index."
        ) from None
    return {variant: _distinct(scores) for variant, scores in found.items()}


def _place(variant: str) -> tuple[str, int, str]:
    chrom, pos, rest = variant.split("-", 2)
    return chrom, int(pos), rest


def _sites(
    handle: pysam.TabixFile, contigs: set[str], form: str, variant: str, context: Context
) -> Iterator[Site]:
    chrom, text, ref, alt = variant.split("-")
    name = next((n for n in spellings(chrom) if n in contigs), None)
    if name is None or not spelled(ref, alt):
        return
    reach = 0 if len(ref) == len(alt) == 1 else REACH
    pos = int(text)
    grch37 = is_grch37(context.contigs)
    for line in handle.fetch(name, max(0, pos - 1 - reach // 10), pos + len(ref) - 1 + reach):
        for site in PARSERS[form](line, grch37):
            if (site.pos == pos and reach == 0) or (
                reach and len(site.ref) - len(site.alt) == len(ref) - len(alt)
            ):
                yield site


def is_grch37(contigs: Contigs) -> bool:
    """Whether the reference is of the older assembly, told by the length of chromosome 1."""
    return contigs.lengths.get(contigs.name("1"), 0) == _CHR1_GRCH37


def _distinct(scores: list[Score]) -> list[Score]:
    held = {repr(sorted(score.items())): score for score in scores}
    return [held[text] for text in sorted(held)]


def _revel(line: str, grch37: bool) -> Iterator[Site]:
    # chr,hg19_pos,grch38_pos,ref,alt,aaref,aaalt,REVEL,Ensembl_transcriptid, since 2021
    fields = line.split("," if "," in line else "\t")
    pos = fields[1 if grch37 else 2]
    if pos not in ("", "."):
        said = {"score": float(fields[7]), "transcripts": fields[8] if len(fields) > 8 else ""}
        yield Site(fields[0], int(pos), fields[3], fields[4], said)


def _alphamissense(line: str, _: bool) -> Iterator[Site]:
    fields = line.split("\t")
    said = {
        "score": float(fields[8]),
        "class": fields[9],
        "transcript": fields[6],
        "change": fields[7],
    }
    yield Site(fields[0], int(fields[1]), fields[2], fields[3], said)


def _cadd(line: str, _: bool) -> Iterator[Site]:
    chrom, pos, ref, alt, raw, phred = line.split("\t")[:6]
    yield Site(chrom, int(pos), ref, alt, {"score": float(phred), "raw": float(raw)})


def _spliceai(line: str, _: bool) -> Iterator[Site]:
    record = parse(line)
    for entry in record.info.get("SpliceAI", "").split(","):
        fields = entry.split("|")
        if len(fields) != 10 or "." in fields[2:6]:
            continue
        names = ("acceptor_gain", "acceptor_loss", "donor_gain", "donor_loss")
        deltas = dict(zip(names, map(float, fields[2:6]), strict=True))
        places = {f"{n}_at": int(p) for n, p in zip(names, fields[6:10], strict=True) if p != "."}
        said = {"score": max(deltas.values()), "symbol": fields[1], **deltas, **places}
        yield Site(record.chrom, record.pos, record.ref, fields[0].upper(), said)


def _pangolin(line: str, _: bool) -> Iterator[Site]:
    # Pangolin=gene|place:largest increase|place:largest decrease|Warnings:..., genes by a comma
    record = parse(line)
    for alt in record.alts:
        for entry in record.info.get("Pangolin", "").split(","):
            fields = entry.split("|")
            changes = [f.split(":") for f in fields[1:] if f[:1].isdecimal() or f[:1] == "-"]
            pairs = [(int(place), float(change)) for place, change in changes[:2]]
            if len(pairs) == 2:
                said = {
                    "score": max(abs(change) for _, change in pairs),
                    "gene": fields[0].split(".")[0],
                    "gain": pairs[0][1],
                    "gain_at": pairs[0][0],
                    "loss": pairs[1][1],
                    "loss_at": pairs[1][0],
                }
                yield Site(record.chrom, record.pos, record.ref, alt, said)


PARSERS: Final[Mapping[str, Callable[[str, bool], Iterator[Site]]]] = {
    "revel_csv": _revel,
    "alphamissense_tsv": _alphamissense,
    "cadd_tsv": _cadd,
    "spliceai_vcf": _spliceai,
    "pangolin_vcf": _pangolin,
}
"""A line of each format as alleles; the second argument tells whether the reference is GRCh37."""


def _by_position(path: Path, form: str, variants: Iterable[str]) -> dict[str, list[Score]]:
    """The highest value at any base of REF: what lies between two bases has none of its own."""
    values = _bigwig if form == "bigwig" else _bedgraph
    places = {}
    for variant in variants:
        chrom, pos, ref, _ = variant.split("-")
        places[variant] = (chrom, int(pos) - 1, int(pos) - 1 + len(ref))
    return {
        variant: [{"score": float(f"{max(held):.6g}")}]
        for variant, held in values(path, places)
        if held
    }


_Places = Mapping[str, tuple[str, int, int]]


def _bigwig(path: Path, places: _Places) -> Iterator[tuple[str, list[float]]]:
    import pyBigWig

    try:
        handle = pyBigWig.open(str(path))
    except RuntimeError:
        raise ArianeError(f"{path}: not a readable bigWig file. Download it again.") from None
    try:
        lengths = handle.chroms()
        for variant, (chrom, start, end) in places.items():
            name = next((n for n in spellings(chrom) if n in lengths), None)
            if name is None or start >= lengths[name]:
                continue
            held = handle.intervals(name, start, min(end, lengths[name])) or ()
            yield variant, [value for _, _, value in held]
    except RuntimeError:
        raise ArianeError(f"{path}: damaged bigWig file. Download it again.") from None
    finally:
        handle.close()


def _bedgraph(path: Path, places: _Places) -> Iterator[tuple[str, list[float]]]:
    try:
        with pysam.TabixFile(str(path)) as handle:
            contigs = set(handle.contigs)
            for variant, (chrom, start, end) in places.items():
                name = next((n for n in spellings(chrom) if n in contigs), None)
                if name is not None:
                    lines = handle.fetch(name, start, end)
                    yield variant, [float(line.split("\t")[3]) for line in lines]
    except (OSError, ValueError, IndexError) as problem:
        raise ArianeError(
            f"{path}: not a bedGraph with its index ({problem}). Check both."
        ) from None
