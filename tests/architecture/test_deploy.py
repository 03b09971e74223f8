"""What a release must not forget: its migrations, and a deployment nobody warns about."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command

from config.env import BASE_DIR

if TYPE_CHECKING:
    from pathlib import Path

PRODUCTION = {
    "DATABASE_URL": "postgres://affido@db.example/affido",
    "REDIS_URL": "redis://cache.example:6379/0",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "ALLOWED_HOSTS": "credit.example.com",
    "HTTPS": "1",
    "EMAIL_URL": "smtp://mail.example:25",
}


def checked(data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check --deploy` in a process that has only these variables."""
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=BASE_DIR,
        env={"PATH": os.environ["PATH"], "AFFIDO_DATA_DIR": str(data), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.django_db
def test_every_change_of_a_model_has_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_a_deployment_passes_djangos_checks(tmp_path: Path) -> None:
    done = checked(tmp_path, **PRODUCTION)

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("change", "warning"),
    [({"HTTPS": "0"}, "security.W008"), ({"EMAIL_URL": "console:"}, "mail.E001")],
)
def test_a_careless_one_does_not(tmp_path: Path, change: dict[str, str], warning: str) -> None:
    done = checked(tmp_path, **PRODUCTION | change)

    assert done.returncode != 0
    assert warning in done.stderr
