"""Starts the embedded servers before the first test asks for a database."""

import pytest

from config.embedded import ensure_postgres


def pytest_configure(config: pytest.Config) -> None:
    ensure_postgres()
