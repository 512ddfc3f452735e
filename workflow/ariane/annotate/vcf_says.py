"""The consequences that a case's VCF brings along, record by record, beside Ariane's own engine."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pysam

from ariane.annotate.alleles import Alleles
from ariane.annotate.consequence import Effect
from ariane.annotate.contig_map import Truth
from ariane.annotate.csq import ALONE, TOGETHER
from ariane.annotate.gene_keys import GeneKeys, stem
from ariane.annotate.genes import Gene, Genes
from ariane.annotate.normalise import OLD_RECORD
from ariane.annotate.preannotated import Layout, layouts
from ariane.annotate.said_alleles import Origin, before_our_split
from ariane.annotate.skipping import SPLICE_SITES, skipping
from ariane.annotate.terms import CODING, Terms
from ariane.annotate.told import Reader, Told
from ariane.annotate.truncation import truncation
from ariane.knowledge.vcf_files import compression_of, open_lines
from ariane.model.errors import ArianeError

AUTO: Final = "auto"
"""Read what the VCF says where it says something; bcftools csq for the rest."""
CSQ: Final = "csq"
"""Ask bcftools csq for everything, whatever the VCF says."""
VEP: Final = "vep"
"""Read what VEP said in its own step."""
ENGINES: Final = (AUTO, CSQ, VEP)

_OLD_MULTIALLELIC: Final = "OLD_MULTIALLELIC"
_OUR_FIELDS: Final = frozenset({ALONE, TOGETHER})

Key = tuple[str, int, str, str]


def layout_to_read(vcf: Path, engine: str, beside: Path | None) -> Layout | None:
    """The field of consequences to read for a case; None when bcftools csq does everything.

    Args:
        vcf: the case's VCF, as it came.
        engine: one of :data:`ENGINES`.
        beside: VEP's output for the case's alleles, where the engine is ``vep``.

    Raises:
        ArianeError: the engine is ``vep`` and its output is missing or holds no consequences.
    """
    if engine == CSQ:
        return None
    if engine == AUTO:
        return _layout(vcf) if vcf.is_file() else None
    found = _layout(beside) if beside else None
    if found is None:
        raise ArianeError(
            f"{beside or 'no file'}: not VEP's output with CSQ. Run the rule vep again."
        )
    return found


def fields_of(layout: Layout) -> tuple[str, ...]:
    """The INFO fields that a reading of a VCF's own annotation needs."""
    return (layout.field, _OLD_MULTIALLELIC)


class VcfSays:
    """What a VCF's annotation says of split, left-aligned records.

    Args:
        layout: the field to read.
        genes: genes of the release near the records.
        terms: the table of terms.
        beside: file that holds the field by allele; None when the records themselves hold it.
    """

    def __init__(
        self, layout: Layout, genes: Genes, terms: Terms, beside: Path | None = None
    ) -> None:
        keys = GeneKeys(genes.all)
        self._reader = Reader(layout, keys, keys.mane, terms)
        self._beside = _values(beside, layout) if beside else None
        self._places = "|".join(term for term, tier in terms.tiers.items() if tier == CODING)
        self.fields = () if beside else fields_of(layout)
        """INFO fields to read with each allele."""

    @property
    def summary(self) -> dict[str, Any]:
        """Whose words they are, and how they were read so far."""
        return self._reader.layout.to_json() | self._reader.reading.to_json()

    def count_unsaid(self, number: int) -> None:
        """Count alleles and genes of the release where the annotation names other genes only."""
        self._reader.reading.genes_unsaid += number

    def of(self, key: Key, info: Mapping[str, str]) -> dict[str, Told]:
        """What is said of one allele, by gene key; see :meth:`Reader.read`.

        Args:
            key: the split, left-aligned record.
            info: its INFO fields as text.
        """
        return self._reader.read(*self._given(key, info))

    def _given(self, key: Key, info: Mapping[str, str]) -> tuple[str, Origin, str]:
        """The field's text, the record it was written for, and vt's tag."""
        _, pos, ref, alt = key
        if self._beside is not None:
            return self._beside.get(key, ""), before_our_split("", pos, ref, alt), ""
        origin = before_our_split(info.get(OLD_RECORD, ""), pos, ref, alt)
        text = info.get(self._reader.layout.field, "")
        return text, origin, info.get(_OLD_MULTIALLELIC, "")

    def of_all(self, alleles: Alleles) -> list[dict[str, Told]]:
        """What is said of each allele of a contig, by gene key."""
        names = (OLD_RECORD, *self.fields)
        columns = [column.to_pylist() for column in alleles.info]
        given = zip(
            alleles.pos.tolist(), alleles.ref.to_pylist(), alleles.alt.to_pylist(), *columns,
            strict=True,
        )  # fmt: skip
        return [
            self.of((alleles.contig, pos, ref, alt), dict(zip(names, info, strict=True)))
            for pos, ref, alt, *info in given
        ]

    def beyond_genes(self, alleles: Alleles, rows: Truth) -> Truth:
        """Which alleles far from the release's genes lie in one that only the annotation knows."""
        found = np.zeros(len(alleles), dtype=bool)
        wanted = np.flatnonzero(rows)
        if self._beside is None and len(wanted):
            # Cheap first: most of what lies between genes names nothing but their surroundings.
            at = pa.array(wanted)
            hit = pc.match_substring_regex(alleles.info[1].take(at), self._places)
            wanted = wanted[hit.to_numpy(zero_copy_only=False)]
        if len(wanted):
            # Looked at beforehand: what is found is read, and counted, with the candidates.
            counted = replace(self._reader.reading)
            said = self.of_all(alleles.take(wanted))
            self._reader.reading = counted
            found[wanted] = [bool(beyond(one, [])) for one in said]
        return found


def effect_of(told: Told, gene: Gene, gained: int) -> Effect:
    """A reading in the form of csq's effects.

    Args:
        told: the reading.
        gene: the gene, as the release has it: its transcript tells RefSeq twin, decay and loss.
        gained: bases that the allele adds; below zero for a loss.
    """
    change = told.hgvs_p
    if told.codon:
        number = told.codon.rpartition(":")[2]
        silent = told.aa_ref == told.aa_alt
        after = "" if silent else f">{number}{told.aa_alt}"
        change = f"{number}{told.aa_ref}{after}"
    own = next((t for t in gene.transcripts if t.id == stem(told.transcript)), None)
    nmd, lost = truncation(own, told.hgvs_p, gained) if own else ("", None)
    if own and lost is None and not SPLICE_SITES.isdisjoint(told.consequence.split("&")):
        nmd, lost = skipping(own, told.hgvs_c)
    return Effect(
        transcript=told.transcript,
        refseq=told.refseq or (own.refseq if own else ""),
        mane=told.mane,
        consequence=told.consequence,
        hgvs_c=told.hgvs_c,
        hgvs_p=told.hgvs_p,
        place=told.place,
        protein_change=change,
        dna_change=told.hgvs_c,
        codon=told.codon,
        aa_ref=told.aa_ref,
        aa_alt=told.aa_alt,
        nmd=told.nmd or nmd,
        protein_lost=told.protein_lost if lost is None else lost,
        others=told.others,
        tier=told.tier,
    )


def beyond(said: Mapping[str, Told], near: Sequence[Gene]) -> list[tuple[Gene, Effect]]:
    """Genes in whose exons the annotation places the allele and that the release lacks.

    Genes without an HGNC number are left out: no knowledge is filed under their keys. So are
    introns and surroundings: the release's own transcripts decide which of these count.
    """
    known = {gene.key for gene in near}
    found = []
    for key, told in sorted(said.items()):
        if key not in known and key.startswith("HGNC:") and told.tier == CODING:
            gene = Gene(key, key, told.symbol, "", 0, 0, "", "")
            found.append((gene, effect_of(told, gene, 0)))
    return found


def _layout(path: Path) -> Layout | None:
    if not path.is_file():
        return None
    try:
        lines = _header_lines(path)
    except (EOFError, OSError, ValueError, zlib.error):
        raise ArianeError(
            f"{path}: the header cannot be read: the file is cut or damaged. Copy or export it "
            "again; nothing was read."
        ) from None
    return next((found for found in layouts(lines) if found.field not in _OUR_FIELDS), None)


def _header_lines(path: Path) -> list[str]:
    if compression_of(path) == "bcf":
        with pysam.VariantFile(str(path)) as vcf:
            return str(vcf.header).splitlines()
    lines = []
    with open_lines(path) as handle:
        for raw in islice(handle, 100_000):
            if not raw.startswith(b"##"):
                break
            lines.append(raw.decode("utf-8", "replace").rstrip("\r\n"))
    return lines


def _values(path: Path, layout: Layout) -> dict[Key, str]:
    name = layout.field
    return {key: info().get(name, "") for key, info in _records(path)}


def _records(path: Path) -> Iterator[tuple[Key, Callable[[], dict[str, str]]]]:
    with pysam.VariantFile(str(path)) as vcf:
        for record in vcf:
            key = (str(record.chrom), record.pos, record.ref or "", (record.alts or ("",))[0])

            def info(record: pysam.VariantRecord = record) -> dict[str, str]:
                fields = str(record).split("\t", 8)
                return dict(p.partition("=")[::2] for p in fields[7].rstrip("\n").split(";"))

            yield key, info
