"""The head of an order: who buys, on which terms."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.forms import BaseForm, LocalDateField
from core.models import Currency
from customers.models import Customer, CustomerAccount, PaymentMethod, PaymentTerm
from documents import lifecycle
from documents.forms.extras import MultipleFileField
from documents.inputs import OrderHeader
from documents.models import DocumentType

if TYPE_CHECKING:
    from core.models import User
    from documents.models import Document

NOT_LISTED = _("“%(value)s” is not in the list. Choose one of the list.")


class OrderForm(BaseForm):
    """Everything of an order but its lines.

    `account` and `ordered_by` are chosen by searching, so they travel as hidden ids. `version` is
    the stored version the form was made from, `submission_key` marks one filling-in of the form so
    that a second click finds the first one's order, `base` is the order as it was shown.
    """

    account = forms.ModelChoiceField(
        CustomerAccount.objects.none(),
        label=_("Bill to"),
        widget=forms.HiddenInput,
        error_messages={
            "required": _("Choose the customer who is billed."),
            "invalid_choice": _("This customer is not among those you may bill. Choose another."),
        },
    )
    ordered_by = forms.ModelChoiceField(
        Customer.objects.none(),
        label=_("Ordered by"),
        required=False,
        widget=forms.HiddenInput,
        error_messages={
            "invalid_choice": _("This customer is not among those you may see. Choose another.")
        },
    )
    type = forms.ModelChoiceField(
        DocumentType.objects.none(),
        label=_("Type"),
        empty_label=None,
        error_messages={"invalid_choice": NOT_LISTED},
    )
    document_on = LocalDateField(
        label=_("Date"), error_messages={"required": _("Enter the date of the order.")}
    )
    reference = forms.CharField(
        label=_("Customer's reference"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    ship_to = forms.CharField(label=_("Ship to"), max_length=200, required=False)
    payment_term = forms.ModelChoiceField(
        PaymentTerm.objects.none(),
        label=_("Payment terms"),
        empty_label=_("not agreed"),
        required=False,
        error_messages={"invalid_choice": NOT_LISTED},
    )
    payment_method = forms.ModelChoiceField(
        PaymentMethod.objects.none(),
        label=_("Payment method"),
        empty_label=_("not agreed"),
        required=False,
        error_messages={"invalid_choice": NOT_LISTED},
    )
    currency = forms.ModelChoiceField(
        Currency.objects.none(),
        label=_("Currency"),
        empty_label=None,
        error_messages={
            "required": _("Choose the currency of the order."),
            "invalid_choice": _(
                "“%(value)s” is not a currency we trade in. Choose one of the list."
            ),
        },
    )
    note = forms.CharField(
        label=_("Add a note"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    attachments = MultipleFileField(label=_("Add files"), required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    submission_key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    base = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, user: User, document: Document | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.document = document
        self._set_choices()
        self.fields["document_on"].initial = timezone.localdate
        self.fields["submission_key"].initial = uuid.uuid4
        types = self.fields["type"]
        assert isinstance(types, forms.ModelChoiceField)  # noqa: S101 - narrows the type
        types.initial = types.queryset.first() if types.queryset is not None else None

    def _set_choices(self) -> None:
        """Offers what is active, and what the stored order already has."""
        kept = self.document
        accounts = CustomerAccount.objects.visible_to(self.user).select_related(
            "customer", "company", "currency", "payment_term", "payment_method"
        )
        if kept:
            accounts = accounts.filter(company=kept.company_id)
        self._choices("account", accounts, kept.account_id if kept else None)
        self._choices("ordered_by", Customer.objects.visible_to(self.user))
        self._choices(
            "type",
            DocumentType.objects.filter(kind=DocumentType.Kind.ORDER),
            kept.type_id if kept else None,
        )
        self._choices(
            "payment_term", PaymentTerm.objects.all(), kept.payment_term_id if kept else None
        )
        self._choices(
            "payment_method", PaymentMethod.objects.all(), kept.payment_method_id if kept else None
        )
        self._choices("currency", Currency.objects.all(), kept.currency_id if kept else None)
        if kept:
            # The number belongs to a company and a type; what counts, to its account.
            self._fix("type", kept.type_id)
            if not lifecycle.allowed(kept.status, lifecycle.Action.EDIT):
                self._fix("account", kept.account_id)
                self._fix("currency", kept.currency_id)

    def _fix(self, name: str, value: Any) -> None:
        """Keeps a field at the stored value, whatever is sent."""
        self.fields[name].disabled = True
        self.initial[name] = value

    def _choices(self, name: str, queryset: Any, kept: Any = None) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - narrows the type
        if any(item.name == "is_active" for item in queryset.model._meta.fields):
            queryset = queryset.filter(Q(is_active=True) | Q(pk=kept))
        field.queryset = queryset

    def header(self) -> OrderHeader:
        """The valid head, as the services take it."""
        data = self.cleaned_data
        return OrderHeader(
            account=data["account"],
            document_on=data["document_on"],
            type=data["type"],
            reference=data["reference"],
            ship_to=data["ship_to"],
            payment_method=data["payment_method"],
            payment_term=data["payment_term"],
            currency=data["currency"],
            ordered_by=data["ordered_by"],
            import_key=f"web:{key}" if (key := data["submission_key"]) else "",
        )


def order_initial(document: Document) -> dict[str, Any]:
    """A stored order's head as initial values."""
    return {
        "account": document.account_id,
        "ordered_by": document.ordered_by_id,
        "type": document.type_id,
        "document_on": document.document_on,
        "reference": document.reference,
        "ship_to": document.ship_to,
        "payment_term": document.payment_term_id,
        "payment_method": document.payment_method_id,
        "currency": document.currency_id,
        "version": document.version,
    }


def account_initial(account: CustomerAccount) -> dict[str, Any]:
    """What choosing the bill-to account fills in."""
    return {
        "account": account.pk,
        "payment_term": account.payment_term_id,
        "payment_method": account.payment_method_id,
        "currency": account.currency_id,
    }
