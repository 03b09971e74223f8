"""Fixtures of the harness, for every test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.harness.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """One laboratory for all kill tests of a test process."""
    with Lab() as lab:
        yield lab
