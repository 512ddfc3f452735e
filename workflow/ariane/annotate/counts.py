"""What became of the records and alleles of a VCF, counted so that the sums can be compared."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING

from ariane.model.errors import ArianeError

if TYPE_CHECKING:
    from ariane.annotate.structural_rows import StructuralFates


@dataclass
class Counts:
    """What became of every record and every alternative allele."""

    records: int = 0
    """Records in the VCF."""
    without_alt: int = 0
    """Records without an alternative allele, or with REF as ALT: reference calls."""
    contig_absent: int = 0
    """Records on contigs that the reference lacks."""
    outside_regions: int = 0
    reference_masked: int = 0
    """Records where the reference has no known base (N)."""
    reference_differs: int = 0
    """Records whose REF is not what the reference has there: too few to be another assembly."""
    at_telomere: int = 0
    """Symbolic records at position 0 or one past the end of a contig (VCF specification, 5.4.5)."""
    kept_records: int = 0
    multiallelic: int = 0
    """Kept records with more than one alternative allele."""
    alleles: int = 0
    """Alternative alleles of kept records: the records after the split."""
    star: int = 0
    """Alleles written ``*``: a deletion called upstream."""
    symbolic: int = 0
    """Symbolic alleles and breakends."""
    absent_contigs: dict[str, int] = field(default_factory=dict)

    def check(self) -> None:
        """Compare the sums.

        Raises:
            ArianeError: a record is unaccounted for.
        """
        told = self.without_alt + self.contig_absent + self.outside_regions
        told += self.reference_masked + self.reference_differs + self.at_telomere
        if told + self.kept_records != self.records:
            raise ArianeError(
                f"{self.records} records were read but {told + self.kept_records} are accounted "
                "for. This is a fault of Ariane: report it with the annotation log."
            )

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return asdict(self)


@dataclass
class Fates:
    """What became of every split allele on its way to the candidates."""

    star: int = 0
    symbolic: int = 0
    """Symbolic alleles whose kind or place could not be read, or that change nothing."""
    mates: int = 0
    """Second ends of breakends."""
    outside_genes: int = 0
    duplicate: int = 0
    """Alleles written more than once in the VCF; their calls are joined."""
    not_carried: int = 0
    """Alleles that no sequenced member of the case carries."""
    candidates: int = 0
    joint: int = 0
    """Alleles that mean something else together with others on their haplotype."""
    rows: int = 0
    """Rows written: one per candidate allele and gene."""
    tiers: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Alleles told."""
        excluded = self.star + self.symbolic + self.mates + self.outside_genes
        return excluded + self.duplicate + self.not_carried + self.candidates

    def add(self, structural: StructuralFates) -> None:
        """Add what became of the structural alleles."""
        self.symbolic += sum(structural.unread.values())
        self.mates += structural.mates
        self.outside_genes += structural.outside_genes
        self.duplicate += structural.duplicate
        self.not_carried += structural.not_carried
        self.candidates += structural.candidates


def join_counts(first: Counts, second: Counts) -> Counts:
    """The counts of two VCFs of one case together."""
    absent = dict(first.absent_contigs)
    for contig, count in second.absent_contigs.items():
        absent[contig] = absent.get(contig, 0) + count
    names = [f.name for f in fields(Counts) if f.name != "absent_contigs"]
    sums = {name: getattr(first, name) + getattr(second, name) for name in names}
    return Counts(**sums, absent_contigs=absent)
