"""Uploads of these tests live in a directory of their own."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _own_uploads(settings, tmp_path_factory):
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")
