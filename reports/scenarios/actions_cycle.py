"""The verbs of the sales cycle: each calls the services that the screens call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from documents.models import Document
from documents.services.convert import (
    advance_create,
    credit_note_create,
    lines_left,
    return_create,
)
from documents.services.counter import counter_void
from documents.services.posting import invoice_post
from documents.services.quotes import quote_accept
from documents.services.save import order_create
from documents.services.steps import document_cancel
from documents.services.submit import document_submit
from reports.scenarios import cycle, papers
from reports.scenarios.actions_terms import REASON, Told
from reports.scenarios.answers import ALLOWED
from reports.scenarios.doing import Doing, checks_mark
from reports.scenarios.world import GivenError

if TYPE_CHECKING:
    from core.models import User


def name_give(doing: Doing, document: Document, name: str | None, prefix: str) -> str:
    """Let a document made by a step answer to a name."""
    found = name or doing.world.name_next(prefix)
    doing.world.document_ids[found] = document.pk
    return found


def _submitted(doing: Doing, document: Document, name: str, actor: User, told: Told) -> None:
    mark = checks_mark()
    document_submit(
        document=document,
        actor=actor,
        as_of=doing.world.today,
        override_reason=told.get("reason", REASON) if told.get("override") else "",
    )
    doing.settle(name, mark)


def _posted(doing: Doing, document: Document, name: str, actor: User, told: Told) -> None:
    mark = checks_mark()
    invoice_post(
        document=document,
        actor=actor,
        as_of=doing.world.today,
        override_reason=told.get("reason", REASON) if told.get("override") else "",
    )
    doing.settle(name, mark)
    cycle.posted_name(doing.world, document, name)


def deliver(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    """Make a delivery note of an order, or of nothing, and submit it."""
    world = doing.world
    if "delivery" in told:
        facts = {"type": "delivery", **told["delivery"]}
        document = cycle.paper_save(world, facts, actor)
        name = name_give(doing, document, facts.get("id"), "DN")
    else:
        source = world.document(told["document"])
        type_ = cycle.type_named("delivery")
        document = order_create(
            header=cycle.header_of_source(world, source, type_, told),
            lines=cycle.continued(world, source, type_, told),
            actor=actor,
        )
        name = name_give(doing, document, told.get("into"), "DN")
    _submitted(doing, document, name, actor, told)


def return_goods(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    """Take goods back: of a delivery, or without one."""
    world = doing.world
    if "document" in told:
        parts = lines_left([world.document(told["document"])], cycle.type_named("return"))
        if "item" in told:
            parts = [part for part in parts if part[0].description == told["item"]]
        document = return_create(lines=parts, actor=actor, on=world.today)
    else:
        document = _free(doing, told, "return", actor)
    _submitted(doing, document, name_give(doing, document, told.get("into"), "RN"), actor, told)


def _goods(code: str) -> Callable[[Doing, Told, User, bool], None]:
    def act(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
        document = _free(doing, told, code, actor)
        _submitted(doing, document, name_give(doing, document, None, code), actor, told)

    return act


def _free(doing: Doing, told: Told, code: str, actor: User) -> Document:
    header = replace(papers.header_of(doing.world, told), type=cycle.type_named(code))
    return order_create(header=header, lines=papers.lines_of(told), actor=actor)


def invoice(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    """Make an invoice of an order or a delivery, and post it when the step says so."""
    world = doing.world
    source = world.document(told["document"])
    type_ = cycle.type_named("invoice")
    document = order_create(
        header=cycle.header_of_source(world, source, type_, told),
        lines=cycle.continued(world, source, type_, told),
        actor=actor,
    )
    name = name_give(doing, document, told.get("into"), "IN")
    if told.get("post"):
        _posted(doing, document, name, actor, told)
    else:
        doing.touched.append(name)
        doing.answer = ALLOWED


def post(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    """Post one invoice, several one after the other, or a new one."""
    world = doing.world
    if "invoice" in told:
        facts = {"type": "invoice", **told["invoice"]}
        document = cycle.paper_save(world, facts, actor)
        names = [name_give(doing, document, facts.get("id"), "IN")]
    else:
        names = told.get("documents") or [told["document"]]
    for name in names:
        _posted(doing, world.document(name), name, actor, told)


def down_payment(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    """Make an advance invoice of a part of an order; it is submitted, and posted when told."""
    world = doing.world
    document = advance_create(
        order=world.document(told["document"]),
        percent=told["percent"],
        actor=actor,
        on=world.today,
    )
    name = name_give(doing, document, told.get("into"), "AI")
    _submitted(doing, document, name, actor, told)
    if told.get("post"):
        _posted(doing, world.document(name), name, actor, told)


def credit_note(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    """Make a credit note of an invoice, whole or of an amount."""
    world = doing.world
    source = world.document(told["document"])
    parts = lines_left([source], cycle.type_named("credit_note"))
    document = credit_note_create(
        lines=[(line, quantity) for line, quantity in parts if quantity],
        actor=actor,
        on=world.today,
    )
    if told.get("gross", document.gross_amount) != document.gross_amount:
        msg = f"the credit note of {source} is worth {document.gross_amount}, not {told['gross']}"
        raise GivenError(msg)
    name = name_give(doing, document, told.get("into"), "CN")
    if told.get("post"):
        _posted(doing, document, name, actor, told)
    else:
        doing.touched.append(name)
        doing.answer = ALLOWED


def counter_sale(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    """Close a ticket: what is not paid in cash goes on account."""
    world = doing.world
    if "document" in told:
        before = world.document(told["document"])
        header, lines = papers.header_again(before), papers.lines_again(before)
        gross = before.gross_amount
        name = told["document"]
    else:
        header = replace(papers.header_of(world, told), type=cycle.type_named("counter"))
        lines, gross, name = papers.lines_of(told), told["gross"], told.get("into")
    paid = told.get("cash", gross - told.get("on_account", 0 * gross))
    document = order_create(header=replace(header, paid_amount=paid), lines=lines, actor=actor)
    _submitted(doing, document, name_give(doing, document, name, "CS"), actor, told)


def void(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    """Void a counter sale."""
    counter_void(
        document=doing.world.document(told["document"]),
        reason=REASON,
        actor=actor,
        as_of=doing.world.today,
    )
    doing.touched.append(told["document"])
    doing.answer = ALLOWED


def send(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    """Send a quotation to the customer."""
    _submitted(doing, doing.world.document(told["document"]), told["document"], actor, told)


def sign(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    """The customer accepts a quotation; the order that comes of it takes over the name."""
    quote_confirm(doing, told["document"], actor)


def quote_confirm(doing: Doing, name: str, actor: User) -> None:
    """Send a quotation that was not sent yet, and accept it."""
    world = doing.world
    quote = world.document(name)
    if quote.status == Document.Status.DRAFT:
        document_submit(document=quote, actor=actor, as_of=world.today)
    mark = checks_mark()
    result = quote_accept(quote=world.document(name), actor=actor, as_of=world.today)
    world.document_ids[name] = result.document.pk
    doing.settle(name, mark)


def cancel_return(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    """Cancel a return note."""
    document_cancel(
        document=doing.world.document(told["document"]), actor=actor, as_of=doing.world.today
    )
    doing.touched.append(told["document"])
    doing.answer = ALLOWED


CYCLE_ACTIONS: Mapping[str, Callable[[Doing, Any, User, bool], None]] = {
    "deliver": deliver,
    "return_goods": return_goods,
    "cancel_return": cancel_return,
    "receive_goods": _goods("receipt"),
    "move_stock": _goods("move"),
    "invoice": invoice,
    "post": post,
    "down_payment": down_payment,
    "credit_note": credit_note,
    "counter_sale": counter_sale,
    "void": void,
    "send": send,
    "sign": sign,
}
