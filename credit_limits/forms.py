"""The form that grants a limit."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.forms import BaseForm, LocalDateField, LocalDecimalField
from core.models import Currency
from credit_limits.models import CreditLimit

if TYPE_CHECKING:
    from datetime import date

    from customers.models import CustomerAccount


class LimitForm(BaseForm):
    """A limit for one account. The state is chosen, never read from an empty amount."""

    state = forms.ChoiceField(
        label=_("What is granted"),
        choices=[
            (CreditLimit.State.AMOUNT, _("An amount")),
            (CreditLimit.State.ZERO, _("Zero: nothing on credit")),
            (CreditLimit.State.UNLIMITED, _("Unlimited")),
            (CreditLimit.State.NONE, _("No limit: take back what was granted")),
        ],
        initial=CreditLimit.State.AMOUNT,
        widget=forms.RadioSelect,
    )
    amount = LocalDecimalField(
        label=_("Amount"),
        required=False,
        max_digits=18,
        decimal_places=2,
        validators=[
            MinValueValidator(
                Decimal("0.01"), _("Write an amount above zero, or choose “Zero” above.")
            )
        ],
        help_text=_("Only for “An amount”."),
    )
    currency = forms.ModelChoiceField(
        Currency.objects.none(), label=_("Currency"), empty_label=None
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[
            (CreditLimit.Kind.PERMANENT, _("Permanent")),
            (CreditLimit.Kind.TEMPORARY, _("Temporary, on top of the permanent one")),
        ],
        initial=CreditLimit.Kind.PERMANENT,
        widget=forms.RadioSelect,
    )
    valid_from = LocalDateField(label=_("First day"))
    last_day = LocalDateField(
        label=_("Last day"), required=False, help_text=_("Empty: until further notice.")
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why the limit is granted.")},
    )

    def __init__(self, *args: Any, account: CustomerAccount, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["currency"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - narrows the type
        field.queryset = Currency.objects.filter(Q(is_active=True) | Q(pk=account.currency_id))
        field.initial = account.currency_id
        self.fields["valid_from"].initial = timezone.localdate

    def clean(self) -> dict[str, Any]:
        """An amount for the state “amount” and for no other; an end that comes after the start."""
        data: dict[str, Any] = self.cleaned_data
        wants_amount = data.get("state") == CreditLimit.State.AMOUNT
        if wants_amount and data.get("amount") is None and "amount" not in self.errors:
            self.add_error(
                "amount", ValidationError(_("Write the amount that is granted."), "required")
            )
        if "state" in data and not wants_amount and data.get("amount") is not None:
            self.add_error(
                "amount",
                ValidationError(
                    _("Only “An amount” takes a figure: empty this field or choose that."),
                    "not_wanted",
                ),
            )
        first, last = data.get("valid_from"), data.get("last_day")
        if first and last and last < first:
            self.add_error(
                "last_day",
                ValidationError(_("The last day lies before the first."), "ends_before_start"),
            )
        if (
            data.get("kind") == CreditLimit.Kind.TEMPORARY
            and not last
            and "last_day" not in self.errors
        ):
            self.add_error(
                "last_day",
                ValidationError(_("A temporary limit needs a last day."), "required"),
            )
        return data

    def valid_until(self) -> date | None:
        """The first day on which the limit no longer holds."""
        last: date | None = self.cleaned_data["last_day"]
        return last + timedelta(days=1) if last else None
