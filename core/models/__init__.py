"""The kernel's tables."""

from core.models.audit import AuditEvent
from core.models.company import Company, Currency, ExchangeRate, NumberSequence
from core.models.jobs import JobRun
from core.models.notifications import Notification
from core.models.users import User

__all__ = [
    "AuditEvent",
    "Company",
    "Currency",
    "ExchangeRate",
    "JobRun",
    "Notification",
    "NumberSequence",
    "User",
]
