"""The verbs that run: each calls the service that a click would call, on the business day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from approvals.models import ApprovalRequest
from approvals.services import step_approve, step_refuse
from core.errors import DomainError
from core.permissions import require
from documents import lifecycle
from documents.services.change import order_change
from documents.services.preview import order_preview
from documents.services.save import order_update
from documents.services.steps import (
    document_cancel,
    document_close,
    document_copy,
    document_reopen,
)
from documents.services.submit import document_submit
from reports.scenarios import actions_terms, bills, papers, people
from reports.scenarios.actions_cycle import CYCLE_ACTIONS, quote_confirm
from reports.scenarios.actions_terms import REASON, Told
from reports.scenarios.answers import ALLOWED, Answer, of_preview, refused
from reports.scenarios.doing import Doing, checks_mark
from reports.scenarios.standing import read
from reports.scenarios.world import GivenError

if TYPE_CHECKING:
    from core.models import User
    from documents.amounts import LineInput
    from reports.scenarios.cases import Action


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
        if document.type.kind == "quote":
            # What matters of a quotation is the order that would come of it.
            header, document = replace(header, type=world.order_type()), None
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
        if world.document(name).type.kind == "quote":
            quote_confirm(doing, name, actor)
            continue
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
    "set_limit": actions_terms.set_limit,
    "set_policy": actions_terms.set_policy,
    "set_status": actions_terms.set_status,
    "set_due": actions_terms.set_due,
    "pay": actions_terms.pay,
    "allocate": actions_terms.allocate,
    "import_items": actions_terms.import_items,
    "book": actions_terms.book,
    **CYCLE_ACTIONS,
    "issue_bills": bills.issue_bills,
    "return_bill": bills.return_bill,
}
