"""What the environment makes of the settings, each in a process of its own."""

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.core.exceptions import ImproperlyConfigured

from config.embedded import postgres
from config.mail import mailers

ROOT = Path(__file__).resolve().parents[2]


def run(code: str, data: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run code with the real settings and only these variables."""
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings"}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**environment, "AFFIDO_DATA_DIR": str(data), **extra},
        capture_output=True,
        text=True,
        check=False,
    )


SHOW = "from django.conf import settings as s; print(s.{})"


def test_the_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    first = run(SHOW.format("SECRET_KEY"), tmp_path)
    assert len(first.stdout.strip()) > 50, first.stderr
    assert run(SHOW.format("SECRET_KEY"), tmp_path).stdout == first.stdout
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]
    assert run(SHOW.format("SECRET_KEY"), tmp_path, SECRET_KEY="mine").stdout == "mine\n"


def test_a_real_database_demands_a_key_and_postgresql(tmp_path: Path) -> None:
    missing = run(SHOW.format("DEBUG"), tmp_path, DATABASE_URL="postgres://a@host/b")
    assert missing.returncode != 0
    assert "Set SECRET_KEY" in missing.stderr
    assert list(tmp_path.iterdir()) == []
    wrong = run(SHOW.format("DEBUG"), tmp_path, DATABASE_URL="sqlite:///x", SECRET_KEY="k")
    assert "DATABASE_URL must name a PostgreSQL database" in wrong.stderr


def test_plans_are_kept_unless_a_pooler_forbids_it(tmp_path: Path) -> None:
    options = SHOW.format("DATABASES['default']['OPTIONS']")
    assert run(options, tmp_path).stdout == "{'prepare_threshold': 5}\n"
    assert run(options, tmp_path, PREPARED_STATEMENTS="0").stdout == "{}\n"
    url = {"DATABASE_URL": "postgres://a@host/b?sslmode=require", "SECRET_KEY": "k"}
    expected = "{'sslmode': 'require', 'prepare_threshold': 5}\n"
    assert run(options, tmp_path, **url).stdout == expected


def test_https_switches_everything_that_belongs_to_it(tmp_path: Path) -> None:
    names = "SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.DEBUG"
    assert run(SHOW.format(names), tmp_path).stdout == "False False False False\n"
    assert run(SHOW.format(names), tmp_path, HTTPS="1").stdout == "True True True False\n"
    check = "import django; django.setup(); from django.core.management import call_command as c;"
    check += "c('check', deploy=True, fail_level='WARNING')"
    deployed = run(check, tmp_path, HTTPS="1", HSTS_SECONDS="31536000", SECRET_KEY="k" * 60 + "0aZ")
    assert "System check identified" in deployed.stdout + deployed.stderr, deployed.stderr
    # W005 and W021 ask to bind other hosts of the domain, which only their owner may decide.
    left = set(re.findall(r"security\.W\d+", deployed.stderr)) - {"security.W005", "security.W021"}
    assert left <= {"security.W009"}, deployed.stderr


def test_logs_are_json_lines_that_keep_their_context(tmp_path: Path) -> None:
    code = (
        "import django; django.setup(); import logging, structlog;"
        "structlog.get_logger('a').info('saved', order=7);"
        "logging.getLogger('b').warning('w %s', 1)"
    )
    done = run(code, tmp_path)
    ours, theirs = (json.loads(line) for line in done.stderr.strip().splitlines())
    assert (ours["event"], ours["order"], ours["level"], ours["logger"]) == (
        "saved",
        7,
        "info",
        "a",
    )
    assert (theirs["event"], theirs["level"]) == ("w 1", "warning")


def test_mail_addresses_become_mailers() -> None:
    assert mailers("console:")["default"]["BACKEND"].endswith("console.EmailBackend")
    options = mailers("smtp+tls://me%40here:p%2Fw@mail.example.com")["default"]["OPTIONS"]
    assert (options["host"], options["port"]) == ("mail.example.com", 587)
    assert (options["username"], options["password"]) == ("me@here", "p/w")
    assert options["use_tls"]
    assert not options["use_ssl"]
    for wrong in ("mail.example.com", "http://mail.example.com", "smtp://"):
        with pytest.raises(ImproperlyConfigured):
            mailers(wrong)


def test_containers_follow_the_rest_of_the_platform() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    assert services["postgres"]["image"] == f"postgres:{postgres.MAJOR}"
    assert all("healthcheck" in services[name] for name in services if name != "migrate")
    wanted = (ROOT / ".python-version").read_text().strip()
    assert (ROOT / "Dockerfile").read_text().startswith(f"FROM python:{wanted}-")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_locks_carry_hashes_and_no_host(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "--index" not in text
    pins = re.findall(r"^\S+==.*", text.replace("\\\n", ""), re.MULTILINE)
    assert len(pins) > 30
    assert all("--hash=sha256:" in pin for pin in pins)
