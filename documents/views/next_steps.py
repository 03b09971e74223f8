"""What may follow a document: the buttons that lead to the next paper of the cycle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from core.clock import today
from documents.in_the_way import is_expired
from documents.lifecycle import COUNTING
from documents.models import Document, DocumentType
from documents.views.common import path_of
from documents.words import family

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.utils.functional import _StrPromise

    from documents.progress import Progress
    from documents.views.common import Steps

Status = Document.Status


@dataclass(frozen=True, slots=True)
class NextStep:
    """A button. `main` is what usually comes next and is still to be done."""

    label: _StrPromise
    url: str
    icon: str
    main: bool = False


# Family → (family of the next document, words, icon), the usual one first.
_NEXT: Final[Mapping[str, tuple[tuple[str, _StrPromise, str], ...]]] = {
    "quote": (("order", _("Accept: make the order"), "check"),),
    "order": (
        ("delivery", _("Deliver"), "truck-delivery"),
        ("invoice", _("Invoice directly"), "file-invoice"),
        ("advance", _("Advance"), "cash"),
        ("pro_forma", _("Pro-forma"), "file-text"),
    ),
    "delivery": (
        ("invoice", _("Invoice"), "file-invoice"),
        ("return", _("Return"), "arrow-back-up"),
    ),
    "return": (("credit_note", _("Credit note"), "arrow-back-up"),),
    "invoice": (
        ("credit_note", _("Credit note"), "arrow-back-up"),
        ("delivery", _("Deliver the goods"), "truck-delivery"),
    ),
    "advance": (("credit_note", _("Credit note"), "arrow-back-up"),),
    "pro_forma": (("invoice", _("Invoice"), "file-invoice"),),
}
# Where the usual next step is one that people take every time, not an exception.
_USUAL: Final = frozenset({"quote", "order", "delivery", "return", "pro_forma"})


def next_type(document: Document, types: Sequence[DocumentType]) -> DocumentType | None:
    """The type of the usual next document; None where nothing has to follow."""
    name = family(document.type)
    if name not in _USUAL or name == "pro_forma":
        return None
    return _first(types, _NEXT[name][0][0])


def next_steps(
    document: Document, steps: Steps, progress: Progress, types: Sequence[DocumentType]
) -> list[NextStep]:
    """The buttons for this document as it stands; empty where nothing can be made of it."""
    page = path_of("documents:convert")
    if not (steps.go_on and page and _is_ready(document)):
        return []
    name = family(document.type)
    found = []
    for place, (target, label, icon) in enumerate(_NEXT.get(name, ())):
        type_ = _first(types, target)
        if type_ is None or not _makes_sense(name, target, progress):
            continue
        if is_expired(document, today()):
            continue
        query = urlencode({"type": type_.code, "document": document.pk})
        main = place == 0 and name in _USUAL
        found.append(NextStep(label, f"{page}?{query}", icon, main))
    return found


def _first(types: Sequence[DocumentType], name: str) -> DocumentType | None:
    return next((item for item in types if item.is_active and family(item) == name), None)


def _is_ready(document: Document) -> bool:
    """Quotes and orders go on while they stand, bills once they are in the books."""
    name = family(document.type)
    if name in {"quote", "order", "pro_forma"}:
        return document.status in COUNTING
    if name in {"invoice", "advance"}:
        return document.status == Status.POSTED
    return document.status in {*COUNTING, Status.CLOSED}


def _makes_sense(name: str, target: str, progress: Progress) -> bool:
    """Whether there is anything to take over."""
    if name in {"quote", "return"} or (target == "invoice" and name == "delivery"):
        return progress.is_left
    if name == "order":
        return progress.is_left if target != "advance" else progress.is_open("invoiced")
    if name == "invoice" and target == "delivery":
        return progress.has_goods_to_come
    if name == "invoice" and target == "credit_note":
        return progress.is_open("credited")
    return True
