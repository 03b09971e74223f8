"""The formats themselves: 22 Nov 2026, clear in every language."""

from core.dates import DAY, MOMENT

DATE_FORMAT = SHORT_DATE_FORMAT = DAY
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = MOMENT
