"""Notes and files of a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError
from core.views import signed_in
from documents.forms import AttachmentForm, NoteForm
from documents.models import Document, DocumentAttachment
from documents.services.entry import remarks_add
from documents.views.common import document_or_404, document_path
from documents.views.detail import detail_context

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_POST
@permission_required("documents.change_document", raise_exception=True)
def note_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a remark; an empty one comes back with its message and the page around it."""
    user = signed_in(request.user)
    document = document_or_404(user, pk)
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            remarks_add(document=document, text=form.cleaned_data["text"], files=[], actor=user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The note is added."))
            return redirect(f"{document_path(document)}#notes")
    context = detail_context(user, document) | {"note_form": form}
    return render(request, "documents/document_detail.html", context, status=422)


@require_POST
@permission_required("documents.change_document", raise_exception=True)
def attachment_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep files with the document; one that is too large comes back with its message."""
    user = signed_in(request.user)
    document = document_or_404(user, pk)
    form = AttachmentForm(request.POST, request.FILES)
    if form.is_valid():
        uploads = form.cleaned_data["uploads"]
        try:
            remarks_add(document=document, text="", files=uploads, actor=user)
        except DomainError as error:
            form.add_error("uploads", str(error))
        else:
            text = ngettext("%(count)s file is added.", "%(count)s files are added.", len(uploads))
            messages.success(request, text % {"count": len(uploads)})
            return redirect(f"{document_path(document)}#files")
    context = detail_context(user, document) | {"attachment_form": form}
    return render(request, "documents/document_detail.html", context, status=422)


@require_safe
@permission_required("documents.view_document", raise_exception=True)
def attachment_download(request: HttpRequest, pk: int) -> FileResponse:
    """Hand out a file of a document the user may see, always as a download, never as a page."""
    user = signed_in(request.user)
    attachment = get_object_or_404(
        DocumentAttachment.objects.filter(document__in=Document.objects.visible_to(user)), pk=pk
    )
    try:
        stored = attachment.file.open("rb")
    except FileNotFoundError as error:
        raise Http404(_("The file is gone from the store.")) from error
    response = FileResponse(
        stored,
        as_attachment=True,
        filename=attachment.name,
        content_type="application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
