"""Background work of the kernel."""

from __future__ import annotations

from celery import shared_task

from core.notifications import notifications_email


@shared_task
def send_notification_emails(ids: list[int]) -> None:
    """Send the mails of new notifications; those that fail are sent again by the night."""
    notifications_email(ids)
