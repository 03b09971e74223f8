"""From files to cases: every key known, every name used is a name given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from reports.scenarios import fields as f
from reports.scenarios import vocabulary as v
from reports.scenarios.cases import DEFAULT_TODAY, FORMAT_VERSION, Action, Case, Step
from reports.scenarios.fields import Record
from reports.scenarios.given_format import GIVEN
from reports.scenarios.names import check_names
from reports.scenarios.needs import case_needs, step_needs
from reports.scenarios.problems import At, ScenarioFileError
from reports.scenarios.reading import read
from reports.scenarios.then_format import THEN
from reports.scenarios.verbs import AT_ONCE, SYNONYMS, VERBS

NEEDS = f.one_or_many(f.word(list(v.CAPABILITIES)))


def as_it_is(value: Any, _at: At) -> Any:
    """A part that is looked at on its own."""
    return value


FILE = Record(
    {
        "meta": Record(
            {
                "version": f.whole,
                "today": f.day,
                "title": f.text,
                "about": f.text,
                "peers": f.list_of(f.text),
            }
        ),
        "cases": as_it_is,
    },
    required=("cases",),
)
CASE = Record(
    {
        "id": f.name,
        "title": f.text,
        "source": f.text,
        "kind": f.word(("peer_test", "fix", "issue", "code", "own")),
        "figures": f.word(("own", "peer")),
        "tags": f.list_of(f.name),
        "note": f.text,
        "needs": NEEDS,
        "today": f.day,
        "given": GIVEN,
        "steps": as_it_is,
    },
    required=("id", "title", "given", "steps"),
)


def load(paths: Sequence[Path]) -> list[Case]:
    """The cases of files and of the YAML files below folders, in order.

    Raises ScenarioFileError with a message for each problem; nothing is run then.
    """
    messages: list[str] = []
    cases: list[Case] = []
    seen: dict[str, str] = {}
    found: list[Path] = []
    for path in paths:
        try:
            found += _files(path)
        except ScenarioFileError as error:
            messages += error.messages
    for path in dict.fromkeys(found):
        try:
            cases += _cases(read(path), At(str(path), messages), seen)
        except ScenarioFileError as error:
            messages += error.messages
    if messages:
        raise ScenarioFileError(messages)
    return cases


def _files(path: Path) -> list[Path]:
    """The file, or the YAML files below the folder."""
    if path.is_dir():
        below = sorted({*path.rglob("*.yaml"), *path.rglob("*.yml")})
        if not below:
            raise ScenarioFileError([f"{path}: there is no YAML file in this folder."])
        return below
    if not path.exists():
        raise ScenarioFileError([f"{path}: there is no such file or folder."])
    return [path]


def _cases(content: Any, at: At, seen: dict[str, str]) -> list[Case]:
    top = FILE(content, at)
    meta = top.get("meta", {})
    version = meta.get("version", FORMAT_VERSION)
    if version != FORMAT_VERSION:
        at.down("meta.version").say(f"this program reads version {FORMAT_VERSION}, not {version}.")
    raw = top.get("cases")
    if not isinstance(raw, list) or not raw:
        if "cases" in top:
            at.down("cases").say("write a list with at least one case.")
        return []
    cases = []
    for position, one in enumerate(raw, start=1):
        label = one.get("id") if isinstance(one, dict) else None
        here = at.of_case(str(label)) if label else at.down("cases").down(position)
        if label in seen:
            here.say(f"the id {label} is used twice (also in {seen[label]}).")
        elif label:
            seen[label] = at.file
        parsed = _case(one, here, meta.get("today", DEFAULT_TODAY))
        if parsed is not None:
            cases.append(parsed)
    return cases


def _case(raw: Any, at: At, today: date) -> Case | None:
    before = len(at.messages)
    top = CASE(raw, at)
    if "today" in top and "today" in (top.get("given") or {}):
        at.say("write `today` once, beside `given` or in it.")
    steps = _steps(top["steps"], at) if "steps" in top else ()
    if len(at.messages) > before:
        return None
    given: dict[str, Any] = top["given"]
    stated = frozenset(top.get("needs", ()))
    case = Case(
        file=at.file,
        id=top["id"],
        title=top["title"],
        given=given,
        steps=tuple(step for step, _needs in steps),
        today=top.get("today") or given.get("today") or today,
        needs=v.missing_capabilities({*stated, *case_needs(given)}),
        stated_needs=stated.union(*(needs for _step, needs in steps)),
    )
    check_names(case, at)
    return case


def _steps(raw: Any, at: At) -> tuple[tuple[Step, frozenset[str]], ...]:
    here = at.down("steps")
    if not isinstance(raw, list) or not raw:
        here.say("write a list with at least one step.")
        return ()
    return tuple(_step(one, number, here.down(number)) for number, one in enumerate(raw, start=1))


def _step(raw: Any, number: int, at: At) -> tuple[Step, frozenset[str]]:
    """The step, and the needs it states."""
    top = STEP(raw, at)
    then: dict[str, Any] = dict(top.get("then", {}))
    actions: tuple[Action, ...] = tuple(top.get("when", ()))
    if "then" in top and not then:
        at.down("then").say("expect at least one thing.")
    if "limit_now" in top:
        then.setdefault("limit_now", top["limit_now"])
    stated = frozenset(top.get("needs", ()))
    step = Step(
        number=number,
        actions=actions,
        then=then,
        title=top.get("title", ""),
        today=top.get("today"),
        fresh=top.get("fresh", False),
        needs=v.missing_capabilities({*stated, *step_needs(actions, then)}),
    )
    return step, stated


def _actions_of(raw: Any, at: At) -> list[Action]:
    if isinstance(raw, list) and raw:
        return [_action(one, at.down(position)) for position, one in enumerate(raw, start=1)]
    return [_action(raw, at)]


STEP = Record(
    {
        "title": f.text,
        "when": _actions_of,
        "then": THEN,
        "needs": NEEDS,
        "today": f.day,
        "fresh": f.flag,
        "limit_now": f.optional(f.positive),
    },
    required=("when", "then"),
)


def _action(raw: Any, at: At) -> Action:
    nothing = Action("read", {})
    if not isinstance(raw, dict) or "do" not in raw:
        at.say(f"write an action such as {{do: submit, document: SO1}}, not {f.shown(raw)}.")
        return nothing
    told = str(raw["do"])
    verb = SYNONYMS.get(told, told)
    if verb == AT_ONCE:
        return _together(raw, at)
    if verb not in VERBS:
        known = [*VERBS, *SYNONYMS, AT_ONCE]
        at.down("do").say(f"unknown verb {f.shown(told)!r}{f.suggestion(told, known)}")
        return nothing
    spec = VERBS[verb]
    params = Record(
        {"do": f.text, "as": f.name, **spec.fields},
        required=spec.required,
        one_of=spec.one_of,
        some_of=spec.some_of,
    )(raw, at)
    params.pop("do", None)
    actor = params.pop("as", "")
    return Action(verb, params, actor)


def _together(raw: Mapping[str, Any], at: At) -> Action:
    found = Record({"do": f.text, "actions": _actions_of}, required=("actions",))(raw, at)
    parts: list[Action] = found.get("actions", [])
    if len(parts) < 2:
        at.down("actions").say("write at least two actions that happen at the same instant.")
    return Action(AT_ONCE, {}, parts=tuple(parts))
