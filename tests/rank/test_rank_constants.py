"""The tables of constants: whole, and refused when they are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from rank_world import CONSTANTS, PROFILE

from ariane.files import RESOURCES
from ariane.knowledge.readers import inheritance_modes
from ariane.model.errors import ArianeError
from ariane.rank.constants import load_constants
from ariane.rank.evaluate import PAIRED, SINGLE
from ariane.rank.family import ONE_COPY
from ariane.rank.karyotype import MODES
from ariane.rank.profile import load_profile

RANKING = RESOURCES / "ranking.yaml"


def test_every_mode_has_its_predicate_and_its_limit() -> None:
    modes = {mode for allowed in MODES.values() for mode in allowed}
    assert modes == set(SINGLE) == set(CONSTANTS.max_frequency)
    assert modes == ONE_COPY | PAIRED
    assert not ONE_COPY & PAIRED
    stated = {mode for found in inheritance_modes().values() for mode in found}
    assert stated == modes | {"none"}


def test_every_genotype_weight_is_used() -> None:
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in sorted((RESOURCES.parent / "workflow" / "ariane" / "rank").glob("*.py"))
    )
    unused = [key for key in CONSTANTS.genotype if f'"{key}"' not in code]
    assert unused == []


def test_probabilities_are_probabilities() -> None:
    priors = [p for by_round in CONSTANTS.none.values() for p in by_round.values()]
    assert all(0 < p < 1 for p in priors)
    assert all(0 <= p <= 1 for p in CONSTANTS.trans.values())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw.pop("phenotype"),
        lambda raw: raw["calls"].pop("depth"),
        lambda raw: raw["calls"].update(colour=1),
        lambda raw: raw["trans"].update(cis="never"),
        lambda raw: raw["calls"].update(balance=[0.1]),
    ],
)
def test_a_spoilt_table_is_refused_by_name(tmp_path: Path, spoil: Any) -> None:
    raw = yaml.safe_load(RANKING.read_text(encoding="utf-8"))
    spoil(raw)
    path = tmp_path / "ranking.yaml"
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    with pytest.raises(ArianeError, match=r"ranking\.yaml: missing or wrong"):
        load_constants(path)


def test_an_unknown_profile_names_the_known_ones() -> None:
    with pytest.raises(ArianeError, match=r"no ACMG profile 'french'\. Choose among: clingen"):
        load_profile("french")


def test_a_spoilt_profile_is_refused(tmp_path: Path) -> None:
    (tmp_path / "half.yaml").write_text("name: half\nversion: 1\n", encoding="utf-8")
    with pytest.raises(ArianeError, match=r"half\.yaml: missing or wrong: 'points'"):
        load_profile("half", tmp_path)


def test_the_clingen_profile_is_the_published_scale() -> None:
    assert [PROFILE.weigh(s) for s in ("supporting", "moderate", "strong", "very_strong")] == [
        1000,
        2000,
        4000,
        8000,
    ]
    assert (PROFILE.pm2, PROFILE.ba1_min_frequency) == ("supporting", 0.05)
    assert PROFILE.code("PVS1", "very_strong", "very_strong") == "PVS1"
    assert PROFILE.code("PM5", "very_strong", "moderate") == "PM5_VeryStrong"
