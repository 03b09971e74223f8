"""The page of one document: what it says, where it stands, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import permission_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from approvals.selectors import request_people
from core.clock import today
from core.errors import DomainError
from core.selectors import timeline_for
from core.views import signed_in
from credit_limits.engine.serialise import UnreadableCheckError, input_from_json
from credit_limits.explain import component_url, exposure_parts, way_words
from credit_limits.selectors import check_ways, credit_position
from documents.asking import is_checked
from documents.chain import chain
from documents.credit_box import Reason, credit_box, stored_reasons
from documents.forms import AttachmentForm, NoteForm, OverrideForm
from documents.forms.content import Change, changes, content_of, content_stored
from documents.forms.entry import sketch_stored
from documents.forms.order import OrderForm
from documents.in_the_way import is_expired
from documents.inputs import OrderHeader
from documents.lifecycle import COUNTING
from documents.models import Document, DocumentType, HoldCase
from documents.progress import progress
from documents.registers import register_of
from documents.selectors import pending_revision
from documents.services.change import revision_read
from documents.services.preview import order_preview
from documents.views.common import (
    credit_file_path,
    document_or_404,
    is_locked,
    list_path,
    path_of,
    stand_in,
    steps_for,
)
from documents.views.next_steps import next_steps, next_type
from documents.words import named, words

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from approvals.models import ApprovalRequest
    from core.models import User
    from credit_limits.engine.types import PolicyFacts
    from credit_limits.models import CreditCheck
    from credit_limits.selectors import Preview
    from documents.models import DocumentRevision

NOT_ACCEPTED = frozenset({Document.Status.DRAFT, Document.Status.HELD, Document.Status.REFUSED})


@dataclass(frozen=True, slots=True)
class Hold:
    """An open hold case as the page tells it.

    `blocking` stopped the step, `besides` are warnings and notes; `people` may release it,
    nobody is asked when `request` is None. `ways` are those of the moment of the check.
    """

    case: HoldCase
    check: CreditCheck
    blocking: list[Reason]
    besides: list[Reason]
    people: list[User]
    request: ApprovalRequest | None
    ways: list[str]


@dataclass(frozen=True, slots=True)
class Wish:
    """A change that waits, place by place: `before` is accepted and counts, `now` is wished."""

    revision: DocumentRevision
    changes: list[Change]


@require_safe
@permission_required("documents.view_document", raise_exception=True)
def order_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One document of any kind."""
    user = signed_in(request.user)
    document = document_or_404(user, pk)
    stand_in(request, document.type)
    return render(request, "documents/document_detail.html", detail_context(user, document))


def detail_context(user: User, document: Document) -> dict[str, Any]:
    """Everything the page shows; forms are blank and may be replaced by faulty ones.

    The document is one of `document_or_404`.
    """
    cases = list(
        document.hold_cases.select_related(
            "request__account", "check_run__policy_version", "opened_by", "closed_by"
        )
    )
    holds = [_hold(case) for case in cases if case.status == HoldCase.Status.OPEN]
    steps = steps_for(user, document)
    types = list(DocumentType.objects.filter(is_active=True).order_by("pk"))
    lines = progress(document, next_type(document, types))
    credit, policy = _credit(document)
    return {
        "document": document,
        "name": named(document),
        "register": register_of(document.type),
        "list_url": list_path(document.type),
        "words": words(document.type),
        "progress": lines,
        "chain": chain(document, policy),
        "next_steps": next_steps(document, steps, lines, types),
        "post_url": path_of("documents:document_post", document.pk) if steps.post else "",
        "print_url": path_of("documents:document_print", document.pk) if steps.finish else "",
        "paper_url": path_of("documents:document_paper", document.pk),
        "void_url": path_of("documents:counter_void", document.pk) if steps.void else "",
        "is_locked": is_locked(document),
        "is_expired": document.status in COUNTING and is_expired(document, today()),
        "is_checked": is_checked(document.type),
        "steps": steps,
        "holds": holds,
        "past_cases": [case for case in cases if case.status != HoldCase.Status.OPEN],
        "wish": _wish(document),
        "check_id": document.last_check_id,  # type: ignore[attr-defined]
        "can_see_why": user.has_perm("credit_limits.view_creditcheck"),
        "credit_file": credit_file_path(document.account.customer_id),
        **credit,
        "notes": document.notes.select_related("added_by"),
        "attachments": document.attachments.select_related("added_by"),
        "can_remark": user.has_perm("documents.change_document"),
        "note_form": NoteForm(),
        "attachment_form": AttachmentForm(),
        "override_form": OverrideForm() if _may_override(user, steps.submit, holds) else None,
        "timeline": timeline_for(document),
    }


def _hold(case: HoldCase) -> Hold:
    check = case.check_run
    reasons = stored_reasons(list(check.findings.order_by("position")))
    request = case.request
    return Hold(
        case=case,
        check=check,
        blocking=[item for item in reasons if item.effect in {"hold", "refuse"}],
        besides=[item for item in reasons if item.effect in {"warn", "note"}],
        people=request_people(request) if request else [],
        request=request,
        ways=_ways(check),
    )


def _ways(check: CreditCheck) -> list[str]:
    try:
        facts = input_from_json(check.inputs)
        return [way_words(way, facts) for way in check_ways(check)]
    except UnreadableCheckError:
        return []


def _wish(document: Document) -> Wish | None:
    """The pending change beside the accepted version."""
    if not document.has_wish:  # type: ignore[attr-defined]
        return None
    revision = pending_revision(document)
    if revision is None:
        return None
    revision.document = document
    header, lines = revision_read(revision)
    wished = content_of(header, lines)
    labels = {name: str(field.label) for name, field in OrderForm.base_fields.items()}
    return Wish(revision, changes(content_stored(document), wished, wished, labels))


def _credit(document: Document) -> tuple[dict[str, Any], PolicyFacts | None]:
    """Where the customer stands: with this on top while it does not count, else as is.

    And the policy, where it was read for that.
    """
    result: dict[str, Any] = {"box": None, "position": None, "box_error": ""}
    policy: PolicyFacts | None = None
    if not is_checked(document.type):
        return result, policy
    try:
        if document.status in NOT_ACCEPTED:
            preview = _preview(document)
            policy = preview.facts.policy
            result["box"] = credit_box(document.account, preview)
        else:
            position = credit_position(account=document.account, as_of=today())
            policy = position.policy
            result["position"] = position
            result["used_url"] = component_url(document.account_id, "total")
            result["parts"] = exposure_parts(position.components, document.account_id)
    except DomainError as error:
        result["box_error"] = str(error)
    return result, policy


def _preview(document: Document) -> Preview:
    header = OrderHeader(
        account=document.account,
        document_on=document.document_on,
        type=document.type,
        currency=document.currency,
        payment_method=document.payment_method,
        payment_term=document.payment_term,
        delivery_on=document.delivery_on,
        paid_amount=document.paid_amount,
    )
    lines = [line for _row, line in sketch_stored(document).lines]
    return order_preview(header=header, lines=lines, document=document)


def _may_override(user: User, may_submit: bool, holds: list[Hold]) -> bool:
    """Whether the policy lets this user pass the hold here, with a reason."""
    return (
        may_submit
        and user.has_perm("documents.override_hold")
        and any(
            hold.request is not None
            and bool(hold.check.policy_version.content.get("direct_override"))
            for hold in holds
        )
    )
