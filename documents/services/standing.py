"""What a document would count if something were done to it, found by doing it and taking it back.

A part of an order may be delivered already: what a change or a reopening adds is then not its
whole value. The exposure statement knows; nothing here repeats its rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from core import clock
from core.money import ZERO
from credit_limits.engine.types import Checkpoint
from credit_limits.exposure import AccountKey, Asked, exposure_params
from credit_limits.standing import policies_by_company
from documents.asking import asked_document
from documents.exposure import document_values
from documents.models import Document, DocumentLine
from documents.upstream import levels_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from credit_limits.assemble import AskedDocument


class _TakeBackError(Exception):
    """Leaves the savepoint."""


def is_continued(document: Document) -> bool:
    """Whether lines of other documents continue it."""
    return DocumentLine.objects.filter(source_line__document=document).exists()


def value_if(document: Document, work: Callable[[], None]) -> Decimal:
    """What the document counts in document currency after `work`, which is then undone.

    Must run inside a transaction with the document locked.
    """
    value = ZERO
    try:
        with transaction.atomic():
            work()
            value = _value(document)
            raise _TakeBackError
    except _TakeBackError:
        pass
    return value


def _value(document: Document) -> Decimal:
    account = document.account
    key = AccountKey(
        account.pk, account.currency_id, account.company.currency_id, account.company_id
    )
    policies = policies_by_company([account.company_id])
    if account.company_id in policies:
        key = key.under(policies[account.company_id])
    values = document_values(exposure_params([key], Asked(clock.today())))
    return values.get(document.pk, ZERO)


def asked_reopened(document: Document) -> AskedDocument:
    """A closed or cancelled document as it asks for credit to stand again."""

    def reopen() -> None:
        Document.objects.filter(pk=document.pk).update(
            status=Document.Status.SUBMITTED,
            is_live=True,
            ended_on=None,
            accepted_on=document.accepted_on or clock.today(),
            number=document.number or "-",
        )

    adds = value_if(document, reopen) if is_continued(document) else None
    return asked_document(
        document, checkpoint=Checkpoint.REOPEN, adds=adds, sources=levels_of(document)
    )
