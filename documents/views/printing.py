"""Paper: printing for good, and looking at a draft or a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import structlog
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from kombu.exceptions import OperationalError

from core.errors import Busy, Conflict, DomainError
from core.views import signed_in
from credit_limits.sentences import reason_label
from documents.models import Document
from documents.paper import paper
from documents.paper_files import Wanted, file_made, wanted_of
from documents.paper_words import Mark
from documents.services.printing import PrintOutcome, PrintResult, document_print_final
from documents.tasks import make_paper
from documents.views.common import document_or_404, document_path
from documents.words import named

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

log = structlog.get_logger(__name__)

# A print for good leads to an address that gives the original for so long; afterwards it is a copy.
ORIGINAL_SECONDS: Final = 600
SALT: Final = "documents.paper"
# A long paper is asked for again so often, every few seconds.
TIMES_TO_ASK: Final = 40
SECONDS_BETWEEN: Final = 3


@require_POST
@permission_required("documents.print_document", raise_exception=True)
def document_print(request: HttpRequest, pk: int) -> HttpResponse:
    """Print for good: leads to the paper, or back to the document with what holds it."""
    user = signed_in(request.user)
    document = document_or_404(user, pk)
    try:
        result = document_print_final(document=document, actor=user)
    except (Busy, Conflict) as error:
        messages.warning(request, str(error))
        return redirect(document_path(document))
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(document_path(document))
    if result.outcome is PrintOutcome.BLOCKED:
        messages.error(request, _blocked(result))
        return redirect(document_path(document))
    mark = {PrintOutcome.PRINTED: Mark.ORIGINAL, PrintOutcome.MARKED: Mark.HELD}.get(
        result.outcome, Mark.COPY
    )
    token = signing.dumps([pk, result.paper.pk if result.paper else None, mark], salt=SALT)
    return redirect(f"{_path(pk)}?{urlencode({'print': token})}")


def _blocked(result: PrintResult) -> str:
    reasons = ", ".join(reason_label(reason) for reason in result.reasons) or _("no reason given")
    if result.case is not None and result.case.request_id is not None:
        text = _("%(document)s is held and was not printed: %(reasons)s. An approver is asked.")
    else:
        text = _("%(document)s is held and was not printed: %(reasons)s.")
    return text % {"document": named(result.document), "reasons": reasons}


@require_safe
@permission_required("documents.view_document", raise_exception=True)
def document_paper(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The paper to look at: a draft, a copy of what was printed for good, or what a print gave.

    Never changes anything. A long one is made by a worker while the reader waits on a page.
    """
    user = signed_in(request.user)
    document = document_or_404(user, pk)
    paper_id, mark = _asked(request, document)
    language = translation.get_language() or "en"
    wanted = wanted_of(document, paper_id=paper_id, mark=mark, language=language)
    try:
        if not wanted.is_long or "now" in request.GET:
            return _pdf(document, wanted, wanted.pdf())
        made = file_made(wanted)
        if made is not None:
            return _pdf(document, wanted, made)
        return _waiting(request, document, wanted, (pk, paper_id, mark, language))
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(document_path(document))


def _asked(request: HttpRequest, document: Document) -> tuple[int | None, str]:
    """Which paper the address asks for: a fresh print by its token, or an edition's copy."""
    token = request.GET.get("print", "")
    try:
        pk, paper_id, mark = signing.loads(token, salt=SALT, max_age=ORIGINAL_SECONDS)
        if pk == document.pk:
            return paper_id, mark
    except signing.BadSignature:
        pass  # too old or not ours: what anybody may read
    edition = request.GET.get("edition", "")
    if edition.isdecimal():
        found = document.papers.filter(edition=int(edition[:4])).first()
        if found is not None:
            return found.pk, Mark.COPY
    return None, ""


def _pdf(document: Document, wanted: Wanted, content: bytes) -> HttpResponse:
    """The PDF inline, kept by no cache, framed by nobody, read as nothing else."""
    words = paper(wanted.content, marks=wanted.marks, edition=wanted.edition)
    name = slugify(f"{words.subject} {words.mark}") or f"document-{document.pk}"
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = (
        "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    )
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response


def _waiting(
    request: HttpRequest, document: Document, wanted: Wanted, ask: tuple[Any, ...]
) -> HttpResponse:
    """The page on which somebody waits. The first visit tells a worker; then it is asked again."""
    asked = request.GET.get("asked", "")
    times = int(asked[:4]) if asked.isdecimal() else 0
    if times == 0:
        try:
            make_paper.delay(*ask)
        except (OperationalError, OSError) as error:
            log.warning("paper_not_queued", error=str(error), document=document.pk)
            return _pdf(document, wanted, wanted.pdf())
    query = request.GET.copy()
    query["asked"] = str(times + 1)
    again = "" if times >= TIMES_TO_ASK else f"{request.path}?{query.urlencode()}"
    query["now"] = "1"
    context = {
        "document": document,
        "name": named(document),
        "lines": len(wanted.content["lines"]),
        "again": again,
        "seconds": SECONDS_BETWEEN,
        "now_url": f"{request.path}?{query.urlencode()}",
        "back_url": document_path(document),
    }
    return render(request, "documents/print/waiting.html", context, status=202)


def _path(pk: int) -> str:
    return reverse("documents:document_paper", args=[pk])
