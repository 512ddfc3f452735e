"""For every test: no deadline for a single example, for a busy machine is no fault."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("ariane", deadline=None)
settings.load_profile("ariane")
