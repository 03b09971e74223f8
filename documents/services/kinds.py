"""Which document type a step makes when nobody names one."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from documents.models import DocumentType, Nature


def types_of(
    kind: str, nature: str = Nature.NORMAL, *, is_pro_forma: bool = False
) -> list[DocumentType]:
    """The active types of a kind and nature, the oldest first."""
    found = DocumentType.objects.filter(
        kind=kind, nature=nature, is_active=True, is_pro_forma=is_pro_forma
    )
    return list(found.order_by("pk"))


def type_of(kind: str, nature: str = Nature.NORMAL) -> DocumentType:
    """The first active type of a kind. Raises Invalid when there is none."""
    found = types_of(kind, nature)
    if not found:
        raise Invalid(
            "documents.no_type",
            _("There is no active document type for this step. An administrator can add one."),
        )
    return found[0]
