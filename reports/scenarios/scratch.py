"""Scratch databases: copies of a migrated template, made for a run and dropped after it.

The application's own database is never read or written: only a connection to the same server is
needed, with the right to create databases. The template is built once per state of the migrations
and of the roles, and kept.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from inspect import getsource
from typing import Any, Self

import django
import pgtrigger
import psycopg
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from core import permissions
from core.roles import roles_sync
from reports.scenarios.problems import ScenarioRunError

PREFIX = "affido_scenario_"
TEMPLATE_PREFIX = f"{PREFIX}template_"
# What a migrated database holds before anybody uses it: permissions, and the roles made of them.
TEMPLATE_TABLES = frozenset(
    {
        "django_migrations",
        "django_content_type",
        "auth_permission",
        "auth_group",
        "auth_group_permissions",
    }
)
MANY_ROWS = 2000
BUILDING = "_new"
# What the driver understands of the settings; the rest is Django's.
CONNECTION_KEYS = frozenset(
    {
        "host",
        "port",
        "user",
        "password",
        "passfile",
        "service",
        "connect_timeout",
        "options",
        "sslmode",
        "sslrootcert",
        "sslcert",
        "sslkey",
    }
)


def template_name() -> str:
    """The template's name: it changes with any migration and with the table of roles.

    Every database user has one of its own, since only the owner may copy it.
    """
    digest = hashlib.sha256(django.get_version().encode())
    digest.update(str(connections["default"].get_connection_params().get("user", "")).encode())
    loader = MigrationLoader(None)
    for (app, name), migration in sorted((loader.disk_migrations or {}).items()):
        digest.update(f"{app}.{name}\n".encode())
        digest.update(getsource(sys.modules[migration.__module__]).encode())
    digest.update(repr(sorted((k, sorted(v)) for k, v in permissions.ROLES.items())).encode())
    return f"{TEMPLATE_PREFIX}{digest.hexdigest()[:16]}"


def _lock_key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def _maintenance() -> psycopg.Connection[Any]:
    """A connection beside the application's database, to make and drop others."""
    known = connections["default"].get_connection_params()
    params = {key: value for key, value in known.items() if key in CONNECTION_KEYS}
    failure = ""
    for database in ("postgres", known.get("dbname", "postgres")):
        try:
            return psycopg.connect(**params, dbname=database, autocommit=True)
        except psycopg.OperationalError as error:
            failure = " ".join(str(error).split())
    raise ScenarioRunError(f"Scenarios need the database server, which did not answer: {failure}")


@contextmanager
def _using(database: str) -> Iterator[None]:
    """Let the default connection of this process lead to `database` meanwhile."""
    settings = connections.settings["default"]
    own = settings["NAME"]
    connections.close_all()
    settings["NAME"] = database
    ContentType.objects.clear_cache()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_database()")
            if cursor.fetchone() != (database,):
                msg = f"the connection does not lead to {database}"
                raise RuntimeError(msg)
        yield
    finally:
        connections.close_all()
        settings["NAME"] = own
        ContentType.objects.clear_cache()


def rows_delete() -> bool:
    """Empty every table that the template leaves empty; False when there are too many rows.

    Append-only rows go too: their triggers are told to look away in this transaction.
    """
    if not connection.settings_dict["NAME"].startswith(PREFIX):
        msg = "only a scratch database is ever emptied"
        raise RuntimeError(msg)
    quote = connection.ops.quote_name
    tables = [
        table
        for table in connection.introspection.django_table_names(
            only_existing=True, include_views=False
        )
        if table not in TEMPLATE_TABLES
    ]
    union = " UNION ALL ".join(
        f"SELECT '{table}', EXISTS (SELECT 1 FROM {quote(table)} OFFSET {MANY_ROWS})"  # noqa: S608
        f" WHERE EXISTS (SELECT 1 FROM {quote(table)})"
        for table in tables
    )
    with transaction.atomic(), pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute(union)
        filled = cursor.fetchall()
        if any(many for _table, many in filled):
            return False
        for table, _many in filled:
            cursor.execute(f"DELETE FROM {quote(table)}")  # noqa: S608 - a table's own name
    return True


class Scratch:
    """One scratch database of this process, as empty as the template at every `fresh()`.

    Use it as a context manager. Copying the template takes a server a tenth of a second when it
    is idle and two seconds when it is busy; so the copy is made once, and between two cases the
    rows are deleted, unless they are many. Several processes may do so side by side: what a
    process works on is marked by an advisory lock, and whatever nobody holds a lock on is left
    over from a run that was killed, and dropped.
    """

    def __init__(self) -> None:
        self.name = f"{PREFIX}{os.getpid()}_{secrets.token_hex(4)}"
        self.template = template_name()
        self._server: psycopg.Connection[Any] | None = None
        self._is_copied = False

    def __enter__(self) -> Self:
        self._server = _maintenance()
        try:
            self._require_right()
            self._ask("SELECT pg_advisory_lock(%s)", _lock_key(self.name))
            self._drop_left_over()
            self._ensure_template()
        except BaseException:
            self._server.close()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._server is not None:
            self._drop(self.name)
            self._server.close()
            self._server = None

    @contextmanager
    def fresh(self) -> Iterator[None]:
        """Run a block on a database that holds what the template holds and nothing else."""
        if self._is_copied:
            with _using(self.name):
                self._is_copied = rows_delete()
        if not self._is_copied:
            self._copy_anew()
        with _using(self.name):
            yield

    def _copy_anew(self) -> None:
        self._drop(self.name)
        try:
            self._copy(self.template, self.name)
        except psycopg.errors.InvalidCatalogName:  # somebody dropped the template just now
            self._ensure_template()
            self._copy(self.template, self.name)
        self._is_copied = True

    def _ask(self, statement: str, *params: Any) -> list[tuple[Any, ...]]:
        assert self._server is not None  # noqa: S101 - inside the context manager only
        cursor = self._server.execute(statement.encode(), params)
        return cursor.fetchall() if cursor.description else []

    def _run(self, statement: str, *names: str) -> None:
        assert self._server is not None  # noqa: S101 - inside the context manager only
        composed = sql.SQL(statement).format(*(sql.Identifier(name) for name in names))
        self._server.execute(composed)

    def _require_right(self) -> None:
        [(user, allowed)] = self._ask(
            "SELECT current_user, rolcreatedb OR rolsuper FROM pg_roles"
            " WHERE rolname = current_user"
        )
        if not allowed:
            raise ScenarioRunError(
                f'Scenarios run on a scratch database, and the database user "{user}" may not '
                f'create one. Allow it with: ALTER ROLE "{user}" CREATEDB; or leave DATABASE_URL '
                "empty to use the embedded server."
            )

    def _exists(self, database: str) -> bool:
        return bool(self._ask("SELECT 1 FROM pg_database WHERE datname = %s", database))

    def _drop(self, database: str) -> None:
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)

    def _copy(self, source: str, target: str) -> None:
        self._run("CREATE DATABASE {} TEMPLATE {}", target, source)

    def _own(self) -> list[str]:
        """Databases of ours that this user owns, in whatever state a run has left them."""
        found = self._ask(
            "SELECT datname FROM pg_database"
            " WHERE pg_get_userbyid(datdba) = current_user AND starts_with(datname, %s)",
            PREFIX,
        )
        return [row[0] for row in found]

    def _drop_unless_locked(self, database: str) -> None:
        """Drop a database unless another run holds its lock or is connected to it."""
        key = _lock_key(database.removesuffix(BUILDING))
        if self._ask("SELECT pg_try_advisory_lock(%s)", key) != [(True,)]:
            return
        try:
            self._run("DROP DATABASE IF EXISTS {}", database)
        except psycopg.errors.ObjectInUse:
            return  # somebody looks at it, or copies it at this moment
        finally:
            self._ask("SELECT pg_advisory_unlock(%s)", key)

    def _drop_left_over(self) -> None:
        """Drop the scratch databases of runs that were killed."""
        for database in self._own():
            if not database.startswith(TEMPLATE_PREFIX) and database != self.name:
                self._drop_unless_locked(database)

    def _ensure_template(self) -> None:
        """Build the template unless it is there; one process builds, the others wait."""
        key = _lock_key(self.template)
        self._ask("SELECT pg_advisory_lock(%s)", key)
        try:
            if self._exists(self.template):
                return
            building = f"{self.template}{BUILDING}"
            self._drop(building)
            self._run("CREATE DATABASE {}", building)
            with _using(building):
                call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
                roles_sync()
            self._run("ALTER DATABASE {} RENAME TO {}", building, self.template)
            self._drop_other_templates()
        finally:
            self._ask("SELECT pg_advisory_unlock(%s)", key)

    def _drop_other_templates(self) -> None:
        """Templates of earlier states of the code; whoever still needs one builds it again."""
        for database in self._own():
            if database.startswith(TEMPLATE_PREFIX) and database != self.template:
                self._drop_unless_locked(database)
