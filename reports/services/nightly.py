"""The night: snapshots, behaviour, alerts, held re-checks, mails, proofs. Safe to run again.

Accounts are worked in chunks of one company, each stage of a chunk in a transaction of its own. A
stage that fails is noted with its error and the others go on; the run then ends as failed, with
everything else done. A run cut short (kill, restart) leaves a row that the next start marks as
failed.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict, Invalid
from core.links import subject_url
from core.locks import JobKey, job_lock, settled_moment
from core.models import Company, JobRun
from core.notifications import notifications_email_pending, notify
from credit_limits.services.snapshots import (
    alerts_raise,
    behaviours_take,
    exposure_snapshots_take,
    snapshots_prove,
)
from customers.models import CustomerAccount
from documents.services.recheck import held_recheck
from ledger.selectors.proof import ledger_misses, residual_proof
from reports.selectors import treasury_people

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

log = structlog.get_logger(__name__)

JOB = "nightly"
CHUNK = 500
MOST_ERRORS = 50


def nightly_run(*, as_of: date | None = None) -> JobRun:
    """Run the night of a business day (default: today) and return its row.

    Re-running a day changes nothing that was right. Held documents are only asked about again,
    and mails only sent, on the current day: an old date must not decide today's documents.
    Raises Invalid for a future day and Conflict when a night is running already.
    """
    today = timezone.localdate()
    day = as_of or today
    if day > today:
        raise Invalid("reports.night_in_future", _("The night of a future day cannot be run."))
    with job_lock(JobKey.NIGHTLY) as got:
        if not got:
            raise Conflict("reports.night_running", _("A night is running already."))
        _bury_the_dead()
        run = JobRun.objects.create(name=JOB, as_of=day)
        return _Night(run, is_today=day == today).work()


def _bury_the_dead() -> None:
    """Rows left running by a process that is gone (we hold the lock, so nobody else runs)."""
    for run in JobRun.objects.filter(name=JOB, status=JobRun.Status.RUNNING):
        run.status = JobRun.Status.FAILED
        run.finished_at = timezone.now()
        run.errors = [*run.errors, {"stage": "", "error": _("The process ended before its work.")}]
        run.save()


class _Night:
    """One run: its row, its counts, its errors."""

    def __init__(self, run: JobRun, *, is_today: bool) -> None:
        self.run = run
        self.is_today = is_today
        self.known_at = run.started_at
        self.counts: Counter[str] = Counter()
        self.errors: list[dict[str, Any]] = []

    def work(self) -> JobRun:
        """Every stage, then the verdict."""
        day = self.run.as_of
        for number, chunk in enumerate(_chunks(), start=1):
            on_chunk: dict[str, Any] = {"as_of": day, "account_ids": chunk}
            if self._stage(f"exposure {number}", partial(self._take, chunk)):
                self._stage(f"proof {number}", partial(self._prove, chunk))
                self._stage(f"alerts {number}", partial(alerts_raise, **on_chunk))
            self._stage(f"behaviour {number}", partial(behaviours_take, **on_chunk))
        self._stage("residuals", self._prove_residuals)
        self._stage("control accounts", self._prove_control)
        if self.is_today:
            # Each case commits for itself: what was decided stays decided.
            self._stage("held documents", self._recheck, atomic=False)
            self._stage("mails", self._mails, atomic=False)
        return self._finish()

    def _stage(self, name: str, work: Callable[[], dict[str, int]], *, atomic: bool = True) -> bool:
        try:
            if atomic:
                with transaction.atomic():
                    self.counts.update(work())
            else:
                self.counts.update(work())
        except Exception as error:
            log.exception("night_stage_failed", stage=name, as_of=str(self.run.as_of))
            self._error(name, f"{type(error).__name__}: {error}")
            return False
        finally:
            self.run.counts = dict(self.counts)
            self.run.errors = self.errors
            self.run.save()
        return True

    def _error(self, stage: str, text: str) -> None:
        if len(self.errors) < MOST_ERRORS:
            self.errors.append({"stage": stage, "error": text[:500]})

    def _take(self, account_ids: Sequence[int]) -> dict[str, int]:
        self.known_at = settled_moment()
        return exposure_snapshots_take(
            as_of=self.run.as_of, account_ids=account_ids, known_at=self.known_at
        )

    def _prove(self, account_ids: Sequence[int]) -> dict[str, int]:
        if self._misses(account_ids):
            # A limit was granted between the two readings, say. What is wrong stays wrong.
            self._take(account_ids)
        misses = self._misses(account_ids)
        for miss in misses:
            self._error("proof", miss)
        return {"proved": len(account_ids) - len(misses), "proof_misses": len(misses)}

    def _misses(self, account_ids: Sequence[int]) -> list[str]:
        return snapshots_prove(
            as_of=self.run.as_of, account_ids=account_ids, known_at=self.known_at
        )

    def _prove_residuals(self) -> dict[str, int]:
        misses = residual_proof()
        for miss in misses:
            self._error(
                "residuals",
                f"item {miss.number}: stored {miss.stored}, allocations say {miss.proved}",
            )
        return {"residual_misses": len(misses)}

    def _prove_control(self) -> dict[str, int]:
        misses = ledger_misses(on=self.run.as_of)
        for text in misses:
            self._error("control accounts", text)
        return {"control_misses": len(misses)}

    def _recheck(self) -> dict[str, int]:
        counts = held_recheck(as_of=self.run.as_of, on_error=self._recheck_failed)
        return {f"held_{key}": value for key, value in counts.items()}

    def _recheck_failed(self, document_id: int, error: Exception) -> None:
        self._error("held documents", f"document {document_id}: {type(error).__name__}: {error}")

    def _mails(self) -> dict[str, int]:
        return {"mails": notifications_email_pending()}

    def _finish(self) -> JobRun:
        run = self.run
        run.counts = dict(self.counts)
        run.errors = self.errors
        run.status = JobRun.Status.FAILED if self.errors else JobRun.Status.DONE
        run.finished_at = timezone.now()
        with transaction.atomic():
            run.save()
            if self.errors:
                notify(
                    users=treasury_people(),
                    code="reports.night_failed",
                    params={"as_of": run.as_of, "errors": len(self.errors)},
                    url=subject_url("core.jobrun", run.pk),
                )
        log.info("night_done", as_of=str(run.as_of), status=run.status, **run.counts)
        return run


def _chunks() -> Iterator[Sequence[int]]:
    """Account ids in key order, at most `CHUNK` at a time.

    Accounts of two companies never share a chunk: what is wrong with one company (its policy,
    say) must not cost the other its night.
    """
    for company_id in Company.objects.order_by("pk").values_list("pk", flat=True):
        last = 0
        while ids := list(
            CustomerAccount.objects.filter(company=company_id, pk__gt=last)
            .order_by("pk")
            .values_list("pk", flat=True)[:CHUNK]
        ):
            yield ids
            last = ids[-1]
