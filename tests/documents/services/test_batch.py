"""Several documents at once: each by itself, each with an answer."""

from __future__ import annotations

import pytest

from documents.models import HoldCase
from documents.services.batch import documents_step
from ledger.models import JournalEntry
from tests.documents.services.cycle import Cycle, fresh, item
from tests.factories.customers import CustomerAccountFactory
from tests.world import TODAY

pytestmark = pytest.mark.django_db


def test_one_held_order_does_not_stop_the_others(cycle: Cycle) -> None:
    orders = [cycle.draft("order", item(price)) for price in (4000, 7000, 1000)]
    done = cycle.order(item(5))

    answers = documents_step(
        documents=[*orders, done], step="submit", actor=cycle.world.clerk, as_of=TODAY
    )

    assert [answer.outcome for answer in answers] == ["pass", "hold", "pass", "failed"]
    assert [answer.done for answer in answers] == [True, False, True, False]
    assert "limit" in answers[1].why
    assert "Submitted" in answers[3].why
    assert [fresh(order).status for order in orders] == ["submitted", "held", "submitted"]
    assert cycle.figures() == {"O": 5005}
    assert HoldCase.objects.count() == 1


def test_posting_a_batch_of_several_customers(cycle: Cycle) -> None:
    other = CustomerAccountFactory(company=cycle.world.company)
    good = cycle.draft("invoice", item(100))
    foreign = cycle.draft("invoice", item(200), account=other)  # no limit: held
    order = cycle.draft("order", item(1))

    answers = documents_step(
        documents=[foreign, order, good], step="post", actor=cycle.treasurer, as_of=TODAY
    )

    assert [answer.outcome for answer in answers] == ["hold", "failed", "pass"]
    assert [fresh(row).status for row in (foreign, order, good)] == ["draft", "draft", "posted"]
    assert JournalEntry.objects.count() == 1


def test_without_the_right_every_answer_says_so(cycle: Cycle) -> None:
    invoice = cycle.draft("invoice", item(100))
    [answer] = documents_step(
        documents=[invoice], step="post", actor=cycle.world.clerk, as_of=TODAY
    )
    assert (answer.outcome, fresh(invoice).status) == ("failed", "draft")
