"""Documents closed and opened again, held and passed, and posted in a batch, under kills."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from documents.models import Document
from documents.services.batch import documents_step
from documents.services.recheck import held_recheck
from documents.services.save import order_create
from documents.services.steps import document_close, document_reopen
from documents.services.submit import document_submit
from documents.services.types import type_counts_set
from ledger.models import OpenItem
from ledger.services import payment_record
from tests.factories.core import UserFactory
from tests.harness.scenes import furnished
from tests.harness.scenes_cycle import copy, head_of, invoice_draft, with_key
from tests.harness.scenes_sales import accepted_order, found, user
from tests.world import TODAY, line

if TYPE_CHECKING:
    from tests.harness.lab import Arguments


def closed() -> Arguments:
    """An accepted order of 200 that was closed before anything was delivered."""
    order, root = accepted_order()
    document_close(document=order, actor=root, as_of=TODAY)
    return with_key(order, root)


def closed_and_no_room() -> Arguments:
    """The same, and what the customer owes meanwhile leaves no room for it."""
    made = closed()
    order = found(made["document"])
    head = head_of(order.account, "order")
    other = order_create(header=head, lines=[line(700)], actor=user(made["actor"]))
    document_submit(document=other, actor=user(made["actor"]), as_of=TODAY)
    return made


def reopen(document: int, actor: int) -> None:
    """Open the closed order again; it asks for credit."""
    document_reopen(document=found(document), actor=user(actor), as_of=TODAY)


def standing() -> Arguments:
    """An accepted order of 200."""
    return with_key(*accepted_order())


def stop_counting(document: int, actor: int) -> None:
    """Orders like this one count no more; what stood until today is kept as it stood."""
    del actor
    type_counts_set(type_=found(document).type, counts=False, on=TODAY)


def held_without_cause() -> Arguments:
    """Two orders of 800 held for 1,000, one after the other; all that was owed is paid since.

    Only one of them fits: the first goes through by itself, the second goes on waiting.
    """
    world = furnished()
    for _order in range(2):
        document_submit(document=world.order(800), actor=world.clerk, as_of=TODAY)
    items = list(OpenItem.objects.filter(account=world.account, direction="debit"))
    payment_record(
        account=world.account,
        received_on=TODAY,
        amount=Decimal(200),
        allocations=[(item, item.amount) for item in items],
        actor=None,
    )
    return {"account": world.account.pk}


def ask_again(account: int) -> None:
    """Ask about every hold of the account."""
    held_recheck(account_ids=[account], as_of=TODAY)


def override_allowed() -> Arguments:
    """An order of 800 over the limit by 50; the policy lets those pass it who may approve it."""
    world = furnished()
    world.policy.direct_override = True
    world.policy.save()
    world.rule("first_order", "off")  # publishes the policy
    root = UserFactory(username="root", is_superuser=True, role="credit_manager")
    return with_key(world.order(800), root)


def override(document: int, actor: int) -> None:
    """Submit the order, passing the hold at once."""
    result = document_submit(
        document=found(document),
        actor=user(actor),
        as_of=TODAY,
        override_reason="known for years",
    )
    assert result.passed


def two_invoices_drafted() -> Arguments:
    """A draft invoice of 60 and its copy."""
    made = invoice_draft()
    copy(**made)
    drafts = Document.objects.filter(type__code="invoice").order_by("pk")
    return {"documents": [draft.pk for draft in drafts], "actor": made["actor"]}


def post_all(documents: list[int], actor: int) -> None:
    """Post what of these is not posted yet, each in a transaction of its own."""
    drafts = Document.objects.filter(pk__in=documents, status=Document.Status.DRAFT)
    answers = documents_step(
        documents=list(drafts.select_related("account__customer").order_by("pk")),
        step="post",
        actor=user(actor),
        as_of=TODAY,
    )
    assert all(answer.done for answer in answers), answers
