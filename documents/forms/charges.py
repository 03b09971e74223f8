"""Forms of charge accounts: a movement, settling, taking back, an agreement, filters."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.clock import today
from core.filters import FilterForm
from core.forms import BaseForm, LocalDateField, LocalDecimalField
from core.money import ZERO
from core.numerals import format_decimal
from customers.models import PaymentMethod, PaymentTerm
from documents.charge_movements import FILTERS, STATES
from documents.entitled import entitled
from documents.forms.agreements import EmployeeField
from documents.models import PurchaseAgreement
from ledger.forms.settled import settled_meanwhile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from django.forms.boundfield import BoundField
    from django.http import QueryDict

    from customers.models import CustomerAccount
    from documents.models import Document

CENT = Decimal("0.01")
MOST = 200
"""Charges offered for settling on one page, the earliest due first."""


def _active(form: forms.Form, name: str, rows: Any, kept: int | None = None) -> None:
    field = cast("forms.ModelChoiceField[Any]", form.fields[name])
    field.queryset = rows.filter(Q(is_active=True) | Q(pk=kept or 0))


class ChargeForm(BaseForm):
    """A movement entered by hand: a charge, or for who may settle a credit."""

    what = forms.ChoiceField(
        label=gettext_lazy("What it is"),
        choices=(
            ("charge", gettext_lazy("Charge: the customer owes more")),
            ("credit", gettext_lazy("Credit: the customer owes less")),
        ),
        initial="charge",
        widget=forms.RadioSelect,
    )
    employee = forms.CharField(
        label=gettext_lazy("Employee who bought"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "employees"}),
    )
    amount = LocalDecimalField(
        label=gettext_lazy("Amount, tax included"), min_value=CENT, max_digits=18, decimal_places=2
    )
    text = forms.CharField(
        label=gettext_lazy("What for"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    on = LocalDateField(label=gettext_lazy("Date"))
    payment_method = forms.ModelChoiceField(
        PaymentMethod.objects.none(),
        label=gettext_lazy("Payment method"),
        empty_label=gettext_lazy("as the customer"),
        required=False,
    )
    payment_term = forms.ModelChoiceField(
        PaymentTerm.objects.none(),
        label=gettext_lazy("Payment terms"),
        empty_label=gettext_lazy("as the customer"),
        required=False,
    )
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        account: CustomerAccount,
        agreement: PurchaseAgreement | None,
        may_credit: bool,
    ) -> None:
        term = (agreement.payment_term_id if agreement else None) or account.payment_term_id
        initial = {
            "on": today(),
            "key": uuid.uuid4(),
            "payment_method": account.payment_method_id,
            "payment_term": term,
        }
        super().__init__(data, initial=initial)
        _active(self, "payment_method", PaymentMethod.objects.all(), account.payment_method_id)
        _active(self, "payment_term", PaymentTerm.objects.all(), term)
        if agreement is None:
            del self.fields["employee"]
        else:
            self._employees(agreement, may_credit=may_credit)
        if not may_credit:
            del self.fields["what"]

    is_listed = False
    """Whether the agreement has a list of employees to choose from."""

    def _employees(self, agreement: PurchaseAgreement, *, may_credit: bool) -> None:
        """Offer who is listed; where nobody is, every name is taken, and the field says so."""
        listed = sorted(entitled(agreement).values(), key=lambda row: row.name.casefold())
        self.is_listed = bool(listed)
        if not listed:
            self.fields["employee"].help_text = _(
                "This agreement has no list of employees: every name is taken, and another name "
                "is another employee."
            )
            return
        # Who may no longer buy can still be given a credit.
        choices = [
            (row.name, row.name if row.is_active else _("%(name)s (inactive)") % {"name": row.name})
            for row in listed
            if row.is_active or may_credit
        ]
        self.fields["employee"] = EmployeeField(label=self.fields["employee"].label, names=choices)

    @property
    def is_credit(self) -> bool:
        """Whether a credit is entered. Call on a form that was judged."""
        return self.cleaned_data.get("what") == "credit"

    def clean_on(self) -> Any:
        """Not after today."""
        day = self.cleaned_data["on"]
        if day > today():
            raise forms.ValidationError(_("A movement is not of a day to come."))
        return day


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """A charge with something open, and its box for the part that is settled."""

    charge: Document
    open_amount: Decimal
    days: int
    bound: BoundField


class SettleForm(BaseForm):
    """Money received for charges: how much, how, and which of them it settles.

    Where no part is typed, the amount goes to the charges in their order, as far as it reaches.
    """

    received_on = LocalDateField(label=gettext_lazy("Received on"))
    payment_method = forms.ModelChoiceField(
        PaymentMethod.objects.none(),
        label=gettext_lazy("Paid by"),
        empty_label=gettext_lazy("not said"),
        required=False,
    )
    amount = LocalDecimalField(
        label=gettext_lazy("Amount"),
        min_value=CENT,
        max_digits=18,
        decimal_places=2,
        required=False,
        help_text=gettext_lazy("Empty: the parts below together."),
    )
    reference = forms.CharField(label=gettext_lazy("Reference"), max_length=100, required=False)
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        charges: Sequence[Document],
        chosen: frozenset[int] = frozenset(),
    ) -> None:
        super().__init__(data, initial={"received_on": today(), "token": uuid.uuid4()})
        self.charges = charges
        _active(self, "payment_method", PaymentMethod.objects.all())
        for charge in charges:
            self.fields[self.name_of(charge)] = LocalDecimalField(
                label=_("Part of %(charge)s") % {"charge": charge},
                required=False,
                min_value=ZERO,
                max_digits=18,
                decimal_places=2,
                initial=open_of(charge) if charge.pk in chosen else None,
            )

    @staticmethod
    def name_of(charge: Document) -> str:
        """The name of a charge's box."""
        return f"charge_{charge.pk}"

    @property
    def rows(self) -> list[ChargeRow]:
        """The charges with their boxes."""
        return [
            ChargeRow(charge, open_of(charge), _days(charge), self[self.name_of(charge)])
            for charge in self.charges
        ]

    def clean_received_on(self) -> Any:
        """Not after today."""
        day = self.cleaned_data["received_on"]
        if day > today():
            raise forms.ValidationError(_("Money that has not come yet cannot be recorded."))
        return day

    def clean(self) -> dict[str, Any]:
        """Something is settled, nothing more than is open, and the parts make the amount."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if gone := settled_meanwhile(self, ("charge",)):
            self.add_error(
                None,
                _(
                    "%(amounts)s was typed for a charge that is not open any more: "
                    "look at the open charges and the amounts again."
                )
                % {"amounts": gone},
            )
        total = ZERO
        for charge in self.charges:
            part = values.get(self.name_of(charge)) or ZERO
            total += part
            if part > open_of(charge):
                self.add_error(
                    self.name_of(charge),
                    _("Only %(open)s are open.") % {"open": format_decimal(open_of(charge))},
                )
        amount = values.get("amount")
        owed = sum((open_of(charge) for charge in self.charges), ZERO)
        if "amount" in self.errors:
            return values
        if not amount and not total:
            self.add_error("amount", _("Enter what was received, or a part of a charge."))
        elif amount and total and amount != total:
            self.add_error(
                "amount",
                _("The parts below make %(total)s.") % {"total": format_decimal(total)},
            )
        elif amount and amount > owed:
            self.add_error(
                "amount",
                _("Only %(open)s are open here. Record a larger payment in the ledger.")
                % {"open": format_decimal(owed)},
            )
        return values

    def parts(self) -> list[tuple[Document, Decimal | None]]:
        """What of each charge is settled. Call on a valid form."""
        typed = [(charge, self.cleaned_data[self.name_of(charge)]) for charge in self.charges]
        if any(part for _charge, part in typed):
            return [(charge, part) for charge, part in typed if part]
        left: Decimal = self.cleaned_data["amount"]
        found: list[tuple[Document, Decimal | None]] = []
        for charge in self.charges:
            part = min(left, open_of(charge))
            if part > 0:
                found.append((charge, part))
                left -= part
        return found


def open_of(charge: Document) -> Decimal:
    """What is open of a charge of `charges_to_settle`."""
    amount: Decimal = charge.open_amount  # type: ignore[attr-defined]
    return amount


def _days(charge: Document) -> int:
    due_on: date = charge.due_on  # type: ignore[attr-defined]
    return max((today() - due_on).days, 0)


class TakeBackForm(BaseForm):
    """Taking a settlement back, or voiding a sale."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        error_messages={"required": gettext_lazy("Say why it is taken back.")},
    )


class MovementFilterForm(FilterForm):
    """Which movements of a charge account are shown."""

    q = forms.CharField(
        label=gettext_lazy("Search"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    state = forms.ChoiceField(label=gettext_lazy("Status"), required=False)
    begin = LocalDateField(label=gettext_lazy("From"), required=False)
    end = LocalDateField(label=gettext_lazy("To"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {**STATES, "refused": _("Refused or cancelled"), "settled": _("Settled, payments")}
        field = cast("forms.ChoiceField", self.fields["state"])
        field.choices = [("", _("All")), *((name, str(words[name])) for name in FILTERS)]
