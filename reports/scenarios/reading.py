"""Strict YAML: numbers are exact, `off` is a word, and no key may be written twice.

Plain YAML readers turn 0.03 into a binary float, `off` into False and silently keep the last of
two equal keys; each of these would make an acceptance case lie.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import yaml

from reports.scenarios.problems import ScenarioFileError

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 5_000_000


class _Reader(yaml.SafeLoader):
    """The safe loader with a resolver of its own: null, true, false, numbers and days."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


def _resolver(tag: str, pattern: str, first: str) -> None:
    _Reader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


_resolver("null", r"^(?:~|null|)$", "~n\0")
_Reader.yaml_implicit_resolvers.setdefault("", []).append(
    ("tag:yaml.org,2002:null", re.compile(r"^$"))
)
_resolver("bool", r"^(?:true|false)$", "tf")
_resolver("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789")
_resolver("float", r"^[-+]?(?:0|[1-9][0-9]*)\.[0-9]+$", "-+0123456789")
_resolver("timestamp", r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "0123456789")


def _decimal(loader: _Reader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(loader.construct_scalar(node))


def _day(loader: _Reader, node: yaml.ScalarNode) -> date:
    text = loader.construct_scalar(node)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise yaml.constructor.ConstructorError(
            None, None, f"{text} is not a day of the calendar", node.start_mark
        ) from error


def _mapping(loader: _Reader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if isinstance(key, list | dict):
            raise yaml.constructor.ConstructorError(
                None, None, "a key must be a word, a number or a day", key_node.start_mark
            )
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key} is written twice", key_node.start_mark
            )
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


_Reader.add_constructor("tag:yaml.org,2002:float", _decimal)
_Reader.add_constructor("tag:yaml.org,2002:timestamp", _day)
_Reader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read(path: Path) -> Any:
    """The content of a YAML file. Raises ScenarioFileError when it cannot be read."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ScenarioFileError([f"{path}: the file is larger than {MAX_BYTES:,} bytes."])
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ScenarioFileError([f"{path}: {error.strerror}."]) from error
    except UnicodeDecodeError as error:
        raise ScenarioFileError([f"{path}: the file is not UTF-8 text."]) from error
    try:
        return yaml.load(text, Loader=_Reader)  # noqa: S506 - a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ScenarioFileError([f"{path}{where}: {error.problem}."]) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ScenarioFileError([f"{path}: this is not YAML ({error})."]) from error
