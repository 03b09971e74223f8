"""A tap on a database connection: a visitor sees every statement and every commit go by."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

type When = Literal["before", "after"]
type Visit = Callable[[Event, When], None]

COMMIT: Final = "COMMIT"


@dataclass(frozen=True, slots=True)
class Event:
    """The `number`-th thing (from 1) a command told the server: a statement or a commit.

    `sql` is the statement as sent, without its parameters; COMMIT for a commit. BEGIN is not an
    event: the driver sends it with the first statement of a transaction.
    """

    number: int
    sql: str

    @property
    def is_commit(self) -> bool:
        """Whether this ends a transaction by keeping it."""
        return self.sql == COMMIT

    def __str__(self) -> str:
        words = " ".join(self.sql.split())
        return f"#{self.number} {words if len(words) <= 90 else words[:89] + '…'}"


class Tap:
    """Counts the events of all connections it is laid on and shows each to `visit`, in turn.

    `visit` is called before and after every event, in the thread that works; `connection` is then
    the one on which it happens. It must not use that connection itself. A statement that fails
    has no "after". COPY goes by unseen; the statements around it are seen.
    """

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._count = 0
        self.connection: Any = None

    def __call__(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
    ) -> Any:
        """Take the place of a statement's execution (Django's execute wrapper)."""
        return self._event(
            context["connection"], str(sql), lambda: execute(sql, params, many, context)
        )

    def _event(self, connection: Any, sql: str, happen: Callable[[], Any]) -> Any:
        self._count += 1
        event = Event(self._count, sql)
        self.connection = connection
        self._visit(event, "before")
        result = happen()
        self.connection = connection
        self._visit(event, "after")
        return result

    def lay(self, connection: Any) -> None:
        """See all that a Django connection sends from now on, until `lift`."""
        if self in connection.execute_wrappers:  # it was opened again
            return
        commit = connection._commit
        connection._commit = lambda: self._event(connection, COMMIT, commit)
        connection.execute_wrappers.append(self)

    def lift(self, connection: Any) -> None:
        """See nothing of `connection` any more."""
        connection.execute_wrappers.remove(self)
        del connection._commit

    @contextmanager
    def laid_on(self, connection: Any) -> Iterator[None]:
        """See what `connection` sends inside the block."""
        self.lay(connection)
        try:
            yield
        finally:
            self.lift(connection)
