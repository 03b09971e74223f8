"""Forms of the import: the file, and what its columns hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import BaseForm
from core.importing.values import DATE_FORMATS, date_example
from core.models import Company
from ledger.models import ImportProfile
from ledger.services.imports import FIELDS, ImportSettings

if TYPE_CHECKING:
    from django.http import QueryDict


class UploadForm(BaseForm):
    """A file, the company whose ledger it belongs to, and how to read it."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or XLSX, one document or instalment per row."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        allow_empty_file=True,
    )
    company = forms.ModelChoiceField(
        label=gettext_lazy("Company"), queryset=Company.objects.none(), empty_label=None
    )
    profile = forms.ModelChoiceField(
        label=gettext_lazy("Profile"),
        queryset=ImportProfile.objects.all(),
        required=False,
        empty_label=gettext_lazy("None: I choose the columns"),
        help_text=gettext_lazy("A saved way to read files of this kind."),
    )

    def __init__(self, *args: Any, companies: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["company"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
        field.queryset = companies


_ENCODINGS = (
    ("", gettext_lazy("As found in the file")),
    ("utf-8", "UTF-8"),
    ("cp1252", "Windows-1252"),
    ("iso-8859-15", "ISO 8859-15"),
    ("utf-16", "UTF-16"),
)
_DELIMITERS = (
    ("", gettext_lazy("As found in the file")),
    (",", gettext_lazy("Comma ,")),
    (";", gettext_lazy("Semicolon ;")),
    ("\t", gettext_lazy("Tab")),
    ("|", gettext_lazy("Bar |")),
)


class ColumnsForm(BaseForm):
    """Which column holds which field, and how dates, figures and signs are written."""

    date_format = forms.ChoiceField(
        label=gettext_lazy("Dates look like"),
        choices=[(pattern, date_example(pattern)) for pattern in DATE_FORMATS],
    )
    decimal_separator = forms.ChoiceField(
        label=gettext_lazy("Amounts look like"), choices=[(".", "1234.50"), (",", "1234,50")]
    )
    delimiter = forms.ChoiceField(
        label=gettext_lazy("Columns are parted by"), choices=_DELIMITERS, required=False
    )
    encoding = forms.ChoiceField(label=gettext_lazy("Encoding"), choices=_ENCODINGS, required=False)
    default_days = forms.IntegerField(
        label=gettext_lazy("Days until due"),
        required=False,
        min_value=0,
        max_value=3650,
        help_text=gettext_lazy("For rows without a due date."),
    )
    currency = forms.CharField(
        label=gettext_lazy("Currency"),
        required=False,
        max_length=3,
        help_text=gettext_lazy("Of rows without one; empty is the company's."),
    )
    ignore_leading_zeros = forms.BooleanField(
        label=gettext_lazy("Numbers that differ in leading zeros only are the same document"),
        required=False,
    )
    negative_is_credit_note = forms.BooleanField(
        label=gettext_lazy("Amounts below zero are credit notes"), required=False
    )
    profile_name = forms.CharField(
        label=gettext_lazy("Save as profile"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("A profile of the same name is replaced. Empty: not saved."),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        headings: Sequence[str],
        settings: ImportSettings,
        is_csv: bool = True,
    ) -> None:
        lowered = {heading.casefold(): heading for heading in reversed(headings)}
        chosen = {
            f"column_{name}": next(
                (lowered[h.casefold()] for h in candidates if h.casefold() in lowered), ""
            )
            for name, candidates in settings.mapping.items()
        }
        super().__init__(data, initial=settings.as_json() | chosen)
        self.settings = settings
        self.headings = [heading for heading in dict.fromkeys(headings) if heading]
        choices = [("", _("– not in the file –")), *((h, h) for h in self.headings)]
        for field in FIELDS:
            self.fields[f"column_{field.name}"] = forms.ChoiceField(
                label=field.label,
                choices=choices,
                required=field.required,
                help_text=field.help_text,
                error_messages={"required": _("Choose the column that holds this.")},
            )
        if not is_csv:
            del self.fields["delimiter"]
            del self.fields["encoding"]

    @property
    def column_fields(self) -> list[BoundField]:
        """The choices of columns, in the order of the fields."""
        return [self[f"column_{field.name}"] for field in FIELDS]

    def clean(self) -> dict[str, Any]:
        """No column holds two fields."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        taken: dict[str, str] = {}
        for field in FIELDS:
            name = f"column_{field.name}"
            heading = values.get(name)
            if not heading:
                continue
            if heading in taken:
                self.add_error(
                    name,
                    _("This column is chosen for “%(field)s” too.") % {"field": taken[heading]},
                )
            taken[heading] = str(field.label)
        return values

    def to_settings(self) -> ImportSettings:
        """The settings as chosen. Call on a valid form."""
        values = self.cleaned_data
        mapping = {
            field.name: [values[f"column_{field.name}"]]
            for field in FIELDS
            if values.get(f"column_{field.name}")
        }
        names = set(ImportSettings.__dataclass_fields__) & set(values)
        changes = {name: values[name] for name in names}
        changes["currency"] = changes["currency"].upper()
        return replace(self.settings, mapping=mapping, **changes)
