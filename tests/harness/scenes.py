"""The worlds in which commands are killed, and the commands on them: keys in, services called."""

from __future__ import annotations

import datetime
import io
from typing import TYPE_CHECKING, Any

from approvals.models import ApprovalRequest
from approvals.services import step_approve, step_refuse
from core.models import AuditEvent, Notification, User
from credit_limits.selectors import portfolio_positions
from credit_limits.services.snapshots import exposure_snapshots_take
from customers.models import CustomerAccount
from documents.inputs import OrderHeader
from documents.models import Document, DocumentRevision, HoldCase
from documents.services.change import order_change
from documents.services.submit import document_submit
from ledger.models import (
    Allocation,
    Dispute,
    ImportProfile,
    ImportRun,
    JournalEntry,
    LedgerSettings,
    OpenItem,
)
from ledger.services import payment_record
from ledger.services.imports import (
    import_commit,
    import_continue,
    import_preview,
    import_upload,
)
from ledger.services.profiles import profiles_install_defaults
from tests.factories.customers import CustomerAccountFactory
from tests.factories.ledger import OpenItemFactory, PaymentFactory
from tests.ledger.files import History
from tests.world import TODAY, World, line, make_world

if TYPE_CHECKING:
    from tests.harness.lab import Arguments

DAY = datetime.timedelta(days=1)


def furnished(limit: int = 1000) -> World:
    """A world with a past: an accepted order, items, a payment, and the snapshot of a night.

    The account stands at 250: an order of 100, items of 200, a payment on account of 50.
    """
    world = make_world(limit)
    past = TODAY - 10 * DAY
    for amount in (120, 80):
        OpenItemFactory(account=world.account, amount=amount, document_on=past)
    PaymentFactory(account=world.account, amount=50, received_on=past)
    world.limit(1000, account=CustomerAccountFactory(company=world.company))
    accepted = world.order(100, document_on=past)
    document_submit(document=accepted, actor=world.clerk, as_of=past)
    accounts = CustomerAccount.objects.values_list("pk", flat=True)
    exposure_snapshots_take(as_of=TODAY - DAY, account_ids=list(accounts))
    return world


def figures(**_arguments: Any) -> dict[str, Any]:
    """How it all ended, without keys and moments."""
    documents = Document.objects.order_by("pk")
    cases = HoldCase.objects.order_by("pk").values_list("checkpoint", "status", "reasons")
    return {
        "documents": [
            [d.number, d.type.code, d.status, str(d.gross_amount), d.version] for d in documents
        ],
        "items": [
            [item.number, item.direction, str(item.amount), str(item.open_amount)]
            for item in OpenItem.objects.order_by("account_id", "direction", "number", "amount")
        ],
        "allocations": sorted(map(str, Allocation.objects.values_list("amount", flat=True))),
        "entries": sorted(
            map(list, JournalEntry.objects.values_list("kind", "state", "text", "number"))
        ),
        "disputes": sorted(map(list, Dispute.objects.values_list("reason", "outcome"))),
        "closed_through": sorted(
            map(str, LedgerSettings.objects.values_list("closed_through", flat=True))
        ),
        "cases": [list(case) for case in cases],
        "requests": list(ApprovalRequest.objects.order_by("pk").values_list("status", flat=True)),
        "wishes": list(DocumentRevision.objects.order_by("pk").values_list("status", flat=True)),
        "events": sorted(AuditEvent.objects.values_list("action", flat=True)),
        "notices": Notification.objects.count(),
        "totals": sorted(
            [str(position.account), str(position.total), str(position.waiting)]
            for position in portfolio_positions(as_of=TODAY).values()
        ),
    }


# --- Orders ----------------------------------------------------------------------------------


def order_drafted() -> Arguments:
    """A draft order of 600, which the limit of 1,000 allows."""
    world = furnished()
    return {"document": world.order(600).pk, "actor": world.clerk.pk}


def order_too_large() -> Arguments:
    """A draft order of 800, which goes over the limit of 1,000 by 50."""
    world = furnished()
    return {"document": world.order(800).pk, "actor": world.clerk.pk}


def submit(document: int, actor: int) -> None:
    """Submit the document."""
    document_submit(
        document=Document.objects.get(pk=document), actor=User.objects.get(pk=actor), as_of=TODAY
    )


def order_accepted() -> Arguments:
    """An accepted order of 400; it is to be changed to two lines of 300."""
    world = furnished()
    order = world.order(400)
    document_submit(document=order, actor=world.clerk, as_of=TODAY)
    return {"document": order.pk, "actor": world.clerk.pk, "quantity": 2}


def order_accepted_small() -> Arguments:
    """An accepted order of 400; it is to be changed to 900, which the limit does not allow."""
    return order_accepted() | {"quantity": 3}


def change(document: int, actor: int, quantity: int) -> None:
    """Change the order to `quantity` times 300."""
    order = Document.objects.select_related("account", "type", "currency").get(pk=document)
    order_change(
        document=order,
        header=OrderHeader(
            account=order.account,
            document_on=order.document_on,
            type=order.type,
            currency=order.currency,
        ),
        lines=[line(300, quantity)],
        version=order.version,
        actor=User.objects.get(pk=actor),
        as_of=TODAY,
    )


def order_held() -> Arguments:
    """A held order of 800, about which an approver was asked."""
    world = furnished()
    order = world.order(800)
    document_submit(document=order, actor=world.clerk, as_of=TODAY)
    return {"request": ApprovalRequest.objects.get().pk, "actor": world.approver.pk}


def approve(request: int, actor: int) -> None:
    """Say yes to the request."""
    step_approve(
        request=ApprovalRequest.objects.get(pk=request),
        actor=User.objects.get(pk=actor),
        comment="good customer",
        as_of=TODAY,
    )


def refuse(request: int, actor: int) -> None:
    """Say no to the request."""
    step_refuse(
        request=ApprovalRequest.objects.get(pk=request),
        actor=User.objects.get(pk=actor),
        comment="bad customer",
        as_of=TODAY,
    )


# --- Ledger ----------------------------------------------------------------------------------


def items_open() -> Arguments:
    """Two open items of 120 and 80, of which a payment of 250 settles one and lowers the other."""
    world = furnished()
    items = OpenItem.objects.filter(account=world.account, direction="debit").order_by("pk")
    return {"account": world.account.pk, "items": [item.pk for item in items]}


def pay(account: int, items: list[int]) -> None:
    """Record 250 and apply 120 and 50 of it."""
    first, second = (OpenItem.objects.get(pk=key) for key in items)
    payment_record(
        account=CustomerAccount.objects.get(pk=account),
        received_on=TODAY,
        amount=first.amount * 0 + 250,
        allocations=[(first, first.amount), (second, first.amount * 0 + 50)],
        actor=None,
    )


def history_previewed() -> Arguments:
    """A history of 24 invoices of four customers, three of them new, uploaded and checked."""
    world = furnished()
    profiles_install_defaults()
    run = import_upload(
        company=world.company,
        file=io.BytesIO(History(invoices=24, customers=4).csv()),
        name="history.csv",
        profile=ImportProfile.objects.get(name="ibm_ar"),
        actor=None,
    )
    import_preview(run=run, actor=None, wait=True)
    return {"run": run.pk}


def import_it(run: int) -> None:
    """Import the checked file."""
    import_commit(run=ImportRun.objects.get(pk=run), actor=None, wait=True)


def import_taken_up(run: int) -> None:
    """What a starting worker, or a person who looks at the run, does."""
    found = ImportRun.objects.get(pk=run)
    if found.status == ImportRun.Status.RUNNING:
        import_continue(run)
    elif found.status in {ImportRun.Status.PREVIEWED, ImportRun.Status.FAILED}:
        # A failed run is checked again before it can be imported.
        import_preview(run=found, actor=None, wait=True)
        import_commit(run=found, actor=None, wait=True)
