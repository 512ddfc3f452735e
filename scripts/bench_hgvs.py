"""How right HGVS names are: published names, ClinVar's names, and names read back."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ariane.annotate.genes import Gene, Genes, Transcript, read_genes
from ariane.annotate.hgvs import Namer
from ariane.annotate.hgvs_edit import trimmed
from ariane.annotate.hgvs_repeats import repeat_change
from ariane.annotate.sequence import Reference
from ariane.cli import run
from ariane.files import REPOSITORY, open_text, write_text
from ariane.knowledge.regions import read_regions
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError
from hgvs_drawn import drawn
from hgvs_opinion import SecondOpinion

REFERENCE: Final = "reference/GRCh38.lrg524.fa.gz"
REGIONS: Final = "reference/lrg524.bed"
TRANSCRIPTS: Final = "reference/MANE_select.GRCh38.gff3.gz"
MANE: Final = "genes/MANE.GRCh38.v1.5.summary.txt.gz"
CASES: Final = "cases/phenopackets.jsonl.gz"
CLINVAR: Final = "variants/clinvar_20260226_grch38_16genes.vcf.gz"

_STATED: Final = re.compile(r"(del|dup)[ACGT]+\Z")


@dataclass(frozen=True)
class Published:
    """One distinct published variant with its names."""

    contig: str
    pos: int
    ref: str
    alt: str
    c: str
    p: str
    g: str


def main(argv: list[str]) -> int:
    """Run the three measures; status 1 when one falls short of its goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--count", type=int, default=100_000, help="variants to name and read back")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="where to write the results")
    args = parser.parse_args(argv)
    found = {
        "published": hgvs_truth(args.data),
        "clinvar": genomic_truth(args.data),
        "round_trip": round_trip(args.data, args.count, args.seed),
    }
    print(render(found))
    if args.json:
        write_text(args.json, to_json(found) + "\n")
    return 0 if all(part["reached"] for part in found.values()) else 1


def hgvs_truth(data: Path) -> dict[str, Any]:
    """Published c. and p. names of variants inside the regions, on the MANE transcript they name.

    A difference of spelling alone (blanks, the deleted or duplicated base written out) is counted
    apart. A published name counts as set aside only where the second opinion equals ours.

    Raises:
        ArianeError: a file of the data is missing.
    """
    reference, genes = _world(data)
    namer, opinion = Namer(reference), SecondOpinion(reference)
    of_refseq = _mane(data / MANE)
    transcripts = {t.id: t for gene in genes.all for t in gene.transcripts}
    counts: dict[str, dict[str, Counter[str]]] = {"g": {}, "c": {}, "p": {}}
    differences: list[dict[str, str]] = []
    outside: list[str] = []
    seconds: dict[str, Counter[str]] = defaultdict(Counter)
    for row in published(data):
        accession, _, c = row.c.partition(":")
        transcript = transcripts.get(of_refseq.get(accession.partition(".")[0], ""))
        if transcript is None:
            outside.append(row.c)
            continue
        key = (row.contig, row.pos, row.ref, row.alt)
        ours = namer.names(transcript, *key)
        other = opinion.names(transcript, *key)
        kind = kind_of_change(ours.c)
        for level, ours_now, theirs, second in (
            ("g", namer.genomic(*key), row.g, ""),
            ("c", ours.c, c, other[0]),
            ("p", ours.p, row.p.partition(":")[2], other[1]),
        ):
            if not theirs or theirs == "None":
                continue
            place = kind if level != "p" else kind_of_protein(theirs)
            fate = _fate(ours_now, theirs, second)
            counts[level].setdefault(place, Counter())[fate] += 1
            if level != "g":
                seconds[level][_agreement(ours_now, second)] += 1
            if fate != "exact":
                differences.append(
                    {
                        "level": level,
                        "variant": "-".join(map(str, key)),
                        "accession": accession,
                        "ours": ours_now,
                        "published": theirs,
                        "second": second,
                        "fate": fate,
                    }
                )
    levels = {level: _summed(kinds) for level, kinds in counts.items()}
    return {
        "levels": levels,
        "differences": differences,
        "not_on_mane": sorted(outside),
        "second_opinion": {level: dict(sorted(c.items())) for level, c in seconds.items()},
        "reached": all(
            levels[level]["rate"] >= goal and levels[level]["set_aside_rate"] <= 0.02
            for level, goal in (("g", 0.999), ("c", 0.99), ("p", 0.98))
        ),
    }


def genomic_truth(data: Path) -> dict[str, Any]:
    """ClinVar's own g. names (CLNHGVS) of the records inside the regions.

    ClinVar writes changes of tandem repeats in brackets; ours are compared in that spelling there,
    and counted apart.

    Raises:
        ArianeError: a file of the data is missing.
    """
    reference = _reference(data)
    namer = Namer(reference)
    counts: dict[str, Counter[str]] = {}
    differences: list[dict[str, str]] = []
    for contig, pos, ref, alt, theirs, kind in clinvar_names(data, reference):
        ours = namer.genomic(contig, pos, ref, alt)
        fate = "exact"
        if ours != theirs:
            repeat = repeat_change(reference, contig, trimmed(pos, ref, alt)) if ours else ""
            prefix = ours[: ours.find(":g.") + 3]
            fate = "as_repeat" if repeat and prefix + repeat == theirs else "different"
        counts.setdefault(kind, Counter())[fate] += 1
        if fate == "different":
            differences.append(
                {"variant": f"{contig}-{pos}-{ref}-{alt}", "ours": ours, "published": theirs}
            )
    total = sum((counter for counter in counts.values()), Counter())
    every = sum(total.values())
    rate = (total["exact"] + total["as_repeat"]) / every
    return {
        "records": every,
        "by_kind": {kind: dict(sorted(c.items())) for kind, c in sorted(counts.items())},
        "exact": total["exact"],
        "as_repeat": total["as_repeat"],
        "rate": round(rate, 6),
        "differences": differences,
        "reached": rate >= 0.999,
    }


def round_trip(data: Path, count: int, seed: int) -> dict[str, Any]:
    """Name generated variants, read the names back, name again: c. to g. to c.

    Variants lie over exon edges, in introns, UTRs and repeats of both strands. Each is also named
    under a second VCF spelling. One whose bases reach beyond the transcript has no name and is
    counted apart.

    Args:
        data: the folder of real data.
        count: named variants wanted.
        seed: of the choice.

    Raises:
        ArianeError: a file of the data is missing.
    """
    reference, genes = _world(data)
    namer = Namer(reference)
    transcripts = _inside(genes, reference, data)
    by_kind: dict[str, Counter[str]] = {}
    places: Counter[str] = Counter()
    differences: list[dict[str, str]] = []
    named = unnamed = 0
    for variant in drawn(transcripts, reference, seed):
        contig, transcript = variant.contig, variant.transcript
        key = (variant.pos, variant.ref, variant.alt)
        c = namer.names(transcript, contig, *key).c
        if not c:
            unnamed += 1
            continue
        named += 1
        problem = ""
        try:
            back = namer.genomic_of(transcript, contig, c)
            again = namer.names(transcript, contig, *back).c
        except ArianeError as said:
            back, again, problem = (0, "", ""), "", str(said)
        other = namer.names(transcript, contig, *variant.other).c
        fate = "equal" if back == key and c == again == other else "different"
        kind = f"{kind_of_change(c)} {transcript.strand}"
        by_kind.setdefault(kind, Counter())[fate] += 1
        places[variant.place] += 1
        if fate != "equal":
            differences.append(
                {
                    "transcript": transcript.name,
                    "variant": f"{contig}-{'-'.join(map(str, key))}",
                    "name": c,
                    "read": "-".join(map(str, back)),
                    "again": again,
                    "other_spelling": other,
                    "problem": problem,
                }
            )
        if named == count:
            break
    return {
        "named": named,
        "unnamed": unnamed,
        "by_kind": {kind: dict(sorted(c.items())) for kind, c in sorted(by_kind.items())},
        "by_place": dict(sorted(places.items())),
        "differences": differences,
        "reached": not differences and named == count,
    }


def published(data: Path) -> list[Published]:
    """The distinct published variants with a VCF record inside the regions, in order.

    Raises:
        ArianeError: a file of the data is missing.
    """
    reference = _reference(data)
    inside = _Inside(data, reference)
    found: set[Published] = set()
    with open_text(_there(data / CASES)) as handle:
        for line in handle:
            for descriptor in _descriptors(json.loads(line)):
                record = descriptor.get("vcfRecord")
                if not record or not inside(record["chrom"], int(record["pos"]), record["ref"]):
                    continue
                told = {e["syntax"]: e["value"] for e in descriptor.get("expressions", [])}
                names = (str(told.get(f"hgvs.{level}") or "") for level in "cpg")
                place = (record["chrom"], int(record["pos"]), record["ref"], record["alt"])
                found.add(Published(*place, *names))
    return sorted(found, key=lambda row: (row.contig, row.pos, row.ref, row.alt, row.c, row.p))


def clinvar_names(
    data: Path, reference: Reference
) -> Iterator[tuple[str, int, str, str, str, str]]:
    """Contig, position, REF, ALT, CLNHGVS and CLNVC of the ClinVar records inside the regions."""
    inside = _Inside(data, reference)
    with open_text(_there(data / CLINVAR)) as handle:
        for line in handle:
            if line.startswith("#"):
                continue
            fields = line.rstrip("\n").split("\t")
            contig, pos = reference.contigs.name(fields[0]), int(fields[1])
            info = dict(part.partition("=")[::2] for part in fields[7].split(";"))
            if inside(contig, pos, fields[3]) and info.get("CLNHGVS"):
                yield contig, pos, fields[3], fields[4], info["CLNHGVS"], info["CLNVC"]


def kind_of_change(name: str) -> str:
    """Kind of a c. name, with where it lies: ``deletion``, ``intronic substitution``."""
    found = re.search(r"(delins|del|dup|ins|inv|>)", name)
    words = {
        "delins": "indel", "del": "deletion", "dup": "duplication", "ins": "insertion",
        "inv": "inversion", ">": "substitution",
    }  # fmt: skip
    kind = words[found[1]] if found else "other"
    if re.search(r"\d[+-]\d", name):
        return f"intronic {kind}"
    return f"UTR {kind}" if re.match(r"c\.[-*]|.*_\*", name) else kind


def kind_of_protein(name: str) -> str:
    """Kind of a p. name."""
    for mark, kind in (
        ("Met1", "start"), ("p.?", "unknown"), ("ext", "extension"), ("fs", "frameshift"),
        ("delins", "delins"), ("del", "deletion"), ("dup", "duplication"), ("ins", "insertion"),
        ("=", "synonymous"), ("Ter", "nonsense"),
    ):  # fmt: skip
        if mark in name:
            return kind
    return "missense"


def render(found: Mapping[str, Any]) -> str:
    """The results as text."""
    lines = []
    for level, told in found["published"]["levels"].items():
        lines.append(
            f"published {level}.: {told['agreeing']} of {told['counted']} agree "
            f"({100 * told['rate']:.2f} %), {told['spelling']} of them but for spelling; "
            f"{told['set_aside']} set aside ({100 * told['set_aside_rate']:.2f} %)"
        )
        lines += [f"    {kind}: {dict(counts)}" for kind, counts in told["by_kind"].items()]
    lines += [f"    {row}" for row in found["published"]["differences"]]
    clinvar, trip = found["clinvar"], found["round_trip"]
    lines.append(
        f"ClinVar g.: {clinvar['exact']} exact and {clinvar['as_repeat']} as repeat of "
        f"{clinvar['records']} ({100 * clinvar['rate']:.3f} %)"
    )
    lines += [f"    {kind}: {counts}" for kind, counts in clinvar["by_kind"].items()]
    lines += [f"    {row}" for row in clinvar["differences"]]
    lines.append(f"round trip: {trip['named']} named, {len(trip['differences'])} differ")
    lines += [f"    {kind}: {counts}" for kind, counts in trip["by_kind"].items()]
    lines.append(f"    places: {trip['by_place']}")
    lines += [f"    {row}" for row in trip["differences"][:50]]
    return "\n".join(lines)


class _Inside:
    """Whether a record's bases lie inside the sequenced regions."""

    def __init__(self, data: Path, reference: Reference) -> None:
        self._regions = read_regions(_there(data / REGIONS), reference.contigs)

    def __call__(self, contig: str, pos: int, ref: str) -> bool:
        spans = self._regions.get(contig, ())
        return any(low <= pos and pos + len(ref) - 1 <= high for low, high in spans)


def _fate(ours: str, published: str, second: str) -> str:
    if ours == published:
        return "exact"
    plain = re.sub(r"\s", "", _STATED.sub(r"\1", published))
    if ours == plain:
        return "spelling"
    return "set_aside" if ours == second else "different"


def _agreement(ours: str, second: str) -> str:
    return "silent" if not second else ("agrees" if ours == second else "differs")


def _summed(kinds: Mapping[str, Counter[str]]) -> dict[str, Any]:
    total: Counter[str] = sum(kinds.values(), Counter())
    every = sum(total.values())
    counted = every - total["set_aside"]
    agreeing = total["exact"] + total["spelling"]
    return {
        "variants": every,
        "counted": counted,
        "agreeing": agreeing,
        "spelling": total["spelling"],
        "set_aside": total["set_aside"],
        "different": total["different"],
        "rate": round(agreeing / counted, 6) if counted else 0.0,
        "set_aside_rate": round(total["set_aside"] / every, 6) if every else 0.0,
        "by_kind": {kind: dict(sorted(c.items())) for kind, c in sorted(kinds.items())},
    }


def _descriptors(packet: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for interpretation in packet.get("interpretations", []):
        for found in interpretation.get("diagnosis", {}).get("genomicInterpretations", []):
            told = found.get("variantInterpretation", {}).get("variationDescriptor")
            if told:
                yield told


def _mane(path: Path) -> dict[str, str]:
    """RefSeq transcript to Ensembl transcript, both without version."""
    found: dict[str, str] = {}
    with open_text(_there(path)) as handle:
        columns = handle.readline().rstrip("\n").split("\t")
        for line in handle:
            row = dict(zip(columns, line.rstrip("\n").split("\t"), strict=True))
            found[row["RefSeq_nuc"].partition(".")[0]] = row["Ensembl_nuc"].partition(".")[0]
    return found


def _inside(genes: Genes, reference: Reference, data: Path) -> Sequence[tuple[str, Transcript]]:
    """Transcripts that lie wholly in the sequenced regions."""
    regions = read_regions(_there(data / REGIONS), reference.contigs)

    def whole(gene: Gene, transcript: Transcript) -> bool:
        return any(
            low + 50 <= transcript.start and transcript.end <= high - 50
            for low, high in regions.get(gene.contig, ())
        )

    return [(g.contig, t) for g in genes.all for t in g.transcripts if whole(g, t)]


def _world(data: Path) -> tuple[Reference, Genes]:
    reference = _reference(data)
    return reference, read_genes(_there(data / TRANSCRIPTS), reference.contigs.name)


def _reference(data: Path) -> Reference:
    return Reference(_there(data / REFERENCE))


def _there(path: Path) -> Path:
    if not path.is_file():
        raise ArianeError(f"{path}: there is no such file. Give the folder of data with --data.")
    return path


if __name__ == "__main__":
    start = time.monotonic()
    run(main)
    print(f"{time.monotonic() - start:.0f} s", file=sys.stderr)
