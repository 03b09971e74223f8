"""Creating and changing customers with their accounts and contacts."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Invalid, NotAllowed
from core.events import record
from core.locks import busy_on_timeout, lock_rows, set_lock_timeout
from core.permissions import require
from customers.models import Contact, Customer, CustomerAccount, CustomerGroup
from customers.selectors import account_in_use, customer_fingerprint
from customers.services.changes import Diff, fields_set, shown
from customers.vat import vat_check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.models import User
    from customers.services.inputs import AccountInput, ContactInput, CustomerInput


def customer_create(
    *,
    fields: CustomerInput,
    accounts: Sequence[AccountInput] = (),
    contacts: Sequence[ContactInput] = (),
    actor: User | None,
) -> Customer:
    """Add a customer, released, with its accounts and contacts. `actor` None is the system.

    Raises Invalid with the field's name, NotAllowed.
    """
    if actor is not None:
        require(actor, "customers.add_customer")
    values = _values(fields)
    with busy_on_timeout(), transaction.atomic():
        customer = Customer(**values)
        _save_unique(customer)
        changes = _accounts_write(customer, accounts, actor)
        _contacts_write(customer, contacts)
        record(
            "customers.customer.created",
            customer,
            actor=actor,
            company=accounts[0].company if len(accounts) == 1 else None,
            customer_id=customer.pk,
            data={
                "code": customer.code,
                "vat_number": customer.vat_number,
                "group": shown(customer.group),
                "companies": sorted(changes),
            },
        )
    return customer


def customer_update(
    *,
    customer: Customer,
    fields: CustomerInput,
    accounts: Sequence[AccountInput] = (),
    contacts: Sequence[ContactInput] = (),
    actor: User | None,
    seen: str = "",
) -> Customer:
    """Change a customer; accounts and contacts that are not named stay as they are.

    `seen` is the `customer_fingerprint` the form was filled from: Conflict when somebody changed
    the customer meanwhile. Takes the scope lock, since a check reads group, currency and activity.
    Raises Invalid, NotAllowed, Conflict, Busy. Nothing changed records nothing.
    """
    if actor is not None:
        require(actor, "customers.change_customer")
    values = _values(fields)
    with busy_on_timeout(), transaction.atomic():
        customer = _locked(customer, fields.group)
        if seen and seen != customer_fingerprint(customer):
            raise Conflict(
                "customers.stale",
                _(
                    "Somebody changed this customer while you were editing. Your entries are kept "
                    "below; open the customer again to see the other change."
                ),
            )
        _head_stays_member(customer, fields.group)
        changes: dict[str, Any] = dict(fields_set(customer, values))
        if changes:
            _save_unique(customer)
        by_company = {
            code: diff for code, diff in _accounts_write(customer, accounts, actor).items() if diff
        }
        if by_company:
            changes["accounts"] = by_company
        people = _contacts_write(customer, contacts)
        if people:
            changes["contacts"] = people
        if changes:
            record(
                "customers.customer.updated",
                customer,
                actor=actor,
                customer_id=customer.pk,
                data={"changes": changes},
            )
    return customer


def _values(fields: CustomerInput) -> dict[str, Any]:
    """The cleaned values of the party. Raises Invalid."""
    values = {name: getattr(fields, name) for name in asdict(fields) if name != "group"}
    values = {name: str(text).strip() for name, text in values.items()}
    values["country"] = values["country"].upper()
    for name, message in (
        ("code", _("Give the customer a code.")),
        ("name", _("Give the customer a name.")),
    ):
        if not values[name]:
            raise Invalid("customers.required", message, field=name)
    verdict = vat_check(values["vat_number"], values["country"])
    if verdict.problem:
        raise Invalid("customers.vat_number", verdict.problem, field="vat_number")
    return {**values, "vat_number": verdict.number, "group": fields.group}


def _locked(customer: Customer, group: CustomerGroup | None) -> Customer:
    """Lock old and new group, then the customer, then its accounts; return the customer fresh."""
    set_lock_timeout()
    before = Customer.objects.values_list("group_id", flat=True).get(pk=customer.pk)
    group_ids = {pk for pk in (before, group.pk if group else None) if pk is not None}
    if group_ids:
        lock_rows(CustomerGroup.objects.filter(pk__in=group_ids))
    (fresh,) = lock_rows(Customer.objects.filter(pk=customer.pk))
    if fresh.group_id != before:
        raise Conflict(
            "customers.group_changed",
            _("The customer was moved to another group just now. Please try again."),
        )
    lock_rows(CustomerAccount.objects.filter(customer=fresh))
    return fresh


def _head_stays_member(customer: Customer, group: CustomerGroup | None) -> None:
    headed = CustomerGroup.objects.filter(head=customer).exclude(pk=group.pk if group else 0)
    for other in headed:
        raise Invalid(
            "customers.head_leaves_group",
            _("%(name)s is the head of %(group)s. Choose another head for the group first."),
            params={"name": customer.name, "group": other.name},
            field="group",
        )


def _save_unique(customer: Customer) -> None:
    try:
        with transaction.atomic():
            customer.save()
    except IntegrityError as error:
        if "code" not in str(error):
            raise
        raise Invalid(
            "customers.code_taken", _("Another customer has this code."), field="code"
        ) from error


def _accounts_write(
    customer: Customer, accounts: Sequence[AccountInput], actor: User | None
) -> dict[str, Diff]:
    """Write the accounts; return {company code: {field: [old, new]}}, empty when unchanged."""
    existing = {
        account.company_id: account
        for account in CustomerAccount.objects.filter(customer=customer).select_related(
            "company", "currency", "payment_term", "payment_method", "agent", "responsible"
        )
    }
    seen: set[int] = set()
    changes: dict[str, Diff] = {}
    for given in accounts:
        if given.company.pk in seen:
            raise Invalid(
                "customers.account_twice",
                _("%(company)s is listed twice. A customer has one account in each company."),
                params={"company": given.company.name},
                field="accounts",
            )
        seen.add(given.company.pk)
        if actor is not None and not _works_for(actor, given):
            raise NotAllowed("customers.foreign_company", _("You do not work for this company."))
        account = existing.get(given.company.pk)
        changes[given.company.code] = _account_write(customer, account, given)
    return changes


def _works_for(actor: User, given: AccountInput) -> bool:
    return actor.is_superuser or actor.companies.filter(pk=given.company.pk).exists()


def _account_write(
    customer: Customer, account: CustomerAccount | None, given: AccountInput
) -> Diff:
    values = {
        "currency": given.currency,
        "payment_term": given.payment_term,
        "payment_method": given.payment_method,
        "agent": given.agent,
        "responsible": given.responsible,
        "is_active": given.is_active,
    }
    if given.remove:
        if account is None:
            return {}
        if account_in_use(account):
            raise Invalid(
                "customers.account_in_use",
                _(
                    "The account in %(company)s has documents, items or limits and cannot be "
                    "removed. Make it inactive instead."
                ),
                params={"company": given.company.name},
                field="accounts",
            )
        account.delete()
        return {"account": [str(given.company), ""]}
    if account is None:
        CustomerAccount.objects.create(customer=customer, company=given.company, **values)
        return {"account": ["", str(given.company)]}
    if account.currency_id != given.currency.pk and account_in_use(account):
        raise Invalid(
            "customers.currency_fixed",
            _(
                "The account in %(company)s has documents, items or limits in %(currency)s; "
                "its risk currency can no longer change."
            ),
            params={"company": given.company.name, "currency": account.currency_id},
            field="accounts",
        )
    changed = fields_set(account, values)
    if changed:
        account.save()
    return changed


def _contacts_write(customer: Customer, contacts: Sequence[ContactInput]) -> list[list[str]]:
    """Write the contacts; return [old, new] for each one changed, with "" for none."""
    existing = {contact.pk: contact for contact in Contact.objects.filter(customer=customer)}
    changes: list[list[str]] = []
    for given in contacts:
        contact = existing.get(given.pk) if given.pk else None
        if given.remove:
            if contact is not None:
                changes.append([contact.name, ""])
                contact.delete()
            continue
        values = {
            "name": given.name,
            "role": given.role,
            "email": given.email,
            "phone": given.phone,
        }
        if contact is None:
            Contact.objects.create(customer=customer, **values)
            changes.append(["", given.name])
            continue
        before = contact.name
        if fields_set(contact, values):
            contact.save()
            changes.append([before, given.name])
    return changes
