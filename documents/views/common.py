"""What the order views share: finding an order the user may see, and what he may do to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse

from documents import lifecycle
from documents.lifecycle import Action
from documents.models import Document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.models import User

# The right each step asks for; RELEASE and REFUSE belong to the inbox.
PERMISSIONS: Final[Mapping[Action, str]] = {
    Action.EDIT: "documents.change_document",
    Action.CHANGE: "documents.change_document",
    Action.SUBMIT: "documents.submit_document",
    Action.CANCEL: "documents.cancel_document",
    Action.CLOSE: "documents.cancel_document",
    Action.REOPEN: "documents.cancel_document",
    Action.COPY: "documents.add_document",
}


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps that the order's status and the user's rights both allow."""

    edit: bool
    change: bool
    submit: bool
    cancel: bool
    close: bool
    reopen: bool
    copy: bool


def steps_for(user: User, document: Document) -> Steps:
    """What the user may do to the order now."""
    return Steps(
        **{
            action.value: lifecycle.allowed(document.status, action) and user.has_perm(permission)
            for action, permission in PERMISSIONS.items()
        }
    )


def order_or_404(user: User, pk: int) -> Document:
    """The order, with what its pages show; 404 when the user may not see it."""
    rows = (
        Document.objects.orders()
        .visible_to(user)
        .select_related(
            "account__customer__group",
            "account__company",
            "company",
            "type",
            "currency",
            "payment_method",
            "payment_term",
            "ordered_by",
            "created_by",
            "submitted_by",
        )
    )
    return get_object_or_404(rows, pk=pk)


def order_path(document: Document) -> str:
    """The order's page."""
    return reverse("documents:order_detail", args=[document.pk])


def credit_file_path(customer_id: int) -> str:
    """The customer's credit file; empty while there is none."""
    try:
        return reverse("reports:credit_file", args=[customer_id])
    except NoReverseMatch:
        return ""
