"""One company and its people on a fixed day."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.test import Client

from core.models import User
from tests.world import TODAY, World, make_world

MORNING = datetime.datetime.combine(TODAY, datetime.time(8), tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _on_the_day() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=True):
        yield


@pytest.fixture
def world(db: None) -> World:
    return make_world(limit=1000)


@pytest.fixture
def login() -> Callable[[User], Client]:
    """A client signed in as the user."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def manager(world: World, login: Callable[[User], Client]) -> Client:
    """The credit manager's browser."""
    return login(world.manager)
