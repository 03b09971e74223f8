"""Importing a receivables history: upload, check, import."""

from ledger.services.imports.fields import FIELDS, Field
from ledger.services.imports.progress import is_worked_on
from ledger.services.imports.runs import (
    import_commit,
    import_discard,
    import_preview,
    import_resume,
    imports_resume,
)
from ledger.services.imports.settings import ImportSettings
from ledger.services.imports.upload import Sample, import_upload, run_sample
from ledger.services.imports.work import INLINE_ROWS, import_continue

__all__ = [
    "FIELDS",
    "INLINE_ROWS",
    "Field",
    "ImportSettings",
    "Sample",
    "import_commit",
    "import_continue",
    "import_discard",
    "import_preview",
    "import_resume",
    "import_upload",
    "imports_resume",
    "is_worked_on",
    "run_sample",
]
