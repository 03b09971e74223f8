"""A day on which the cycle runs."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
import time_machine

from tests.documents.services.cycle import Cycle, make_cycle
from tests.world import TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator

MORNING = datetime.datetime.combine(TODAY, datetime.time(8), tzinfo=datetime.UTC)


@pytest.fixture
def cycle(db: None) -> Iterator[Cycle]:
    """A customer with a limit of 10,000 and nothing else, in the morning of the day."""
    with time_machine.travel(MORNING, tick=True):
        yield make_cycle()
