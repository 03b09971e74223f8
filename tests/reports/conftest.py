"""A small world on a fixed day for the reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import time_machine
from django.test import Client

from tests.world import TODAY, World, make_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.models import User


@pytest.fixture
def today() -> Iterator[None]:
    """The clock stands at noon of the world's day."""
    with time_machine.travel(f"{TODAY.isoformat()} 10:00Z", tick=False):
        yield


@pytest.fixture
def world(db: None, today: None) -> World:
    """One company, one customer with a limit of 1,000, its people."""
    return make_world()


@pytest.fixture
def as_user() -> Callable[[User], Client]:
    """A browser in which somebody has signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in
