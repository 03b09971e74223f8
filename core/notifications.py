"""Messages for people: a row for the bell now, an e-mail after commit.

Texts live in a registry like those of the audit trail: the row keeps a code and figures, the words
are made when they are read, in the reader's language.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from core import links
from core.locks import require_atomic
from core.models import Notification

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from django.db.models import QuerySet

    from core.models import User

log = structlog.get_logger(__name__)

# Older mails say nothing new, and an address entered late should not be flooded.
RESEND_DAYS: Final = 7
EMAIL_TASK: Final = "core.tasks.send_notification_emails"


@dataclass(frozen=True, slots=True)
class Text:
    """The words of a notification: a subject, one sentence, and lines of figures for the mail."""

    subject: str
    sentence: str
    lines: tuple[str, ...] = ()


type Renderer = Callable[[Mapping[str, Any]], Text]

_RENDERERS: dict[str, Renderer] = {}


def renders(code: str) -> Callable[[Renderer], Renderer]:
    """Register the function that turns the parameters of notifications `code` into words."""

    def register(renderer: Renderer) -> Renderer:
        if code in _RENDERERS:
            msg = f"two texts for notification {code}"
            raise ValueError(msg)
        _RENDERERS[code] = renderer
        return renderer

    return register


def is_known(code: str) -> bool:
    """Whether there are words for `code`."""
    return code in _RENDERERS


def text(notification: Notification) -> Text:
    """The words of a notification in the active language; its code when figures are missing."""
    renderer = _RENDERERS.get(notification.code)
    if renderer is None:
        return Text(notification.code, notification.code)
    try:
        return renderer(notification.params)
    except (KeyError, TypeError, ValueError):
        sentence = _("%(code)s (figures missing)") % {"code": notification.code}
        return Text(sentence, sentence)


def notify(
    *, users: Iterable[User], code: str, params: Mapping[str, Any], url: str
) -> list[Notification]:
    """Write one notification per person, in the caller's transaction; mails leave after commit.

    `url` is the path the notification opens. Inactive people and doubles are left out. A rollback
    takes rows and mails with it; a broker that is away only delays the mails until the night.
    """
    require_atomic()
    if not is_known(code):
        msg = f"no text for notification {code}"
        raise ValueError(msg)
    people = {user.pk: user for user in users if user.is_active}
    rows = Notification.objects.bulk_create(
        Notification(user=user, code=code, params=dict(params), url=url)
        for _pk, user in sorted(people.items())
    )
    if rows:
        ids = [row.pk for row in rows]
        transaction.on_commit(lambda: import_string(EMAIL_TASK).delay(ids), robust=True)
    return rows


def notifications_email_pending() -> int:
    """Send every mail that is still owed (a lost broker, a mail server that was away).

    Returns how many went out. Called by the night.
    """
    return notifications_email(list(_owed().values_list("pk", flat=True)))


def notifications_email(ids: Iterable[int]) -> int:
    """Send the mails of these notifications that nobody has sent; returns how many went out.

    Each row is claimed by its lock and marked in the same transaction as the sending: two workers
    never send the same one, and a mail server that fails leaves the row owed.
    """
    return sum(_email_one(pk) for pk in ids)


def notifications_settle(*, url: str, codes: Iterable[str]) -> int:
    """Owe no mail any more about what is settled: a question that was answered meanwhile.

    The notifications stay where they are; returns how many mails will not be sent.
    """
    return Notification.objects.filter(
        url=url, code__in=list(codes), emailed_at__isnull=True
    ).update(emailed_at=timezone.now())


def _owed() -> QuerySet[Notification]:
    return Notification.objects.filter(
        emailed_at__isnull=True,
        created_at__gte=timezone.now() - timedelta(days=RESEND_DAYS),
        user__is_active=True,
    ).exclude(user__email="")


def _email_one(pk: int) -> bool:
    try:
        with transaction.atomic():
            row = (
                _owed()
                .select_related("user")
                .select_for_update(of=("self",), skip_locked=True)
                .filter(pk=pk)
                .first()
            )
            if row is None:
                return False
            _send(row)
            row.emailed_at = timezone.now()
            row.save(update_fields=["emailed_at"])
            return True
    except OSError as error:
        # smtplib's errors are OSErrors: the row stays owed, the next one gets its chance.
        log.warning("notification_email_failed", notification=pk, error=str(error))
        return False


def _send(row: Notification) -> None:
    with translation.override(row.user.language or settings.LANGUAGE_CODE):
        words = text(row)
        body = render_to_string(
            "emails/notification.txt",
            {
                "user": row.user,
                "text": words,
                "url": links.absolute(row.url) if row.url else "",
            },
        )
        # Words from documents could carry line breaks, which a mail header must not.
        subject = " ".join(words.subject.split())
        send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [row.user.email])
