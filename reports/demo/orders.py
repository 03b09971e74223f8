"""Orders of the demo, entered, held, released and refused through the real services."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

from approvals.services import step_approve, step_refuse
from credit_limits.selectors import credit_position
from customers.models import CustomerAccount, PaymentMethod
from documents.amounts import LineInput
from documents.inputs import OrderHeader
from documents.models import Document, DocumentType
from documents.services.change import order_change
from documents.services.remarks import note_add
from documents.services.save import order_create
from documents.services.steps import document_cancel, document_close
from documents.services.submit import document_submit
from reports.demo.people import GOODS

if TYPE_CHECKING:
    from core.models import User

SEED = 7
# What becomes of an order: how much of the headroom it takes, and the step after submission.
PLANS = (
    ("small", 0.25, ""),
    ("small", 0.15, ""),
    ("over", 1.3, ""),
    ("small", 0.2, "close"),
    ("small", 0.35, ""),
    ("over", 1.15, "approve"),
    ("draft", 0.3, ""),
    ("over", 1.5, "refuse"),
    ("small", 0.3, "change"),
    ("over", 1.2, ""),
    ("small", 0.1, "cancel"),
)
MOST = 44
FALLBACK = Decimal(3000)


def orders_load(*, anchor: date, users: dict[str, User]) -> None:
    """Enter the orders that are not there yet (each has an import key of its own)."""
    random = Random(SEED)  # noqa: S311 - an invented portfolio, not a secret
    accounts = list(
        CustomerAccount.objects.select_related("company", "currency", "customer")
        .filter(customer__code__regex=r"^D\d{4}$")
        .order_by("customer__code", "company")
    )
    random.shuffle(accounts)
    chosen = accounts[:MOST]
    known = set(
        Document.objects.filter(import_key__startswith="demo:").values_list("import_key", flat=True)
    )
    agenda = [
        (anchor - timedelta(days=random.randint(0, 6)), number, account)
        for number, account in enumerate(chosen)
    ]
    for on, number, account in sorted(agenda, key=lambda entry: entry[:2]):
        key = f"demo:{number}"
        if key not in known:
            own = Random(f"{SEED}:{number}")  # noqa: S311
            _order(account, PLANS[number % len(PLANS)], key, on, users, own)


def _order(
    account: CustomerAccount,
    plan: tuple[str, float, str],
    key: str,
    on: date,
    users: dict[str, User],
    random: Random,
) -> None:
    what, part, then = plan
    share = Decimal(str(random.uniform(0.8, 1.2)))
    clerk = users["sara"]
    headroom = credit_position(account=account, as_of=on).headroom
    base = headroom if headroom is not None and headroom > 500 else FALLBACK
    gross = max(base * Decimal(str(part)) * share, Decimal(180))
    header = OrderHeader(
        account=account,
        document_on=on,
        type=DocumentType.objects.get(code="order"),
        currency=account.currency,
        reference=f"PO {random.randint(1000, 9999)}",
        ship_to=account.customer.address,
        payment_method=_method(account, random),
        payment_term=account.payment_term,
        import_key=key,
    )
    lines = order_lines(gross, random)
    document = order_create(header=header, lines=lines, actor=clerk)
    if what == "draft":
        return
    result = document_submit(document=document, actor=clerk, as_of=on)
    current = result.document
    if result.request is not None:
        if then == "approve":
            step_approve(
                request=result.request,
                actor=users["carla"],
                comment="Long-standing customer, payment announced for next week.",
                as_of=on,
            )
        elif then == "refuse":
            step_refuse(
                request=result.request,
                actor=users["carla"],
                comment="Too much is overdue; we ask for payment in advance.",
                as_of=on,
            )
        else:
            note_add(document=current, text="Customer asks for delivery this week.", actor=clerk)
    elif result.passed:
        if then == "close":
            document_close(document=current, actor=clerk, reason="Delivered in full", as_of=on)
        elif then == "cancel":
            document_cancel(document=current, actor=clerk, reason="Ordered twice", as_of=on)
        elif then == "change":
            order_change(
                document=current,
                header=header,
                lines=[*lines, *order_lines(gross * 4, random)],
                version=current.version,
                actor=clerk,
                as_of=on,
            )


def _method(account: CustomerAccount, random: Random) -> PaymentMethod | None:
    if random.random() < 0.12:
        return PaymentMethod.objects.get(code=random.choice(("cheque", "card", "bank_slip")))
    return account.payment_method


def order_lines(gross: Decimal, random: Random) -> list[LineInput]:
    """Two or three lines that add up to about `gross`, tax included."""
    count = random.choice((2, 3))
    net = gross / Decimal("1.22") / count
    lines = []
    for goods in random.sample(GOODS, count):
        quantity = random.choice((1, 2, 4, 5, 10))
        lines.append(
            LineInput(
                description=goods,
                quantity=Decimal(quantity),
                unit_price=(net / quantity).quantize(Decimal("0.01")),
                tax_percent=Decimal(22),
            )
        )
    return lines
