"""Every session at the database begins alike, and deferred checks cost no more than their rows."""

from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from core.sessions import session_begin

TOLD = "SELECT current_setting('pgtrigger.ignore', true), current_setting('plan_cache_mode')"
EXPECTED = ("{}", "force_generic_plan")


def told(session: Any) -> Any:
    with session.cursor() as cursor:
        cursor.execute(TOLD)
        return cursor.fetchone()


@pytest.mark.django_db
def test_a_new_session_is_told_and_ends_its_transaction() -> None:
    fresh = connections.create_connection("default")
    try:
        assert told(fresh) == EXPECTED
    finally:
        fresh.close()
    assert told(connection) == EXPECTED


@pytest.mark.django_db
def test_a_session_without_autocommit_is_left_outside_a_transaction() -> None:
    with psycopg.connect(**connection.get_connection_params()) as session:
        assert not session.autocommit
        session_begin(session)
        assert session.info.transaction_status.name == "IDLE"
        session.rollback()
        assert told(session) == EXPECTED


@pytest.mark.django_db
def test_asking_whether_a_trigger_is_off_raises_nothing_inside() -> None:
    """A caught error would be a subtransaction taken back, each with a walk through all events."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('pgtrigger.ignore')::text[] = '{}'")
        assert cursor.fetchone() == (True,)
