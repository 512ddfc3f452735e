"""How many random worlds are drawn, and one database process for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import duckdb
import pytest
from hypothesis import settings

from ariane import files

settings.register_profile("long", max_examples=2000, deadline=None)
"""Asked for with ``--hypothesis-profile=long``; the tests' own numbers are for every day."""


@pytest.fixture(scope="module")
def one_database() -> Iterator[None]:
    """Start DuckDB once instead of at each question.

    Each question still has a connection of its own (a cursor), with its own temporary views.
    Starting takes thirty milliseconds, answering five.
    """
    with pytest.MonkeyPatch.context() as patch, duckdb.connect(config={"threads": 1}) as base:
        patch.setattr(files, "duckdb", SimpleNamespace(connect=base.cursor, Error=duckdb.Error))
        yield
