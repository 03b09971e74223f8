"""From a subject (a type and an id) to the page that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from collections.abc import Mapping


def subject_url(subject_type: str, subject_id: int) -> str:
    """The path of the page of a subject, by config.wiring.SUBJECT_URLS; empty when it has none."""
    names: Mapping[str, str] = import_string("config.wiring.SUBJECT_URLS")
    name = names.get(subject_type)
    if name is None:
        return ""
    try:
        return reverse(name, args=[subject_id])
    except NoReverseMatch:
        return ""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a row was made from: its words, and its page (empty when it has none)."""

    text: str
    url: str


def subject_origin(subject_type: str, subject_id: int) -> Origin | None:
    """What a row of a lower app was made from (config.wiring.SUBJECT_ORIGINS); None for nothing."""
    paths: Mapping[str, str] = import_string("config.wiring.SUBJECT_ORIGINS")
    if subject_type not in paths:
        return None
    found: tuple[str, int, str] | None = import_string(paths[subject_type])(subject_id)
    if found is None:
        return None
    origin_type, origin_id, text = found
    return Origin(text, subject_url(origin_type, origin_id))


def absolute(path: str) -> str:
    """`path` with the address of the site in front, for mails."""
    return f"{settings.SITE_URL}{path}"
