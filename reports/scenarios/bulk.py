"""Many accepted orders at once, for cases about speed: one made by the services, then copied."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import connection

from documents.models import Document, DocumentLine
from reports.scenarios import papers

if TYPE_CHECKING:
    from django.db.models import Model

    from reports.scenarios.world import World

EACH = Decimal("0.01")
FIRST = "many"


def orders_load(world: World, customer: str, count: int) -> None:
    """`count` accepted orders of one cent each."""
    if not count:
        return
    papers.given_document(
        world,
        {
            "id": f"{FIRST}-{customer}",
            "type": "order",
            "state": "submitted",
            "customer": customer,
            "gross": EACH,
        },
    )
    first = world.document(f"{FIRST}-{customer}")
    documents, lines = Document._meta.db_table, DocumentLine._meta.db_table
    heads, bodies = _columns(Document, "number"), _columns(DocumentLine, "document_id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {documents} (number, {heads})"  # noqa: S608 - names of our own columns
            f" SELECT number || '-' || copy, {heads}"
            f" FROM {documents}, generate_series(2, %s) AS copy WHERE id = %s",
            [count, first.pk],
        )
        cursor.execute(
            f"INSERT INTO {lines} (document_id, {bodies})"  # noqa: S608 - names of our own columns
            f" SELECT copied.copied_id, {bodies} FROM {lines}, (SELECT id AS copied_id"
            f" FROM {documents} WHERE number LIKE %s) copied WHERE document_id = %s",
            [f"{first.number}-%", first.pk],
        )


def _columns(model: type[Model], *without: str) -> str:
    """The model's columns but its key and those `without`."""
    return ", ".join(
        field.column
        for field in model._meta.concrete_fields
        if field.column and not field.primary_key and field.column not in without
    )
