"""Several VCFs of one family made into one, for members who were not genotyped together.

A position that one member's file does not hold is missing there, not reference: the file does not
say whether the place was seen. So nothing becomes de novo by the absence of a record.
"""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ariane.annotate.normalise import bcftools
from ariane.knowledge.contigs import Contigs
from ariane.knowledge.vcf_calls import Columns
from ariane.knowledge.vcf_files import compression_of, header_of, incomplete, open_lines
from ariane.model.errors import ArianeError

_FIXED: Final = 9
_BY_ALLELE: Final = ("A", "R", "G")
_TAG: Final = re.compile(
    r"##(INFO|FORMAT)=<ID=([^,>]+),Number=([^,>]+),Type=([^,>]+)(?:,(?:.*,)?Description=\"(.*?)\")?"
)
_CONTIG: Final = re.compile(r"##contig=<.*?\bID=([^,>]+)")

Tag = tuple[str, str]
"""``INFO`` or ``FORMAT``, and the name."""
Shape = tuple[str, str, str]
"""Number, type and description of a tag."""

_UNKNOWN: Final = (".", "String", "not declared")


def joined(vcfs: Sequence[Path], samples: Sequence[str], contigs: Contigs, folder: Path) -> Path:
    """One VCF with the samples of several; a single VCF is given back as it is.

    Args:
        vcfs: text VCF or BCF, each with one sample or more.
        samples: the samples wanted; each must stand in exactly one of the files.
        contigs: the reference's contigs, whose names all files take.
        folder: for temporary files; the joint file is left there.

    Raises:
        ArianeError: a file is cut or no VCF, a sample is in none or in two of them, a record
            cannot be read.
    """
    if len(vcfs) == 1:
        return vcfs[0]
    for vcf in vcfs:
        if reason := incomplete(vcf):
            raise ArianeError(f"{vcf}: {reason}. Copy or export the file again; nothing was read.")
    held = {vcf: header_of(vcf).samples for vcf in vcfs}
    _one_file_each(held, samples)
    texts = [_as_text(vcf, folder / f"member{n}.in.vcf.gz") for n, vcf in enumerate(vcfs)]
    shapes = _common_shapes([list(_header(text)) for text in texts])
    parts = []
    for number, (vcf, text) in enumerate(zip(vcfs, texts, strict=True)):
        wanted = [name for name in held[vcf] if name in samples]
        if not wanted:
            continue
        plain, part = folder / f"member{number}.vcf.gz", folder / f"member{number}.bcf"
        _rewrite(vcf, text, wanted, contigs, shapes, plain)
        bcftools("sort", "-T", str(folder / f"sort{number}"), "-Ob1", "-o", str(part), str(plain))
        bcftools("index", "-f", str(part))
        plain.unlink()
        parts.append(part)
    if len(parts) == 1:
        return parts[0]
    target = folder / "joint.bcf"
    bcftools(
        # Only equal alleles share a record: others meet after they are split and aligned.
        *("merge", "--no-version", "-m", "none", "-Ob1"),
        *("-o", str(target), *map(str, parts)),
    )
    return target


def _one_file_each(held: Mapping[Path, Sequence[str]], samples: Sequence[str]) -> None:
    for sample in samples:
        homes = [str(vcf) for vcf, names in held.items() if sample in names]
        if len(homes) > 1:
            raise ArianeError(
                f"{homes[0]}: sample {sample} stands in {homes[1]} too. "
                "Rename one with 'bcftools reheader', or give only one of the files."
            )
        if not homes:
            files = ", ".join(map(str, held))
            raise ArianeError(
                f"{files}: no sample {sample}. Correct the sample names in the families sheet."
            )


def _as_text(vcf: Path, target: Path) -> Path:
    if compression_of(vcf) != "bcf":
        return vcf
    bcftools("view", "--no-version", "-Oz1", "-o", str(target), str(vcf))
    return target


def _header(text: Path) -> Iterator[str]:
    with open_lines(text) as lines:
        for raw in lines:
            line = raw.decode("utf-8", "replace").rstrip("\r\n")
            if not line.startswith("##"):
                return
            yield line


def _common_shapes(headers: Sequence[Sequence[str]]) -> dict[Tag, Shape]:
    """Number and type of each tag that all files can share: merging refuses what differs."""
    shapes: dict[Tag, Shape] = {}
    for header in headers:
        for line in header:
            if not (found := _TAG.match(line)):
                continue
            tag, number, kind = (found[1], found[2]), found[3], found[4]
            before = shapes.setdefault(tag, (number, kind, found[5] or "as given"))
            if before[0] != number:
                number = "."
            if before[1] != kind:
                kind = "Float" if {before[1], kind} == {"Integer", "Float"} else "String"
            shapes[tag] = (number, kind, before[2])
    shapes["FORMAT", "AD"] = ("R", "Integer", "Reads of each allele")
    shapes["FORMAT", "GT"] = ("1", "String", "Genotype")
    return shapes


@dataclass
class _Seen:
    """What the records of one VCF use, gathered while they are rewritten."""

    contigs: dict[str, None] = field(default_factory=dict)
    tags: set[Tag] = field(default_factory=set)
    flags: set[str] = field(default_factory=set)


def _rewrite(
    vcf: Path,
    text: Path,
    wanted: Sequence[str],
    contigs: Contigs,
    shapes: Mapping[Tag, Shape],
    target: Path,
) -> None:
    """A VCF with the wanted samples only, on the reference's contigs, its tags declared as in the
    other files."""
    seen = _Seen()
    head: list[str] = []
    body = target.with_name(f"{target.name}.body")
    with open_lines(text) as lines, gzip.open(body, "wb", compresslevel=1) as out:
        for line in _records(vcf, lines, wanted, contigs, shapes, seen, head):
            out.write(line + b"\n")
    # The header comes second, when all tags in use are known: gzip members may be joined.
    for name in {**dict.fromkeys(contigs.lengths), **seen.contigs}:
        length = f",length={contigs.lengths[name]}" if name in contigs.lengths else ""
        head.append(f"##contig=<ID={name}{length}>")
    for kind, name in sorted({*shapes, *seen.tags}):
        shape, of, told = shapes.get((kind, name), _UNKNOWN)
        if kind == "INFO" and (kind, name) not in shapes and name in seen.flags:
            shape, of = "0", "Flag"
        head.append(f'##{kind}=<ID={name},Number={shape},Type={of},Description="{told}">')
    fixed = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
    head.append("\t".join([*fixed, *wanted]))
    with target.open("wb") as out, body.open("rb") as records:
        out.write(gzip.compress("\n".join(head).encode() + b"\n"))
        shutil.copyfileobj(records, out)
    body.unlink()


def _records(
    vcf: Path,
    lines: Iterable[bytes],
    wanted: Sequence[str],
    contigs: Contigs,
    shapes: Mapping[Tag, Shape],
    seen: _Seen,
    head: list[str],
) -> Iterator[bytes]:
    columns: list[int] = []
    width = 0
    calls = Columns()
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip(b"\r\n")
        if line.startswith(b"##"):
            told = line.decode("utf-8", "replace")
            if not _CONTIG.match(told) and not _TAG.match(told):
                head.append(told)
        elif line.startswith(b"#"):
            names = line.decode("utf-8", "replace").split("\t")
            columns, width = [names.index(name, _FIXED) for name in wanted], len(names)
        elif line:
            cells = line.split(b"\t")
            try:
                if len(cells) != width:
                    raise ValueError(f"{len(cells)} columns where the header has {width}")
                chosen = [cells[column] for column in columns]
                alts = 0 if cells[4] in (b".", b"") else cells[4].count(b",") + 1
                form, own = calls.tidy(cells[8], chosen, alts)
            except ValueError as fault:
                raise ArianeError(f"{vcf}:{number}: {fault}. Export the file again.") from None
            contig = contigs.name(cells[0].decode("utf-8", "replace"))
            seen.contigs[contig] = None
            info = _mergeable_info(cells[7], shapes, seen)
            form, own = _mergeable_calls(form, own, alts, shapes)
            seen.tags.update(("FORMAT", name) for name in form.decode().split(":"))
            yield b"\t".join([contig.encode(), *cells[1:7], info, form, *own])


def _mergeable_info(info: bytes, shapes: Mapping[Tag, Shape], seen: _Seen) -> bytes:
    """INFO without values by allele: of one member's file, they do not hold for the family."""
    kept = []
    for part in info.split(b";"):
        name, equals, _ = part.partition(b"=")
        tag = ("INFO", name.decode("utf-8", "replace"))
        if part in (b".", b"") or shapes.get(tag, _UNKNOWN)[0] in _BY_ALLELE:
            continue
        seen.tags.add(tag)
        if not equals:
            seen.flags.add(tag[1])
        kept.append(part)
    return b";".join(kept) or b"."


def _mergeable_calls(
    form: bytes, calls: list[bytes], alts: int, shapes: Mapping[Tag, Shape]
) -> tuple[bytes, list[bytes]]:
    """Calls without likelihoods, which nothing reads; depths of a wrong number count as missing."""
    keys = form.split(b":")
    kept = [n for n, key in enumerate(keys) if _shape(key, shapes) != "G"]
    depths = keys.index(b"AD") if b"AD" in keys else -1
    fields = []
    for call in calls:
        parts = call.split(b":")
        if 0 <= depths < len(parts) and parts[depths].count(b",") != alts:
            parts[depths] = b"."
        fields.append(b":".join(parts[n] for n in kept if n < len(parts)) or b".")
    return b":".join(keys[n] for n in kept), fields


def _shape(key: bytes, shapes: Mapping[Tag, Shape]) -> str:
    return shapes.get(("FORMAT", key.decode("utf-8", "replace")), _UNKNOWN)[0]
