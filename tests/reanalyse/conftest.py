"""How many random worlds are drawn."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("long", max_examples=2000, deadline=None)
"""Asked for with ``--hypothesis-profile=long``; the tests' own numbers are for every day."""
