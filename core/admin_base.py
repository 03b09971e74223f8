"""Bases of every page in the administration: audited settings, and rows that only read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget
from django.db import transaction
from django.db.models import DateField, DateTimeField, Model, QuerySet
from django.forms import ModelChoiceField

from core import events
from core.forms import LocalDateField
from core.models import Company
from core.views import signed_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import Field
    from django.forms import Field as FormField
    from django.forms import ModelForm
    from django.http import HttpRequest


class SettingsAdmin[M: Model](admin.ModelAdmin[M]):
    """Settings changed by hand: every change is one audit event, in the transaction of the page.

    The event names the fields, with old and new values where the form knows them; fields listed
    in `secret` are named without values. What hangs on the row (inlines) is part of its event.
    """

    secret: ClassVar[tuple[str, ...]] = ("password",)

    def formfield_for_dbfield(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> FormField | None:
        """The form field; dates are read as everywhere, within the years of business."""
        if isinstance(db_field, DateField) and not isinstance(db_field, DateTimeField):
            kwargs = {"form_class": LocalDateField, "widget": AdminDateWidget, **kwargs}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_related(
        self, request: HttpRequest, form: ModelForm[M], formsets: Any, change: bool
    ) -> None:
        """Save what hangs on the row, then record the whole as one event."""
        super().save_related(request, form, formsets, change)
        changes = self._changes(form) if change else {}
        lines = sum(
            len(formset.new_objects) + len(formset.changed_objects) + len(formset.deleted_objects)
            for formset in formsets
        )
        if change and not changes and not lines:
            return
        self.record_setting(
            request, "changed" if change else "added", form.instance, changes, lines
        )

    def delete_model(self, request: HttpRequest, obj: M) -> None:
        """Delete one row, with its event."""
        self.record_setting(request, "removed", obj, {}, 0)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[M]) -> None:
        """Delete several rows, with one event each."""
        with transaction.atomic():
            for row in queryset:
                self.record_setting(request, "removed", row, {}, 0)
            super().delete_queryset(request, queryset)

    def _changes(self, form: ModelForm[M]) -> dict[str, list[str]]:
        changes = {}
        for name in form.changed_data:
            if name in self.secret or name not in form.cleaned_data:
                changes[name] = ["", ""]
                continue
            old, new = form.initial.get(name), form.cleaned_data.get(name)
            field = form.fields[name]
            if isinstance(field, ModelChoiceField) and isinstance(new, Model | None):
                # A form starts from the key of the row it points to; people read names.
                old = field.queryset.filter(pk=old).first() if field.queryset is not None else old
            changes[name] = [_shown(old), _shown(new)]
        return changes

    def record_setting(
        self,
        request: HttpRequest,
        verb: str,
        row: M,
        changes: Mapping[str, Sequence[str]],
        lines: int,
    ) -> None:
        """One event about one row."""
        company = None if isinstance(row, Company) else getattr(row, "company", None)
        events.record(
            f"core.setting.{verb}",
            row,
            actor=signed_in(request.user),
            company=company,
            data={
                "model": row._meta.label_lower,
                "name": str(row),
                "changes": changes,
                "lines": lines,
            },
        )


class ReadOnlyAdmin[M: Model](admin.ModelAdmin[M]):
    """Rows that commands write and nobody edits: the pages only show them."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never: services write these rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Never: services write these rows."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Never: history stays."""
        return False


def _shown(value: Any) -> str:
    """A form value as text: rows by their name, several by theirs."""
    if value is None:
        return ""
    if isinstance(value, list | tuple | QuerySet):
        return ", ".join(sorted(str(item) for item in value))
    return str(value)
