"""Forms of the ledger."""

from ledger.forms.changes import (
    CauseForm,
    DisputeCloseForm,
    DisputeForm,
    PeriodCloseForm,
    PeriodReopenForm,
    ReverseForm,
    WriteOffForm,
)
from ledger.forms.imports import ColumnsForm, UploadForm
from ledger.forms.payments import AllocationForm, ApplyForm, PaymentForm

__all__ = [
    "AllocationForm",
    "ApplyForm",
    "CauseForm",
    "ColumnsForm",
    "DisputeCloseForm",
    "DisputeForm",
    "PaymentForm",
    "PeriodCloseForm",
    "PeriodReopenForm",
    "ReverseForm",
    "UploadForm",
    "WriteOffForm",
]
