"""Live answers by itself; ready says which part is missing."""

from __future__ import annotations

import pytest
from celery import current_app
from django.db import connections
from django.urls import reverse

from core import health
from core.health import DOWN, MIGRATIONS_MISSING, OK, Readiness, readiness


def test_live_asks_nobody(client, django_assert_num_queries):
    answer = client.get(reverse("core:health_live"))
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_ready_when_everything_is_there(client):
    answer = client.get(reverse("core:health_ready"))
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "broker": "ok"}


@pytest.mark.django_db
def test_ready_reports_a_broker_that_is_away_and_still_serves(client, monkeypatch, tmp_path):
    url = f"redis+socket://{tmp_path}/nobody-listens.sock"
    monkeypatch.setattr(current_app.conf, "broker_write_url", url)
    answer = client.get(reverse("core:health_ready"))
    assert answer.status_code == 200
    assert answer.json() == {"status": "degraded", "database": "ok", "broker": "down"}


@pytest.fixture
def nowhere(tmp_path):
    """A database alias behind which no server listens."""
    connections.settings["nowhere"] = {**connections.settings["default"], "HOST": str(tmp_path)}
    yield "nowhere"
    del connections["nowhere"]
    del connections.settings["nowhere"]


def test_a_database_that_is_away_is_down(nowhere, django_db_blocker):
    with django_db_blocker.unblock():
        state = readiness(nowhere)
    assert (state.database, state.status) == (DOWN, "down")


def test_ready_answers_503_without_its_database(client, nowhere, django_db_blocker, monkeypatch):
    monkeypatch.setattr(health.readiness, "__defaults__", (nowhere,))
    with django_db_blocker.unblock():
        answer = client.get(reverse("core:health_ready"))
    assert answer.status_code == 503
    assert answer.json()["database"] == "down"


@pytest.mark.django_db
def test_a_migration_that_was_not_applied_is_not_ready():
    from django.db.migrations.recorder import MigrationRecorder

    recorder = MigrationRecorder(connections["default"])
    recorder.migration_qs.filter(app="approvals").delete()
    state = readiness()
    assert (state.database, state.status) == (MIGRATIONS_MISSING, "down")


def test_status_in_one_word():
    assert Readiness(OK, OK).status == "ok"
    assert Readiness(OK, DOWN).status == "degraded"
    assert Readiness(DOWN, DOWN).status == "down"
