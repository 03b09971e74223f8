"""The lines of the customer form: accounts and contacts, and one summary of all errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q

from core.forms import BaseForm, FormError
from core.models import Company, Currency, User
from customers.forms import AccountForm, ContactForm
from customers.models import PaymentMethod, PaymentTerm

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.forms import BaseFormSet

    from customers.models import Contact, CustomerAccount

_AccountFormSet = forms.formset_factory(AccountForm, extra=0, can_delete=True, max_num=60)
_ContactFormSet = forms.formset_factory(ContactForm, extra=1, can_delete=True, max_num=200)


def account_formset(
    *, user: User, data: Any = None, accounts: Iterable[CustomerAccount] = ()
) -> BaseFormSet[AccountForm]:
    """The accounts that `user` may edit, and an empty line when a company is still free."""
    rows = list(accounts)
    companies = Company.objects.filter(is_active=True)
    if not user.is_superuser:
        companies = companies.filter(users=user)
    taken = {row.company_id for row in rows}
    free = [company for company in companies if company.pk not in taken]
    initial: list[dict[str, Any]] = [
        {name: getattr(row, f"{name}_id") for name in _ACCOUNT_KEYS} | {"is_active": row.is_active}
        for row in rows
    ]
    in_use = {key for row in rows for key in (row.agent_id, row.responsible_id) if key}
    people = list(
        User.objects.filter(Q(is_active=True) | Q(pk__in=in_use)).order_by(
            "first_name", "last_name", "username"
        )
    )
    terms = [row.payment_term_id for row in rows]
    methods = [row.payment_method_id for row in rows]
    # Read once here, however many lines offer them.
    choices: dict[str, list[Any]] = {
        "company": list((companies | Company.objects.filter(pk__in=taken)).distinct()),
        "currency": list(Currency.objects.filter(is_active=True)),
        "payment_term": list(PaymentTerm.objects.filter(Q(is_active=True) | Q(pk__in=terms))),
        "payment_method": list(PaymentMethod.objects.filter(Q(is_active=True) | Q(pk__in=methods))),
        "agent": people,
        "responsible": people,
    }
    formset: BaseFormSet[AccountForm] = _AccountFormSet(
        data, initial=initial, prefix="accounts", form_kwargs={"choices": choices}
    )
    formset.extra = 1 if free else 0
    if data is None and not rows and len(free) == 1:
        # One company: the only line is filled in already, so nobody has to think about it.
        formset.forms[0].initial = {"company": free[0].pk, "currency": free[0].currency_id}
    return formset


_ACCOUNT_KEYS = ("company", "currency", "payment_term", "payment_method", "agent", "responsible")


def contact_formset(
    *, data: Any = None, contacts: Iterable[Contact] = ()
) -> BaseFormSet[ContactForm]:
    """The contacts, and an empty line."""
    initial = [
        {name: getattr(row, name) for name in ("pk", "name", "role", "email", "phone")}
        for row in contacts
    ]
    formset: BaseFormSet[ContactForm] = _ContactFormSet(data, initial=initial, prefix="contacts")
    return formset


def filled[F: BaseForm](formset: BaseFormSet[F]) -> list[F]:
    """The lines of a valid formset that say something: changed ones and those already stored."""
    return [form for form in formset.forms if form.has_changed() or form.initial]


def errors_of(*forms_and_sets: BaseForm | BaseFormSet[Any]) -> list[FormError]:
    """One summary over a form and its formsets, in the order of the page."""
    found: list[FormError] = []
    for part in forms_and_sets:
        if isinstance(part, BaseForm):
            found += part.error_summary
            continue
        found += [FormError("", "", str(message)) for message in part.non_form_errors()]
        for number, form in enumerate(part.forms, start=1):
            found += [
                FormError(
                    line.target, f"{line.label} ({number})" if line.label else "", line.message
                )
                for line in form.error_summary
            ]
    return found
