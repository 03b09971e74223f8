"""Sales documents of a case: put into headers and lines, saved, and brought into their state."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from approvals.models import ApprovalRequest
from approvals.services import step_approve, step_refuse
from core.models import Currency
from core.money import ZERO
from documents.amounts import LineInput, total_amounts
from documents.inputs import OrderHeader
from documents.models import Document
from documents.services.save import order_create
from documents.services.steps import document_cancel, document_close
from documents.services.submit import document_submit
from reports.scenarios import books, cycle
from reports.scenarios.world import GivenError, World

if TYPE_CHECKING:
    from core.models import User

ONE = Decimal(1)
LATE_STATES = frozenset({"held", "released", "refused"})


def is_decided_late(facts: Mapping[str, Any]) -> bool:
    """Whether the document must meet the limits and the policy of the case to be what it is."""
    return facts.get("state") in LATE_STATES or bool(facts.get("credit_override"))


def given_document(world: World, facts: Mapping[str, Any]) -> None:
    """Make a document of a case in its state."""
    kind = facts["type"]
    if kind == "payment":
        books.payment_make(world, facts)
    elif kind == "order":
        _order_bring(world, facts)
    elif kind == "quotation":
        _quote_bring(world, facts)
    elif cycle.item_books(world, facts):
        cycle.item_name(world, facts)
    else:
        cycle.given_paper(world, facts)


def order_save(world: World, facts: Mapping[str, Any], actor: User) -> Document:
    """Save an order (or a quotation, which is an order that nobody has confirmed) as a draft."""
    name = facts.get("id") or world.name_next("SO")
    document = order_create(
        header=header_of(world, {**facts, "id": name}), lines=lines_of(facts), actor=actor
    )
    world.document_ids[name] = document.pk
    return document


def _quote_bring(world: World, facts: Mapping[str, Any]) -> None:
    clerk = world.user(facts.get("by", "clerk"))
    quote = cycle.paper_save(world, facts, clerk)
    if facts.get("state", "draft") == "sent":
        document_submit(document=quote, actor=clerk, as_of=facts.get("date", world.today))


def _order_bring(world: World, facts: Mapping[str, Any]) -> None:
    clerk = world.user(facts.get("by", "clerk"))
    day = facts.get("date", world.today)
    state = facts.get("state", "draft")
    document = order_save(world, facts, clerk)
    if state == "draft":
        return
    if state == "cancelled":
        document_cancel(document=document, actor=clerk, as_of=day, reason="given")
        return
    result = document_submit(document=document, actor=clerk, as_of=day)
    if is_decided_late(facts):
        if result.request is None and state != "held" and not facts.get("credit_override"):
            msg = f"{document} is given as {state}, but nobody was asked about it"
            raise GivenError(msg)
        if result.request is not None and state != "held":
            decide = step_refuse if state == "refused" else step_approve
            decide(
                request=ApprovalRequest.objects.get(pk=result.request.pk),
                actor=world.user("credit_manager"),
                comment="given",
                as_of=day,
            )
    elif state == "completed":
        cycle.given_paper(
            world, {"type": "delivery", "state": "done", "order": _named(world, document)}
        )
        return
    elif state == "closed":
        document_close(document=document, actor=clerk, as_of=day, reason="given")
    document.refresh_from_db()
    wanted = {"released", "submitted"} if facts.get("credit_override") else {state}
    if document.status not in wanted:
        msg = f"{document} is given as {state}, but became {document.status}: {result.case or ''}"
        raise GivenError(msg)


def _named(world: World, document: Document) -> str:
    return next(name for name, key in world.document_ids.items() if key == document.pk)


def header_of(world: World, facts: Mapping[str, Any]) -> OrderHeader:
    """The head of an order. `bill_to` brings the account; who ordered is told beside it."""
    account = books.account_of(world, facts)
    ordered_by = world.customer(facts["customer"]) if "bill_to" in facts else None
    return OrderHeader(
        account=account,
        document_on=facts.get("date", world.today),
        type=world.order_type(),
        currency=Currency.objects.get(pk=facts.get("currency", account.currency_id)),
        reference=facts.get("id", ""),
        payment_method=world.methods.get(facts.get("payment_method", "")) or account.payment_method,
        ordered_by=ordered_by,
    )


def header_again(document: Document) -> OrderHeader:
    """The head of a saved order, unchanged."""
    return OrderHeader(
        account=document.account,
        document_on=document.document_on,
        type=document.type,
        currency=document.currency,
        reference=document.reference,
        ship_to=document.ship_to,
        payment_method=document.payment_method,
        payment_term=document.payment_term,
        ordered_by=document.ordered_by,
        ship_to_customer=document.ship_to_customer,
        delivery_on=document.delivery_on,
    )


def lines_again(document: Document) -> list[LineInput]:
    """The lines of a saved order, unchanged."""
    return [
        LineInput(
            description=line.description,
            quantity=line.quantity,
            unit_price=line.unit_price,
            discount_percent=line.discount_percent,
            tax_percent=line.tax_percent,
            line_id=line.pk,
        )
        for line in document.lines.order_by("position")
    ]


def lines_of(facts: Mapping[str, Any]) -> list[LineInput]:
    """The lines a document is written with: its own, one of qty × price, or one of its total."""
    if "lines" in facts:
        return [_line(line) for line in facts["lines"]]
    if "price" in facts:
        return [_line({"qty": facts.get("qty", ONE), "price": facts["price"]})]
    if "net" in facts:
        net, tax = facts["net"], facts.get("tax", ZERO)
        percent = (tax * 100 / net).quantize(Decimal("0.01")) if net else ZERO
        line = _line({"qty": ONE, "price": net, "tax_percent": percent})
        if total_amounts([line]).tax != tax:
            msg = f"{tax} is no rounded percentage of {net}: write lines with tax_percent"
            raise GivenError(msg)
        return [line]
    if "gross" in facts:
        return [_line({"gross": facts["gross"]})]
    msg = "the document has no amount: write gross, net, lines or price"
    raise GivenError(msg)


def _line(line: Mapping[str, Any]) -> LineInput:
    quantity = line.get("qty", ONE)
    price = line.get("price")
    if price is None:
        gross = line.get("gross", ZERO)
        quantity, price = (-ONE, -gross) if gross < 0 else (ONE, gross)
    return LineInput(
        description=line.get("description") or line.get("item") or "Goods",
        quantity=quantity,
        unit_price=price,
        discount_percent=line.get("discount_percent", ZERO),
        tax_percent=line.get("tax_percent", ZERO),
    )


def gross_of(facts: Mapping[str, Any]) -> Decimal:
    """What a document is worth, tax included."""
    return total_amounts(lines_of(facts)).gross
