"""For every test: a busy machine is no fault, neither in one example nor in drawing them."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("ariane", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ariane")
