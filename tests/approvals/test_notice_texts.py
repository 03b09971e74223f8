"""The words of every notification, as the bell and the mail show them."""

from __future__ import annotations

import pytest
from django.utils import translation

from core.models import Notification
from core.notifications import text

FACTS = {
    "subject": "SO-7",
    "customer": "Rossi",
    "amount": "2360.00",
    "overrun": "2360.00",
    "currency": "EUR",
    "asked_by": "Sara",
    "reasons": ["Over the limit", "Overdue too long"],
}


def words(code: str, **facts):
    return text(Notification(code=f"approvals.request.{code}", params={**FACTS, **facts}))


def test_waiting_names_the_case_and_its_figures():
    told = words("waiting")
    assert told.subject == "SO-7, Rossi: waits for your decision"
    assert told.sentence == (
        "SO-7 of Rossi waits for your decision: Over the limit, Overdue too long."
    )
    assert told.lines == (
        "Why: Over the limit, Overdue too long",
        "Amount to approve: 2,360.00 EUR",
        "Over the limit by: 2,360.00 EUR",
        "Asked by: Sara",
    )


def test_nothing_over_is_not_mentioned():
    assert not any("Over the limit by" in line for line in words("waiting", overrun="0.00").lines)


@pytest.mark.parametrize(
    ("code", "facts", "sentence"),
    [
        ("held", {"people": ["Aldo", "Carla"]}, "It can be decided by Aldo, Carla."),
        ("held", {"people": []}, "Nobody has the authority for it yet"),
        ("without_authority", {"top": "1000.00"}, "the highest authority ends at 1,000.00 EUR."),
        ("without_authority", {"top": None}, "Nobody has the authority to approve 2,360.00 EUR"),
        ("approved", {"who": "Aldo", "reason": "good"}, "Aldo approved SO-7 of Rossi: “good”"),
        ("refused", {"who": "Aldo", "reason": "late"}, "Aldo refused SO-7 of Rossi: “late”"),
        ("outdated", {"who": "Aldo", "reason": "ok"}, "the question went out again."),
    ],
)
def test_each_says_what_happened(code, facts, sentence):
    told = words(code, **facts)
    assert sentence in told.sentence
    assert told.subject.startswith("SO-7, Rossi: ")
    assert "%(" not in told.subject + told.sentence + "".join(told.lines)


def test_figures_follow_the_readers_language():
    with translation.override("it"):
        assert any("2.360,00 EUR" in line for line in words("waiting").lines)


def test_missing_figures_do_not_break_the_list():
    broken = Notification(code="approvals.request.waiting", params={})
    assert text(broken).sentence == "approvals.request.waiting (figures missing)"
    assert text(Notification(code="gone.code")).sentence == "gone.code"
