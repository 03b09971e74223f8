"""The steps of an order: submit, cancel, close, reopen, copy. One URL each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import Busy, Conflict, DomainError
from core.numerals import format_decimal
from core.views import signed_in
from credit_limits.engine.types import Outcome
from documents import lifecycle
from documents.forms import OverrideForm, StepForm
from documents.lifecycle import Action
from documents.models import HoldCase
from documents.services.steps import (
    document_cancel,
    document_close,
    document_copy,
    document_reopen,
)
from documents.views.common import order_or_404, order_path
from documents.views.outcome import submit_and_tell

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from core.models import User
    from documents.models import Document

type Step = Callable[[User, Document, StepForm], str]


@require_POST
@permission_required("documents.submit_document", raise_exception=True)
def order_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for credit and send the order off, or hold it. A reason passes a hold where allowed."""
    user = signed_in(request.user)
    document = order_or_404(user, pk)
    form = StepForm(request.POST)
    form.is_valid()
    reason = ""
    if "override_reason" in request.POST:
        override = OverrideForm(request.POST)
        if not override.is_valid():
            messages.error(request, str(override.errors["override_reason"][0]))
            return redirect(order_path(document))
        reason = override.cleaned_data["override_reason"]
    submit_and_tell(
        request,
        user,
        document,
        version=form.cleaned_data.get("version"),
        override_reason=reason,
    )
    return redirect(order_path(document))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("documents.cancel_document", raise_exception=True)
def order_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel an order, after a question."""

    def step(user: User, document: Document, form: StepForm) -> str:
        document_cancel(
            document=document,
            actor=user,
            version=form.cleaned_data["version"],
            reason=form.cleaned_data["reason"],
        )
        return _("Order %(number)s is cancelled.") % {"number": document}

    return _confirmed(
        request,
        pk,
        Action.CANCEL,
        step,
        title=_("Cancel order %(number)s?"),
        consequences=_of_cancelling,
        label=_("Cancel the order"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("documents.cancel_document", raise_exception=True)
def order_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an accepted order, after a question."""

    def step(user: User, document: Document, form: StepForm) -> str:
        document_close(
            document=document,
            actor=user,
            version=form.cleaned_data["version"],
            reason=form.cleaned_data["reason"],
        )
        return _("Order %(number)s is closed.") % {"number": document}

    return _confirmed(
        request,
        pk,
        Action.CLOSE,
        step,
        title=_("Close order %(number)s?"),
        consequences=lambda _document: [
            _("Nothing more will come of it, so the rest no longer counts as exposure."),
            _("Reopening it asks for credit again."),
        ],
        label=_("Close the order"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("documents.cancel_document", raise_exception=True)
def order_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Reopen a closed order: it asks for credit like a new one."""

    def step(user: User, document: Document, form: StepForm) -> str:
        result = document_reopen(
            document=document, actor=user, version=form.cleaned_data["version"]
        )
        if result.passed:
            return _("Order %(number)s is open again.") % {"number": document}
        if result.outcome is Outcome.HOLD:
            return _("Reopening order %(number)s is held and waits for approval.") % {
                "number": document
            }
        return _("Reopening order %(number)s is held; nobody can release it.") % {
            "number": document
        }

    return _confirmed(
        request,
        pk,
        Action.REOPEN,
        step,
        title=_("Reopen order %(number)s?"),
        consequences=lambda _document: [
            _("The customer's credit is checked first, as for a new order."),
            _("If the check holds it, the order stays closed until an approver decides."),
        ],
        label=_("Reopen the order"),
        danger=False,
        with_reason=False,
    )


@require_POST
@permission_required("documents.add_document", raise_exception=True)
def order_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A new draft with the same head and lines, opened for editing."""
    user = signed_in(request.user)
    document = order_or_404(user, pk)
    try:
        copy = document_copy(document=document, actor=user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(order_path(document))
    messages.success(
        request, _("This is a copy of order %(number)s, saved as a draft.") % {"number": document}
    )
    return redirect("documents:order_edit", pk=copy.pk)


def _of_cancelling(document: Document) -> list[str]:
    """What cancelling this order means, as it stands."""
    found = [_("A cancelled order cannot be taken up again; it can be copied.")]
    if document.hold_cases.filter(status=HoldCase.Status.OPEN).exists():
        found.insert(0, _("The approval it waits for is withdrawn."))
    if document.status in lifecycle.COUNTING:
        found.insert(0, _("It no longer counts as exposure: its credit is free for others."))
    return found


def _confirmed(
    request: HttpRequest,
    pk: int,
    action: Action,
    step: Step,
    *,
    title: str,
    consequences: Callable[[Document], list[str]],
    label: str,
    danger: bool = True,
    with_reason: bool = True,
) -> HttpResponse:
    """Ask on a page of its own, then take the step; a step that is not possible says why."""
    user = signed_in(request.user)
    document = order_or_404(user, pk)
    back = redirect(order_path(document))
    if request.method == "POST":
        form = StepForm(request.POST)
        if form.is_valid():
            try:
                messages.success(request, step(user, document, form))
            except (Busy, Conflict) as error:
                messages.warning(request, str(error))
            except DomainError as error:
                messages.error(request, str(error))
            return back
    else:
        form = StepForm(initial={"version": document.version})
    if not lifecycle.allowed(document.status, action):
        messages.warning(
            request,
            _("This step is not possible while the order is “%(status)s”.")
            % {"status": document.get_status_display()},
        )
        return back
    if not with_reason:
        del form.fields["reason"]
    context = {
        "title": title % {"number": document},
        "lead": _("%(customer)s, %(amount)s %(currency)s")
        % {
            "customer": document.account.customer,
            "amount": format_decimal(document.gross_amount),
            "currency": document.currency_id,
        },
        "consequences": consequences(document),
        "form": form,
        "submit_label": label,
        "cancel_url": order_path(document),
        "danger": danger,
        "document": document,
    }
    return render(request, "documents/confirm.html", context)
