"""Dates as `core.markup.day` writes them."""

from config.formats.dates import *  # noqa: F403
