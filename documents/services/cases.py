"""The step behind a hold case: how it asks for credit again, and how it is taken in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict
from credit_limits.engine.types import Checkpoint
from documents.asking import asked_document
from documents.models import Document, DocumentRevision
from documents.services.accept import document_accept
from documents.services.change import asked_change, change_apply, revision_read
from documents.services.links import document_sources_check
from documents.services.posting import post_locked
from documents.services.standing import asked_printed, asked_reopened
from documents.upstream import levels_of

if TYPE_CHECKING:
    from datetime import date

    from core.models import User
    from credit_limits.assemble import AskedDocument

# The first step of a document: a hold there is the state of the document itself.
FIRST_STEPS: Final = frozenset({Checkpoint.SUBMIT, Checkpoint.DELIVER, Checkpoint.INVOICE})


def pending_wish(current: Document) -> DocumentRevision | None:
    """The wished change that waits for a decision."""
    return current.revisions.filter(status=DocumentRevision.Status.PENDING).first()


def step_asked(current: Document, checkpoint: Checkpoint) -> AskedDocument:
    """The held step as it asks for credit now. Raises Conflict when there is nothing to ask."""
    if checkpoint is Checkpoint.CHANGE:
        wish = pending_wish(current)
        if wish is None:
            raise Conflict("documents.case_gone", _("The wished change is gone."))
        return asked_change(current, *revision_read(wish))
    if checkpoint is Checkpoint.REOPEN:
        return asked_reopened(current)
    if checkpoint is Checkpoint.PRINT:
        return asked_printed(current)
    return asked_document(current, checkpoint=checkpoint, sources=levels_of(current))


def step_take(
    current: Document,
    checkpoint: Checkpoint,
    *,
    as_of: date,
    released: bool,
    actor: User | None,
) -> None:
    """Take the step that was held, now that nothing stops it.

    A held posting is posted on its document's date; a held print is printed by a person later.
    """
    if checkpoint is Checkpoint.CHANGE:
        wish = pending_wish(current)
        if wish is None:
            raise Conflict("documents.case_gone", _("The wished change is gone."))
        change_apply(current, *revision_read(wish), as_of=as_of)
        DocumentRevision.objects.filter(pk=wish.pk).update(status=DocumentRevision.Status.ACCEPTED)
    elif checkpoint is Checkpoint.POST:
        document_sources_check(current)
        post_locked(current, on=current.document_on, actor=actor, as_of=as_of)
    elif checkpoint is not Checkpoint.PRINT:
        document_sources_check(current)
        document_accept(current, as_of=as_of, released=released, actor=actor)
