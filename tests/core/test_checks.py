"""The start-up checks find what is wrong in the tables, and nothing in ours."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from config import wiring
from core import audit, checks, notifications


def messages(problems) -> list[str]:
    return [f"{problem.id} {problem.msg}" for problem in problems]


@pytest.mark.parametrize(
    "check",
    [
        checks.check_wiring,
        checks.check_urls,
        checks.check_audit_texts,
        checks.check_notification_texts,
    ],
)
def test_ours_is_in_order(check):
    assert messages(check()) == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("documents.nowhere.at_all", "does not import"),
        ("core.permissions.nobody_wrote_this", "does not import"),
        ("core.context.PRODUCT", "cannot be called"),
    ],
)
def test_a_handler_that_is_not_there_is_found(monkeypatch, path, words):
    monkeypatch.setitem(wiring.APPROVAL_HANDLERS, "document_release", path)
    (found,) = messages(checks.check_wiring())
    assert found.startswith("core.E001")
    assert path in found
    assert words in found


def test_an_exposure_source_and_a_task_that_are_not_there_are_found(monkeypatch):
    monkeypatch.setattr(wiring, "CREDIT_EXPOSURE_SOURCES", ("ledger.exposure.NOTHING",))
    monkeypatch.setitem(wiring.EVENT_ROUTES, "ledger.payment.recorded", ("core.tasks.nothing",))
    assert len(checks.check_wiring()) == 2


def test_the_checks_run_with_every_command(monkeypatch):
    monkeypatch.setitem(wiring.APPROVAL_HANDLERS, "document_release", "documents.nowhere.at_all")
    with pytest.raises(SystemCheckError, match=r"documents\.nowhere\.at_all"):
        call_command("check")


def test_a_subject_without_a_page_is_found(monkeypatch):
    monkeypatch.setitem(wiring.SUBJECT_URLS, "core.user", "core:user_detail")
    assert "core.W002 No page is called 'core:user_detail'." in messages(checks.check_urls())


def test_an_event_without_a_sentence_is_found(monkeypatch):
    known = dict(audit._RENDERERS)
    del known["approvals.step.approved"]
    monkeypatch.setattr(audit, "_RENDERERS", known)
    monkeypatch.setitem(wiring.EVENT_ROUTES, "ledger.entry.burnt", ())
    found = messages(checks.check_audit_texts())
    assert len(found) == 2
    assert "approvals.step.approved" in found[0]
    assert "approvals/services.py" in found[0]
    assert "ledger.entry.burnt" in found[1]


def test_a_notification_without_words_is_found(monkeypatch):
    known = dict(notifications._RENDERERS)
    del known["approvals.request.held"]
    monkeypatch.setattr(notifications, "_RENDERERS", known)
    (found,) = messages(checks.check_notification_texts())
    assert found.startswith("core.E004")
    assert "'approvals.request.held' (approvals/notices.py)" in found


def test_the_scan_sees_every_way_of_recording():
    actions = dict(checks.recorded_actions())
    assert "customers.customer.created" in actions  # record("…")
    assert "approvals.step.approved" in actions  # events.record("…")
    assert "documents.document.held" in actions  # _record(row, "…")
