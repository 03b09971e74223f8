"""What a change of a document type does to the documents of it that stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction

from core.clock import today
from core.locks import busy_on_timeout, set_lock_timeout
from documents.models import DocumentType
from documents.services.history import states_write

if TYPE_CHECKING:
    from datetime import date


def type_counts_set(*, type_: DocumentType, counts: bool, on: date | None = None) -> None:
    """Let documents of a type count as credit, or not, from business day `on` (today) on.

    Days before are told as they were: every document that this touches keeps a state of now. No
    document is saved meanwhile. Its audit event is that of the page that sets it. Raises Busy when
    others write documents for longer than a lock may take.
    """
    with busy_on_timeout(), transaction.atomic():
        set_lock_timeout()
        with connection.cursor() as cursor:
            # Whoever writes a state now did not see the new setting: wait for them, they for us.
            cursor.execute("LOCK TABLE documents_documentstate IN SHARE ROW EXCLUSIVE MODE")
        DocumentType.objects.filter(pk=type_.pk).update(counts_as_credit=counts)
        type_.counts_as_credit = counts
        states_write(type_, on=on or today())
