"""Sales at the counter: entering one, and taking one back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import Conflict, DomainError, NotAllowed
from core.numerals import format_decimal
from core.views import signed_in
from documents import lifecycle
from documents.forms.charges import TakeBackForm
from documents.models import Document, DocumentType
from documents.services.counter import counter_void as sale_void
from documents.services.kinds import type_of
from documents.views.common import document_or_404, document_path
from documents.views.entry import new_page, posted
from documents.views.steps import question
from documents.words import named

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

COUNTER = DocumentType.Kind.COUNTER


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("documents.add_document", raise_exception=True)
def counter_create(request: HttpRequest) -> HttpResponse:
    """Sell at the counter: who buys, what, and how much of it is paid at once."""
    user = signed_in(request.user)
    if request.method == "POST":
        return posted(request, user, None)
    return new_page(request, user, type_of(COUNTER))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("documents.cancel_document", raise_exception=True)
def counter_void(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a posted sale back, after a question with a reason."""
    user = signed_in(request.user)
    document = document_or_404(user, pk)
    if document.type.kind != COUNTER:
        raise Http404(_("Only a sale at the counter is taken back here."))
    back = redirect(document_path(document))
    if not lifecycle.allowed(document.status, lifecycle.Action.VOID, COUNTER):
        messages.warning(
            request,
            _("%(document)s is “%(status)s”: there is nothing to take back.")
            % {"document": named(document), "status": document.get_status_display()},
        )
        return back
    form = TakeBackForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                sale_void(document=document, reason=form.cleaned_data["reason"], actor=user)
            except NotAllowed:
                raise
            except DomainError as error:
                if _is_done(document, error):
                    return back  # the second of two clicks: the first one has taken it back
                form.add_error(error.field if error.field in form.fields else None, str(error))
                status = error.status
            else:
                messages.success(
                    request, _("%(document)s is taken back.") % {"document": named(document)}
                )
                return back
        else:
            status = 422
    return question(
        request,
        document,
        form,
        title=_("Take %(document)s back?"),
        consequences=_of_voiding(document),
        label=_("Take it back"),
        status=status,
    )


def _is_done(document: Document, error: DomainError) -> bool:
    if not isinstance(error, Conflict):
        return False
    return Document.objects.get(pk=document.pk).status == Document.Status.CANCELLED


def _of_voiding(document: Document) -> list[str]:
    """What taking it back means, as it stands."""
    rest = document.gross_amount - document.paid_amount
    found = []
    if document.paid_amount:
        found.append(
            _("%(amount)s %(currency)s that were paid at the counter are given back.")
            % {"amount": format_decimal(document.paid_amount), "currency": document.currency_id}
        )
    if rest:
        found.append(
            _("%(amount)s %(currency)s are no longer owed, and no longer exposure.")
            % {"amount": format_decimal(rest), "currency": document.currency_id}
        )
    found.append(_("A credit of the same worth stands in the books. The sale stays on file."))
    return found
