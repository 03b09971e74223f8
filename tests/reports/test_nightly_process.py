"""A night as a real process on a real database, killed in the middle and run again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from core.models import Company, JobRun
from credit_limits.models import Alert, ExposureSnapshot, PaymentBehaviour
from credit_limits.services.policies import policies_install_defaults
from ledger.selectors import residual_proof
from ledger.services.accounts import ledger_install_defaults
from ledger.services.lines import lines_fill
from reports.scenarios.scratch import Scratch
from reports.services.nightly import CHUNK
from tests.factories.core import CompanyFactory
from tests.reports.nights import TABLES, figures
from tests.world import TODAY

ROOT = Path(__file__).resolve().parents[2]
ACCOUNTS = 3 * CHUNK
ITEMS = 4
PATIENCE = 60

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


def start_night() -> subprocess.Popen[str]:
    """`manage.py nightly` as its own process, on the database this one is connected to."""
    params = connection.get_connection_params()
    user, secret = quote(params["user"]), quote(str(params.get("password") or ""))
    address = (
        f"postgres://{user}:{secret}@/{params['dbname']}"
        f"?host={quote(str(params.get('host') or ''), safe='')}&port={params.get('port') or 5432}"
    )
    environment = os.environ | {
        "DATABASE_URL": address,
        "REDIS_URL": "redis://localhost:1/0",  # named, so that no embedded broker is started
        "SECRET_KEY": "only-for-tests-" + "x" * 40,
        "DJANGO_SETTINGS_MODULE": "config.settings_test",
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "nightly", "--date", str(TODAY)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_progress(process: subprocess.Popen[str]) -> JobRun:
    """The row of the run as soon as its first stages are done."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        run = JobRun.objects.filter(status=JobRun.Status.RUNNING).first()
        if run is not None and run.counts.get("behaviours_written"):
            return run
        time.sleep(0.005)
    process.kill()
    pytest.fail(f"no progress seen; the process said: {process.communicate()}")


def wait_for_the_lock() -> None:
    """The server notices the death of a client when it next speaks to it."""
    deadline = time.monotonic() + PATIENCE
    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 1001"
    here = " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(held + here)
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.02)
    pytest.fail("the lock of the killed night was never freed")


def forget_the_nights() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)}, core_jobrun")


def test_a_night_killed_in_the_middle_is_completed_by_the_next_run(
    django_db_blocker: DjangoDbBlocker,
) -> None:
    with django_db_blocker.unblock(), Scratch() as scratch, scratch.fresh():
        company = CompanyFactory()
        policies_install_defaults()
        fill(company)
        assert residual_proof() == []

        process = start_night()
        killed = wait_for_progress(process)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(timeout=PATIENCE) == -signal.SIGKILL
        wait_for_the_lock()

        killed.refresh_from_db()
        done = ExposureSnapshot.objects.count()
        assert killed.status == JobRun.Status.RUNNING
        assert 0 < done < ACCOUNTS
        assert done % CHUNK == 0

        call_command("nightly", date=TODAY, verbosity=0)

        killed.refresh_from_db()
        again = JobRun.objects.get(status=JobRun.Status.DONE)
        assert killed.status == JobRun.Status.FAILED
        assert again.counts["snapshots_written"] == ACCOUNTS - done
        assert again.counts["accounts"] == ExposureSnapshot.objects.count() == ACCOUNTS
        assert PaymentBehaviour.objects.filter(settled_amount__gt=0).count() == ACCOUNTS
        assert PaymentBehaviour.objects.filter(average_days_late__gt=0).exists()
        assert {*Alert.objects.values_list("kind", flat=True)} == {"over_limit", "overdue"}
        after_the_kill = figures()

        forget_the_nights()
        call_command("nightly", date=TODAY, verbosity=0)

        assert figures() == after_the_kill
