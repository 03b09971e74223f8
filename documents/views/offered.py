"""Which steps a document's page offers: those that would be taken, and why others are not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from documents.models import Document
from documents.words import named

if TYPE_CHECKING:
    from documents.chain import Chain
    from documents.progress import Progress
    from documents.views.common import Steps

NAMED: Final = 5
"""Documents that the sentence names; the chain on the page has all of them."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Why steps are missing: `by` (key, name) continue the document, `more` besides.

    `is_done` says that nothing is left of it; otherwise only cancelling is not possible.
    """

    by: list[tuple[int, str]]
    more: int
    is_done: bool
    can_close: bool


def offered(
    document: Document, steps: Steps, progress: Progress, chain: Chain
) -> tuple[Steps, Kept | None]:
    """The steps without those that are refused or mean nothing any more, and why; None for all.

    The document is one of `document_or_404`. No statement, unless its chain is very long.
    """
    keys: list[int] = document.continued_by  # type: ignore[attr-defined]
    if not keys:
        return steps, None
    is_done = progress.is_done
    missing = steps.cancel or (is_done and (steps.change or steps.close))
    if not missing:
        return steps, None
    left = replace(
        steps,
        cancel=False,
        change=steps.change and not is_done,
        close=steps.close and not is_done,
    )
    known = {link.document.pk: link.document for link in chain.links}
    by = [known[key] for key in keys if key in known][:NAMED] or [
        Document.objects.select_related("type").get(pk=keys[0])
    ]
    names = [(row.pk, named(row)) for row in by]
    return left, Kept(names, len(keys) - len(by), is_done, left.close)
