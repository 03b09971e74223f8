"""Reading parties: what a user may see of them, and what stands against changing them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db.models import CASCADE, Count, Q

from customers.models import Contact, Customer, CustomerAccount, CustomerGroup

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.models import User


def accounts_visible(user: User, customer: Customer) -> list[CustomerAccount]:
    """The customer's accounts that `user` may see, with all that a page shows of them."""
    return list(
        CustomerAccount.objects.visible_to(user)
        .filter(customer=customer)
        .select_related(
            "company__currency",
            "currency",
            "payment_term",
            "payment_method",
            "agent",
            "responsible",
            "customer__group",
        )
        .order_by("company__code")
    )


def account_in_use(account: CustomerAccount) -> bool:
    """Whether any row of the house refers to the account; a profile that goes with it is none."""
    for relation in CustomerAccount._meta.related_objects:
        if relation.on_delete is CASCADE:
            continue
        rows = relation.related_model._base_manager
        if rows.filter(**{relation.field.name: account}).exists():
            return True
    return False


def customers_sharing_vat(number: str, *, but: Customer | None = None) -> QuerySet[Customer]:
    """Other customers with this VAT number, with or without a country's two letters before it."""
    if not number:
        return Customer.objects.none()
    bare = number[2:] if number[:2].isalpha() else number
    rows = Customer.objects.filter(
        Q(vat_number__iexact=number)
        | Q(vat_number__iexact=bare)
        | Q(vat_number__iregex=rf"^[A-Z]{{2}}{bare}$" if bare.isalnum() else r"^\b$")
    )
    return rows.exclude(pk=but.pk) if but else rows


def groups_visible(user: User) -> QuerySet[CustomerGroup]:
    """Groups with a visible member (or none yet), each with `member_count` of the visible ones."""
    visible = Customer.objects.visible_to(user).values("pk")
    return (
        CustomerGroup.objects.select_related("head")
        .annotate(
            member_count=Count("members", filter=Q(members__in=visible), distinct=True),
            all_count=Count("members", distinct=True),
        )
        .filter(Q(member_count__gt=0) | Q(all_count=0))
    )


def customer_fingerprint(customer: Customer) -> str:
    """A short hash of all that the form of a customer edits: changed means a stale form."""
    parts: list[object] = list(
        Customer.objects.filter(pk=customer.pk).values_list(
            "code", "name", "legal_name", "vat_number", "country", "address", "group_id"
        )
    )
    parts += (
        CustomerAccount.objects.filter(customer=customer)
        .order_by("pk")
        .values_list(
            "pk",
            "currency_id",
            "payment_term_id",
            "payment_method_id",
            "agent_id",
            "responsible_id",
            "is_active",
        )
    )
    parts += (
        Contact.objects.filter(customer=customer)
        .order_by("pk")
        .values_list("pk", "name", "role", "email", "phone")
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
