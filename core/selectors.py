"""Reading the kernel's tables for pages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from core import audit
from core.links import subject_url
from core.models import AuditEvent

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from django.db.models import Model

# Last word of an action → tone of its dot; what is not listed is neutral.
TONES: Final[Mapping[str, str]] = {
    "submitted": "ok",
    "released": "ok",
    "approved": "ok",
    "reopened": "ok",
    "hold_ended": "ok",
    "granted": "info",
    "recorded": "ok",
    "held": "warn",
    "change_held": "warn",
    "reopen_held": "warn",
    "release_outdated": "warn",
    "override_used": "warn",
    "refused": "bad",
    "cancelled": "mute",
    "closed": "mute",
}


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event in words, as templates/ui/timeline.html shows it. `actor` empty: the system."""

    at: dt.datetime
    actor: str
    sentence: str
    tone: str
    url: str = ""
    detail: str = ""


def timeline_for(subject: Model, *, limit: int = 100) -> list[TimelineEntry]:
    """What happened to a row, newest first, at most `limit` events. One statement."""
    return timeline_entries(
        AuditEvent.objects.filter(
            subject_type=subject._meta.label_lower, subject_id=subject.pk
        ).order_by("-at", "-pk")[:limit]
    )


def timeline_entries(events: Iterable[AuditEvent], *, link: bool = False) -> list[TimelineEntry]:
    """Events in words; `link` adds the way to each event's subject."""
    return [
        TimelineEntry(
            at=event.at,
            actor=event.actor_name if event.actor_id else "",
            sentence=audit.sentence(event),
            tone=TONES.get(event.action.rpartition(".")[2], "mute"),
            url=subject_url(event.subject_type, event.subject_id) if link else "",
        )
        for event in events
    ]


def timeline_for_customer(customer_id: int, *, limit: int = 100) -> list[TimelineEntry]:
    """What happened to anything about a customer, newest first, each naming and opening its row.

    At most `limit` events, one statement.
    """
    events = list(AuditEvent.objects.filter(customer_id=customer_id).order_by("-at", "-pk")[:limit])
    return [
        entry
        if (event.subject_type, event.subject_id) == ("customers.customer", customer_id)
        else replace(entry, sentence=f"{event.subject_text}: {entry.sentence}")
        for event, entry in zip(events, timeline_entries(events, link=True), strict=True)
    ]
