"""One step while it is done: who did what, what it came to, and what it left behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from approvals.models import ApprovalRequest
from core.models import AuditEvent, Notification
from credit_limits.models import CreditCheck
from reports.scenarios.answers import ALLOWED, Answer, of_check
from reports.scenarios.standing import read

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    from reports.scenarios.standing import Standing
    from reports.scenarios.world import World

DOCUMENT_TYPE = "documents.document"
MARKED = (AuditEvent, Notification, ApprovalRequest)


@dataclass(slots=True)
class Doing:
    """A step on its way. `answers` are by document; `answer` is that of the last command."""

    world: World
    answer: Answer = ALLOWED
    answers: dict[str, Answer] = field(default_factory=dict)
    touched: list[str] = field(default_factory=list)
    customer: str | None = None
    company: str | None = None
    other_customers_wait: bool | None = None
    seconds: float = 0.0
    queries: int = 0
    background_failures: list[str] = field(default_factory=list)
    marks: dict[type[Model], int] = field(default_factory=dict)
    _standing: Standing | None = None

    def mark(self) -> None:
        """Remember what is there before the step."""
        self.marks = {model: newest(model.objects.all()) for model in MARKED}

    def since(self, model: type[Model]) -> QuerySet[Any]:
        """What the step has added."""
        rows: QuerySet[Any] = model.objects.filter(pk__gt=self.marks[model])  # type: ignore[attr-defined]
        return rows

    def standing(self) -> Standing:
        """Where the customer of the step stands after it."""
        if self._standing is None:
            self._standing = read(self.world, self._whose(), self._where())
        return self._standing

    def settle(self, name: str, check_mark: int) -> None:
        """Keep the answer of the newest check about a document since `check_mark`."""
        if name not in self.touched:
            self.touched.append(name)
        check = (
            CreditCheck.objects.filter(
                subject_type=DOCUMENT_TYPE,
                subject_id=self.world.document_ids[name],
                pk__gt=check_mark,
            )
            .order_by("-pk")
            .first()
        )
        self.answer = of_check(check) if check else ALLOWED
        self.answers[name] = self.answer

    def _whose(self) -> str | None:
        if self.customer is not None or not self.touched:
            return self.customer
        account = self.world.document(self.touched[-1]).account
        return next(
            name
            for name, customer in self.world.customers.items()
            if customer.pk == account.customer_id
        )

    def _where(self) -> str | None:
        """The company asked for; else, where limits are kept by company, the document's."""
        if self.company is not None or self.world.is_wide or not self.touched:
            return self.company
        company = self.world.document(self.touched[-1]).company_id
        return next(name for name, one in self.world.companies.items() if one.pk == company)


def newest(rows: QuerySet[Any]) -> int:
    """The highest key among the rows, 0 when there are none."""
    return rows.order_by("-pk").values_list("pk", flat=True).first() or 0


def checks_mark() -> int:
    """The newest check so far."""
    return newest(CreditCheck.objects.all())
