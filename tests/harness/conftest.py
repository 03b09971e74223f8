"""One laboratory (a PostgreSQL and a worker) for all kill tests of a test process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.harness.kills import Lab

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab
