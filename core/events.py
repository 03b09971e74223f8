"""Recording what happened: one audit row per command, and the tasks that follow it."""

from __future__ import annotations

import contextvars
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.module_loading import import_string

from core import audit
from core.locks import require_atomic
from core.models import AuditEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.db.models import Model

    from core.models import Company, User

request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")

SYSTEM_NAME = "Affido"


def _routes() -> Mapping[str, tuple[str, ...]]:
    routes: Mapping[str, tuple[str, ...]] = import_string("config.wiring.EVENT_ROUTES")
    return routes


def _enqueue(path: str, event: AuditEvent) -> Callable[[], None]:
    def send() -> None:
        task = import_string(path)
        task.delay(event.pk)

    return send


def record(
    action: str,
    subject: Model,
    *,
    actor: User | None,
    company: Company | None = None,
    customer_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Write the audit event of a command, in its transaction, and route its tasks on commit.

    `action` is dotted past tense, such as "documents.document.submitted", and must have a
    sentence registered in `core.audit`. `actor` None means the system itself. A task that cannot
    be enqueued because the broker is away is logged, never raised: the night repeats its work
    from the database.
    """
    require_atomic()
    if not audit.is_known(action):
        msg = f"no sentence for audit action {action}"
        raise ValueError(msg)
    event = AuditEvent.objects.create(
        action=action,
        actor=actor,
        actor_name=str(actor) if actor else SYSTEM_NAME,
        company=company,
        subject_type=subject._meta.label_lower,
        # Rows with a key of letters (currencies) are known by their text alone.
        subject_id=subject.pk if isinstance(subject.pk, int) else 0,
        subject_text=str(subject)[:200],
        customer_id=customer_id,
        data=dict(data or {}),
        request_id=request_id.get(),
    )
    for path in _routes().get(action, ()):
        transaction.on_commit(_enqueue(path, event), robust=True)
    return event
