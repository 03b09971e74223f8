"""Forms of the ledger."""

from ledger.forms.bills import (
    BillForm,
    BillReturnForm,
    CollectForm,
    PostReturnForm,
    PresentForm,
    ProtestForm,
    ReasonForm,
    ResultForm,
    StepForm,
)
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
    "BillForm",
    "BillReturnForm",
    "CauseForm",
    "ChargebackForm",
    "CollectForm",
    "ColumnsForm",
    "DisputeCloseForm",
    "DisputeForm",
    "PaymentForm",
    "PeriodCloseForm",
    "PeriodReopenForm",
    "PostReturnForm",
    "PresentForm",
    "ProtestForm",
    "ReasonForm",
    "ReceivableForm",
    "ResultForm",
    "ReturnForm",
    "ReverseForm",
    "StepForm",
    "UploadForm",
    "WriteOffForm",
]
