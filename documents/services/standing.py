"""Asking for what is not written yet: a wished version is written, looked at and taken back.

A part of an order may be delivered already, and an advance takes over what it is worth: what a
change or a reopening adds is then not its whole value. The exposure statement knows; nothing here
repeats its rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists

from core import clock
from core.money import ZERO
from credit_limits.engine.types import Checkpoint
from credit_limits.exposure import AccountKey, Asked, exposure_params
from credit_limits.standing import policies_by_company
from documents.asking import asked_document
from documents.exposure import document_values
from documents.models import Document, DocumentLine, DocumentType
from documents.upstream import levels_of

if TYPE_CHECKING:
    from decimal import Decimal

    from credit_limits.assemble import AskedDocument


def is_linked(document: Document) -> bool:
    """Whether its lines continue others or are continued: then its total is not all it counts."""
    later = DocumentLine.objects.filter(source_line__document=document)
    sources = DocumentLine.objects.filter(document=document, source_line__isnull=False)
    return Document.objects.filter(Exists(later) | Exists(sources), pk=document.pk).exists()


def value_now(document: Document) -> Decimal:
    """What the document counts as written, in document currency (0.00 when nothing)."""
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
    if not is_linked(document):
        return asked_document(document, checkpoint=Checkpoint.REOPEN)

    def reopen() -> Decimal:
        Document.objects.filter(pk=document.pk).update(
            status=Document.Status.SUBMITTED,
            is_live=True,
            ended_on=None,
            accepted_on=document.accepted_on or clock.today(),
            number=document.number or "-",
        )
        return value_now(document)

    return asked_document(
        document, checkpoint=Checkpoint.REOPEN, sources=levels_of(document), staged=reopen
    )


def asked_printed(document: Document) -> AskedDocument:
    """An accepted document as it asks for credit to be printed for good.

    What it adds is what it then counts, less what it counts already: of an order half delivered the
    other half, of what is in the ledger nothing, and where only printed documents count all of it.
    A quote counts nowhere: it asks about its whole value, as when it was submitted.
    """
    if document.type.kind == DocumentType.Kind.QUOTE:
        return asked_document(document, checkpoint=Checkpoint.PRINT)

    def print_it() -> Decimal:
        if document.printed_on is None:
            Document.objects.filter(pk=document.pk).update(
                printed_on=clock.today(), printed_by=document.created_by_id
            )
        return value_now(document)

    return asked_document(
        document, checkpoint=Checkpoint.PRINT, sources=levels_of(document), staged=print_it
    )
