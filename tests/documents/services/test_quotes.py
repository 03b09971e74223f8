"""Quotes: accepted whole or in parts, once, while they hold."""

from __future__ import annotations

import datetime

import pytest

from approvals.models import ApprovalRequest
from approvals.services import step_approve
from core.errors import Conflict, NotAllowed
from documents.models import Document
from documents.services.quotes import order_from_quote, quote_accept
from documents.services.steps import document_cancel, document_close, document_reopen
from tests.documents.services.cycle import Cycle, actions, fresh, item, kind
from tests.factories.core import UserFactory
from tests.world import TODAY

pytestmark = pytest.mark.django_db

TOMORROW = TODAY + datetime.timedelta(days=1)


def orders() -> int:
    return Document.objects.filter(type__code="order").count()


def test_a_quote_counts_nothing_and_its_order_asks(cycle: Cycle) -> None:
    quote = cycle.made("quote", item(100, 10), valid_until=TODAY)
    assert (quote.status, cycle.figures()) == ("submitted", {})

    result = quote_accept(quote=quote, actor=cycle.world.clerk, as_of=TODAY)

    assert result.outcome == "pass"
    assert (result.document.type.code, result.document.status) == ("order", "submitted")
    assert cycle.figures() == {"O": 1000}
    assert fresh(quote).status == "closed"
    assert actions(quote)[-1] == "accepted"


def test_the_order_of_a_quote_over_the_limit_is_held(cycle: Cycle) -> None:
    quote = cycle.made("quote", item(100, 101))

    result = quote_accept(quote=quote, actor=cycle.world.clerk, as_of=TODAY)

    assert result.document.status == "held"
    assert result.request is not None
    assert (cycle.figures(), cycle.waiting()) == ({}, 10_100)
    assert fresh(quote).status == "closed"
    step_approve(
        request=result.request, actor=cycle.world.manager, comment="a good customer", as_of=TODAY
    )
    assert cycle.figures() == {"O": 10_100}


def test_an_expired_quote_is_refused_with_its_day(cycle: Cycle) -> None:
    quote = cycle.made("quote", item(100, 10), valid_until=TODAY)

    with pytest.raises(Conflict, match="valid until 31 Mar 2026"):
        quote_accept(quote=quote, actor=cycle.world.clerk, as_of=TOMORROW)

    assert (orders(), fresh(quote).status) == (0, "submitted")


def test_a_quote_is_accepted_once(cycle: Cycle) -> None:
    quote = cycle.made("quote", item(100, 10))
    quote_accept(quote=quote, actor=cycle.world.clerk, as_of=TODAY)

    with pytest.raises(Conflict, match="accepted or closed already"):
        quote_accept(quote=quote, actor=cycle.world.clerk, as_of=TODAY)
    assert orders() == 1


def test_a_part_of_a_quote_leaves_the_rest_open(cycle: Cycle) -> None:
    quote = cycle.made("quote", item(100, 10), item(7, 3, "Bolts"))

    first = order_from_quote(
        quote=quote, actor=cycle.world.clerk, on=TODAY, lines=cycle.parts(quote, 4, 0)
    )
    assert (first.gross_amount, fresh(quote).status) == (400, "submitted")
    with pytest.raises(Conflict, match="7 is too much, 6 of 10"):
        order_from_quote(
            quote=quote, actor=cycle.world.clerk, on=TODAY, lines=cycle.parts(quote, 7, 0)
        )
    rest = quote_accept(quote=quote, actor=cycle.world.clerk, as_of=TODAY).document

    assert rest.gross_amount == 621
    assert fresh(quote).status == "closed"


def test_what_was_not_sent_or_was_given_up_is_not_accepted(cycle: Cycle) -> None:
    draft = cycle.draft("quote", item(100))
    lost = cycle.made("quote", item(100))
    document_close(document=lost, actor=cycle.world.clerk, as_of=TODAY, reason="lost")

    for quote in (draft, lost):
        with pytest.raises(Conflict):
            quote_accept(quote=quote, actor=cycle.world.clerk, as_of=TODAY)
    assert orders() == 0


def test_after_its_order_was_cancelled_a_reopened_quote_is_accepted_again(cycle: Cycle) -> None:
    quote = cycle.made("quote", item(100, 10))
    order = quote_accept(quote=quote, actor=cycle.world.clerk, as_of=TODAY).document
    document_cancel(document=order, actor=cycle.world.clerk, as_of=TODAY)

    document_reopen(document=quote, actor=cycle.world.clerk, as_of=TODAY)
    again = quote_accept(quote=quote, actor=cycle.world.clerk, as_of=TODAY).document

    assert again.gross_amount == 1000
    assert cycle.figures() == {"O": 1000}


def test_a_checked_quote_is_held_and_counts_nothing(cycle: Cycle) -> None:
    type_ = kind("quote")
    type_.counts_as_credit = True
    type_.save()

    quote = cycle.made("quote", item(100, 101))

    assert quote.status == "held"
    assert (cycle.figures(), cycle.waiting()) == ({}, 0)
    assert ApprovalRequest.objects.get().amount == 100


def test_nobody_without_the_right_accepts(cycle: Cycle) -> None:
    quote = cycle.made("quote", item(100))
    with pytest.raises(NotAllowed):
        quote_accept(quote=quote, actor=UserFactory(username="olga", role="auditor"), as_of=TODAY)
    assert (orders(), fresh(quote).status) == (0, "submitted")
