"""Published causal alleles and drawn persons, read by the product's own code into candidates.

All alleles, causal and background, stand in VEP-annotated VCFs, one for each genotype, with depth
and quality drawn by one function; annotation reads these as it reads a case's VCF. A case is then
one person's candidates and the causal ones among them. The reference holds the alleles' own REF
bases and N elsewhere, for the bases of drawn persons are invented.
"""

from __future__ import annotations

import csv
import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any, Final

from ariane.annotate.case import Inputs, Outputs, annotate_case
from ariane.annotate.genes import read_genes
from ariane.annotate.sequence import Reference
from ariane.files import open_text, read_table
from ariane.knowledge.contigs import Contigs
from ariane.knowledge.release import Release, Source, assemble
from ariane.model.tables import CANDIDATES
from published_cases import Published, release_file

HET, HOM, HEMI = "0/1", "1/1", "1"
_STATES: Final = {"GENO:0000135": HET, "GENO:0000136": HOM, "GENO:0000134": HEMI}
_CSQ: Final = ("Allele", "Consequence", "SYMBOL", "Gene", "Feature_type", "Feature", "HGNC_ID")
CONSTRAINT: Final = "gnomad.v2.1.1.lof_metrics.by_gene.tsv.gz"
_BLOCK: Final = 65_280
"""Bytes in a block of BGZF, as bgzip cuts them."""
_END: Final = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_ENDS: Final = re.compile(r"[cn]\.([-*]?\d+)([+-]\d+)?(?:_([-*]?\d+)([+-]\d+)?)?")

Row = dict[str, Any]


@dataclass(frozen=True)
class Allele:
    """One allele with the genotype that it is seen in."""

    chrom: str
    pos: int
    ref: str
    alt: str
    gt: str
    symbol: str
    hgnc: str
    consequence: str

    @property
    def key(self) -> tuple[str, str]:
        """The variant as candidates name it before normalisation, and the genotype."""
        return f"{self.chrom}-{self.pos}-{self.ref}-{self.alt}", self.gt


def causal_alleles(case: Published) -> tuple[Allele, ...] | None:
    """The case's causal alleles; None where one of them is not written as a small variant."""
    found = []
    for variant in case.variants:
        record = variant.get("vcfRecord")
        gt = _STATES.get(variant.get("allelicState", {}).get("id", ""))
        if not record or gt is None or record.get("genomeAssembly") != "hg38":
            return None
        ref, alt = record["ref"].upper(), record["alt"].upper()
        if (ref + alt).strip("ACGT") != "" or ref == alt:
            return None
        pos, ref, alt = shortest(int(record["pos"]), ref, alt)
        context = variant.get("geneContext", {})
        found.append(
            Allele(
                record["chrom"],
                pos,
                ref,
                alt,
                gt,
                context.get("symbol", ""),
                context.get("valueId", ""),
                consequence_of(variant, len(alt) - len(ref)),
            )
        )
    return tuple(sorted(set(found), key=lambda a: a.key)) or None


def consequence_of(variant: Mapping[str, Any], gained: int) -> str:
    """The consequence that a published HGVS c. and p. name tell.

    >>> names = [{"syntax": "hgvs.p", "value": "NP_1.1:p.(Arg4Ter)"}]
    >>> consequence_of({"expressions": names}, 0)
    'stop_gained'
    """
    names = {e["syntax"]: e["value"].partition(":")[2] for e in variant.get("expressions", ())}
    coding, protein = names.get("hgvs.c", ""), names.get("hgvs.p", "")
    if found := near_intron(coding):
        return found
    if "fs" in protein:
        return "frameshift_variant"
    if re.search(r"Met1(?:\?|[A-Z])", protein):
        return "start_lost"
    if re.search(r"(?:Ter|\*)\)?$", protein) and not protein.startswith("p.(Ter"):
        return "stop_gained"
    if "ext" in protein:
        return "stop_lost"
    if protein.endswith(("=", "=)")):
        return "synonymous_variant"
    if re.search(r"p\.\(?[A-Z][a-z]{2}\d+[A-Z][a-z]{2}\)?$", protein):
        return "missense_variant"
    if protein and protein != "p.?" and gained:
        if gained % 3 == 0:
            return "inframe_insertion" if gained > 0 else "inframe_deletion"
        return "frameshift_variant"
    if coding.startswith("n."):
        return "non_coding_transcript_exon_variant"
    if re.match(r"c\.-", coding):
        return "5_prime_UTR_variant"
    if re.match(r"c\.\*", coding):
        return "3_prime_UTR_variant"
    return "missense_variant" if not gained else "protein_altering_variant"


def near_intron(coding: str) -> str:
    """What VEP calls a change that an HGVS c. name places in an intron or over its edge, or "".

    >>> near_intron("c.293-13C>G"), near_intron("c.2212_2215+21del"), near_intron("c.100C>T")
    ('splice_polypyrimidine_tract_variant&intron_variant', 'splice_donor_variant', '')
    """
    ends = _ENDS.match(coding)
    if not ends or not (ends[2] or ends[4]):
        return ""
    first = int(ends[2] or 0)
    last = int(ends[4] or 0) if ends[3] else first
    if ends[3] and ends[3] != ends[1] and first and last:
        return "splice_acceptor_variant&splice_donor_variant"  # from one intron into the next
    if not first or not last:  # from an exon over its edge, which takes the two bases beyond
        return "splice_donor_variant" if first + last > 0 else "splice_acceptor_variant"
    distance = min(abs(first), abs(last))
    if distance <= 2:
        return "splice_donor_variant" if first > 0 else "splice_acceptor_variant"
    if first > 0:
        return "splice_region_variant&intron_variant" if distance <= 8 else "intron_variant"
    if distance > 17:
        return "intron_variant"
    tract = "splice_polypyrimidine_tract_variant&intron_variant"
    return f"splice_region_variant&{tract}" if distance <= 8 else tract


def read_persons(path: Path) -> dict[str, tuple[str, list[Allele]]]:
    """Sex and alleles of each drawn person."""
    found: dict[str, tuple[str, list[Allele]]] = {}
    with open_text(path) as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            _, alleles = found.setdefault(row["person"], (row["sex"], []))
            pos, ref, alt = shortest(int(row["pos"]), row["ref"], row["alt"])
            alleles.append(
                Allele(
                    *(row["chrom"], pos, ref, alt, row["gt"]),
                    *(row["gene"], row["hgnc_id"], row["consequence"]),
                )
            )
    return found


def shortest(pos: int, ref: str, alt: str) -> tuple[int, str, str]:
    """A VCF allele without shared bases at its end, and all but one at its start."""
    while min(len(ref), len(alt)) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while min(len(ref), len(alt)) > 1 and ref[0] == alt[0]:
        pos, ref, alt = pos + 1, ref[1:], alt[1:]
    return pos, ref, alt


def call_of(allele: Allele) -> str:
    """GT:AD:DP:GQ, drawn from what the allele is, alike for all."""
    drawn = int(sha256(f"{allele.key}".encode()).hexdigest()[:12], 16)
    depth = 20 + drawn % 41
    share = 0.35 + (drawn >> 8) % 31 / 100 if allele.gt == HET else 1.0
    with_alt = round(depth * share)
    quality = 40 + (drawn >> 16) % 60
    return f"{allele.gt}:{depth - with_alt},{with_alt}:{depth}:{quality}"


def read_by_product(
    alleles: Iterable[Allele], data: Path, work: Path, real: bool = False
) -> dict[tuple[str, str], list[Row]]:
    """Candidates of each allele and genotype, by way of annotation.

    Args:
        alleles: all that are used.
        data: the real data, for contigs and transcripts.
        work: an existing folder; the reference and the VCFs are left there.
        real: whether the reference holds real bases too, inside the regions that are sequenced.
    """
    kept = _compatible(alleles)
    transcripts = data / "reference" / "MANE_select.GRCh38.gff3.gz"
    index = data / "reference" / "GRCh38.lrg524.fa.gz.fai"
    lengths = Contigs.of_index(index).lengths
    reference = work / "reference.fa.gz"
    _write_reference(reference, kept, lengths, _sequenced(data) if real else ())
    genes = read_genes(transcripts, Reference(reference).contigs.name)
    features = {gene.key: gene.transcripts[0].name for gene in genes.all if gene.transcripts}
    found: dict[tuple[str, str], list[Row]] = {}
    for number, gt in enumerate((HET, HOM, HEMI)):
        own = [allele for allele in kept if allele.gt == gt]
        if not own:
            continue
        vcf = work / f"alleles.{number}.vcf"
        _write_vcf(vcf, own, lengths, features)
        outputs = Outputs(*(work / f"{number}.{end}" for end in ("bcf", "parquet", "json")))
        annotate_case(Inputs("case", vcf, {"P": "P"}, reference, transcripts), outputs)
        for row in read_table(outputs.candidates, CANDIDATES):
            found.setdefault((row["variant"], gt), []).append(row)
    return found


def _compatible(alleles: Iterable[Allele]) -> list[Allele]:
    """Alleles whose REF agree with one another, each once, in order."""
    bases: dict[str, dict[int, str]] = {}
    kept: dict[tuple[str, str], Allele] = {}
    for allele in alleles:
        held = bases.setdefault(allele.chrom, {})
        own = dict(enumerate(allele.ref, allele.pos))
        if all(held.get(at, base) == base for at, base in own.items()):
            held.update(own)
            kept.setdefault(allele.key, allele)
    return sorted(kept.values(), key=lambda a: (a.chrom, a.pos, a.ref, a.alt))


def _sequenced(data: Path) -> Iterator[tuple[str, int, bytes]]:
    """Contig, first base (0-based) and bases of each region whose real bases are at hand."""
    bases = Reference(data / "reference" / "GRCh38.lrg524.fa.gz")
    with open_text(data / "reference" / "lrg524.bed") as lines:
        for line in lines:
            chrom, start, end = line.split("\t")[:3]
            yield chrom, int(start), bases.bases(chrom, int(start) + 1, int(end) - int(start))


def _write_reference(
    path: Path,
    alleles: Sequence[Allele],
    lengths: Mapping[str, int],
    stretches: Iterable[tuple[str, int, bytes]] = (),
) -> None:
    """A FASTA in BGZF with its indexes, one line a contig: the alleles' REF, the stretches under
    them, and N elsewhere.

    Nearly every block holds nothing but N and is compressed once; the indexes are written along,
    so that three thousand million bases take a second or two.
    """
    held: dict[str, dict[int, bytearray]] = {}
    own = ((allele.chrom, allele.pos - 1, allele.ref.encode()) for allele in alleles)
    for chrom, start, bases in chain(stretches, own):
        blocks = held.setdefault(chrom, {})
        done = 0
        while done < len(bases):
            block, at = divmod(start + done, _BLOCK)
            part = bases[done : done + _BLOCK - at]
            blocks.setdefault(block, bytearray(b"N") * _BLOCK)[at : at + len(part)] = part
            done += len(part)
    empty = _bgzf(b"N" * _BLOCK)
    index: list[tuple[int, int]] = []
    names: list[str] = []
    packed = plain = 0
    with path.open("wb") as out:

        def put(block: bytes, size: int) -> None:
            nonlocal packed, plain
            out.write(block)
            packed, plain = packed + len(block), plain + size
            index.append((packed, plain))

        for chrom, length in lengths.items():
            head = f">{chrom}\n".encode()
            put(_bgzf(head), len(head))
            names.append(f"{chrom}\t{length}\t{plain}\t{length}\t{length + 1}\n")
            of_contig = held.get(chrom, {})
            for number in range(-(-length // _BLOCK)):
                size = min(_BLOCK, length - number * _BLOCK)
                whole = number not in of_contig and size == _BLOCK
                bases = bytes(of_contig.get(number, b"N" * _BLOCK)[:size])
                put(empty if whole else _bgzf(bases), size)
            put(_bgzf(b"\n"), 1)
        out.write(_END)
    path.with_name(path.name + ".fai").write_text("".join(names), encoding="utf-8")
    pairs = [number for pair in index for number in pair]
    told = struct.pack(f"<Q{len(pairs)}Q", len(index), *pairs)
    path.with_name(path.name + ".gzi").write_bytes(told)


def _bgzf(data: bytes) -> bytes:
    """One block of BGZF (SAM specification, section 4.1)."""
    squeezer = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = squeezer.compress(data) + squeezer.flush()
    head = b"\x1f\x8b\x08\x04" + bytes(5) + b"\xff\x06\x00BC\x02\x00"
    size = struct.pack("<H", len(head) + 2 + len(body) + 8 - 1)
    return head + size + body + struct.pack("<II", zlib.crc32(data), len(data))


def _write_vcf(
    path: Path, alleles: Sequence[Allele], lengths: Mapping[str, int], features: Mapping[str, str]
) -> None:
    told_by = f"Consequence annotations from Ensembl VEP. Format: {'|'.join(_CSQ)}"
    lines = [
        "##fileformat=VCFv4.2",
        f'##INFO=<ID=CSQ,Number=.,Type=String,Description="{told_by}">',
        *(f"##contig=<ID={chrom},length={length}>" for chrom, length in lengths.items()),
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads">',
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">',
        '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">',
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tP",
    ]
    lines += [record_of(allele, features) for allele in alleles]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def record_of(allele: Allele, features: Mapping[str, str]) -> str:
    """The line of a VCF that holds an allele, the same for causal ones and all others."""
    ref, alt = allele.ref, allele.alt
    told = alt
    if ref[0] == alt[0] and len(ref) != len(alt):
        told = alt[1:] or "-"
    feature = features.get(allele.hgnc, "ENST00000000000.1")
    values = (told, allele.consequence, allele.symbol, "", "Transcript", feature, allele.hgnc)
    info = "CSQ=" + "|".join(values)
    fixed = (allele.chrom, str(allele.pos), ".", ref, alt, ".", "PASS", info, "GT:AD:DP:GQ")
    return "\t".join([*fixed, call_of(allele)])


def make_release(
    hpo: Path,
    data: Path,
    reference: Path,
    folder: Path,
    name: str = "benchmark",
    as_of: str = "2024-03-06",
    more: Sequence[Source] = (),
) -> Release:
    """HPO's files, HGNC, ClinGen dosage, gnomAD's constraint and MANE: no frequency, no predictor,
    and no assertion unless ``more`` brings it."""
    licence = "for tests only"
    dosage = "ClinGen_dosage_gene_curation_GRCh38.2026-02-06.tsv"

    def source(kind: str, path: Path, form: str, companions: tuple[Path, ...] = ()) -> Source:
        about = ("1", "2024-03-06", "open", licence, path.name)
        return Source(kind, path, form, *about, companions=companions)

    indexes = tuple(reference.with_name(reference.name + end) for end in (".fai", ".gzi"))
    sources = [
        source("reference", reference, "fasta", indexes),
        source("transcripts", data / "reference" / "MANE_select.GRCh38.gff3.gz", "gff3"),
        source("genes", data / "genes" / "hgnc_complete_set.2024-10.txt.gz", "hgnc_tsv"),
        source("hpo_ontology", release_file(hpo, "hp.obo"), "obo"),
        source("hpo_annotations", release_file(hpo, "phenotype.hpoa"), "hpoa"),
        source("gene_disease", release_file(hpo, "phenotype_to_genes.txt"), "phenotype_to_genes"),
        source("dosage", data / "genes" / dosage, "clingen_tsv"),
        source("constraint", data / "genes" / CONSTRAINT, "gnomad_tsv"),
    ]
    return assemble(name, as_of, [*sources, *more], folder)
