"""A VCF as it comes in: whole, of the right kind, on the right assembly, with the right people."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pysam

from ariane.bounds import BeyondBounds
from ariane.files import file_at, folder_at
from ariane.intake.assembly import assemblies_in
from ariane.intake.identity import holds_ins, looks_like_a_name
from ariane.knowledge.vcf_calls import alt_fault, format_fault, gt_fault
from ariane.knowledge.vcf_files import compression_of, incomplete, open_lines
from ariane.model.errors import ArianeError, Fault, Level

GLANCE_RECORDS: Final = 20_000
"""Records read of each file at intake: enough to meet many contigs' bases, a second at most."""

_FIXED: Final = 9
_CALLED: Final = re.compile(r"\d")
_GVCF_ALTS: Final = frozenset({"<NON_REF>", "<*>"})
_CONTIG: Final = re.compile(r"##contig=<.*?\bID=([^,>]+)")
_DECLARED: Final = re.compile(
    r"##(?:INFO|FORMAT)=<(?=.*\bID=)(?=.*\bNumber=)(?=.*\bType=).*>\s*", re.DOTALL
)
"""What htslib needs of a field's declaration (VCF specification, section 1.4)."""
_LENGTH: Final = re.compile(r"\blength=(\d{1,18})(?!\d)")


@dataclass(frozen=True, slots=True)
class Site:
    """Where a record lies and what it says the reference is there."""

    line: int
    chrom: str
    pos: int
    ref: str


@dataclass
class Glance:
    """What the head and the first records of a VCF say."""

    path: str
    samples: tuple[str, ...] = ()
    contigs: dict[str, int] = field(default_factory=dict)
    """Declared lengths; contigs without a length are left out."""
    assemblies: set[str] = field(default_factory=set)
    """Assemblies that the header's lines on the reference name."""
    sites: list[Site] = field(default_factory=list)
    records: int = 0
    """How many records were read."""
    silent: set[str] = field(default_factory=set)
    """Samples without any call in the records read."""
    faults: list[Fault] = field(default_factory=list)
    usable: bool = False
    """The header could be read, so that what follows can be judged."""

    def add(self, what: str, advice: str, level: Level = Level.ERROR, line: int = 0) -> None:
        """Note a fault of the file, which concerns every case that uses it."""
        where = f"{self.path}:{line}" if line else self.path
        self.faults.append(Fault(where, "", what, advice, level))


def glance(path: Path, column: str = "vcf") -> Glance:
    """Read the head and the first records of a VCF or BCF, once for all cases that use it.

    Nothing is written and no index is needed. Faults of the file itself are in the result.

    Args:
        path: the file.
        column: the column of the sheet that names it. Structural variants (``sv_vcf``) may well
            be none.
    """
    seen = Glance(str(path))
    try:
        kind = compression_of(path)
        reason = incomplete(path)
    except ArianeError:
        told = "the file cannot be opened" if file_at(path) else "there is no such file"
        if folder_at(path):
            told = "is a folder, not a VCF"
        seen.add(told, f"Check the path in column '{column}' and the rights of the file")
        return seen
    if _utf16(path):
        seen.add("is not UTF-8 text", "Save the VCF as plain text, or pack it with bgzip")
        return seen
    if reason:
        seen.add(f"the VCF is not complete: {reason}", "Copy or make it again")
        return seen
    if kind == "gzip":
        advice = "Nothing to do: it is packed again as BGZF while it is read"
        seen.add("is packed with plain gzip rather than bgzip", advice, Level.NOTE)
    try:
        _read(seen, _bcf_lines(path) if kind == "bcf" else _text_lines(path))
    except BeyondBounds as problem:
        seen.add(problem.what, problem.advice)
        seen.usable = False
    except (OSError, EOFError, ValueError, NotImplementedError, zlib.error):
        seen.add("is not a readable VCF", "Check the file with 'bcftools view'")
        seen.usable = False
    if seen.usable and not seen.records and not any(f.level is Level.ERROR for f in seen.faults):
        if column == "sv_vcf":
            advice = "Nothing to do if no structural variant was found"
            seen.add("holds no variant", advice, Level.NOTE)
        else:
            advice = "Check the file: an analysis without any variant is no result"
            seen.add("holds no variant", advice)
    return seen


def _utf16(path: Path) -> bool:
    with path.open("rb") as handle:
        return handle.read(2) in (b"\xff\xfe", b"\xfe\xff")


def has_index(path: Path) -> bool:
    """Whether an index lies beside the file."""
    return any(file_at(Path(f"{path}{suffix}")) for suffix in (".tbi", ".csi"))


def _text_lines(path: Path) -> Iterator[str]:
    with open_lines(path) as handle:
        for raw in handle:
            yield raw.decode("utf-8", errors="replace").rstrip("\r\n")


def _bcf_lines(path: Path) -> Iterator[str]:
    noise = pysam.set_verbosity(0)  # htslib would tell stderr that there is no index
    try:
        with pysam.VariantFile(str(path)) as vcf:
            yield from str(vcf.header).splitlines()
            for record in vcf:
                yield str(record).rstrip("\n")
    finally:
        pysam.set_verbosity(noise)


def _read(seen: Glance, lines: Iterable[str]) -> None:
    numbered = enumerate(lines, start=1)
    first = next(numbered, (1, ""))[1]
    if not first.lstrip("\ufeff").startswith("##fileformat=VCF"):
        seen.add("is not a VCF (no ##fileformat=VCF in its first line)", "Give a VCF or BCF")
        return
    torn: list[int] = []
    for number, line in numbered:
        if line.startswith("##"):
            _meta(seen, line)
            if line.startswith(("##INFO=", "##FORMAT=")) and not _DECLARED.fullmatch(line):
                torn.append(number)
        elif line.startswith("#CHROM\t"):
            _people(seen, line, number)
            break
        else:
            seen.add("has no #CHROM line after its header", "Mend the header", line=number)
            return
    else:
        seen.add("has no #CHROM line after its header", "Mend the header")
        return
    if torn:
        more = f", and {len(torn) - 1} more" if len(torn) > 1 else ""
        found = f"the header line of an INFO or FORMAT field is not whole{more}"
        advice = "Declare ID, Number and Type, or the annotation may refuse the file"
        seen.add(found, advice, Level.WARNING, line=torn[0])
    if any(_names_a_person(name) for name in seen.samples):
        return  # what follows would repeat it
    seen.usable = True
    _records(seen, numbered)


def _meta(seen: Glance, line: str) -> None:
    contig = _CONTIG.match(line)
    if contig:
        length = _LENGTH.search(line)
        if length:
            seen.contigs[contig.group(1)] = int(length.group(1))
        named = re.search(r"\bassembly=([^,>]+)", line)
        seen.assemblies.update(assemblies_in(named.group(1)) if named else ())
    elif line.startswith(("##reference=", "##assembly=")):
        seen.assemblies.update(assemblies_in(line.partition("=")[2]))


def _people(seen: Glance, line: str, number: int) -> None:
    cells = line.split("\t")
    seen.samples = tuple(cells[_FIXED:])
    seen.silent = set(seen.samples)
    if not seen.samples:
        advice = "Give a VCF with genotypes: a list of variants without samples cannot be analysed"
        seen.add("holds no sample", advice, line=number)
    for name in sorted({s for s in seen.samples if seen.samples.count(s) > 1}):
        advice = "Rename one with 'bcftools reheader'"
        found = f"sample '{name}' stands {seen.samples.count(name)} times"
        seen.add(found, advice, line=number)
    for place, name in enumerate(seen.samples, start=1):
        if _names_a_person(name):
            advice = "Rename it to a pseudonym with 'bcftools reheader'"
            found = f"the name of sample number {place} looks like the identity of a person"
            seen.add(found, advice, line=number)


def _names_a_person(sample: str) -> bool:
    return holds_ins(sample) or looks_like_a_name(sample)


def _records(seen: Glance, numbered: Iterator[tuple[int, str]]) -> None:
    columns = _FIXED + len(seen.samples) if seen.samples else _FIXED - 1
    right: set[tuple[str, str, int]] = set()
    waiting = list(enumerate(seen.samples, start=_FIXED))
    for number, line in numbered:
        if not line.strip():
            continue
        cells = line.split("\t")
        wrong = _record_fault(cells, columns if seen.samples else 0, right)
        if wrong:
            seen.add(wrong, "Make the VCF again", line=number)
            return
        if _GVCF_ALTS & set(cells[4].split(",")):
            advice = "Genotype it first (GATK GenotypeGVCFs, or GLnexus) and give the VCF"
            seen.add("is a gVCF (ALT <NON_REF> or <*>)", advice, line=number)
            return
        seen.sites.append(Site(number, cells[0], int(cells[1]), cells[3].upper()))
        keys = cells[8].split(":") if waiting else []
        if "GT" in keys:
            waiting = [(p, n) for p, n in waiting if not _called(cells[p], keys.index("GT"))]
        if len(seen.sites) >= GLANCE_RECORDS:
            break
    seen.silent = {name for _, name in waiting}
    seen.records = len(seen.sites)


def _called(call: str, place: int) -> bool:
    fields = call.split(":")
    return place < len(fields) and bool(_CALLED.search(fields[place]))


def _record_fault(cells: list[str], columns: int, right: set[tuple[str, str, int]]) -> str:
    """What is wrong with the form of a record, in words, or an empty string.

    Args:
        cells: the record.
        columns: how many are due; 0 where the file has no samples, and its columns do not matter.
        right: FORMAT, GT and number of ALT alleles of calls seen to be right; added to.
    """
    if len(cells) < _FIXED - 1 or (columns and len(cells) != columns):
        return f"the record has {len(cells)} columns where {columns or _FIXED - 1} are due"
    if not cells[1].isdecimal():
        return "the record's POS is not a number"
    alts = [] if cells[4] in ("", ".") else cells[4].split(",")
    if not cells[0].strip() or not cells[3].strip(" ."):
        return "the record has no CHROM or no REF"
    fault = alt_fault(alts)
    if fault or not columns:
        return fault
    form = cells[8]
    for call in cells[_FIXED:]:
        key = (form, call.partition(":")[0], len(alts))
        if key in right and call.count(":") <= form.count(":"):
            continue
        fault = format_fault(form)
        if not fault and call.count(":") > form.count(":"):
            fault = f"{call[:40]!r} has more fields than FORMAT names"
        keys = form.split(":")
        if not fault and "GT" in keys:
            text = dict(zip(keys, call.split(":"), strict=False)).get("GT", ".")
            fault = gt_fault(text or ".", len(alts))
        if fault:
            return fault
        if keys[0] == "GT":
            right.add(key)
    return ""


def sample_faults(
    seen: Glance, wanted: Mapping[str, str], where: str, case: str, called: bool = True
) -> list[Fault]:
    """Faults of the samples that a case names.

    Args:
        seen: the VCF's glance.
        wanted: sample name to the role it plays (``proband``, ``mother``).
        where: file and line for the messages.
        case: the case's identifier.
        called: whether a sample without any genotype is a fault; structural variants are few, and
            copy numbers may stand without genotypes.
    """
    faults = []
    for name, role in sorted(wanted.items()):
        if name not in seen.samples:
            held = ", ".join(seen.samples[:10]) + (", ..." if len(seen.samples) > 10 else "")
            found = f"{role}'s sample '{name}' is not in {seen.path}"
            faults.append(Fault(where, case, found, f"The file has: {held or 'no sample'}"))
        elif called and name in seen.silent and seen.records:
            found = f"{role}'s sample '{name}' has no genotype in the first {seen.records} "
            found += f"record{'s' if seen.records > 1 else ''} of {seen.path}"
            faults.append(Fault(where, case, found, "Check the VCF: all its calls are missing"))
    return faults
