"""Forms that apply money: payments, and credits that are there already."""

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
from core.numerals import format_decimal
from ledger.forms.changes import SeenForm
from ledger.forms.settled import settled_meanwhile
from ledger.models import Chargeback, EntryKind, OpenItem
from ledger.services import Deduction, ShortPart

if TYPE_CHECKING:
    from django.http import QueryDict

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An open item with its box for the part that is paid."""

    item: OpenItem
    days: int
    bound: BoundField
    given_up: tuple[BoundField, ...] = ()


_GIVEN_UP = {
    EntryKind.DISCOUNT.value: gettext_lazy("Cash discount on %(number)s"),
    EntryKind.DIFFERENCE.value: gettext_lazy("Small difference on %(number)s"),
}
_SHORT = {EntryKind.CHARGEBACK.value: gettext_lazy("Charged back of %(number)s")}
_BESIDES = {**_GIVEN_UP, **_SHORT}


class AllocationForm(BaseForm):
    """Boxes for the part of each open item that is settled; the total is bounded by `holds`."""

    def __init__(
        self, data: QueryDict | None = None, *, items: Sequence[OpenItem], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.items = items
        for item in items:
            self.fields[self.name_of(item)] = LocalDecimalField(
                label=_("Part of %(number)s") % {"number": item.name},
                required=False,
                min_value=ZERO,
                max_digits=18,
                decimal_places=2,
            )

    @staticmethod
    def name_of(item: OpenItem) -> str:
        """The name of an item's box."""
        return f"item_{item.pk}"

    @property
    def item_rows(self) -> list[ItemRow]:
        """The items with their boxes, in the order in which money is applied."""
        day = today()
        return [
            ItemRow(
                item,
                max((day - item.due_on).days, 0),
                self[self.name_of(item)],
                tuple(self[name] for name in self.given_up_names(item)),
            )
            for item in self.items
        ]

    def given_up_names(self, item: OpenItem) -> tuple[str, ...]:
        """The names of the boxes for what is given up of an item; none here."""
        return ()

    def holds(self) -> Decimal | None:
        """What there is to apply; None while that is unclear."""
        raise NotImplementedError

    def allocations(self) -> list[tuple[OpenItem, Decimal]]:
        """The parts that were filled in. Call on a valid form."""
        parts = ((item, self.cleaned_data.get(self.name_of(item))) for item in self.items)
        return [(item, part) for item, part in parts if part]

    def clean(self) -> dict[str, Any]:
        """No part larger than its item, no sum larger than what there is, no item gone."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if gone := settled_meanwhile(self, ("item", *_BESIDES)):
            self.add_error(
                None,
                _(
                    "%(amounts)s was typed for an item that is not open any more: "
                    "look at the open items and the amounts again."
                )
                % {"amounts": gone},
            )
        total = ZERO
        for item in self.items:
            part = values.get(self.name_of(item)) or ZERO
            total += part
            part += sum((values.get(name) or ZERO for name in self.given_up_names(item)), ZERO)
            if part > item.open_amount:
                self.add_error(
                    self.name_of(item),
                    _("Only %(open)s are open.") % {"open": format_decimal(item.open_amount)},
                )
        holds = self.holds()
        if holds is not None and total > holds:
            self.add_error(
                None,
                _("%(total)s are applied to items, but there are only %(holds)s.")
                % {"total": format_decimal(total), "holds": format_decimal(holds)},
            )
        return values

    def suggested(self, data: QueryDict) -> QueryDict:
        """`data` with the boxes filled, the oldest due item first, as far as the money goes."""
        filled = data.copy()
        rest = self.holds() or ZERO
        for item in self.items:
            part = min(rest, item.open_amount)
            rest -= part
            filled[self.name_of(item)] = format_decimal(part, grouped=False) if part else ""
        return filled


class PaymentForm(AllocationForm):
    """Money received from a customer."""

    received_on = LocalDateField(label=gettext_lazy("Received on"))
    amount = LocalDecimalField(
        label=gettext_lazy("Amount"), min_value=Decimal("0.01"), max_digits=18, decimal_places=2
    )
    number = forms.CharField(
        label=gettext_lazy("Number"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Of the bank statement or receipt; empty takes the next of ours."),
    )
    text = forms.CharField(label=gettext_lazy("Text"), max_length=200, required=False)
    posted_on = LocalDateField(
        label=gettext_lazy("Posting date"),
        required=False,
        help_text=gettext_lazy("Of the books; empty: the day of the money."),
    )
    provisional = forms.BooleanField(
        label=gettext_lazy("Provisional: frees nothing until it is confirmed"), required=False
    )
    chargeback_reason = forms.ChoiceField(
        label=gettext_lazy("What is charged back was deducted for"),
        required=False,
        choices=[("", gettext_lazy("Nothing is charged back")), *Chargeback.Reason.choices],
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    field_order = (
        "received_on",
        "amount",
        "number",
        "text",
        "posted_on",
        "chargeback_reason",
        "provisional",
        "token",
    )

    def __init__(
        self, data: QueryDict | None = None, *, items: Sequence[OpenItem], **kwargs: Any
    ) -> None:
        initial = {"received_on": today(), "token": uuid.uuid4()} | kwargs.pop("initial", {})
        super().__init__(data, items=items, initial=initial, **kwargs)
        for item in items:
            for name, label in zip(self.given_up_names(item), _BESIDES.values(), strict=True):
                self.fields[name] = LocalDecimalField(
                    label=label % {"number": item.name},
                    required=False,
                    min_value=ZERO,
                    max_digits=18,
                    decimal_places=2,
                )

    def given_up_names(self, item: OpenItem) -> tuple[str, ...]:
        """Boxes for the cash discount, the small difference, and what is charged back."""
        return tuple(f"{kind}_{item.pk}" for kind in _BESIDES)

    def chargebacks(self) -> list[ShortPart]:
        """What is charged back of each item. Call on a valid form."""
        found = ((item, self.cleaned_data.get(f"chargeback_{item.pk}")) for item in self.items)
        reason = self.cleaned_data["chargeback_reason"]
        return [ShortPart(item, amount, reason) for item, amount in found if amount]

    def clean(self) -> dict[str, Any]:
        """A reason where something is charged back."""
        values = super().clean()
        short = any(values.get(f"chargeback_{item.pk}") for item in self.items)
        if short and not values.get("chargeback_reason"):
            self.add_error("chargeback_reason", _("Choose what was deducted."))
        return values

    def deductions(self) -> list[Deduction]:
        """What is given up of each item. Call on a valid form."""
        found = (
            (item, kind, self.cleaned_data.get(f"{kind}_{item.pk}"))
            for item in self.items
            for kind in _GIVEN_UP
        )
        return [Deduction(item, kind, amount) for item, kind, amount in found if amount]

    def clean_received_on(self) -> Any:
        """Not after today."""
        day = self.cleaned_data["received_on"]
        if day > today():
            raise forms.ValidationError(_("Money that has not come yet cannot be recorded."))
        return day

    def holds(self) -> Decimal | None:
        """The amount of the payment."""
        amount: Decimal | None = self.cleaned_data.get("amount")
        return amount


class ReceivableForm(BaseForm):
    """A receivable entered by hand, provisional until it is confirmed."""

    document_on = LocalDateField(label=gettext_lazy("Document date"))
    amount = LocalDecimalField(
        label=gettext_lazy("Amount"), min_value=Decimal("0.01"), max_digits=18, decimal_places=2
    )
    due_on = LocalDateField(label=gettext_lazy("Due"))
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)
    number = forms.CharField(
        label=gettext_lazy("Number"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Empty takes the next of ours."),
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"document_on": today(), "token": uuid.uuid4()})


class ApplyForm(AllocationForm, SeenForm):
    """Applying a credit that is there already."""

    on = LocalDateField(
        label=gettext_lazy("Applied on"),
        required=False,
        help_text=gettext_lazy("Empty: the later of both document dates."),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        credit: OpenItem,
        items: Sequence[OpenItem],
        **kwargs: Any,
    ) -> None:
        self.credit = credit
        initial = {"on": today(), "seen": credit.open_amount} | kwargs.pop("initial", {})
        super().__init__(data, items=items, initial=initial, **kwargs)

    def holds(self) -> Decimal:
        """What is left of the credit."""
        left: Decimal = self.credit.open_amount
        return left

    def clean(self) -> dict[str, Any]:
        """At least one part."""
        values = super().clean()
        if not self.errors and not any(values.get(self.name_of(item)) for item in self.items):
            self.add_error(None, _("Say what the credit is applied to."))
        return values
