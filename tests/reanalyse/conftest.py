"""How many random worlds are drawn, and a laboratory with its patients."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from reanalyse_genome import ALLELES
from reanalyse_lab import GOOD, Laboratory
from reanalyse_people import Patient
from reanalyse_world import TERMS

settings.register_profile("long", max_examples=2000, deadline=None)
"""Asked for with ``--hypothesis-profile=long``; the tests' own numbers are for every day."""


@pytest.fixture
def lab(tmp_path: Path) -> Laboratory:
    return Laboratory(tmp_path)


@pytest.fixture
def patient(lab: Laboratory) -> Callable[..., Patient]:
    def make(*alleles: str, name: str = "F1", call: str = GOOD, **more: object) -> Patient:
        more.setdefault("observed", (TERMS[3],))
        carried = {i: {"child": call} for i, a in enumerate(ALLELES) if a.key in alleles}
        return Patient(lab.desk.case(name, **more), carried)

    return make
