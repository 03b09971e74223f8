"""Granting limits: dated rows that never overlap and are never rewritten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext_lazy as _

from core import events
from core.errors import Invalid
from core.locks import busy_on_timeout
from core.permissions import require
from credit_limits.models import CreditLimit
from customers.locks import scope_lock
from customers.models import CustomerAccount

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from core.models import Currency, User
    from customers.models import Customer, CustomerGroup


def limit_grant(
    *,
    state: str,
    currency: Currency,
    valid_from: date,
    reason: str,
    actor: User | None,
    account: CustomerAccount | None = None,
    customer: Customer | None = None,
    group: CustomerGroup | None = None,
    amount: Decimal | None = None,
    valid_until: date | None = None,
    kind: str = CreditLimit.Kind.PERMANENT,
) -> CreditLimit:
    """Grant a limit to exactly one scope from `valid_from` until before `valid_until`.

    A row that is in force on `valid_from` ends there; what it had left after `valid_until` comes
    back as a row of its own; rows that would have started in between are taken back. `actor`
    None is the system (imports, demo). Raises Invalid for wrong input, NotAllowed without the
    right, Busy when the scope is locked.
    """
    if actor is not None:
        require(actor, "credit_limits.grant_limit")
    scopes = [scope for scope in (account, customer, group) if scope is not None]
    _validate(scopes, state, amount, valid_from, valid_until, reason, kind)
    with busy_on_timeout(), transaction.atomic():
        scope_lock(account_ids=_account_ids(account, customer, group))
        span = DateRange(valid_from, valid_until)
        replaced = _make_room(account, customer, group, kind, span)
        limit = CreditLimit.objects.create(
            account=account,
            customer=customer,
            group=group,
            kind=kind,
            state=state,
            amount=amount,
            currency=currency,
            valid_during=span,
            reason=reason.strip(),
            granted_by=actor,
        )
        party = customer or (account.customer if account else None)
        events.record(
            "credit_limits.limit.granted",
            limit,
            actor=actor,
            company=account.company if account else None,
            customer_id=party.pk if party else (group.head_id if group else None),
            data={
                "scope": str(scopes[0]),
                "kind": kind,
                "state": state,
                "amount": amount,
                "currency": currency.pk,
                "valid_from": valid_from,
                "valid_until": valid_until,
                "before": [
                    {"state": row.state, "amount": row.amount, "currency": row.currency_id}
                    for row in replaced
                ],
                "reason": reason.strip(),
                "account_ids": _account_ids(account, customer, group),
            },
        )
    return limit


def _validate(
    scopes: list[CustomerAccount | Customer | CustomerGroup],
    state: str,
    amount: Decimal | None,
    valid_from: date,
    valid_until: date | None,
    reason: str,
    kind: str,
) -> None:
    if len(scopes) != 1:
        msg = "a limit belongs to exactly one of account, customer and group"
        raise ValueError(msg)
    if state not in CreditLimit.State.values or kind not in CreditLimit.Kind.values:
        msg = "unknown state or kind of limit"
        raise ValueError(msg)
    if state == CreditLimit.State.AMOUNT:
        if amount is None or amount <= 0:
            raise Invalid(
                "credit_limits.amount_needed",
                _("Write an amount above zero, or choose the state “zero”."),
                field="amount",
            )
    elif amount is not None:
        raise Invalid(
            "credit_limits.amount_not_wanted",
            _("Only the state “amount” takes an amount."),
            field="amount",
        )
    if valid_until is not None and valid_until <= valid_from:
        raise Invalid(
            "credit_limits.ends_before_start",
            _("The limit must end after it starts."),
            field="valid_until",
        )
    if kind == CreditLimit.Kind.TEMPORARY and valid_until is None:
        raise Invalid(
            "credit_limits.temporary_needs_end",
            _("A temporary limit needs a last day."),
            field="valid_until",
        )
    if not reason.strip():
        raise Invalid(
            "credit_limits.reason_needed", _("Say why the limit is granted."), field="reason"
        )


def _account_ids(
    account: CustomerAccount | None, customer: Customer | None, group: CustomerGroup | None
) -> list[int]:
    if account is not None:
        return [account.pk]
    accounts = CustomerAccount.objects.all()
    accounts = (
        accounts.filter(customer=customer)
        if customer is not None
        else accounts.filter(customer__group=group)
    )
    return list(accounts.order_by("pk").values_list("pk", flat=True))


def _make_room(
    account: CustomerAccount | None,
    customer: Customer | None,
    group: CustomerGroup | None,
    kind: str,
    span: DateRange,
) -> list[CreditLimit]:
    """End or empty the rows that `span` would overlap; bring back what they had left after it."""
    rows = list(
        CreditLimit.objects.filter(
            account=account,
            customer=customer,
            group=group,
            kind=kind,
            is_approved=True,
            valid_during__overlap=span,
        )
        .select_related("currency")
        .order_by("pk")
    )
    for row in rows:
        old = row.valid_during
        starts_before = old.lower is None or old.lower < span.lower
        kept = DateRange(old.lower, span.lower) if starts_before else DateRange(empty=True)
        CreditLimit.objects.filter(pk=row.pk).update(valid_during=kept)
        outlasts = span.upper is not None and (old.upper is None or old.upper > span.upper)
        if outlasts:
            CreditLimit.objects.create(
                account=account,
                customer=customer,
                group=group,
                kind=kind,
                state=row.state,
                amount=row.amount,
                currency=row.currency,
                valid_during=DateRange(span.upper, old.upper),
                reason=row.reason,
                granted_by=row.granted_by,
            )
    return rows
