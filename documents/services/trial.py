"""A document made to be looked at: its figures and what the check would say, and no trace of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from core.locks import busy_on_timeout
from credit_limits.selectors import credit_preview
from documents.asking import asked_document, first_checkpoint, is_checked
from documents.upstream import levels_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from credit_limits.selectors import Preview
    from documents.models import Document, DocumentLine


@dataclass(frozen=True, slots=True)
class Trial:
    """What would be made: the document as it was for a moment, its lines, and the verdict.

    `preview` is None for a document that asks nobody.
    """

    document: Document
    lines: tuple[DocumentLine, ...]
    preview: Preview | None


class _TakeBackError(Exception):
    """Leaves the transaction."""


def document_try(make: Callable[[], Document], *, as_of: date) -> Trial:
    """Make a document in a savepoint, ask what its first step would say, and take it back.

    Nothing stays: no row, no number, no event. Raises what making it raises, and Busy.
    """
    trial: Trial | None = None
    try:
        with busy_on_timeout(), transaction.atomic():
            document = make()
            lines = tuple(
                document.lines.order_by("position").select_related("source_line__document__type")
            )
            trial = Trial(document, lines, _asked(document, as_of))
            raise _TakeBackError
    except _TakeBackError:
        pass
    assert trial is not None  # noqa: S101 - the block above either sets it or raises
    return trial


def _asked(document: Document, as_of: date) -> Preview | None:
    if not is_checked(document.type):
        return None
    checkpoint = first_checkpoint(document.type.kind)
    return credit_preview(
        account=document.account,
        asked=asked_document(document, checkpoint=checkpoint, sources=levels_of(document)),
        checkpoint=checkpoint,
        as_of=as_of,
    )
