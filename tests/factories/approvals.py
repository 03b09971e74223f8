"""Authorities and requests for tests."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from factory.declarations import LazyAttribute, LazyFunction, SubFactory
from factory.helpers import post_generation

from approvals.models import ApprovalAuthority, ApprovalRequest, ApprovalStep, RequestKind
from tests.factories.base import ModelFactory
from tests.factories.core import CurrencyFactory, UserFactory, role_group
from tests.factories.customers import CustomerAccountFactory


class AuthorityFactory(ModelFactory[ApprovalAuthority]):
    """The role of approvers up to 10,000 EUR, unless `user=…, group=None` says who else."""

    class Meta:
        model = ApprovalAuthority

    kind = RequestKind.DOCUMENT_RELEASE
    group = LazyFunction(lambda: role_group("approver"))
    max_amount = Decimal("10000")
    currency = SubFactory(CurrencyFactory)


class RequestFactory(ModelFactory[ApprovalRequest]):
    """An open request about the customer of its account, for 2,360 EUR over the limit.

    The subject is a customer, the simplest thing there is below; a step waits.
    """

    class Meta:
        model = ApprovalRequest
        skip_postgeneration_save = True

    kind = RequestKind.DOCUMENT_RELEASE
    subject_type = "customers.customer"
    account = SubFactory(CustomerAccountFactory)
    subject_id = LazyAttribute(lambda o: o.account.customer_id)
    subject_text = LazyAttribute(lambda o: f"SO-{o.subject_id}")
    requested_by = SubFactory(UserFactory, role="sales")
    barred_ids = LazyAttribute(lambda o: [o.requested_by.pk])
    amount = Decimal("2360")
    overrun = Decimal("2360")
    currency = SubFactory(CurrencyFactory)
    reasons = ["LIMIT_EXCEEDED"]
    snapshot = LazyFunction(
        lambda: {
            "currency": "EUR",
            "limit_state": "amount",
            "limit": "50000.00",
            "used": "43210.00",
            "projected": "52360.00",
            "headroom": "-2360.00",
            "overrun": "2360.00",
            "overdue": "3400.00",
            "components": {"order_open": "8000.00", "invoice_open": "35210.00"},
            "component_labels": {"order_open": "Orders", "invoice_open": "Open items"},
            "findings": [
                {
                    "reason": "LIMIT_EXCEEDED",
                    "label": "Over the limit",
                    "sentence": "Over the limit by 2,360.00 EUR",
                    "observed": "52360.00",
                    "threshold": "50000.00",
                    "effect": "hold",
                }
            ],
            "reason_labels": {"LIMIT_EXCEEDED": "Over the limit"},
            "ways": ["Reduce the order by 2,360.00 EUR"],
            "release": {
                "reasons": ["LIMIT_EXCEEDED"],
                "amount_up_to": "9607.50",
                "currency": "EUR",
                "until": "2026-12-22",
            },
            "document": {"text": "SO-1", "gross": "9150.00", "currency": "EUR"},
            "customer": {"status": "Released"},
            "policy_version": 1,
        }
    )

    @post_generation
    def step(self: Any, create: bool, extracted: object, **_kwargs: object) -> None:
        if create:
            ApprovalStep.objects.get_or_create(request=self, position=1)
