"""What every session at the database is told when it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import psycopg

# Each trigger asks whether it is switched off. Where this parameter is unknown the answer is an
# error that it catches, and after a caught error PostgreSQL walks through all waiting events of the
# transaction: deferred checks of N rows took N² steps (24,000 entries 79 s instead of 13).
_NOTHING_IGNORED: Final = "set_config('pgtrigger.ignore', '{}', false)"

# Prepared statements are planned once per session, for any parameters, and again when statistics
# or tables change. Other statements are not touched by this.
_PLAN_ONCE: Final = "set_config('plan_cache_mode', 'force_generic_plan', false)"


def session_begin(session: psycopg.Connection[Any]) -> None:
    """Tell a new session what holds for all of ours. One statement."""
    session.execute(f"SELECT {_NOTHING_IGNORED}, {_PLAN_ONCE}")
    if not session.autocommit:
        session.commit()


def on_connection(connection: Any, **_kwargs: Any) -> None:
    """Receiver of `connection_created`: a session of the application was just begun."""
    session_begin(connection.connection)
