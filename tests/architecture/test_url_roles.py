"""Every URL and who may use it: one table, tried with a person of every role.

A role that may not gets 403 and nothing happens; a stranger's row is 404; nobody signed in is
sent to the sign-in page.
"""

from __future__ import annotations

import csv
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from core.models import JobRun, Notification
from core.permissions import ROLES
from credit_limits.models import Alert, CreditCheck
from documents.models import DocumentAttachment, PurchaseAgreement
from documents.services.charges import ChargeInput, charge_create
from documents.services.settlements import charge_settle
from documents.services.submit import document_submit
from ledger.models import Allocation, ImportRun
from ledger.services import dispute_open, item_charge_back
from ledger.services.bills import bill_issue, bills_present
from ledger.services.bills.issue import NewBill
from tests.factories.core import CompanyFactory, UserFactory
from tests.factories.customers import CustomerGroupFactory
from tests.factories.ledger import PaymentFactory
from tests.world import TODAY, World, line, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.urls import URLPattern

    from core.models import User

pytestmark = pytest.mark.django_db

TABLE = Path(__file__).with_name("url_roles.csv")


@dataclass(frozen=True)
class Row:
    """One URL of the table."""

    name: str
    method: str
    roles: frozenset[str]
    is_public: bool


def table() -> list[Row]:
    with TABLE.open() as file:
        return [
            Row(
                name=row["name"],
                method=row["method"],
                roles=frozenset(ROLES)
                if row["roles"] in {"everybody", "public"}
                else frozenset(row["roles"].split()),
                is_public=row["roles"] == "public",
            )
            for row in csv.DictReader(file)
        ]


def walk(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace == "admin":
                continue
            yield from walk(
                pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            )
        else:
            yield f"{prefix}{pattern.name}", pattern


def test_every_url_is_in_the_table_and_nothing_else() -> None:
    found = {name for name, _pattern in walk(get_resolver())}
    listed = [row.name for row in table()]

    assert len(listed) == len(set(listed))
    assert found == set(listed)
    assert all(row.roles <= set(ROLES) for row in table())


@pytest.fixture
def arguments() -> dict[str, dict[str, object]]:
    """Something to point every URL at, all of one company."""
    world = make_world(limit=100)
    held = document_submit(document=world.order(500), actor=world.clerk, as_of=TODAY).document
    item = world.item(10)
    world.allocate(world.item(5), world.item(5, direction="credit"), 5, on=TODAY)
    allocation = Allocation.objects.get()
    request = held.hold_cases.get().request
    assert request is not None
    attachment = DocumentAttachment.objects.create(
        document=held,
        name="a.txt",
        size=1,
        added_by=world.clerk,
        file=ContentFile(b"a", name="a.txt"),
    )
    world.company.logo.save("logo.png", ContentFile(b"logo"))
    run = ImportRun.objects.create(company=world.company, file_name="x.csv", sha256="0" * 64)
    job = JobRun.objects.create(name="nightly", as_of=TODAY)
    alert = Alert.objects.create(account=world.account, kind="overdue", as_of=TODAY)
    check = CreditCheck.objects.get()
    group = CustomerGroupFactory()
    world.account.customer.group = group
    world.account.customer.save()
    customer: dict[str, object] = {"pk": world.account.customer_id}
    return {
        "core:company_logo": {"pk": world.company.pk},
        "customers:customer_edit": customer,
        "customers:status_set": customer,
        "customers:group_detail": {"pk": group.pk},
        "customers:group_edit": {"pk": group.pk},
        "reports:credit_file": customer,
        "reports:component_detail": {"pk": world.account.pk, "component": "invoice_open"},
        "reports:curve_week": {"pk": world.account.pk, "number": 2},
        "reports:account_panel": {"pk": world.account.pk},
        "reports:alert_seen": {"pk": alert.pk},
        "reports:job_detail": {"pk": job.pk},
        "credit_limits:limit_create": {"account": world.account.pk},
        "credit_limits:check_detail": {"pk": check.pk},
        **{
            f"ledger:item_{name}": {"pk": item.pk}
            for name in ("detail", "write_off", "dispute", "cause", "charge_back")
        },
        "ledger:chargeback_undo": {
            "pk": item_charge_back(
                item=world.item(5), amount=Decimal(1), reason="price", actor=None
            ).pk
        },
        "ledger:payment_return": {"pk": PaymentFactory(account=world.account).entry_id},
        "ledger:dispute_close": {
            "pk": dispute_open(item=world.item(5), reason="broken", actor=None).pk
        },
        "ledger:allocation_reverse": {"pk": allocation.pk},
        "ledger:account_statement": {"pk": world.account.pk},
        "ledger:remittance_days": {"pk": world.account.pk},
        "ledger:entry_reverse": {"pk": world.item(5, direction="credit").entry_id},
        "ledger:period_close": {"pk": world.company.pk},
        "ledger:period_reopen": {"pk": world.company.pk},
        "ledger:item_apply": {"pk": world.item(5, direction="credit").pk},
        "ledger:entry_detail": {"pk": item.entry_id},
        "ledger:entry_confirm": {"pk": item.entry_id},
        **{
            f"ledger:import_{step}": {"pk": run.pk}
            for step in (
                "detail",
                "columns",
                "progress",
                "check",
                "commit",
                "resume",
                "discard",
            )
        },
        "documents:attachment_download": {"pk": attachment.pk},
        "documents:counter_void": {"pk": sold(world)},
        **charge_arguments(world),
        **bill_arguments(world),
        **{
            f"documents:{name}": {"pk": held.pk}
            for name in (
                "order_detail",
                "order_edit",
                "order_submit",
                "order_cancel",
                "order_close",
                "order_reopen",
                "order_copy",
                "document_post",
                "document_print",
                "document_paper",
                "note_add",
                "attachment_add",
            )
        },
        **{
            f"approvals:{name}": {"pk": request.pk}
            for name in ("request_detail", "request_approve", "request_refuse")
        },
    }


def bill_arguments(world: World) -> dict[str, dict[str, object]]:
    """A bill with a bank, and the list it is on."""
    new = NewBill(parts=[(world.item(5), Decimal(5))])
    bill = bill_issue(account=world.account, kind="riba", bill=new, drawn_on=TODAY, actor=None)
    made = bills_present(bills=[bill], kind="after", bank="B", on=TODAY, actor=None)
    return {
        "ledger:bill_detail": {"pk": bill.pk},
        "ledger:bill_step": {"pk": bill.pk, "step": "collect"},
        "ledger:presentation_detail": {"pk": made.pk},
    }


def charge_arguments(world: World) -> dict[str, dict[str, object]]:
    """A charge that was settled, and an agreement."""
    treasurer = UserFactory(username="teo", role="treasury")
    wanted = ChargeInput(amount=Decimal(5), text="Pump", account=world.account)
    document = charge_create(charge=wanted, actor=world.clerk, on=TODAY, as_of=TODAY).document
    payment = charge_settle(charges=[(document, None)], received_on=TODAY, actor=treasurer)
    agreement = PurchaseAgreement.objects.create(
        code="works", name="Works", account=world.account, valid_from=TODAY
    )
    return {
        "documents:charge_account": {"pk": world.account.pk},
        "documents:charge_settle": {"pk": world.account.pk},
        "documents:settlement_reverse": {"pk": payment.entry_id},
        "documents:agreement_statement": {"pk": agreement.pk},
        "documents:agreement_edit": {"pk": agreement.pk},
    }


def sold(world: World) -> int:
    """A sale at the counter, paid at once."""
    from documents.models import DocumentType
    from documents.services.counter import counter_sale

    lines = [line(5)]
    type_ = DocumentType.objects.get(code="counter")
    header = world.header(type=type_, paid_amount=lines[0].unit_price)
    return counter_sale(header=header, lines=lines, actor=world.clerk, as_of=TODAY).document.pk


def address(row: Row, arguments: dict[str, dict[str, object]], user: User | None) -> str:
    if row.name == "core:notification_open":
        owner = user or UserFactory(username="somebody")
        notification = Notification.objects.create(user=owner, code="test", url="/")
        return reverse(row.name, kwargs={"pk": notification.pk})
    return reverse(row.name, kwargs=arguments.get(row.name))


def ask(client: Client, row: Row, url: str) -> int:
    return client.post(url).status_code if row.method == "post" else client.get(url).status_code


@contextmanager
def undone() -> Iterator[None]:
    """Whatever a command does inside is taken back, so that every row meets the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_who_may_use_it(arguments: dict[str, dict[str, object]]) -> None:
    people = {role: UserFactory(username=f"the-{role}", role=role) for role in sorted(ROLES)}
    wrong = []
    for row in table():
        with undone():
            url = address(row, arguments, None)
            response = getattr(Client(), row.method)(url)
            asked = response.status_code == 302 and "/login/" in response.headers["Location"]
            if asked is row.is_public and row.name != "logout":
                wrong.append(f"{row.name}: nobody signed in: {response.status_code}")
        for role, user in people.items():
            with undone():
                client = Client()
                client.force_login(user)
                status = ask(client, row, address(row, arguments, user))
                may = status != 403
                if may is not (role in row.roles) or status in {404, 405, 500}:
                    wrong.append(f"{row.name}: {role}: {status}")
    assert not wrong, "\n".join(wrong)


ROWS_OF_A_COMPANY = (
    "customers:customer_edit",
    "customers:status_set",
    "reports:credit_file",
    "reports:component_detail",
    "reports:curve_week",
    "reports:account_panel",
    "reports:alert_seen",
    "credit_limits:limit_create",
    "credit_limits:check_detail",
    "ledger:item_detail",
    "ledger:item_apply",
    "ledger:item_write_off",
    "ledger:item_dispute",
    "ledger:item_cause",
    "ledger:item_charge_back",
    "ledger:chargeback_undo",
    "ledger:payment_return",
    "ledger:dispute_close",
    "ledger:allocation_reverse",
    "ledger:account_statement",
    "ledger:entry_detail",
    "ledger:entry_reverse",
    "ledger:entry_confirm",
    "ledger:period_close",
    "ledger:period_reopen",
    "ledger:import_detail",
    "ledger:import_columns",
    "ledger:import_progress",
    "ledger:import_check",
    "ledger:import_commit",
    "ledger:import_resume",
    "ledger:import_discard",
    "documents:attachment_download",
    "documents:charge_account",
    "documents:charge_settle",
    "documents:settlement_reverse",
    "documents:agreement_statement",
    "documents:agreement_edit",
    "documents:order_detail",
    "documents:order_edit",
    "documents:order_submit",
    "documents:order_cancel",
    "documents:order_close",
    "documents:order_reopen",
    "documents:order_copy",
    "documents:counter_void",
    "documents:document_post",
    "documents:document_print",
    "documents:document_paper",
    "documents:note_add",
    "documents:attachment_add",
    "approvals:request_detail",
    "approvals:request_approve",
    "approvals:request_refuse",
)


def test_rows_of_another_company_are_not_there(
    arguments: dict[str, dict[str, object]],
) -> None:
    for role in ROLES:
        UserFactory(username=f"the-{role}", role=role)
    stranger = UserFactory(username="stranger", companies=[CompanyFactory(code="OTHER")])
    stranger.groups.set(Group.objects.all())
    client = Client()
    client.force_login(stranger)
    rows = {row.name: row for row in table()}

    statuses = {}
    for name in ROWS_OF_A_COMPANY:
        with undone():
            statuses[name] = ask(client, rows[name], address(rows[name], arguments, stranger))

    assert {name for name, status in statuses.items() if status != 404} == set()
