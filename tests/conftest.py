"""For every test: fair properties, and an audit trail that always reads."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models.signals import post_save
from hypothesis import HealthCheck, settings

from tests.harness.fixtures import lab  # noqa: F401 - a fixture
from tests.scenario_fixtures import scratch, unblocked  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.models import AuditEvent

# Properties are judged by what they find, not by how busy the machine is.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

ISO_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")


@pytest.fixture(scope="session", autouse=True)
def _every_event_reads_as_a_sentence() -> Iterator[None]:
    """Whatever a test records has words for its figures as the database will give them back."""
    from core import audit
    from core.models import AuditEvent

    def read(instance: AuditEvent, **_kwargs: Any) -> None:
        stored = json.loads(json.dumps(instance.data, cls=DjangoJSONEncoder))
        words = audit.sentence(AuditEvent(action=instance.action, data=stored))
        assert instance.action not in words, words
        assert not ISO_DAY.search(words), words

    post_save.connect(read, sender=AuditEvent)
    yield
    post_save.disconnect(read, sender=AuditEvent)
