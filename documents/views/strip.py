"""The live credit of a document being typed: figures, verdict and line totals in one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from approvals.engine import who_may_act
from approvals.models import RequestKind
from approvals.selectors import deciders
from core.clock import today
from core.errors import DomainError
from core.htmx import render_partial
from core.money import ZERO
from core.views import signed_in
from credit_limits.engine.types import Outcome
from documents.amounts import line_amounts, total_amounts
from documents.asking import is_checked
from documents.credit_box import credit_box
from documents.forms import OrderEntry
from documents.inputs import OrderHeader
from documents.lifecycle import Action
from documents.models import Document, DocumentType
from documents.services.preview import order_preview
from documents.views.common import PERMISSIONS, credit_file_path, document_or_404

if TYPE_CHECKING:
    from decimal import Decimal

    from django.http import HttpRequest, HttpResponse, QueryDict

    from core.models import User
    from credit_limits.engine.types import Decision
    from customers.models import CustomerAccount
    from documents.amounts import Amounts
    from documents.forms.entry import Sketch


@require_http_methods(["GET", "HEAD", "POST"])
def credit_strip(request: HttpRequest) -> HttpResponse:
    """What the form says so far, and what the customer's credit says to it. Stores nothing."""
    user = signed_in(request.user)
    if not (user.has_perm(PERMISSIONS[Action.EDIT]) or user.has_perm(PERMISSIONS[Action.COPY])):
        raise PermissionDenied
    data = request.POST if request.method == "POST" else request.GET
    document = document_of(user, data)
    entry = OrderEntry.posted(user, data, document=document)
    context = strip_context(entry.sketch(), document, rows=len(entry.lines.forms), user=user)
    return render_partial(
        request, "documents/credit_strip.html", {**context, "live": True}, partial="answer"
    )


def document_of(user: User, data: QueryDict) -> Document | None:
    """The stored document the form is about, named by its hidden field; 404 for a foreign one."""
    raw = data.get("document", "")
    return document_or_404(user, int(raw)) if raw.isdecimal() else None


def strip_context(
    sketch: Sketch, document: Document | None, *, rows: int, user: User
) -> dict[str, Any]:
    """What the templates of strip, totals and outcome show.

    `line_totals` has one entry per row of the formset, None where a row says nothing yet.
    `approvers` are the people who may release it as typed, when it would be held; `uncounted`
    says why nobody is asked, when nobody is.
    """
    lines = [line for _row, line in sketch.lines]
    total = total_amounts(lines)
    amounts: list[Any] = [None] * rows
    for row, line in sketch.lines:
        if row < rows:
            amounts[row] = line_amounts(line).gross
    head = sketch.head
    context: dict[str, Any] = {
        "line_totals": amounts,
        "totals": total,
        **_at_the_counter(sketch, total),
        "order_currency": head.get("currency"),
        "unclear": sketch.unclear,
        "strip_account": sketch.account,
        "box": None,
        "approvers": [],
        "box_error": "",
        "uncounted": "",
        "credit_file": "",
    }
    if head.get("type") and not is_checked(head["type"]):
        context["uncounted"] = uncounted_words(head["type"])
        return context
    if sketch.account is None:
        return context
    context["credit_file"] = credit_file_path(sketch.account.customer_id)
    if not (head.get("type") and head.get("currency") and head.get("document_on")):
        context["box_error"] = _("Complete date and currency to see what the credit check says.")
        return context
    header = OrderHeader(
        account=sketch.account,
        document_on=head["document_on"],
        type=head["type"],
        currency=head["currency"],
        payment_method=head.get("payment_method"),
        payment_term=head.get("payment_term"),
        delivery_on=head.get("delivery_on"),
        paid_amount=_paid(head, total),
    )
    try:
        preview = order_preview(header=header, lines=lines, document=document)
    except DomainError as error:
        context["box_error"] = str(error)
    else:
        held = document is not None and document.status == Document.Status.HELD
        context["box"] = credit_box(sketch.account, preview, by_saving=held)
        if preview.decision.outcome is Outcome.HOLD:
            context["approvers"] = approvers_of(sketch.account, preview.decision, user, document)
    return context


def _paid(head: dict[str, Any], total: Amounts) -> Decimal:
    """What is paid at once: never more than what is sold so far."""
    return min(head.get("paid_amount") or ZERO, max(total.gross, ZERO))


def _at_the_counter(sketch: Sketch, total: Amounts) -> dict[str, Any]:
    """What of a counter sale is paid at once and what goes on account; nothing for other kinds."""
    type_ = sketch.head.get("type")
    if type_ is None or type_.kind != DocumentType.Kind.COUNTER:
        return {}
    typed = sketch.head.get("paid_amount") or ZERO
    paid = _paid(sketch.head, total)
    return {"paid": paid, "on_account": total.gross - paid, "change": typed - paid}


def uncounted_words(type_: DocumentType) -> str:
    """Why a document of this type asks nobody for credit."""
    if type_.is_pro_forma:
        return _("A pro-forma invoice never counts. Credit is asked by what is really sold.")
    if type_.kind == DocumentType.Kind.QUOTE:
        return _("A quote does not count. Credit is asked when the customer accepts it.")
    return _("Goods in and internal moves never count: nobody is asked for credit.")


def approvers_of(
    account: CustomerAccount, decision: Decision, user: User, document: Document | None
) -> list[User]:
    """Who could release it for this user, by name; never who writes or submits it."""
    known = deciders(
        kind=RequestKind.DOCUMENT_RELEASE,
        account=account,
        currency_id=account.currency_id,
        on=today(),
    )
    barred = {document.created_by_id} if document else set()
    ids = who_may_act(decision.approval_amount, known.authorities, user.pk, barred)
    return sorted((known.users[pk] for pk in ids), key=str)
