"""Facts and decisions to JSON values and back, exactly, so that a stored check can be replayed.

Decimals become strings with all their digits, dates ISO strings, enums their values, severities
their names, sets sorted lists. Figures of mixed type (a finding's observed, threshold and facts)
carry their type: {"decimal": "1.00"}, {"date": "2026-01-31"}; plain ints and strings stay as
they are. `SCHEMA` is stored with the data; reading another schema refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from enum import Enum, StrEnum
from types import MappingProxyType, NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from credit_limits.engine import types as known_types
from credit_limits.engine.types import CheckInput, Decision, Severity

SCHEMA = 1
DOCUMENT_TYPES: Mapping[str, type[CheckInput] | type[Decision]] = MappingProxyType(
    {"check_input": CheckInput, "decision": Decision}
)

_HINTS: dict[str, Mapping[str, Any]] = {}


class UnreadableCheckError(ValueError):
    """The data is not what `to_json` wrote, or was written with another schema."""


def to_json(value: CheckInput | Decision) -> dict[str, Any]:
    """A dict of JSON values with its type and schema, ready for a JSONField."""
    kind = next(name for name, cls in DOCUMENT_TYPES.items() if isinstance(value, cls))
    return {"type": kind, "schema": SCHEMA, "value": _encode(value, type(value))}


def input_from_json(data: Mapping[str, Any]) -> CheckInput:
    """The CheckInput that `to_json` wrote; UnreadableCheckError otherwise."""
    value = from_json(data)
    if not isinstance(value, CheckInput):
        message = "not a check input"
        raise UnreadableCheckError(message)
    return value


def decision_from_json(data: Mapping[str, Any]) -> Decision:
    """The Decision that `to_json` wrote; UnreadableCheckError otherwise."""
    value = from_json(data)
    if not isinstance(value, Decision):
        message = "not a decision"
        raise UnreadableCheckError(message)
    return value


def from_json(data: Mapping[str, Any]) -> CheckInput | Decision:
    """What `to_json` wrote; UnreadableCheckError for anything else."""
    if data.get("schema") != SCHEMA or data.get("type") not in DOCUMENT_TYPES:
        message = f"cannot read type {data.get('type')!r} of schema {data.get('schema')!r}"
        raise UnreadableCheckError(message)
    cls = DOCUMENT_TYPES[data["type"]]
    try:
        value = _decode(data["value"], cls)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        message = f"damaged {data['type']}: {error!r}"
        raise UnreadableCheckError(message) from error
    if not isinstance(value, cls):  # pragma: no cover - _decode builds what it is asked for
        message = f"damaged {data['type']}"
        raise UnreadableCheckError(message)
    return value


def _hints(cls: Any) -> Mapping[str, Any]:
    """The types of a dataclass's fields (resolved once)."""
    if cls.__name__ not in _HINTS:
        _HINTS[cls.__name__] = get_type_hints(cls, vars(known_types), {"Mapping": Mapping})
    return _HINTS[cls.__name__]


def _is_mixed(hint: Any) -> bool:
    """A union of more than one real type, where the value has to carry its own."""
    if not isinstance(hint, UnionType):
        return False
    return len([part for part in get_args(hint) if part is not NoneType]) > 1


def _without_none(hint: Any) -> Any:
    if isinstance(hint, UnionType) and not _is_mixed(hint):
        return next(part for part in get_args(hint) if part is not NoneType)
    return hint


def _encode(value: Any, hint: Any) -> Any:
    if value is None:
        return None
    if _is_mixed(hint):
        return _encode_mixed(value)
    hint = _without_none(hint)
    if isinstance(value, Mapping):
        return _encode_mapping(value, hint)
    if isinstance(value, frozenset):
        return sorted(_encode(item, get_args(hint)[0]) for item in value)
    if isinstance(value, tuple):
        return [_encode(item, part) for item, part in zip(value, _parts(hint, value), strict=True)]
    if hasattr(value, "__dataclass_fields__"):
        hints = _hints(type(value))
        return {
            item.name: _encode(getattr(value, item.name), hints[item.name])
            for item in fields(value)
        }
    return _encode_plain(value)


def _encode_plain(value: Any) -> Any:
    if isinstance(value, Severity):
        return value.name
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _encode_mapping(value: Mapping[Any, Any], hint: Any) -> dict[str, Any]:
    key_hint, value_hint = get_args(hint)
    return {_encode(key, key_hint): _encode(item, value_hint) for key, item in value.items()}


def _encode_mixed(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return value


def _parts(hint: Any, value: Any) -> tuple[Any, ...]:
    """The hint of every place of a tuple: `tuple[X, ...]` repeats, `tuple[A, B]` is positional."""
    parts = get_args(hint)
    return (parts[0],) * len(value) if parts[-1] is Ellipsis else parts


def _decode(data: Any, hint: Any) -> Any:
    if data is None:
        if isinstance(hint, UnionType) and NoneType in get_args(hint):
            return None
        message = f"nothing where {hint} belongs"
        raise TypeError(message)
    if _is_mixed(hint):
        return _decode_mixed(data)
    hint = _without_none(hint)
    origin = get_origin(hint)
    if origin is tuple:
        return tuple(
            _decode(item, part) for item, part in zip(data, _parts(hint, data), strict=True)
        )
    if origin is frozenset:
        return frozenset(_decode(item, get_args(hint)[0]) for item in data)
    if origin is Mapping:
        key_hint, value_hint = get_args(hint)
        return MappingProxyType(
            {_decode(key, key_hint): _decode(item, value_hint) for key, item in data.items()}
        )
    return _decode_plain(data, hint)


def _decode_plain(data: Any, hint: type) -> Any:
    if hint is Severity:
        return Severity[data]
    if issubclass(hint, StrEnum | Decimal):
        return hint(data)
    if hint is date:
        return date.fromisoformat(data)
    if hasattr(hint, "__dataclass_fields__"):
        hints = _hints(hint)
        # A field added since takes its default; that keeps old checks readable.
        return hint(**{name: _decode(item, hints[name]) for name, item in data.items()})
    if type(data) is not hint:
        message = f"{data!r} is not {hint.__name__}"
        raise TypeError(message)
    return data


def _decode_mixed(data: Any) -> Any:
    if isinstance(data, dict):
        if "decimal" in data:
            return Decimal(data["decimal"])
        return date.fromisoformat(data["date"])
    return data
