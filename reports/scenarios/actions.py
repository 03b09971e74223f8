"""The verbs that run: each calls the service a person's click would call, on the business day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from approvals.models import ApprovalRequest
from approvals.services import step_approve, step_refuse
from core.errors import DomainError
from core.permissions import require
from credit_limits.services.limits import limit_grant
from documents import lifecycle
from documents.selectors import order_preview
from documents.services.change import order_change
from documents.services.save import order_update
from documents.services.steps import (
    document_cancel,
    document_close,
    document_copy,
    document_reopen,
)
from documents.services.submit import document_submit
from ledger.services import payment_allocate
from reports.scenarios import books, papers, people, policy, terms
from reports.scenarios.answers import ALLOWED, Answer, of_preview, refused
from reports.scenarios.doing import Doing, checks_mark
from reports.scenarios.standing import read
from reports.scenarios.world import GivenError

if TYPE_CHECKING:
    from core.models import User
    from documents.amounts import LineInput
    from reports.scenarios.cases import Action

type Told = Mapping[str, Any]
REASON = "acceptance case"


def perform(doing: Doing, action: Action) -> bool:
    """Do one thing. False when it was refused, so that what would follow it is left undone."""
    actor = doing.world.user(people.actor_name(doing.world, action))
    try:
        ACTIONS[action.verb](doing, action.params, actor, bool(action.actor))
    except DomainError as error:
        doing.answer = refused(error)
        name = action.params.get("document")
        if name in doing.world.document_ids:
            doing.answers[name] = doing.answer
            doing.touched.append(name)
        return False
    return True


def _read(doing: Doing, told: Told, actor: User, asked: bool) -> None:
    """Without `as` nobody is asked for a right: the case looks, not a person."""
    world = doing.world
    doing.customer, doing.company = told.get("customer"), told.get("company")
    if asked:
        limit = told.get("what") == "limit"
        require(
            actor,
            "credit_limits.view_creditlimit" if limit else "customers.view_credit_file",
        )
    standing = read(world, doing.customer, doing.company)
    if told.get("currency") not in {None, standing.currency}:
        msg = f"the figures are in {standing.currency}, not in {told['currency']}"
        raise GivenError(msg)
    missing = {"RATE_MISSING"} if standing.missing_rates else set()
    doing.answer = Answer("allow", frozenset(missing))


def _check(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    world = doing.world
    if "active_company" in told:
        actor.companies.set([world.company(told["active_company"])])
        actor = world.user(actor.username)
    document = world.document(told["document"]) if "document" in told else None
    if document is not None:
        header, lines = papers.header_again(document), papers.lines_again(document)
    else:
        amount = told.get("amount")
        if amount is None:
            standing = read(world, told.get("customer"), told.get("company"))
            amount = told["projected"] - standing.total
        facts = {**told, "gross": amount}
        header, lines = papers.header_of(world, facts), papers.lines_of(facts)
    preview = order_preview(header=header, lines=lines, document=document, as_of=world.today)
    doing.customer, doing.company = told.get("customer"), told.get("company")
    doing.answer = of_preview(world, preview, actor, header.account)


def _create(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    papers.order_save(doing.world, told.get("order") or told["quotation"], actor)
    doing.touched.append(list(doing.world.document_ids)[-1])
    doing.answer = ALLOWED


def _submit(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    world = doing.world
    names: list[str] = told.get("documents") or [told["document"]] if "order" not in told else []
    if "order" in told:
        papers.order_save(world, told["order"], actor)
        names = [list(world.document_ids)[-1]]
    for name in names:
        mark = checks_mark()
        document_submit(
            document=world.document(name),
            actor=actor,
            as_of=world.today,
            override_reason=told.get("reason", REASON) if told.get("override") else "",
        )
        doing.settle(name, mark)


def _process(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    _rewrite(doing, told["document"], actor, lambda lines: lines)


def _change(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    def wish(lines: list[LineInput]) -> list[LineInput]:
        if "qty" in told:
            if len(lines) != 1:
                msg = "qty changes a document of one line; write lines"
                raise GivenError(msg)
            return [replace(lines[0], quantity=told["qty"])]
        return papers.lines_of(told) if {"gross", "lines"} & told.keys() else lines

    method = doing.world.methods.get(told.get("payment_method", ""))
    _rewrite(doing, told["document"], actor, wish, **({"payment_method": method} if method else {}))


def _rewrite(
    doing: Doing,
    name: str,
    actor: User,
    wish: Callable[[list[LineInput]], list[LineInput]],
    **head: Any,
) -> None:
    """Save a document with other content, by the service its state asks for."""
    document = doing.world.document(name)
    mark = checks_mark()
    counts = document.status in lifecycle.COUNTING
    save: Callable[..., Any] = order_change if counts else order_update
    save(
        document=document,
        header=replace(papers.header_again(document), **head),
        lines=wish(papers.lines_again(document)),
        version=document.version,
        actor=actor,
        as_of=doing.world.today,
    )
    doing.settle(name, mark)


def _step(service: Callable[..., Any]) -> Callable[[Doing, Told, User, bool], None]:
    """A verb that is one service called on one document."""

    def act(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
        mark = checks_mark()
        reason = {"reason": told["reason"]} if "reason" in told else {}
        service(
            document=doing.world.document(told["document"]),
            actor=actor,
            as_of=doing.world.today,
            **reason,
        )
        doing.settle(told["document"], mark)

    return act


def _copy(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    copied = document_copy(
        document=doing.world.document(told["document"]), actor=actor, on=doing.world.today
    )
    doing.world.document_ids[told["into"]] = copied.pk
    doing.touched.append(told["into"])
    doing.answer = ALLOWED


def _decide(service: Callable[..., Any]) -> Callable[[Doing, Told, User, bool], None]:
    """A verb that decides the open request about a document."""

    def act(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
        name = told["document"]
        request = ApprovalRequest.objects.filter(
            subject_type="documents.document",
            subject_id=doing.world.document(name).pk,
            status=ApprovalRequest.Status.OPEN,
        ).first()
        if request is None:
            msg = f"nobody is asked to decide about {name}"
            raise GivenError(msg)
        mark = checks_mark()
        service(
            request=request,
            actor=actor,
            comment=told.get("reason", REASON),
            as_of=doing.world.today,
        )
        doing.settle(name, mark)

    return act


def _set_limit(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    world = doing.world
    limit = terms.limit_terms(told)
    if limit is None:
        msg = "write limit or limit_mode"
        raise GivenError(msg)
    doing.customer, doing.company = told.get("customer"), told.get("company")
    limit_grant(
        **limit,
        **terms.limit_scope(world, told),
        kind="temporary" if told.get("temporary") else "permanent",
        valid_from=told.get("from", world.today),
        valid_until=told.get("until"),
        reason=told.get("reason", REASON),
        actor=actor,
    )
    doing.answer = ALLOWED


def _set_policy(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    policy.merge(doing.world.policy, told["policy"])
    policy.publish(doing.world, actor)
    doing.answer = ALLOWED


def _set_status(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    doing.customer = told.get("customer")
    terms.status_give(
        doing.world, doing.customer, told["status"], told.get("reason", REASON), actor
    )
    doing.answer = ALLOWED


def _set_due(doing: Doing, told: Told, _actor: User, _asked: bool) -> None:
    """Settle what is open of the item and enter it again, due on the other day."""
    world = doing.world
    name = told.get("document") or told["item"]
    open_items = world.debits(name)
    amount = sum((item.open_amount for item in open_items), start=open_items[0].amount * 0)
    account = open_items[0].account
    facts = {
        "customer": _name(world.customers, account.customer_id),
        "company": _name(world.companies, account.company_id),
        "currency": open_items[0].currency_id,
        "rate": open_items[0].rate,
        "date": min(told["due"], open_items[0].document_on),
    }
    books.debit_pay(world, name, amount)
    items = books.post(world, facts, "invoice", world.name_next(name), [(told["due"], amount)])
    world.debit_ids[name] = [item.pk for item in items]
    doing.answer = ALLOWED


def _pay(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    world = doing.world
    name = told.get("document") or told.get("item")
    doing.customer, doing.company = told.get("customer"), told.get("company")
    if name is None:
        if "amount" not in told:
            msg = "a payment on account needs an amount"
            raise GivenError(msg)
        books.payment_make(world, told)
    else:
        items = world.debits(name)
        owed = sum((item.open_amount for item in items), start=told.get("amount", 0) * 0)
        books.debit_pay(
            world, name, told.get("amount", owed), told.get("id", ""), world.today, actor=actor
        )
    doing.answer = ALLOWED


def _allocate(doing: Doing, told: Told, actor: User, _asked: bool) -> None:
    world = doing.world
    credit = world.credit(told["payment"])
    left = told.get("amount", credit.open_amount)
    for item in world.debits(told.get("document") or told["item"]):
        part = min(left, item.open_amount)
        if part:
            payment_allocate(credit_item=credit, debit_item=item, amount=part, actor=actor)
            left -= part
    doing.answer = ALLOWED


def _import_items(doing: Doing, told: Told, _actor: User, _asked: bool) -> None:
    world = doing.world
    doing.customer, doing.company = told.get("customer"), told.get("company")
    due = told.get("due", world.today)
    for amount in told["amounts"]:
        name = world.name_next("OP")
        items = books.post(world, told, "opening", name, [(due, amount)])
        world.debit_ids[name] = [item.pk for item in items]
    doing.answer = ALLOWED


def _book(doing: Doing, told: Told, _actor: User, _asked: bool) -> None:
    facts: Told = told.get("item") or told.get("invoice") or told["credit_note"]
    if "item" in told:
        books.item_make(doing.world, facts)
    else:
        papers.given_document(doing.world, facts)
    doing.customer, doing.company = facts.get("customer"), facts.get("company")
    doing.answer = ALLOWED


def _name(rows: Mapping[str, Any], pk: int) -> str:
    return next(name for name, row in rows.items() if row.pk == pk)


ACTIONS: Mapping[str, Callable[[Doing, Told, User, bool], None]] = {
    "read": _read,
    "check": _check,
    "create": _create,
    "submit": _submit,
    "process": _process,
    "change": _change,
    "cancel": _step(document_cancel),
    "close": _step(document_close),
    "reopen": _step(document_reopen),
    "copy": _copy,
    "release": _decide(step_approve),
    "refuse": _decide(step_refuse),
    "set_limit": _set_limit,
    "set_policy": _set_policy,
    "set_status": _set_status,
    "set_due": _set_due,
    "pay": _pay,
    "allocate": _allocate,
    "import_items": _import_items,
    "book": _book,
}
