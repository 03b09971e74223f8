"""What a credit check reads beside the exposure: policy, history, releases and limits.

Two statements, written out: they run in every check, and composing them anew from models each
time cost more than everything the database does for them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from core.prepared import prepared_cursor
from credit_limits.exposure import AccountKey
from credit_limits.models import PolicyVersion
from credit_limits.policy_content import content_facts, policy_facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime
    from decimal import Decimal

    from credit_limits.engine.types import PolicyFacts
    from customers.models import CustomerAccount

_POLICY = """
SELECT v.id, v.policy_id, v.number, v.content::text,
       COALESCE(
           (SELECT p.control FROM credit_limits_creditprofile p WHERE p.account_id = %(account)s),
           'lock'),
       EXISTS (
           SELECT 1
           FROM ledger_journalentry e JOIN customers_customeraccount a ON a.id = e.account_id
           WHERE a.customer_id = %(customer)s),
       EXISTS (
           SELECT 1
           FROM credit_limits_creditcheck c JOIN customers_customeraccount a ON a.id = c.account_id
           WHERE a.customer_id = %(customer)s AND c.outcome IN ('pass', 'warn')
             AND NOT (c.subject_type = %(subject_type)s AND c.subject_id = %(subject_id)s)),
       (SELECT jsonb_agg(jsonb_build_object(
            'id', r.id, 'subject', r.subject_id, 'reasons', r.reasons,
            'amount', r.amount_up_to::text,
            'until', r.valid_until, 'checkpoints', r.checkpoints) ORDER BY r.id)::text
        FROM credit_limits_release r
        WHERE r.subject_type = %(subject_type)s AND r.subject_id = ANY(%(subjects)s))
FROM credit_limits_policyversion v JOIN credit_limits_creditpolicy o ON o.id = v.policy_id
WHERE o.company_id = %(company)s OR o.company_id IS NULL
ORDER BY o.company_id NULLS LAST, v.number DESC
LIMIT 1
"""

# Only a limit of a customer or a group has members to add up.
_LIMITS = """
SELECT l.account_id, l.customer_id, l.group_id, l.kind, l.state, l.amount, l.currency_id,
       l.valid_during, l.is_approved,
       CASE WHEN l.account_id IS NULL THEN (
           SELECT jsonb_agg(
               jsonb_build_array(m.id, m.currency_id, o.currency_id, o.id) ORDER BY m.id)
           FROM (
               SELECT a.id, a.currency_id, a.company_id
               FROM customers_customeraccount a
               WHERE a.customer_id = l.customer_id
               UNION ALL
               SELECT a.id, a.currency_id, a.company_id
               FROM customers_customer c JOIN customers_customeraccount a ON a.customer_id = c.id
               WHERE c.group_id = l.group_id
           ) m JOIN core_company o ON o.id = m.company_id
       )::text END
FROM credit_limits_creditlimit l
WHERE (l.account_id = %(account)s OR l.customer_id = %(customer)s OR l.group_id = %(group)s)
  AND l.is_approved AND l.valid_during @> %(as_of)s::date
ORDER BY l.granted_at DESC, l.id DESC
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest published policy of the account's company, and what one row can tell besides.

    `releases` are JSON objects: id, subject (id), reasons, amount (text), until (ISO day),
    checkpoints.
    """

    version: PolicyVersion
    policy: PolicyFacts
    control: str
    has_history: bool
    releases: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class LimitFound:
    """A limit in force. `members` are the accounts that share it; none for an account's own."""

    account_id: int | None
    customer_id: int | None
    group_id: int | None
    kind: str
    state: str
    amount: Decimal | None
    currency_id: str
    valid_during: Any
    is_approved: bool
    members: tuple[AccountKey, ...]


@lru_cache(maxsize=32)
def _read(number: int, content: str) -> tuple[dict[str, Any], PolicyFacts]:
    """A version's content read once per process: the same text always means the same policy."""
    values: dict[str, Any] = json.loads(content)
    return values, content_facts(values, number)


def standing(
    account: CustomerAccount,
    *,
    subject_type: str,
    subject_id: int | None,
    source_ids: Iterable[int] = (),
) -> Standing:
    """Policy, control, history and releases for a document of the account. One statement.

    Releases are those of the document and of the documents it continues (`source_ids`). History
    leaves out the checks of the document itself. Raises Invalid when no policy is
    published, ValueError when its content makes no sense.
    """
    with prepared_cursor() as cursor:
        cursor.execute(
            _POLICY,
            {
                "account": account.pk,
                "customer": account.customer_id,
                "company": account.company_id,
                "subject_type": subject_type,
                "subject_id": subject_id or 0,
                "subjects": [subject_id or 0, *source_ids],
            },
        )
        row = cursor.fetchone()
    if row is None:
        raise Invalid(
            "credit_limits.no_policy",
            _("No credit policy is published. An administrator must publish one first."),
        )
    key, policy_id, number, text, control, has_entries, has_checks, releases = row
    content, facts = _read(number, text)
    version = PolicyVersion.from_db(
        connection.alias,
        ["id", "policy_id", "number", "content"],
        [key, policy_id, number, content],
    )
    return Standing(
        version=version,
        policy=facts,
        control=control,
        has_history=has_entries or has_checks,
        releases=tuple(json.loads(releases)) if releases else (),
    )


def limits_in_force(account: CustomerAccount, as_of: date) -> list[LimitFound]:
    """Limits in force for the account, its customer and its group. One statement."""
    with prepared_cursor() as cursor:
        cursor.execute(
            _LIMITS,
            {
                "account": account.pk,
                "customer": account.customer_id,
                "group": account.customer.group_id,
                "as_of": as_of,
            },
        )
        rows = cursor.fetchall()
    return [
        LimitFound(
            account_id=row[0],
            customer_id=row[1],
            group_id=row[2],
            kind=row[3],
            state=row[4],
            amount=row[5],
            currency_id=row[6],
            valid_during=row[7],
            is_approved=row[8],
            members=tuple(AccountKey(*member) for member in json.loads(row[9] or "[]")),
        )
        for row in rows
    ]


def policies_by_company(
    company_ids: Iterable[int], known_at: datetime | None = None
) -> dict[int, PolicyFacts]:
    """The newest policy of each company (its own, else the general one), now or as known then.

    A policy that none of these companies uses is not even read.
    """
    wanted = set(company_ids)
    known = Q() if known_at is None else Q(published_at__lte=known_at)
    versions: dict[int | None, PolicyVersion] = {
        version.policy.company_id: version
        for version in PolicyVersion.objects.filter(
            known, Q(policy__company__in=wanted) | Q(policy__company__isnull=True)
        )
        .order_by("policy_id", "-number")
        .distinct("policy_id")
        .select_related("policy")
    }
    used = {
        company_id: version
        for company_id in wanted
        if (version := versions.get(company_id) or versions.get(None)) is not None
    }
    facts = {version.pk: policy_facts(version) for version in used.values()}
    return {company_id: facts[version.pk] for company_id, version in used.items()}
