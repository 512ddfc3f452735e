"""Consequences of variants that lie together on one haplotype of one person.

Two substitutions in one codon, or two frameshifts that mend each other, mean something else
together than each alone. Only calls known to be in phase count: homozygous and haploid calls, and
heterozygous calls phased in one phase set. csq itself does not look at phase sets.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pysam

from ariane.annotate.alleles import Alleles
from ariane.annotate.csq import (
    TOGETHER,
    Consequence,
    consequences_together,
    parse,
    vcf_head,
    write_gff,
)
from ariane.annotate.genes import Gene, Genes
from ariane.annotate.normalise import bcftools
from ariane.annotate.sequence import Reference

Key = tuple[str, int, str, str]
"""Contig, position, REF, ALT."""

_CERTAIN: Final = "certain"
_NONE: Final = ""


@dataclass(frozen=True)
class Haplotypes:
    """What phased haplotypes add, by variant."""

    together: Mapping[Key, Sequence[Consequence]] = field(default_factory=dict)
    alone: Mapping[Key, frozenset[str]] = field(default_factory=dict)
    """Transcripts in which some carrier has, or may have, the variant without the others."""


@dataclass
class _Site:
    key: Key
    transcripts: tuple[str, ...]
    calls: list[str]
    blocks: list[str]
    """Per sample: ``certain``, the phase set with a mark, or empty when the phase is unknown."""
    wanted: bool = False
    doubtful: set[str] = field(default_factory=set)


def read_haplotypes(
    alleles: Alleles,
    alone: pa.StringArray,
    genes: Iterable[Gene],
    reference: Reference,
    folder: Path,
) -> Haplotypes:
    """Find coding variants in phase with one another and ask csq for their joint consequence.

    Args:
        alleles: carried alleles of one contig.
        alone: what csq says of each by itself.
        genes: the contig's genes.
        reference: the release's bases.
        folder: for temporary files.

    Raises:
        ArianeError: csq failed.
    """
    sites = _coding_sites(alleles, alone)
    _pair(sites, len(alleles.members))
    wanted = [site for site in sites if site.wanted]
    if not wanted:
        return Haplotypes()
    gff, phased, called, bcf = (
        folder / name for name in ("together.gff3", "phased.vcf", "called.bcf", "together.bcf")
    )
    held = {transcript for site in wanted for transcript in site.transcripts}
    write_gff(
        gff,
        Genes(gene for gene in genes if any(t.id in held for t in gene.transcripts)),
        reference.contigs.lengths,
    )
    contig = alleles.contig
    _write(phased, contig, wanted, alleles.members, reference.contigs.lengths)
    consequences_together(contig, phased, called, reference, gff)
    bcftools("sort", "-T", str(folder / "sort"), "-Ou", "-o", str(bcf), str(called))
    return _read(bcf, wanted)


def accepted(entry: Consequence, key: Key) -> bool:
    """Whether a joint consequence may stand for one of its members.

    A substitution takes the joint consequence of substitutions only: a harmless variant
    downstream of a frameshift on the same haplotype is no frameshift itself.
    """
    members = entry.members
    if entry.after_stop or len(members) < 2 or key[1:] not in members:
        return False
    substitutions = all(len(ref) == len(alt) for _, ref, alt in members)
    return substitutions or len(key[2]) != len(key[3])


def _coding_sites(alleles: Alleles, alone: pa.StringArray) -> list[_Site]:
    # Every entry that tells a protein's change tells the bases', ``123A>G``; others hold no ``>``.
    coding = pc.match_substring(alone, ">").to_numpy(zero_copy_only=False).copy()
    # An unphased heterozygous call is never read together with others.
    placed = np.zeros(len(coding), dtype=bool)
    for column in alleles.gt:
        texts = column.dictionary_encode()
        known = [_block(text, "") != _NONE for text in texts.dictionary.to_pylist()]
        placed |= np.array(known, dtype=bool)[texts.indices.to_numpy(zero_copy_only=False)]
    rows = np.flatnonzero(coding & placed)
    held = alleles.take(rows)
    calls = [column.to_pylist() for column in held.gt]
    sets = [column.to_pylist() for column in held.phase_set]
    sites: list[_Site] = []
    for row, bcsq in enumerate(alone.take(pa.array(rows)).to_pylist()):
        entries, _ = parse(bcsq)
        transcripts = sorted({e.transcript for e in entries if e.protein})
        if not transcripts:
            continue
        key = (held.contig, int(held.pos[row]), held.ref[row].as_py(), held.alt[row].as_py())
        own = [column[row] for column in calls]
        blocks = [_block(gt, column[row]) for gt, column in zip(own, sets, strict=True)]
        sites.append(_Site(key, tuple(transcripts), own, blocks))
    return sites


def _block(call: str, phase_set: str) -> str:
    alleles = call.replace("|", "/").split("/")
    if "1" not in alleles:
        return _NONE
    if set(alleles) == {"1"}:
        return _CERTAIN
    return f"set {phase_set}" if "|" in call and "." not in alleles else _NONE


def _pair(sites: list[_Site], samples: int) -> None:
    """Mark the sites that share a transcript and a phase block in one person."""
    for sample in range(samples):
        groups: dict[str, list[_Site]] = defaultdict(list)
        for site in sites:
            if "1" in site.calls[sample]:
                for transcript in site.transcripts:
                    groups[transcript].append(site)
        for transcript, group in groups.items():
            sizes: dict[str, int] = defaultdict(int)
            for site in group:
                sizes[site.blocks[sample]] += 1
            blocks = [name for name in sizes if name not in (_CERTAIN, _NONE)]
            # The largest phase set is read together; the first one when two are as large.
            largest = max(blocks, key=lambda name: sizes[name], default=_CERTAIN)
            for site in group:
                if site.blocks[sample] not in (_CERTAIN, largest):
                    site.doubtful.add(transcript)
                    site.calls[sample] = site.calls[sample].replace("|", "/")
            joined = [site for site in group if site.blocks[sample] in (_CERTAIN, largest)]
            if len(joined) > 1:
                for site in joined:
                    site.wanted = True


def _write(
    path: Path,
    contig: str,
    sites: Sequence[_Site],
    samples: Sequence[str],
    contigs: Mapping[str, int],
) -> None:
    with path.open("wb") as out:
        out.write(vcf_head(contigs, samples))
        for site in sites:
            _, pos, ref, alt = site.key
            line = "\t".join([contig, str(pos), ".", ref, alt, ".\t.\t.\tGT", *site.calls])
            out.write(f"{line}\n".encode())


def _read(bcf: Path, sites: Sequence[_Site]) -> Haplotypes:
    together: dict[Key, list[Consequence]] = defaultdict(list)
    alone: dict[Key, set[str]] = {site.key: set(site.doubtful) for site in sites}
    for site in sites:
        if any(
            "1" in call and not block for call, block in zip(site.calls, site.blocks, strict=True)
        ):
            alone[site.key].update(site.transcripts)
    known = set(alone)
    with pysam.VariantFile(str(bcf)) as vcf:
        for record in vcf:
            if TOGETHER not in record.info:
                continue
            entries, _ = parse(",".join(record.info[TOGETHER]))
            for entry in entries:
                keys = [(record.chrom, *member) for member in entry.members]
                if len(keys) == 1 and keys[0] in known:
                    alone[keys[0]].add(entry.transcript)
                for key in keys:
                    if key in known and accepted(entry, key) and entry not in together[key]:
                        together[key].append(entry)
    return Haplotypes(
        {key: tuple(entries) for key, entries in together.items()},
        {key: frozenset(transcripts) for key, transcripts in alone.items()},
    )
