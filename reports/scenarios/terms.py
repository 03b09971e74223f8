"""Limits and statuses of customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from core.models import Currency
from credit_limits.models import CreditProfile
from credit_limits.services.limits import limit_grant
from customers.services import customer_status_set
from reports.scenarios.world import LONG_AGO, GivenError, World

if TYPE_CHECKING:
    from core.models import User

GIVEN = "given"


def limit_terms(facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """State and amount of a limit as written; None when nothing is said about it."""
    if "limit" not in facts and "limit_mode" not in facts:
        return None
    amount, mode = facts.get("limit"), facts.get("limit_mode")
    if mode in {"unlimited", "none"}:
        if amount is not None:
            msg = f"a limit of {amount} cannot be {mode}"
            raise GivenError(msg)
        return {"state": mode, "amount": None}
    if amount is None:
        return {"state": "zero" if mode == "zero" else "none", "amount": None}
    if amount == 0:
        return {"state": "zero", "amount": None}
    return {"state": "amount", "amount": amount}


def limits_grant(world: World, name: str, facts: Mapping[str, Any]) -> None:
    """The limits given of a customer: its own, those in single companies, a temporary one."""
    for company, amount in facts.get("limit_in", {}).items():
        account = world.account(name, company)
        limit_grant(
            **(limit_terms({"limit": amount}) or {}),
            account=account,
            currency=account.currency,
            valid_from=LONG_AGO,
            reason=GIVEN,
            actor=None,
        )
    scope = limit_scope(world, {"customer": name})
    terms = limit_terms(facts)
    if terms is not None and terms["state"] != "none":
        limit_grant(
            **terms,
            **scope,
            valid_from=facts.get("limit_from", LONG_AGO),
            valid_until=facts.get("limit_until"),
            reason=GIVEN,
            actor=None,
        )
    temporary = facts.get("temporary_limit")
    if temporary:
        limit_grant(
            **scope,
            state="amount",
            amount=temporary["amount"],
            kind="temporary",
            valid_from=temporary.get("from", world.today),
            valid_until=temporary["until"],
            reason=GIVEN,
            actor=None,
        )
    if "control" in facts:
        for account in world.accounts(name):
            CreditProfile.objects.create(account=account, control=facts["control"])


def limit_scope(world: World, told: Mapping[str, Any]) -> dict[str, Any]:
    """Whose limit it is and in which currency: a group's, one account's or a whole customer's."""
    if "group" in told:
        facts = world.given["groups"][told["group"]]
        currency = facts.get("currency") or world.company().currency_id
        return {
            "group": world.groups[told["group"]],
            "currency": Currency.objects.get(pk=currency),
        }
    account = world.account(told.get("customer"), told.get("company"))
    if world.is_wide and "company" not in told:
        return {"customer": account.customer, "currency": account.currency}
    return {"account": account, "currency": account.currency}


def group_limits_grant(world: World) -> None:
    """The limits given of groups."""
    for name, facts in world.given.get("groups", {}).items():
        terms = limit_terms(facts)
        if terms is not None and terms["state"] != "none":
            limit_grant(
                **terms,
                **limit_scope(world, {"group": name}),
                valid_from=LONG_AGO,
                reason=GIVEN,
                actor=None,
            )


def status_give(
    world: World, name: str | None, status: str, reason: str, actor: User | None
) -> None:
    """Give a customer a status; `no_check` means released and without any control."""
    customer = world.customer(name)
    customer.refresh_from_db()
    accounts = world.accounts(name)
    if status == "no_check":
        for account in accounts:
            CreditProfile.objects.update_or_create(account=account, defaults={"control": "none"})
        status = customer.Status.RELEASED
    if customer.status != status:
        customer_status_set(
            customer=customer,
            status=status,
            reason=reason,
            actor=actor,
            on=min(world.today, timezone.localdate()),
        )
