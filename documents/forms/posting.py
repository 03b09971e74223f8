"""Forms of posting: the day of the books."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import BaseForm, LocalDateField


class PostForm(BaseForm):
    """The day on which a document enters the books; `version` is the one that was looked at."""

    posted_on = LocalDateField(
        label=_("Day of the books"),
        help_text=_("Due dates follow the date of the document, not this day."),
        error_messages={"required": _("Enter the day of the books.")},
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class BatchForm(BaseForm):
    """What is common to the documents of a batch."""

    posted_on = LocalDateField(
        label=_("Day of the books"),
        help_text=_("Empty: each on its own date."),
        required=False,
    )

    def __init__(self, *args: Any, step: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if step != "post":
            del self.fields["posted_on"]
