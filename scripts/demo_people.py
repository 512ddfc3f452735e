"""The demo's persons: genotypes drawn by Mendel's rules, and the VCF files of their families."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from demo_files import between, rng
from demo_genome import Genome
from demo_variants import Variant

ROLES = ("proband", "mother", "father")
Alleles = tuple[int, ...]
"""Paternal then maternal allele of one variant; one allele on a male's X and on chrM."""
Person = dict[str, Alleles]
"""What a person carries, by the name of the variant; variants not carried are not listed."""


def samples_of(case: str, about: Mapping[str, Any]) -> dict[str, str]:
    """Sample names by role, for those who were sequenced, in the order of the file."""
    given = about["style"].get("samples")
    if given:
        return dict(given)
    roles = ["proband", *(r for r in ROLES[1:] if r in about.get("family", {}))]
    if len(roles) == 1:
        return {"proband": case}
    return {role: member_id(case, about, role) for role in roles}


def member_id(case: str, about: Mapping[str, Any], role: str = "proband") -> str:
    """Identifier of a member in the pedigree; the case's own where there is none."""
    return f"{case}-{role[0].upper()}" if about.get("family") else case


def draw(case: str, about: Mapping[str, Any], variants: list[Variant]) -> dict[str, Person]:
    """Draw the proband and both parents, then place what the case says they carry.

    A haplotype of a gene is handed down whole. In a consanguineous family the haplotypes that the
    parents hand down are the same in half of the genes.
    """
    male = about["sex"] == "male"
    founders = {
        role: tuple(_haplotype(case, role, side, variants) for side in (0, 1))
        for role in ("mother", "father")
    }
    people: dict[str, Person] = {role: {} for role in ROLES}
    for variant in variants:
        if not variant.common:
            continue
        mother = tuple(int(variant.name in h) for h in founders["mother"])
        father = tuple(int(variant.name in h) for h in founders["father"])
        handed = {
            "mother": mother[int(rng(case, "mother", variant.gene).random() < 0.5)],
            "father": father[int(rng(case, "father", variant.gene).random() < 0.5)],
        }
        consanguineous = about.get("family", {}).get("consanguineous", False)
        if consanguineous and rng(case, "shared", variant.gene).random() < 0.5:
            father = (handed["mother"], father[1])
            handed["father"] = handed["mother"]
        child: Alleles
        if variant.chrom == "chrX":
            father = father[:1]
            handed["father"] = father[0]
            child = (handed["mother"],) if male else (father[0], handed["mother"])
        elif variant.chrom == "chrM":
            mother, father = mother[:1], father[:1]
            child = mother
        else:
            child = (handed["father"], handed["mother"])
        for role, alleles in (("proband", child), ("mother", mother), ("father", father)):
            if any(alleles):
                people[role][variant.name] = alleles
    for name, members in about["carries"].items():
        for role in ROLES:
            people[role].pop(name, None)
        for role, text in members.items():
            people[role][name] = tuple(int(a) for a in str(text).split("|"))
    return people


def _haplotype(case: str, role: str, side: int, variants: list[Variant]) -> frozenset[str]:
    """Common variants of one haplotype; at a site with two alternative alleles, one at most."""
    held: dict[tuple[str, int], str] = {}
    for variant in variants:
        share = variant.frequencies[0]
        if not variant.common or share is None or (variant.chrom, variant.pos) in held:
            continue
        if rng(case, role, side, variant.name).random() < share:
            held[variant.chrom, variant.pos] = variant.name
    return frozenset(held.values())


def vcf(
    case: str,
    about: Mapping[str, Any],
    genome: Genome,
    variants: list[Variant],
    people: Mapping[str, Person],
) -> str:
    """The family's VCF.

    Styles (``style`` of the case): ``quality: float`` declares GQ as Float, ``phased: true``
    writes phased genotypes with one phase set a gene, ``male_x: diploid`` writes ``1/1`` where a
    male has one X.
    """
    style = about["style"]
    samples = samples_of(case, about)
    sites: dict[tuple[int, int, str], list[Variant]] = {}
    rank = {name: i for i, name in enumerate(genome.sequences)}
    for variant in variants:
        if any(variant.name in people[role] for role in samples):
            site = (rank[variant.chrom], variant.pos, variant.ref)
            sites.setdefault(site, []).append(variant)
    records = [
        ((place, pos), _record(case, about, genome, held, people, samples))
        for (place, pos, _), held in sites.items()
    ]
    if "deletion" in about:
        records.append(_deletion(about["deletion"], genome, rank))
    quality = "Float" if style.get("quality") == "float" else "Integer"
    lines = [
        "##fileformat=VCFv4.2",
        "##source=ArianeDemo, invented persons",
        "##reference=GRCh38 (names of contigs only; invented bases)",
        '##FILTER=<ID=PASS,Description="All filters passed">',
        '##FILTER=<ID=LowQual,Description="Low quality">',
        *(f"##contig=<ID={name},length={len(b)}>" for name, b in genome.sequences.items()),
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads by allele">',
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Read depth">',
        f'##FORMAT=<ID=GQ,Number=1,Type={quality},Description="Genotype quality">',
    ]
    if style.get("phased"):
        lines.append('##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">')
    if "deletion" in about:
        lines += [
            '##ALT=<ID=DEL,Description="Deletion">',
            '##INFO=<ID=SVTYPE,Number=1,Type=String,Description="Kind of structural variant">',
            '##INFO=<ID=END,Number=1,Type=Integer,Description="Last position">',
            '##INFO=<ID=SVLEN,Number=.,Type=Integer,Description="Difference in length">',
        ]
    columns = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT")
    lines.append("\t".join((*columns, *samples.values())))
    return "\n".join([*lines, *(text for _, text in sorted(records))]) + "\n"


def _record(
    case: str,
    about: Mapping[str, Any],
    genome: Genome,
    held: list[Variant],
    people: Mapping[str, Person],
    samples: Mapping[str, str],
) -> str:
    first = held[0]
    style = about["style"]
    doubtful = first.common and rng(case, "filter", first.name).random() < 0.04
    calls = []
    for role in samples:
        ploidy = _ploidy(first.chrom, role, about)
        alleles = [0] * ploidy
        for number, variant in enumerate(held, start=1):
            carried = people[role].get(variant.name, ())
            for side, hit in enumerate(carried):
                alleles[side] = number if hit else alleles[side]
        level = about.get("level", {}).get(first.name)
        calls.append(_call(case, role, first, alleles, len(held), level, style, doubtful, genome))
    keys = "GT:AD:DP:GQ" + (":PS" if style.get("phased") else "")
    quality = 21 if doubtful else between(rng(case, "qual", first.name), 200, 2000)
    alts = ",".join(variant.alt for variant in held)
    word = "LowQual" if doubtful else "PASS"
    fields = (first.chrom, first.pos, ".", first.ref, alts, quality, word, ".", keys, *calls)
    return "\t".join(map(str, fields))


def _ploidy(chrom: str, role: str, about: Mapping[str, Any]) -> int:
    male = role == "father" or (role == "proband" and about["sex"] == "male")
    return 1 if chrom == "chrM" or (chrom == "chrX" and male) else 2


def _call(
    case: str,
    role: str,
    variant: Variant,
    alleles: list[int],
    alts: int,
    level: float | None,
    style: Mapping[str, Any],
    doubtful: bool,
    genome: Genome,
) -> str:
    """One sample's fields."""
    chance = rng(case, role, "reads", variant.name)
    depth = between(chance, 24, 62)
    if variant.chrom == "chrM":
        depth *= 20
    elif len(alleles) == 1:
        depth //= 2
    reads = [0] * (alts + 1)
    if level is not None and any(alleles):
        reads[1] = round(level * depth)
        reads[0] = depth - reads[1]
        alleles = [0, 1]
    elif len(set(alleles)) == 1:
        reads[alleles[0]] = depth
    else:
        share = 0.5 + 0.24 * (chance.random() - 0.5)
        reads[alleles[0]] = round(share * depth)
        reads[alleles[1]] = depth - reads[alleles[0]]
    quality = 12 if doubtful else min(99, 40 + 2 * min(depth, 30))
    number = f"{quality - 0.5:.2f}" if style.get("quality") == "float" else str(quality)
    if len(alleles) == 1 and (variant.chrom == "chrM" or style.get("male_x") == "diploid"):
        alleles = alleles * 2
    if style.get("phased"):
        genotype = "|".join(map(str, alleles))
    else:
        genotype = "/".join(map(str, sorted(alleles)))
    fields = [genotype, ",".join(map(str, reads)), str(depth), number]
    if style.get("phased"):
        fields.append(str(genome.by_symbol[variant.gene].start))
    return ":".join(fields)


def _deletion(
    about: Mapping[str, Any], genome: Genome, rank: Mapping[str, int]
) -> tuple[tuple[int, int], str]:
    """A symbolic deletion around a gene."""
    gene = genome.by_symbol[about["gene"]]
    pos, end = gene.start - about["before"], gene.end + about["after"]
    info = f"SVTYPE=DEL;END={end};SVLEN={pos - end}"
    base = genome.base(gene.contig, pos, pos)
    fields = (gene.contig, pos, ".", base, "<DEL>", 300, "PASS", info, "GT:AD:DP:GQ")
    return (rank[gene.contig], pos), "\t".join(map(str, (*fields, "0/1:.:.:60")))
