"""The credit file: every tab, the sums it promises, the past, and who may see it."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from approvals.services import step_approve
from credit_limits.models import CreditProfile, PaymentBehaviour, Release
from credit_limits.services.snapshots import behaviours_take, exposure_snapshots_take
from customers.models import Contact
from documents.services.submit import document_submit
from reports.views.credit_file import TABS
from tests.factories.core import CompanyFactory, CurrencyFactory, ExchangeRateFactory, UserFactory
from tests.factories.customers import CustomerAccountFactory, CustomerGroupFactory
from tests.reports.books import accepted, account_in, held, statements
from tests.world import TODAY, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

LATE = TODAY - datetime.timedelta(days=12)


def file_url(world: World, query: str = "") -> str:
    return reverse("reports:credit_file", args=[world.account.customer_id]) + query


@pytest.fixture
def client(world: World, as_user: Callable[..., Client]) -> Client:
    return as_user(world.manager)


def busy_customer(world: World, times: int = 1) -> None:
    """Items, documents, limits, checks, requests, releases, behaviour, contacts, events."""
    for number in range(times):
        world.item("100.10", account=world.account)
        world.item("33.33", LATE)
        world.item(20, direction="credit")
        accepted(world, world.account, 15)
        order = world.order(5000 + number)
        document_submit(document=order, actor=world.clerk, as_of=TODAY)
        (case,) = order.hold_cases.all()
        if number % 2 == 0 and case.request:
            step_approve(request=case.request, actor=world.manager, comment="We know them")
        Contact.objects.create(customer=world.account.customer, name=f"Anna {number}")
        world.limit(
            10,
            kind="temporary",
            valid_from=TODAY - datetime.timedelta(days=400 + 10 * number),
            valid_until=TODAY - datetime.timedelta(days=395 + 10 * number),
        )


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_opens_with_and_without_data(world: World, client: Client, tab: str) -> None:
    assert client.get(file_url(world, f"?tab={tab}")).status_code == 200
    busy_customer(world)
    exposure_snapshots_take(as_of=TODAY, account_ids=[world.account.pk])
    behaviours_take(as_of=TODAY, account_ids=[world.account.pk])
    response = client.get(file_url(world, f"?tab={tab}"))
    assert response.status_code == 200
    active = [found for found in response.context["tabs"] if found["active"]]
    assert len(active) == 1


def test_an_unknown_tab_is_not_found(client: Client, world: World) -> None:
    assert client.get(file_url(world, "?tab=secrets")).status_code == 404


@pytest.mark.parametrize("tab", TABS)
def test_the_number_of_statements_does_not_grow(world: World, client: Client, tab: str) -> None:
    busy_customer(world, 3)
    url = file_url(world, f"?tab={tab}")
    client.get(url)
    few = statements(lambda: client.get(url))
    busy_customer(world, 6)
    assert statements(lambda: client.get(url)) == few
    assert few <= 30


def test_the_items_add_up_to_open_overdue_and_credits(world: World, client: Client) -> None:
    busy_customer(world, 2)
    response = client.get(file_url(world, "?tab=items"))
    position = response.context["figure"].position
    parts = position.components
    expected = parts["invoice_open"] + parts["invoice_overdue"] + parts["credits"]
    assert response.context["sums"] == [("EUR", expected)]
    assert sum(row["residual"] for row in response.context["rows"]) == expected
    ages = {part.key: part.amount for part in response.context["ageing_parts"]}
    assert ages["age-0"] == parts["invoice_open"] == Decimal("200.20")
    assert ages["age-1"] == parts["invoice_overdue"] == Decimal("66.66")


def test_each_age_lists_just_its_items(world: World, client: Client) -> None:
    busy_customer(world, 2)
    for days in (45, 75, 120, 400):
        world.item(days, TODAY - datetime.timedelta(days=days))
    for part in client.get(file_url(world, "?tab=items")).context["ageing_parts"]:
        listed = client.get(part.url).context
        assert dict(listed["sums"]).get("EUR", Decimal(0)) == part.amount, part.label
        assert all(row["residual"] > 0 for row in listed["rows"])


def test_held_and_open_documents_stand_apart_with_their_sums(world: World, client) -> None:
    accepted(world, world.account, 100)
    accepted(world, world.account, 20)
    held(world, world.account, 77)
    context = client.get(file_url(world, "?tab=documents")).context
    assert context["held_sums"] == [("EUR", Decimal(77))]
    assert context["open_sums"] == [("EUR", Decimal(120))]
    position = context["figure"].position
    assert position.components["order_open"] == Decimal(120)
    assert position.waiting == Decimal(77)


def test_decisions_tell_outcome_reasons_verdict_and_release(world: World, client: Client) -> None:
    busy_customer(world)
    response = client.get(file_url(world, "?tab=decisions"))
    text = response.content.decode()
    assert "Over the limit" in text
    assert "We know them" in text
    assert str(world.manager) in text
    assert Release.objects.get().subject_text in text
    check = response.context["checks"].object_list[0]
    assert reverse("credit_limits:check_detail", args=[check.pk]) in text


def test_waiting_tells_held_orders_and_open_requests(world: World, client: Client) -> None:
    order = world.order(5000)
    document_submit(document=order, actor=world.clerk, as_of=TODAY)
    waiting = client.get(file_url(world)).context["waiting"]
    assert waiting.held_count == 1
    assert waiting.held_amounts == (("EUR", Decimal(5000)),)
    assert [request.requested_by for request in waiting.requests] == [world.clerk]
    empty = account_in(world, "Quiet")
    quiet = client.get(reverse("reports:credit_file", args=[empty.customer_id]))
    assert quiet.context["waiting"].held_count == 0
    assert "asked by" not in quiet.content.decode()


@pytest.mark.parametrize(
    ("state", "amount", "words"),
    [
        ("zero", None, "Limit zero: nothing goes on credit"),
        ("unlimited", None, "Unlimited: exposure is counted, never stopped"),
        ("amount", 2500, "Permanent limit"),
        ("none", None, "Nobody has granted a limit"),
    ],
)
def test_the_limit_state_is_said_aloud(
    world: World, client: Client, state: str, amount: int | None, words: str
) -> None:
    world.limit(amount, state, valid_from=TODAY)
    text = client.get(file_url(world)).content.decode()
    assert words in text
    others = {"Limit zero:", "Unlimited: exposure", "Nobody has granted"} - {
        words.split(" nothing", maxsplit=1)[0]
    }
    assert not any(other in text for other in others if not words.startswith(other))


def test_permanent_and_temporary_limits_are_told_apart(world: World, client: Client) -> None:
    world.limit(
        300, kind="temporary", valid_from=TODAY, valid_until=TODAY + datetime.timedelta(days=30)
    )
    text = client.get(file_url(world)).content.decode()
    assert "Permanent" in text
    assert "temporary" in text
    assert "29 Apr 2026" in text  # the last day, not the day after


def test_what_a_next_order_would_meet(world: World, client: Client) -> None:
    assert client.get(file_url(world)).context["next_order"].outcome == "pass"
    world.item(600, TODAY - datetime.timedelta(days=40))
    context = client.get(file_url(world)).context
    assert context["next_order"].outcome == "hold"
    assert any("overdue" in found["sentence"] for found in context["next_findings"])
    world.item(900)
    sentences = [
        found["sentence"] for found in client.get(file_url(world)).context["next_findings"]
    ]
    assert any("exceeded by 500.00" in sentence for sentence in sentences)


def test_the_past_is_reproduced_and_said(world: World, client: Client) -> None:
    item = world.item(400, document_on=datetime.date(2026, 1, 10))
    payment = world.item(400, direction="credit", document_on=datetime.date(2026, 3, 1))
    world.allocate(item, payment, 400, datetime.date(2026, 3, 1))
    now = client.get(file_url(world, "?tab=items"))
    then = client.get(file_url(world, "?tab=items&as_of=2026-02-01"))
    assert now.context["figure"].position.total == Decimal(0)
    assert then.context["figure"].position.total == Decimal(400)
    assert then.context["sums"] == [("EUR", Decimal(400))]
    assert "Figures as they stood on" in then.content.decode()
    assert "Figures as they stood on" not in now.content.decode()
    wrong = client.get(file_url(world, "?as_of=2027-01-01"))
    assert "not known" in wrong.content.decode()


def test_several_companies_add_up_and_each_can_be_looked_at(world: World, as_user) -> None:
    uk = CompanyFactory(code="UK01", currency=CurrencyFactory(code="GBP"))
    ExchangeRateFactory(
        from_currency=CurrencyFactory(code="GBP"),
        to_currency=CurrencyFactory(code="EUR"),
        rate=Decimal("1.2"),
    )
    second = CustomerAccountFactory(company=uk, customer=world.account.customer)
    world.item(100)
    world.item(50, account=second)
    client = as_user(UserFactory(role="treasury", companies=[world.company, uk]))
    context = client.get(file_url(world)).context
    assert context["figure"] is None
    assert context["totals"]["exposure"].amount == Decimal(160)
    assert sum(part.amount for part in context["composition"]) == Decimal(160)
    one = client.get(file_url(world, f"?account={second.pk}")).context
    assert one["figure"].position.total == Decimal(50)
    assert one["figure"].position.currency == "GBP"
    alone = as_user(UserFactory(role="treasury"))
    context = alone.get(file_url(world, f"?account={second.pk}")).context
    assert [row.account for row in context["figures"]] == [world.account]


def test_a_shared_limit_shows_what_all_members_use(world: World, client: Client) -> None:
    group = CustomerGroupFactory(name="Holding")
    member = account_in(world, "Sister")
    for account in (world.account, member):
        account.customer.group = group
        account.customer.save()
    world.limit(
        1500,
        account=None,
        group=group,
    )
    world.item(700)
    world.item(1000, account=member)
    (wide,) = client.get(file_url(world)).context["wide"]
    assert (wide.used, wide.headroom) == (Decimal(1700), Decimal(-200))
    assert wide.account_count == 2


def test_history_tells_the_customer_s_events_but_not_those_of_foreign_companies(
    world: World, client: Client, as_user
) -> None:
    other = CompanyFactory(code="XX")
    foreign = CustomerAccountFactory(company=other, customer=world.account.customer)
    busy_customer(world)
    world.limit(123456, account=foreign)
    text = client.get(file_url(world, "?tab=history")).content.decode()
    assert "Draft saved" in text
    assert "123,456.00" not in text
    assert "123456" not in text
    boss = as_user(UserFactory(is_superuser=True))
    assert "123,456.00" in boss.get(file_url(world, "?tab=history")).content.decode()


def test_behaviour_shows_the_newest_figures(world: World, client: Client) -> None:
    for day, late in ((1, "1.50"), (20, "9.40")):
        PaymentBehaviour.objects.create(
            account=world.account,
            as_of=TODAY - datetime.timedelta(days=30 - day),
            settled_amount=Decimal(1000),
            settled_count=4,
            average_days_late=Decimal(late),
            late_share_percent=Decimal(31),
        )
    text = client.get(file_url(world, "?tab=behaviour")).content.decode()
    assert "9.4" in text
    assert "31" in text


def test_reviews_are_announced_two_months_ahead(world: World, client: Client) -> None:
    profile = CreditProfile.objects.create(
        account=world.account, review_on=TODAY + datetime.timedelta(days=200)
    )
    assert client.get(file_url(world)).context["reviews"] == []
    profile.review_on = TODAY + datetime.timedelta(days=20)
    profile.save()
    assert len(client.get(file_url(world)).context["reviews"]) == 1


def test_strangers_and_other_people_s_customers(world: World, as_user) -> None:
    stranger = UserFactory(role="credit_manager", companies=[CompanyFactory(code="XX")])
    assert as_user(stranger).get(file_url(world)).status_code == 404
    agent = UserFactory(role="sales", own_accounts_only=True)
    assert as_user(agent).get(file_url(world)).status_code == 404
    world.account.agent = agent
    world.account.save()
    response = as_user(agent).get(file_url(world))
    assert response.status_code == 200
    assert "Grant limit" not in response.content.decode()
    assert as_user(UserFactory()).get(file_url(world)).status_code == 403


def test_the_panel_is_a_fragment_for_htmx_and_a_page_without(world: World, client) -> None:
    busy_customer(world)
    url = reverse("reports:account_panel", args=[world.account.pk])
    part = client.get(url, headers={"HX-Request": "true"}).content
    assert b"<html" not in part
    assert b"Open items by age" in part
    assert b"<html" in client.get(url).content
    few = statements(lambda: client.get(url))
    busy_customer(world, 3)
    assert statements(lambda: client.get(url)) == few
