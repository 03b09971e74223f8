"""A company with two customers, and everything that can happen to their documents.

Each command takes small whole numbers that choose among what is there, so that a random history
can be drawn and made smaller; all of them go through the services that people use. A command that
the services refuse changes nothing and says so.
"""

from __future__ import annotations

from credit_limits.services.policies import policies_install_defaults
from documents.services.defaults import document_types_install_defaults
from tests.documents.histories.house_bills import Bills
from tests.documents.histories.house_sales import Sales


class House(Sales, Bills):
    """A company with two customers, and everything that can happen to their documents."""


def furnish() -> None:
    """What every house of a run shares: types, the general policy."""
    policies_install_defaults()
    document_types_install_defaults()
