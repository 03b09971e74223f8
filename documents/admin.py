"""Document types are settings; documents and what hangs on them are only shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from core.admin_base import ReadOnlyAdmin, SettingsAdmin
from core.views import signed_in
from documents.forms.types import DocumentTypeForm
from documents.models import (
    Document,
    DocumentAttachment,
    DocumentLine,
    DocumentNote,
    DocumentRevision,
    DocumentType,
    HoldCase,
)
from documents.services.types import type_counts_set

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


@admin.register(DocumentType)
class DocumentTypeAdmin(SettingsAdmin[DocumentType]):
    """Types, with how they are numbered and what they mean for credit.

    What a type is (kind, nature, pro-forma) stays once there are documents of it: their value would
    move to another place without anybody having been asked.
    """

    form = DocumentTypeForm
    list_display = (
        "name",
        "code",
        "kind",
        "nature",
        "number_prefix",
        "counts_as_credit",
        "exclude_block",
        "is_active",
    )
    list_filter = ("kind", "nature", "counts_as_credit", "exclude_block", "is_active")
    search_fields = ("name", "code")

    def save_model(self, request: HttpRequest, obj: DocumentType, form: Any, change: bool) -> None:
        """Whether documents of the type count changes for those that stand, and from today on."""
        if change and "counts_as_credit" in form.changed_data:
            type_counts_set(type_=obj, counts=obj.counts_as_credit)
        super().save_model(request, obj, form, change)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """What must not change any more."""
        used = obj is not None and Document.objects.filter(type=obj).exists()
        return ("kind", "nature", "is_pro_forma") if used else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Inactive instead of gone: documents keep their type."""
        return False


class _ReadOnlyInline:
    """Rows that only read, like the page they stand on."""

    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: services write these rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: services write these rows."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may see the document sees what is on it."""
        return request.user.has_perm("documents.view_document")


class LineInline(_ReadOnlyInline, admin.TabularInline[DocumentLine, Document]):
    """The lines."""

    model = DocumentLine


class HoldCaseInline(_ReadOnlyInline, admin.TabularInline[HoldCase, Document]):
    """What stopped the document, and how that ended."""

    model = HoldCase
    fields = ("checkpoint", "reasons", "status", "opened_at", "opened_by", "closed_at", "closed_by")
    readonly_fields = fields


class RevisionInline(_ReadOnlyInline, admin.TabularInline[DocumentRevision, Document]):
    """Changes that were wished."""

    model = DocumentRevision
    fields = ("gross_amount", "base_version", "status", "created_by", "created_at")
    readonly_fields = fields


class NoteInline(_ReadOnlyInline, admin.TabularInline[DocumentNote, Document]):
    """Remarks."""

    model = DocumentNote
    fields = ("text", "added_by", "added_at")
    readonly_fields = fields


class AttachmentInline(_ReadOnlyInline, admin.TabularInline[DocumentAttachment, Document]):
    """Files, by name: the order's own page hands them out."""

    model = DocumentAttachment
    fields = ("name", "size", "added_by", "added_at")
    readonly_fields = fields


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin[Document]):
    """Documents as the commands wrote them."""

    list_display = (
        "number",
        "type",
        "document_on",
        "account",
        "status",
        "gross_amount",
        "currency",
    )
    list_filter = ("status", "type", "company")
    search_fields = ("number", "reference", "account__customer__name", "account__customer__code")
    list_select_related = ("type", "account__customer", "account__company", "currency")
    date_hierarchy = "document_on"
    inlines = (LineInline, HoldCaseInline, RevisionInline, NoteInline, AttachmentInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        """Only documents of the user's companies, as everywhere else."""
        return Document.objects.visible_to(signed_in(request.user)).order_by("-document_on", "-pk")
