"""The steps of a document, as one pure table: which action is allowed in which status."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType


class Status(StrEnum):
    """Where a document stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    HELD = "held"
    RELEASED = "released"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    CLOSED = "closed"


class Action(StrEnum):
    """What somebody can do to it. EDIT rewrites what does not count yet, CHANGE what counts."""

    EDIT = "edit"
    SUBMIT = "submit"
    CHANGE = "change"
    RELEASE = "release"
    REFUSE = "refuse"
    CANCEL = "cancel"
    CLOSE = "close"
    REOPEN = "reopen"
    COPY = "copy"


ACTIONS = MappingProxyType(
    {
        Status.DRAFT: frozenset({Action.EDIT, Action.SUBMIT, Action.CANCEL, Action.COPY}),
        Status.SUBMITTED: frozenset({Action.CHANGE, Action.CLOSE, Action.CANCEL, Action.COPY}),
        Status.HELD: frozenset(
            {
                Action.EDIT,
                Action.SUBMIT,
                Action.RELEASE,
                Action.REFUSE,
                Action.CANCEL,
                Action.COPY,
            }
        ),
        Status.RELEASED: frozenset({Action.CHANGE, Action.CLOSE, Action.CANCEL, Action.COPY}),
        Status.REFUSED: frozenset({Action.EDIT, Action.SUBMIT, Action.CANCEL, Action.COPY}),
        Status.CANCELLED: frozenset({Action.COPY}),
        Status.CLOSED: frozenset({Action.REOPEN, Action.COPY}),
    }
)

# Statuses in which the document's value is exposure.
COUNTING = frozenset({Status.SUBMITTED, Status.RELEASED})


def allowed(status: str, action: Action) -> bool:
    """Whether `action` is a step from `status`."""
    return action in ACTIONS[Status(status)]


def next_actions(status: str) -> frozenset[Action]:
    """Every action that `status` allows."""
    return ACTIONS[Status(status)]
