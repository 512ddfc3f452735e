from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ariane.registry.apply import WriteBack
from ariane.registry.mapping import RegistryMapping, parse_mapping
from ariane.registry.patch import Patch, Proposal
from ariane.registry.place import FilePlace
from ariane.registry.state import StateFolder

COLUMNS = {
    "proposal_status": "ariane_statut_propose",
    "gene": "ariane_gene",
    "posterior": "ariane_probabilite",
    "due": "ariane_echeance",
    "cycle": "ariane_cycle",
}


@pytest.fixture
def mapping() -> RegistryMapping:
    return parse_mapping({"key": "id", "columns": COLUMNS}, "mapping.yaml")


@pytest.fixture
def patch_of(mapping: RegistryMapping) -> Callable[..., Patch]:
    def make(values: Mapping[str, Mapping[str, str]], cycle: str = "c1", **more: Any) -> Patch:
        proposals = tuple(Proposal(case, dict(v)) for case, v in sorted(values.items()))
        return Patch(
            cycle, "R1", {"ranking": 1}, mapping.identity, 0.1, proposals, more.get("refused", ())
        )

    return make


@pytest.fixture
def work(tmp_path: Path, mapping: RegistryMapping) -> Callable[..., WriteBack]:
    def make(patch: Patch, registry: Path) -> WriteBack:
        place, state = FilePlace(registry, mapping), StateFolder(tmp_path / "state")
        return WriteBack(place, mapping, patch, state, "2024-03-06", "RCP-1")

    return make


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a database of a PostgreSQL server of this session's own, on a socket in a folder."""
    import postgresql_server

    if reason := postgresql_server.unable():
        pytest.skip(reason)
    with postgresql_server.running() as address:
        yield address
