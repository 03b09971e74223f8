"""What the document views share: finding one the user may see, and what he may do to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from documents import lifecycle
from documents.lifecycle import Action
from documents.models import Document, DocumentType
from documents.paper_files import is_outdated
from documents.registers import register_of
from documents.selectors import with_page_facts
from documents.services.freely import may_give
from documents.words import EDITED, family, named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

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
    Action.PRINT: "documents.print_document",
    Action.CONTINUE: "documents.add_document",
    Action.POST: "documents.post_document",
    Action.VOID: "documents.cancel_document",
}


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps that the document's status and kind and the user's rights all allow.

    `go_on` is making the next document from it, `finish` printing it for good.
    """

    edit: bool
    change: bool
    submit: bool
    cancel: bool
    close: bool
    reopen: bool
    copy: bool
    finish: bool
    go_on: bool
    post: bool
    void: bool

    @property
    def rewrite(self) -> bool:
        """Whether its form opens, before or after it counts."""
        return self.edit or self.change


def steps_for(user: User, document: Document) -> Steps:
    """What the user may do to the document now."""
    may = {
        action: lifecycle.allowed(document.status, action, document.type.kind)
        and user.has_perm(permission)
        for action, permission in PERMISSIONS.items()
    }
    writable = family(document.type) in EDITED and not is_locked(document)
    return Steps(
        edit=may[Action.EDIT] and writable,
        change=may[Action.CHANGE] and writable,
        submit=may[Action.SUBMIT],
        cancel=may[Action.CANCEL],
        close=may[Action.CLOSE],
        # A sale that was voided after posting stays voided.
        reopen=may[Action.REOPEN] and document.entry_id is None,
        copy=may[Action.COPY] and may_give(user, document.type),
        finish=_may_finish(user, document, may[Action.PRINT]),
        go_on=may[Action.CONTINUE],
        post=may[Action.POST]
        and document.type.kind in lifecycle.INVOICES
        and not document.type.is_pro_forma,
        void=may[Action.VOID] and document.type.kind == DocumentType.Kind.COUNTER,
    )


def _may_finish(user: User, document: Document, is_step: bool) -> bool:
    """Whether it may be printed for good: once, and again when it says something else since.

    A held document may be tried: it answers with its reasons, or with a marked paper (P8).
    """
    if document.status == Document.Status.HELD:
        return user.has_perm(PERMISSIONS[Action.PRINT]) and document.printed_on is None
    return is_step and (document.printed_on is None or is_outdated(document))


def is_locked(document: Document) -> bool:
    """Whether its type locks it because it was printed for good."""
    return document.printed_on is not None and document.type.block_printed


def why_locked(document: Document) -> str:
    """Why the document's form does not open, in one sentence."""
    if is_locked(document):
        return _("%(document)s was printed for good and cannot be edited any more.") % {
            "document": named(document)
        }
    return _("%(document)s is “%(status)s” and cannot be edited any more.") % {
        "document": named(document),
        "status": document.get_status_display(),
    }


def is_at_once(type_: DocumentType) -> bool:
    """Whether saving submits: what its type says, and a sale is made or it is not."""
    return type_.automatic_confirmation or type_.kind == DocumentType.Kind.COUNTER


def document_or_404(user: User, pk: int) -> Document:
    """The document, with what its pages show; 404 when the user may not see it."""
    rows = with_page_facts(Document.objects.visible_to(user)).select_related(
        "account__customer__group",
        "account__company",
        "company",
        "type",
        "currency",
        "payment_method",
        "payment_term",
        "ordered_by",
        "ship_to_customer",
        "created_by",
        "submitted_by",
        "printed_by",
        "entry",
    )
    return get_object_or_404(rows, pk=pk)


def document_path(document: Document) -> str:
    """The document's page."""
    return reverse("documents:order_detail", args=[document.pk])


def path_of(name: str, *args: Any) -> str:
    """The address of a page; empty while there is none."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def credit_file_path(customer_id: int) -> str:
    """The customer's credit file; empty while there is none."""
    return path_of("reports:credit_file", customer_id)


def list_path(type_: DocumentType) -> str:
    """The list that documents of this type stand in."""
    return reverse(register_of(type_).url_name)


def stand_in(request: HttpRequest, type_: DocumentType) -> None:
    """Let the navigation mark the list that documents of this type stand in."""
    request.nav_view = register_of(type_).url_name  # type: ignore[attr-defined]
