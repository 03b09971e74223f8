"""Customers, groups, limits, policies, alerts, files and what is installed, under kills."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from unittest import mock

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from core.models import AuditEvent, Company, Currency, User
from credit_limits.models import Alert, CreditLimit, CreditPolicy, PolicyRule, PolicyVersion
from credit_limits.services.alerts import alert_see
from credit_limits.services.limits import limit_grant
from credit_limits.services.policies import (
    policies_install_defaults,
    policy_publish,
    policy_rules_install,
)
from customers.models import (
    Contact,
    Customer,
    CustomerAccount,
    CustomerGroup,
    PaymentMethod,
    PaymentTermLine,
)
from customers.services import (
    AccountInput,
    ContactInput,
    CustomerInput,
    GroupInput,
    account_days_late_set,
    customer_create,
    customer_status_set,
    customer_update,
    group_create,
    group_update,
)
from documents.models import DocumentAttachment, DocumentType
from documents.services.remarks import attachment_add
from ledger.models import ImportProfile, ImportRun
from ledger.services.imports import import_upload
from ledger.services.profiles import profiles_install_defaults
from reports.services.defaults import defaults_install
from tests.factories.core import CompanyFactory, UserFactory
from tests.harness.scenes import furnished
from tests.harness.scenes_sales import accepted_order, found, user
from tests.ledger.files import standard
from tests.world import TODAY

if TYPE_CHECKING:
    from tests.harness.lab import Arguments

DAY = timedelta(days=1)


def kept(**_arguments: Any) -> dict[str, Any]:
    """How it all ended, without keys and moments."""
    rows = {
        "customers": Customer.objects.values_list("code", "name", "status", "group__code"),
        "accounts": CustomerAccount.objects.values_list(
            "customer__code", "company__code", "days_late"
        ),
        "contacts": Contact.objects.values_list("customer__code", "name", "email"),
        "groups": CustomerGroup.objects.values_list("code", "name", "head__code"),
        "limits": CreditLimit.objects.values_list("account__customer__code", "amount"),
        "spans": CreditLimit.objects.values_list("valid_during", "reason"),
        "policies": CreditPolicy.objects.values_list("name", "direct_override"),
        "rules": PolicyRule.objects.values_list("policy__name", "rule", "effect"),
        "versions": PolicyVersion.objects.values_list("policy__name", "number"),
        "alerts": Alert.objects.values_list("kind", "seen_by__username"),
        "files": DocumentAttachment.objects.values_list("name", "size", "file"),
        "imports": ImportRun.objects.values_list("file_name", "sha256", "status"),
        "methods": PaymentMethod.objects.values_list("code", "treatment"),
        "instalments": PaymentTermLine.objects.values_list("term__code", "percent", "days"),
        "types": DocumentType.objects.values_list("code", "kind"),
        "currencies": Currency.objects.values_list("code", "name"),
        "events": AuditEvent.objects.values_list("action", "actor__username"),
    }
    return {name: sorted([*map(str, row)] for row in found) for name, found in rows.items()}


def office() -> Arguments:
    """The world, and somebody who may do everything."""
    world = furnished()
    root = UserFactory(username="root", is_superuser=True)
    return {"account": world.account.pk, "actor": root.pk}


def _account(key: int) -> CustomerAccount:
    return CustomerAccount.objects.select_related("customer", "company", "currency").get(pk=key)


def _fields(**values: Any) -> CustomerInput:
    return CustomerInput(code="NEW", name="Newcomer", country="IT", **values)


# --- Customers and groups --------------------------------------------------------------------


def add_customer(account: int, actor: int) -> None:
    """Add a customer with an account and a person."""
    company = _account(account).company
    customer_create(
        fields=_fields(),
        accounts=[AccountInput(company=company, currency=company.currency)],
        contacts=[ContactInput(name="Anna", email="anna@example.com")],
        actor=user(actor),
    )


def customer_added() -> Arguments:
    """The same, added; a second company and a group wait for it."""
    made = office()
    add_customer(**made)
    CompanyFactory(code="FR01")
    group = group_create(fields=GroupInput(code="H", name="Holding"), actor=None)
    customer = Customer.objects.get(code="NEW")
    return {"customer": customer.pk, "group": group.pk, "actor": made["actor"]}


def change_customer(customer: int, group: int, actor: int) -> None:
    """Another name, a group, an account in a second company, another person."""
    current = Customer.objects.get(pk=customer)
    company = Company.objects.get(code="FR01")
    anna = current.contacts.get()
    customer_update(
        customer=current,
        fields=CustomerInput(
            code="NEW", name="Old friend", group=CustomerGroup.objects.get(pk=group)
        ),
        accounts=[AccountInput(company=company, currency=company.currency)],
        contacts=[
            ContactInput(name="Anna", pk=anna.pk, remove=True),
            ContactInput(name="Berta", email="berta@example.com"),
        ],
        actor=user(actor),
    )


def block_customer(account: int, actor: int) -> None:
    """No more sales to this customer."""
    customer_status_set(
        customer=_account(account).customer,
        status="blocked",
        reason="insolvent",
        on=TODAY,
        actor=user(actor),
    )


def write_days_late(account: int, actor: int) -> None:
    """The control of remittances found out how late this customer pays."""
    account_days_late_set(account=_account(account), days=6, actor=user(actor))


def add_group(account: int, actor: int) -> None:
    """A group whose head becomes its first member."""
    head = _account(account).customer
    group_create(fields=GroupInput(code="H", name="Holding", head=head), actor=user(actor))


def grouped() -> Arguments:
    """The same, added."""
    made = office()
    add_group(**made)
    return {"group": CustomerGroup.objects.get().pk, "actor": made["actor"]}


def change_group(group: int, actor: int) -> None:
    """Another name, and no head."""
    group_update(
        group=CustomerGroup.objects.get(pk=group),
        fields=GroupInput(code="H", name="House"),
        actor=user(actor),
    )


# --- Limits, policies, alerts ----------------------------------------------------------------


def grant(account: int, actor: int) -> None:
    """A higher limit for two months: what was granted ends, and comes back afterwards."""
    current = _account(account)
    limit_grant(
        account=current,
        state="amount",
        amount=Decimal(5000),
        currency=current.currency,
        valid_from=TODAY,
        valid_until=TODAY + 60 * DAY,
        reason="season",
        actor=user(actor),
    )


def policy_changed() -> Arguments:
    """A rule of the policy was changed; nobody is asked by it before it is published."""
    made = office()
    policy = CreditPolicy.objects.get(company=None)
    policy.rules.filter(rule="near_limit").update(threshold=80)
    return {"policy": policy.pk, "actor": made["actor"]}


def publish(policy: int, actor: int) -> None:
    """Publish it."""
    policy_publish(policy=CreditPolicy.objects.get(pk=policy), actor=user(actor))


def no_policy() -> Arguments:
    """A company before anything was installed."""
    CompanyFactory()
    return {}


def install_policy() -> None:
    """The policy a new installation starts with."""
    policies_install_defaults()


def policy_empty() -> Arguments:
    """A policy of one company that has no rules yet."""
    world = furnished()
    policy = CreditPolicy.objects.create(company=world.company, name="Ours")
    return {"policy": policy.pk}


def install_rules(policy: int) -> None:
    """Give it the rules it lacks."""
    policy_rules_install(policy=CreditPolicy.objects.get(pk=policy))


def alerted() -> Arguments:
    """An alert about the account that nobody has seen."""
    made = office()
    alert = Alert.objects.create(
        account_id=made["account"], kind=Alert.Kind.OVERDUE, as_of=TODAY, facts={}
    )
    return {"alert": alert.pk, "actor": made["actor"]}


def see(alert: int, actor: int) -> None:
    """Somebody looks at it."""
    current = Alert.objects.select_related("account__company").get(pk=alert)
    alert_see(alert=current, actor=User.objects.get(pk=actor))


# --- Files -----------------------------------------------------------------------------------
# All copies of a scene keep their files in one place, and a name that is taken would be changed.


def order_and_file() -> Arguments:
    """An accepted order, to which a file belongs."""
    order, root = accepted_order()
    return {"document": order.pk, "actor": root.pk}


def attach(document: int, actor: int) -> None:
    """Attach the file."""
    default_storage.delete(f"documents/{document}/order.txt")
    attachment_add(
        document=found(document),
        file=SimpleUploadedFile("order.txt", b"two pumps"),
        actor=user(actor),
    )


def profiles() -> Arguments:
    """The world with the profiles we ship."""
    made = office()
    profiles_install_defaults()
    return made


def upload(account: int, actor: int) -> None:
    """Upload a file of one open item."""
    key = uuid.UUID(int=1)
    default_storage.delete(f"imports/{key.hex}.csv")
    with mock.patch.object(uuid, "uuid4", return_value=key):
        import_upload(
            company=_account(account).company,
            file=io.BytesIO(standard(["C1", "OPEN-1", "2026-02-01", "2026-03-03", "110.00"])),
            name="open.csv",
            profile=ImportProfile.objects.get(name="standard"),
            actor=user(actor),
        )


# --- A new installation ----------------------------------------------------------------------


def nothing() -> Arguments:
    """A database that was just migrated."""
    return {}


def install_everything() -> None:
    """What a new installation starts with."""
    defaults_install()
