"""From chosen documents to the next one: what can be taken over, and what credit says to it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import clock
from core.errors import DomainError
from core.htmx import render_partial
from core.numerals import format_plain
from core.views import signed_in
from documents.forms.convert import ConversionForm
from documents.models import Document, DocumentType
from documents.services.conversion import conversion_make, conversion_read
from documents.services.kinds import types_of
from documents.views.common import document_path
from documents.views.convert_page import page_context, trial_of
from documents.views.outcome import submit_and_tell
from documents.views.posting import post_and_tell
from documents.words import named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse, QueryDict

    from core.models import User
    from documents.services.conversion import Choice, Conversion

MOST_DOCUMENTS: Final = 50
MAKING: Final = frozenset({"draft", "submit", "post"})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("documents.add_document", raise_exception=True)
def convert(request: HttpRequest) -> HttpResponse:
    """Make the next document: `?type=<code>&document=<id>[&document=<id>…]`.

    A document of another account, or more than one can follow, is said on the page; a document
    that the user may not see is not found.
    """
    user = signed_in(request.user)
    data: QueryDict = request.POST if request.method == "POST" else request.GET
    documents = _documents(user, data.getlist("document"))
    if not documents:
        messages.warning(request, _("Choose at least one document first."))
        return redirect("documents:order_list")
    type_ = _type(data.get("type", ""))
    conversion = conversion_read(documents=documents, type_=type_, on=clock.today())
    types = types_of(type_.kind, type_.nature, is_pro_forma=type_.is_pro_forma)
    if request.method != "POST":
        form = ConversionForm(conversion=conversion, types=types)
        return _page(request, user, form, documents)
    action = data.get("action", "check")
    if action in {"all", "none"}:
        data = _filled(data, conversion, everything=action == "all")
    form = ConversionForm(data, conversion=conversion, types=types)
    if action not in MAKING:
        return _page(request, user, form, documents)
    if not form.is_valid():
        return _page(request, user, form, documents, status=422)
    return _make(request, user, form, documents, action)


def _type(code: str) -> DocumentType:
    if "\0" in code:  # no text of the database holds one
        raise Http404
    found = DocumentType.objects.filter(code=code, is_active=True).first()
    if found is None:
        raise Http404
    return found


def _documents(user: User, keys: Sequence[str]) -> list[Document]:
    """The chosen documents in the order chosen. Raises Http404 for one that is not visible."""
    ids = list(dict.fromkeys(int(key) for key in keys if key.isdecimal()))[:MOST_DOCUMENTS]
    rows = Document.objects.visible_to(user).with_head().in_bulk(ids)
    if len(rows) != len(ids):
        raise Http404
    return [rows[key] for key in ids]


def _filled(data: QueryDict, conversion: Conversion, *, everything: bool) -> QueryDict:
    """What was sent, with all that is left in every line, or nothing."""
    filled = data.copy()
    for row in conversion.rows:
        if row.is_open:
            quantity, amount = format_plain(row.left), format_plain(row.value_left, 2)
            filled[f"quantity-{row.line.pk}"] = quantity if everything else ""
            filled[f"amount-{row.line.pk}"] = amount if everything else ""
    return filled


def _make(
    request: HttpRequest,
    user: User,
    form: ConversionForm,
    documents: Sequence[Document],
    action: str,
) -> HttpResponse:
    """Make the document, take the step that was asked for, and go to its page."""
    choice = form.choice()
    known = _known(form.conversion, choice)
    if known is not None and not _is_same(known, choice):
        return _made_before(request, user, form, documents, known)
    made = known
    try:
        made = made or conversion_make(conversion=form.conversion, choice=choice, actor=user)
    except DomainError as error:
        made = _known(form.conversion, choice)  # the other one of two clicks won
        if made is None:
            form.add_error(*form.said(error))
            return _page(request, user, form, documents, status=error.status)
    document = Document.objects.select_related("type", "account__customer").get(pk=made.pk)
    if action == "post":
        post_and_tell(request, user, document)
    elif action == "submit" or document.type.automatic_confirmation:
        if document.status == Document.Status.DRAFT:
            submit_and_tell(request, user, document)
    elif known is None:
        messages.success(request, _("%(document)s is saved.") % {"document": named(document)})
    return redirect(document_path(document))


def _known(conversion: Conversion, choice: Choice) -> Document | None:
    """The document that this filling-in of the form made already."""
    if not choice.import_key:
        return None
    return Document.objects.filter(
        company=conversion.first.company_id, import_key=choice.import_key
    ).first()


def _is_same(known: Document, choice: Choice) -> bool:
    """Whether a stored document says what was chosen now."""
    if not choice.quantities:
        return True
    lines = known.lines.filter(source_line__in=choice.quantities)
    stored = {
        line.source_line_id: line.net_amount if choice.price_only else line.quantity
        for line in lines
    }
    return stored == dict(choice.quantities)


def _made_before(
    request: HttpRequest,
    user: User,
    form: ConversionForm,
    documents: Sequence[Document],
    known: Document,
) -> HttpResponse:
    """The way back led to a form that was sent before with other figures: ask, lose nothing."""
    data = {**request.POST.dict(), "submission_key": str(uuid.uuid4())}
    again = ConversionForm(
        data,
        conversion=form.conversion,
        types=list(form.fields["type"].queryset),  # type: ignore[attr-defined]
    )
    again.add_error(
        None,
        _("%(document)s was made of this form before. Send it again to make another one.")
        % {"document": named(known)},
    )
    return _page(request, user, again, documents, status=409)


def _page(
    request: HttpRequest,
    user: User,
    form: ConversionForm,
    documents: Sequence[Document],
    *,
    status: int = 200,
) -> HttpResponse:
    trial = trial_of(form, user)
    context: dict[str, Any] = page_context(user, form, documents, trial)
    return render_partial(
        request, "documents/convert.html", context, partial="answer", status=status
    )
