"""Entry: one page for a new document of any kind and for a stored one, with a script or without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import Conflict, DomainError
from core.models import AuditEvent
from core.views import signed_in
from documents import lifecycle
from documents.asking import SUBJECT_TYPE, is_checked
from documents.forms import OrderEntry
from documents.forms.content import Content, changes, content_stored, opened
from documents.forms.entry import Sketch, sketch_stored
from documents.lifecycle import Action
from documents.models import Document, DocumentType
from documents.registers import register_of
from documents.services.change import order_change
from documents.services.entry import remarks_add
from documents.services.freely import may_give
from documents.services.save import order_create as order_save
from documents.services.save import order_update
from documents.stored_lines import lines_load
from documents.views.common import (
    PERMISSIONS,
    Steps,
    document_or_404,
    document_path,
    is_at_once,
    list_path,
    stand_in,
    steps_for,
    why_locked,
)
from documents.views.outcome import submit_and_tell, tell_asked_again, tell_change
from documents.views.pickers import PICKS, accounts_visible, entry_picked, head_context
from documents.views.strip import strip_context
from documents.words import ENTERED, family, named, words

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, QueryDict

    from core.models import User
    from customers.models import CustomerAccount

# Where saving and submitting are two buttons; a held one is asked about again by saving it.
SUBMITTED_BY_BUTTON: Final = frozenset({Document.Status.DRAFT, Document.Status.REFUSED})
# Buttons that go on with filling in the form; nothing is judged and nothing is stored.
UNFINISHED: Final = frozenset({"add_lines", "check", *(f"find_{name}" for name in PICKS)})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("documents.add_document", raise_exception=True)
def order_create(request: HttpRequest) -> HttpResponse:
    """Enter a new document; `?type=` says of which type (an order), `?account=` who is billed."""
    user = signed_in(request.user)
    if request.method == "POST":
        return posted(request, user, None)
    type_ = _type_wanted(request.GET.get("type", ""))
    if type_ is not None and not may_give(user, type_):
        raise PermissionDenied
    return new_page(request, user, type_)


def new_page(request: HttpRequest, user: User, type_: DocumentType | None) -> HttpResponse:
    """The empty form for a document of a type (an order), for the account of `?account=`."""
    account: CustomerAccount | None = None
    if (raw := request.GET.get("account", "")).isdecimal():
        account = accounts_visible(user, None).filter(pk=raw).first()
        if account is None:
            messages.warning(request, _("This customer is not among those you may bill."))
    entry = OrderEntry.new(user, account, type_)
    head: dict[str, Any] = {"type": entry.form.sample}
    if account is not None:
        head |= {
            "document_on": entry.form["document_on"].value(),
            "currency": account.currency,
            "payment_method": account.payment_method,
            "payment_term": account.payment_term,
        }
    return _page(request, user, entry, Sketch(account, head, [], []))


def _type_wanted(code: str) -> DocumentType | None:
    """The type with this code, of which documents are typed in; 404 for any other."""
    if not code:
        return None
    type_ = get_object_or_404(DocumentType, code=code, is_active=True)
    if family(type_) not in ENTERED:
        raise Http404(_("Documents of this type are not typed in from nothing."))
    return type_


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("documents.change_document", raise_exception=True)
def order_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit a stored document; one that counts already asks for credit for the change."""
    user = signed_in(request.user)
    document = document_or_404(user, pk)
    if request.method == "POST":
        return posted(request, user, document)
    if not steps_for(user, document).rewrite:
        messages.warning(request, why_locked(document))
        return redirect(document_path(document))
    lines_load(document)
    entry = OrderEntry.stored(user, document)
    return _page(request, user, entry, sketch_stored(document), document)


def posted(request: HttpRequest, user: User, document: Document | None) -> HttpResponse:
    """What was sent: go on filling in, or store it, new or over the stored document."""
    data = request.POST
    action = data.get("action", "save")
    picked = any(f"pick_{name}" in data for name in PICKS)
    # Enter in the search box sends the form off: search instead of complaining.
    searching = data.get("account_q", "").strip() and not data.get("account")
    if picked or searching or action in UNFINISHED:
        entry = entry_picked(user, data, document)
        if action == "add_lines":
            entry = OrderEntry.redrawn(user, data, document, more_rows=True)
        filled = _with_head(data, entry) if picked else data
        sketch = OrderEntry.posted(user, filled, document=document).sketch(redrawn=True)
        return _page(request, user, entry, sketch, document, data=data)
    entry = OrderEntry.posted(user, data, request.FILES, document)
    if not entry.is_valid():
        return _page(request, user, entry, entry.sketch(), document, data=data, status=422)
    try:
        return _save(request, user, entry, document)
    except Conflict as error:
        if document is None or error.code != "documents.changed_meanwhile":
            return _refused(request, user, entry, document, error)
        fresh = document_or_404(user, document.pk)
        if _is_stored(fresh, entry):
            return _save(request, user, entry, fresh)  # two clicks at once: the other one won
        return _stale(request, user, entry, fresh)
    except DomainError as error:
        return _refused(request, user, entry, document, error)


def _save(
    request: HttpRequest, user: User, entry: OrderEntry, document: Document | None
) -> HttpResponse:
    """Store the valid entry, then submit it when that was asked. Raises DomainError."""
    header, lines = entry.form.header(), entry.lines.line_inputs()
    note = entry.form.cleaned_data["note"]
    files = entry.form.cleaned_data["attachments"]
    version = entry.form.cleaned_data["version"] or 0
    if document is None:
        saved = order_save(header=header, lines=lines, actor=user)
        known = document_or_404(user, saved.pk)
        if content_stored(known) != entry.content():
            # The page was sent before with other words (the browser's way back leads there).
            return _stale(request, user, entry, known)
    elif document.version != version and _is_stored(document, entry):
        saved = document  # a second click: the first one has stored exactly this
    elif lifecycle.allowed(document.status, Action.CHANGE, document.type.kind):
        result = order_change(
            document=document, header=header, lines=lines, version=version, actor=user
        )
        remarks_add(document=document, text=note, files=files, actor=user)
        tell_change(request, result)
        return redirect(document_path(document))
    else:
        was_held = document.status == Document.Status.HELD
        saved = order_update(
            document=document, header=header, lines=lines, version=version, actor=user
        )
        if was_held:
            # What is held is asked about again by saving it: there is nothing left to submit.
            remarks_add(document=saved, text=note, files=files, actor=user)
            tell_asked_again(request, saved)
            return redirect(document_path(saved))
    remarks_add(document=saved, text=note, files=files, actor=user)
    at_once = is_at_once(header.type) and user.has_perm(PERMISSIONS[Action.SUBMIT])
    if request.POST.get("action") == "submit" or at_once:
        # Sent off already: this is the second of two clicks, and the first one has asked.
        if saved.status in SUBMITTED_BY_BUTTON:
            submit_and_tell(request, user, saved)
    else:
        messages.success(request, _("%(document)s is saved.") % {"document": named(saved)})
    return redirect(document_path(saved))


def _is_stored(document: Document, entry: OrderEntry) -> bool:
    """Whether the document, still alive, says exactly what the form says."""
    gone = {Document.Status.CANCELLED, Document.Status.CLOSED}
    return document.status not in gone and content_stored(document) == entry.content()


def _refused(
    request: HttpRequest,
    user: User,
    entry: OrderEntry,
    document: Document | None,
    error: DomainError,
) -> HttpResponse:
    """The form again, all that was typed in it, with the service's sentence at its place."""
    data: QueryDict = request.POST
    line_id = line_at_fault(error, document) if document is not None else None
    if line_id is not None:
        # A line that must not go comes back, with the reason beside it.
        data = entry.lines.put_back(data, line_id)
        entry = OrderEntry.posted(user, data, document=document)
        entry.is_valid()
    row = entry.lines.rewriting(line_id) if line_id is not None else None
    if row is not None:
        row.add_error(error.field if error.field in row.fields else "quantity", str(error))
    elif error.field in entry.form.fields:
        entry.form.add_error(error.field, str(error))
    elif error.field == "lines":
        entry.lines.non_form_errors().append(str(error))
    else:
        entry.form.add_error(None, str(error))
    return _page(request, user, entry, entry.sketch(), document, data=data, status=error.status)


def line_at_fault(error: DomainError, document: Document) -> int | None:
    """The stored line that the error is about; None when it is about no single one."""
    if (line_id := error.params.get("line_id")) is not None:
        return int(line_id)
    if (source_id := error.params.get("source_line_id")) is not None:
        return document.lines.filter(source_line=source_id).values_list("pk", flat=True).first()
    return None


def _stale(request: HttpRequest, user: User, entry: OrderEntry, document: Document) -> HttpResponse:
    """The document was changed while the form was open: show what, keep what was typed.

    The form takes over the current version, so that saving again is a conscious decision.
    """
    now = content_stored(document)
    before: Content | None = opened(entry.form.cleaned_data["base"])
    found = changes(before, now, entry.content(), entry.labels)
    data = request.POST.copy()
    data["version"] = str(document.version)
    data["base"] = now.sealed()
    data["document"] = str(document.pk)
    again = OrderEntry.posted(user, data, document=document)
    last = (
        AuditEvent.objects.filter(subject_type=SUBJECT_TYPE, subject_id=document.pk)
        .order_by("-at", "-pk")
        .first()
    )
    stale = {"changes": found, "knows_before": before is not None, "event": last}
    return _page(request, user, again, again.sketch(), document, data=data, stale=stale, status=409)


def _with_head(data: QueryDict, entry: OrderEntry) -> QueryDict:
    """What was sent, with the terms that choosing a customer filled in."""
    filled = data.copy()
    for name, value in entry.form.initial.items():
        filled[name] = "" if value is None else str(value)
    return filled


def _page(
    request: HttpRequest,
    user: User,
    entry: OrderEntry,
    sketch: Sketch,
    document: Document | None = None,
    *,
    data: QueryDict | None = None,
    stale: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    steps: Steps | None = steps_for(user, document) if document else None
    files_lost = bool(request.FILES)
    credit = strip_context(sketch, document, rows=len(entry.lines.forms), user=user)
    rows = zip(entry.lines.numbered(), credit["line_totals"], strict=True)
    context = {
        **head_context(user, entry, data, document),
        **credit,
        "entry": entry,
        "lines": entry.lines,
        "rows": [{"number": no, "form": form, "total": total} for (no, form), total in rows],
        "stale": stale,
        "steps": steps,
        "is_change": bool(steps and steps.change),
        "is_checked": is_checked(entry.form.sample),
        "name": named(document) if document else "",
        "asks_again": document is not None and document.status == Document.Status.HELD,
        "can_submit": user.has_perm(PERMISSIONS[Action.SUBMIT])
        and (document is None or document.status in SUBMITTED_BY_BUTTON),
        "files_lost": files_lost,
        "type": entry.form.sample,
        "words": words(entry.form.sample),
        "list_url": list_path(entry.form.sample),
        "register": register_of(entry.form.sample),
        "at_once": is_at_once(entry.form.sample),
        "is_counter": entry.form.sample.kind == DocumentType.Kind.COUNTER,
    }
    stand_in(request, entry.form.sample)
    return render(request, "documents/document_form.html", context, status=status)
