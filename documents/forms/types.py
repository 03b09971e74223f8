"""The form of a document type in the administration: settings that fit together."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from documents.models import DocumentType, Nature

Kind = DocumentType.Kind


class DocumentTypeForm(forms.ModelForm[DocumentType]):
    """A type (its fields are those of the page). Says in words what the database would refuse."""

    def clean(self) -> dict[str, Any]:
        """Goods and bills go back, invoices are pro-forma, goods in never count."""
        data = super().clean() or self.cleaned_data

        def value(name: str) -> Any:
            return data.get(name, getattr(self.instance, name))

        kind, counts = value("kind"), value("counts_as_credit")
        if value("nature") == Nature.REVERSE and kind not in {Kind.DELIVERY, Kind.INVOICE}:
            self._fault("nature", _("Only delivery notes and invoices have a way back."))
        if value("is_pro_forma"):
            if kind != Kind.INVOICE or value("nature") == Nature.REVERSE:
                self._fault("is_pro_forma", _("Only an invoice to the customer can be pro-forma."))
            if counts:
                self._fault("counts_as_credit", _("A pro-forma never counts as credit."))
        if kind in {Kind.RECEIPT, Kind.MOVE} and counts:
            self._fault("counts_as_credit", _("Receipts and moves never count as credit."))
        return data

    def _fault(self, name: str, sentence: Any) -> None:
        self.add_error(name if name in self.fields else None, sentence)
