"""The document types a new installation starts with."""

from __future__ import annotations

from documents.models import DocumentType


def document_types_install_defaults() -> None:
    """The order type, unless it is there. Idempotent."""
    DocumentType.objects.get_or_create(
        code="order",
        defaults={
            "name": "Order",
            "kind": DocumentType.Kind.ORDER,
            "sequence_code": "order",
            "number_prefix": "SO-",
        },
    )
