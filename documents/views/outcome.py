"""Taking the step that asks for credit, and saying in a message what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.utils.translation import gettext as _

from core.errors import Busy, Conflict, DomainError
from core.numerals import format_decimal
from credit_limits.engine.types import Outcome
from documents.credit_box import decision_reasons
from documents.models import Document, DocumentType
from documents.services.submit import document_submit
from documents.words import named

if TYPE_CHECKING:
    from django.http import HttpRequest

    from core.models import User
    from documents.credit_box import Reason
    from documents.results import SubmitResult

SENT_OFF = frozenset(
    {
        Document.Status.SUBMITTED,
        Document.Status.HELD,
        Document.Status.RELEASED,
        Document.Status.POSTED,
    }
)


def submit_and_tell(
    request: HttpRequest,
    user: User,
    document: Document,
    *,
    version: int | None = None,
    override_reason: str = "",
) -> bool:
    """Submit a stored document and leave a message. Returns whether the step was taken at all.

    It is stored before the check, so a check that cannot run loses nothing. A second click finds
    it sent off already and says nothing.
    """
    try:
        result = document_submit(
            document=document,
            actor=user,
            version=document.version if version is None else version,
            override_reason=override_reason,
        )
    except Busy as error:
        messages.warning(
            request,
            _("%(document)s is saved, but not submitted yet. %(why)s")
            % {"document": named(document), "why": error},
        )
        return False
    except Conflict as error:
        now = Document.objects.only("status", "submitted_by").get(pk=document.pk)
        if now.status in SENT_OFF and now.submitted_by_id == user.pk:
            return True
        messages.error(request, str(error))
        return False
    except DomainError as error:
        messages.error(
            request,
            _("%(document)s is saved, but not submitted. %(why)s")
            % {"document": named(document), "why": error},
        )
        return False
    tell_submit(request, result)
    return True


def _reasons(result: SubmitResult) -> tuple[Reason, ...]:
    return decision_reasons(result.decision) if result.decision else ()


def tell_submit(request: HttpRequest, result: SubmitResult) -> None:
    """The outcome of a submission in words; a held document's page says the rest."""
    which = {"document": named(result.document)}
    outcome = result.outcome
    if result.passed and result.document.type.kind == DocumentType.Kind.COUNTER:
        messages.success(request, _sold(result.document))
    elif outcome is Outcome.PASS:
        messages.success(request, _("%(document)s is submitted.") % which)
    if outcome is Outcome.WARN:
        sentences = " ".join(item.sentence for item in _reasons(result))
        messages.warning(
            request,
            _("%(document)s is submitted, with a warning. %(why)s") % {**which, "why": sentences},
        )
    elif result.waits_for_rate:
        messages.info(
            request, _("%(document)s is held until the exchange rate is entered.") % which
        )
    elif outcome is Outcome.HOLD:
        messages.info(request, _("%(document)s is held and waits for approval.") % which)
    elif not result.passed:
        messages.info(request, _("%(document)s is held; nobody can release it.") % which)


def _sold(document: Document) -> str:
    return _("%(document)s is sold: %(paid)s %(currency)s paid, %(rest)s on account.") % {
        "document": named(document),
        "paid": format_decimal(document.paid_amount),
        "rest": format_decimal(document.gross_amount - document.paid_amount),
        "currency": document.currency_id,
    }


def tell_asked_again(request: HttpRequest, document: Document) -> None:
    """What became of a held document that was saved with other figures."""
    if document.status == Document.Status.HELD:
        messages.info(
            request,
            _("%(document)s is saved and asked about again. It is still held.")
            % {"document": named(document)},
        )
    else:
        messages.success(
            request,
            _("%(document)s is saved and submitted: nothing holds it any more.")
            % {"document": named(document)},
        )


def tell_change(request: HttpRequest, result: SubmitResult) -> None:
    """The outcome of changing an accepted document in words."""
    which = {"document": named(result.document)}
    if result.passed:
        sentences = " ".join(item.sentence for item in _reasons(result))
        if result.outcome is Outcome.WARN:
            messages.warning(
                request,
                _("%(document)s: the change is saved, with a warning. %(why)s")
                % {**which, "why": sentences},
            )
        else:
            messages.success(request, _("%(document)s: the change is saved.") % which)
        return
    messages.info(
        request,
        _("%(document)s: the change is held. The accepted version counts on.") % which,
    )
