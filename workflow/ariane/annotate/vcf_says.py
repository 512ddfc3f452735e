"""The consequences that a case's VCF brings along, record by record, beside Ariane's own engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pysam

from ariane.annotate.consequence import Effect, affected
from ariane.annotate.csq import ALONE, TOGETHER
from ariane.annotate.gene_keys import GeneKeys
from ariane.annotate.genes import Gene, Genes
from ariane.annotate.normalise import OLD_RECORD, bcftools
from ariane.annotate.preannotated import Layout, layouts
from ariane.annotate.said_alleles import before_our_split
from ariane.annotate.terms import Terms
from ariane.annotate.told import Reader, Told
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


class VcfSays:
    """What a VCF's annotation says of split, left-aligned records.

    Args:
        layout: the field to read.
        genes: genes of the release near the records.
        padding: reach of a gene in bases.
        terms: the table of terms.
        beside: values of the field by allele, from a file of its own; None when the records
            themselves hold it.
    """

    def __init__(
        self,
        layout: Layout,
        genes: Genes,
        padding: int,
        terms: Terms,
        beside: Mapping[Key, str] | None = None,
    ) -> None:
        keys = GeneKeys(genes.all)
        self._reader = Reader(layout, keys, keys.mane, terms)
        self._genes = genes
        self._padding = padding
        self._beside = beside
        self.summary: dict[str, Any] = layout.to_json()
        """Whose words they are, and how they were read: complete after :meth:`unsaid`."""

    def of(self, key: Key, info: Mapping[str, str]) -> dict[str, Told]:
        """What is said of one allele, by gene key; see :meth:`Reader.read`.

        Args:
            key: the split, left-aligned record.
            info: its INFO fields as text.
        """
        _, pos, ref, alt = key
        if self._beside is not None:
            return self._reader.read(self._beside.get(key, ""), before_our_split("", pos, ref, alt))
        origin = before_our_split(info.get(OLD_RECORD, ""), pos, ref, alt)
        text = info.get(self._reader.layout.field, "")
        return self._reader.read(text, origin, info.get(_OLD_MULTIALLELIC, ""))

    def unsaid(self, bcf: Path) -> list[tuple[str, int]]:
        """Positions where a gene of the release has no word of the annotation, for csq."""
        found: list[tuple[str, int]] = []
        for key, info in _records(bcf):
            chrom, pos, _, alt = key
            near = self._near(key)
            if not near or not alt.isalpha():
                continue
            said = self.of(key, info())
            missing = [gene for gene in near if gene.key not in said]
            if said:
                self._reader.reading.genes_unsaid += len(missing)
            if missing:
                found.append((chrom, pos))
        self.summary |= self._reader.reading.to_json()
        return sorted(set(found))

    def _near(self, key: Key) -> list[Gene]:
        chrom, pos, ref, alt = key
        low, high = affected(pos, ref, alt)
        return self._genes.near(chrom, low, high, self._padding)


def open_says(
    bcf: Path, genes: Genes, padding: int, terms: Terms, engine: str, beside: Path | None
) -> VcfSays | None:
    """The annotation to read for a case; None when bcftools csq does everything.

    Args:
        bcf: the normalised records.
        genes: genes near them.
        padding: reach of a gene in bases.
        terms: the table of terms.
        engine: one of :data:`ENGINES`.
        beside: VEP's output for the case's alleles, where the engine is ``vep``.

    Raises:
        ArianeError: the engine is ``vep`` and its output is missing or holds no consequences.
    """
    if engine == CSQ:
        return None
    if engine == VEP:
        found = _layout(beside) if beside else None
        if beside is None or found is None:
            raise ArianeError(
                f"{beside or 'no file'}: not VEP's output with CSQ. Run the rule vep again."
            )
        return VcfSays(found, genes, padding, terms, _values(beside, found))
    layout = _layout(bcf)
    return VcfSays(layout, genes, padding, terms) if layout else None


def effect_of(told: Told) -> Effect:
    """A reading in the form of csq's effects."""
    change = told.hgvs_p
    if told.codon:
        number = told.codon.rpartition(":")[2]
        silent = told.aa_ref == told.aa_alt
        after = "" if silent else f">{number}{told.aa_alt}"
        change = f"{number}{told.aa_ref}{after}"
    return Effect(
        transcript=told.transcript,
        mane=told.mane,
        consequence=told.consequence,
        protein_change=change,
        dna_change=told.hgvs_c,
        codon=told.codon,
        aa_ref=told.aa_ref,
        aa_alt=told.aa_alt,
        tier=told.tier,
    )


def within(said: Mapping[str, Told], near: list[Gene]) -> list[Told]:
    """What is said of genes of the release near the allele."""
    return [said[key] for key in sorted({gene.key for gene in near} & said.keys())]


def beyond(said: Mapping[str, Told], near: list[Gene]) -> list[Told]:
    """Genes that the annotation places the allele in and that the release's transcripts lack.

    Genes without an HGNC number are left out: no knowledge is filed under their keys.
    """
    known = {gene.key for gene in near}
    return [
        told
        for key, told in said.items()
        if key not in known and key.startswith("HGNC:") and told.inside
    ]


def parted(
    source: Path, folder: Path, positions: list[tuple[str, int]], asked: Path, rest: Path
) -> None:
    """Part a BCF in the records at some positions, for csq, and the rest."""
    wanted = folder / "unsaid.tsv"
    wanted.write_text("".join(f"{chrom}\t{pos}\n" for chrom, pos in positions), encoding="utf-8")
    for mark, target in (("", asked), ("^", rest)):
        bcftools(
            *("view", "--no-version", "--targets-overlap", "0", "-T", f"{mark}{wanted}"),
            *("-Ob1", "-o", str(target), str(source)),
        )


def _layout(path: Path) -> Layout | None:
    with pysam.VariantFile(str(path)) as vcf:
        lines = str(vcf.header).splitlines()
    return next((found for found in layouts(lines) if found.field not in _OUR_FIELDS), None)


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
