"""Forms of a purchase agreement: its terms, and the list of who may buy under it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import BaseFormSet, formset_factory
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import BaseForm, BaseModelForm, FormError, LocalDecimalField
from documents.entitled import folded
from documents.models import PurchaseAgreement
from documents.services.agreements import EmployeeInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.errors import DomainError

PREFIX = "employees"


class AgreementForm(BaseModelForm[PurchaseAgreement]):
    """A purchase agreement; who is billed was chosen before."""

    class Meta:
        model = PurchaseAgreement
        fields = (
            "name",
            "code",
            "employee_ceiling",
            "payment_term",
            "valid_from",
            "valid_to",
            "is_active",
        )
        help_texts = {
            "payment_term": gettext_lazy(
                "With a fixed day or the end of the month, the purchases of a month fall due"
                " together. Empty: the terms of the account."
            ),
        }


class EmployeeField(forms.ChoiceField):
    """One of the employees whom an agreement lists; case and blanks do not matter."""

    default_error_messages: ClassVar = {
        "invalid_choice": gettext_lazy(
            "%(value)s is not among the employees of this agreement. Choose one of the list."
        ),
    }

    def __init__(self, *, names: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(choices=[("", _("choose")), *names], **kwargs)
        self.names = {folded(name): name for name, _label in names}

    def to_python(self, value: Any) -> str:
        """The name as the list writes it."""
        text = str(super().to_python(value))
        return self.names.get(folded(text), text)


class EmployeeForm(BaseForm):
    """One entitled employee; an empty row is nobody. `was` is the name that is stored."""

    was = forms.CharField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        error_messages={"required": gettext_lazy("Say who, or remove the row.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    ceiling = LocalDecimalField(
        label=gettext_lazy("Own ceiling"), required=False, max_digits=18, decimal_places=2
    )
    is_active = forms.BooleanField(label=gettext_lazy("May buy"), required=False, initial=True)

    def clean_name(self) -> str:
        """The name with single blanks."""
        return " ".join(self.cleaned_data["name"].split())

    def clean_ceiling(self) -> Any:
        """Above zero, or the agreement's."""
        ceiling = self.cleaned_data["ceiling"]
        if ceiling is not None and ceiling <= 0:
            raise ValidationError(
                _("A ceiling is above zero; leave it empty for that of the agreement.")
            )
        return ceiling


class BaseEmployeeFormSet(BaseFormSet[EmployeeForm]):
    """The list as a whole."""

    def add_fields(self, form: EmployeeForm, index: int | None) -> None:
        """Adds the removal tick under a name people understand."""
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("Remove")

    def kept(self) -> list[EmployeeForm]:
        """The rows that name somebody."""
        return [
            form
            for form in self.forms
            if form not in self.deleted_forms and (form.has_changed() or form.initial)
        ]

    def clean(self) -> None:
        """Nobody is on it twice."""
        seen: set[str] = set()
        for form in self.kept():
            name = form.cleaned_data.get("name", "") if form.is_valid() else ""
            if name and folded(name) in seen:
                form.add_error("name", _("%(name)s is on the list twice.") % {"name": name})
            seen.add(folded(name))

    def employees(self) -> tuple[EmployeeInput, ...]:
        """The list of a valid formset."""
        return tuple(
            EmployeeInput(
                name=form.cleaned_data["name"],
                ceiling=form.cleaned_data["ceiling"],
                is_active=form.cleaned_data["is_active"],
                was=form.cleaned_data["was"],
            )
            for form in self.kept()
        )

    def put(self, error: DomainError) -> bool:
        """Show a service's error at its row; False when it is about no row."""
        row = error.params.get("row")
        if row is None:
            return False
        self.kept()[row].add_error(error.field, str(error))
        return True

    def error_summary(self) -> list[FormError]:
        """Every fault with the row it is in."""
        found = [FormError("", "", str(message)) for message in self.non_form_errors()]
        for number, form in enumerate(self.forms, start=1):
            if form in self.deleted_forms:
                continue
            found += [
                FormError(
                    error.target,
                    _("Employee %(number)s, %(field)s") % {"number": number, "field": error.label},
                    error.message,
                )
                for error in form.error_summary
            ]
        return found


_EmployeeFormSet = formset_factory(
    EmployeeForm,
    formset=BaseEmployeeFormSet,
    extra=3,
    can_delete=True,
    max_num=1000,
    absolute_max=1200,
)


if TYPE_CHECKING:
    EmployeeFormSet = BaseEmployeeFormSet
else:
    EmployeeFormSet = _EmployeeFormSet


def employee_formset(agreement: PurchaseAgreement | None, data: Any = None) -> BaseEmployeeFormSet:
    """The list of an agreement and three empty rows; bound to `data` where that holds a list."""
    rows = agreement.employees.order_by("name") if agreement else ()
    initial = [
        {"was": row.name, "name": row.name, "ceiling": row.ceiling, "is_active": row.is_active}
        for row in rows
    ]
    is_sent = data is not None and f"{PREFIX}-TOTAL_FORMS" in data
    return EmployeeFormSet(data if is_sent else None, initial=initial, prefix=PREFIX)


class AgreementEntry:
    """Terms and list together, with one summary of what is wrong."""

    def __init__(self, form: AgreementForm, employees: BaseEmployeeFormSet) -> None:
        self.form = form
        self.employees = employees

    @property
    def is_bound(self) -> bool:
        """Whether something was sent."""
        return self.form.is_bound

    def is_valid(self) -> bool:
        """Both are judged, so that every fault shows at once."""
        valid = [self.form.is_valid(), not self.employees.is_bound or self.employees.is_valid()]
        return all(valid)

    @property
    def error_summary(self) -> list[FormError]:
        """All that is wrong, in the order of the page."""
        if not self.form.is_bound:
            return []
        return [*self.form.error_summary, *self.employees.error_summary()]

    def put(self, error: DomainError) -> None:
        """Show a service's error at its place."""
        if not self.employees.put(error):
            field = error.field if error.field in self.form.fields else None
            self.form.add_error(field, str(error))
