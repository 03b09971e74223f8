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
from ledger.forms.chargebacks import ChargebackForm, ReturnForm
from ledger.forms.imports import ColumnsForm, UploadForm
from ledger.forms.payments import AllocationForm, ApplyForm, PaymentForm, ReceivableForm

__all__ = [
    "AllocationForm",
    "ApplyForm",
    "CauseForm",
    "ChargebackForm",
    "ColumnsForm",
    "DisputeCloseForm",
    "DisputeForm",
    "PaymentForm",
    "PeriodCloseForm",
    "PeriodReopenForm",
    "ReceivableForm",
    "ReturnForm",
    "ReverseForm",
    "UploadForm",
    "WriteOffForm",
]
