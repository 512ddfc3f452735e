"""The tables that lie between the rooms: their columns, types and sort order.

Three tables by locality, as the design says. ``findings`` and ``ledger`` are local to a (case,
gene) and are rewritten only where touched; ``phenotype`` and ``standing`` are rewritten for every
case in every cycle. Points are whole thousandths everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

_STR: Final = pa.string()
_INT: Final = pa.int32()
_BOOL: Final = pa.bool_()


@dataclass(frozen=True)
class Table:
    """A table's name, schema and the columns that its rows are sorted by."""

    name: str
    schema: pa.Schema
    sort: tuple[str, ...]

    @property
    def columns(self) -> list[str]:
        """Column names in order."""
        return list(self.schema.names)


def table(title: str, order: str, /, **columns: pa.DataType) -> Table:
    """Declare a table: its title, the columns it is sorted by, its columns and their types."""
    return Table(title, pa.schema(list(columns.items())), tuple(order.split()))


CANDIDATES: Final = table(
    "candidates",
    "case chrom pos ref alt gene",
    case=_STR,
    variant=_STR,  # chrom-pos-ref-alt, split and left-aligned, contig named as in the reference
    chrom=_STR,
    pos=_INT,  # 1-based
    ref=_STR,
    alt=_STR,
    gene=_STR,  # HGNC:123 where the transcripts give it, else the gene id of the GFF3
    symbol=_STR,
    kind=_STR,  # 'small', or DEL, DUP, INV, INS, BND, CNV
    end=_INT,  # last base of REF, or of the structural variant
    transcript=_STR,  # ENST00000123.4, the transcript the consequence is given for; '' outside
    refseq=_STR,  # NM_000059.4, its RefSeq twin where MANE names one
    mane=_BOOL,
    consequence=_STR,  # Sequence Ontology terms joined by &, most severe first
    consequence_alone=_STR,  # the record's own consequence when the phased haplotype changes it
    hgvs_g=_STR,  # NC_000013.11:g.32316461A>G
    hgvs_c=_STR,  # c.68-2A>G or n.64_65insT, on the transcript
    hgvs_p=_STR,  # p.(Asn59IlefsTer51)
    place=_STR,  # exon 3/27, exons 3-5/27, intron 3/26
    protein_change=_STR,  # as the consequence engine writes it, of the haplotype: 59I>59L
    dna_change=_STR,
    codon=_STR,  # ENST00000123:59 for a single-residue substitution, else ''
    aa_ref=_STR,
    aa_alt=_STR,
    nmd=_STR,  # nonsense-mediated decay of a truncated transcript: expected, escapes, or ''
    protein_lost=_INT,  # thousandths of the protein lost or altered; null where not told
    reach=_STR,  # how a lost or gained stretch lies on the transcript: whole, start, end, within
    genes_hit=_INT,  # protein-coding genes in the stretch, also in part; null where not counted
    genes_cut=_INT,  # those that an end of the stretch lies in
    others=_STR,  # other transcripts near whose exons it lies: id|consequence|c.|p.;...
    tier=_STR,  # 'coding' or 'elsewhere': see annotate.consequence
    filters=_STR,  # FILTER of the VCF joined by ; ('PASS', '.' when not set)
    genotypes=_STR,  # model.genotype.encode_family
)
"""One row per (case, variant, gene it lies in): a superset, never filtered on knowledge."""

READ_KEYS: Final = table(
    "read_keys", "kind key case gene", kind=_STR, key=_STR, case=_STR, gene=_STR
)
"""What the local evidence of a (case, gene) looks up: kind is variant, codon, stretch, gene or
structural."""

FINDINGS: Final = table(
    "findings",
    "case gene finding",
    case=_STR,
    gene=_STR,
    symbol=_STR,
    finding=_STR,  # gene|mode|variants
    mode=_STR,  # AD, AR, XLD, XLR, MT
    variants=_STR,  # keys joined by +
    zygosity=_STR,  # het, hom, hemi, compound, per the proband
    consequence=_STR,  # joined by + for a pair
    hgvs=_STR,  # NM_000059.4:c.68-2A>G p.?; of a pair joined by '; ', for a name may hold +
    hgvs_g=_STR,  # NC_000013.11:g.32316461A>G, joined likewise
    protein_change=_STR,  # of the haplotype, as the consequence engine writes it
    transcript=_STR,
    acmg_points=_STR,  # thousandths per variant, joined by +
    acmg_class=_STR,  # proposal per variant, joined by +; 'B (BA1)' when the gate is shut
    local_points=_INT,  # triage total without phenotype
    genotypes=_STR,  # encoded families joined by +
)
LEDGER: Final = table(
    "ledger",
    "case gene finding ledger variant code resource read_key record",
    case=_STR,
    gene=_STR,
    finding=_STR,
    ledger=_STR,
    variant=_STR,
    code=_STR,
    points=_INT,
    sentence=_STR,
    resource=_STR,
    read_key=_STR,
    record=_STR,
    suppressed=_STR,
)
PHENOTYPE: Final = table(
    "phenotype",
    "case disease",
    case=_STR,
    disease=_STR,
    points=_INT,  # scaled and bounded
    state=_STR,  # scored, no phenotype, disease not annotated
)
STANDING: Final = table(
    "standing",
    "case rank hypothesis",
    case=_STR,
    hypothesis=_STR,  # finding|disease, or 'none' for none in these data
    gene=_STR,
    symbol=_STR,
    disease=_STR,
    disease_name=_STR,
    mode=_STR,
    finding=_STR,
    local_points=_INT,
    phenotype_points=_INT,
    total_points=_INT,
    posterior=pa.float64(),  # rounded to canonical.POSTERIOR_DIGITS
    rank=_INT,  # 1 is first; 'none' has rank 0
    gene_rank=_INT,
    out_of_scope=_INT,  # of 'none': findings that do not fit the indication; 0 elsewhere
)
TOUCHED: Final = table(
    "touched",
    "case gene",
    case=_STR,
    gene=_STR,
    operation=_STR,  # replaced or removed (the tombstone)
)
"""The (case, gene) pairs whose rows in this cycle's findings and ledger stand for the older."""

CHANGES: Final = table(
    "changes",
    "resource kind key change",
    resource=_STR,
    kind=_STR,  # variant, codon, stretch, gene, null: local; disease, term, all, ...: not local
    key=_STR,
    change=_STR,  # new, removed, upgraded, downgraded, changed, ...
    old=_STR,
    new=_STR,
    sentence=_STR,
)
EVENTS: Final = table(
    "events",
    "case gene finding kind",
    case=_STR,
    gene=_STR,
    symbol=_STR,
    finding=_STR,
    kind=_STR,  # new candidate, strengthened, weakened, withdrawn, partner found, ...
    material=_BOOL,
    old_points=_INT,
    new_points=_INT,
    old_rank=_INT,  # 0: not ranked
    new_rank=_INT,
    old_posterior=pa.float64(),  # of the best hypothesis of the finding
    new_posterior=pa.float64(),
    old_class=_STR,
    new_class=_STR,
    cause_resource=_STR,
    cause_key=_STR,
    cause_old=_STR,
    cause_new=_STR,
    sentence=_STR,
    first_seen=_STR,  # cycle id
    last_changed=_STR,
)
SINCE: Final = table(
    "since",
    "case finding",
    case=_STR,
    finding=_STR,  # '' for the case itself
    first_seen=_STR,  # cycle id: of a case, and of what came after its case
    withdrawn=_STR,  # cycle id, of what has not returned; else ''
)
"""What a cycle knows of the past: since when cases and findings stand, when one was withdrawn."""
FLAGS: Final = table(
    "flags",
    "priority case reason",
    case=_STR,
    site=_STR,
    reason=_STR,  # a kind of event, diagnosis at risk, a trigger that needs a person, or a review
    gene=_STR,
    symbol=_STR,
    finding=_STR,
    hgvs=_STR,  # of the finding, as the findings table has it
    sentence=_STR,
    source=_STR,  # resource, key, what was said -> what is said
    due=_STR,  # ISO date counted from the release's as-of date
    priority=_INT,  # 1 is first
    urgent=_BOOL,  # a pregnancy in the family
    to=_STR,  # who acts first: the actor of the decision at risk, biologist, clinician
    expected_change=pa.float64(),  # of the posterior of a diagnosis; 0 where none is told
    why=_STR,  # the priority in words
    since=_STR,  # cycle in which the flag was raised
    status=_STR,  # the case's status
    lift=_STR,  # what the finding lacks; of a review, the first leading one
    look_for=_STR,  # HPO terms that would best separate the leading diseases
)
"""The flags of a shard, with those that still waited from the cycle before."""

QUEUE: Final = Table(
    "flags",
    pa.schema([*FLAGS.schema, ("queued", _BOOL), ("place", _INT)]),
    FLAGS.sort,
)
"""The flags of all shards in one order. ``queued``: beyond the cap of the site, to be told in a
later cycle; ``place``: its place in the site's queue from 1, 0 for a flag that is told now."""
