"""The page of one document of the cycle: progress, chain, where the value sits, what may follow."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import User
from documents.amounts import LineInput
from documents.models import Document, DocumentLine
from documents.services.convert import (
    credit_note_create,
    delivery_create,
    invoice_create,
    price_credit_create,
    return_create,
)
from documents.services.posting import invoice_post
from documents.services.steps import document_cancel, document_close
from documents.words import named
from tests.documents.views.conftest import edit_data, texts
from tests.documents.views.story import accepted, draft, line_of, tell
from tests.factories.core import UserFactory
from tests.world import TODAY, World

pytestmark = pytest.mark.django_db

YESTERDAY = TODAY - datetime.timedelta(days=1)


def seen(client: Client, document: Document) -> Any:
    response = client.get(f"/orders/{document.pk}/")
    assert response.status_code == 200
    return response


def went(response: Any, item: str) -> dict[str, tuple[Decimal, Decimal]]:
    """Where the units of a line went, each with what is only drafted."""
    [row] = [row for row in response.context["progress"].rows if row.line.description == item]
    return {name: (figure.stood, figure.drafted) for name, figure in row.went.items()}


def left(response: Any) -> dict[str, Decimal | None]:
    return {row.line.description: row.left for row in response.context["progress"].rows}


def sits(response: Any) -> dict[str, dict[str, Decimal]]:
    """{document: {component: amount}} of the whole chain."""
    return {
        str(link.document): {place.component: place.amount for place in link.places}
        for link in response.context["chain"].links
        if link.places
    }


def offered(response: Any) -> set[str]:
    return {str(step.label) for step in response.context["next_steps"]}


def test_the_columns_tell_how_far_each_line_went(world: World, clerk: Client) -> None:
    story = tell(world)

    order = seen(clerk, story.order)
    assert went(order, "Pumps") == {"delivered": (6, 0), "invoiced": (4, 0)}
    assert went(order, "Pipes") == {"delivered": (0, 0), "invoiced": (0, 0)}
    assert left(order) == {"Pumps": 4, "Pipes": 40}
    note = seen(clerk, story.delivery)
    assert went(note, "Pumps") == {"invoiced": (4, 0), "returned": (0, 0)}
    assert left(note) == {"Pumps": 2}
    quote = seen(clerk, story.quote)
    assert went(quote, "Pipes") == {"ordered": (40, 0)}
    assert left(quote) == {"Pumps": 0, "Pipes": 0}
    assert went(seen(clerk, story.invoice), "Pumps") == {"credited": (0, 0)}


def test_returns_credit_notes_and_drafts_are_told_apart(world: World, clerk: Client) -> None:
    story = tell(world)
    pumps = line_of(story.delivery, "Pumps")
    accepted(return_create(lines=[(pumps, Decimal(1))], on=TODAY, actor=world.clerk), world)
    invoice_create(lines=[(pumps, Decimal(1))], on=TODAY, actor=world.clerk)
    credited = [(line_of(story.invoice, "Pumps"), Decimal(2))]
    credit = credit_note_create(lines=credited, on=TODAY, actor=world.clerk, reopens=True)
    delivery_create(
        lines=[(line_of(story.order, "Pipes"), Decimal(8))], on=TODAY, actor=world.clerk
    )

    order = seen(clerk, story.order)
    assert went(order, "Pumps") == {"delivered": (5, 0), "invoiced": (4, -1)}
    assert went(order, "Pipes") == {"delivered": (0, 8), "invoiced": (0, 0)}
    assert left(order) == {"Pumps": 5, "Pipes": 32}
    assert "+ 8 drafted" in order.content.decode()
    assert went(seen(clerk, story.invoice), "Pumps") == {"credited": (0, 2)}

    invoice_post(document=credit, actor=world.manager, on=TODAY, as_of=TODAY)
    assert went(seen(clerk, story.order), "Pumps")["invoiced"] == (2, 1)
    assert went(seen(clerk, story.invoice), "Pumps") == {"credited": (2, 0)}


def test_goods_credited_from_their_return_are_credited_of_the_invoice(
    world: World, clerk: Client
) -> None:
    story = tell(world)  # 6 pumps delivered, 4 of them invoiced
    pumps = line_of(story.delivery, "Pumps")
    back = accepted(return_create(lines=[(pumps, Decimal(3))], on=TODAY, actor=world.clerk), world)
    one = [(line_of(back, "Pumps"), Decimal(1))]
    note = credit_note_create(lines=one, on=TODAY, actor=world.clerk)
    assert went(seen(clerk, back), "Pumps") == {"credited": (0, 1)}
    assert went(seen(clerk, story.invoice), "Pumps") == {"credited": (0, 1)}

    invoice_post(document=note, actor=world.manager, on=TODAY, as_of=TODAY)
    invoice = seen(clerk, story.invoice)
    assert went(invoice, "Pumps") == {"credited": (1, 0)}
    assert "Credit note" in offered(invoice)

    rest = [(line_of(story.invoice, "Pumps"), Decimal(3))]
    credit_note_create(lines=rest, on=TODAY, actor=world.clerk)
    invoice = seen(clerk, story.invoice)
    assert went(invoice, "Pumps") == {"credited": (1, 3)}
    assert "Credit note" not in offered(invoice)


def test_a_credited_return_of_goods_on_two_invoices_is_of_neither(
    world: World, clerk: Client
) -> None:
    story = tell(world)
    pumps = line_of(story.delivery, "Pumps")
    rest = accepted(invoice_create(lines=[(pumps, Decimal(2))], on=TODAY, actor=world.clerk), world)
    back = accepted(return_create(lines=[(pumps, Decimal(3))], on=TODAY, actor=world.clerk), world)
    credit_note_create(lines=[(line_of(back, "Pumps"), Decimal(3))], on=TODAY, actor=world.clerk)
    for bill in (story.invoice, rest):
        assert went(seen(clerk, bill), "Pumps") == {"credited": (0, 0)}


def test_a_lowered_price_is_no_credited_quantity(world: World, clerk: Client) -> None:
    story = tell(world)
    price_credit_create(
        amounts=[(line_of(story.invoice, "Pumps"), Decimal("1.00"))], on=TODAY, actor=world.clerk
    )
    assert went(seen(clerk, story.invoice), "Pumps") == {"credited": (0, 0)}


def test_every_document_of_the_chain_links_to_every_other(world: World, clerk: Client) -> None:
    story = tell(world)
    every = [story.quote, story.order, story.delivery, story.invoice]

    for document in every:
        response = seen(clerk, document)
        page = response.content.decode()
        assert [link.document for link in response.context["chain"].links] == every
        for other in every:
            if other != document:
                assert f'href="/orders/{other.pk}/"' in page
        assert f'href="/ledger/entries/{story.invoice.entry_id}/"' in page
        assert "Payment Bank 1" in page


def test_the_ledger_leads_back_to_the_document(world: World, clerk: Client) -> None:
    story = tell(world)
    assert story.invoice.entry is not None
    item = story.invoice.entry.items.get()
    payment = item.debit_allocations.get().credit_item

    for path in (f"/ledger/items/{item.pk}/", f"/ledger/entries/{story.invoice.entry_id}/"):
        page = clerk.get(path).content.decode()
        assert f'<a href="/orders/{story.invoice.pk}/">Invoice {story.invoice.number}</a>' in page
    other = clerk.get(f"/ledger/items/{payment.pk}/")
    assert other.context["origin"] is None
    assert "/orders/" not in other.content.decode().partition("<h1")[2].partition("</header>")[0]


def test_other_sales_of_the_customer_are_not_in_the_chain(world: World, clerk: Client) -> None:
    story = tell(world)
    other = accepted(draft(world, "order"), world)
    pipes = delivery_create(
        lines=[(line_of(story.order, "Pipes"), Decimal(8))], on=TODAY, actor=world.clerk
    )

    chain = seen(clerk, story.invoice).context["chain"]

    assert other not in [link.document for link in chain.links]
    assert pipes not in [link.document for link in chain.links]  # another branch of the order
    alone = seen(clerk, other)
    assert not alone.context["chain"].is_linked
    assert "From quote to payment" not in alone.content.decode()


def test_the_value_sits_in_one_place_each_and_adds_up(world: World, clerk: Client) -> None:
    story = tell(world, pay=False)

    here = sits(seen(clerk, story.order))

    assert here == {
        str(story.order): {"order_open": 320},
        str(story.delivery): {"delivered_uninvoiced": 60},
        str(story.invoice): {"invoice_open": 120},
    }
    assert sum(amount for places in here.values() for amount in places.values()) == 500


def test_a_payment_takes_its_part_out(world: World, clerk: Client) -> None:
    story = tell(world)

    page = seen(clerk, story.invoice)

    assert sits(page)[str(story.invoice)] == {"invoice_open": 60}
    assert "60.00 EUR open" in page.content.decode()


@pytest.mark.parametrize("code", ["quote", "receipt", "move", "pro_forma"])
def test_what_never_counts_says_so(world: World, clerk: Client, code: str) -> None:
    page = seen(clerk, accepted(draft(world, code), world))

    assert "It never counts." in page.content.decode()
    assert sits(page) == {}
    assert page.context["box"] is None
    assert page.context["position"] is None


def test_a_draft_invoice_counts_already_and_a_draft_order_does_not(
    world: World, clerk: Client
) -> None:
    invoice, order = draft(world, "invoice"), draft(world, "order")

    assert sits(seen(clerk, invoice)) == {str(invoice): {"invoice_draft": 500}}
    assert sits(seen(clerk, order)) == {}
    assert "Nowhere: it counts once it is submitted." in seen(clerk, order).content.decode()


def test_the_next_steps_are_those_that_make_sense(world: World, clerk: Client) -> None:
    story = tell(world)
    quote = accepted(draft(world, "quote"), world)
    free = draft(world, "invoice")
    posted = invoice_post(document=free, actor=world.manager, on=TODAY, as_of=TODAY).document

    assert offered(seen(clerk, quote)) == {"Accept: make the order"}
    assert offered(seen(clerk, story.quote)) == set()
    assert offered(seen(clerk, story.order)) == {
        "Deliver",
        "Invoice directly",
        "Advance",
        "Pro-forma",
    }
    assert offered(seen(clerk, story.delivery)) == {"Invoice", "Return"}
    assert offered(seen(clerk, story.invoice)) == {"Credit note"}
    assert offered(seen(clerk, posted)) == {"Credit note", "Deliver the goods"}
    assert offered(seen(clerk, draft(world, "order"))) == set()
    assert offered(seen(clerk, accepted(draft(world, "receipt"), world))) == set()
    page = seen(clerk, story.order).content.decode()
    assert f"/orders/convert/?type=delivery&amp;document={story.order.pk}" in page


def test_what_came_back_is_credited_where_it_was_invoiced(world: World, clerk: Client) -> None:
    story = tell(world)  # six went out, four of them were invoiced
    pumps = line_of(story.delivery, "Pumps")
    few, more = (
        accepted(return_create(lines=[(pumps, quantity)], on=TODAY, actor=world.clerk), world)
        for quantity in (Decimal(2), Decimal(1))
    )
    assert offered(seen(clerk, more)) == {"Credit note"}
    assert offered(seen(clerk, story.delivery)) == {"Return"}
    document_cancel(document=more, actor=world.clerk, as_of=TODAY)
    assert offered(seen(clerk, few)) == set()


def test_nothing_left_nothing_offered(world: World, clerk: Client) -> None:
    order = accepted(draft(world, "order", LineInput("Pump", Decimal(2), Decimal(10))), world)
    part = [(line_of(order, "Pump"), Decimal(2))]
    accepted(delivery_create(lines=part, on=TODAY, actor=world.clerk), world)
    closed = accepted(draft(world, "order"), world)
    document_close(document=closed, actor=world.clerk, as_of=TODAY)

    assert "Deliver" not in offered(seen(clerk, order))
    assert offered(seen(clerk, closed)) == set()


def test_posting_is_for_those_who_keep_the_books(
    world: World, clerk: Client, login: Callable[[User], Client]
) -> None:
    invoice, pro_forma = draft(world, "invoice"), draft(world, "pro_forma")
    order = accepted(draft(world, "order"), world)
    treasurer = login(UserFactory(username="tom", role="treasury"))

    assert f"/orders/{invoice.pk}/post/" in seen(treasurer, invoice).content.decode()
    assert f"/orders/{invoice.pk}/post/" in seen(login(world.manager), invoice).content.decode()
    assert f"/orders/{invoice.pk}/post/" not in seen(clerk, invoice).content.decode()
    assert (
        f"/orders/{invoice.pk}/post/" not in seen(login(world.approver), invoice).content.decode()
    )
    for other in (pro_forma, order):
        assert f"/orders/{other.pk}/post/" not in seen(treasurer, other).content.decode()


def test_who_only_reads_gets_no_steps(world: World, login: Callable[[User], Client]) -> None:
    story = tell(world)
    auditor = login(UserFactory(username="ada", role="auditor"))

    for document in (story.order, story.delivery, story.invoice):
        response = seen(auditor, document)
        assert response.context["next_steps"] == []
        assert "/orders/convert/" not in response.content.decode()


def test_a_long_order_costs_as_many_statements_as_a_short_one(world: World, clerk: Client) -> None:
    story = tell(world)
    seen(clerk, story.order)
    with CaptureQueriesContext(connection) as short:
        seen(clerk, story.order)
    DocumentLine.objects.bulk_create(
        DocumentLine(
            document=story.order, position=position, description="More", unit_price=Decimal(1)
        )
        for position in range(3, 501)
    )

    with CaptureQueriesContext(connection) as long:
        response = seen(clerk, story.order)

    assert len(long) == len(short) <= 40
    assert len(response.context["progress"].rows) == 500


def test_a_collective_invoice_shows_a_part_of_its_chain(
    world: World, clerk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("documents.chain.MOST", 3)
    story = tell(world)

    response = seen(clerk, story.invoice)

    assert len(response.context["chain"].links) == 3
    assert response.context["chain"].this.document == story.invoice
    assert "1 more document belongs to it." in response.content.decode()


def test_an_expired_quote_says_why_it_cannot_be_accepted_and_what_helps(
    world: World, clerk: Client
) -> None:
    quote = accepted(draft(world, "quote", valid_until=TODAY), world)
    assert "Accept: make the order" in offered(seen(clerk, quote))
    assert "Extend its validity" not in seen(clerk, quote).content.decode()

    Document.objects.filter(pk=quote.pk).update(valid_until=YESTERDAY, document_on=YESTERDAY)
    response = seen(clerk, quote)
    page = " ".join(response.content.decode().split())

    assert offered(response) == set()
    assert "Accept: make the order" not in page
    assert "it cannot be accepted any more" in page
    assert f'<a href="/orders/{quote.pk}/edit/">Extend its validity</a>' in page
    assert f'action="/orders/{quote.pk}/copy/"' in page

    # What the page advises works.
    data = edit_data(clerk, quote, valid_until=TODAY.isoformat())
    assert clerk.post(f"/orders/{quote.pk}/edit/", data).status_code == 302
    assert "Accept: make the order" in offered(seen(clerk, quote))


def test_an_expired_quote_says_nothing_where_nothing_is_to_be_accepted(
    world: World, clerk: Client
) -> None:
    early = draft(world, "quote", valid_until=TODAY)
    closed = document_close(
        document=accepted(draft(world, "quote", valid_until=TODAY), world), actor=world.clerk
    )
    Document.objects.update(valid_until=YESTERDAY, document_on=YESTERDAY)

    for quote in (early, closed):
        assert "cannot be accepted any more" not in seen(clerk, quote).content.decode()


STEPS = ("edit", "close", "cancel", "copy")


def steps_on(response: Any, document: Document) -> list[str]:
    page = response.content.decode()
    return [step for step in STEPS if f"/orders/{document.pk}/{step}/" in page]


def why(response: Any) -> str:
    """The line that says why steps are missing, as a person reads it."""
    found = re.search(
        r'<div class="af-note[^>]*>(?:(?!</div>).)*Continued by.*?</div>', page_of(response)
    )
    return " ".join(re.sub("<[^>]*>", " ", found[0]).split()) if found else ""


def page_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_an_order_that_all_went_on_offers_only_what_is_left_to_do(
    world: World, login: Callable[[User], Client]
) -> None:
    boss = UserFactory(username="boss", is_superuser=True)
    client = login(boss)
    order = accepted(draft(world, "order"), world)
    assert steps_on(seen(client, order), order) == list(STEPS)
    assert why(seen(client, order)) == ""

    parts = [(line, line.quantity) for line in order.lines.select_related("document__type")]
    delivery = delivery_create(lines=parts, on=TODAY, actor=boss)
    # Only drafted: what is not accepted may still change, so may the order.
    assert steps_on(seen(client, order), order) == ["edit", "close", "copy"]
    assert why(seen(client, order)) == (
        "It went on in part: it cannot be cancelled, but what is left can be closed. "
        f"Continued by Delivery note (draft {delivery.pk}) ."
    )

    delivery = accepted(delivery, world)
    parts = [(line, line.quantity) for line in delivery.lines.select_related("document__type")]
    invoice = invoice_create(lines=parts, on=TODAY, actor=boss)
    invoice_post(document=invoice, actor=boss, on=TODAY, as_of=TODAY)

    assert steps_on(seen(client, order), order) == ["copy"]
    assert why(seen(client, order)) == (
        "Everything of it went on: nothing is left to change, close or cancel. "
        f"Continued by Delivery note {delivery.number} ."
    )
    assert steps_on(seen(client, delivery), delivery) == ["copy"]


def test_a_document_that_cannot_be_cancelled_says_so_before_it_promises(
    world: World, clerk: Client
) -> None:
    story = tell(world)

    for document, other in ((story.order, story.delivery), (story.delivery, story.invoice)):
        response = clerk.get(f"/orders/{document.pk}/cancel/", follow=True)
        assert response.redirect_chain == [(f"/orders/{document.pk}/", 302)]
        assert texts(response) == [
            f"{named(other)} continues {named(document)}: it cannot be cancelled."
        ]
        assert "its credit is free" not in response.content.decode()
        document.refresh_from_db()
        assert document.status == "submitted"

    # Part of the order is left: that can still be changed and closed.
    page = seen(clerk, story.order)
    assert steps_on(page, story.order) == ["edit", "close", "copy"]


def test_a_cancelled_continuation_is_not_in_the_way(world: World, clerk: Client) -> None:
    order = accepted(draft(world, "order"), world)
    parts = [(line, line.quantity) for line in order.lines.select_related("document__type")]
    delivery = delivery_create(lines=parts, on=TODAY, actor=world.clerk)
    assert "cancel" not in steps_on(seen(clerk, order), order)

    document_cancel(document=delivery, actor=world.clerk)

    assert steps_on(seen(clerk, order), order) == list(STEPS)
    assert why(seen(clerk, order)) == ""
    assert clerk.get(f"/orders/{order.pk}/cancel/").status_code == 200


def test_who_may_not_cancel_is_not_told_why_he_cannot(
    world: World, login: Callable[[User], Client]
) -> None:
    story = tell(world)

    response = seen(login(UserFactory(username="aud", role="auditor")), story.order)

    assert steps_on(response, story.order) == []
    assert why(response) == ""
