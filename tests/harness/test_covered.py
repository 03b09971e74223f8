"""Every command of the services has a kill case, and what finds the commands finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.harness.commands import BY_NAME
from tests.harness.covered import KILLED, NOT_KILLED, SILENT, commands_of_code

if TYPE_CHECKING:
    from pathlib import Path

SERVICES = """
class _Night:
    def stage(self):
        with busy_on_timeout(), transaction.atomic():
            self._write()

    def _write(self):
        Row.objects.create()

@transaction.atomic
def row_add():
    row_write()

def row_write():
    Row.objects.create()

def row_forget(row):
    row.delete()

def row_read():
    return Row.objects.get()
"""


def test_every_command_of_the_services_is_killed() -> None:
    found = commands_of_code()
    known = KILLED.keys() | NOT_KILLED.keys()
    unproved, gone = found - known, known - found
    assert not unproved, "no kill case: give each a command, and name it in covered.py"
    assert not gone, "named in covered.py, and no command (any more)"
    assert not KILLED.keys() & NOT_KILLED.keys()


def test_the_kill_cases_are_there() -> None:
    assert {*KILLED.values(), *SILENT} <= BY_NAME.keys()


def test_a_command_is_what_opens_a_transaction_or_writes_for_nobody_else(tmp_path: Path) -> None:
    services = tmp_path / "shop" / "services"
    services.mkdir(parents=True)
    (services / "rows.py").write_text(SERVICES)
    (services / "__init__.py").write_text("def rows_empty():\n    Row.objects.update(amount=0)\n")
    (tmp_path / "shop" / "views.py").write_text(SERVICES)
    (tmp_path / "till").mkdir()
    (tmp_path / "till" / "services.py").write_text("def sell():\n    Sale().save()\n")

    assert commands_of_code(tmp_path) == {
        "shop.services.rows:_Night.stage",
        "shop.services.rows:row_add",
        "shop.services.rows:row_forget",
        "shop.services:rows_empty",
        "till.services:sell",
    }
