"""A charge becomes one receivable, whoever lets it pass at the same moment."""

from __future__ import annotations

import uuid
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING
from unittest import mock

import pytest
from django.db import transaction

from approvals.services import step_approve
from credit_limits.selectors import credit_position
from credit_limits.services import checks
from customers.models import Customer, CustomerAccount
from documents.models import Document, DocumentType, HoldCase, PurchaseAgreement
from documents.services import base, charges
from documents.services.charges import ChargeInput, charge_create, employee_open
from documents.services.counter import counter_sale
from documents.services.recheck import held_recheck
from ledger.models import JournalEntry
from ledger.selectors.proof import ledger_misses
from tests.factories.customers import CustomerAccountFactory
from tests.harness.races import Control, Scene, Uncontrolled, race
from tests.world import TODAY, World, line, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from documents.results import SubmitResult
    from tests.harness.runs import Outcome

pytestmark = pytest.mark.django_db(transaction=True)

LIMIT = 100
CASE_READ = r'^SELECT .*FROM "documents_holdcase" .*JOIN "approvals_approvalrequest"'
ONE_KEY = Uncontrolled(
    "A unique index on the key of the form keeps two clicks apart; it cannot go for a moment."
)


@pytest.fixture
def world() -> World:
    return make_world(limit=LIMIT)


def new_account(world: World) -> CustomerAccount:
    account: CustomerAccount = CustomerAccountFactory(company=world.company)
    world.limit(LIMIT, account=account)
    return account


def charge(world: World, amount: int, **values: object) -> SubmitResult:
    wanted = ChargeInput(amount=Decimal(amount), text="Pump", **values)  # type: ignore[arg-type]
    return charge_create(charge=wanted, actor=world.clerk, on=TODAY, as_of=TODAY)


def receivables(account: CustomerAccount) -> int:
    return JournalEntry.objects.filter(account=account, text="Pump").count()


def is_one_receivable(account: CustomerAccount, amount: int) -> None:
    assert receivables(account) == 1, f"{receivables(account)} receivables"
    assert [*Document.objects.filter(account=account).values_list("status")] == [("posted",)]
    assert credit_position(account=account, as_of=TODAY).total == amount
    assert ledger_misses([account.pk]) == []


def unlocked(*, account_ids: Sequence[int]) -> list[CustomerAccount]:
    rows = CustomerAccount.objects.filter(pk__in=account_ids)
    return list(rows.select_related("customer__group", "company"))


@contextmanager
def without_locks() -> Iterator[None]:
    """Neither the document nor the customer is locked; everybody reads what stands."""
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(base, "lock_keys", return_value=None))
        for module in (checks, charges):
            stack.enter_context(mock.patch.object(module, "scope_lock", unlocked))
        yield


def held_without_cause(world: World) -> tuple[CustomerAccount, SubmitResult]:
    """A charge in analysis whose cause is gone: what was owed is paid."""
    account = new_account(world)
    with transaction.atomic():
        owed = world.item(90, account=account)
    result = charge(world, 60, account=account)
    assert not result.passed
    with transaction.atomic():
        world.allocate(owed, world.item(90, account=account, direction="credit"), 90, on=TODAY)
    return account, result


def approved_and_asked_again(world: World) -> Scene:
    account, result = held_without_cause(world)

    def holds(_outcomes: Sequence[Outcome]) -> None:
        is_one_receivable(account, 60)
        assert not HoldCase.objects.filter(document=result.document, status="open").exists()

    assert result.request is not None
    approve = partial(
        step_approve, request=result.request, actor=world.manager, comment="known", as_of=TODAY
    )
    return Scene([approve, partial(held_recheck, account_ids=[account.pk], as_of=TODAY)], holds)


def refused_without_cause(world: World) -> CustomerAccount:
    """A charge refused for a block that is lifted: no request stands between two who ask again."""
    account = new_account(world)
    customers = Customer.objects.filter(pk=account.customer_id)
    customers.update(status="blocked")
    result = charge(world, 60, account=account)
    assert not result.passed
    assert result.request is None
    customers.update(status="released")
    return account


def asked_again_twice(world: World) -> Scene:
    account = refused_without_cause(world)
    again = partial(held_recheck, account_ids=[account.pk], as_of=TODAY)
    return Scene([again, again], lambda _outcomes: is_one_receivable(account, 60))


def test_asked_again_twice_at_once(world: World) -> None:
    race(
        partial(asked_again_twice, world),
        control=Control(without_locks, breach="2 receivables", meet=CASE_READ),
    )


def test_approved_while_its_hold_ends_by_itself(world: World) -> None:
    race(
        partial(approved_and_asked_again, world),
        control=Uncontrolled(
            "The race above shows the breach; here approvals lock the request as well, so that "
            "without ours the second one ends in a conflict."
        ),
    )


def test_two_clicks_make_one_charge(world: World) -> None:
    def scene() -> Scene:
        account = new_account(world)
        click = partial(charge, world, 60, account=account, import_key=str(uuid.uuid4()))

        def holds(outcomes: Sequence[Outcome]) -> None:
            is_one_receivable(account, 60)
            assert [outcome.code for outcome in outcomes] == [None, None]
            assert len({outcome.value.document.pk for outcome in outcomes}) == 1

        return Scene([click, click], holds)

    race(scene, control=ONE_KEY)


def test_two_clicks_make_one_sale(world: World) -> None:
    def scene() -> Scene:
        account = new_account(world)
        header = world.header(
            account=account,
            type=DocumentType.objects.get(code="counter"),
            paid_amount=Decimal(20),
            reference="Pump",
            import_key=str(uuid.uuid4()),
        )
        click = partial(
            counter_sale, header=header, lines=[line(50)], actor=world.clerk, as_of=TODAY
        )

        def holds(outcomes: Sequence[Outcome]) -> None:
            is_one_receivable(account, 30)
            assert [outcome.code for outcome in outcomes] == [None, None]

        return Scene([click, click], holds)

    race(scene, control=ONE_KEY)


def test_two_purchases_of_one_employee_never_pass_the_ceiling(world: World) -> None:
    count = iter(range(1000))

    def scene() -> Scene:
        agreement = PurchaseAgreement.objects.create(
            code=f"works{next(count)}",
            name="Works",
            account=new_account(world),
            employee_ceiling=Decimal(50),
            valid_from=TODAY,
        )
        buy = partial(charge, world, 30, agreement=agreement, employee="Rita")

        def holds(outcomes: Sequence[Outcome]) -> None:
            taken = employee_open(agreement, "Rita")
            assert taken == 30, f"over the ceiling: {taken}"
            codes = sorted((outcome.code for outcome in outcomes), key=str)
            assert codes == [None, "documents.employee_ceiling"]

        return Scene([buy, buy], holds)

    race(
        scene,
        control=Control(
            without_locks,
            breach="over the ceiling: 60",
            meet=r'^SELECT SUM\(.*FROM "documents_charge"',
        ),
    )
