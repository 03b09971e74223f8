"""The head of a document: who buys, on which terms."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.core.validators import MinValueValidator
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.forms import BaseForm, LocalDateField, LocalDecimalField
from core.models import Currency
from core.money import ZERO
from customers.models import Customer, CustomerAccount, PaymentMethod, PaymentTerm
from documents import lifecycle
from documents.forms.extras import MultipleFileField
from documents.inputs import OrderHeader
from documents.models import DocumentType
from documents.services.standing import is_linked
from documents.words import BILL_TO, ENTERED, family

if TYPE_CHECKING:
    from core.models import User
    from documents.models import Document

NOT_LISTED = _("“%(value)s” is not in the list. Choose one of the list.")


# Fields that a kind has no use for; bills and delivery notes lack the same.
NOT_IN_PAPERS: Final = ("valid_until", "delivery_on", "paid_amount")
NOT_IN: Final[dict[str, tuple[str, ...]]] = {
    "quote": ("paid_amount",),
    "order": ("valid_until", "paid_amount"),
    "counter": ("valid_until", "delivery_on", "ordered_by", "ship_to_customer", "ship_to"),
    "receipt": (*NOT_IN_PAPERS, "ordered_by", "payment_term", "payment_method"),
    "move": (*NOT_IN_PAPERS, "ordered_by", "payment_term", "payment_method"),
}


def first_type() -> DocumentType:
    """The first active type of orders (of anything, where none is). Raises DoesNotExist."""
    rows = DocumentType.objects.filter(is_active=True)
    return rows.filter(kind=DocumentType.Kind.ORDER).first() or rows.earliest("pk")


class OrderForm(BaseForm):
    """Everything of a document but its lines, with the fields that its kind has.

    `account`, `ordered_by` and `ship_to_customer` are chosen by searching, so they travel as hidden
    ids. `version` is the stored version the form was made from, `submission_key` marks one
    filling-in of the form so that a second click finds the first one's document, `base` is the
    document as it was shown. The type that is sent (or `type_`) says which family is entered.
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
    ship_to_customer = forms.ModelChoiceField(
        Customer.objects.none(),
        label=_("Goods go to"),
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
        label=_("Date"), error_messages={"required": _("Enter the date of the document.")}
    )
    valid_until = LocalDateField(label=_("Valid until"), required=False)
    delivery_on = LocalDateField(label=_("Wished delivery day"), required=False)
    reference = forms.CharField(
        label=_("Customer's reference"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    ship_to = forms.CharField(label=_("Delivery address"), max_length=200, required=False)
    payment_term = forms.ModelChoiceField(
        PaymentTerm.objects.none(),
        label=_("Payment terms"),
        empty_label=_("as the customer"),
        required=False,
        error_messages={"invalid_choice": NOT_LISTED},
    )
    payment_method = forms.ModelChoiceField(
        PaymentMethod.objects.none(),
        label=_("Payment method"),
        empty_label=_("as the customer"),
        required=False,
        error_messages={"invalid_choice": NOT_LISTED},
    )
    currency = forms.ModelChoiceField(
        Currency.objects.none(),
        label=_("Currency"),
        empty_label=_("as the customer"),
        required=False,
        error_messages={
            "invalid_choice": _(
                "“%(value)s” is not a currency we trade in. Choose one of the list."
            ),
        },
    )
    paid_amount = LocalDecimalField(
        label=_("Paid at once"),
        required=False,
        max_digits=18,
        decimal_places=2,
        validators=[MinValueValidator(ZERO, _("What is paid cannot be below zero."))],
        help_text=_("The rest goes on account and asks for credit. Empty: nothing is paid now."),
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
        self,
        *args: Any,
        user: User,
        document: Document | None = None,
        type_: DocumentType | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.document = document
        self.sample = document.type if document else type_ or self._type_sent() or first_type()
        self._set_choices()
        self._drop_fields()
        self.fields["document_on"].initial = timezone.localdate
        self.fields["submission_key"].initial = uuid.uuid4
        self.fields["type"].initial = self.sample

    def _type_sent(self) -> DocumentType | None:
        raw = str((self.data if self.is_bound else self.initial).get("type") or "")
        if not raw.isdecimal():
            return None
        found = DocumentType.objects.filter(pk=raw, is_active=True).first()
        return found if found and family(found) in ENTERED else None

    def _drop_fields(self) -> None:
        """Takes away what documents of this kind do not have."""
        kind = self.sample.kind
        for name in NOT_IN.get(kind, NOT_IN_PAPERS):
            del self.fields[name]
        if words_for := BILL_TO.get(kind):
            self.fields["account"].label = words_for

    def _set_choices(self) -> None:
        """Offers what is active, and what the stored document already has."""
        kept = self.document
        accounts = CustomerAccount.objects.visible_to(self.user).select_related(
            "customer", "company", "currency", "payment_term", "payment_method"
        )
        if kept:
            accounts = accounts.filter(company=kept.company_id)
        self._choices("account", accounts, kept.account_id if kept else None)
        self._choices("ordered_by", Customer.objects.visible_to(self.user))
        self._choices("ship_to_customer", Customer.objects.visible_to(self.user))
        self._choices(
            "type",
            DocumentType.objects.filter(
                kind=self.sample.kind,
                nature=self.sample.nature,
                is_pro_forma=self.sample.is_pro_forma,
            ),
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
            # The number belongs to a company and a type; what counts or is linked, to its account.
            self._fix("type", kept.type_id)
            allowed = lifecycle.allowed(kept.status, lifecycle.Action.EDIT, kept.type.kind)
            if not allowed or is_linked(kept):
                self._fix("account", kept.account_id)
                self._fix("currency", kept.currency_id)

    def clean(self) -> dict[str, Any]:
        """The customer's currency and terms where none are said; nothing ends before it begins."""
        data = super().clean() or self.cleaned_data
        if account := data.get("account"):
            if not data.get("currency") and "currency" not in self.errors:
                data["currency"] = (self.document or account).currency
            for name in ("payment_term", "payment_method"):
                # A stored document without terms keeps none: it was agreed so, or never asked.
                had_none = self.document and getattr(self.document, f"{name}_id") is None
                silent = name in self.fields and name not in self.errors and not data.get(name)
                if silent and not had_none:
                    data[name] = getattr(account, name)
        begin = data.get("document_on")
        for name, sentence in (
            ("valid_until", _("The quote would be over before its own date.")),
            ("delivery_on", _("The wished delivery day lies before the date of the document.")),
        ):
            day = data.get(name)
            if begin and day and day < begin:
                self.add_error(name, sentence)
        return data

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
        """The valid head, as the services take it; what has no field here stays as it is."""
        kept = self.document

        def value(name: str, default: Any = None) -> Any:
            if name in self.fields:
                return self.cleaned_data[name]
            return getattr(kept, name) if kept else default

        data = self.cleaned_data
        return OrderHeader(
            account=data["account"],
            document_on=data["document_on"],
            type=data["type"],
            reference=data["reference"],
            ship_to=value("ship_to", ""),
            ship_to_customer=value("ship_to_customer"),
            payment_method=value("payment_method"),
            payment_term=value("payment_term"),
            currency=data["currency"],
            ordered_by=value("ordered_by"),
            delivery_on=value("delivery_on"),
            valid_until=value("valid_until"),
            paid_amount=value("paid_amount", ZERO) or ZERO,
            import_key=f"web:{key}" if (key := data["submission_key"]) else "",
        )


def order_initial(document: Document) -> dict[str, Any]:
    """A stored document's head as initial values."""
    return {
        "account": document.account_id,
        "ordered_by": document.ordered_by_id,
        "type": document.type_id,
        "document_on": document.document_on,
        "valid_until": document.valid_until,
        "delivery_on": document.delivery_on,
        "reference": document.reference,
        "ship_to": document.ship_to,
        "ship_to_customer": document.ship_to_customer_id,
        "payment_term": document.payment_term_id,
        "payment_method": document.payment_method_id,
        "currency": document.currency_id,
        "paid_amount": document.paid_amount or None,
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
