"""The form of a decision."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from approvals.services import REASON_MIN_LENGTH
from core.forms import BaseForm

_SAY_WHY = _("Say why, in a few words: the reason is kept with the decision.")


class DecideForm(BaseForm):
    """A verdict needs a reason; `next` is the request to show afterwards."""

    reason = forms.CharField(
        label=_("Reason"),
        min_length=REASON_MIN_LENGTH,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Who asked reads it, and it stays with the decision."),
        error_messages={"required": _SAY_WHY, "min_length": _SAY_WHY},
    )
    next = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Ids of its own: the filter row of the page has a reason, too."""
        kwargs.setdefault("auto_id", "decide_%s")
        super().__init__(*args, **kwargs)
