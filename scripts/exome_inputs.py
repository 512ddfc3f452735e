"""The inputs of the exome benchmark: VCFs, phenopackets, sheet and configuration in a folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from ariane.files import write_text
from ariane.knowledge.hpo import Ontology
from ariane.model.canonical import to_json
from ariane.model.history import is_duration
from exome_cases import Published
from exome_release import AS_OF, NAME
from exome_spike import Donors, Exome, causal_records, spike, write_vcf

CYCLE: Final = "exome"
SHARDS: Final = 4
_SEXES: Final = {"MALE": "male", "FEMALE": "female"}
_COLUMNS: Final = (
    *("case_id", "vcf", "proband_sample", "sex", "phenopacket", "assembly", "technique"),
    *("analysis_date", "laboratory", "status", "consent_reanalysis"),
)


@dataclass(frozen=True)
class Spiked:
    """One case as the workflow meets it: a pseudonym, a VCF, a phenopacket."""

    id: str
    case: Published
    sex: str
    observed: int
    excluded: int
    dropped: tuple[str, ...]
    """Published terms that the release's HPO does not hold, or that contradict an observed one."""


def write_inputs(
    cases: Sequence[Published],
    background: Exome,
    donors: Donors,
    ontology: Ontology,
    regions: Path,
    work: Path,
    *,
    sex: str,
    seed: int,
    pages: str,
) -> list[Spiked]:
    """Write the inputs of every case; what already lies there unchanged is left untouched.

    Args:
        background: the exome inside the regions.
        donors: calls of the same exome to draw from.
        regions: the BED that the workflow is restricted to.
        work: the working folder; inputs go to its ``inputs/``.
        sex: of the person of the exome, for cases whose paper gives none.
        seed: of the draws.
        pages: ``all`` or ``none``.
    """
    folder = work / "inputs"
    written: list[Spiked] = []
    rows: list[str] = ["\t".join(_COLUMNS)]
    for number, case in enumerate(cases, start=1):
        name = f"EX-{number:02d}"
        told = _SEXES.get(case.sex, sex)
        packet, spiked = _packet(name, case, told, ontology)
        _write(folder / f"{name}.json", to_json(packet) + "\n")
        records = spike(background, causal_records(case, donors, seed))
        write_vcf(folder / f"{name}.vcf.gz", background.header, records)
        cells = (name, f"{name}.vcf.gz", background.sample, told, f"{name}.json", "GRCh38", "exome")
        rows.append("\t".join((*cells, AS_OF, "benchmark", "impasse", "yes")))
        written.append(spiked)
    _write(folder / "families.tsv", "\n".join(rows) + "\n")
    settings = {
        "cycle": CYCLE,
        "release": NAME,
        "releases": "releases",
        "families": "inputs/families.tsv",
        "regions": str(regions.resolve()),
        "shards": SHARDS,
        "pages": pages,
    }
    _write(work / "config.yaml", yaml.safe_dump(settings))
    return written


def _packet(
    name: str, case: Published, sex: str, ontology: Ontology
) -> tuple[dict[str, Any], Spiked]:
    """The phenotype, sex and age of a case; nothing that tells the gene, disease or paper."""
    features = [f for f in case.packet.get("phenotypicFeatures", ()) if f.get("type")]
    observed = {_live(f, ontology) for f in features if not f.get("excluded")} - {""}
    kept: list[dict[str, Any]] = []
    dropped: set[str] = set()
    for feature in features:
        term = feature["type"]
        live = _live(feature, ontology)
        if not live or (feature.get("excluded") and live in observed):
            dropped.add(term["id"])
            continue
        told: dict[str, Any] = {"type": {"id": term["id"], "label": term.get("label", "")}}
        if feature.get("excluded"):
            told["excluded"] = True
        if "ontologyClass" in feature.get("onset", {}):
            told["onset"] = {"ontologyClass": feature["onset"]["ontologyClass"]}
        kept.append(told)
    subject: dict[str, Any] = {"id": name, "sex": sex.upper()}
    age = case.packet["subject"].get("timeAtLastEncounter", {}).get("age", {})
    if is_duration(str(age.get("iso8601duration", ""))):
        subject["timeAtLastEncounter"] = {"age": {"iso8601duration": age["iso8601duration"]}}
    packet = {
        "id": name,
        "subject": subject,
        "phenotypicFeatures": kept,
        "metaData": {
            "created": f"{AS_OF}T00:00:00Z",
            "createdBy": "scripts/bench_exome.py",
            "phenopacketSchemaVersion": "2.0",
        },
    }
    excluded = sum(1 for one in kept if one.get("excluded"))
    return packet, Spiked(name, case, sex, len(kept) - excluded, excluded, tuple(sorted(dropped)))


def _live(feature: Mapping[str, Any], ontology: Ontology) -> str:
    return ontology.resolve(feature["type"]["id"]).term or ""


def _write(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_text(path, text)
