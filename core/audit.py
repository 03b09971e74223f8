"""From dotted actions to plain sentences: the registry of audit texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.models import AuditEvent

type Renderer = Callable[[dict[str, Any]], str]

_RENDERERS: dict[str, Renderer] = {}


def renders(action: str) -> Callable[[Renderer], Renderer]:
    """Register the function that turns the data of `action` into a sentence."""

    def register(renderer: Renderer) -> Renderer:
        if action in _RENDERERS:
            msg = f"two renderers for {action}"
            raise ValueError(msg)
        _RENDERERS[action] = renderer
        return renderer

    return register


def is_known(action: str) -> bool:
    """Whether a sentence is registered for `action`."""
    return action in _RENDERERS


def known_actions() -> list[str]:
    """Every action that has a sentence, in order."""
    return sorted(_RENDERERS)


def sentence(event: AuditEvent) -> str:
    """The event in plain words; data that lack a figure fall back to the action itself."""
    renderer = _RENDERERS.get(event.action)
    if renderer is None:
        return event.action
    try:
        return renderer(event.data)
    except (KeyError, TypeError, ValueError):
        return _("%(action)s (figures missing)") % {"action": event.action}
