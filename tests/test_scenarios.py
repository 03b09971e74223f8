"""The acceptance cases: each runs, waits for what it says, and keeps what its peer gave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reports.scenarios import report
from reports.scenarios import vocabulary as v
from reports.scenarios.cases import Case
from reports.scenarios.fields import Record
from reports.scenarios.given_format import (
    BILL,
    CUSTOMER,
    DOCUMENT,
    GIVEN,
    GROUP,
    ITEM,
    LINE,
    PAYMENT,
    POLICY,
    USER,
)
from reports.scenarios.reading import read
from reports.scenarios.runner import PASSED, WAITING, run
from reports.scenarios.schema import CASE, STEP, load
from reports.scenarios.scratch import Scratch
from reports.scenarios.then_format import THEN
from reports.scenarios.verbs import SYNONYMS, VERBS
from tests.scenario_files import result_of, written
from tests.scenario_table import ROOT, is_peer, rows

BASE = Path(__file__).parents[1]
DOCS = BASE / "docs" / "scenarios.md"
PEERS = BASE.parent / "shared" / "cases" / "peer_cases.yaml"
CASES = load([ROOT])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_case(case: Case, scratch: Scratch) -> None:
    [result] = run([case], scratch)

    assert result.status == (WAITING if case.waits_for else PASSED), "\n".join(report.text(result))


def test_the_58_are_there_and_wait_only_for_rooms_not_built_yet() -> None:
    peers = [case for case in CASES if is_peer(case)]

    assert len(peers) == 58
    waiting = {label for case in peers for label in case.waits_for}
    assert waiting == {"api", "collections", "dunning", "holds", "portal"}
    assert sum(not case.waits_for for case in peers) == 52


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_a_case_waits_for_is_written_in_it(case: Case) -> None:
    assert set(case.waits_for) <= case.stated_needs


def documented() -> str:
    return DOCS.read_text(encoding="utf-8")


RECORDS: dict[str, Record] = {
    "case": CASE,
    "step": STEP,
    "given": GIVEN,
    "customer": CUSTOMER,
    "group": GROUP,
    "user": USER,
    "policy": POLICY,
    "item": ITEM,
    "document": DOCUMENT,
    "line": LINE,
    "payment": PAYMENT,
    "bill": BILL,
    "then": THEN,
}


@pytest.mark.parametrize("name", RECORDS)
def test_every_key_is_documented(name: str) -> None:
    text = documented()

    assert [key for key in RECORDS[name].fields if f"`{key}`" not in text] == []


def test_every_word_is_documented() -> None:
    text = documented()
    verbs = {*VERBS, *SYNONYMS, "at_once", *(key for verb in VERBS.values() for key in verb.fields)}
    words = {
        *verbs,
        *v.CAPABILITIES,
        *v.DECISIONS,
        *v.known_reasons(),
        *v.STANDARD_USERS,
        *v.COMPONENTS,
        *v.CUSTOMER_STATUSES,
    }

    assert sorted(word for word in words if f"`{word}`" not in text) == []


def test_the_documented_example_runs(scratch: Scratch, tmp_path: Path) -> None:
    example = documented().split("```yaml\n")[1].split("```")[0]

    assert result_of(scratch, written(tmp_path / "example.yaml", example)).status == PASSED


def test_the_table_of_cases_is_current() -> None:
    text = documented()

    assert [row for row in rows() if f"{row}\n" not in text] == []


def plain(value: Any) -> Any:
    """Keys as text, so that days as keys compare."""
    if isinstance(value, dict):
        return {str(key): plain(content) for key, content in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def in_our_words(then: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The expectation with other systems' reasons as ours, and without the wording of messages."""
    result = plain(then)
    unlimited = given.get("customer", {}).get("limit_mode") == "unlimited"
    if "reasons" in result:
        result["reasons"] = [
            "UNLIMITED" if unlimited and word == "NO_LIMIT" else v.REASON_ALIASES.get(word, word)
            for word in result["reasons"]
        ]
    return {**result, "message": ""} if "message" in result else result


@pytest.mark.skipif(not PEERS.exists(), reason="the peers' cases are not beside this checkout")
def test_given_and_then_of_the_peers_are_kept() -> None:
    ours = {
        case["id"]: case for path in sorted(ROOT.glob("*.yaml")) for case in read(path)["cases"]
    }
    peers = {case["id"]: case for case in read(PEERS)["cases"]}

    assert set(peers) == {name for name in ours if not name.startswith("AFF-")}
    for name, peer in peers.items():
        case = ours[name]
        assert plain(case["given"]) == plain(peer["given"]), name
        assert len(case["steps"]) == len(peer["steps"]), name
        for step, wanted in zip(case["steps"], peer["steps"], strict=True):
            then = in_our_words(wanted["then"], peer["given"])
            assert in_our_words(step["then"], peer["given"]) == then, name
            assert "limit_now" not in wanted or step["limit_now"] == wanted["limit_now"], name
