"""The night under kills: as in production, only with smaller chunks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from unittest import mock

from core.models import JobRun
from credit_limits.models import ExposureSnapshot
from customers.models import CustomerAccount
from reports.services import nightly
from tests.factories.customers import CustomerAccountFactory
from tests.factories.ledger import OpenItemFactory
from tests.harness.scenes import furnished
from tests.reports import nights
from tests.world import TODAY

if TYPE_CHECKING:
    from tests.harness.lab import Arguments

CHUNK = 2


def five_accounts() -> Arguments:
    """Five accounts, two of them over their limit and overdue: three chunks of two."""
    world = furnished()
    for _account in range(3):
        account = CustomerAccountFactory(company=world.company)
        OpenItemFactory(account=account, amount=300, document_on=TODAY - nights.DAY * 60)
        world.limit(250, account=account)
    return {"accounts": CustomerAccount.objects.count()}


def night(accounts: int) -> None:
    """Run the night of the day, two accounts at a time."""
    done = ExposureSnapshot.objects.filter(as_of=TODAY).count()
    with mock.patch.object(nightly, "CHUNK", CHUNK):
        run = nightly.nightly_run(as_of=TODAY)
    assert run.status == JobRun.Status.DONE, run.errors
    assert run.counts["snapshots_written"] == accounts - done, "work was done twice or not at all"
    left = JobRun.objects.filter(status=JobRun.Status.RUNNING)
    assert not left.exists(), "a run that is gone is still called running"


def stored(**_arguments: Any) -> Any:
    """What the night stored, without keys and moments."""
    return json.loads(json.dumps(nights.figures(), default=str))
