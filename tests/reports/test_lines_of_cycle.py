"""Every component opens down to its documents, says why each counts, and adds up to the cent."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from core.models import Currency
from credit_limits.assemble import account_key
from credit_limits.engine.types import Component
from credit_limits.exposure import Asked
from credit_limits.exposure_lines import exposure_lines
from credit_limits.models import CreditPolicy
from credit_limits.selectors import credit_position
from credit_limits.services.policies import policy_publish
from credit_limits.standing import policies_by_company
from customers.models import CustomerAccount
from documents.amounts import LineInput
from documents.models import DocumentType
from documents.services.save import order_create
from reports.line_words import line_reason
from reports.queries.components import LATER, TOTAL, WAITING, figure_of
from reports.queries.lines import component_lines, lines_total, part_of_total
from tests.factories.core import CurrencyFactory, ExchangeRateFactory
from tests.reports.cycle import Cycle
from tests.world import TODAY, World

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.test import Client

    from credit_limits.engine.types import PolicyFacts
    from credit_limits.exposure_lines import ExposureLine

KIND = re.compile(r"(?:Credit note|Delivery note|Return note|Invoice|Order)\s+Submitted")
START = TODAY - datetime.timedelta(days=60)
POLICIES: tuple[Mapping[str, object], ...] = (
    {},
    {"include": {"delivered_uninvoiced": "show"}},
    {"include": {"invoice_draft": "leave_out"}, "documents_with_tax": False},
    {"unprinted_invoices_count": False, "orders_horizon_days": 20},
    {"calculation_base": "ledger", "start_on": START + datetime.timedelta(days=10)},
    {"orders_count_from": "printed", "disputed_items_count": False},
)


def publish(world: World, values: Mapping[str, object]) -> None:
    CreditPolicy.objects.filter(pk=world.policy.pk).update(**values)
    policy_publish(policy=CreditPolicy.objects.get(pk=world.policy.pk), actor=None)


def read(world: World) -> tuple[CustomerAccount, PolicyFacts]:
    account = CustomerAccount.objects.select_related("company", "customer").get(pk=world.account.pk)
    return account, policies_by_company([account.company_id])[account.company_id]


def lines_of(world: World, component: str, as_of: datetime.date = TODAY) -> list[ExposureLine]:
    account, policy = read(world)
    return component_lines(account, component, as_of, policy)


def adds_up(account: CustomerAccount, policy: PolicyFacts, as_of: datetime.date) -> None:
    position = credit_position(account=account, as_of=as_of)
    every = exposure_lines([account_key(account).under(policy)], Asked(as_of)).get(account.pk, [])
    for name in (*(part.value for part in Component), WAITING, LATER):
        lines = [line for line in every if line.component == name]
        assert lines_total(lines) == figure_of(position, name), (name, as_of)
        keys = [(line.subject_type, line.subject_id) for line in lines]
        assert len(keys) == len(set(keys)), (name, keys)
    total = component_lines(account, TOTAL, as_of, policy)
    assert lines_total(total) == position.total, as_of


def walk(world: World) -> None:
    """Orders in three currencies, at every stage of the cycle, with odd cents."""
    cycle = Cycle(world)
    for number, currency in enumerate(("EUR", "USD", "GBP")):
        day = START + datetime.timedelta(days=number)
        with time_machine.travel(f"{day} 10:00Z", tick=False):
            head: dict[str, Any] = {
                "currency": Currency.objects.get(pk=currency),
                "document_on": day,
            }
            order = cycle.order(7, "33.33", tax="22", **head)
            cycle.order(3, "10.01", tax="22", **head, delivery_on=TODAY + datetime.timedelta(90))
            world.order("500", **head)
            advanced = cycle.order(4, "99.99", tax="10", **head)
            closed = cycle.order(9, "11.11", **head)
        with time_machine.travel(f"{day + datetime.timedelta(7)} 10:00Z", tick=False):
            on = day + datetime.timedelta(7)
            delivery = cycle.next("delivery", order, 5, on=on)
            cycle.advance(advanced, 30, on=on)
            cycle.next("delivery", closed, 2, on=on)
            cycle.close(closed)
        with time_machine.travel(f"{day + datetime.timedelta(14)} 10:00Z", tick=False):
            on = day + datetime.timedelta(14)
            posted = cycle.post(cycle.next("invoice", delivery, 2, on=on))
            cycle.next("invoice", delivery, 1, on=on)
            cycle.next("return", delivery, 1, on=on)
            cycle.next("credit_note", posted, 1, on=on)
        with time_machine.travel(f"{day + datetime.timedelta(21)} 10:00Z", tick=False):
            on = day + datetime.timedelta(21)
            cycle.next("invoice", advanced, 2, on=on)
    world.item("40.40", direction="credit")
    world.item("12.12", TODAY - datetime.timedelta(days=9))


@pytest.mark.parametrize("number", range(len(POLICIES)))
def test_every_component_adds_up_today_and_on_past_days(world: World, number: int) -> None:
    for source, rate in (("USD", "0.91873"), ("GBP", "1.16541")):
        ExchangeRateFactory(
            from_currency=CurrencyFactory(code=source),
            to_currency=CurrencyFactory(code="EUR"),
            valid_on=START - datetime.timedelta(days=100),
            rate=Decimal(rate),
        )
    world.limit(None, "unlimited", valid_from=START - datetime.timedelta(days=9))
    world.rule("overdue_days", "off")
    publish(world, POLICIES[number])

    walk(world)

    account, policy = read(world)
    for back in (0, 10, 38, 40, 45, 50, 53, 59, 61):
        adds_up(account, policy, TODAY - datetime.timedelta(days=back))


def test_a_line_says_where_the_units_of_its_document_went(world: World) -> None:
    world.limit(None, "unlimited")
    cycle = Cycle(world)
    order = cycle.order(10, "100")
    assert line_reason(lines_of(world, "order_open")[0], TODAY) == (
        "ordered 10, nothing delivered yet"
    )

    delivery = cycle.next("delivery", order, 4)
    invoice = cycle.next("invoice", delivery, 1)
    cycle.next("return", delivery, 1)

    (ordered,) = lines_of(world, "order_open")
    (sent,) = lines_of(world, "delivered_uninvoiced")
    (drafted,) = lines_of(world, "invoice_draft")
    # One unit came back and is wanted again: seven of ten are still to be delivered.
    assert line_reason(ordered, TODAY) == "ordered 10, delivered 3"
    assert (ordered.amount, ordered.total, part_of_total(ordered)) == (700, 1000, True)
    assert line_reason(sent, TODAY) == "delivered 4, invoiced 1, came back 1"
    assert (sent.amount, sent.total) == (200, 400)
    assert line_reason(drafted, TODAY) == "not posted yet"
    assert not part_of_total(drafted)

    cycle.post(invoice)
    assert lines_of(world, "invoice_draft") == []
    (item,) = lines_of(world, "invoice_open")
    assert item.amount == 100
    assert line_reason(item, TODAY) in {"due on this day", "due in 30 days"}
    assert line_reason(item, item.due_on + datetime.timedelta(days=1)) == "1 day overdue"


def test_what_waits_and_what_is_for_later_is_listed_beside(world: World) -> None:
    world.limit(100)
    publish(world, {"orders_horizon_days": 30})
    held = Cycle(world).order(1, "500")
    later = world.order("60", delivery_on=TODAY + datetime.timedelta(days=31))
    Cycle(world, world.clerk).submit(later)

    (waiting,) = lines_of(world, WAITING)
    (ahead,) = lines_of(world, LATER)

    assert (waiting.subject_id, waiting.amount) == (held.pk, 500)
    assert line_reason(waiting, TODAY) == "held: counts once it is released"
    assert (ahead.subject_id, ahead.amount) == (later.pk, 60)
    assert line_reason(ahead, TODAY).endswith(": counts later")
    assert lines_of(world, TOTAL) == []
    # The horizon moves on: a day later the order counts.
    with time_machine.travel(f"{TODAY + datetime.timedelta(days=1)} 10:00Z", tick=False):
        assert lines_of(world, LATER, TODAY + datetime.timedelta(days=1)) == []
        (counted,) = lines_of(world, "order_open", TODAY + datetime.timedelta(days=1))
    assert counted.subject_id == later.pk


def test_a_line_is_called_what_its_document_is_called(world: World, client: Client) -> None:
    world.limit(None, "unlimited")
    cycle = Cycle(world)
    delivery = cycle.next("delivery", cycle.order(10, "100"), 9)
    posted = cycle.post(cycle.next("invoice", delivery, 5))
    cycle.next("return", delivery, 1)
    cycle.next("credit_note", posted, 1)
    cycle.next("invoice", delivery, 1)
    loose = order_create(
        header=world.header(type=DocumentType.objects.get(code="return")),
        lines=[LineInput("Goods", Decimal(1), Decimal(30))],
        actor=cycle.actor,
    )
    cycle.submit(loose)
    client.force_login(cycle.actor)

    def called(component: str) -> list[str]:
        page = client.get(f"/reports/exposure/{world.account.pk}/{component}/").content.decode()
        text = re.sub(r"<[^>]*>|\s+", " ", page.partition("<tbody>")[2].partition("</tbody>")[0])
        return sorted(" ".join(words.split()) for words in KIND.findall(text))

    assert called("invoice_draft") == ["Credit note Submitted", "Invoice Submitted"]
    assert called("delivered_uninvoiced") == ["Delivery note Submitted", "Return note Submitted"]
    assert called("total") == [
        "Credit note Submitted",
        "Delivery note Submitted",
        "Invoice Submitted",
        "Order Submitted",
        "Return note Submitted",
    ]


def test_the_ledger_balance_opens_down_to_its_entries(world: World) -> None:
    world.limit(None, "unlimited")
    publish(world, {"calculation_base": "ledger"})
    world.item("300")
    world.item("100", direction="credit")

    lines = lines_of(world, "invoice_open")

    assert sorted(line.amount for line in lines) == [-100, 300]
    assert {line.subject_type for line in lines} == {"ledger.journalentry"}
    assert lines_of(world, "credits") == []
