"""Forms of what comes back: returned payments, deductions charged back."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from core.clock import today
from core.forms import BaseForm, LocalDateField, LocalDecimalField
from core.models import User
from ledger.forms.changes import SeenForm
from ledger.models import Chargeback, OpenItem, ReturnedPayment

if TYPE_CHECKING:
    from django.http import QueryDict

    _OwnerBase = forms.ModelChoiceField[User]
else:
    _OwnerBase = forms.ModelChoiceField

CENT = Decimal("0.01")


class ReturnForm(BaseForm):
    """A payment the bank took back."""

    reason = forms.ChoiceField(label=_("Why it came back"), choices=ReturnedPayment.Reason.choices)
    on = LocalDateField(label=_("Returned on"))
    fee = LocalDecimalField(
        label=_("Bank fee"), required=False, min_value=CENT, max_digits=18, decimal_places=2
    )
    fee_bearer = forms.ChoiceField(
        label=_("Who bears the fee"), required=False, choices=ReturnedPayment.Bearer.choices
    )
    text = forms.CharField(label=_("Text"), max_length=150, required=False)

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"on": today()})


class ChargebackForm(SeenForm):
    """What is charged back of an item."""

    amount = LocalDecimalField(label=_("Amount"), min_value=CENT, max_digits=18, decimal_places=2)
    reason = forms.ChoiceField(label=_("What it was for"), choices=Chargeback.Reason.choices)
    on = LocalDateField(label=_("Charged back on"))
    due_on = LocalDateField(
        label=_("Due"),
        required=False,
        help_text=_("Empty: as the item, or at once where that is over."),
    )
    owner = _OwnerBase(
        label=_("Owner"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Nobody yet"),
        help_text=_("Who clears it with the customer."),
    )
    text = forms.CharField(label=_("Text"), max_length=200, required=False)

    def __init__(self, data: QueryDict | None = None, *, item: OpenItem) -> None:
        initial = {"amount": item.open_amount, "seen": item.open_amount, "on": today()}
        super().__init__(data, initial=initial)
        cast("_OwnerBase", self.fields["owner"]).queryset = User.objects.filter(
            is_active=True, companies=item.account.company_id
        ).order_by("last_name", "username")
