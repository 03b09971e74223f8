"""Rows of a model on their way into COPY, with the model's own defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone

if TYPE_CHECKING:
    from django.db.models import Model


class Table:
    """Rows of one model. Keys are drawn ahead of time, so that other rows can point at them."""

    def __init__(self, model: type[Model], first_key: int) -> None:
        now = timezone.now()
        self.model = model
        self.next_key = first_key
        self.columns: list[str] = []
        self.template: list[Any] = []
        for field in model._meta.concrete_fields:
            if field.has_db_default():
                continue  # the database fills it in
            self.columns.append(str(field.column))
            moment = getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False)
            self.template.append(now if moment else _default(field))
        self.places = {column: place for place, column in enumerate(self.columns)}
        self.rows: list[list[Any]] = []

    def add(self, **values: Any) -> int:
        """A row with these columns; returns its key."""
        row = self.template.copy()
        row[self.places["id"]] = key = self.next_key
        self.next_key += 1
        for column, value in values.items():
            row[self.places[column]] = value
        self.rows.append(row)
        return key

    def write(self) -> int:
        """COPY the rows and forget them; returns how many there were."""
        names = ", ".join(connection.ops.quote_name(column) for column in self.columns)
        target = connection.ops.quote_name(self.model._meta.db_table)
        count = len(self.rows)
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {target} ({names}) FROM STDIN") as copy,
        ):
            for row in self.rows:
                copy.write_row(row)
        self.rows.clear()
        return count

    def keys_take(self) -> None:
        """Let the database's own keys go on behind ours."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, false)",
                [self.model._meta.db_table, self.next_key],
            )


def _default(field: Any) -> Any:
    value = field.get_default()
    return "" if value is None and field.empty_strings_allowed and not field.null else value


def first_key(model: type[Model]) -> int:
    """The key behind all that are there."""
    last = model._base_manager.order_by("-pk").values_list("pk", flat=True).first()
    return (last or 0) + 1
