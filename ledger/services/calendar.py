"""Whether a day is open for posting. The database asks again (trigger `period_open`)."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connection
from django.utils.translation import gettext_lazy as _

from core.clock import today
from core.errors import Invalid
from core.locks import require_atomic
from ledger.models import LedgerSettings
from ledger.models.triggers import CALENDAR_LOCK


def closed_through(company_id: int) -> date | None:
    """The last closed day of a company, which stays as it is until this transaction ends.

    Holds a shared lock on the company's calendar: closing a period waits for us, and we for it.
    """
    require_atomic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [CALENDAR_LOCK, company_id])
    # A statement of its own: it must see what was committed while we waited.
    rows = LedgerSettings.objects.filter(company=company_id)
    return rows.values_list("closed_through", flat=True).first()


def day_open(company_id: int, day: date, *, field: str = "posted_on") -> None:
    """Raise Invalid at `field` when the company's books are closed on `day`, or it is to come."""
    day_after(closed_through(company_id), day, field=field)
    day_come(day, field=field)


def day_come(day: date, *, field: str) -> None:
    """Raise Invalid at `field` for a day after today: what counts today is in the books today."""
    if day > today():
        raise Invalid(
            "ledger.day_to_come",
            _("%(day)s is still to come. Take %(today)s or an earlier day."),
            params={"day": day, "today": today()},
            field=field,
        )


def day_after(closed: date | None, day: date, *, field: str) -> None:
    """Raise Invalid at `field` unless `day` lies after the last closed day."""
    if closed is not None and day <= closed:
        raise Invalid(
            "ledger.period_closed",
            _("The books are closed through %(closed)s. Take %(first)s or a later day."),
            params={"closed": closed, "first": closed + timedelta(days=1)},
            field=field,
        )
