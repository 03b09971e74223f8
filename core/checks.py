"""Start-up checks: config/wiring.py points at things that exist, and audit events have words.

A dotted path in a table is invisible to import checkers, so it is tried here, by every
`manage.py check`.
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.core.checks import CheckMessage, Error, Warning, register
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

from core import audit, notifications
from core.context import NAVIGATION
from core.pdf import check_pdf

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.apps import AppConfig

# The action in events.record("…", …) or a module's own _record(row, "…", …).
_RECORD: Final = re.compile(r"""\b_?record\([^"'()]{0,80}["']([a-z_]+(?:\.[a-z_]+){2})["']""")
# The code in notify(…, code="…", …).
_NOTIFY: Final = re.compile(r"""\bnotify\((?:[^()]|\([^()]*\))*?\bcode=["']([a-z_.]+)["']""")
_ROOMS: Final = (
    "core",
    "customers",
    "ledger",
    "approvals",
    "credit_limits",
    "documents",
    "reports",
)


def _wiring() -> Any:
    """config.wiring, by name: the kernel imports nothing above it."""
    return import_module("config.wiring")


def check_wiring(
    app_configs: Sequence[AppConfig] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """Every dotted path of config.wiring imports, and every function or task can be called."""
    wiring = _wiring()

    problems: list[CheckMessage] = []
    for path in wiring.CREDIT_EXPOSURE_SOURCES:
        problems += _try(path, "CREDIT_EXPOSURE_SOURCES", callable_=False)
    functions = (
        *wiring.APPROVAL_HANDLERS.values(),
        *wiring.NAV_BADGES.values(),
        *wiring.SUBJECT_ORIGINS.values(),
    )
    for path in functions:
        problems += _try(path, "APPROVAL_HANDLERS, NAV_BADGES, SUBJECT_ORIGINS", callable_=True)
    for path in sorted({path for paths in wiring.EVENT_ROUTES.values() for path in paths}):
        problems += _try(path, "EVENT_ROUTES", callable_=True)
    return problems


def check_urls(
    app_configs: Sequence[AppConfig] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """Every subject and every entry of the navigation has its page."""
    wiring = _wiring()

    wanted = [(name, [1]) for name in wiring.SUBJECT_URLS.values()]
    wanted += [(entry.url_name, []) for _label, entries in NAVIGATION for entry in entries]
    problems: list[CheckMessage] = []
    for name, args in wanted:
        try:
            reverse(name, args=args)
        except NoReverseMatch:
            # The application runs without it: the link or the entry is left out.
            problems.append(Warning(f"No page is called {name!r}.", id="core.W002"))
    return problems


def check_audit_texts(
    app_configs: Sequence[AppConfig] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """Every audit action that is recorded or routed has a sentence."""
    wiring = _wiring()

    problems: list[CheckMessage] = []
    actions = dict.fromkeys(wiring.EVENT_ROUTES, "config/wiring.py")
    actions |= dict(recorded_actions())
    for action, where in sorted(actions.items()):
        if not audit.is_known(action):
            problems.append(
                Error(
                    f"The audit action {action!r} ({where}) has no sentence.",
                    hint='Register one with @core.audit.renders("…") in audit_texts.py.',
                    id="core.E003",
                )
            )
    return problems


def check_notification_texts(
    app_configs: Sequence[AppConfig] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """Every notification that is sent has its words."""
    return [
        Error(
            f"The notification {code!r} ({where}) has no text.",
            hint='Register one with @core.notifications.renders("…").',
            id="core.E004",
        )
        for code, where in sorted(dict(_found(_NOTIFY)).items())
        if not notifications.is_known(code)
    ]


def recorded_actions() -> Iterator[tuple[str, str]]:
    """(action, file) of every literal action in the source of our apps."""
    return _found(_RECORD)


def _found(pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """(match, file) of a pattern in the source of our apps."""
    for label in _ROOMS:
        root = Path(apps.get_app_config(label).path)
        for path in sorted(root.rglob("*.py")):
            if "migrations" not in path.parts:
                for match in pattern.findall(path.read_text(encoding="utf-8")):
                    yield match, f"{label}/{path.relative_to(root)}"


def register_checks() -> None:
    """Let `manage.py check`, and every command that runs it first, ask all of this."""
    for check in (
        check_wiring,
        check_urls,
        check_audit_texts,
        check_notification_texts,
        check_pdf,
    ):
        register(check)


def _try(path: str, table: str, *, callable_: bool) -> list[CheckMessage]:
    try:
        found = import_string(path)
    except ImportError as error:
        return [Error(f"{table} names {path!r}, which does not import: {error}", id="core.E001")]
    if callable_ and not callable(found):
        return [Error(f"{table} names {path!r}, which cannot be called.", id="core.E001")]
    return []
