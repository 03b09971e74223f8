"""What people call the documents of each kind, and how one of them is named in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import pgettext_lazy as _p

from documents.models import DocumentType, Nature

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise

    from documents.models import Document

Kind = DocumentType.Kind


@dataclass(frozen=True, slots=True)
class FamilyWords:
    """A family of types: what starts a new one, and what its lines are the lines of."""

    new: _StrPromise
    lines: _StrPromise


# A family is a kind with a direction: the types in it are entered by the same form.
FAMILIES: Final[Mapping[str, FamilyWords]] = {
    "quote": FamilyWords(gettext_lazy("New quote"), gettext_lazy("Lines of the quote")),
    "order": FamilyWords(gettext_lazy("New order"), gettext_lazy("Lines of the order")),
    "delivery": FamilyWords(
        gettext_lazy("New delivery note"), gettext_lazy("Lines of the delivery note")
    ),
    "return": FamilyWords(
        gettext_lazy("New return note"), gettext_lazy("Lines of the return note")
    ),
    "invoice": FamilyWords(gettext_lazy("New invoice"), gettext_lazy("Lines of the invoice")),
    "credit_note": FamilyWords(
        gettext_lazy("New credit note"), gettext_lazy("Lines of the credit note")
    ),
    "pro_forma": FamilyWords(
        gettext_lazy("New pro-forma invoice"), gettext_lazy("Lines of the pro-forma invoice")
    ),
    "advance": FamilyWords(
        gettext_lazy("New advance invoice"), gettext_lazy("Lines of the advance invoice")
    ),
    "counter": FamilyWords(
        gettext_lazy("New counter sale"), gettext_lazy("Lines of the counter sale")
    ),
    "charge": FamilyWords(gettext_lazy("New charge"), gettext_lazy("Lines of the charge")),
    "receipt": FamilyWords(
        gettext_lazy("New supplier receipt"), gettext_lazy("Lines of the supplier receipt")
    ),
    "move": FamilyWords(
        gettext_lazy("New internal move"), gettext_lazy("Lines of the internal move")
    ),
}
# What a person types from nothing. Advances and charges have their own ways in.
ENTERED: Final = frozenset(
    {
        "quote",
        "order",
        "delivery",
        "return",
        "invoice",
        "credit_note",
        "pro_forma",
        "counter",
        "receipt",
        "move",
    }
)
# Stored documents that the entry form edits: those, and an advance that was made from an order.
EDITED: Final = ENTERED | {"advance"}

BACK: Final[Mapping[str, _StrPromise]] = {
    "return": gettext_lazy("Return note"),
    "credit_note": gettext_lazy("Credit note"),
}
BILL_TO: Final[Mapping[str, _StrPromise]] = {
    "receipt": _p("document", "Received from"),
    "move": _p("document", "Moved for"),
}


def family(type_: DocumentType) -> str:
    """The family of a type: its kind, and for goods and bills that go back the word for that."""
    if type_.is_pro_forma:
        return "pro_forma"
    return family_of(type_.kind, is_back=type_.nature == Nature.REVERSE)


def family_of(kind: str, *, is_back: bool) -> str:
    """The family of what counts, by its kind and direction."""
    if is_back:
        return "return" if kind == Kind.DELIVERY else "credit_note"
    return str(kind)


def kind_label(kind: str, *, is_back: bool) -> str:
    """What one document of a kind and direction is called, where its type is not known."""
    family_name = family_of(kind, is_back=is_back)
    return str(BACK.get(family_name) or Kind(family_name).label)


def words(type_: DocumentType) -> FamilyWords:
    """What the documents of this type are called."""
    return FAMILIES[family(type_)]


def named(document: Document) -> str:
    """The document with the name of its type: `Delivery note DN-2026-00012`, `Order (draft 7)`."""
    if document.number:
        return _("%(type)s %(number)s") % {"type": document.type, "number": document.number}
    return _("%(type)s (draft %(id)s)") % {"type": document.type, "id": document.pk}
