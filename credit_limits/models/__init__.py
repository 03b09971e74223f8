"""Limits, policies, checks, releases, snapshots and alerts."""

from credit_limits.models.checks import CheckFinding, CreditCheck, Release
from credit_limits.models.limits import CreditLimit, CreditProfile
from credit_limits.models.policy import CreditPolicy, PolicyRule, PolicyVersion
from credit_limits.models.snapshots import Alert, ExposureSnapshot, PaymentBehaviour

__all__ = [
    "Alert",
    "CheckFinding",
    "CreditCheck",
    "CreditLimit",
    "CreditPolicy",
    "CreditProfile",
    "ExposureSnapshot",
    "PaymentBehaviour",
    "PolicyRule",
    "PolicyVersion",
    "Release",
]
