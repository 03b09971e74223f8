"""What is not right in a scenario file is refused, with its place."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from reports.scenarios.problems import ScenarioFileError
from reports.scenarios.reading import read
from reports.scenarios.schema import load
from tests.scenario_files import swapped, written


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("limit: 100", "limt: 100", "case T-1: given.customer: unknown key 'limt'; did you mean"),
        ("title: one", "titel: one", "case T-1: unknown key 'titel'"),
        ("type: order", "type: ordr", "given.documents[1].type: unknown word 'ordr'"),
        ("gross: 60}", "gros: 60}", "given.documents[1]: unknown key 'gros'"),
        ("do: submit", "do: submitt", "steps[1].when.do: unknown verb 'submitt'"),
        ("do: submit,", "do: submit, asap: true,", "steps[1].when: unknown key 'asap'"),
        ("document: SO1", "document: SO2", "steps[1].when.document: unknown document 'SO2'"),
        ("document: SO1}", "document: SO1, as: bob}", "unknown user 'bob'"),
        ("decision: allow", "decison: allow", "steps[1].then: unknown key 'decison'"),
        ("decision: allow", "decision: yes", "unknown word 'yes'"),
        ("decision: allow", "reasons: [LIMIT]", "unknown reason 'LIMIT'"),
        ("order_open: 60", "order_opn: 60", "steps[1].then.exposure: unknown key 'order_opn'"),
        ("order_open: 60", "order_open: 0.001", "an amount has at most two decimals"),
        ("order_open: 60", 'order_open: "60"', "write a plain number"),
        ("limit: 100", "limit: 100, limit: 90", "the key limit is written twice"),
        ("limit: 100", "limit: 1.000,50", "unknown key '50'"),
        ("when: {do: submit, document: SO1}", "when: submit SO1", "write an action such as"),
        ("then: {decision: allow,", "needs: teleport\n      then: {decision: allow,", "teleport"),
        ("title: one order", "title: one order\n  today: 2026-02-30", "not a day of the calendar"),
        ("cases:", "case:", "unknown key 'case'"),
        ("- id: T-1", "- [", "line"),
    ],
)
def test_a_file_that_is_not_right_is_refused_with_its_place(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    path = swapped(tmp_path / "mine.yaml", before, after)
    out = StringIO()

    with pytest.raises(CommandError) as raised:
        call_command("scenarios", str(path), "--json", stdout=out)

    assert raised.value.returncode == 2
    assert message in str(raised.value)
    assert "mine.yaml" in str(raised.value)
    assert out.getvalue() == ""


def test_every_problem_of_every_file_is_named_at_once(tmp_path: Path) -> None:
    swapped(tmp_path / "a.yaml", "limit: 100", "limt: 100")
    swapped(tmp_path / "b.yaml", "gross: 60}", "gros: 60}")
    written(tmp_path / "c.yaml")
    (tmp_path / "d.yaml").write_bytes(b"\xff\xfe\x00" * 50)

    with pytest.raises(ScenarioFileError) as raised:
        load([tmp_path, tmp_path / "nowhere.yaml"])

    text = "\n".join(raised.value.messages)
    assert "a.yaml: case T-1: given.customer" in text
    assert "b.yaml: case T-1: given.documents[1]" in text
    assert "the id T-1 is used twice" in text
    assert "d.yaml: the file is not UTF-8 text" in text
    assert "nowhere.yaml: there is no such file or folder" in text


def test_reading_is_exact(tmp_path: Path) -> None:
    path = tmp_path / "exact.yaml"
    path.write_text("{a: 0.03, b: off, c: yes, d: 2026-03-31, e: ~, f: true, g: 12:30, h: 010}")

    found = read(path)

    assert str(found["a"]) == "0.03"
    assert (found["b"], found["c"], found["g"], found["h"]) == ("off", "yes", "12:30", "010")
    assert found["d"].isoformat() == "2026-03-31"
    assert found["e"] is None
    assert found["f"] is True
