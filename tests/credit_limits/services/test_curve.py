"""The coming weeks of real accounts: the opening is the position, and every value goes its way."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
import time_machine

from core.models import Currency
from credit_limits.engine.types import Checkpoint, Component, Outcome, WayKind
from credit_limits.explain import way_words
from credit_limits.models import CreditLimit, CreditPolicy
from credit_limits.selectors import credit_position, credit_preview
from credit_limits.selectors_curve import exposure_curve, exposure_curves
from credit_limits.services.policies import policy_publish
from customers.models import CustomerAccount, PaymentTerm, PaymentTermLine
from documents.asking import asked_document
from documents.credit_box import credit_box
from documents.services.preview import order_preview
from documents.services.submit import document_submit
from ledger.services import entry_post
from tests.factories.core import CurrencyFactory, ExchangeRateFactory
from tests.reports.books import account_in, portfolio_of, statements
from tests.reports.cycle import Cycle
from tests.world import TODAY, World, line, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from credit_limits.engine.timeline import Curve


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with time_machine.travel(f"{TODAY.isoformat()} 10:00Z", tick=False):
        yield make_world(limit=None)


def day(number: int) -> datetime.date:
    return TODAY + datetime.timedelta(days=number)


def drawn(world: World, **values: object) -> Curve:
    account = CustomerAccount.objects.select_related("company").get(pk=world.account.pk)
    return exposure_curve(account, TODAY, **values)  # type: ignore[arg-type]


def late_by(world: World, days: int) -> None:
    """The customer has paid one invoice this many days late."""
    due = TODAY - datetime.timedelta(days=60)
    debit = world.item(100, due)
    paid = due + datetime.timedelta(days=days)
    credit = world.item(100, paid, direction="credit", document_on=paid)
    world.allocate(debit, credit, 100, paid)


def net30(world: World, *parts: tuple[int, int]) -> None:
    term = PaymentTerm.objects.create(code="terms", name="Terms")
    for position, (percent, days) in enumerate(parts or ((100, 30),), start=1):
        PaymentTermLine.objects.create(term=term, position=position, percent=percent, days=days)
    CustomerAccount.objects.filter(pk=world.account.pk).update(payment_term=term)
    world.account.refresh_from_db()


def test_items_leave_as_late_as_the_customer_pays(world: World) -> None:
    world.limit(1000)
    late_by(world, 10)
    world.item(300, day(4))
    world.item(200, day(-20))

    found = drawn(world)

    assert found.opening == 500
    assert [(point.on, point.expected_in) for point in found.points if point.expected_in] == [
        (day(10), 200),  # overdue: the same delay again
        (day(14), 300),
    ]
    assert [week.headroom for week in found.weeks[:3]] == [500, 700, 1000]


def test_an_order_is_delivered_invoiced_due_by_its_terms_and_paid_late(world: World) -> None:
    world.limit(1000)
    late_by(world, 5)
    net30(world, (50, 10), (50, 20))
    Cycle(world).order(1, "200.01", delivery_on=day(8))

    found = drawn(world)

    assert found.opening == Decimal("200.01")
    assert [(p.on, p.invoiced) for p in found.points if p.invoiced] == [(day(8), Decimal("200.01"))]
    assert [(p.on, p.expected_in) for p in found.points if p.expected_in] == [
        (day(8 + 10 + 5), Decimal("100.01")),
        (day(8 + 20 + 5), Decimal("100.00")),
    ]


def test_goods_delivered_and_drafts_fall_due_from_now_on(world: World) -> None:
    world.limit(5000)
    net30(world)
    cycle = Cycle(world)
    order = cycle.order(10, "100", delivery_on=day(40))
    delivery = cycle.next("delivery", order, 4)
    cycle.next("invoice", delivery, 1)

    found = drawn(world)

    assert found.opening == 1000
    assert [(p.on, p.expected_in) for p in found.points if p.expected_in] == [
        (day(30), 400),  # three delivered and one on an invoice that is not posted
        (day(70), 600),
    ]


def test_credits_apply_held_documents_stay_out_and_later_orders_enter(world: World) -> None:
    CreditPolicy.objects.update(orders_horizon_days=20)
    policy_publish(policy=CreditPolicy.objects.get(), actor=None)
    world.limit(500)
    net30(world)
    world.item(300, day(3))
    world.item(80, direction="credit")
    Cycle(world).order(1, "150", delivery_on=day(30))
    held = Cycle(world).order(1, "900")
    assert held.status == "held"

    found = drawn(world)

    position = credit_position(account=world.account, as_of=TODAY)
    assert (position.total, position.waiting, position.later) == (220, 900, 150)
    assert found.opening == 220
    assert [week.exposure for week in found.weeks[:3]] == [0, 150, 150]
    assert found.weeks[0].expected_in == 220  # 300 less what the customer has in hand
    assert [(p.on, p.expected_in) for p in found.points if p.on > day(7) and p.expected_in] == [
        (day(60), 150)
    ]


def test_limits_change_on_their_days(world: World) -> None:
    world.limit(1000)
    world.limit(
        500,
        kind=CreditLimit.Kind.TEMPORARY,
        valid_from=day(10),
        valid_until=day(24),
    )
    world.item(800, day(100))

    found = drawn(world)

    assert [week.headroom for week in found.weeks[:5]] == [200, 700, 700, 200, 200]
    assert (found.weeks[3].lowest.on, found.weeks[3].lowest.headroom) == (day(24), 200)


@pytest.mark.parametrize("include", [{}, {"order_open": "show"}, {"credits": "leave_out"}])
def test_the_opening_is_the_position_in_three_currencies(
    world: World, include: dict[str, str]
) -> None:
    for source, rate in (("USD", "0.91873"), ("GBP", "1.16541")):
        ExchangeRateFactory(
            from_currency=CurrencyFactory(code=source),
            to_currency=CurrencyFactory(code="EUR"),
            rate=Decimal(rate),
        )
    CreditPolicy.objects.update(include=include)
    policy_publish(policy=CreditPolicy.objects.get(), actor=None)
    world.limit(None, "unlimited")
    world.rule("overdue_days", "off")
    cycle = Cycle(world)
    for code in ("EUR", "USD", "GBP"):
        currency = Currency.objects.get(pk=code)
        order = cycle.order(7, "33.33", "22", currency=currency)
        cycle.next("delivery", order, 3)
        world.item("71.17", day(-3), currency=currency, rate=Decimal("0.87654321"))
        world.item("13.13", direction="credit", currency=currency, rate=None)

    found = drawn(world)

    position = credit_position(account=world.account, as_of=TODAY)
    assert found.opening == position.total
    per_flow: dict[Component | None, Decimal] = {}
    for flow in found.flows:
        per_flow[flow.start] = per_flow.get(flow.start, Decimal(0)) + flow.amount
    for part, amount in per_flow.items():
        assert part is not None
        assert amount == position.components[part], part


@pytest.mark.parametrize("include", [{}, {"invoice_overdue": "show"}, {"invoice_open": "show"}])
def test_where_the_balance_is_the_base_the_opening_is_the_balance_and_items_leave_on_their_days(
    world: World, include: dict[str, str]
) -> None:
    CreditPolicy.objects.update(calculation_base="ledger", include=include)
    policy_publish(policy=CreditPolicy.objects.get(), actor=None)
    net30(world)
    late_by(world, 10)
    entry_post(
        account=world.account,
        kind="invoice",
        number="F1",
        document_on=day(-50),
        instalments=[(day(-20), Decimal(60)), (day(4), Decimal(40)), (day(35), Decimal(100))],
        actor=None,
    )

    found = drawn(world)

    position = credit_position(account=world.account, as_of=TODAY)
    assert found.opening == position.total == (0 if "invoice_open" in include else 200)
    if "invoice_open" not in include:
        # The rest of what was once paid late is in the balance on both sides, and nets out.
        assert sum(point.expected_in for point in found.points) == 200
        assert {(p.on, p.expected_in) for p in found.points if p.expected_in} == {
            (day(10), 60),
            (day(14), 40),
            (day(45), 100),
        }
    assert found.weeks[-1].exposure == 0


def test_many_accounts_take_as_many_statements_as_one(world: World) -> None:
    accounts = portfolio_of(world, 7)
    one = statements(lambda: exposure_curves(_loaded(accounts[:1]), TODAY)) - 1
    many = statements(lambda: exposure_curves(_loaded(accounts), TODAY)) - 1
    assert many == one <= 5
    curves = exposure_curves(_loaded(accounts), TODAY)
    for account in accounts:
        position = credit_position(account=account, as_of=TODAY)
        assert curves[account.pk].opening == position.total


def _loaded(accounts: list[CustomerAccount]) -> list[CustomerAccount]:
    keys = [account.pk for account in accounts]
    return list(CustomerAccount.objects.select_related("company").filter(pk__in=keys))


def test_a_past_day_has_the_weeks_that_were_ahead_of_it(world: World) -> None:
    world.limit(1000)
    debit = world.item(300, day(-5), document_on=day(-40))
    credit = world.item(300, day(-2), direction="credit", document_on=day(-2))
    world.allocate(debit, credit, 300, day(-2))

    account = CustomerAccount.objects.select_related("company").get(pk=world.account.pk)
    before = exposure_curve(account, day(-10))

    assert drawn(world).opening == 0
    assert before.opening == 300
    assert [(p.on, p.expected_in) for p in before.points if p.expected_in] == [(day(-5), 300)]


# --- as data for the check ------------------------------------------------------------------------


def test_a_held_order_is_told_when_it_would_fit(world: World) -> None:
    world.limit(1000)
    world.item(600, day(5))
    world.item(300, day(40))
    header, lines = world.header(), [line(500)]

    preview = order_preview(header=header, lines=lines)
    box = credit_box(world.account, preview)

    assert preview.decision.outcome is Outcome.HOLD
    assert preview.first_fits_on == box.first_fits_on == day(5)
    (way,) = [way for way in preview.ways if way.kind is WayKind.SHIP_AFTER]
    words = way_words(way, preview.facts)
    assert words in box.ways
    assert words.startswith("ship after ")
    assert words.endswith(" (600.00 EUR is expected in by then)")
    # It is advice: submitting asks as ever.
    order = world.order(500)
    result = document_submit(document=order, actor=world.clerk, as_of=TODAY)
    assert result.document.status == "held"
    assert result.decision == preview.decision


def test_an_order_that_passes_fits_today_without_asking_for_the_weeks(world: World) -> None:
    world.limit(1000)
    header = world.header()
    fits = statements(lambda: order_preview(header=header, lines=[line(10)]))
    over = statements(lambda: order_preview(header=header, lines=[line(1001)]))
    assert order_preview(header=header, lines=[line(10)]).first_fits_on == TODAY
    assert order_preview(header=header, lines=[line(1001)]).first_fits_on is None
    assert fits < over <= fits + 5


def test_a_document_is_left_out_of_its_own_weeks(world: World) -> None:
    """A delivery over the limit of its component: the order it comes from has handed over."""
    world.limit(1000)
    net30(world)
    world.rule("component_limit", "hold", details={"by_component": {"delivered_uninvoiced": "50"}})
    cycle = Cycle(world)
    order = cycle.order(10, "40", delivery_on=day(3))
    earlier = cycle.next("delivery", order, 1)
    delivery = cycle.next("delivery", order, 1)
    assert (earlier.status, delivery.status) == ("submitted", "held")

    preview = credit_preview(
        account=world.account,
        asked=asked_document(delivery, checkpoint=Checkpoint.DELIVER),
        checkpoint=Checkpoint.DELIVER,
        as_of=TODAY,
    )

    # What was delivered is invoiced today, so that tomorrow the component is free again …
    curve = exposure_curve(
        CustomerAccount.objects.select_related("company").get(pk=world.account.pk),
        TODAY,
        extra=asked_document(delivery, checkpoint=Checkpoint.DELIVER),
    )
    assert delivery.pk not in {flow.key[1] for flow in curve.flows}
    assert curve.opening == 360
    assert preview.first_fits_on == day(1)


def test_another_company_has_its_own_weeks(world: World) -> None:
    other = account_in(world, "Another")
    world.item(300, day(4), account=other)
    world.item(200, day(4))
    curves = exposure_curves(_loaded([world.account, other]), TODAY, weeks=3)
    assert curves[world.account.pk].opening == 200
    assert curves[other.pk].opening == 300
    assert len(curves[other.pk].weeks) == 3
