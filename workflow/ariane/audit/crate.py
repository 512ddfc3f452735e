"""A finished cycle as a Workflow Run RO-Crate: what may be published of it, or all of it.

Profiles: Process Run Crate 0.5, Workflow Run Crate 0.5, Workflow RO-Crate 1.0, over RO-Crate 1.1.
Without data the crate holds no case, no pseudonym and no checksum of a file of theirs.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

from ariane import files
from ariane.audit.folders import MANIFEST, Folders
from ariane.audit.manifest import read_manifest, without_cases
from ariane.knowledge.release import MANIFEST as RELEASE_MANIFEST
from ariane.model.canonical import to_json
from ariane.model.errors import ArianeError

METADATA: Final = "ro-crate-metadata.json"
SPECIFICATION: Final = "https://w3id.org/ro/crate/1.1"
_WORKFLOW_CRATE: Final = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
"""The one profile that the metadata file itself names too (Workflow RO-Crate 1.0)."""
PROFILES: Final[Mapping[str, tuple[str, str]]] = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    _WORKFLOW_CRATE: ("Workflow RO-Crate", "1.0"),
}
_CONTEXT: Final = "https://w3id.org/ro/terms/workflow-run/context"
_PARAMETER: Final = "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"
_WORKFLOW: Final = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
_MIT: Final = "https://spdx.org/licenses/MIT"
_README: Final = "README.md"
_LICENCES: Final = (
    "The workflow: MIT. Each resource: its own, named with it. Data of people: as their consents "
    "and the law allow; this crate grants nothing."
)
_CODE: Final = ("rules", "Snakefile", "environment.yml", "requirements.lock", "LICENSE")
_MAIN: Final = "workflow/Snakefile"
_KINDS: Final = ["File", "SoftwareSourceCode", "ComputationalWorkflow"]
"""What a main entity must be."""
_OPEN_INPUTS: Final = ("policy.yaml",)
"""Frozen inputs that name no case."""

Entity = Mapping[str, Any]


def make_crate(folders: Folders, cycle: str, out: Path, *, with_data: bool = False) -> Path:
    """Write a cycle's crate into a folder of its own, whole or not at all.

    Args:
        folders: of the run.
        cycle: its name; it must have its run manifest.
        out: the folder to make.
        with_data: take frozen inputs, tables, pages and registry files along. VCFs never are.

    Raises:
        ArianeError: the folder exists, the cycle has no manifest or its files are not those that
            the manifest names, or the crate breaks its profile.
    """
    if out.exists():
        raise ArianeError(f"{out}: exists. Name another folder, or remove this one.")
    content = read_manifest(folders.manifest(cycle))
    with_files = _sources(folders, content, with_data)
    told = content if with_data else without_cases(content)
    out.parent.mkdir(parents=True, exist_ok=True)
    working = files.temporary_beside(out)
    try:
        working.mkdir(mode=0o700)
        text = to_json(told) + "\n"
        crate = _crate(told, [*with_files, (MANIFEST, text), (_README, _read_me(told))], working)
        crate.write(working)
        _in_order(working / METADATA)
        if wrong := faults(working):
            listed = "\n".join(f"  {one}" for one in wrong)
            raise ArianeError(f"{out}: not written, the crate breaks its profile:\n{listed}")
        working.rename(out)
        files.sync_folder(out.parent)
    finally:
        shutil.rmtree(working, ignore_errors=True)
    return out


def _sources(
    folders: Folders, content: Mapping[str, Any], with_data: bool
) -> list[tuple[str, Path | str]]:
    """Files that go into the crate: their name there, and where they lie or what they say."""
    cycle = content["cycle"]["name"]
    frozen = folders.open(cycle).folder
    release = folders.releases / content["release"]["name"] / RELEASE_MANIFEST
    profile = files.RESOURCES / "acmg" / f"{content['profile']['name']}.yaml"
    found: list[tuple[str, Path | str]] = [
        ("workflow/configuration.json", to_json(content["configuration"]) + "\n"),
        (f"release/{RELEASE_MANIFEST}", release),
        (f"workflow/acmg/{profile.name}", profile),
        *((f"inputs/{name}", frozen / name) for name in _OPEN_INPUTS),
    ]
    for name in _CODE:
        path = files.REPOSITORY / name
        paths = sorted(path.rglob("*.smk")) if path.is_dir() else [path] if path.is_file() else []
        found += [
            (f"workflow/{one.relative_to(files.REPOSITORY).as_posix()}", one) for one in paths
        ]
    if with_data:
        held = {one["file"]: one["sha256"] for one in content["files"]}
        base = folders.cycle(cycle)
        wrong = [
            name
            for name, checksum in held.items()
            if not (base / name).is_file() or files.sha256_of(base / name) != checksum
        ]
        if wrong:
            raise ArianeError(
                f"{base}: {', '.join(wrong[:5])}{' ...' if len(wrong) > 5 else ''}: not as the run "
                "manifest names them. Run the workflow for that cycle again."
            )
        taken = {name for name, _ in found}
        found += [(f"results/{name}", base / name) for name in held]
        found += [
            (f"inputs/{name}", frozen / name)
            for name in content["inputs"]["frozen"]
            if f"inputs/{name}" not in taken
        ]
    return found


def _read_me(content: Mapping[str, Any]) -> str:
    return f"""# {_title(content)}

{_description(content)}

- `{METADATA}`: what lies here, for programs (RO-Crate)
- `{MANIFEST}`: inputs, code, environment and release of the run, by checksum
- `workflow/`, `release/`, `inputs/`: code, configuration, the release's manifest, the policy
- `results/`: what the run made, where data were taken along

{_LICENCES}
"""


def _title(content: Mapping[str, Any]) -> str:
    cycle, release = content["cycle"], content["release"]
    return f"Ariane, cycle {cycle['name']} under release {release['name']}"


def _description(content: Mapping[str, Any]) -> str:
    cycle = content["cycle"]
    told = f"A {cycle['kind']} pass over {cycle['cases']} unsolved rare-disease cases. "
    held = "pseudonymised data of people" if content["files"] else "no data of people"
    return f"{told}Holds {held}."


def _crate(
    content: Mapping[str, Any], sources: Sequence[tuple[str, Path | str]], working: Path
) -> ROCrate:
    cycle, release = content["cycle"], content["release"]
    crate = ROCrate(version="1.1")
    crate.metadata.extra_contexts.append(_CONTEXT)
    crate.name, crate.description = _title(content), _description(content)
    # No clock is read: what is dated is the knowledge.
    crate.root_dataset["datePublished"] = cycle["as_of"]
    crate.license = crate.add(
        ContextEntity(crate, "#licences", {"@type": "CreativeWork", "name": "Licences",
                                           "description": _LICENCES})
    )  # fmt: skip
    profiles = [
        crate.add(
            ContextEntity(crate, url, {"@type": "CreativeWork", "name": name, "version": version})
        )
        for url, (name, version) in PROFILES.items()
    ]
    crate.root_dataset["conformsTo"] = profiles
    parts: dict[str, Any] = {}
    for name, source in sources:
        path = source if isinstance(source, Path) else working / name
        if isinstance(source, str):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source, encoding="utf-8")
        parts[name] = crate.add_file(path, dest_path=name, properties=_described(name, path))
    parts[_README]["about"] = crate.root_dataset
    crate.metadata["conformsTo"] = [{"@id": SPECIFICATION}, {"@id": _WORKFLOW_CRATE}]
    workflow = _workflow(crate, content, parts)
    engine = crate.add(
        ContextEntity(crate, "https://snakemake.github.io", {
            "@type": "SoftwareApplication", "name": "Snakemake",
            "url": "https://snakemake.github.io",
            "softwareVersion": content["environment"]["packages"].get("snakemake", "not known"),
        })
    )  # fmt: skip
    inputs: list[Any] = []
    results: list[Any] = []
    for name, entity in parts.items():
        (results if name.startswith("results/") or name == MANIFEST else inputs).append(entity)
    inputs = [
        one
        for one in inputs
        if one is not workflow and not one.id.endswith((".smk", "LICENSE", _README))
    ]
    values = list(_resources(crate, release["resources"]))
    action = crate.add(
        ContextEntity(crate, "#run", {
            "@type": "CreateAction",
            "name": f"Run of cycle {cycle['name']}",
            "description": " ".join(content["command"] or ["the command is not known"]),
            "actionStatus": "http://schema.org/CompletedActionStatus",
        })
    )  # fmt: skip
    action["instrument"] = workflow
    action["object"] = [*inputs, *values]
    action["result"] = results
    crate.root_dataset["mentions"] = [action]
    steps = crate.add(
        ContextEntity(crate, "#engine-run", {
            "@type": "OrganizeAction", "name": f"Snakemake over cycle {cycle['name']}",
        })
    )  # fmt: skip
    steps["instrument"], steps["result"] = engine, action
    return crate


def _workflow(crate: ROCrate, content: Mapping[str, Any], parts: Mapping[str, Any]) -> Any:
    """The main entity: the Snakefile, with its parameters."""
    language = crate.add(
        ContextEntity(crate, "https://w3id.org/workflowhub/workflow-ro-crate#snakemake", {
            "@type": "ComputerLanguage", "name": "Snakemake",
            "identifier": {"@id": "https://doi.org/10.1093/bioinformatics/bts480"},
            "url": {"@id": "https://snakemake.readthedocs.io"},
        })
    )  # fmt: skip
    workflow = parts[_MAIN]
    workflow["name"] = "Ariane"
    workflow["version"] = content["ariane"]["version"]
    workflow["softwareVersion"] = content["ariane"]["version"]
    workflow["license"] = {"@id": _MIT}
    workflow["conformsTo"] = {"@id": _WORKFLOW}
    workflow["programmingLanguage"] = language
    workflow["input"] = [
        _parameter(crate, "configuration", "File", parts["workflow/configuration.json"]),
        _parameter(crate, "release", "File", parts[f"release/{RELEASE_MANIFEST}"]),
        _parameter(crate, "policy", "File", parts["inputs/policy.yaml"]),
    ]
    for name in ("families.tsv", "decisions.tsv", "follow_up.tsv"):
        held = parts.get(f"inputs/{name}")
        workflow["input"] = [
            *workflow["input"],
            _parameter(crate, name.removesuffix(".tsv"), "File", held),
        ]
    workflow["output"] = [_parameter(crate, "run_manifest", "File", parts[MANIFEST])]
    crate.mainEntity = workflow
    return workflow


def _parameter(crate: ROCrate, name: str, kind: str, example: Any) -> Any:
    entity = crate.add(
        ContextEntity(crate, f"#parameter-{name}", {
            "@type": "FormalParameter", "name": name, "additionalType": kind,
            "conformsTo": {"@id": _PARAMETER},
        })
    )  # fmt: skip
    if example is not None:
        example["exampleOfWork"] = entity
    return entity


def _resources(crate: ROCrate, resources: Mapping[str, Any]) -> Iterator[Any]:
    """The release's files: named by checksum, not taken along, for many may not be passed on."""
    for kind, one in sorted(resources.items()):
        properties = {
            "@type": "CreativeWork",
            "name": f"{kind} {one['version']}",
            "version": one["version"],
            "dateCreated": one["date"],
            "encodingFormat": one["format"],
            "isBasedOn": one["source"],
            "license": one["licence"],
            "sha256": one["sha256"],
        }
        yield crate.add(ContextEntity(crate, f"#resource-{kind}", properties))


_FORMATS: Final = {
    ".json": "application/json", ".yaml": "application/yaml", ".yml": "application/yaml",
    ".tsv": "text/tab-separated-values", ".html": "text/html", ".svg": "image/svg+xml",
    ".md": "text/markdown", ".parquet": "application/vnd.apache.parquet",
    ".jsonl": "application/jsonl",
}  # fmt: skip


def _described(name: str, path: Path) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": name.rpartition("/")[2],
        "sha256": files.sha256_of(path),
        "contentSize": str(path.stat().st_size),
    }
    described["encodingFormat"] = _FORMATS.get(Path(name).suffix, "text/plain")
    return described | ({"@type": _KINDS} if name == _MAIN else {})


def _in_order(path: Path) -> None:
    """The metadata with entities in order, so that equal cycles give equal bytes.

    A list of one becomes the one, as RO-Crate 1.1 recommends.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    content["@graph"] = [
        {
            key: value[0] if isinstance(value, list) and len(value) == 1 else value
            for key, value in entity.items()
        }
        for entity in content["@graph"]
    ]
    content["@graph"].sort(key=lambda entity: (entity["@id"] != METADATA, str(entity["@id"])))
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8")


def faults(folder: Path) -> list[str]:
    """Where a crate lacks what its profiles require, read back as any reader of crates would.

    Required by Process Run Crate 0.5 and Workflow Run Crate 0.5: the profiles named and described;
    a main entity that is a workflow with its language, named as the instrument of a CreateAction
    that the root mentions; objects and results that exist; parameters with their type. Files are
    held against the checksum that the crate gives of each.
    """
    crate = ROCrate(folder)
    root, workflow = crate.root_dataset, crate.mainEntity
    graph = {one["@id"]: one for one in _graph(folder)}
    found = _missing(graph, "./", ("name", "description", "datePublished", "license", "mentions"))
    conforms = _ids(graph[METADATA].get("conformsTo"))
    found += [
        f"{METADATA}: does not conform to {url}"
        for url in (SPECIFICATION, _WORKFLOW_CRATE)
        if url not in conforms
    ]
    named = _ids(graph["./"].get("conformsTo"))
    found += [f"./: does not conform to {url}" for url in PROFILES if url not in named]
    found += [fault for url in PROFILES for fault in _missing(graph, url, ("name", "version"))]
    if workflow is None:
        return [*found, "./: has no main entity"]
    kinds = set(_listed(workflow.type))
    found += [f"{workflow.id}: is no {kind}" for kind in _KINDS if kind not in kinds]
    found += _missing(graph, workflow.id, ("name", "programmingLanguage", "input", "output"))
    for one in [*_listed(workflow.get("input")), *_listed(workflow.get("output"))]:
        found += _missing(graph, one.id, ("name", "additionalType", "conformsTo"))
    actions = [one for one in _listed(root.get("mentions")) if one.type == "CreateAction"]
    run = [one for one in actions if one.get("instrument") is workflow]
    if not run:
        found.append("./: mentions no CreateAction whose instrument is the workflow")
    for action in run:
        found += _missing(graph, action.id, ("name", "object", "result"))
        for one in [*_listed(action.get("object")), *_listed(action.get("result"))]:
            if isinstance(one, str) or one.id not in graph:
                found.append(f"{action.id}: names {one}, which is not described")
    for name in sorted(_ids(graph["./"].get("hasPart"))):
        path, checksum = folder / name, graph.get(name, {}).get("sha256")
        if not path.is_file():
            found.append(f"{name}: is not there")
        elif files.sha256_of(path) != checksum:
            found.append(f"{name}: not the checksum that the crate gives")
    return found


def _graph(folder: Path) -> list[dict[str, Any]]:
    content: dict[str, Any] = json.loads((folder / METADATA).read_text(encoding="utf-8"))
    graph: list[dict[str, Any]] = content["@graph"]
    return graph


def _missing(graph: Mapping[str, Entity], name: str, wanted: Sequence[str]) -> list[str]:
    entity = graph.get(name)
    if entity is None:
        return [f"{name}: is not described"]
    return [f"{name}: lacks {one}" for one in wanted if not entity.get(one)]


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [] if value is None else [value]


def _ids(value: Any) -> set[str]:
    return {str(one["@id"]) for one in _listed(value)}
