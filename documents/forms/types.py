"""The form of a document type in the administration: settings that fit together."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from core.models import NumberSequence
from documents.models import DocumentType, Nature
from ledger.numbering import PREFIXES

Kind = DocumentType.Kind


class DocumentTypeForm(forms.ModelForm[DocumentType]):
    """A type (its fields are those of the page). Says in words what the database would refuse."""

    class Meta:
        help_texts: ClassVar = {
            "sequence_code": _("Types with the same sequence are numbered together."),
            "number_prefix": _(
                "Stands before the year. One sequence, one prefix; a change holds from the next "
                "year of the sequence on."
            ),
        }

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
        if value("sequence_code") and value("number_prefix"):
            self._check_numbers(value("sequence_code"), value("number_prefix"))
        return data

    def _check_numbers(self, code: str, prefix: str) -> None:
        """One prefix per sequence and one sequence per prefix: then no number comes twice."""
        if code in PREFIXES:
            self._fault(
                "sequence_code",
                _("The sequence “%(code)s” belongs to the ledger.") % {"code": code},
            )
            return
        pairs = {
            *DocumentType.objects.exclude(pk=self.instance.pk).values_list(
                "sequence_code", "number_prefix"
            ),
            *NumberSequence.objects.values_list("code", "prefix"),
            *PREFIXES.items(),
        }
        # A sequence that stays may get another prefix: its next year starts with it.
        stays = "sequence_code" not in self.changed_data
        others = sorted(
            known
            for sequence, known in pairs
            if sequence == code and known.casefold() != prefix.casefold()
        )
        if others and not (stays and self._is_alone(code)):
            self._fault(
                "sequence_code",
                _("The sequence “%(code)s” numbers with the prefix “%(prefix)s”.")
                % {"code": code, "prefix": others[0]},
            )
            return
        owners = sorted(
            sequence
            for sequence, known in pairs
            if sequence != code and known.casefold() == prefix.casefold()
        )
        if owners:
            self._fault(
                "number_prefix",
                _(
                    "The sequence “%(code)s” has this prefix. Two sequences with one prefix would "
                    "give the same number twice: take another prefix, or that sequence."
                )
                % {"code": owners[0]},
            )

    def _is_alone(self, code: str) -> bool:
        """Whether no other type numbers with the sequence."""
        others = DocumentType.objects.exclude(pk=self.instance.pk)
        return not others.filter(sequence_code=code).exists()

    def _fault(self, name: str, sentence: Any) -> None:
        self.add_error(name if name in self.fields else None, sentence)
