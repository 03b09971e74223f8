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
    POSTED = "posted"


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
    PRINT = "print"
    CONTINUE = "continue"
    POST = "post"
    VOID = "void"


_WAITING = frozenset(
    {Action.EDIT, Action.SUBMIT, Action.RELEASE, Action.REFUSE, Action.CANCEL, Action.COPY}
)
_ACCEPTED = frozenset(
    {
        Action.CHANGE,
        Action.CLOSE,
        Action.CANCEL,
        Action.COPY,
        Action.PRINT,
        Action.CONTINUE,
        Action.POST,
    }
)

ACTIONS = MappingProxyType(
    {
        Status.DRAFT: frozenset(
            {Action.EDIT, Action.SUBMIT, Action.CANCEL, Action.COPY, Action.POST}
        ),
        Status.SUBMITTED: _ACCEPTED,
        Status.HELD: _WAITING,
        Status.RELEASED: _ACCEPTED,
        Status.REFUSED: frozenset({Action.EDIT, Action.SUBMIT, Action.CANCEL, Action.COPY}),
        Status.CANCELLED: frozenset({Action.COPY, Action.REOPEN}),
        Status.CLOSED: frozenset({Action.REOPEN, Action.COPY, Action.CONTINUE, Action.PRINT}),
        Status.POSTED: frozenset({Action.COPY, Action.CONTINUE, Action.PRINT, Action.VOID}),
    }
)

# What the kinds cannot do at all, whatever their status.
INVOICES = frozenset({"invoice", "advance"})
POSTING_ITSELF = frozenset({"counter", "charge"})
_NEVER = MappingProxyType(
    {
        "quote": frozenset({Action.POST, Action.VOID}),
        "order": frozenset({Action.POST, Action.VOID}),
        # What went out is invoiced or comes back; closing it would free nothing.
        "delivery": frozenset({Action.CLOSE, Action.POST, Action.VOID}),
        "invoice": frozenset({Action.CLOSE, Action.VOID}),
        "advance": frozenset({Action.CLOSE, Action.VOID}),
        "counter": frozenset({Action.CHANGE, Action.CLOSE, Action.POST, Action.CONTINUE}),
        "charge": frozenset({Action.CHANGE, Action.CLOSE, Action.POST, Action.CONTINUE}),
        "receipt": frozenset({Action.POST, Action.CONTINUE, Action.VOID}),
        "move": frozenset({Action.POST, Action.CONTINUE, Action.VOID}),
    }
)

# Statuses in which the document's value is exposure.
COUNTING = frozenset({Status.SUBMITTED, Status.RELEASED})
ACCEPTED = frozenset({Status.SUBMITTED, Status.RELEASED, Status.CLOSED, Status.POSTED})


def allowed(status: str, action: Action, kind: str = "order") -> bool:
    """Whether `action` is a step from `status` for a document of this kind."""
    return action in next_actions(status, kind)


def next_actions(status: str, kind: str = "order") -> frozenset[Action]:
    """Every action that `status` allows for a document of this kind."""
    return ACTIONS[Status(status)] - _NEVER[kind]
