"""The night: what it stores, and that a second run of a day changes nothing."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone

from approvals.models import ApprovalRequest
from core.errors import Invalid
from core.models import Currency, JobRun, Notification
from credit_limits.models import Alert, ExposureSnapshot, PaymentBehaviour
from credit_limits.selectors import credit_position
from customers.models import CustomerAccount
from documents.models import Document
from documents.services.submit import document_submit
from reports.services import nightly
from reports.services.nightly import nightly_run
from tests.factories.core import CompanyFactory, CurrencyFactory, ExchangeRateFactory
from tests.factories.customers import CustomerAccountFactory
from tests.reports.nights import DAY, at_night, night, stored
from tests.world import TODAY, World, make_world

pytestmark = pytest.mark.django_db

YESTERDAY = TODAY - DAY


@pytest.fixture
def world() -> World:
    return make_world(limit=1000)


def snapshot(world: World, day: datetime.date = TODAY) -> ExposureSnapshot:
    return ExposureSnapshot.objects.get(account=world.account, as_of=day)


def behaviour(world: World, day: datetime.date = TODAY) -> PaymentBehaviour:
    return PaymentBehaviour.objects.get(account=world.account, as_of=day)


def alerts(day: datetime.date | None = None) -> list[tuple[int, str, datetime.date]]:
    found = Alert.objects.all() if day is None else Alert.objects.filter(as_of=day)
    return [(row.account_id, row.kind, row.as_of) for row in found.order_by("as_of", "pk")]


def submit(world: World, gross: int, day: datetime.date = TODAY) -> Document:
    order = world.order(gross, document_on=day)
    return document_submit(document=order, actor=world.clerk, as_of=day).document


# --- What it stores --------------------------------------------------------------------------


def test_a_snapshot_holds_what_every_screen_says_of_that_day(world: World) -> None:
    world.item(300)
    world.item(250, due_on=TODAY - datetime.timedelta(days=12))
    world.item(40, direction="credit")
    submit(world, 90)

    run = night()

    row, position = snapshot(world), credit_position(account=world.account, as_of=TODAY)
    assert (row.invoice_open, row.invoice_overdue, row.credits) == (300, 250, -40)
    assert row.total == position.total == 510 + row.order_open
    assert (row.limit_state, row.limit_amount, row.headroom) == ("amount", 1000, 1000 - row.total)
    assert (row.worst_days_overdue, row.is_over_limit, row.is_complete) == (12, False, True)
    assert run.status == JobRun.Status.DONE
    assert run.finished_at is not None
    assert run.errors == []
    assert run.counts["accounts"] == run.counts["snapshots_written"] == 1
    assert run.counts["proved"] == 1
    assert (run.counts["proof_misses"], run.counts["residual_misses"]) == (0, 0)


def test_an_account_with_nothing_has_a_row_too(world: World) -> None:
    quiet = CustomerAccountFactory(company=world.company)

    night()

    row = ExposureSnapshot.objects.get(account=quiet)
    assert (row.total, row.limit_state, row.limit_amount, row.headroom) == (0, "none", None, None)
    paid = PaymentBehaviour.objects.get(account=quiet)
    assert (paid.settled_amount, paid.settled_count) == (0, 0)
    assert (paid.average_days_late, paid.late_share_percent) == (None, None)


def test_a_figure_that_misses_a_rate_is_marked_incomplete(world: World) -> None:
    world.item(100)
    world.item(70, currency=CurrencyFactory(code="USD"), rate=None)

    night()
    assert (snapshot(world).total, snapshot(world).is_complete) == (100, False)

    ExchangeRateFactory(valid_on=YESTERDAY, rate=Decimal("0.5"))
    night()
    assert (snapshot(world).total, snapshot(world).is_complete) == (135, True)


def test_a_rate_entered_later_for_a_day_gone_by_does_not_change_what_was_known() -> None:
    """Drawn again with what was known at the moment of the night, to the cent."""
    with at_night(YESTERDAY):
        world = make_world(limit=1000)
        ExchangeRateFactory(valid_on=YESTERDAY - DAY, rate=Decimal("0.5"))
        world.item(70, currency=Currency.objects.get(code="USD"), rate=None)
    with at_night(TODAY):
        night(YESTERDAY)
        moment = timezone.now()
    then = snapshot(world, YESTERDAY)
    with at_night(TODAY + DAY):
        ExchangeRateFactory(valid_on=YESTERDAY, rate=Decimal("0.8"), entered_at=timezone.now())

        again = credit_position(account=world.account, as_of=YESTERDAY, known_at=moment)
        now = credit_position(account=world.account, as_of=YESTERDAY)

    assert (then.total, again.total, now.total) == (35, 35, 56)


def test_accounts_are_worked_in_chunks_of_one_company(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nightly, "CHUNK", 2)
    other = CompanyFactory(code="IT02")
    for company in (world.company, other, world.company, world.company, other, other):
        CustomerAccountFactory(company=company)

    chunks = list(nightly._chunks())

    assert [len(chunk) for chunk in chunks] == [2, 2, 2, 1]
    assert sorted(pk for chunk in chunks for pk in chunk) == sorted(
        CustomerAccount.objects.values_list("pk", flat=True)
    )
    for chunk in chunks:
        companies = CustomerAccount.objects.filter(pk__in=chunk).values("company").distinct()
        assert companies.count() == 1
    run = night()
    assert run.counts["accounts"] == ExposureSnapshot.objects.count() == 7


# --- Again -----------------------------------------------------------------------------------


def full(world: World) -> CustomerAccount:
    """Something in every table of the night; returns a second account."""
    world.item(1200, due_on=TODAY - datetime.timedelta(days=12))
    late = world.item(300, due_on=TODAY - datetime.timedelta(days=40))
    world.allocate(late, world.item(300, direction="credit"), 300, on=TODAY - DAY)
    other = CustomerAccountFactory(company=world.company)
    world.item(50, account=other)
    return other


def test_a_day_run_again_changes_no_byte(world: World) -> None:
    full(world)
    first = night()
    before = stored()
    assert all(before.values())

    again = night()

    assert stored() == before
    assert (first.counts["snapshots_written"], again.counts["snapshots_written"]) == (2, 0)
    assert (first.counts["behaviours_written"], again.counts["behaviours_written"]) == (2, 0)
    assert (first.counts["alerts"], again.counts["alerts"]) == (2, 0)
    assert JobRun.objects.filter(status=JobRun.Status.DONE).count() == 2


def test_only_rows_that_differ_are_written_again(world: World) -> None:
    other = full(world)
    night()
    before = {row[0]: row for row in stored()["credit_limits_exposuresnapshot"]}

    world.item(7, account=other)
    run = night()

    after = {row[0]: row for row in stored()["credit_limits_exposuresnapshot"]}
    assert after[world.account.pk] == before[world.account.pk]
    assert after[other.pk] != before[other.pk]
    assert ExposureSnapshot.objects.get(account=other).total == 57
    assert run.counts["snapshots_written"] == 1
    assert run.counts["behaviours_written"] == 0


def test_a_tampered_snapshot_is_set_right_by_the_next_run_of_its_day(world: World) -> None:
    world.item(100)
    night()
    ExposureSnapshot.objects.update(total=1)

    run = night()

    assert snapshot(world).total == 100
    assert run.counts["snapshots_written"] == 1


# --- Alerts ----------------------------------------------------------------------------------


def test_what_is_new_is_told_once(world: World) -> None:
    world.item(900, due_on=TODAY - DAY)
    night(YESTERDAY)
    assert alerts() == []
    world.item(200, due_on=TODAY + DAY, document_on=TODAY)

    night(TODAY)
    assert alerts() == [
        (world.account.pk, "over_limit", TODAY),
        (world.account.pk, "overdue", TODAY),
    ]
    night(TODAY)
    night(TODAY + DAY)
    night(TODAY + 2 * DAY)
    assert len(alerts()) == 2


def test_the_figures_of_an_alert_are_those_of_its_night(world: World) -> None:
    world.item(1100, due_on=TODAY - 3 * DAY)

    night()

    facts = Alert.objects.get(kind="over_limit").facts
    assert facts == {
        "total": "1100.00",
        "limit": "1000.00",
        "headroom": "-100.00",
        "overdue": "1100.00",
        "days": 3,
        "currency": "EUR",
    }


def test_what_ends_and_begins_again_is_told_again(world: World) -> None:
    item = world.item(1100)
    night(TODAY)
    paid_on = TODAY + DAY
    money = world.item(200, direction="credit", due_on=paid_on, document_on=paid_on)
    world.allocate(item, money, 200, on=paid_on)
    night(paid_on)
    world.item(200, document_on=TODAY + 2 * DAY, due_on=TODAY + 9 * DAY)
    night(TODAY + 2 * DAY)

    assert [day for _account, _kind, day in alerts()] == [TODAY, TODAY + 2 * DAY]


def test_exactly_the_limit_is_not_over_and_due_today_is_not_overdue(world: World) -> None:
    world.item(1000, due_on=TODAY)

    night()

    assert alerts() == []


def test_a_night_that_fills_a_gap_repeats_nothing(world: World) -> None:
    world.item(1100, due_on=TODAY - 9 * DAY, document_on=TODAY - 30 * DAY)
    night(TODAY)
    assert len(alerts(TODAY)) == 2

    night(YESTERDAY)

    assert alerts(YESTERDAY) == []
    assert snapshot(world, YESTERDAY).is_over_limit


def test_a_filled_gap_tells_what_had_ended_again(world: World) -> None:
    item = world.item(1100)
    money = world.item(200, direction="credit", due_on=TODAY, document_on=TODAY)
    world.allocate(item, money, 200, on=TODAY)
    night(TODAY)
    assert alerts() == []

    night(YESTERDAY)

    assert alerts() == [(world.account.pk, "over_limit", YESTERDAY)]


# --- Payment behaviour -----------------------------------------------------------------------


def test_days_late_and_share_paid_late_weigh_by_amount(world: World) -> None:
    """100 paid 10 days late, 300 on the day, 100 five days early: 1000 ÷ 500 days, 100 ÷ 500."""
    due = TODAY - 30 * DAY
    for amount, days in ((100, 10), (300, 0), (100, -5)):
        paid_on = due + days * DAY
        item = world.item(amount, due_on=due)
        money = world.item(amount, direction="credit", due_on=paid_on, document_on=paid_on)
        world.allocate(item, money, amount, on=paid_on)

    night()

    row = behaviour(world)
    assert (row.settled_amount, row.settled_count, row.window_months) == (500, 3, 12)
    assert (row.average_days_late, row.late_share_percent) == (Decimal("2.00"), Decimal("20.0000"))


def test_a_payment_after_the_day_does_not_leak_into_it(world: World) -> None:
    due = TODAY - 30 * DAY
    for amount, days in ((100, 10), (300, 0)):
        paid_on = due + days * DAY
        item = world.item(amount, due_on=due)
        money = world.item(amount, direction="credit", due_on=paid_on, document_on=paid_on)
        world.allocate(item, money, amount, on=paid_on)
    before_the_late_one = due + 5 * DAY

    night(before_the_late_one)
    night(due + 10 * DAY)

    early, later = behaviour(world, before_the_late_one), behaviour(world, due + 10 * DAY)
    assert (early.settled_amount, early.average_days_late, early.late_share_percent) == (300, 0, 0)
    assert (later.settled_amount, later.average_days_late) == (400, Decimal("2.50"))
    assert later.late_share_percent == 25
    assert snapshot(world, before_the_late_one).invoice_overdue == 100
    assert snapshot(world, due + 10 * DAY).invoice_overdue == 0


# --- Another day -----------------------------------------------------------------------------


def test_a_past_night_sees_the_ledger_orders_and_limits_of_its_day(world: World) -> None:
    past = TODAY - 20 * DAY
    item = world.item(400, due_on=past - 2 * DAY, document_on=past - 20 * DAY)
    world.allocate(item, world.item(150, direction="credit"), 150, on=past + DAY)
    world.item(77, document_on=past + DAY)
    submit(world, 60, day=past - DAY)
    submit(world, 30, day=past + DAY)
    world.limit(2000, valid_from=past + 5 * DAY)

    night(past)
    night(TODAY)

    then, now = snapshot(world, past), snapshot(world)
    assert (then.invoice_overdue, then.invoice_open, then.order_open) == (400, 0, 60)
    assert (then.limit_amount, then.worst_days_overdue) == (1000, 2)
    assert (now.invoice_overdue, now.invoice_open, now.order_open) == (250, 77, 90)
    assert now.limit_amount == 2000


def held(world: World) -> Document:
    """A held order whose cause is gone, though nobody has asked again; its mails are owed."""
    item = world.item(900)
    order = submit(world, 200)
    assert order.status == "held"
    world.allocate(item, world.item(500, direction="credit"), 500, on=TODAY)
    assert Notification.objects.filter(emailed_at__isnull=True).exists()
    return order


def test_the_night_of_today_ends_holds_and_sends_owed_mails(world: World) -> None:
    """An order whose cause is gone goes on; of the other one the mails to approvers leave."""
    with at_night():
        ends = held(world)
        before = Notification.objects.count()
        stays = submit(world, 5000)
        asked = Notification.objects.count() - before
        assert asked > 0

        run = nightly_run()

    ends.refresh_from_db()
    stays.refresh_from_db()
    assert run.as_of == TODAY
    assert (ends.status, stays.status) == ("submitted", "held")
    assert ends.hold_cases.get().status == "lapsed"
    assert ApprovalRequest.objects.get(subject_id=ends.pk).status == "lapsed"
    assert (run.counts["held_asked"], run.counts["held_ended"]) == (2, 1)
    assert not Notification.objects.filter(emailed_at__isnull=True).exists()
    assert run.counts["mails"] == len(mail.outbox)
    to_the_clerk = [message for message in mail.outbox if world.clerk.email in message.to]
    assert [str(ends) in message.body for message in to_the_clerk] == [True]
    assert sum(str(stays) in message.body for message in mail.outbox) == asked


def test_a_past_night_decides_nothing_and_sends_nothing(world: World) -> None:
    with at_night():
        order = held(world)
        owed = Notification.objects.filter(emailed_at__isnull=True).count()

        run = nightly_run(as_of=YESTERDAY)

    order.refresh_from_db()
    assert run.status == JobRun.Status.DONE
    assert order.status == "held"
    assert ApprovalRequest.objects.get().status == "open"
    assert "held_asked" not in run.counts
    assert "mails" not in run.counts
    assert mail.outbox == []
    assert Notification.objects.filter(emailed_at__isnull=True).count() == owed


def test_the_night_of_a_future_day_is_refused(world: World) -> None:
    with at_night(), pytest.raises(Invalid) as refused:
        nightly_run(as_of=TODAY + DAY)

    assert str(refused.value) == "The night of a future day cannot be run."
    assert not JobRun.objects.exists()
    assert not ExposureSnapshot.objects.exists()
