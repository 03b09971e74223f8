"""The credit scope of accounts: the rows that every command which adds value locks first."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from core.errors import Busy
from core.locks import LOCK_TIMEOUT, lock_rows, set_lock_timeout
from customers.models import Customer, CustomerAccount, CustomerGroup


def scope_lock(*, account_ids: Sequence[int], timeout: str = LOCK_TIMEOUT) -> list[CustomerAccount]:
    """Lock groups, then customers, then accounts, each in key order; return the accounts fresh.

    The wider scope comes first, so that two commands for different accounts of one customer or
    group meet at the same row whatever they do next. Exposure may be read only after this returns.
    The accounts come in key order with `customer` (and its `group`) as locked.

    Each wait is at most `timeout`; wrap the transaction in `core.locks.busy_on_timeout()`. Raises
    RuntimeError outside a transaction, Busy when a customer changed its group while we waited.
    """
    set_lock_timeout(timeout)
    wanted = set(account_ids)
    group_ids = set(
        Customer.objects.filter(accounts__in=wanted, group__isnull=False).values_list(
            "group_id", flat=True
        )
    )
    groups = {
        group.pk: group
        for group in (
            lock_rows(CustomerGroup.objects.filter(pk__in=group_ids)) if group_ids else ()
        )
    }
    customers = {
        customer.pk: customer
        for customer in lock_rows(
            Customer.objects.filter(
                pk__in=CustomerAccount.objects.filter(pk__in=wanted).values("customer")
            )
        )
    }
    for customer in customers.values():
        if customer.group_id is not None:
            if customer.group_id not in groups:
                raise Busy(
                    "customers.group_changed",
                    _("The customer was moved to another group just now. Please try again."),
                )
            customer.group = groups[customer.group_id]
    accounts = lock_rows(CustomerAccount.objects.filter(pk__in=wanted).select_related("company"))
    for account in accounts:
        account.customer = customers[account.customer_id]
    return accounts
