"""One step on several documents: each in a transaction of its own, each with an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from core.errors import DomainError
from credit_limits.engine.types import Outcome
from documents.credit_box import decision_reasons
from documents.services.posting import invoice_post
from documents.services.submit import document_submit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from core.models import User
    from documents.models import Document
    from documents.results import SubmitResult

type Step = Literal["submit", "post"]
FAILED: Final = "failed"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one document of the batch.

    `outcome` is pass, warn, hold or refuse as the check said, or "failed" when the step could not
    be taken at all; `why` says it in sentences, empty for a plain pass.
    """

    document: Document
    outcome: str
    why: str = ""

    @property
    def done(self) -> bool:
        """Whether the step was taken."""
        return self.outcome in {Outcome.PASS.value, Outcome.WARN.value}


def documents_step(
    *,
    documents: Sequence[Document],
    step: Step,
    actor: User,
    on: date | None = None,
    as_of: date | None = None,
) -> list[Answer]:
    """Submit or post these documents one after the other, in the order given.

    One that is held, or cannot be asked about, does not stop the others. `on` is the day of the
    books of everything that is posted (default: the day of each document). Documents need
    `account__customer` loaded.
    """
    return [_answer(document, step, actor, on, as_of) for document in documents]


def _answer(
    document: Document, step: Step, actor: User, on: date | None, as_of: date | None
) -> Answer:
    try:
        result = (
            document_submit(document=document, actor=actor, as_of=as_of)
            if step == "submit"
            else invoice_post(document=document, actor=actor, on=on, as_of=as_of)
        )
    except DomainError as error:
        return Answer(document, FAILED, str(error))
    return Answer(result.document, result.outcome.value, _why(result))


def _why(result: SubmitResult) -> str:
    if result.decision is None or result.outcome is Outcome.PASS:
        return ""
    return " ".join(reason.sentence for reason in decision_reasons(result.decision))
