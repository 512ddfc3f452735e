"""Who goes through the cycle: published cases, quiet persons, and holders of one asserted record.

*Findable* cases have a (gene, disease) pair that the first HPO release does not know and the second
does. *Quiet* ones are the same persons without any allele in the causal gene. *Holders* carry one
record whose class changed, with terms drawn from the description of a disease of its gene.
"""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ariane.annotate.genes import read_genes
from ariane.annotate.known import known_alleles
from ariane.files import open_text, write_text
from ariane.knowledge.readers import disease_modes, read_hpoa
from ariane.model.case import Decision, Status
from published_cases import HpoRelease, Published, release_file
from ranking_cases import Put
from ranking_world import HEMI, HET, HOM, Allele, causal_alleles, shortest
from reanalysis_world import Patient

Row = dict[str, Any]

LP: Final = "LP"
TERMS: Final = 5
"""Terms of a holder at most: about as many as a form brings."""
_ADULT: Final = "P30Y"


@dataclass(frozen=True)
class Record:
    """An asserted allele and its class in two releases."""

    key: str
    before: str
    after: str

    @property
    def raised(self) -> bool:
        """Whether it became (likely) pathogenic."""
        return self.before != LP and self.after == LP

    @property
    def lost(self) -> bool:
        """Whether it is (likely) pathogenic no more."""
        return self.before == LP and self.after != LP


def read_records(path: Path, before: str, after: str) -> list[Record]:
    """Alleles of a table of classes whose class differs between two of its columns.

    Raises:
        KeyError: the table has no such column.
    """
    found = []
    with open_text(path) as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            if row[before] != row[after]:
                chrom, pos, ref, alt = (row[name] for name in ("chrom", "pos", "ref", "alt"))
                start, ref, alt = shortest(int(pos), ref.upper(), alt.upper())
                found.append(Record(f"{chrom}-{start}-{ref}-{alt}", row[before], row[after]))
    return found


def columns_of(path: Path) -> list[str]:
    """The releases that a table of classes holds, as its columns name them."""
    with open_text(path) as lines:
        return next(csv.reader(lines, delimiter="\t"))[4:]


def findable(cases: Iterable[Published], old: HpoRelease, new: HpoRelease) -> list[Published]:
    """Cases of small variants whose pair only the second release knows, with a term it knows."""
    return [
        case
        for case in cases
        if new.knows(case)
        and not old.knows(case)
        and new.ontology.live(case.observed)
        and causal_alleles(case)
    ]


def changed(
    cases: Iterable[Published], old: HpoRelease, new: HpoRelease, records: Iterable[Record]
) -> list[Published]:
    """Cases whose pair both releases know, with an allele among some records."""
    keys = {record.key for record in records}
    return [
        case
        for case in cases
        if old.knows(case)
        and new.knows(case)
        and any(allele.key[0] in keys for allele in causal_alleles(case) or ())
    ]


def holders(
    records: Sequence[Record], data: Path, hpo: Path, known: HpoRelease
) -> list[tuple[Published, tuple[Allele, ...]]]:
    """An invented patient for each record that lies in sequenced regions, in a gene with a disease.

    The genotype is one that the disease's mode asks for; the terms are some of the disease's own,
    so such patients tell whether a change of class gets through, not how well phenotypes are read.

    Args:
        records: of which alleles.
        data: the real data, for bases and transcripts.
        hpo: the folder of the first HPO release.
        known: its content.
    """
    modes, described = disease_modes(release_file(hpo, "phenotype.hpoa")), _described(hpo, known)
    found: list[tuple[Published, tuple[Allele, ...]]] = []
    for row, symbol in _placed(records, data):
        diseases = sorted(d for d in known.pairs.get(symbol, ()) if described.get(d))
        if not diseases or not row["gene"].startswith("HGNC:"):
            continue
        disease = max(diseases, key=lambda d: (len(described[d]), d))
        stated = modes.get(disease) or [m for d in diseases for m in modes.get(d, ())]
        gt = _genotype(row["variant"], stated)
        chrom, pos, ref, alt = row["variant"].split("-")
        named = (symbol, row["gene"], row["consequence"])
        allele = Allele(chrom, int(pos), ref, alt, gt, *named)
        rng = random.Random(row["variant"])  # noqa: S311
        terms = described[disease]
        drawn = tuple(sorted(rng.sample(terms, min(TERMS, len(terms)))))
        about = Published(
            id=f"holder of {row['variant']}",
            papers=(),
            observed=drawn,
            excluded=(),
            sex="male" if gt == HEMI else "",
            onset="",
            age=_ADULT,
            disease=disease,
            gene=symbol,
            hgnc=row["gene"],
            variants=(),
        )
        found.append((about, (allele,)))
    return found


def _placed(records: Sequence[Record], data: Path) -> Iterator[tuple[Row, str]]:
    """Each record in its gene as the product places it, once, with the gene's symbol."""
    asserted = [
        {"variant": key, "klass": LP, "stars": 1, "accession": "", "resource": "", "record": ""}
        for key in sorted(record.key for record in records)
    ]
    gff = data / "reference" / "MANE_select.GRCh38.gff3.gz"
    bases = data / "reference" / "GRCh38.lrg524.fa.gz"
    symbols = {gene.key: gene.symbol for gene in read_genes(gff).all}
    done: set[str] = set()
    for row in known_alleles(asserted, bases, gff).rows:
        if row["variant"] not in done:
            done.add(row["variant"])
            yield row, symbols.get(row["gene"], "")


def _described(hpo: Path, known: HpoRelease) -> dict[str, list[str]]:
    """Terms of each disease that are not rare in it, sorted."""
    rare = {"HP:0040284", "HP:0040285"}
    terms: dict[str, set[str]] = {}
    for row in read_hpoa(release_file(hpo, "phenotype.hpoa")):
        if row.get("aspect") == "P" and not row.get("qualifier") and row["frequency"] not in rare:
            terms.setdefault(row["database_id"], set()).add(row["hpo_id"])
    names = known.ontology.names
    return {disease: sorted(t for t in held if t in names) for disease, held in terms.items()}


def _genotype(variant: str, modes: Iterable[str]) -> str:
    """A genotype that answers the modes; where none is stated, one that answers any."""
    modes = set(modes) or {"AR"}
    if variant.startswith("chrX") and "XLD" not in modes:
        return HEMI
    return HOM if "AR" in modes and "AD" not in modes else HET


def without_papers(hpo: Path, papers: Iterable[str], folder: Path) -> Path:
    """An HPO release without the annotation lines that cite some papers, its pairs kept.

    Args:
        hpo: the folder of the release.
        papers: ``PMID:123``.
        folder: where the copy is made, under a name that tells the release and the cut.
    """
    made = folder / f"{hpo.name}-without-papers"
    made.mkdir()
    for name in ("hp.obo", "phenotype_to_genes.txt"):
        path = release_file(hpo, name)
        shutil.copyfile(path, made / path.name)
    cut = frozenset(papers)
    kept, place = [], -1
    with open_text(release_file(hpo, "phenotype.hpoa")) as lines:
        for line in lines:
            fields = line.rstrip("\r\n").split("\t")
            if place < 0 and len(fields) > 5:
                place = [field.lower() for field in fields].index("reference")
            elif len(fields) > 5 and not cut.isdisjoint(fields[place].split(";")):
                continue
            kept.append(line)
    write_text(made / "phenotype.hpoa", "".join(kept))
    return made


@dataclass(frozen=True)
class Entry:
    """One case of one stratum, as it goes through the cycle."""

    stratum: str
    put: Put
    patient: Patient

    @property
    def gene(self) -> str:
        """The causal gene, or the gene of the record."""
        return self.put.published.hgnc

    @property
    def causal(self) -> frozenset[str]:
        """Alleles that a decision on the case names."""
        return frozenset(v for d in self.patient.decisions for v in d.variants.split("+"))


def enter(
    stratum: str,
    put: Put,
    persons: Mapping[str, tuple[str, list[Allele]]],
    candidates: Mapping[tuple[str, str], list[Row]],
    spiked: bool = True,
    solved: bool = False,
    carried: Sequence[Allele] = (),
) -> Entry:
    """A case with its candidates.

    Args:
        stratum: what it is measured with.
        put: the case and its person.
        persons: the drawn persons.
        candidates: of every allele and genotype.
        spiked: whether it holds the causal alleles; where not, it holds no allele of the gene.
        solved: whether a decision names the causal alleles.
        carried: further alleles that the person holds and that explain nothing.
    """
    name = f"{stratum}-{put.published.id}"
    own = [row for a in persons[put.person][1] for row in candidates.get(a.key, ())]
    causal = [row for a in put.alleles for row in candidates.get(a.key, ())]
    if not spiked:
        own, causal = [row for row in own if row["gene"] != put.published.hgnc], []
    own += [row for a in carried for row in candidates.get(a.key, ())]
    rows = {(row["variant"], row["gene"]): row for row in (*own, *causal)}
    case = replace(put.case, id=name, status=Status.IMPASSE)
    held = tuple({**rows[key], "case": name} for key in sorted(rows))
    if not solved:
        return Entry(stratum, put, Patient(case, held))
    variants = "+".join(sorted({row["variant"] for row in causal}))
    gene = put.published.hgnc
    signed = ("meeting", "RCP", "report", "2023-01-31")
    decisions = (Decision(name, Status.SOLVED, gene, variants, put.published.disease, *signed),)
    named = tuple(sorted({gene, *variants.split("+")}))
    case = replace(case, status=Status.SOLVED, decided=named)
    return Entry(stratum, put, Patient(case, held, decisions))
