"""The span of the control of remittances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.clock import today
from core.forms import BaseForm, LocalDateField
from ledger.metrics import window_start

if TYPE_CHECKING:
    from django.http import QueryDict


class RemittancesForm(BaseForm):
    """From when to when, by the day of registration; the last twelve months without."""

    account = forms.IntegerField(widget=forms.HiddenInput)
    since = LocalDateField(label=_("Registered from"))
    until = LocalDateField(label=_("Registered until"))

    def __init__(self, data: QueryDict) -> None:
        given = data.copy()
        day = today()
        given.setdefault("until", day.isoformat())
        given.setdefault("since", window_start(day, 12).isoformat())
        super().__init__(given)

    def clean(self) -> dict[str, Any]:
        """A span that runs forward."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = values.get("since"), values.get("until")
        if since and until and since > until:
            self.add_error("until", _("The last day lies before the first."))
        return values
