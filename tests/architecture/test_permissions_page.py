"""docs/permissions.md says what core/permissions.py does."""

from __future__ import annotations

import re

from django.apps import apps

from config.env import BASE_DIR
from core.permissions import ROLES, SETTINGS

PAGE = (BASE_DIR / "docs/permissions.md").read_text()


def table() -> dict[str, set[str]]:
    """{right: the roles with a mark} of the table of the page."""
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in PAGE.splitlines()
        if line.startswith("| right |") or re.match(r"\| `\w+\.\w+` \|", line)
    ]
    head, *body = rows
    assert head[2:] == list(ROLES)
    assert all(set(row[2:]) <= {"●", ""} for row in body)
    return {
        row[0].strip("`"): {
            role for role, mark in zip(head[2:], row[2:], strict=True) if mark == "●"
        }
        for row in body
    }


def test_the_table_is_the_one_the_groups_are_made_from() -> None:
    rights = set().union(*ROLES.values()) - SETTINGS

    assert table() == {
        right: {role for role, held in ROLES.items() if right in held} for right in rights
    }


def test_the_settings_are_those_of_the_administrator() -> None:
    line = next(line for line in PAGE.splitlines() if line.startswith("`core.company`"))
    models = re.findall(r"`(\w+)\.(\w+)`", line)

    assert {
        f"{app}.{verb}_{model}" for app, model in models for verb in ("view", "add", "change")
    } == (SETTINGS)
    assert all(apps.get_model(app, model) for app, model in models)
    assert {role for role, held in ROLES.items() if held & SETTINGS} == {"admin"}


def test_the_tests_it_names_are_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)`", PAGE)

    assert named
    assert [path for path in named if not (BASE_DIR / path).exists()] == []
