"""Statements of which the server keeps the plan.

Planning one of the long statements of the credit check takes several times as long as running it.
A prepared statement is planned once per session (core/sessions.py). Docs: docs/operations.md,
"Prepared statements".
"""

from __future__ import annotations

from typing import Any, Final, Self

import psycopg
from django.db import connection
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper

FEW: Final = 20
"""So many accounts are read by a kept plan; for more the server plans with their number."""


class PreparingCursor(psycopg.Cursor[Any]):
    """A cursor that sends the parameters apart from the text and asks to keep the plan."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        return super().execute(query, params, prepare=True, **options)


def prepared_cursor() -> CursorWrapper:
    """A cursor for statements whose text never changes and whose cost depends on few rows.

    Use it as a context manager like `connection.cursor()`. Not for statements over a whole
    portfolio: a kept plan does not know how many accounts are asked for. The server must be able
    to tell each parameter's type, so one in a bare SELECT list or after IS needs a cast.
    With PREPARED_STATEMENTS=0 it is an ordinary cursor that binds on the server.
    """
    connection.ensure_connection()
    cursor = PreparingCursor(connection.connection)
    wrapper = CursorDebugWrapper if connection.queries_logged else CursorWrapper
    return wrapper(cursor, connection)


def cursor_for(accounts: int) -> CursorWrapper:
    """A prepared cursor for few accounts, an ordinary one for a portfolio."""
    return prepared_cursor() if accounts <= FEW else connection.cursor()
