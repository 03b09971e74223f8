"""Scratch databases: made, emptied and dropped; nobody else's data is touched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, connections

from reports.scenarios.problems import ScenarioRunError
from reports.scenarios.runner import PASSED
from reports.scenarios.scratch import PREFIX, Scratch, _maintenance
from tests.scenario_files import result_of, written


def rows_by_table() -> dict[str, int]:
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 - its own name
            found[table] = cursor.fetchone()[0]
    return found


def test_the_own_database_is_left_alone(scratch: Scratch, tmp_path: Path) -> None:
    own = connection.settings_dict["NAME"]
    before = rows_by_table()

    result = result_of(scratch, written(tmp_path / "mine.yaml"))

    assert result.status == PASSED
    assert connection.settings_dict["NAME"] == own
    assert not own.startswith(PREFIX)
    assert rows_by_table() == before


def databases() -> set[str]:
    with _maintenance() as server:
        return {row[0] for row in server.execute("SELECT datname FROM pg_database")}


def test_nothing_is_left_of_a_run_but_the_template(unblocked: None) -> None:
    with Scratch() as made, made.fresh():
        assert connection.settings_dict["NAME"] == made.name
        assert made.name in databases()

    assert made.name not in databases()
    assert made.template in databases()


def test_what_killed_runs_left_is_dropped_and_what_others_use_is_not(unblocked: None) -> None:
    left_over = f"{PREFIX}1_deadbeef"
    with Scratch() as other, other.fresh():
        with _maintenance() as server:
            server.execute(f'CREATE DATABASE "{left_over}"')
        with Scratch():
            assert left_over not in databases()
            assert other.name in databases()


@contextmanager
def connecting_as(user: str) -> Iterator[None]:
    settings = connections.settings["default"]
    own = settings["USER"]
    connections.close_all()
    settings["USER"] = user
    try:
        yield
    finally:
        connections.close_all()
        settings["USER"] = own


def test_without_the_right_to_make_databases_one_sentence_says_so(unblocked: None) -> None:
    role = "affido_scenario_test_plain"
    password = connections.settings["default"]["PASSWORD"] or "unused"
    with _maintenance() as server:
        server.execute(f"DROP ROLE IF EXISTS {role}")
        server.execute(f"CREATE ROLE {role} LOGIN NOCREATEDB PASSWORD '{password}'")
    try:
        with connecting_as(role), pytest.raises(ScenarioRunError) as raised:
            Scratch().__enter__()
    finally:
        with _maintenance() as server:
            server.execute(f"DROP ROLE {role}")

    assert "ALTER ROLE" in str(raised.value)
    assert "CREATEDB" in str(raised.value)
