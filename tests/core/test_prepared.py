"""Plans that the server keeps: asked for, seen by whoever watches statements, and switched off."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import ProgrammingError, connection
from django.test.utils import CaptureQueriesContext

from core.prepared import prepared_cursor

pytestmark = pytest.mark.django_db

MINE = "SELECT %(day)s::date + %(days)s::integer AS moved"
OTHER = f"{MINE}_too"
KEPT = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s"


def kept(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(KEPT, ["%" + sql[-9:]])
        (count,) = cursor.fetchone()
    return int(count)


def moved(days: int, sql: str = MINE) -> Any:
    with prepared_cursor() as cursor:
        cursor.execute(sql, {"day": "2026-03-30", "days": days})
        return cursor.fetchone()[0]


@pytest.fixture
def _without_kept_plans() -> Iterator[None]:
    """As with PREPARED_STATEMENTS=0."""
    connection.ensure_connection()
    before = connection.connection.prepare_threshold
    connection.connection.prepare_threshold = None
    yield
    connection.connection.prepare_threshold = before


@pytest.mark.usefixtures("_without_kept_plans")
def test_without_kept_plans_nothing_is_prepared_and_the_answer_is_the_same() -> None:
    assert [str(moved(days, OTHER)) for days in (1, 2)] == ["2026-03-31", "2026-04-01"]
    assert kept(OTHER) == 0


def test_the_plan_is_kept_once_and_each_parameter_is_read_anew() -> None:
    assert [str(moved(days)) for days in (1, 2, 3)] == ["2026-03-31", "2026-04-01", "2026-04-02"]
    assert kept(MINE) == 1


def test_statements_are_counted_and_watched_like_any_other() -> None:
    seen = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        seen.append(sql)
        return execute(sql, *rest)

    with CaptureQueriesContext(connection) as queries, connection.execute_wrapper(note):
        moved(1)
    assert len(queries) == 1
    assert "AS moved" in queries[0]["sql"]
    assert seen == [MINE]


def test_errors_arrive_as_those_of_the_framework() -> None:
    with pytest.raises(ProgrammingError), prepared_cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")
