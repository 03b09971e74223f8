"""Every test here decides through a small real handler instead of the documents' one."""

from __future__ import annotations

import pytest

from config import wiring


@pytest.fixture(autouse=True)
def _handler(monkeypatch):
    monkeypatch.setitem(
        wiring.APPROVAL_HANDLERS, "document_release", "tests.approvals.handlers.customer_decided"
    )
