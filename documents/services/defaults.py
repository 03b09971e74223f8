"""The document types a new installation starts with."""

from __future__ import annotations

from typing import Any, Final

from documents.models import DocumentType, Nature

Kind = DocumentType.Kind

# code, name, kind, number prefix, and what differs from an ordinary document
TYPES: Final[tuple[tuple[str, str, str, str, dict[str, Any]], ...]] = (
    ("quote", "Quote", Kind.QUOTE, "QU-", {"counts_as_credit": False}),
    ("order", "Order", Kind.ORDER, "SO-", {}),
    ("delivery", "Delivery note", Kind.DELIVERY, "DN-", {"prices_on_paper": False}),
    (
        "return",
        "Return note",
        Kind.DELIVERY,
        "RN-",
        {"nature": Nature.REVERSE, "prices_on_paper": False},
    ),
    ("invoice", "Invoice", Kind.INVOICE, "IN-", {}),
    ("credit_note", "Credit note", Kind.INVOICE, "CN-", {"nature": Nature.REVERSE}),
    ("advance", "Advance invoice", Kind.ADVANCE, "AI-", {}),
    (
        "pro_forma",
        "Pro-forma invoice",
        Kind.INVOICE,
        "PF-",
        {"counts_as_credit": False, "is_pro_forma": True},
    ),
    ("counter", "Counter sale", Kind.COUNTER, "CS-", {}),
    ("charge", "Charge on account", Kind.CHARGE, "CH-", {}),
    (
        "receipt",
        "Supplier receipt",
        Kind.RECEIPT,
        "SR-",
        {"counts_as_credit": False, "prices_on_paper": False},
    ),
    (
        "move",
        "Internal move",
        Kind.MOVE,
        "MV-",
        {"counts_as_credit": False, "prices_on_paper": False},
    ),
)


def document_types_install_defaults() -> None:
    """One type of every kind and nature, unless it is there. Idempotent."""
    for code, name, kind, prefix, more in TYPES:
        DocumentType.objects.get_or_create(
            code=code,
            defaults={
                "name": name,
                "kind": kind,
                "sequence_code": code,
                "number_prefix": prefix,
                **more,
            },
        )
