"""Small forms of the order page: notes, files and the reason for a step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation, ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.text import get_valid_filename
from django.utils.translation import gettext_lazy as _

from core.forms import BaseForm

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile


class MultipleFileInput(forms.FileInput):
    """A file control that takes several files."""

    allow_multiple_selected = True


def safe_name(name: str | None) -> str:
    """A name that is only a name; "file" where nothing harmless is left of it."""
    try:
        return get_valid_filename(name or "file")
    except SuspiciousFileOperation:
        return "file"


class MultipleFileField(forms.FileField):
    """Several uploaded files, each within the size limit. Cleans to a list."""

    widget = MultipleFileInput

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 200)
        kwargs.setdefault(
            "error_messages",
            {
                "max_length": _(
                    "The name of the file is too long (%(length)d characters of %(max)d)."
                ),
                "empty": _("The file is empty."),
                "required": _("Choose a file."),
            },
        )
        super().__init__(*args, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """The files as a list; raises ValidationError naming the file that cannot be taken."""
        # No file at all is judged once, like an empty control.
        files = list(data or [None]) if isinstance(data, list | tuple) else [data]
        found = [super(MultipleFileField, self).clean(item, initial) for item in files]
        uploads: list[UploadedFile[Any]] = [item for item in found if item]
        for item in uploads:
            item.name = safe_name(item.name)
        limit = settings.AFFIDO_ATTACHMENT_MAX_BYTES
        too_large = [item for item in uploads if (item.size or 0) > limit]
        if too_large:
            raise ValidationError(
                [
                    ValidationError(
                        _("“%(name)s” is too large: %(size)s. Files may have up to %(limit)s."),
                        code="too_large",
                        params={
                            "name": item.name,
                            "size": filesizeformat(item.size or 0),
                            "limit": filesizeformat(limit),
                        },
                    )
                    for item in too_large
                ]
            )
        return uploads


class NoteForm(BaseForm):
    """A remark on an order."""

    text = forms.CharField(
        label=_("Note"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write the note first.")},
    )


class AttachmentForm(BaseForm):
    """Files for an order."""

    uploads = MultipleFileField(label=_("Files"))


class StepForm(BaseForm):
    """A step on an order, from the page that showed `version` of it, with an optional reason."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class OverrideForm(BaseForm):
    """Why a hold is passed at entry, by somebody with the right to."""

    override_reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why this order may pass.")},
    )
