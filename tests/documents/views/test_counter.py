"""Sales at the counter as pages: the rest live, sold in one step, kept when held, taken back."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from core.models import User
from credit_limits.models import CreditCheck
from credit_limits.selectors import credit_position
from documents.models import Document
from documents.services.counter import counter_sale
from ledger.models import JournalEntry, OpenItem
from ledger.selectors.proof import ledger_misses
from ledger.services.payments import payment_record
from tests.documents.views.conftest import edit_data, errors_of, form_data, texts
from tests.documents.views.story import accepted, draft, type_of
from tests.factories.core import CompanyFactory
from tests.factories.customers import CustomerAccountFactory
from tests.world import TODAY, World, line

pytestmark = pytest.mark.django_db

NEW = "/orders/counter/new/"
STRIP = "/orders/credit-strip/"


def typed(world: World, **head: Any) -> dict[str, Any]:
    """The form of a sale worth 500, as a browser sends it."""
    return form_data(world, **{"type": str(type_of("counter").pk), "action": "submit"} | head)


def total(world: World) -> Decimal:
    return credit_position(account=world.account, as_of=TODAY).total


def sold(world: World, gross: int = 500, paid: int = 0, **values: Any) -> Document:
    header = world.header(type=type_of("counter"), paid_amount=Decimal(paid), **values)
    result = counter_sale(header=header, lines=[line(gross)], actor=world.clerk, as_of=TODAY)
    assert result.passed
    return result.document


def test_the_form_asks_what_a_counter_needs(world: World, clerk: Client) -> None:
    page = clerk.get(f"{NEW}?account={world.account.pk}").content.decode()

    assert re.search(r"<h1[^>]*>\s*New counter sale", page)
    assert f'action="{NEW}"' in page
    assert 'name="paid_amount"' in page
    for field in ("ship_to", "ship_to_customer", "ordered_by", "delivery_on", "valid_until"):
        assert f'name="{field}"' not in page, field
    # A sale is made or it is not: one button, no draft.
    assert 'value="submit"' in page
    assert 'name="action" value="save"' not in page


def test_no_other_kind_asks_what_is_paid_at_once(world: World, clerk: Client) -> None:
    for code in ("order", "invoice", "delivery", "quote", "move"):
        page = clerk.get(f"/orders/new/?type={code}").content.decode()
        assert 'name="paid_amount"' not in page, code


def test_the_rest_and_its_credit_are_shown_while_typing(world: World, clerk: Client) -> None:
    world.item(700)

    held = clerk.post(STRIP, typed(world, paid_amount="100"), headers={"HX-Request": "true"})
    passes = clerk.post(STRIP, typed(world, paid_amount="200"), headers={"HX-Request": "true"})

    assert (held.context["paid"], held.context["on_account"]) == (100, 400)
    assert held.context["box"].outcome == "hold"
    assert held.context["box"].this_amount == 400
    assert (passes.context["paid"], passes.context["on_account"]) == (200, 300)
    assert passes.context["box"].outcome == "warn"  # all of the limit, and not more
    assert "On account" in passes.content.decode()
    assert not Document.objects.exists()
    assert not CreditCheck.objects.exists()


def test_more_money_than_the_ticket_is_said_while_typing(world: World, clerk: Client) -> None:
    answer = clerk.post(STRIP, typed(world, paid_amount="600"), headers={"HX-Request": "true"})

    assert (answer.context["on_account"], answer.context["change"]) == (0, 100)
    assert "Too much by" in answer.content.decode()


def test_a_sale_that_passes_is_in_the_books_with_its_money(world: World, clerk: Client) -> None:
    response = clerk.post(NEW, typed(world, paid_amount="200"), follow=True)

    document = Document.objects.get()
    assert (document.type.code, document.status, document.paid_amount) == ("counter", "posted", 200)
    assert texts(response) == [
        f"Counter sale {document.number} is sold: 200.00 EUR paid, 300.00 on account."
    ]
    assert total(world) == 300
    assert ledger_misses([world.account.pk]) == []
    assert "Paid at once" in response.content.decode()


def test_two_clicks_make_one_sale(world: World, clerk: Client) -> None:
    data = typed(world, paid_amount="200")

    clerk.post(NEW, data)
    second = clerk.post(NEW, data, follow=True)

    assert second.status_code == 200
    assert Document.objects.count() == 1
    assert JournalEntry.objects.filter(kind="payment").count() == 1


def test_the_same_form_with_another_sum_paid_is_no_second_click(
    world: World, clerk: Client
) -> None:
    data = typed(world, paid_amount="200")
    clerk.post(NEW, data)

    response = clerk.post(NEW, data | {"paid_amount": "500"})

    assert response.status_code == 409
    assert Document.objects.get().paid_amount == 200


def test_held_it_is_kept_as_typed_and_paying_more_sells_it(world: World, clerk: Client) -> None:
    world.item(700)
    clerk.post(NEW, typed(world, paid_amount="100"))
    document = Document.objects.get()
    assert (document.status, document.paid_amount) == ("held", 100)
    assert not JournalEntry.objects.filter(document=document).exists()

    data = edit_data(clerk, document, paid_amount="300", action="save")
    response = clerk.post(f"/orders/{document.pk}/edit/", data, follow=True)

    document.refresh_from_db()
    assert (document.status, document.paid_amount) == ("posted", 300)
    assert "nothing holds it any more" in texts(response)[0]
    assert total(world) == 900
    assert ledger_misses([world.account.pk]) == []


@pytest.mark.parametrize("paid", ["501", "-1", "much"])
def test_a_sum_paid_that_makes_no_sense_is_told_at_its_place(
    world: World, clerk: Client, paid: str
) -> None:
    response = clerk.post(NEW, typed(world, paid_amount=paid))

    assert response.status_code in {400, 422}
    assert "paid_amount" in errors_of(response)
    assert not Document.objects.exists()


def test_sales_stand_in_their_own_list(world: World, clerk: Client) -> None:
    document = sold(world)
    accepted(draft(world, "order"), world)

    rows = clerk.get("/orders/counter/").context["table"].paginated_rows
    assert [row.record for row in rows] == [document]


def test_a_sale_is_taken_back_after_a_question_with_a_reason(world: World, clerk: Client) -> None:
    document = sold(world, paid=200)
    path = f"/orders/{document.pk}/void/"
    assert f'href="{path}"' in clerk.get(f"/orders/{document.pk}/").content.decode()

    page = clerk.get(path).content.decode()
    unsaid = clerk.post(path, {"reason": " "})
    assert "200.00 EUR that were paid at the counter are given back." in page
    assert "300.00 EUR are no longer owed" in page
    assert unsaid.status_code == 422
    assert Document.objects.get().status == "posted"

    response = clerk.post(path, {"reason": "brought back"}, follow=True)

    assert texts(response) == [f"Counter sale {document.number} is taken back."]
    assert Document.objects.get().status == "cancelled"
    assert total(world) == 0
    assert ledger_misses([world.account.pk]) == []
    assert f'href="{path}"' not in response.content.decode()
    again = clerk.get(path, follow=True)
    assert "there is nothing to take back" in texts(again)[0]


def test_a_sale_that_something_else_paid_says_why_it_stays(world: World, clerk: Client) -> None:
    document = sold(world)
    payment_record(
        account=world.account,
        received_on=TODAY,
        amount=Decimal(10),
        allocations=[(OpenItem.objects.get(entry__document=document), Decimal(10))],
        actor=None,
    )

    response = clerk.post(f"/orders/{document.pk}/void/", {"reason": "brought back"})

    assert response.status_code == 409
    assert "Take that back first" in response.content.decode()
    assert total(world) == 490


def test_who_may_neither_sell_nor_take_back(world: World, login: Callable[[User], Client]) -> None:
    document = sold(world)
    reader = login(world.approver)

    assert reader.get(NEW).status_code == 403
    assert reader.post(f"/orders/{document.pk}/void/", {"reason": "x"}).status_code == 403
    assert (
        f"/orders/{document.pk}/void/" not in reader.get(f"/orders/{document.pk}/").content.decode()
    )
    assert reader.get("/orders/counter/").status_code == 200


def test_only_sales_of_ones_own_company_are_taken_back_here(world: World, clerk: Client) -> None:
    order = accepted(draft(world, "order"), world)
    company = CompanyFactory(code="FR01")
    foreign = CustomerAccountFactory(company=company)
    world.limit(1000, account=foreign)
    world.clerk.companies.add(company)
    theirs = sold(world, account=foreign)
    world.clerk.companies.remove(company)

    for document in (order, theirs):
        assert clerk.post(f"/orders/{document.pk}/void/", {"reason": "x"}).status_code == 404
    assert Document.objects.get(pk=theirs.pk).status == "posted"
