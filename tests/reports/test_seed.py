"""seed_demo: a portfolio to look around in, loaded once and never into real data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from approvals.models import ApprovalRequest
from approvals.selectors import requests_for
from core.demo_logins import DEMO_LOGINS
from core.models import Company, ExchangeRate, JobRun, Notification, User
from credit_limits.assemble import account_key
from credit_limits.engine.types import Component
from credit_limits.exposure import Asked
from credit_limits.exposure_lines import exposure_lines, lines_total
from credit_limits.models import Alert, CreditLimit, ExposureSnapshot, PaymentBehaviour
from credit_limits.selectors import portfolio_positions
from credit_limits.selectors_curve import exposure_curves
from credit_limits.standing import policies_by_company
from customers.models import Customer, CustomerAccount
from documents.models import Document
from ledger.models import Dispute, OpenItem
from ledger.selectors import residual_proof
from reports.demo.people import CUSTOMERS
from reports.queries.components import LISTED
from tests.factories.customers import CustomerFactory
from tests.reports.test_defaults import everything

if TYPE_CHECKING:
    from datetime import date

    from pytest_django import DjangoDbBlocker


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Any:
    """The demo, loaded once for this module and rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("install_defaults", verbosity=0)
        call_command("seed_demo", verbosity=0)
        yield
        transaction.set_rollback(True)


def test_the_portfolio_is_there(demo: None, db: None) -> None:
    assert Customer.objects.count() == len(CUSTOMERS) == 60
    assert Company.objects.count() == 2
    assert CustomerAccount.objects.count() > 60
    assert OpenItem.objects.count() > 2000
    assert {*CreditLimit.objects.values_list("state", flat=True)} == {
        "amount",
        "zero",
        "unlimited",
    }
    assert ExchangeRate.objects.exists()


def test_every_status_of_an_order_can_be_seen(demo: None, db: None) -> None:
    assert {*Document.objects.values_list("status", flat=True)} == {*Document.Status.values}


def test_documents_stand_at_every_step_of_the_cycle(demo: None, db: None) -> None:
    kinds = {*Document.objects.values_list("type__code", flat=True)}
    assert kinds >= {
        "quote",
        "order",
        "delivery",
        "return",
        "invoice",
        "credit_note",
        "advance",
        "charge",
    }
    posted = Document.objects.filter(status="posted")
    assert {*posted.values_list("type__code", flat=True)} >= {
        "invoice",
        "credit_note",
        "advance",
        "charge",
    }
    positions = portfolio_positions(as_of=demo_day()).values()
    for component in LISTED:
        assert any(position.components[component] for position in positions), component
    assert any(position.waiting for position in positions)
    assert Dispute.objects.filter(closed_on__isnull=True, amount__isnull=False).exists()


def demo_day() -> date:
    return timezone.localdate(Customer.objects.earliest("pk").created_at)


def test_every_figure_of_the_demo_opens_to_lines_that_add_up(demo: None, db: None) -> None:
    today = demo_day()
    policies = policies_by_company(Company.objects.values_list("pk", flat=True))
    positions = portfolio_positions(as_of=today)
    keys = [
        account_key(position.account).under(policies[position.account.company_id])
        for position in positions.values()
    ]
    lines = exposure_lines(keys, Asked(today))
    curves = exposure_curves([position.account for position in positions.values()], today)
    for key, position in positions.items():
        rows = lines.get(key, [])
        for component in Component:
            own = [line for line in rows if line.component == component.value]
            assert lines_total(own) == position.components[component]
        assert curves[key].opening == position.total


def test_every_role_can_sign_in(demo: None, db: None) -> None:
    for role, username, password in DEMO_LOGINS:
        user = User.objects.get(username=username)
        assert user.check_password(password)
        assert [group.name for group in user.groups.all()] == [role]


def test_something_waits_for_the_approver_and_for_the_manager(demo: None, db: None) -> None:
    aldo, carla = (User.objects.get(username=name) for name in ("aldo", "carla"))

    his = list(requests_for(aldo))
    hers = list(requests_for(carla))

    assert his
    assert len(hers) > len(his)
    assert {*ApprovalRequest.objects.values_list("status", flat=True)} >= {
        "open",
        "approved",
        "refused",
    }


def test_its_ledger_is_proved(demo: None, db: None) -> None:
    assert residual_proof() == []


def test_its_nights_were_run_without_an_error(demo: None, db: None) -> None:
    runs = JobRun.objects.all()
    assert runs.count() == 8
    assert {run.status for run in runs} == {"done"}
    assert all(run.counts["proof_misses"] == 0 for run in runs)
    accounts = CustomerAccount.objects.count()
    assert ExposureSnapshot.objects.count() == PaymentBehaviour.objects.count() == 8 * accounts
    assert ExposureSnapshot.objects.filter(is_over_limit=True).exists()
    assert {*Alert.objects.values_list("kind", flat=True)} == {"over_limit", "overdue"}


def test_invented_people_get_no_mail(demo: None, db: None) -> None:
    assert Notification.objects.exists()
    assert not Notification.objects.filter(emailed_at__isnull=True).exists()
    assert mail.outbox == []


def test_twice_changes_no_row(demo: None, db: None) -> None:
    before = everything()

    call_command("seed_demo", verbosity=0)

    assert everything() == before


def test_what_was_lost_is_entered_again(demo: None, db: None) -> None:
    """A run cut short is completed: an order that is missing, a night that is missing."""
    draft = Document.objects.filter(status="draft").latest("pk")
    key = draft.import_key
    draft.lines.all().delete()
    draft.delete()
    JobRun.objects.order_by("pk").last().delete()

    call_command("seed_demo", verbosity=0)

    assert Document.objects.get(import_key=key).status == "draft"
    assert JobRun.objects.count() == 8


def test_beside_real_customers_it_is_refused(demo: None, db: None) -> None:
    CustomerFactory(code="REAL-1")
    before = everything()

    with pytest.raises(CommandError, match="There are customers that are not of the demo"):
        call_command("seed_demo", verbosity=0)

    assert everything() == before


def test_beside_real_customers_it_is_loaded_when_told_to(demo: None, db: None) -> None:
    CustomerFactory(code="REAL-1")
    JobRun.objects.order_by("pk").last().delete()

    call_command("seed_demo", "--force", verbosity=0)

    assert JobRun.objects.count() == 8
    assert Customer.objects.count() == 61


def test_what_was_sold_without_an_order_is_there(demo: None, db: None) -> None:
    charges = Document.objects.filter(type__kind="charge")
    assert charges.filter(charge__agreement__code="adda-staff", status="posted").count() == 4
    assert charges.filter(reference="Repair of a pump").get().status == "held"
    assert OpenItem.objects.filter(entry__document__in=charges, open_amount=0).count() == 1
    sold = Document.objects.filter(type__kind="counter", status="posted")
    assert sorted(sale.gross_amount - sale.paid_amount for sale in sold) == [0, 200]
