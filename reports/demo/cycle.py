"""The sales cycle of the demo: each account stands at another step, all through the services."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_UP, Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from django.db import transaction

from credit_limits.selectors import credit_position
from customers.models import CustomerAccount
from documents.inputs import OrderHeader
from documents.models import Document, DocumentType
from documents.services.charges import ChargeInput, charge_create
from documents.services.convert import (
    advance_create,
    credit_note_create,
    delivery_create,
    invoice_create,
    lines_left,
    return_create,
)
from documents.services.posting import invoice_post
from documents.services.quotes import quote_accept
from documents.services.save import order_create
from documents.services.steps import document_close
from documents.services.submit import document_submit
from ledger.models import OpenItem
from ledger.services.disputes import dispute_open
from reports.demo.orders import order_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.models import User

SEED = 11
SHARE = Decimal("0.4")  # of the headroom that an order of the cycle takes
LEAST = Decimal(600)  # less headroom than this and the account is left alone
HALF = Decimal("0.5")
MOST = 32


class _EndOfWalkError(Exception):
    """Nothing can follow: an approver is asked, or nothing is left."""


@dataclass(frozen=True, slots=True)
class Walk:
    """One account on its way: who works, and when it began."""

    account: CustomerAccount
    users: dict[str, User]
    start: date
    anchor: date
    key: str
    lines: list[Any]

    @property
    def clerk(self) -> User:
        """Who enters documents."""
        return self.users["sara"]

    @property
    def accountant(self) -> User:
        """Who posts."""
        return self.users["carla"]

    def day(self, number: int) -> date:
        """A day of the walk, never after the day of the demo."""
        return min(self.start + timedelta(days=number), self.anchor)

    def order(self, kind: str = "order", **head: Any) -> Document:
        """The order (or quote) the walk begins with, asked for."""
        document = order_create(
            header=OrderHeader(
                account=self.account,
                document_on=self.start,
                type=DocumentType.objects.get(code=kind),
                currency=self.account.currency,
                reference=f"PO {self.key[-2:]}{self.start:%d%m}",
                ship_to=self.account.customer.address,
                payment_method=self.account.payment_method,
                payment_term=self.account.payment_term,
                import_key=self.key,
                **{"delivery_on": self.start + timedelta(days=12), **head},
            ),
            lines=self.lines,
            actor=self.clerk,
        )
        return self.submit(document)

    def submit(self, document: Document) -> Document:
        """The document after its check; a held one takes the walk back."""
        document = document_submit(
            document=document, actor=self.clerk, as_of=document.document_on
        ).document
        if document.status == Document.Status.HELD:
            raise _EndOfWalkError
        return document

    def on(
        self, make: Callable[..., Document], kind: str, source: Document, share: Decimal, day: int
    ) -> Document:
        """The next document with this share of what is left, asked for."""
        left = lines_left([source], DocumentType.objects.get(code=kind))
        parts = [
            (line, (units * share).to_integral_value(ROUND_UP)) for line, units in left if units > 0
        ]
        if not parts:
            raise _EndOfWalkError
        return self.submit(make(lines=parts, actor=self.clerk, on=self.day(day)))

    def deliver(self, order: Document, share: Decimal, day: int) -> Document:
        """Goods of the order go out."""
        return self.on(delivery_create, "delivery", order, share, day)

    def invoice(self, source: Document, share: Decimal, day: int) -> Document:
        """An invoice for goods ordered or delivered, not posted."""
        return self.on(invoice_create, "invoice", source, share, day)

    def post(self, document: Document) -> Document:
        """The document in the ledger."""
        return invoice_post(
            document=document, actor=self.accountant, as_of=document.document_on
        ).document


def _delivered(walk: Walk) -> None:
    walk.deliver(walk.order(), HALF, 3)


def _invoiced(walk: Walk) -> None:
    walk.invoice(walk.deliver(walk.order(), Decimal(1), 2), HALF, 4)


def _posted(walk: Walk) -> None:
    delivery = walk.deliver(walk.order(), Decimal(1), 2)
    walk.post(walk.invoice(delivery, Decimal(1), 4))


def _advanced(walk: Walk) -> None:
    order = walk.order()
    advance = advance_create(order=order, percent=Decimal(30), actor=walk.clerk, on=walk.day(1))
    walk.post(walk.submit(advance))
    walk.invoice(walk.deliver(order, HALF, 3), Decimal(1), 5)


def _returned(walk: Walk) -> None:
    delivery = walk.deliver(walk.order(), Decimal(1), 2)
    walk.on(return_create, "return", delivery, HALF, 4)
    walk.invoice(delivery, Decimal(1), 5)


def _credited(walk: Walk) -> None:
    delivery = walk.deliver(walk.order(), Decimal(1), 1)
    invoice = walk.post(walk.invoice(delivery, Decimal(1), 2))
    walk.post(walk.on(credit_note_create, "credit_note", invoice, Decimal("0.1"), 5))


def _contested(walk: Walk) -> None:
    delivery = walk.deliver(walk.order(), Decimal(1), 1)
    invoice = walk.post(walk.invoice(delivery, Decimal(1), 2))
    item = OpenItem.objects.filter(entry=invoice.entry).earliest("pk")
    dispute_open(
        item=item,
        reason="Two units arrived damaged",
        opened_on=walk.day(5),
        amount=(item.open_amount * HALF).quantize(Decimal("0.01")),
        actor=walk.accountant,
    )


def _quoted(walk: Walk) -> None:
    walk.order("quote", valid_until=walk.anchor + timedelta(days=20))


def _accepted(walk: Walk) -> None:
    quote = walk.order("quote", valid_until=walk.anchor + timedelta(days=20))
    quote_accept(quote=quote, actor=walk.clerk, as_of=walk.day(2))


def _later(walk: Walk) -> None:
    walk.order(delivery_on=walk.anchor + timedelta(days=45))


def _given_up(walk: Walk) -> None:
    order = walk.order()
    walk.deliver(order, HALF, 2)
    order.refresh_from_db()
    document_close(
        document=order, actor=walk.clerk, reason="Rest no longer needed", as_of=walk.day(4)
    )


def _charged(walk: Walk) -> None:
    charge_create(
        charge=ChargeInput(
            amount=Decimal("148.00"),
            text="Hire of a lifting platform",
            account=walk.account,
            import_key=walk.key,
        ),
        actor=walk.clerk,
        on=walk.start,
    )


STEPS: tuple[Callable[[Walk], None], ...] = (
    _delivered,
    _invoiced,
    _posted,
    _advanced,
    _returned,
    _later,
    _credited,
    _quoted,
    _delivered,
    _contested,
    _charged,
    _accepted,
    _invoiced,
    _given_up,
)


def cycle_load(*, anchor: date, users: dict[str, User]) -> None:
    """Walk the accounts that have room for it; each walk is whole or not there at all.

    A walk whose first document is there already is left as it is; where a step would be held,
    nothing is kept and the next account takes the walk.
    """
    known = set(
        Document.objects.filter(import_key__startswith="demo:c").values_list(
            "import_key", flat=True
        )
    )
    accounts = CustomerAccount.objects.select_related("company", "currency", "customer").filter(
        customer__code__regex=r"^D\d{4}$", customer__status="released", payment_term__isnull=False
    )
    walked = 0
    for account in accounts.order_by("customer__code", "company"):
        key = f"demo:c{account.customer.code}{account.company.code}"
        if walked >= MOST:
            break
        position = credit_position(account=account, as_of=anchor)
        if key in known:
            walked += 1
            continue
        if position.overdue_amount or not position.headroom or position.headroom < LEAST:
            continue
        random = Random(f"{SEED}:{key}")  # noqa: S311 - an invented portfolio, not a secret
        walk = Walk(
            account=account,
            users=users,
            start=anchor - timedelta(days=random.randint(5, 12)),
            anchor=anchor,
            key=key,
            lines=order_lines(position.headroom * SHARE, random),
        )
        with suppress(_EndOfWalkError):
            with transaction.atomic():
                STEPS[walked % len(STEPS)](walk)
            walked += 1
