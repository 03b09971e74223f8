"""Posting invoices and credit notes: one with its day of the books, or many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import clock
from core.errors import Conflict, DomainError
from core.views import signed_in
from credit_limits.engine.types import Checkpoint, Outcome
from credit_limits.selectors import credit_preview
from documents import lifecycle
from documents.asking import asked_document
from documents.credit_box import credit_box, decision_reasons
from documents.forms.posting import BatchForm, PostForm
from documents.models import Document, DocumentType
from documents.registers import register_of
from documents.services.batch import documents_step
from documents.services.posting import credited_items, invoice_post
from documents.upstream import levels_of
from documents.views.common import credit_file_path, document_or_404, document_path, list_path
from documents.views.convert_page import moved_words
from documents.views.strip import approvers_of
from documents.words import named
from ledger.instalments import term_instalments

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from core.models import User
    from documents.results import SubmitResult
    from documents.services.batch import Answer

Status = Document.Status
MOST_AT_ONCE: Final = 200
STEPS: Final = {
    "submit": "documents.submit_document",
    "post": "documents.post_document",
}


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("documents.post_document", raise_exception=True)
def document_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Post an invoice, advance or credit note on a day of the books, after a look at it."""
    user = signed_in(request.user)
    document = document_or_404(user, pk)
    status = 200
    if request.method == "POST":
        form = PostForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            try:
                result = invoice_post(
                    document=document, actor=user, on=data["posted_on"], version=data["version"]
                )
            except DomainError as error:
                if _is_done(document, user, error):
                    return redirect(document_path(document))
                field = error.field if error.field in form.fields else None
                form.add_error(field, str(error))
                status = error.status
            else:
                tell_post(request, result)
                return redirect(document_path(document))
        status = status if status != 200 else 422
    else:
        if not _is_postable(document):
            messages.warning(
                request,
                _("%(document)s is “%(status)s” and cannot be posted.")
                % {"document": named(document), "status": document.get_status_display()},
            )
            return redirect(document_path(document))
        form = PostForm(initial={"posted_on": document.document_on, "version": document.version})
    context = _post_context(user, document) | {"form": form}
    return render(request, "documents/convert_post.html", context, status=status)


def _is_done(document: Document, user: User, error: DomainError) -> bool:
    """Whether this is the second of two clicks: the first one has posted."""
    if not isinstance(error, Conflict):
        return False
    now = Document.objects.select_related("entry").get(pk=document.pk)
    return now.status == Status.POSTED and document.status != Status.POSTED


def _is_postable(document: Document) -> bool:
    return (
        lifecycle.allowed(document.status, lifecycle.Action.POST, document.type.kind)
        and not document.type.is_pro_forma
    )


def _post_context(user: User, document: Document) -> dict[str, Any]:
    """What is posted: the items to come, what a credit note settles, what credit says."""
    back = document.type.nature == DocumentType.Nature.REVERSE
    gross = document.gross_amount
    context: dict[str, Any] = {
        "document": document,
        "name": named(document),
        "back_url": document_path(document),
        "list_url": list_path(document.type),
        "list_title": register_of(document.type).title,
        "is_back": back,
        "items": []
        if back or not gross
        else term_instalments(document.payment_term, document.document_on, gross),
        "settles": credited_items(document),
        "box": None,
        "approvers": [],
        "box_error": "",
        "uncounted": "",
        "credit_file": credit_file_path(document.account.customer_id),
    }
    try:
        preview = credit_preview(
            account=document.account,
            asked=asked_document(document, checkpoint=Checkpoint.POST, sources=levels_of(document)),
            checkpoint=Checkpoint.POST,
            as_of=clock.today(),
        )
    except DomainError as error:
        context["box_error"] = str(error)
        return context
    context["box"] = credit_box(document.account, preview)
    context["moved"] = moved_words(preview)
    if preview.decision.outcome is Outcome.HOLD:
        context["approvers"] = approvers_of(document.account, preview.decision, user, document)
    return context


def post_and_tell(
    request: HttpRequest, user: User, document: Document, on: date | None = None
) -> bool:
    """Post a stored document and leave a message. Returns whether the step was taken at all."""
    try:
        result = invoice_post(document=document, actor=user, on=on)
    except DomainError as error:
        if _is_done(document, user, error):
            return True
        messages.error(
            request,
            _("%(document)s is saved, but not posted. %(why)s")
            % {"document": named(document), "why": error},
        )
        return False
    tell_post(request, result)
    return True


def tell_post(request: HttpRequest, result: SubmitResult) -> None:
    """The outcome of a posting in words."""
    which = {"document": named(result.document)}
    if result.passed and result.outcome is Outcome.WARN and result.decision is not None:
        sentences = " ".join(item.sentence for item in decision_reasons(result.decision))
        messages.warning(
            request,
            _("%(document)s is posted, with a warning. %(why)s") % {**which, "why": sentences},
        )
    elif result.passed:
        messages.success(request, _("%(document)s is posted.") % which)
    elif result.waits_for_rate:
        messages.info(
            request, _("Posting %(document)s is held until the exchange rate is entered.") % which
        )
    elif result.outcome is Outcome.HOLD:
        messages.info(
            request,
            _("Posting %(document)s is held and waits for approval; approving posts it.") % which,
        )
    else:
        messages.info(request, _("Posting %(document)s is held; nobody can release it.") % which)


@require_http_methods(["GET", "HEAD", "POST"])
def document_batch(request: HttpRequest) -> HttpResponse:
    """Submit or post many documents (`?step=`): choose them, and read an answer for each."""
    user = signed_in(request.user)
    data = request.POST if request.method == "POST" else request.GET
    may = [step for step, right in STEPS.items() if user.has_perm(right)]
    step = data.get("step") or next(iter(may), "submit")
    if step not in STEPS:
        raise Http404
    if step not in may:
        raise PermissionDenied
    waiting = _waiting(user, step)
    answers: list[Answer] = []
    form = BatchForm(request.POST or None, step=step)
    status = 200
    if request.method == "POST":
        ids = {int(key) for key in data.getlist("document") if key.isdecimal()}
        chosen = [document for document in waiting if document.pk in ids]
        if not form.is_valid():
            status = 422
        elif not chosen:
            form.add_error(None, _("Choose at least one document."))
            status = 422
        else:
            answers = documents_step(
                documents=chosen,
                step="post" if step == "post" else "submit",
                actor=user,
                on=form.cleaned_data.get("posted_on"),
            )
            waiting = _waiting(user, step)
    ids_now = {answer.document.pk for answer in answers}
    rows = [document for document in waiting if document.pk not in ids_now]
    context = {
        "title": _("Post several at once") if step == "post" else _("Submit several at once"),
        "step": step,
        "form": form,
        "rows": rows[:MOST_AT_ONCE],
        "more": max(len(rows) - MOST_AT_ONCE, 0),
        "answers": [(answer, named(answer.document)) for answer in answers],
        "done": sum(answer.done for answer in answers),
        "chosen": set(data.getlist("document")) if status != 200 else set(),
    }
    return render(request, "documents/convert_batch.html", context, status=status)


def _waiting(user: User, step: str) -> list[Document]:
    """What the step can be taken on, the oldest first."""
    rows: QuerySet[Document] = (
        Document.objects.visible_to(user)
        .select_related("type", "account__customer", "company")
        .order_by("document_on", "pk")
    )
    if step == "post":
        rows = rows.filter(
            type__kind__in=lifecycle.INVOICES,
            type__is_pro_forma=False,
            status__in=(Status.DRAFT, Status.SUBMITTED, Status.RELEASED),
        )
    else:
        rows = rows.filter(status=Status.DRAFT)
    return list(rows[: 2 * MOST_AT_ONCE])
