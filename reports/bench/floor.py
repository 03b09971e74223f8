"""The floor: the very statements of one submit, re-issued with psycopg and nothing around them.

They are recorded once, on a real submit. For another order the keys and texts of the recorded one
are replaced by its own; everything else, down to the way parameters are bound, stays the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

import psycopg
from django.db import connection, transaction
from psycopg.types.json import Json, Jsonb

from core.prepared import PreparingCursor
from core.sessions import session_begin
from documents.services.submit import document_submit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from documents.models import Document
    from reports.bench.portfolio import Portfolio

CHECK_INSERT: Final = 'INSERT INTO "credit_limits_creditcheck"'


class _CheckKey:
    """Stands for the key of the check, which is only known when its row has been inserted."""


CHECK_KEY: Final = _CheckKey()


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement with its parameters.

    `prepared` when the server keeps its plan, `waits` when the key of the check is a parameter.
    """

    sql: str
    params: Any
    prepared: bool = False
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Recording:
    """The statements of one submit, and the values in them that belong to that order alone."""

    statements: tuple[Statement, ...]
    own: Mapping[Any, str]

    @classmethod
    def of(cls, portfolio: Portfolio, document: Document) -> Self:
        """Submit the draft for real and write down what is sent to the database."""
        seen: list[Statement] = []

        def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            prepared = isinstance(context["cursor"].cursor, PreparingCursor)
            seen.append(Statement(sql, params, prepared))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(note):
            result = document_submit(document=document, actor=portfolio.clerk)
        if not result.passed or result.check is None:
            msg = f"the order to record was held: {result.outcome.value}"
            raise RuntimeError(msg)
        own = {value: name for name, value in values_of(document).items()}
        return cls(tuple(seen), {**own, result.check.pk: "check"})

    def adapted(self, document: Document) -> list[Statement]:
        """The same statements for another draft."""
        other: dict[str, Any] = {**values_of(document), "check": CHECK_KEY}
        known = {value: other[name] for value, name in self.own.items()}
        return [_adapted(statement, known) for statement in self.statements]


def values_of(document: Document) -> dict[str, Any]:
    """What tells one order from another in the statements of its submit."""
    return {
        "document": document.pk,
        "number": document.number,
        "reference": document.reference,
        "account": document.account_id,
        "customer": document.account.customer_id,
        "customer_code": document.account.customer.code,
        "customer_name": document.account.customer.name,
    }


def _adapted(statement: Statement, known: Mapping[Any, Any]) -> Statement:
    waits = False

    def put(value: Any) -> Any:
        nonlocal waits
        if isinstance(value, Json | Jsonb):
            # Keys inside JSON are only text there; the key of the check stays the recorded one.
            inner = {key: new for key, new in known.items() if new is not CHECK_KEY}
            return type(value)(_replaced(value.obj, inner), dumps=value.dumps)
        if isinstance(value, list | tuple):
            return [put(part) for part in value]
        if isinstance(value, dict):
            return {key: put(part) for key, part in value.items()}
        new = known.get(value, value) if isinstance(value, int | str) else value
        waits = waits or new is CHECK_KEY
        return new

    params = None if statement.params is None else put(statement.params)
    return Statement(statement.sql, params, statement.prepared, waits)


def _replaced(value: Any, known: Mapping[Any, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(part, known) for key, part in value.items()}
    if isinstance(value, list):
        return [_replaced(part, known) for part in value]
    return known.get(value, value) if isinstance(value, int | str) else value


def _filled(params: Any, check: int | None) -> Any:
    """The parameters with the key of the check in its place."""
    if isinstance(params, dict):
        return {name: check if value is CHECK_KEY else value for name, value in params.items()}
    return [check if value is CHECK_KEY else value for value in params]


class Floor:
    """A psycopg connection of its own, made with the parameters that the application uses."""

    def __init__(self) -> None:
        self.connection: psycopg.Connection[Any] = psycopg.connect(
            **connection.get_connection_params()
        )
        self.connection.execute("SET TIME ZONE 'UTC'")
        session_begin(self.connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.connection.close()

    def run(self, statements: Sequence[Statement]) -> None:
        """Send the statements in one transaction, read every answer, commit."""
        check: int | None = None
        with self.connection.cursor() as bare, PreparingCursor(self.connection) as preparing:
            for statement in statements:
                cursor = preparing if statement.prepared else bare
                params = statement.params
                if statement.waits:
                    params = _filled(params, check)
                cursor.execute(statement.sql, params)
                if cursor.description is not None:
                    rows = cursor.fetchall()
                    if statement.sql.startswith(CHECK_INSERT):
                        check = rows[0][0]
        self.connection.commit()


def written(document: Document) -> dict[str, int]:
    """How many rows of each kind hang on a submitted order: both ways must leave the same."""
    counts = {}
    with transaction.atomic(), connection.cursor() as cursor:
        for name, sql in _WRITTEN.items():
            cursor.execute(sql, [document.pk])
            counts[name] = cursor.fetchone()[0]
    return counts


_WRITTEN: Final = {
    "accepted": "SELECT count(*) FROM documents_document WHERE status = 'submitted' AND id = %s",
    "checks": "SELECT count(*) FROM credit_limits_creditcheck WHERE subject_id = %s",
    "findings": "SELECT count(*) FROM credit_limits_checkfinding f"
    " JOIN credit_limits_creditcheck c ON c.id = f.check_run_id WHERE c.subject_id = %s",
    "events": "SELECT count(*) FROM core_auditevent WHERE subject_id = %s",
}
