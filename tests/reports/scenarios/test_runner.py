"""Honest answers: a miss is a miss, waiting is not passed, and the command says so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.db import connections

from reports.scenarios import report
from reports.scenarios.runner import FAILED, PASSED, WAITING
from reports.scenarios.scratch import Scratch
from tests.scenario_files import GOOD, result_of, swapped, written

BASE = Path(__file__).parents[3]
NO_DATABASE = "affido_that_was_never_made"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("decision: allow", "decision: block"),
        ("decision: allow", "reasons: [LIMIT_EXCEEDED]"),
        ("decision: allow", "projected: 61"),
        ("decision: allow", "wrong: {projected: 60}"),
        ("decision: allow", "wrong: {decision: allow}"),
        ("decision: allow", "doc_state: held"),
        ("decision: allow", "audit_entries: 2"),
        ("decision: allow", "notified: [credit_manager]"),
        ("decision: allow", "review_item_created: true"),
        ("decision: allow", "limit_checked: 99"),
        ("decision: allow", "max_queries: 1"),
        ("order_open: 60", "order_open: 59"),
        ("order_open: 60, total: 60", "total: 60"),
        ("total: 60", "total: 61"),
        ("order_open: 60", "order_open: 60, credits: -1"),
    ],
)
def test_what_did_not_come_out_is_a_miss(
    scratch: Scratch, tmp_path: Path, before: str, after: str
) -> None:
    right = result_of(scratch, written(tmp_path / "right.yaml"))
    wrong = result_of(scratch, swapped(tmp_path / "wrong.yaml", before, after))

    assert right.status == PASSED
    assert wrong.status == FAILED
    assert sum(not line.met for line in wrong.steps[0].lines) == 1


def test_wrong_needs_an_answer_to_differ_from(scratch: Scratch, tmp_path: Path) -> None:
    path = swapped(
        tmp_path / "mine.yaml",
        "when: {do: submit, document: SO1}\n      then: {decision: allow,",
        "when: {do: read}\n      then: {wrong: {projected: 5},",
    )

    result = result_of(scratch, path)

    assert result.status == FAILED
    assert "credit was not asked" in "\n".join(report.text(result))


def test_a_refused_command_that_nobody_expected_is_a_miss(scratch: Scratch, tmp_path: Path) -> None:
    path = swapped(
        tmp_path / "mine.yaml",
        "when: {do: submit, document: SO1}\n      then: {decision: allow, exposure",
        "when: {do: set_limit, limit: 5, as: clerk}\n      then: {wrong: {total: 7}, exposure",
    )
    path.write_text(path.read_text().replace("{order_open: 60, total: 60}", "{total: 0}"))

    result = result_of(scratch, path)

    assert result.status == FAILED
    assert "decision: expected not refused" in "\n".join(report.text(result))


def test_given_facts_that_cannot_be_are_a_failure_that_says_why(
    scratch: Scratch, tmp_path: Path
) -> None:
    path = swapped(
        tmp_path / "mine.yaml",
        "documents: [",
        "items: [{component: invoice_overdue, amount: 5, due: 2026-04-01}]\n    documents: [",
    )

    result = result_of(scratch, path)

    assert result.status == FAILED
    assert "is not invoice_overdue" in result.steps[0].trouble


WAITING_STEP = """
    - when: {do: set_override, document: SO1}
      then: {decision: allow}
"""


def test_waiting_is_never_passed(scratch: Scratch, tmp_path: Path) -> None:
    part = result_of(scratch, written(tmp_path / "part.yaml", GOOD + WAITING_STEP))
    whole = result_of(
        scratch, swapped(tmp_path / "whole.yaml", "title: one", "needs: dunning\n  title: one")
    )
    missed = result_of(
        scratch,
        swapped(tmp_path / "missed.yaml", "total: 60", "total: 61", GOOD + WAITING_STEP),
    )
    built = result_of(
        scratch, swapped(tmp_path / "built.yaml", "title: one", "needs: orders\n  title: one")
    )

    assert [step.status for step in part.steps] == [PASSED, WAITING]
    assert part.status == WAITING
    assert whole.status == WAITING
    assert missed.status == FAILED
    assert built.status == PASSED
    assert report.count([part, whole, missed, built]) == {PASSED: 1, FAILED: 1, WAITING: 2}


def test_the_command_says_expected_against_actual_and_fails(
    unblocked: None, tmp_path: Path
) -> None:
    path = swapped(tmp_path / "mine.yaml", "total: 60", "total: 61")
    out = StringIO()

    with pytest.raises(SystemExit) as raised:
        call_command("scenarios", str(path), stdout=out)

    assert raised.value.code == 1
    text = out.getvalue()
    assert "T-1  failed  one order" in text
    assert (
        "! exposure: expected {order_open: 60.00, total: 61.00}, "
        "actual {order_open: 60.00, total: 60.00}" in text
    )
    assert "0 passed, 1 failed, 0 waiting (T-1)" in text


def url_of_no_database() -> str:
    """The server of the tests, with a database of our own that does not exist."""
    known = connections.settings["default"]
    password = f":{quote(known['PASSWORD'], safe='')}" if known["PASSWORD"] else ""
    server = f"?host={quote(known['HOST'], safe='')}&port={known['PORT'] or 5432}"
    return f"postgres://{quote(known['USER'], safe='')}{password}@/{NO_DATABASE}{server}"


def test_json_is_the_whole_of_stdout_and_the_own_database_is_not_needed(
    unblocked: None, tmp_path: Path
) -> None:
    folder = tmp_path / "cases"
    folder.mkdir()
    written(folder / "good.yaml")
    swapped(folder / "bad.yaml", "total: 60", "total: 61", GOOD.replace("T-1", "T-2"))
    written(folder / "later.yaml", GOOD.replace("T-1", "T-3") + WAITING_STEP)

    done = subprocess.run(
        [sys.executable, str(BASE / "manage.py"), "scenarios", str(folder), "--json"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": url_of_no_database(),
            "SECRET_KEY": "only-for-this-test",
        },
    )

    assert done.returncode == 1, done.stderr
    answer = json.loads(done.stdout)
    assert list(answer) == ["passed", "failed", "waiting", "cases"]
    assert (answer["passed"], answer["failed"], answer["waiting"]) == (1, 1, 1)
    assert [(case["id"], case["status"]) for case in answer["cases"]] == [
        ("T-2", "failed"),
        ("T-1", "passed"),
        ("T-3", "waiting"),
    ]
    for case in answer["cases"]:
        assert list(case) == ["id", "status", "steps"]
        for step in case["steps"]:
            assert list(step) == ["step", "status", "when", "needs", "trouble", "checks"]
    [missed] = [check for check in answer["cases"][0]["steps"][0]["checks"] if not check["met"]]
    assert missed == {
        "key": "exposure",
        "expected": {"order_open": "60.00", "total": "61.00"},
        "actual": {"order_open": "60.00", "total": "60.00"},
        "met": False,
    }
