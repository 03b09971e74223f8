"""A scratch database for tests that run acceptance cases (fixtures, known to every test)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reports.scenarios.scratch import Scratch

__all__ = ["scratch", "unblocked"]


@pytest.fixture(scope="module")
def unblocked(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The runner opens connections of its own, to a database of its own."""
    from django.db import connections

    with django_db_blocker.unblock():
        yield
        connections.close_all()


@pytest.fixture(scope="module")
def scratch(unblocked: None) -> Iterator[Scratch]:
    """One scratch database for the cases of a module."""
    from reports.scenarios.scratch import Scratch

    with Scratch() as made:
        yield made
