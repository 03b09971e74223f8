"""The steps of a document: submit, cancel, close, reopen, copy. One URL each."""

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
from documents.asking import is_checked
from documents.forms import OverrideForm, StepForm
from documents.in_the_way import continuing
from documents.lifecycle import Action
from documents.models import HoldCase
from documents.services.steps import (
    document_cancel,
    document_close,
    document_copy,
    document_reopen,
)
from documents.views.common import document_or_404, document_path, list_path, stand_in
from documents.views.outcome import submit_and_tell
from documents.words import EDITED, family, named

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from core.forms import BaseForm
    from core.models import User
    from documents.models import Document

type Step = Callable[[User, Document, StepForm], str]


@require_POST
@permission_required("documents.submit_document", raise_exception=True)
def order_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for credit and send it off, or hold it. A reason passes a hold where allowed."""
    user = signed_in(request.user)
    document = document_or_404(user, pk)
    form = StepForm(request.POST)
    form.is_valid()
    reason = ""
    if "override_reason" in request.POST:
        override = OverrideForm(request.POST)
        if not override.is_valid():
            messages.error(request, str(override.errors["override_reason"][0]))
            return redirect(document_path(document))
        reason = override.cleaned_data["override_reason"]
    submit_and_tell(
        request,
        user,
        document,
        version=form.cleaned_data.get("version"),
        override_reason=reason,
    )
    return redirect(document_path(document))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("documents.cancel_document", raise_exception=True)
def order_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a document, after a question."""

    def step(user: User, document: Document, form: StepForm) -> str:
        document_cancel(
            document=document,
            actor=user,
            version=form.cleaned_data["version"],
            reason=form.cleaned_data["reason"],
        )
        return _("%(document)s is cancelled.") % {"document": named(document)}

    return _confirmed(
        request,
        pk,
        Action.CANCEL,
        step,
        title=_("Cancel %(document)s?"),
        consequences=_of_cancelling,
        label=_("Cancel it"),
        refusal=_not_cancelled,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("documents.cancel_document", raise_exception=True)
def order_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an accepted document, after a question."""

    def step(user: User, document: Document, form: StepForm) -> str:
        document_close(
            document=document,
            actor=user,
            version=form.cleaned_data["version"],
            reason=form.cleaned_data["reason"],
        )
        return _("%(document)s is closed.") % {"document": named(document)}

    return _confirmed(
        request,
        pk,
        Action.CLOSE,
        step,
        title=_("Close %(document)s?"),
        consequences=_of_closing,
        label=_("Close it"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("documents.cancel_document", raise_exception=True)
def order_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Reopen a closed or cancelled document: it asks for credit like a new one."""

    def step(user: User, document: Document, form: StepForm) -> str:
        result = document_reopen(
            document=document, actor=user, version=form.cleaned_data["version"]
        )
        if result.passed:
            return _("%(document)s is open again.") % {"document": named(result.document)}
        which = {"document": named(document)}
        if result.waits_for_rate:
            return _("%(document)s: reopening is held until the exchange rate is entered.") % which
        if result.outcome is Outcome.HOLD:
            return _("%(document)s: reopening is held and waits for approval.") % which
        return _("%(document)s: reopening is held; nobody can release it.") % which

    return _confirmed(
        request,
        pk,
        Action.REOPEN,
        step,
        title=_("Reopen %(document)s?"),
        consequences=_of_reopening,
        label=_("Reopen it"),
        danger=False,
        with_reason=False,
    )


@require_POST
@permission_required("documents.add_document", raise_exception=True)
def order_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A new draft with the same head and lines, opened for editing."""
    user = signed_in(request.user)
    document = document_or_404(user, pk)
    try:
        copy = document_copy(document=document, actor=user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(document_path(document))
    messages.success(
        request,
        _("This is a copy of %(document)s, saved as a draft.") % {"document": named(document)},
    )
    if family(copy.type) in EDITED:
        return redirect("documents:order_edit", pk=copy.pk)
    return redirect(document_path(copy))


def _of_cancelling(document: Document) -> list[str]:
    """What cancelling this document means, as it stands."""
    found = [_("It can be reopened: then it asks for credit like a new one.")]
    if document.hold_cases.filter(status=HoldCase.Status.OPEN).exists():
        found.insert(0, _("The approval it waits for is withdrawn."))
    if document.status in lifecycle.COUNTING and is_checked(document.type):
        continues = document.lines.filter(source_line__isnull=False).exists()
        found.insert(
            0,
            _("Its value goes back to the documents it was made from.")
            if continues
            else _("It no longer counts as exposure: its credit is free for others."),
        )
    return found


def _not_cancelled(document: Document) -> str:
    """Why this document cannot be cancelled as it stands; empty where it can."""
    other = continuing(document).select_related("type").first()
    if other is None:
        return ""
    return _("%(other)s continues %(document)s: it cannot be cancelled.") % {
        "other": named(other),
        "document": named(document),
    }


def _of_closing(document: Document) -> list[str]:
    if not is_checked(document.type):
        return [_("Nothing more will come of it.")]
    return [
        _("Nothing more will come of it, so the rest no longer counts as exposure."),
        _("Reopening it asks for credit again."),
    ]


def _of_reopening(document: Document) -> list[str]:
    if not is_checked(document.type):
        return [_("Nobody is asked for credit.")]
    return [
        _("The customer's credit is checked first, as for a new document."),
        _("If the check holds it, it stays as it is until an approver decides."),
    ]


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
    refusal: Callable[[Document], str] | None = None,
) -> HttpResponse:
    """Ask on a page of its own, then take the step; a step that is not possible says why."""
    user = signed_in(request.user)
    document = document_or_404(user, pk)
    back = redirect(document_path(document))
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
    if not lifecycle.allowed(document.status, action, document.type.kind):
        messages.warning(
            request,
            _("This step is not possible while the document is “%(status)s”.")
            % {"status": document.get_status_display()},
        )
        return back
    if refusal is not None and (why := refusal(document)):
        messages.warning(request, why)
        return back
    if not with_reason:
        del form.fields["reason"]
    return question(
        request,
        document,
        form,
        title=title,
        consequences=consequences(document),
        label=label,
        danger=danger,
    )


def question(
    request: HttpRequest,
    document: Document,
    form: BaseForm,
    *,
    title: str,
    consequences: list[str],
    label: str,
    danger: bool = True,
    status: int = 200,
) -> HttpResponse:
    """The page that asks before a step, with what the step means; `title` names %(document)s."""
    context = {
        "title": title % {"document": named(document)},
        "lead": _("%(customer)s, %(amount)s %(currency)s")
        % {
            "customer": document.account.customer,
            "amount": format_decimal(document.gross_amount),
            "currency": document.currency_id,
        },
        "consequences": consequences,
        "form": form,
        "submit_label": label,
        "cancel_url": document_path(document),
        "danger": danger,
        "document": document,
        "list_url": list_path(document.type),
    }
    stand_in(request, document.type)
    return render(request, "documents/confirm.html", context, status=status)
