"""Closing the books through a day, and opening them again."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from core.clock import today
from core.errors import Conflict, Invalid
from core.events import record
from core.locks import busy_on_timeout, set_lock_timeout
from core.models import Company, User
from core.permissions import require
from ledger.models import LedgerSettings
from ledger.models.triggers import CALENDAR_LOCK

RIGHT: Final = "ledger.close_period"


def period_close(*, company: Company, through: date, actor: User | None) -> LedgerSettings:
    """Close the books of a company through a day: nothing is posted on it or before it any more.

    Waits for postings under way. Raises Invalid at `through` for today or a later day, Conflict
    when the books are closed so far already, NotAllowed, Busy.
    """
    if through >= today():
        raise Invalid(
            "ledger.period_not_over",
            _("Only days that are over can be closed."),
            field="through",
        )
    return _move(company, through, actor, closing=True)


def period_reopen(
    *, company: Company, through: date | None, reason: str, actor: User | None
) -> LedgerSettings:
    """Open the books again: closed only through an earlier day, or not at all (None).

    Raises Invalid without a reason, Conflict when the books are not closed beyond that day,
    NotAllowed, Busy.
    """
    if not reason.strip():
        raise Invalid("ledger.reason_missing", _("Say why."), field="reason")
    return _move(company, through, actor, closing=False, reason=reason.strip())


def _move(
    company: Company, through: date | None, actor: User | None, *, closing: bool, reason: str = ""
) -> LedgerSettings:
    if actor is not None:
        require(actor, RIGHT)
    with busy_on_timeout(), transaction.atomic():
        set_lock_timeout()
        LedgerSettings.objects.get_or_create(company=company)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [CALENDAR_LOCK, company.pk])
        settings = LedgerSettings.objects.select_for_update(no_key=True).get(company=company)
        before = settings.closed_through
        if closing and before is not None and through is not None and through <= before:
            raise Conflict(
                "ledger.period_closed_already",
                _("The books are closed through %(closed)s already."),
                params={"closed": before},
            )
        if not closing and (before is None or (through is not None and through >= before)):
            raise Conflict("ledger.period_open_already", _("The books are open there already."))
        settings.closed_through = through
        settings.save(update_fields=("closed_through",))
        record(
            "ledger.period.closed" if closing else "ledger.period.reopened",
            settings,
            actor=actor,
            company=company,
            data={"through": through, "before": before, "reason": reason},
        )
    return settings
