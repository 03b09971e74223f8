"""A night over real chunks in a process of its own, killed between two of them and run again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.core.management import call_command
from django.db import connection, transaction

from core.models import Company, JobRun
from credit_limits.models import Alert, ExposureSnapshot, PaymentBehaviour
from credit_limits.services.policies import policies_install_defaults
from ledger.services.accounts import ledger_install_defaults
from ledger.services.lines import lines_fill
from reports.services.nightly import CHUNK
from tests.factories.core import CompanyFactory
from tests.harness.invariants import books, residuals
from tests.harness.kills import Command, Point, kill_everywhere
from tests.reports.nights import figures
from tests.world import TODAY

if TYPE_CHECKING:
    from tests.harness.lab import Arguments, Lab

ACCOUNTS = 3 * CHUNK
ITEMS = 4

# Every account owes ITEMS invoices (some overdue, a third of them paid, late by a few days), and
# every second one has a limit that some pass.
FILL = """
INSERT INTO customers_customer (code, name, legal_name, vat_number, country, address, status,
                                status_reason, created_at)
SELECT 'N' || n, 'Customer ' || n, '', '', 'IT', '', 'released', '', now()
FROM generate_series(1, {accounts}) n;

INSERT INTO customers_customeraccount (company_id, customer_id, currency_id, is_active)
SELECT {company}, id, 'EUR', true FROM customers_customer ORDER BY id;

INSERT INTO credit_limits_creditlimit (account_id, kind, state, amount, currency_id, valid_during,
                                       is_approved, reason, granted_at)
SELECT id, 'permanent', 'amount', 300 + id % 200, 'EUR', '[2025-01-01,)', true, 'test', now()
FROM customers_customeraccount WHERE id % 2 = 0;

INSERT INTO ledger_journalentry (company_id, account_id, kind, number, document_on,
                                 posted_on, state, currency_id, amount, rate, company_amount, text,
                                 entered_at)
SELECT {company}, a.id, kind, kind || n, day, day, 'posted', 'EUR', 100 + n, 1, 100 + n, '', now()
FROM customers_customeraccount a, generate_series(1, {items}) n,
     unnest(ARRAY['invoice', 'payment']) kind,
     LATERAL (SELECT date '{day}' - 60 + n + CASE kind WHEN 'payment' THEN 40 ELSE 0 END) d (day)
WHERE kind = 'invoice' OR n % 3 = 0;

INSERT INTO ledger_openitem (entry_id, account_id, direction, number, instalment, document_on,
                             due_on, currency_id, amount, open_amount, rate, company_amount,
                             is_posted, is_disputed, settled_on, entered_at)
SELECT e.id, e.account_id, CASE e.kind WHEN 'payment' THEN 'credit' ELSE 'debit' END, e.number, 1,
       e.document_on,
       e.document_on + CASE e.kind WHEN 'payment' THEN 0 ELSE 10 + (e.id % 60)::int END,
       'EUR', e.amount, e.amount, 1, e.amount, true, false, NULL, now()
FROM ledger_journalentry e;

INSERT INTO ledger_allocation (account_id, debit_item_id, credit_item_id, amount, allocated_on,
                               entered_at)
SELECT c.account_id, d.id, c.id, c.amount, c.document_on, now()
FROM ledger_openitem c JOIN ledger_openitem d ON d.account_id = c.account_id
     AND d.direction = 'debit' AND d.number = replace(c.number, 'payment', 'invoice')
WHERE c.direction = 'credit';

UPDATE ledger_openitem i SET open_amount = 0, settled_on = a.allocated_on
FROM ledger_allocation a WHERE i.id IN (a.debit_item_id, a.credit_item_id);

ANALYZE;
"""


def fill(company: Company) -> None:
    statement = FILL.format(accounts=ACCOUNTS, company=company.pk, items=ITEMS, day=TODAY)
    ledger_install_defaults(company)
    with transaction.atomic(), connection.cursor() as cursor:
        for part in statement.split(";\n"):
            if part.strip():
                cursor.execute(part)
        lines_fill()


def portfolio() -> Arguments:
    """Three chunks of accounts with items, payments and limits."""
    company = CompanyFactory()
    policies_install_defaults()
    fill(company)
    return {}


def night() -> None:
    """`manage.py nightly` for the day."""
    call_command("nightly", date=TODAY, verbosity=0)


def night_again() -> None:
    """The next start: it completes what is missing, and nothing else."""
    done = ExposureSnapshot.objects.count()
    killed = JobRun.objects.get()
    whole = killed.status == JobRun.Status.DONE
    assert done % CHUNK == 0, f"{done} snapshots are no whole chunks"
    assert whole == (killed.finished_at is not None)
    night()
    killed.refresh_from_db()
    again = JobRun.objects.exclude(pk=killed.pk).get()
    assert killed.status == (JobRun.Status.DONE if whole else JobRun.Status.FAILED)
    assert again.status == JobRun.Status.DONE
    assert again.counts["snapshots_written"] == ACCOUNTS - done
    assert again.counts["accounts"] == ExposureSnapshot.objects.count() == ACCOUNTS


def stored() -> Any:
    """All that the night stored, without keys and moments, and what it is about."""
    assert PaymentBehaviour.objects.filter(settled_amount__gt=0).count() == ACCOUNTS
    assert PaymentBehaviour.objects.filter(average_days_late__gt=0).exists()
    assert {*Alert.objects.values_list("kind", flat=True)} == {"over_limit", "overdue"}
    return json.loads(json.dumps(figures(), default=str))


def between_stages(point: Point) -> bool:
    """Just after a stage of a chunk was committed, another one still to come."""
    return point.sql == "COMMIT" and point.when == "after"


def test_a_night_killed_in_the_middle_is_completed_by_the_next_run(lab: Lab) -> None:
    command = Command(
        "night_of_chunks",
        portfolio,
        night,
        invariants=(residuals, books),
        again=night_again,
        figures=stored,
    )
    report = kill_everywhere(lab, command, among=between_stages, sample=3, seed=1)
    assert report.kills == 3 < report.places
