"""Forms about parties. They read figures and words; the services decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from babel import Locale, UnknownLocaleError
from django import forms
from django.db.models import Model
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from core.forms import BaseForm, LocalDateField
from core.models import Company, Currency, User
from customers.models import (
    Customer,
    CustomerGroup,
    PaymentMethod,
    PaymentTerm,
)
from customers.selectors import customers_sharing_vat, groups_visible
from customers.services import AccountInput, ContactInput, CustomerInput, GroupInput
from customers.vat import vat_check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.functional import _StrPromise

    _ModelChoiceField = forms.ModelChoiceField[Model]
else:
    # At run time the field takes no type parameters.
    _ModelChoiceField = forms.ModelChoiceField


def country_choices() -> list[tuple[str, str]]:
    """ISO countries in the active language, by name."""
    try:
        locale = Locale.parse(translation.get_language() or "en", sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    named = [
        (code, str(name))
        for code, name in locale.territories.items()
        if len(code) == 2 and code.isalpha() and code not in {"ZZ", "XA", "XB", "EU", "EZ", "UN"}
    ]
    return [("", "–"), *sorted(named, key=lambda pair: pair[1])]


class CustomerForm(BaseForm):
    """The party. `warnings` holds what is doubtful but allowed, after `is_valid`."""

    code = forms.CharField(label=_("Code"), max_length=30)
    name = forms.CharField(label=_("Name"), max_length=160)
    legal_name = forms.CharField(label=_("Legal name"), max_length=200, required=False)
    country = forms.ChoiceField(label=_("Country"), required=False)
    vat_number = forms.CharField(
        label=_("VAT number"),
        max_length=30,
        required=False,
        help_text=_("With or without the country's letters; spaces and dots do not matter."),
    )
    address = forms.CharField(
        label=_("Address"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    group = forms.ModelChoiceField(
        label=_("Group"),
        queryset=CustomerGroup.objects.none(),
        required=False,
        empty_label="–",
        help_text=_("Customers under one economic control."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, user: User, customer: Customer | None = None, **kwargs: Any):
        if customer is not None:
            kwargs["initial"] = {
                name: getattr(customer, name)
                for name in ("code", "name", "legal_name", "country", "vat_number", "address")
            } | {"group": customer.group_id, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.customer = customer
        self.warnings: list[str | _StrPromise] = []
        groups = groups_visible(user)
        if customer is not None and customer.group_id:
            groups = groups | groups_visible(user).filter(pk=customer.group_id)
        group = self.fields["group"]
        assert isinstance(group, forms.ModelChoiceField)  # noqa: S101 - declared above
        group.queryset = groups
        choices = country_choices()
        known = customer.country if customer else ""
        if known and known not in dict(choices):
            choices.append((known, known))
        country = self.fields["country"]
        assert isinstance(country, forms.ChoiceField)  # noqa: S101 - declared above
        country.choices = choices

    def clean_code(self) -> str:
        """The code, unless another customer has it."""
        code: str = self.cleaned_data["code"]
        others = Customer.objects.filter(code__iexact=code)
        if self.customer is not None:
            others = others.exclude(pk=self.customer.pk)
        if others.exists():
            raise forms.ValidationError(_("Another customer has this code."), code="taken")
        return code

    def clean(self) -> dict[str, Any]:
        """Judge the VAT number with the country beside it; collect warnings."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        verdict = vat_check(cleaned.get("vat_number", ""), cleaned.get("country", ""))
        if verdict.problem:
            self.add_error("vat_number", forms.ValidationError(verdict.problem, code="vat"))
        if verdict.warning:
            self.warnings.append(verdict.warning)
        twins = list(customers_sharing_vat(verdict.number, but=self.customer)[:3])
        if twins:
            self.warnings.append(
                _("The same VAT number is kept for %(names)s.")
                % {"names": ", ".join(twin.name for twin in twins)}
            )
        return cleaned

    def to_input(self) -> CustomerInput:
        """The cleaned values for the service."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        return CustomerInput(**values)


class RowField(_ModelChoiceField):
    """A choice among rows that were read once, for every line of a formset."""

    def offer(self, rows: Sequence[Model]) -> None:
        """Let people choose among these rows and no others."""
        self.rows = {str(row.pk): row for row in rows}
        named = [(pk, self.label_from_instance(row)) for pk, row in self.rows.items()]
        self.choices = [("", self.empty_label), *named]

    def to_python(self, value: Any) -> Model | None:
        """The row with this key."""
        if value in self.empty_values:
            return None
        row = self.rows.get(str(value.pk if isinstance(value, Model) else value))
        if row is None:
            raise forms.ValidationError(
                self.error_messages["invalid_choice"],
                code="invalid_choice",
                params={"value": value},
            )
        return row


class AccountForm(BaseForm):
    """The customer in one company. The company of an existing account cannot change."""

    company = RowField(label=_("Company"), queryset=Company.objects.none(), empty_label="–")
    currency = RowField(label=_("Currency"), queryset=Currency.objects.none(), empty_label="–")
    payment_term = RowField(
        label=_("Terms"), queryset=PaymentTerm.objects.none(), required=False, empty_label="–"
    )
    payment_method = RowField(
        label=_("Method"), queryset=PaymentMethod.objects.none(), required=False, empty_label="–"
    )
    agent = RowField(
        label=_("Agent"), queryset=User.objects.none(), required=False, empty_label="–"
    )
    responsible = RowField(
        label=_("Responsible"), queryset=User.objects.none(), required=False, empty_label="–"
    )
    is_active = forms.BooleanField(label=_("Active"), required=False, initial=True)

    def __init__(self, *args: Any, choices: dict[str, Sequence[Model]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in choices.items():
            field = self.fields[name]
            assert isinstance(field, RowField)  # noqa: S101 - declared above
            field.offer(rows)
        if self.initial.get("company"):
            self.fields["company"].disabled = True

    def to_input(self) -> AccountInput:
        """The cleaned values for the service."""
        values = dict(self.cleaned_data)
        remove = values.pop("DELETE", False)
        return AccountInput(**values, remove=remove)


class ContactForm(BaseForm):
    """A person at the customer."""

    name = forms.CharField(label=_("Name"), max_length=120)
    role = forms.CharField(label=_("Role"), max_length=80, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    pk = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def to_input(self) -> ContactInput:
        """The cleaned values for the service."""
        values = dict(self.cleaned_data)
        remove = values.pop("DELETE", False)
        return ContactInput(**values, remove=remove)


class StatusForm(BaseForm):
    """A change of status: which, why and since when. `expected` is the status that was shown."""

    status = forms.ChoiceField(
        label=_("New status"), choices=Customer.Status.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("Shown on the credit file and in the history."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    on = LocalDateField(label=_("Since"), initial=timezone.localdate)
    expected = forms.CharField(widget=forms.HiddenInput, required=False)


class GroupForm(BaseForm):
    """A customer group. Its head is one of the members."""

    code = forms.SlugField(label=_("Code"), max_length=30)
    name = forms.CharField(label=_("Name"), max_length=160)
    head = forms.ModelChoiceField(
        label=_("Head"),
        queryset=Customer.objects.none(),
        required=False,
        help_text=_("The member whose limit can stand for all."),
    )

    def __init__(self, *args: Any, user: User, group: CustomerGroup | None = None, **kwargs: Any):
        if group is not None:
            kwargs["initial"] = {"code": group.code, "name": group.name, "head": group.head_id}
        super().__init__(*args, **kwargs)
        head = self.fields["head"]
        assert isinstance(head, forms.ModelChoiceField)  # noqa: S101 - declared above
        visible = Customer.objects.visible_to(user)
        # A new group may take in a customer that belongs to none; an old one chooses a member.
        head.queryset = visible.filter(group=group) if group else visible.filter(group__isnull=True)
        if group is None:
            head.help_text = _("The head becomes the first member; add others on their own page.")

    def to_input(self) -> GroupInput:
        """The cleaned values for the service."""
        return GroupInput(**self.cleaned_data)
