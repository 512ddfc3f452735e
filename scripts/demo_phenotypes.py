"""The phenotype side of the demo's releases: ontology, annotations, genes and diseases."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from demo_files import read_tsv

HPO_VERSION = "2025-11-24"
"""Version of the ontology bundled in hpo3, from which ``hpo_terms.tsv`` was taken."""


HPOA_COLUMNS = (
    "database_id",
    "disease_name",
    "qualifier",
    "hpo_id",
    "reference",
    "evidence",
    "onset",
    "frequency",
    "sex",
    "modifier",
    "aspect",
    "biocuration",
)


@dataclass(frozen=True)
class Edition:
    """One of the two releases."""

    name: str
    letter: str
    as_of: str

    @property
    def index(self) -> int:
        """0 for A, 1 for B."""
        return "AB".index(self.letter)


EDITIONS = (Edition("demo-A", "A", "2024-03-06"), Edition("demo-B", "B", "2025-01-16"))

MERGED = {
    "HP:0000368": (
        "Low-set, posteriorly rotated ears",
        ("HP:0000358", "HP:0000369"),
        "HP:0000358",
    ),
    "HP:0002355": ("Difficulty walking", ("HP:0001288", "HP:0004302"), "HP:0001288"),
}
"""Terms that HPO merged between the two dates: id, name and parents before, term that took it."""
NEW_TERMS = ("HP:6001053",)
"""Terms that HPO made between the two dates: release A does not hold them."""


@dataclass(frozen=True)
class Tables:
    """The hand-written tables of ``resources/demo/source``."""

    genes: list[dict[str, str]]
    variants: list[dict[str, str]]
    diseases: list[dict[str, str]]
    annotations: list[dict[str, str]]
    terms: list[dict[str, str]]
    french: list[dict[str, str]]

    @classmethod
    def read(cls, folder: Path) -> Tables:
        """Read them all."""
        names = ("genes", "variants", "diseases", "annotations", "hpo_terms", "hpo_french")
        return cls(*(read_tsv(folder / f"{name}.tsv") for name in names))

    def labels(self) -> dict[str, str]:
        """Names of terms, merged ones included."""
        return {row["hpo_id"]: row["name"] for row in self.terms} | {
            term: name for term, (name, _, _) in MERGED.items()
        }


def obo(tables: Tables, edition: Edition) -> str:
    """The terms of one release with all their ancestors."""
    labels = tables.labels()
    terms = {
        row["hpo_id"]: tuple(filter(None, row["is_a"].split(",")))
        for row in tables.terms
        if edition.letter == "B" or row["hpo_id"] not in NEW_TERMS
    }
    if edition.letter == "A":
        terms |= {term: parents for term, (_, parents, _) in MERGED.items()}
    alternative = {into: old for old, (_, _, into) in MERGED.items()}
    lines = [
        "format-version: 1.2",
        f"data-version: hp/releases/{HPO_VERSION}",
        "default-namespace: human_phenotype",
        f"remark: subset of HPO {HPO_VERSION} for the demo of Ariane, release {edition.name}",
        "remark: Please see license of HPO at http://www.human-phenotype-ontology.org",
        "ontology: hp.obo",
        "property_value: http://purl.org/dc/terms/license https://hpo.jax.org/app/license",
    ]
    for term in sorted(terms):
        lines += ["", "[Term]", f"id: {term}", f"name: {labels[term]}"]
        if edition.letter == "B" and term in alternative:
            lines.append(f"alt_id: {alternative[term]}")
        lines += [f"is_a: {parent} ! {labels[parent]}" for parent in terms[term]]
    if edition.letter == "B":
        for term, (name, _, into) in sorted(MERGED.items()):
            lines += ["", "[Term]", f"id: {term}", f"name: obsolete {name}"]
            lines += ["is_obsolete: true", f"replaced_by: {into}"]
    return "\n".join(lines) + "\n"


def french(tables: Tables) -> str:
    """French names in the shape of HPO's translations; a term without one is not listed."""
    labels = tables.labels()
    lines = [
        (
            "subject_id\tsource_language\ttranslation_language\tpredicate_id\tsource_value"
            "\ttranslation_status\ttranslation_value"
        )
    ]
    for row in tables.french:
        fields = (row["hpo_id"], "en", "fr", "rdfs:label", labels[row["hpo_id"]], "CANDIDATE")
        lines.append("\t".join((*fields, row["name_fr"])))
    return "\n".join(lines) + "\n"


def hpoa(tables: Tables, edition: Edition) -> str:
    """Annotations in the shape of ``phenotype.hpoa``."""
    names = {row["disease_id"]: row["name"] for row in tables.diseases}
    papers = {row["disease_id"]: row["papers"] for row in tables.diseases}
    column = f"frequency_{edition.letter.lower()}"
    lines = [
        '#description: "Invented HPO annotations for the demo of Ariane"',
        f"#version: {edition.as_of}",
        "#tracker: none",
        f"#hpo-version: http://purl.obolibrary.org/obo/hp/releases/{HPO_VERSION}/hp.json",
        "\t".join(HPOA_COLUMNS),
    ]
    for row in tables.annotations:
        if row[column] == "-":
            continue
        disease = row["disease_id"]
        said_by = papers[disease] or disease
        fields = (disease, names[disease], row["qualifier"], row["hpo_id"], said_by, "TAS", "")
        rest = (row[column], "", "", row["aspect"], f"ARIANE:demo[{edition.as_of}]")
        lines.append("\t".join((*fields, *rest)))
    return "\n".join(lines) + "\n"


def french_diseases(tables: Tables) -> str:
    """French names of diseases in the shape of Orphadata's product 1; not all have one."""
    codes: dict[str, tuple[str, list[str]]] = {}
    for row in tables.diseases:
        if row["orpha"]:
            _, exact = codes.setdefault(row["orpha"], (row["name_fr"], []))
            if row["disease_id"].startswith("OMIM:") and row["disease_id"] not in exact:
                exact.append(row["disease_id"])
    lines = ['<?xml version="1.0" encoding="ISO-8859-1"?>', "<JDBOR>", "<DisorderList>"]
    for code, (name, exact) in sorted(codes.items()):
        lines += ["<Disorder>", f"<OrphaCode>{code}</OrphaCode>"]
        lines += [f'<Name lang="fr">{escape(name)}</Name>', "<ExternalReferenceList>"]
        for disease in exact:
            lines += [
                "<ExternalReference><Source>OMIM</Source>",
                f"<Reference>{disease.removeprefix('OMIM:')}</Reference>",
                "<DisorderMappingRelation><Name>E (Exact mapping)</Name></DisorderMappingRelation>",
                "</ExternalReference>",
            ]
        lines += ["</ExternalReferenceList>", "</Disorder>"]
    return "\n".join([*lines, "</DisorderList>", "</JDBOR>"]) + "\n"


def phenotype_to_genes(tables: Tables, edition: Edition) -> str:
    """Direct annotations of genes through their diseases, in HPO's shape of 2024."""
    labels = tables.labels()
    ncbi = {row["symbol"]: row["entrez_id"] for row in tables.genes}
    column = f"frequency_{edition.letter.lower()}"
    rows = [
        (term["hpo_id"], labels[term["hpo_id"]], ncbi[pair["gene"]], pair["gene"], disease)
        for pair in tables.diseases
        if edition.letter in pair["releases"]
        for disease in (pair["disease_id"],)
        for term in tables.annotations
        if term["disease_id"] == disease and term[column] != "-" and not term["qualifier"]
    ]
    lines = ["hpo_id\thpo_name\tncbi_gene_id\tgene_symbol\tdisease_id"]
    return "\n".join(lines + ["\t".join(row) for row in sorted(rows)]) + "\n"
