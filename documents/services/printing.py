"""The final print: the gate after which a document counts as printed. It asks for credit.

Nothing leaves the house before the check passed: the content of the paper is kept in the same
transaction as the printed flag, and the PDF is drawn from it after the commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import clock, events
from core.errors import Conflict
from core.locks import busy_on_timeout
from core.permissions import require
from credit_limits.engine.types import Checkpoint
from credit_limits.services.checks import credit_check
from credit_limits.standing import standing
from documents import lifecycle
from documents.asking import SUBJECT_TYPE, is_checked
from documents.models import Document, DocumentPaper, HoldCase
from documents.printing import content_of, says_the_same
from documents.results import PASSING, check_data
from documents.services.base import document_lock, guard
from documents.services.cases import pending_wish
from documents.services.history import live_refresh, state_write
from documents.services.holds import case_close, case_open
from documents.services.standing import asked_printed

if TYPE_CHECKING:
    from datetime import date

    from core.models import User
    from credit_limits.engine.types import Decision
    from credit_limits.services.checks import CheckResult


class PrintOutcome(StrEnum):
    """What came of a final print. Only PRINTED changes the document."""

    PRINTED = "printed"
    COPY = "copy"
    MARKED = "marked"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class PrintResult:
    """What came of a final print.

    PRINTED: `paper` is the original. COPY: it was printed before and says the same, `paper` is
    that one. MARKED: held, and the policy lets a marked paper out without the printed flag.
    BLOCKED: held, no paper at all. `reasons` are the codes of what holds it, `decision` is that of
    a check made now (None where none was made), `case` the open case.
    """

    document: Document
    outcome: PrintOutcome
    paper: DocumentPaper | None = None
    reasons: tuple[str, ...] = ()
    decision: Decision | None = None
    case: HoldCase | None = None


def document_print_final(
    *, document: Document, actor: User, as_of: date | None = None
) -> PrintResult:
    """Print an accepted document for good, or say what holds it (parameter P8).

    Asks for credit at the checkpoint of printing, except for documents that ask nobody. Held, with
    *block physical print* on: no paper, and a case for an approver, whose release covers the next
    print. Off: a marked paper, and the document stays unprinted. What was printed and says the
    same is not asked about again. Raises Conflict (a draft, a wish that waits), NotAllowed, Busy.
    """
    require(actor, "documents.print_document")
    as_of = as_of or clock.today()
    with busy_on_timeout(), transaction.atomic():
        current = document_lock(document.pk)
        if current.status == Document.Status.HELD:
            return _held_already(current, actor)
        guard(current, lifecycle.Action.PRINT)
        content = content_of(current)
        last = current.papers.order_by("-edition").first()
        if last is not None and says_the_same(last.content, content):
            return PrintResult(current, PrintOutcome.COPY, last)
        _nothing_waits(current)
        result = None
        if is_checked(current.type):
            result = credit_check(
                account=current.account,
                asked=asked_printed(current),
                checkpoint=Checkpoint.PRINT,
                actor=actor,
                as_of=as_of,
            )
            if result.decision.outcome not in PASSING:
                return _held_now(current, actor, result)
        for case in _open_cases(current, Checkpoint.PRINT):
            case_close(case=case, status=HoldCase.Status.LAPSED, actor=actor, comment="")
        paper = _print(current, content, last, actor, as_of)
        _record(
            current,
            "documents.document.printed",
            actor,
            {
                **(check_data(result) if result else {}),
                "amount": current.gross_amount,
                "currency": current.currency_id,
                "edition": paper.edition,
            },
        )
    return PrintResult(
        current, PrintOutcome.PRINTED, paper, decision=result.decision if result else None
    )


def _print(
    current: Document,
    content: dict[str, Any],
    last: DocumentPaper | None,
    actor: User,
    as_of: date,
) -> DocumentPaper:
    """Set the flag (its first day stays) and keep what the paper says."""
    if current.printed_on is None:
        current.printed_on, current.printed_by = as_of, actor
    current.version += 1
    current.save()
    state_write(current, on=as_of)
    live_refresh(current)
    return DocumentPaper.objects.create(
        document=current,
        edition=last.edition + 1 if last else 1,
        content=content,
        printed_on=as_of,
        printed_by=actor,
    )


def _nothing_waits(current: Document) -> None:
    """Raise Conflict when the print would lock out a change that an approver is asked about."""
    if current.type.block_printed and pending_wish(current) is not None:
        raise Conflict(
            "documents.change_waits",
            _(
                "A change of this document waits for a decision, and once printed it cannot be "
                "changed any more. Decide or drop the change first."
            ),
        )


def _held_already(current: Document, actor: User) -> PrintResult:
    """The document itself waits for a decision: nothing is asked again."""
    policy = standing(current.account, subject_type=SUBJECT_TYPE, subject_id=current.pk).version
    case = next(iter(_open_cases(current)), None)
    reasons = tuple(case.reasons) if case else ()
    outcome = _outcome(policy.content)
    _record(
        current,
        "documents.document.print_held",
        actor,
        {"reasons": list(reasons), "paper": outcome.value},
    )
    return PrintResult(current, outcome, reasons=reasons, case=case)


def _held_now(current: Document, actor: User, result: CheckResult) -> PrintResult:
    """The check stopped the print: the document stays as it is, with a case of its own."""
    case = case_open(document=current, result=result, actor=actor)
    outcome = _outcome(result.policy_version.content)
    _record(
        current,
        "documents.document.print_held",
        actor,
        {**check_data(result), "paper": outcome.value},
    )
    return PrintResult(current, outcome, None, tuple(case.reasons), result.decision, case)


def _outcome(policy: dict[str, Any]) -> PrintOutcome:
    """P8: a held document gives no paper at all, or a marked one."""
    return PrintOutcome.BLOCKED if policy.get("block_print") else PrintOutcome.MARKED


def _open_cases(current: Document, *checkpoints: Checkpoint) -> list[HoldCase]:
    cases = current.hold_cases.filter(status=HoldCase.Status.OPEN).select_related("request")
    return list(cases.filter(checkpoint__in=checkpoints) if checkpoints else cases)


def _record(current: Document, action: str, actor: User, data: dict[str, Any]) -> None:
    events.record(
        action,
        current,
        actor=actor,
        company=current.company,
        customer_id=current.account.customer_id,
        data={**data, "account_id": current.account_id},
    )
