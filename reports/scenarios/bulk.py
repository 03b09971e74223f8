"""Many accepted orders at once, for cases about speed. The only rows not made by a service."""

from __future__ import annotations

from decimal import Decimal

from documents.models import Document, DocumentLine
from reports.scenarios.world import World

EACH = Decimal("0.01")


def orders_load(world: World, customer: str, count: int) -> None:
    """`count` accepted orders of one cent each, numbered SO-1 …, as orders of today."""
    if not count:
        return
    account = world.account(customer)
    kind = world.order_type()
    documents = Document.objects.bulk_create(
        (
            Document(
                type=kind,
                company=account.company,
                number=f"SO-{position}",
                document_on=world.today,
                status=Document.Status.SUBMITTED,
                account=account,
                currency=account.currency,
                rate=Decimal(1),
                net_amount=EACH,
                gross_amount=EACH,
                created_by=world.users["clerk"],
                accepted_on=world.today,
            )
            for position in range(1, count + 1)
        ),
        batch_size=2000,
    )
    DocumentLine.objects.bulk_create(
        (
            DocumentLine(
                document=document,
                description="Goods",
                unit_price=EACH,
                net_amount=EACH,
                gross_amount=EACH,
            )
            for document in documents
        ),
        batch_size=2000,
    )
