"""The credit scope of accounts: the rows that every command which adds value locks first."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.utils.translation import gettext_lazy as _

from core.errors import Busy
from core.locks import LOCK_TIMEOUT, set_lock_timeout
from core.models import Company
from customers.models import Customer, CustomerAccount, CustomerGroup

# Written out: they run in every credit check, and need not be composed anew each time.
_GROUP_IDS = """
SELECT c.group_id
FROM customers_customeraccount a JOIN customers_customer c ON c.id = a.customer_id
WHERE a.id = ANY(%s) AND c.group_id IS NOT NULL
"""
_GROUPS = """
SELECT g.* FROM "customers_customergroup" g WHERE g.id = ANY(%s)
ORDER BY g.id FOR NO KEY UPDATE OF g
"""
_CUSTOMERS = """
SELECT c.* FROM "customers_customer" c
WHERE c.id IN (SELECT a.customer_id FROM customers_customeraccount a WHERE a.id = ANY(%s))
ORDER BY c.id FOR NO KEY UPDATE OF c
"""
_ACCOUNTS = """
SELECT a.* FROM "customers_customeraccount" a WHERE a.id = ANY(%s)
ORDER BY a.id FOR NO KEY UPDATE OF a
"""


def scope_lock(*, account_ids: Sequence[int], timeout: str = LOCK_TIMEOUT) -> list[CustomerAccount]:
    """Lock groups, then customers, then accounts, each in key order; return the accounts fresh.

    The wider scope comes first, so that two commands for different accounts of one customer or
    group meet at the same row whatever they do next. Exposure may be read only after this returns.
    The accounts come in key order with `customer` (and its `group`) as locked.

    Each wait is at most `timeout`; wrap the transaction in `core.locks.busy_on_timeout()`. Raises
    RuntimeError outside a transaction, Busy when a customer changed its group while we waited.
    """
    set_lock_timeout(timeout)
    wanted = [sorted(set(account_ids))]
    with connection.cursor() as cursor:
        cursor.execute(_GROUP_IDS, wanted)
        group_ids = sorted({key for (key,) in cursor.fetchall()})
    groups = {
        group.pk: group
        for group in (CustomerGroup.objects.raw(_GROUPS, [group_ids]) if group_ids else ())
    }
    customers = {customer.pk: customer for customer in Customer.objects.raw(_CUSTOMERS, wanted)}
    for customer in customers.values():
        if customer.group_id is not None:
            if customer.group_id not in groups:
                raise Busy(
                    "customers.group_changed",
                    _("The customer was moved to another group just now. Please try again."),
                )
            customer.group = groups[customer.group_id]
    accounts = list(CustomerAccount.objects.raw(_ACCOUNTS, wanted))
    companies = Company.objects.in_bulk({account.company_id for account in accounts})
    for account in accounts:
        account.customer = customers[account.customer_id]
        account.company = companies[account.company_id]
    return accounts
