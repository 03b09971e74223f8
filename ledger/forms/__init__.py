"""Forms of the ledger."""

from ledger.forms.imports import ColumnsForm, UploadForm
from ledger.forms.payments import AllocationForm, ApplyForm, PaymentForm

__all__ = ["AllocationForm", "ApplyForm", "ColumnsForm", "PaymentForm", "UploadForm"]
