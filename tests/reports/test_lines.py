"""The lines of a component add up to its figure, to the cent, whatever the ledger looks like."""

from __future__ import annotations

import datetime
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

import pgtrigger
import pytest

from core.models import ExchangeRate
from credit_limits.engine.types import Component
from credit_limits.models import CreditPolicy
from credit_limits.selectors import credit_position
from credit_limits.services.policies import policy_publish
from credit_limits.standing import policies_by_company
from customers.models import CustomerAccount
from documents.models import Document
from documents.services.history import state_write
from reports.queries.ageing import ages_by_account
from reports.queries.components import TOTAL, WAITING
from reports.queries.lines import component_lines, lines_total
from tests.factories.core import CurrencyFactory, ExchangeRateFactory
from tests.factories.customers import CustomerAccountFactory
from tests.world import TODAY, World

if TYPE_CHECKING:
    from ledger.models import OpenItem

CENT = Decimal("0.01")
DAYS = [TODAY - datetime.timedelta(days=back) for back in (0, 1, 20, 45, 90, 200)]


def amount(random: Random, most: int = 500_000) -> Decimal:
    return Decimal(random.randint(1, most)) * CENT


def fill(world: World, account: CustomerAccount, random: Random) -> None:
    """Invoices and payments in three currencies, applied in part on various days; orders."""
    debits: list[OpenItem] = []
    credits: list[OpenItem] = []
    for _ in range(random.randint(3, 25)):
        currency = CurrencyFactory(code=random.choice(["EUR", "USD", "GBP"]))
        foreign = currency.code != account.company.currency_id
        rate = Decimal(random.randint(5000, 20000)) / 10000 if foreign else Decimal(1)
        side = random.choice(["debit", "debit", "credit"])
        document_on = TODAY - datetime.timedelta(days=random.randint(0, 250))
        item = world.item(
            str(amount(random)),
            document_on + datetime.timedelta(days=random.randint(0, 90)),
            direction=side,
            account=account,
            document_on=document_on,
            currency=currency,
            rate=None if foreign and random.random() < 0.2 else rate,
        )
        if random.random() < 0.1:
            item.is_posted = False
            with pgtrigger.ignore("ledger.OpenItem:stays_posted"):
                item.save()
        else:
            (debits if side == "debit" else credits).append(item)
    for debit in debits:
        for credit in credits:
            most = min(debit.open_amount, credit.open_amount)
            if debit.currency_id == credit.currency_id and most and random.random() < 0.5:
                part = most if random.random() < 0.4 else (most / 3).quantize(CENT)
                if part:
                    on = max(debit.document_on, credit.document_on)
                    on = min(on + datetime.timedelta(days=random.randint(0, 60)), TODAY)
                    world.allocate(debit, credit, str(part), on)
    for _ in range(random.randint(0, 6)):
        order(world, account, random)


def order(world: World, account: CustomerAccount, random: Random) -> None:
    currency = CurrencyFactory(code=random.choice(["EUR", "USD"]))
    document = world.order(
        str(amount(random)),
        account=account,
        currency=currency,
        actor=None,
    )
    status = random.choice(["draft", "submitted", "released", "held", "closed", "cancelled"])
    accepted = TODAY - datetime.timedelta(days=random.randint(0, 150))
    counted = status in {"submitted", "released", "closed"}
    Document.objects.filter(pk=document.pk).update(
        status=status,
        number="" if status == "draft" else f"X-{document.pk}",
        rate=Decimal("0.91234567") if counted and random.random() < 0.8 else None,
        accepted_on=accepted if counted else None,
        is_live=status in {"submitted", "released", "held"},
        ended_on=accepted + datetime.timedelta(days=random.randint(0, 60))
        if status == "closed"
        else None,
    )
    state_write(Document.objects.get(pk=document.pk), on=accepted)


@pytest.mark.parametrize("seed", range(6))
def test_lines_add_up_to_every_component_on_every_day(world: World, seed: int) -> None:
    random = Random(seed)
    for source, target, rate in (
        ("USD", "EUR", "0.91870000"),
        ("GBP", "EUR", "1.16540000"),
    ):
        ExchangeRateFactory(
            from_currency=CurrencyFactory(code=source),
            to_currency=CurrencyFactory(code=target),
            rate=Decimal(rate),
        )
    own = world.account
    dollars = CustomerAccountFactory(company=world.company, currency=CurrencyFactory(code="USD"))
    for account in (own, dollars):
        fill(world, account, random)
        policy = policies_by_company([account.company_id])[account.company_id]
        loaded = CustomerAccount.objects.select_related("company", "customer").get(pk=account.pk)
        for as_of in DAYS:
            position = credit_position(account=loaded, as_of=as_of)
            for component in Component:
                lines = component_lines(loaded, component.value, as_of, policy)
                assert lines_total(lines) == position.components[component], (component, as_of)
                assert all(line.account_amount is not None for line in lines)
            total = component_lines(loaded, TOTAL, as_of, policy)
            assert lines_total(total) == position.total
            assert lines_total(component_lines(loaded, WAITING, as_of)) == position.waiting
            ages = ages_by_account({loaded.pk: position}, as_of).get(loaded.pk, {})
            assert sum(ages.values(), Decimal(0)) == (
                position.components[Component.INVOICE_OPEN]
                + position.components[Component.INVOICE_OVERDUE]
            )


def test_every_line_names_one_document_once(world: World) -> None:
    fill(world, world.account, Random(99))
    lines = component_lines(world.account, TOTAL, TODAY)
    keys = [(line.subject_type, line.subject_id) for line in lines]
    assert len(keys) == len(set(keys))


def test_a_missing_rate_leaves_the_line_without_an_amount_and_never_at_zero(world: World) -> None:
    world.item(100)
    world.item(70, currency=CurrencyFactory(code="CHF"), rate=None)
    assert not ExchangeRate.objects.exists()
    position = credit_position(account=world.account, as_of=TODAY)
    lines = component_lines(world.account, "invoice_open", TODAY)
    assert position.missing_rates == ("CHF-EUR",)
    assert sorted(str(line.account_amount) for line in lines) == ["100.00", "None"]
    assert lines_total(lines) == position.components[Component.INVOICE_OPEN] == Decimal(100)


def test_what_the_policy_leaves_out_is_not_in_the_total(world: World) -> None:
    world.item(100)
    document = world.order(40)
    Document.objects.filter(pk=document.pk).update(
        status="submitted", number="X-1", accepted_on=TODAY, rate=1, is_live=True
    )
    CreditPolicy.objects.update(include={"order_open": "show"})
    policy_publish(policy=CreditPolicy.objects.get(), actor=None)
    policy = policies_by_company([world.company.pk])[world.company.pk]
    position = credit_position(account=world.account, as_of=TODAY)
    assert position.total == Decimal(100)
    assert lines_total(component_lines(world.account, TOTAL, TODAY, policy)) == Decimal(100)
    assert lines_total(component_lines(world.account, "order_open", TODAY, policy)) == Decimal(40)
