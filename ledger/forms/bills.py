"""Forms about bills: issuing, presenting, and each of their steps."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.clock import today
from core.forms import BaseForm, LocalDateField, LocalDecimalField
from ledger.bills import State
from ledger.forms.payments import AllocationForm
from ledger.models import Bill, BillKind, OpenItem, Presentation, ReturnedPayment

if TYPE_CHECKING:
    from datetime import date

    from django.http import QueryDict

CENT = Decimal("0.01")
ONE, EACH = "one", "each"


class BillForm(AllocationForm):
    """Issuing bills on open items of one account: one on all of them, or one on each."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=BillKind.choices)
    drawn_on = LocalDateField(label=gettext_lazy("Issued on"))
    how = forms.ChoiceField(
        label=gettext_lazy("How many"),
        choices=[
            (ONE, gettext_lazy("One bill on all that is filled in")),
            (EACH, gettext_lazy("A bill on each item, due when the item is")),
        ],
        initial=ONE,
    )
    due_on = LocalDateField(
        label=gettext_lazy("Due date"),
        required=False,
        help_text=gettext_lazy("Empty: the last due date of its items."),
    )
    number = forms.CharField(
        label=gettext_lazy("Number"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Empty takes the next of ours."),
    )
    reference = forms.CharField(
        label=gettext_lazy("Reference"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Number of the cheque or of the mandate."),
    )
    bank = forms.CharField(
        label=gettext_lazy("Bank of the customer"), max_length=80, required=False
    )
    post = forms.BooleanField(
        label=gettext_lazy("Post at once: the items are closed, the bill counts instead"),
        required=False,
        initial=True,
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    field_order = ("kind", "how", "drawn_on", "due_on", "number", "reference", "bank", "post")

    def __init__(
        self, data: QueryDict | None = None, *, items: Sequence[OpenItem], **kwargs: Any
    ) -> None:
        initial = {
            "drawn_on": today(),
            "token": uuid.uuid4(),
            "post": True,
            "how": ONE,
        } | kwargs.pop("initial", {})
        super().__init__(data, items=items, initial=initial, **kwargs)

    def holds(self) -> None:
        """A bill is as high as what is filled in."""
        return

    def clean(self) -> dict[str, Any]:
        """At least one part; what only one bill can have is not asked of several."""
        values = super().clean()
        if not self.errors and not self.allocations():
            self.add_error(None, _("Fill in how much of which item the bill is drawn on."))
        if values.get("how") == EACH:
            for name in ("due_on", "number"):
                if values.get(name):
                    self.add_error(name, _("Leave this empty where each item has its own bill."))
        return values


@dataclass(frozen=True, slots=True)
class PresentRow:
    """A bill with its box, and one for a new day where it came back."""

    bill: Bill
    chosen: bool
    name: str
    again: BoundField | None


class PresentForm(BaseForm):
    """A list of bills for a bank."""

    kind = forms.ChoiceField(
        label=gettext_lazy("How the bank takes them"), choices=Presentation.Kind.choices
    )
    bank = forms.CharField(label=gettext_lazy("Bank"), max_length=80)
    on = LocalDateField(label=gettext_lazy("Presented on"))
    text = forms.CharField(label=gettext_lazy("Text"), max_length=200, required=False)
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        bills: Sequence[Bill],
        named: frozenset[int] = frozenset(),
    ) -> None:
        initial = {"on": today(), "token": uuid.uuid4()}
        super().__init__(data, initial=initial)
        self.bills = bills
        self.named = named
        for bill in bills:
            if bill.state == State.RETURNED:
                self.fields[self.again_of(bill)] = LocalDateField(
                    label=_("New day of %(bill)s") % {"bill": bill.number},
                    required=False,
                    initial=max(bill.pay_on, today()),
                )

    @staticmethod
    def name_of(bill: Bill) -> str:
        """The name of a bill's box."""
        return f"bill_{bill.pk}"

    @staticmethod
    def again_of(bill: Bill) -> str:
        """The name of the box for its new day."""
        return f"again_{bill.pk}"

    def _is_chosen(self, bill: Bill) -> bool:
        if self.is_bound:
            return self.name_of(bill) in self.data
        return bill.pk in self.named

    @property
    def rows(self) -> list[PresentRow]:
        """The bills with their boxes."""
        return [
            PresentRow(
                bill,
                self._is_chosen(bill),
                self.name_of(bill),
                self[self.again_of(bill)] if self.again_of(bill) in self.fields else None,
            )
            for bill in self.bills
        ]

    def chosen(self) -> list[Bill]:
        """The bills that were ticked."""
        return [bill for bill in self.bills if self._is_chosen(bill)]

    def pay_on(self) -> dict[int, date]:
        """The new days of those that came back. Call on a valid form."""
        return {
            bill.pk: day
            for bill in self.chosen()
            if (day := self.cleaned_data.get(self.again_of(bill)))
        }

    def clean(self) -> dict[str, Any]:
        """At least one bill."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.chosen():
            self.add_error(None, _("Choose the bills that go to the bank."))
        return values


class StepForm(BaseForm):
    """A step of a bill on a day."""

    on = LocalDateField(label=gettext_lazy("On"))

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"on": today()})


class CollectForm(StepForm):
    """A bill was paid."""

    text = forms.CharField(label=gettext_lazy("Text"), max_length=200, required=False)


class ReasonForm(StepForm):
    """A step that asks why."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class PostReturnForm(StepForm):
    """Posting a return."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)


class ChargedForm(StepForm):
    """A step for which the bank may ask something."""

    charges = LocalDecimalField(
        label=gettext_lazy("Charges of the bank"),
        required=False,
        min_value=CENT,
        max_digits=18,
        decimal_places=2,
    )
    bearer = forms.ChoiceField(
        label=gettext_lazy("Who bears them"),
        required=False,
        choices=[
            (value, label if value else gettext_lazy("No charges"))
            for value, label in ReturnedPayment.Bearer.choices
        ],
    )


class ProtestForm(ChargedForm):
    """A returned bill was protested."""

    text = forms.CharField(label=gettext_lazy("Text"), max_length=200, required=False)


class BillReturnForm(ChargedForm):
    """A bill came back unpaid."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)
    post = forms.BooleanField(
        label=gettext_lazy("Post the return at once: its items are open again"), required=False
    )


class ResultForm(ChargedForm):
    """What the bank says of the bills of a list."""

    LEAVE, PAID, BACK = "", "paid", "back"
    reason = forms.CharField(
        label=gettext_lazy("Reason of those that came back"), max_length=200, required=False
    )

    def __init__(self, data: QueryDict | None = None, *, bills: Sequence[Bill]) -> None:
        super().__init__(data)
        self.bills = bills
        for bill in bills:
            self.fields[self.name_of(bill)] = forms.ChoiceField(
                label=_("Result of %(bill)s") % {"bill": bill.number},
                required=False,
                choices=[
                    (self.LEAVE, _("no result yet")),
                    (self.PAID, _("paid")),
                    (self.BACK, _("came back")),
                ],
            )

    @staticmethod
    def name_of(bill: Bill) -> str:
        """The name of a bill's box."""
        return f"result_{bill.pk}"

    def said(self, result: str) -> list[Bill]:
        """The bills of one result. Call on a valid form."""
        return [b for b in self.bills if self.cleaned_data.get(self.name_of(b)) == result]
