"""The audit trail tells of limits in the reader's notation, and names the last day they hold."""

from __future__ import annotations

import datetime

import pytest
from django.utils import translation

from core import audit
from core.models import AuditEvent
from tests.world import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world(limit=None)


def newest() -> str:
    return audit.sentence(AuditEvent.objects.filter(action="credit_limits.limit.granted")[0])


def test_a_limit_its_span_and_what_it_was_before(world: World) -> None:
    world.limit(1500)
    assert newest() == (
        f"Limit of {world.account} set to 1,500.00 EUR from 1 Jan 2026 on (before: none): test"
    )

    world.limit(None, "unlimited", valid_from=datetime.date(2026, 2, 1))
    assert newest() == (
        f"Limit of {world.account} set to unlimited from 1 Feb 2026 on (before: 1,500.00 EUR): test"
    )


def test_a_temporary_limit_names_its_last_day(world: World) -> None:
    world.limit(
        1500,
        kind="temporary",
        valid_from=datetime.date(2026, 2, 1),
        valid_until=datetime.date(2026, 3, 1),
    )

    assert newest().startswith(
        f"Temporary limit of {world.account} set to 1,500.00 EUR from 1 Feb 2026 to 28 Feb 2026"
    )
    with translation.override("it"):
        assert "1.500,00 EUR" in newest()
