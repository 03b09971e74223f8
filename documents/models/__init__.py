"""Sales documents and everything that hangs on them."""

from documents.models.agreements import AgreementEmployee, Charge, PurchaseAgreement
from documents.models.documents import Document
from documents.models.holds import HoldCase
from documents.models.lines import DocumentLine
from documents.models.papers import DocumentPaper
from documents.models.remarks import DocumentAttachment, DocumentNote
from documents.models.revisions import DocumentRevision
from documents.models.states import DocumentState, LineState
from documents.models.types import DocumentType, Nature

__all__ = [
    "AgreementEmployee",
    "Charge",
    "Document",
    "DocumentAttachment",
    "DocumentLine",
    "DocumentNote",
    "DocumentPaper",
    "DocumentRevision",
    "DocumentState",
    "DocumentType",
    "HoldCase",
    "LineState",
    "Nature",
    "PurchaseAgreement",
]
