"""A small world with something on every page, which grows in every direction at once."""

from __future__ import annotations

import datetime
import io
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from approvals.services import step_approve, step_refuse
from core.models import JobRun, User
from core.permissions import ROLES
from credit_limits.models import Alert, ExposureSnapshot, PaymentBehaviour
from credit_limits.services.policies import policy_publish
from customers.models import CustomerAccount, CustomerGroup
from documents.models import Document, DocumentAttachment, DocumentLine, PurchaseAgreement
from documents.services.change import order_change
from documents.services.charges import ChargeInput, charge_create
from documents.services.convert import (
    credit_note_create,
    delivery_create,
    invoice_create,
    return_create,
)
from documents.services.posting import invoice_post
from documents.services.remarks import note_add
from documents.services.save import order_create
from documents.services.settlements import charge_settle
from documents.services.steps import document_cancel, document_close
from documents.services.submit import document_submit
from ledger.models import Dispute, ImportProfile, ImportRun, JournalEntry, OpenItem
from ledger.services import dispute_open, item_charge_back, payment_return
from ledger.services.bills import bill_return, bills_issue, bills_present
from ledger.services.bills.issue import NewBill
from ledger.services.imports import import_preview, import_upload
from tests.factories.core import CompanyFactory, UserFactory
from tests.factories.customers import (
    ContactFactory,
    CustomerAccountFactory,
    CustomerFactory,
    CustomerGroupFactory,
    PaymentMethodFactory,
    PaymentTermFactory,
)
from tests.factories.ledger import ImportProfileFactory, OpenItemFactory, PaymentFactory
from tests.world import TODAY, World, line, make_world

if TYPE_CHECKING:
    from approvals.models import ApprovalRequest
    from credit_limits.models import CreditCheck
    from documents.results import SubmitResult

DAY = datetime.timedelta(days=1)


@dataclass
class Going:
    """An order on its way: part delivered, invoiced, posted, given back and credited."""

    order: Document
    sent: Document
    bill: Document
    draft: Document
    back: Document

    def go_on(self, site: Site) -> None:
        """One more step of each kind."""
        world, treasurer = site.world, site.people["treasury"]
        sent = following(delivery_create, self.order, 2, world)
        bill = posted(following(invoice_create, sent, 2, world), treasurer)
        following(return_create, self.sent, 1, world)
        posted(following(credit_note_create, bill, 1, world), treasurer)
        following(invoice_create, self.order, 1, world)


def following(make: Any, source: Document, quantity: int, world: World) -> Document:
    """What `make` makes of so much of the first line of a document, submitted and released."""
    line_ = source.lines.select_related("document__type").earliest("position")
    made = make(lines=[(line_, Decimal(quantity))], actor=world.clerk, on=TODAY)
    return passed(document_submit(document=made, actor=world.clerk, as_of=TODAY), world.manager)


def passed(result: SubmitResult, manager: User) -> Document:
    """The document, released where it was held."""
    if result.request is not None:
        step_approve(request=result.request, actor=manager, comment="known", as_of=TODAY)
    return Document.objects.get(pk=result.document.pk)


def posted(document: Document, treasurer: User) -> Document:
    """The document in the ledger."""
    result = invoice_post(document=document, actor=treasurer, on=TODAY, as_of=TODAY)
    assert result.document.status == "posted"
    return result.document


def going_on(world: World, treasurer: User) -> Going:
    """The chain with one document of each kind."""
    lines = [line("0.01", 200), line("0.01", 5)]
    order = order_create(header=world.header(), lines=lines, actor=world.clerk)
    submitted = document_submit(document=order, actor=world.clerk, as_of=TODAY)
    order = passed(submitted, world.manager)
    sent = following(delivery_create, order, 50, world)
    bill = posted(following(invoice_create, sent, 40, world), treasurer)
    back = following(return_create, sent, 20, world)
    draft = following(invoice_create, order, 1, world)
    return Going(order, sent, bill, draft, back)


@dataclass
class Site:
    """The world, the rows that pages are opened for, and the people who open them."""

    world: World
    group: CustomerGroup
    people: dict[str, User]
    held: Document
    changing: Document
    draft: Document
    accepted: Document
    closed: Document
    request: ApprovalRequest
    check: CreditCheck
    invoice: OpenItem
    on_account: OpenItem
    dispute: Dispute
    run: ImportRun
    busy_run: ImportRun
    job: JobRun
    agreement: PurchaseAgreement
    settlement: JournalEntry
    going: Going
    units: int = field(default=0)

    @property
    def account(self) -> CustomerAccount:
        """The account that pages of one customer are about."""
        return self.world.account

    def grow(self, units: int) -> None:
        """Add that many of everything."""
        for _ in range(units):
            self.units += 1
            self._customer(self.units)
            self._main_customer(self.units)
            self._settings(self.units)

    def _customer(self, number: int) -> None:
        """Another customer, with everything a row of a list can show."""
        world = self.world
        customer = CustomerFactory(
            name=f"Customer {number:03d}",
            vat_number=f"VAT{number}",
            group=self.group if number % 2 else CustomerGroupFactory(name=f"Group {number}"),
        )
        assert customer.group is not None
        if customer.group != self.group:
            CustomerGroup.objects.filter(pk=customer.group.pk).update(head=customer)
        account = CustomerAccountFactory(
            company=world.company, customer=customer, agent=self.people["sales"]
        )
        world.limit(300, account=account)
        stock(world, account)
        self._decided(account, number)
        held = world.order(500, account=account)
        document_submit(document=held, actor=world.clerk, as_of=TODAY)
        Alert.objects.create(
            account=account,
            kind="over_limit" if number % 2 else "overdue",
            as_of=TODAY,
            facts={"total": "500.00", "limit": "300.00", "overdue": "10.00", "currency": "EUR"},
        )

    def _main_customer(self, number: int) -> None:
        """More of the one customer whose pages are opened."""
        world = self.world
        stock(world, self.account)
        ContactFactory(customer=self.account.customer, role="Buyer")
        start = TODAY - 30 * number * DAY
        world.limit(10, kind="temporary", valid_from=start - 20 * DAY, valid_until=start - 10 * DAY)
        self._decided(self.account, number)
        document_submit(document=world.order(500), actor=world.clerk, as_of=TODAY)
        Alert.objects.create(account=self.account, kind="overdue", as_of=TODAY - number * DAY)
        world.order(7)
        for document in (self.held, self.changing, self.draft, self.accepted, self.closed):
            note_add(document=document, text=f"Note {number}", actor=world.clerk)
            DocumentAttachment.objects.create(
                document=document,
                name=f"{number}.txt",
                file=f"documents/{number}.txt",
                size=number,
                added_by=world.clerk,
            )
            DocumentLine.objects.create(
                document=document, position=10 + number, description="Extra", unit_price=0
            )
        self.going.go_on(self)
        settle(world, self.account, debit=self.invoice)
        bought(world, self.agreement, f"Employee {number}")
        charge_settle(
            charges=[(charged(world), Decimal(1))],
            received_on=TODAY,
            actor=self.people["treasury"],
        )

    def _decided(self, account: CustomerAccount, number: int) -> None:
        """One accepted, one released, one refused and one cancelled order."""
        world, manager = self.world, self.people["credit_manager"]
        for step, reason in ((step_approve, "Known for years"), (step_refuse, "Pay first")):
            order = world.order(450, account=account)
            asked = document_submit(document=order, actor=world.clerk, as_of=TODAY).request
            assert asked is not None
            step(request=asked, actor=manager, comment=reason, as_of=TODAY)
        order = world.order(1, account=account)
        document_cancel(document=order, actor=world.clerk, as_of=TODAY)

    def _settings(self, number: int) -> None:
        """More of what choices are made of, more people, more that ran."""
        world = self.world
        PaymentTermFactory(code=f"net{number}", lines=[(50, 10), (50, 20)])
        PaymentMethodFactory(code=f"method{number}")
        ImportProfile.objects.create(name=f"Profile {number}")
        ImportRun.objects.create(
            company=world.company,
            file_name=f"{number}.csv",
            sha256=str(number) * 8,
            status=ImportRun.Status.DONE,
            started_by=self.people["treasury"],
            profile=ImportProfile.objects.order_by("-pk")[0],
        )
        JobRun.objects.create(name="nightly", as_of=TODAY)
        self.run.row_errors.append({"row": number, "column": "amount", "code": "cell_empty"})
        self.run.save()
        for role in ("approver", "credit_manager", "sales"):
            UserFactory(username=f"{role}{number}", role=role)
        other = CompanyFactory(code=f"CO{number:02d}")
        for user in self.people.values():
            user.companies.add(other)
        CustomerAccountFactory(company=other, customer=self.account.customer)
        day = TODAY - number * DAY
        for account in CustomerAccount.objects.filter(company=world.company):
            ExposureSnapshot.objects.create(
                account=account, as_of=day, currency=world.company.currency, limit_state="amount"
            )
            PaymentBehaviour.objects.create(account=account, as_of=day)
        policy_publish(policy=world.policy, actor=None)


def stock(world: World, account: CustomerAccount) -> None:
    """Items not due, overdue, on account and settled, and an order that counts."""
    world.item(20, account=account)
    world.item(10, TODAY - 10 * DAY, account=account)
    world.item(5, TODAY - 5 * DAY, direction="credit", account=account)
    settle(world, account, debit=world.item(30, TODAY - 40 * DAY, account=account))
    short = OpenItemFactory(account=account, document_on=TODAY, amount="3")
    item_charge_back(item=short, amount=Decimal(1), reason="price", on=TODAY, actor=None)
    payment = PaymentFactory(account=account, received_on=TODAY, amount="1")
    payment_return(payment=payment.entry, reason="funds", on=TODAY, actor=None)
    drawn_on(world, account)
    order = world.order(100, account=account)
    document_submit(document=order, actor=world.clerk, as_of=TODAY)


def drawn_on(world: World, account: CustomerAccount) -> None:
    """Bills in hand, with a bank and returned; the bank's list holds them all."""
    items = [world.item(2, TODAY + 30 * DAY, account=account) for _each in range(3)]
    new = [NewBill(parts=[(item, Decimal(2))]) for item in items]
    bills = bills_issue(account=account, kind="riba", bills=new, drawn_on=TODAY, actor=None)
    bills_present(bills=bills[1:], kind="subject", bank="Banca Alba", on=TODAY, actor=None)
    bill_return(bill=bills[2], on=TODAY, reason="no funds", actor=None)


def charged(world: World) -> Document:
    """A charge of the main customer that is a receivable, released where it was held."""
    wanted = ChargeInput(amount=Decimal(2), text="Pump", account=world.account)
    result = charge_create(charge=wanted, actor=world.clerk, on=TODAY, as_of=TODAY)
    if result.request is not None:
        step_approve(request=result.request, actor=world.manager, comment="known", as_of=TODAY)
    return result.document


def bought(world: World, agreement: PurchaseAgreement, employee: str) -> Document:
    """A purchase of an employee."""
    wanted = ChargeInput(amount=Decimal(2), text="Boots", agreement=agreement, employee=employee)
    return charge_create(charge=wanted, actor=world.clerk, on=TODAY, as_of=TODAY).document


def settle(world: World, account: CustomerAccount, *, debit: OpenItem) -> None:
    """A payment that settles one unit of the item."""
    debit.refresh_from_db()
    payment = world.item(1, TODAY - 5 * DAY, direction="credit", account=account)
    world.allocate(debit, payment, 1, on=TODAY)


def import_of(world: World, actor: User) -> ImportRun:
    """A file with a fault in it, checked."""
    content = b"customer,number,date,due,amount\nC1,A1,2026-01-01,2026-01-31,10\nC1,A2,x,x,x\n"
    run = import_upload(
        company=world.company, file=io.BytesIO(content), name="history.csv", actor=actor
    )
    return import_preview(run=run, profile=ImportProfileFactory(), actor=actor)


def make_site() -> Site:
    """The world with one unit of everything."""
    world = make_world(limit=1000)
    people = {role: UserFactory(username=f"the-{role}", role=role) for role in ROLES}
    people["superuser"] = UserFactory(username="the-superuser", is_superuser=True)
    world.clerk = people["sales"]
    group = CustomerGroupFactory(name="Holding")
    customer = world.account.customer
    customer.group = group
    customer.save()
    CustomerGroup.objects.filter(pk=group.pk).update(head=customer)

    def submitted(gross: int) -> Document:
        return document_submit(document=world.order(gross), actor=world.clerk, as_of=TODAY).document

    accepted, changing, closed = submitted(1), submitted(2), submitted(3)
    document_close(document=closed, actor=world.clerk, as_of=TODAY)
    order_change(
        document=changing,
        header=world.header(),
        lines=[line(5000)],
        version=changing.version,
        actor=world.clerk,
        as_of=TODAY,
    )
    held = document_submit(document=world.order(3000), actor=world.clerk, as_of=TODAY)
    assert held.request is not None
    agreement = PurchaseAgreement.objects.create(
        code="works",
        name="Works",
        account=world.account,
        employee_ceiling=Decimal(50),
        valid_from=TODAY,
    )
    settled = charge_settle(
        charges=[(charged(world), None)], received_on=TODAY, actor=people["treasury"]
    )
    site = Site(
        agreement=agreement,
        settlement=settled.entry,
        going=going_on(world, people["treasury"]),
        world=world,
        group=group,
        people=people,
        held=held.document,
        changing=changing,
        draft=world.order(40),
        accepted=accepted,
        closed=closed,
        request=held.request,
        check=held.check,
        invoice=world.item(900),
        on_account=world.item(800, direction="credit"),
        dispute=dispute_open(item=world.item(4), reason="broken", opened_on=TODAY, actor=None),
        run=import_of(world, people["treasury"]),
        busy_run=ImportRun.objects.create(
            company=world.company, file_name="long.csv", sha256="f" * 64, status="running"
        ),
        job=JobRun.objects.create(
            name="nightly", as_of=TODAY, counts={"accounts": 3}, errors=["one"]
        ),
    )
    site.grow(1)
    return site
