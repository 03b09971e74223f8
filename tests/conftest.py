"""For every test: properties are judged by what they find, not by how busy the machine is."""

from hypothesis import HealthCheck, settings

from tests.scenario_fixtures import scratch, unblocked  # noqa: F401 - fixtures

settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
