"""What has no exchange rate is held, and holds up nothing else."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from approvals.services import step_approve
from core import events
from core.clock import business_day
from core.errors import Conflict, Invalid
from core.models import ExchangeRate
from credit_limits.selectors import credit_position
from credit_limits.services.policies import policy_publish
from documents.models import Document, HoldCase
from documents.services.recheck import waiting_for_rates
from documents.services.submit import document_submit
from documents.tasks import recheck_held_settings
from tests.factories.core import CurrencyFactory, ExchangeRateFactory, role_group
from tests.world import TODAY, World, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from documents.results import SubmitResult

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Iterator[World]:
    CurrencyFactory(code="JPY")
    with business_day(TODAY):
        yield make_world(1000)


def yen(world: World, amount: int = 1000) -> SubmitResult:
    """An order in a currency without a rate, sent off."""
    order = world.order(amount, currency=CurrencyFactory(code="JPY"))
    return document_submit(document=order, actor=world.clerk, as_of=TODAY)


def rate_entered(rate: str) -> None:
    """Somebody enters the rate in the administration; the task that follows is run."""
    row: ExchangeRate = ExchangeRateFactory(
        from_currency=CurrencyFactory(code="JPY"), rate=Decimal(rate), valid_on=TODAY
    )
    event = events.record(
        "core.setting.added",
        row,
        actor=None,
        company=None,
        data={"model": "core.exchangerate", "name": str(row), "changes": {}, "lines": 0},
    )
    recheck_held_settings(event.pk)


def fresh(document: Document) -> Document:
    """As it is stored now."""
    return Document.objects.get(pk=document.pk)


def test_a_held_order_without_a_rate_holds_up_no_other(world: World) -> None:
    held = yen(world)
    assert held.document.status == "held"
    other = document_submit(document=world.order(10), actor=world.clerk, as_of=TODAY)
    assert other.document.status == "submitted"

    position = credit_position(account=world.account, as_of=TODAY)
    assert position.is_complete
    assert position.missing_shown == ("JPY-EUR",)
    assert position.total == 10


def test_nobody_is_asked_about_an_unknown_amount(world: World) -> None:
    held = yen(world)
    assert held.case is not None
    assert held.case.request is None
    assert held.case.reasons == ["RATE_MISSING"]
    world.policy.direct_override = True
    world.policy.save()
    policy_publish(policy=world.policy, actor=None)
    world.manager.groups.add(role_group("sales"))
    with pytest.raises(Invalid, match="no exchange rate for JPY-EUR"):
        document_submit(
            document=held.document,
            actor=world.manager,
            as_of=TODAY,
            override_reason="we know them",
        )


def test_it_passes_by_itself_when_the_rate_is_entered(world: World) -> None:
    held = yen(world)
    assert waiting_for_rates() == [world.account.pk]
    rate_entered("0.006")
    assert fresh(held.document).status == "submitted"
    assert fresh(held.document).rate == Decimal("0.006")
    assert waiting_for_rates() == []
    assert credit_position(account=world.account, as_of=TODAY).total == 6


def test_it_asks_by_itself_when_the_rate_makes_it_too_much(world: World) -> None:
    held = yen(world, 200_000)
    rate_entered("0.006")
    assert fresh(held.document).status == "held"
    case = HoldCase.objects.get(document=held.document, status=HoldCase.Status.OPEN)
    assert case.reasons == ["LIMIT_EXCEEDED"]
    assert case.request is not None
    assert case.request.amount == 200
    step_approve(request=case.request, actor=world.manager, comment="insured", as_of=TODAY)
    assert fresh(held.document).status == "released"


def test_a_rate_that_went_missing_stops_the_release_and_not_the_page(world: World) -> None:
    dollars = CurrencyFactory(code="USD")
    ExchangeRateFactory(from_currency=dollars, rate=Decimal(2), valid_on=TODAY)
    held = document_submit(
        document=world.order(600, currency=dollars), actor=world.clerk, as_of=TODAY
    )
    assert held.request is not None
    ExchangeRateFactory(
        from_currency=dollars, valid_on=TODAY, entered_at=timezone.now(), is_withdrawn=True
    )
    with pytest.raises(Conflict, match="no exchange rate for USD-EUR"):
        step_approve(request=held.request, actor=world.manager, comment="good", as_of=TODAY)
    held.request.refresh_from_db()
    assert held.request.status == "open"
    assert fresh(held.document).status == "held"


def test_other_settings_ask_nobody_again(world: World) -> None:
    held = yen(world)
    event = events.record(
        "core.setting.changed",
        world.company,
        actor=None,
        company=None,
        data={"model": "core.company", "name": "", "changes": {}, "lines": 0},
    )
    ExchangeRateFactory(
        from_currency=CurrencyFactory(code="JPY"), rate=Decimal("0.006"), valid_on=TODAY
    )
    recheck_held_settings(event.pk)
    assert fresh(held.document).status == "held"
