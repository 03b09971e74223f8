"""Forms of the document screens."""

from documents.forms.entry import OrderEntry
from documents.forms.extras import AttachmentForm, NoteForm, OverrideForm, StepForm
from documents.forms.lines import LineForm, LineFormSet
from documents.forms.order import OrderForm

__all__ = [
    "AttachmentForm",
    "LineForm",
    "LineFormSet",
    "NoteForm",
    "OrderEntry",
    "OrderForm",
    "OverrideForm",
    "StepForm",
]
