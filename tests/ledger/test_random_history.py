"""Random histories through the services: the books are right after every step, and a past day
recomputed with what was known then is what was read then."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from unittest import mock

import pgtrigger
import pytest
from django.core.management import CommandError, call_command

from core.errors import DomainError
from core.models import Currency
from credit_limits.engine.terms import ExposureTerms
from credit_limits.exposure import AccountKey, gather
from customers.models import CustomerAccount
from ledger.models import Allocation, Chargeback, Dispute, JournalEntry, JournalLine, OpenItem
from ledger.selectors import ageing_rows, balance_proof, control_proof, residual_proof
from ledger.services import (
    Deduction,
    allocation_reverse,
    chargeback_undo,
    credit_apply,
    dispute_close,
    dispute_open,
    entry_confirm,
    entry_post,
    item_charge_back,
    item_write_off,
    payment_record,
    payment_reverse,
)
from ledger.services.entries import BY_HAND
from tests.factories.core import ExchangeRateFactory
from tests.factories.customers import CustomerAccountFactory
from tests.factories.ledger import OpenItemFactory

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
START = datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC)
STEPS = 40
WISHES = 8
P3 = datetime.date(2026, 3, 6)

TERMS = {
    "all": ExposureTerms(),
    "provisional": ExposureTerms(provisional=True),
    "contested out": ExposureTerms(disputed=False),
    "both": ExposureTerms(provisional=True, disputed=False),
    "balance": ExposureTerms(ledger_base=True),
    "balance from a day": ExposureTerms(ledger_base=True, start_on=P3),
}

type Reading = dict[str, dict[str, Decimal]]


@contextmanager
def clock_at(moment: datetime.datetime) -> Iterator[None]:
    """Whatever is entered now is entered at `moment`."""
    with mock.patch("django.utils.timezone.now", return_value=moment):
        yield


def read(account: CustomerAccount, as_of: datetime.date, **kwargs: object) -> Reading:
    """The ledger's components under every kind of terms; zeros left out."""
    result = {}
    for name, terms in TERMS.items():
        key = AccountKey(
            account.pk, account.currency_id, account.company.currency_id, account.company_id, terms
        )
        found = gather([key], as_of=as_of, **kwargs).accounts[account.pk]  # type: ignore[arg-type]
        assert not found.missing_rates
        result[name] = {
            component.value: amount
            for component, amount in found.exposure.amounts.items()
            if amount
        }
    return result


def aged(account: CustomerAccount, as_of: datetime.date, **kwargs: object) -> set[object]:
    rows = ageing_rows(account_ids=[account.pk], as_of=as_of, **kwargs)  # type: ignore[arg-type]
    return {(row.bucket.key, row.currency, row.amount, row.item_count) for row in rows}


@dataclass
class History:
    """One account in two currencies with changing rates, and what was done to it."""

    account: CustomerAccount
    random: Random
    now: datetime.datetime = START
    number: int = 0
    done: list[str] = field(default_factory=list)

    @property
    def today(self) -> datetime.date:
        return self.now.date()

    def day(self, back: int = 6, ahead: int = 0) -> datetime.date:
        return self.today + self.random.randint(-back, ahead) * DAY

    def name(self) -> str:
        self.number += 1
        return f"N{self.number}"

    def amount(self, most: Decimal = Decimal(500)) -> Decimal:
        return Decimal(self.random.randint(1, int(most * 100))) / 100

    def some(self, **conditions: object) -> OpenItem:
        """Any item like that. Raises IndexError when there is none."""
        rows = OpenItem.objects.filter(account=self.account, **conditions).order_by("pk")
        return self.random.choice(list(rows))

    # --- steps ---

    def invoice(self) -> None:
        on = self.day(7, -1)  # booked on its own day or on the next one
        total = self.amount()
        parts = [(on + self.random.randint(0, 12) * DAY, total)]
        if self.random.random() < 0.3:
            parts = [(on, total), (on + 9 * DAY, self.amount())]
        entry_post(
            account=self.account,
            kind=self.random.choice(BY_HAND),
            number=self.name(),
            document_on=on,
            posted_on=self.random.choice((None, on + DAY)),
            instalments=parts,
            currency=self.random.choice(("EUR", "USD")),
            provisional=self.random.random() < 0.2,
            actor=None,
        )

    def payment(self) -> None:
        item = self.some(direction="debit", open_amount__gt=0, is_posted=True)
        part = self.amount(item.open_amount)
        provisional = self.random.random() < 0.2
        rest = item.open_amount - part
        deductions = []
        if rest and not provisional and self.random.random() < 0.4:
            deductions = [Deduction(item, self.random.choice(("discount", "difference")), rest)]
        payment_record(
            account=self.account,
            number=self.name(),
            received_on=self.day(),
            amount=part + self.random.choice((Decimal(0), self.amount())),
            allocations=[(item, part)],
            deductions=deductions,
            currency=item.currency_id,
            provisional=provisional,
            actor=None,
        )

    def apply(self) -> None:
        credit = self.some(direction="credit", open_amount__gt=0, is_posted=True)
        debit = self.some(
            direction="debit", open_amount__gt=0, is_posted=True, currency=credit.currency
        )
        part = self.amount(min(credit.open_amount, debit.open_amount))
        credit_apply(credit_item=credit, allocations=[(debit, part)], actor=None)

    def confirm(self) -> None:
        entry_confirm(entry=self.some(is_posted=False).entry, actor=None)

    def reverse(self) -> None:
        kinds = ("payment", "discount", "difference", "write_off")
        item = self.some(is_posted=True, entry__kind__in=kinds)
        payment_reverse(payment=item.entry, on=self.day(2), reason="returned", actor=None)

    def take_back(self) -> None:
        rows = Allocation.objects.filter(account=self.account).order_by("pk")
        allocation_reverse(
            allocation=self.random.choice(list(rows)), on=self.day(2), reason="x", actor=None
        )

    def write_off(self) -> None:
        item = self.some(open_amount__gt=0, is_posted=True)
        item_write_off(
            item=item,
            amount=self.amount(item.open_amount),
            on=self.day(3),
            reason="gone",
            actor=None,
        )

    def charge_back(self) -> None:
        item = self.some(direction="debit", open_amount__gt=0, is_posted=True)
        item_charge_back(
            item=item,
            amount=self.amount(item.open_amount),
            reason="price",
            on=self.day(3),
            actor=None,
        )

    def undo(self) -> None:
        rows = Chargeback.objects.filter(account=self.account).order_by("pk")
        chargeback_undo(
            chargeback=self.random.choice(list(rows)), on=self.day(2), reason="x", actor=None
        )

    def contest(self) -> None:
        item = self.some(direction="debit", open_amount__gt=0)
        part = self.random.choice((None, self.amount(item.open_amount)))
        dispute_open(item=item, reason="broken", opened_on=self.day(3), amount=part, actor=None)

    def settle(self) -> None:
        rows = Dispute.objects.filter(item__account=self.account, closed_at=None).order_by("pk")
        dispute_close(
            dispute=self.random.choice(list(rows)),
            outcome="agreed",
            closed_on=self.day(3),
            actor=None,
        )

    def step(self) -> None:
        """One of them, some time later; what the services refuse leaves nothing behind."""
        self.now += datetime.timedelta(hours=self.random.choice((1, 2, 20, 30)))
        steps: list[Callable[[], None]] = [
            *[self.invoice] * 4,
            *[self.payment] * 4,
            *[self.apply] * 2,
            self.confirm,
            self.reverse,
            self.take_back,
            self.write_off,
            self.charge_back,
            self.undo,
            *[self.contest] * 2,
            self.settle,
        ]
        # Most wishes are refused at first, for there is nothing yet to apply or to take back.
        for _try in range(WISHES):
            step = self.random.choice(steps)
            try:
                with clock_at(self.now):
                    step()
            except (DomainError, IndexError) as error:
                self.done.append(f"{step.__name__}: {error}")
            else:
                self.done.append(step.__name__)
                return


def make(seed: int) -> History:
    random = Random(seed)
    for number in range(-10, 30, 3):
        ExchangeRateFactory(
            valid_on=START.date() + number * DAY, rate=Decimal(random.randint(80, 120)) / 100
        )
    Currency.objects.filter(code="USD").update(is_active=True)
    return History(CustomerAccountFactory(), random)


@pytest.mark.parametrize(
    "seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(3, 60))]
)
def test_the_books_are_right_after_every_step_and_the_past_stays_as_it_was(seed):
    history = make(seed)
    readings: list[tuple[datetime.datetime, Reading, set[object]]] = []
    for _step in range(STEPS):
        history.step()
        accounts = [history.account.pk]
        assert control_proof(accounts) == [], history.done[-1]
        assert residual_proof(accounts) == [], history.done[-1]
        assert balance_proof(accounts) == [], history.done[-1]
        moment = history.now + datetime.timedelta(minutes=1)
        with clock_at(moment):
            readings.append(
                (
                    moment,
                    read(history.account, history.today),
                    aged(history.account, history.today),
                )
            )
    assert len({name for name in history.done if ":" not in name}) >= 7, history.done
    with clock_at(history.now + datetime.timedelta(days=30)):
        for moment, reading, age in readings:
            as_of = moment.date()
            assert control_proof(accounts, on=as_of) == [], as_of
            assert read(history.account, as_of, known_at=moment) == reading, moment
            assert aged(history.account, as_of, known_at=moment) == age, moment


@pytest.mark.parametrize("seed", range(100, 102))
def test_the_balance_is_what_the_items_come_to(seed):
    """With all entries and no provisional ones, ledger and items say the same."""
    history = make(seed)
    for _step in range(STEPS):
        history.step()
        with clock_at(history.now):
            found = read(history.account, history.today)
        dollars = OpenItem.objects.filter(
            account=history.account, currency="USD", open_amount__gt=0
        )
        if not dollars.exists():
            assert sum(found["balance"].values()) == sum(found["all"].values())
        # A dollar item is worth its own rate; the ledger's value follows it to the cent.
        difference = sum(found["balance"].values()) - sum(found["all"].values())
        assert abs(Decimal(difference)) <= Decimal("0.01") * dollars.count()


def test_provisional_items_never_count_unless_the_policy_says_so():
    history = make(7)
    with clock_at(history.now):
        for kind in ("invoice", "credit_note"):
            entry_post(
                account=history.account,
                kind=kind,
                number=kind,
                document_on=history.today,
                instalments=[(history.today + 9 * DAY, Decimal(70 if kind == "invoice" else 20))],
                provisional=True,
                actor=None,
            )
        payment_record(
            account=history.account,
            received_on=history.today,
            amount=Decimal(5),
            provisional=True,
            actor=None,
        )
        found = read(history.account, history.today)
    expected = {"invoice_open": Decimal(70), "credits": Decimal(-20)}
    assert found == {name: expected if terms.provisional else {} for name, terms in TERMS.items()}


def test_a_partly_contested_item_counts_with_the_rest():
    item = OpenItemFactory(amount=100, document_on=START.date(), due_on=START.date() + DAY)
    with clock_at(START):
        dispute_open(item=item, reason="broken", amount=Decimal(30), actor=None)
        assert read(item.account, START.date())["contested out"] == {"invoice_open": 70}
        assert read(item.account, START.date())["all"] == {"invoice_open": 100}
        payment_record(
            account=item.account,
            received_on=START.date(),
            amount=Decimal(80),
            allocations=[(item, Decimal(80))],
            actor=None,
        )
        assert read(item.account, START.date())["contested out"] == {}


# --- the proof finds what is wrong ---------------------------------------------------------------


def test_check_ledger_names_every_difference(capsys):
    item = OpenItemFactory(amount=100, number="A")
    call_command("check_ledger")
    assert "equal the open items" in capsys.readouterr().out
    OpenItem.objects.filter(pk=item.pk).update(open_amount=90)
    with pytest.raises(CommandError) as caught:
        call_command("check_ledger")
    assert caught.value.returncode == 1
    told = capsys.readouterr().err
    assert f"{item.account.customer.code} (IT01) EUR: control account 100.00, items 90.00" in told
    assert "item A: stored 90.00, allocations say 100.00" in told
    with pytest.raises(CommandError, match="no company"):
        call_command("check_ledger", company="NOPE")


def test_the_proof_sees_values_in_company_currency():
    ExchangeRateFactory(valid_on=datetime.date(2025, 1, 1), rate=Decimal("0.5"))
    item = OpenItemFactory(amount=100, currency="USD")
    assert control_proof() == []
    with pgtrigger.ignore("ledger.OpenItem:stays_as_entered"):
        OpenItem.objects.filter(pk=item.pk).update(company_amount=Decimal("49.99"))
    (miss,) = control_proof()
    assert (miss.control, miss.items) == (100, 100)
    assert (miss.control_value, miss.items_value) == (50, Decimal("49.99"))
    assert control_proof([item.account_id + 1]) == []
    assert JournalLine.objects.count() == 2
    assert JournalEntry.objects.count() == 1
