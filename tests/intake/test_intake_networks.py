"""Filières, laboratories and pre-indications of the sheet, against the tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from ariane.intake import networks
from ariane.intake.networks import network_faults
from ariane.intake.words import plain
from ariane.knowledge.marked import FOLDER, read_marked
from ariane.model.case import Analysis, Case, Consent, Phenotype
from ariane.model.errors import Level

REGIONS = {"Site-01": "Bretagne", "Site-02": "Corse"}


def case(
    name: str = "F1", *, filiere: str = "", pre: str = "", laboratory: str = "", site: str = ""
) -> Case:
    analysis = Analysis("v.vcf", technique="genome", laboratory=laboratory)
    return Case(
        name, "p", (), Phenotype(), analysis, Consent(), site=site, filiere=filiere,
        pre_indication=pre,
    )  # fmt: skip


def told(*cases: Case, regions: dict[str, str] | None = None) -> list[str]:
    found = network_faults(cases, regions or {}, Path("families.tsv"))
    return [f"{fault.level}: {fault.what}. {fault.advice}" for fault in found]


def test_what_the_tables_know_is_not_told() -> None:
    assert told(case(filiere="défiscience", pre="Déficience intellectuelle"), case()) == []
    assert told(case(filiere="FAI2R")) == []
    for row in read_marked(FOLDER / "pre_indications.tsv"):
        for title in (row["pre_indication"], row["titre"].upper()):
            assert told(case(pre=title, filiere=row["filiere"].split(";")[0])) == []
    for row in read_marked(FOLDER / "laboratories.tsv"):
        one = case(laboratory=row["laboratory"], site="S")
        assert told(one, regions={"S": row["region"]}) == []
    for row in read_marked(FOLDER / "filieres.tsv"):
        assert told(case(filiere=row["filiere"])) == []


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (case(filiere="RespiFL"), ("note: filiere 'RespiFL' (1 case) is none of the 23 known. Did "
         "you mean 'RespiFIL': what an impasse is goes by this name")),
        (case(filiere="Lyon"), ("note: filiere 'Lyon' (1 case) is none of the 23 known. Check its "
         "spelling: what an impasse is goes by this name")),
        (case(pre="déficiences intellectuelles"), ("warning: pre_indication 'déficiences "
         "intellectuelles' (1 case) is written otherwise in the table. Did you mean 'déficience "
         "intellectuelle'")),
        (case(pre="Surdités"), ("note: pre-indication 'Surdités' is not among the 32 known. "
         "Nothing to do: the table is far from complete")),
        (case(pre="leucodystrophies", filiere="OSCAR"), ("note: case F1: pre-indication "
         "'leucodystrophies' is of BRAIN-TEAM, and the filiere is OSCAR. Check both; the declared "
         "filière counts")),
        (case(laboratory="Seqoia"), ("warning: laboratory 'Seqoia' (1 case) is like 'SeqOIA' of "
         "the PFMG. Write 'SeqOIA' where it is meant")),
        (case(laboratory="AURAGENE"), ("warning: laboratory 'AURAGENE' (1 case) is like 'AURAGEN' "
         "of the PFMG. Write 'AURAGEN' where it is meant")),
    ],
)  # fmt: skip
def test_a_slip_is_told(one: Case, said: str) -> None:
    assert told(one) == [said]


def test_another_pre_indication_is_no_slip() -> None:
    (only,) = told(case(pre="Cardiomyopathies familiales"))
    assert "is not among the 32 known" in only


def test_the_tables_hold_nothing_that_is_a_slip_of_another() -> None:
    """Else a right word would be taken for a wrong one when the other is not in the table."""
    for name, column, like in (
        ("filieres.tsv", "filiere", networks._LIKE),
        ("laboratories.tsv", "region", networks._LIKE),
        ("pre_indications.tsv", "titre", networks._TITLES_LIKE),
    ):
        words = sorted({plain(row[column]) for row in read_marked(FOLDER / name)})
        for word in words:
            others = {other: other for other in words if other != word}
            assert networks._meant(word, others, like) == ""


def test_each_thing_is_said_once() -> None:
    cases = [case(f"F{n}", filiere="RespiFL", pre=f"x{n % 2}") for n in range(4)]
    filiere, indications = told(*cases)
    assert "(4 cases)" in filiere
    assert indications.startswith("note: 2 pre-indications are not among the 32 known")


def test_a_laboratory_that_serves_another_region() -> None:
    one = case(laboratory="AURAGEN", site="Site-01")
    assert told(one, regions=REGIONS) == [
        (
            "note: laboratory AURAGEN (1 case) does not serve Bretagne, which SeqOIA does. "
            "Check the laboratory and the site"
        )
    ]
    assert told(case(laboratory="Laboratory-01", site="Site-01"), regions=REGIONS) == []
    assert told(case(laboratory="AURAGEN", site="Site-09"), regions=REGIONS) == []


def test_the_laboratory_of_the_territory_is_suggested() -> None:
    assert told(case(site="Site-02"), case(site="Site-01"), regions=REGIONS) == [
        (
            "note: the genomes of 1 case from Bretagne have no laboratory. If they are of the PFMG "
            "it is SeqOIA (SPICE)"
        ),
        (
            "note: the genomes of 1 case from Corse have no laboratory. If they are of the PFMG "
            "it is AURAGEN (HYGEN)"
        ),
    ]


def test_a_region_that_is_none() -> None:
    assert told(regions={"S": "Bretange"}) == [
        (
            "warning: region 'Bretange' of 'exports.observatory.regions' is no French region. Did "
            "you mean 'Bretagne': the observatory counts by this name"
        )
    ]


def test_nothing_is_an_error() -> None:
    cases = [case(filiere="x", pre="y", laboratory="Seqoia", site="S")]
    found = list(network_faults(cases, {"S": "z"}, Path("families.tsv")))
    assert found
    assert all(fault.level is not Level.ERROR for fault in found)
