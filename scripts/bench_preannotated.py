"""How the reading of a VCF's own consequences agrees with the field, and VEP with SnpEff.

The real trio of the shared data carries both in the same records. Nothing is written but the
comparison; docs/benchmarks.md says what it showed.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pysam

from ariane.annotate import said_hgvs
from ariane.annotate.gene_keys import GeneKeys, stem
from ariane.annotate.preannotated import SNPEFF, Layout, layouts
from ariane.annotate.said_alleles import before_our_split
from ariane.annotate.terms import Terms, shipped_terms
from ariane.annotate.told import Reader, Told
from ariane.cli import run
from ariane.files import REPOSITORY, write_text
from ariane.model.errors import ArianeError

TRIO = "vcf/trio_643594.vep.GRCh37.vcf.gz"
_SCOUT = "most_severe_consequence"
_SHOWN = 12


@dataclass(frozen=True)
class Record:
    """One record as text."""

    site: tuple[str, int, str, str]
    info: Mapping[str, str]


def agreement(data: Path) -> dict[str, Any]:
    """Compare readings of the shared trio.

    Args:
        data: folder of the shared data.

    Returns:
        ``fields``: our reading of every entry against bcftools +split-vep, column by column;
        ``most_severe``: the worst term by gene against the VCF's own word for it;
        ``engines``: VEP against SnpEff on the transcripts that both name, by kind.

    Raises:
        ArianeError: the trio is absent.
    """
    vcf = data / TRIO
    if not vcf.is_file():
        raise ArianeError(f"{vcf}: there is no such file.")
    noise = pysam.set_verbosity(0)
    try:
        with pysam.VariantFile(str(vcf)) as handle:
            header = str(handle.header).splitlines()
            records = [_record(str(line)) for line in handle]
    finally:
        pysam.set_verbosity(noise)
    terms = shipped_terms()
    readers = {found.engine: _reader(found, terms) for found in layouts(header)}
    return {
        "file": TRIO,
        "records": len(records),
        "layouts": [reader.layout.to_json() for reader in readers.values()],
        "fields": {
            reader.layout.field: _against_split_vep(vcf, header, records, reader)
            for reader in readers.values()
        },
        "most_severe": _most_severe(records, readers["vep"], terms),
        "engines": _engines(records, readers["vep"], readers[SNPEFF], terms),
    }


def _record(line: str) -> Record:
    chrom, pos, _, ref, alt, _, _, rest = line.split("\t", 7)
    info = rest.split("\t", 1)[0]
    fields = dict(part.partition("=")[::2] for part in info.split(";"))
    return Record((chrom, int(pos), ref, alt), fields)


def _reader(layout: Layout, terms: Terms) -> Reader:
    keys = GeneKeys(())
    return Reader(layout, keys, keys.mane, terms)


def _against_split_vep(
    vcf: Path, header: list[str], records: list[Record], reader: Reader
) -> dict[str, Any]:
    """Every column of every entry as we read it, against bcftools' own reader."""
    layout = reader.layout
    ours = [
        (*map(str, record.site), *(entry.get(name, "") for name in layout.columns))
        for record in records
        for entry in reader.entries(record.info.get(layout.field, ""))
    ]
    found: dict[str, Any] = {"entries": len(ours), "columns": len(layout.columns)}
    program = shutil.which("bcftools")
    if program is None:
        return found | {"other_reader": "absent: install bcftools with its plugin split-vep"}
    theirs = _split_vep(program, vcf, header, layout)
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    kinds: Counter[str] = Counter()
    for mine, other in zip(ours, theirs, strict=False):
        for name, left, right in zip(layout.columns, mine[4:], other[4:], strict=True):
            if left != ("" if right == "." else right) and not (left == "." and right == "."):
                kinds[name] += 1
        kinds["site"] += mine[:4] != other[:4]
    kinds["entries on one side only"] = abs(len(ours) - len(theirs))
    return found | {
        "other_reader": f"{version.stdout.splitlines()[0]} +split-vep",
        "values": len(ours) * len(layout.columns),
        "differ": {kind: n for kind, n in sorted(kinds.items()) if n},
        "short_entries": sum(
            part.count("|") + 1 < len(layout.columns)
            for record in records
            for part in record.info.get(layout.field, "").split(",")
        ),
    }


def _split_vep(program: str, vcf: Path, header: list[str], layout: Layout) -> list[tuple[str, ...]]:
    """The entries by split-vep, which wants plain names and the word Format in the header."""
    names = [f"column{number:03d}" for number in range(len(layout.columns))]
    names[layout.at("words")] = "Consequence"  # the one name that the program asks for
    line = (
        f'##INFO=<ID={layout.field},Number=.,Type=String,Description="Format: {"|".join(names)}">'
    )
    changed = [line if text.startswith(f"##INFO=<ID={layout.field},") else text for text in header]
    with tempfile.TemporaryDirectory(prefix="ariane-split-") as folder:
        head, copy = Path(folder) / "header.txt", Path(folder) / "copy.vcf.gz"
        head.write_text("\n".join(changed) + "\n", encoding="utf-8")
        command = [program, "reheader", "-h", str(head), "-o", str(copy), str(vcf)]
        subprocess.run(command, capture_output=True, check=True)
        shape = "\\t".join(["%CHROM", "%POS", "%REF", "%ALT", *(f"%{name}" for name in names)])
        command = [program, "+split-vep", "-a", layout.field, "-d", "-f", shape + "\\n", str(copy)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [tuple(row.split("\t")) for row in done.stdout.splitlines()]


def _read(record: Record, reader: Reader) -> dict[str, Told]:
    _, pos, ref, alt = record.site
    origin = before_our_split("", pos, ref, alt)
    text = record.info.get(reader.layout.field, "")
    return reader.read(text, origin, record.info.get("OLD_MULTIALLELIC", ""))


def _most_severe(records: list[Record], reader: Reader, terms: Terms) -> dict[str, Any]:
    """Our worst term of each gene, over all its transcripts, against the VCF's own word."""
    genes = agree = chosen = canonical = 0
    kinds: Counter[str] = Counter()
    for record in records:
        said = _read(record, reader)
        marked = {
            stem(entry["Feature"])
            for entry in reader.entries(record.info[reader.layout.field])
            if entry.get("CANONICAL") == "YES"
        }
        for told in said.values():
            chosen += 1
            canonical += stem(told.transcript) in marked
        for part in filter(None, record.info.get(_SCOUT, "").split(",")):
            gene, _, rest = part.partition(":")
            theirs = rest.partition("|")[2]
            mine = said.get(f"HGNC:{gene}")
            genes += 1
            if mine is None:
                kinds[f"gene not among ours: {theirs}"] += 1
                continue
            others = (other.split("|")[1] for other in mine.others.split(";") if other)
            worst = min(
                (term for words in (mine.consequence, *others) for term in words.split("&")),
                key=lambda term: terms.rank[term],
            )
            agree += worst == theirs
            if worst != theirs:
                held = theirs in record.info[reader.layout.field].replace("|", "&").split("&")
                why = "another order" if held else "theirs is in no entry"
                kinds[f"{why}: ours {worst}, theirs {theirs}"] += 1
    return {
        "genes": genes,
        "agree": agree,
        "differ": dict(sorted(kinds.items(), key=lambda item: (-item[1], item[0]))),
        "chosen_transcripts": chosen,
        "of_them_canonical": canonical,
    }


def _engines(records: list[Record], vep: Reader, snpeff: Reader, terms: Terms) -> dict[str, Any]:
    """VEP against SnpEff: terms and HGVS on each transcript that both name."""
    counts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    names: dict[str, Counter[str]] = {"hgvs_c": Counter(), "hgvs_p": Counter()}
    examples: dict[str, str] = {}
    for record in records:
        left, right = _by_transcript(_read(record, vep)), _by_transcript(_read(record, snpeff))
        counts["only VEP"] += len(left.keys() - right.keys())
        counts["only SnpEff"] += len(right.keys() - left.keys())
        for transcript in sorted(left.keys() & right.keys()):
            counts["both"] += 1
            mine, other = left[transcript], right[transcript]
            worst, worst_other = (
                min(words[0].split("&"), key=lambda t: terms.rank[t]) for words in (mine, other)
            )
            counts["same terms"] += mine[0] == other[0]
            counts["same worst term"] += worst == worst_other
            if worst != worst_other:
                kind = f"VEP {worst}, SnpEff {worst_other}"
                kinds[kind] += 1
                chrom, pos, ref, alt = record.site
                examples.setdefault(kind, f"{chrom}-{pos}-{ref[:12]}-{alt[:12]} {transcript}")
            for place, name in ((1, "hgvs_c"), (2, "hgvs_p")):
                names[name][_kind_of_name(mine[place], other[place])] += 1
    return {
        "transcripts": dict(sorted(counts.items())),
        "worst_term_differs": dict(sorted(kinds.items(), key=lambda item: (-item[1], item[0]))),
        "examples": dict(sorted(examples.items())),
        **{name: dict(sorted(found.items())) for name, found in names.items()},
    }


def _by_transcript(said: Mapping[str, Told]) -> dict[str, tuple[str, str, str]]:
    found: dict[str, tuple[str, str, str]] = {}
    for told in said.values():
        rows: Iterable[list[str]] = (
            [told.transcript, told.consequence, told.hgvs_c, told.hgvs_p],
            *(other.split("|") for other in told.others.split(";") if other),
        )
        for transcript, words, dna, protein in rows:
            if transcript:
                found[stem(transcript)] = (words, dna, protein)
    return found


def _kind_of_name(left: str, right: str) -> str:
    if left == right:
        return "same" if left else "neither"
    if not left or not right:
        return "only VEP" if left else "only SnpEff"
    if "ins" in left + right and "dup" in left + right:
        return "dup against ins"
    if "fs" in left and "fs" in right:
        return "frameshift, written to the stop or not"
    if _offset(left, right) in (1, 2):
        return "counted from another first base: the coding sequence begins incomplete"
    if said_hgvs.intronic(left) != said_hgvs.intronic(right):
        return "exon against intron"
    return "other position or change"


def _offset(left: str, right: str) -> int:
    """By how much all numbers of two names differ, when nothing else does; 0 otherwise."""
    pattern = re.compile(r"(?<=[._(A-Za-z])\d+")
    if pattern.sub("#", left) != pattern.sub("#", right):
        return 0
    pairs = zip(pattern.findall(left), pattern.findall(right), strict=True)
    by = {int(a) - int(b) for a, b in pairs}
    return abs(by.pop()) if len(by) == 1 else 0


def main(argv: list[str]) -> None:
    """Compare, print, and write the result where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, help="JSON file for the result")
    args = parser.parse_args(argv)
    text = json.dumps(agreement(args.data), indent=2, ensure_ascii=False)
    print(text)
    if args.out:
        write_text(args.out, text + "\n")


if __name__ == "__main__":
    run(main)
