"""Forms of single commands on items, entries and periods."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.clock import today
from core.forms import BaseForm, LocalDateField, LocalDecimalField
from ledger.models import DelayCause, EntryKind, OpenItem

if TYPE_CHECKING:
    from core.errors import DomainError

    _CauseBase = forms.ModelChoiceField[DelayCause]
else:
    _CauseBase = forms.ModelChoiceField

CENT = Decimal("0.01")


def _reason(label: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=200)


class SeenForm(BaseForm):
    """A form about what is open of an item: it says with how much the page was drawn."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_seen(self) -> Decimal | None:
        """What was open then; None where the page did not say."""
        try:
            return Decimal(self.cleaned_data["seen"])
        except InvalidOperation:
            return None

    def look_again(self, error: DomainError) -> None:
        """Draw the form with what is open now, where that is what was refused."""
        if error.code == "ledger.item_moved" and isinstance(self.data, QueryDict):
            self.data = self.data.copy()
            self.data["seen"] = str(error.params["now"])


class ReverseForm(BaseForm):
    """Taking something back."""

    on = LocalDateField(label=_("Taken back on"))
    reason = _reason(_("Reason"))

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"on": today()})


class WriteOffForm(SeenForm):
    """Giving up what is open of an item, or a part of it."""

    kind = forms.ChoiceField(label=_("What it is"), widget=forms.RadioSelect)
    amount = LocalDecimalField(label=_("Amount"), min_value=CENT, max_digits=18, decimal_places=2)
    on = LocalDateField(label=_("On"))
    reason = _reason(_("Reason"))

    def __init__(
        self, data: QueryDict | None = None, *, item: OpenItem, may_write_off: bool
    ) -> None:
        initial = {
            "amount": item.open_amount,
            "seen": item.open_amount,
            "on": today(),
            "kind": EntryKind.WRITE_OFF if may_write_off else EntryKind.DIFFERENCE,
        }
        super().__init__(data, initial=initial)
        kinds = [EntryKind.DIFFERENCE, EntryKind.DISCOUNT]
        if may_write_off:
            kinds.insert(0, EntryKind.WRITE_OFF)
        field = cast("forms.ChoiceField", self.fields["kind"])
        field.choices = [(kind.value, kind.label) for kind in kinds]


class DisputeForm(BaseForm):
    """What the customer contests."""

    reason = _reason(_("What the customer says"))
    amount = LocalDecimalField(
        label=_("Contested amount"),
        required=False,
        min_value=CENT,
        max_digits=18,
        decimal_places=2,
        help_text=_("Empty: the whole item."),
    )
    opened_on = LocalDateField(label=_("Contested on"))

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"opened_on": today()})


class DisputeCloseForm(BaseForm):
    """How a dispute ended."""

    outcome = _reason(_("Outcome"))
    closed_on = LocalDateField(label=_("Settled on"))

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"closed_on": today()})


class _CauseField(_CauseBase):
    def label_from_instance(self, obj: DelayCause) -> str:
        """The cause, and whether it counts as late."""
        if obj.counts_as_late:
            return obj.name
        return gettext("%(name)s (does not count as late)") % {"name": obj.name}


class CauseForm(BaseForm):
    """Why an item is late."""

    cause = _CauseField(
        label=_("Cause of delay"),
        queryset=DelayCause.objects.none(),
        required=False,
        empty_label=_("None known"),
    )

    def __init__(self, data: QueryDict | None = None, *, item: OpenItem) -> None:
        super().__init__(data, initial={"cause": item.delay_cause_id})
        field = cast("_CauseField", self.fields["cause"])
        field.queryset = DelayCause.objects.filter(
            Q(is_active=True) | Q(pk=item.delay_cause_id or 0)
        )


class PeriodCloseForm(BaseForm):
    """Closing the books."""

    through = LocalDateField(label=_("Close through"))


class PeriodReopenForm(BaseForm):
    """Opening the books again."""

    through = LocalDateField(
        label=_("Stay closed through"),
        required=False,
        help_text=_("Empty: everything is open again."),
    )
    reason = _reason(_("Reason"))
