"""Which parties a user may see, and the names of common sub-sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from core.models import User
    from customers.models import Customer, CustomerAccount  # noqa: F401 - in strings below


def account_scope(user: User, prefix: str = "") -> Q:
    """The condition under which a row that leads to an account is visible to `user`.

    `prefix` is the lookup path to the account, such as "account__". Superusers see every row;
    others those of their companies; users with `own_accounts_only` only accounts on which they
    are agent or responsible.
    """
    if user.is_superuser:
        return Q()
    condition = Q(**{f"{prefix}company__in": user.companies.all()})
    if user.own_accounts_only:
        condition &= Q(**{f"{prefix}agent": user}) | Q(**{f"{prefix}responsible": user})
    return condition


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Customers by visibility and search."""

    def visible_to(self, user: User) -> CustomerQuerySet:
        """Customers with at least one account the user may see (all, for superusers)."""
        if user.is_superuser:
            return self
        from customers.models import CustomerAccount

        accounts = CustomerAccount.objects.visible_to(user)
        return self.filter(pk__in=accounts.values("customer"))

    def search(self, text: str) -> CustomerQuerySet:
        """Customers whose code, names or VAT number contain `text`."""
        text = text.strip()
        if not text:
            return self
        return self.filter(
            Q(code__icontains=text)
            | Q(name__icontains=text)
            | Q(legal_name__icontains=text)
            | Q(vat_number__icontains=text.replace(" ", ""))
        )


class CustomerAccountQuerySet(models.QuerySet["CustomerAccount"]):
    """Accounts by visibility."""

    def visible_to(self, user: User) -> CustomerAccountQuerySet:
        """Accounts the user may see."""
        return self.filter(account_scope(user))
