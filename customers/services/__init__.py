"""Commands on parties."""

from customers.services.groups import GroupInput, group_create, group_update
from customers.services.inputs import AccountInput, ContactInput, CustomerInput
from customers.services.lateness import account_days_late_set
from customers.services.parties import customer_create, customer_update
from customers.services.status import customer_status_set

__all__ = [
    "AccountInput",
    "ContactInput",
    "CustomerInput",
    "GroupInput",
    "account_days_late_set",
    "customer_create",
    "customer_status_set",
    "customer_update",
    "group_create",
    "group_update",
]
