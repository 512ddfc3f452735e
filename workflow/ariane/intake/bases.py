"""Whether a VCF speaks of the release's reference: contig lengths, words, and the bases themselves.

A VCF on another assembly gives no error further on, only wrong or missing variants.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pysam

from ariane.intake.assembly import assemblies_in, assembly_by_lengths
from ariane.intake.vcf import Glance, Site
from ariane.knowledge.contigs import DECISIVE, Contigs, on_reference
from ariane.knowledge.release import Release
from ariane.model.errors import ArianeError, Fault, Level

COMPARED: Final = 200
"""Records whose REF is compared with the reference."""

FETCHED: Final = 2_000
"""Records looked up at most while searching for COMPARED ones that are not masked."""

_LONGEST = 50
_BASES = frozenset("ACGT")


@dataclass(frozen=True)
class Reference:
    """The release's reference, opened for reading."""

    path: Path
    contigs: Contigs
    fasta: pysam.FastaFile
    assemblies: tuple[str, ...]
    """Assemblies that the release's manifest names for it; none when it names none."""

    @classmethod
    def of(cls, release: Release) -> Reference:
        """Open the reference of a release.

        Raises:
            ArianeError: the FASTA or its indexes are missing or unreadable.
        """
        path = release.require("reference")
        resource = release.resources["reference"]
        indexes = [Path(f"{path}.fai")]
        if path.suffix in (".gz", ".bgz"):
            indexes.append(Path(f"{path}.gzi"))
        for index in indexes:
            if not index.is_file():
                raise ArianeError(f"{index}: there is no such index. Make the release with it.")
        contigs = Contigs.of_index(indexes[0])
        noise = pysam.set_verbosity(0)
        try:
            fasta = pysam.FastaFile(str(path))
        except (OSError, ValueError):
            raise ArianeError(f"{path}: not a readable FASTA. Restore the release.") from None
        finally:
            pysam.set_verbosity(noise)
        words = " ".join([resource.version, resource.source, path.name])
        return cls(path, contigs, fasta, assemblies_in(words))

    def bases(self, contig: str, start: int, end: int) -> str:
        """Upper-case bases of a stretch, 0-based and half open.

        Raises:
            ArianeError: the FASTA is cut, or its index is of another file.
        """
        noise = pysam.set_verbosity(0)
        try:
            found = str(self.fasta.fetch(contig, start, end)).upper()
        except (ValueError, OSError):
            found = ""
        finally:
            pysam.set_verbosity(noise)
        if len(found) != end - start:
            raise ArianeError(
                f"{self.path}: {contig} cannot be read, the FASTA is cut or its index is of "
                "another file. Restore both."
            )
        return found


@dataclass(frozen=True)
class Looked:
    """A VCF's glance with the comparison of its bases."""

    seen: Glance
    faults: tuple[Fault, ...]
    """Faults of the file, whatever a case declares."""
    agreeing: int
    """REF alleles compared, when they agree with the reference; else 0."""


def look(seen: Glance, reference: Reference) -> Looked:
    """Compare a VCF with the reference. Its sites are let go: they have served.

    Raises:
        ArianeError: the reference cannot be read.
    """
    if not seen.usable or not seen.sites:
        return Looked(seen, tuple(seen.faults), 0)
    faults = [*seen.faults, *_lengths(seen, reference), *_contigs(seen, reference)]
    compared, wrong = _compare(seen.sites, reference)
    agreeing = compared if on_reference(len(wrong), compared) else 0
    if wrong:
        site, base = wrong[0]
        found = f"{len(wrong)} of {compared} REF alleles differ from the release's reference; "
        found += f"the first is {site.chrom}:{site.pos} {site.ref[:20]}, where it has "
        found += base[:20] or "no base"
        advice = "Give a VCF made on the release's assembly, or lift it over"
        level = Level.ERROR
        if agreeing:
            advice, level = "Such records are counted and left out: check them", Level.WARNING
        faults.append(Fault(f"{seen.path}:{site.line}", "", found, advice, level))
    elif not compared:
        advice = "Check by hand that both are on one assembly"
        found = "no REF allele could be compared with the reference"
        faults.append(Fault(seen.path, "", found, advice, Level.WARNING))
    seen.sites.clear()
    return Looked(seen, tuple(faults), agreeing)


def word_faults(
    looked: Looked, declared: str, reference: Reference, where: str, case: str
) -> list[Fault]:
    """Faults of the assembly a case declares, against the VCF's header and the release's words."""
    faults, seen = [], looked.seen
    if reference.assemblies and declared not in reference.assemblies:
        found = f"assembly {declared} is declared and the release is on "
        found += " or ".join(reference.assemblies)
        advice = "Use a release for that assembly, or lift the VCF over"
        faults.append(Fault(where, case, found, advice))
    if seen.assemblies and declared not in seen.assemblies:
        agrees = looked.agreeing >= DECISIVE
        found = f"assembly {declared} is declared and the header of {seen.path} names "
        found += " and ".join(sorted(seen.assemblies))
        advice = "Check which is right"
        if agrees:
            advice += f"; {looked.agreeing} REF alleles agree with the release"
        # Lifted files keep the old name in their header. The bases excuse the header only where the
        # release says which assembly it is on, and the declaration fits it.
        level = Level.WARNING if agrees and reference.assemblies else Level.ERROR
        faults.append(Fault(where, case, found, advice, level))
    return faults


def spread(sites: Sequence[Site]) -> Iterator[Site]:
    """The sites in an order that is even over them wherever one stops: halves, quarters, ..."""
    step = 1
    while step < len(sites):
        step *= 2
    yield from sites[:1]
    while step > 1:
        yield from sites[step // 2 :: step]
        step //= 2


def _compare(sites: Sequence[Site], reference: Reference) -> tuple[int, list[tuple[Site, str]]]:
    """How many sites could be compared, and those that disagree with the reference's bases."""
    compared, wrong = 0, list[tuple[Site, str]]()
    for number, site in enumerate(spread(sites)):
        if compared >= COMPARED or number >= FETCHED:
            break
        contig = reference.contigs.name(site.chrom)
        length = reference.contigs.lengths.get(contig)
        ref = site.ref[:_LONGEST]
        if length is None or not ref or not _BASES & set(ref):
            continue
        if site.pos < 1 or site.pos + len(ref) - 1 > length:
            compared += 1
            wrong.append((site, ""))
            continue
        base = reference.bases(contig, site.pos - 1, site.pos - 1 + len(ref))
        pairs = [(r, b) for r, b in zip(ref, base, strict=True) if {r, b} <= _BASES]
        if not pairs:
            continue
        compared += 1
        if any(r != b for r, b in pairs):
            wrong.append((site, base))
    return compared, sorted(wrong, key=lambda pair: pair[0].line)


def _lengths(seen: Glance, reference: Reference) -> Iterator[Fault]:
    known = reference.contigs.lengths
    shared = [
        (c, n, known[name])
        for c, n in seen.contigs.items()
        if (name := reference.contigs.name(c)) in known
    ]
    wrong = [entry for entry in shared if entry[1] != entry[2]]
    if wrong:
        contig, given, right = wrong[0]
        found = f"{len(wrong)} of {len(shared)} contigs have another length than in the release's "
        found += f"reference; the first is {contig}: {given}, there {right}"
        if name := assembly_by_lengths(seen.contigs):
            found += f"; the VCF's lengths are those of {name}"
        advice = "Give a VCF made on the release's assembly, or lift it over"
        yield Fault(seen.path, "", found, advice)


def _contigs(seen: Glance, reference: Reference) -> Iterator[Fault]:
    used = list(dict.fromkeys(site.chrom for site in seen.sites))
    strange = [c for c in used if reference.contigs.name(c) not in reference.contigs.lengths]
    if strange and len(strange) == len(used):
        found = f"no contig is known to the release's reference, for instance {strange[0]}"
        yield Fault(seen.path, "", found, "Name contigs as chr1 or 1")
    elif strange:
        found = f"contigs unknown to the release's reference: {', '.join(strange[:5])}"
        yield Fault(seen.path, "", found, "Their variants cannot be annotated", Level.WARNING)
