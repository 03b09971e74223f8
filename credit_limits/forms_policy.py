"""The policy as an administrator edits it: words and choices instead of JSON."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from core.clock import today
from credit_limits.engine.vocabulary import AMOUNT_RULES, Checkpoint, Component, Include
from credit_limits.models import CreditPolicy, PolicyRule
from credit_limits.models.policy import Effect, RuleCode
from credit_limits.sentences import COMPONENT_LABELS
from customers.models import Customer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from django.utils.functional import _StrPromise
    from django.utils.safestring import SafeString

INCLUDE_WORDS: Final = (
    (Include.COUNT.value, _("counts")),
    (Include.SHOW.value, _("is only shown")),
    (Include.LEAVE_OUT.value, _("is left out")),
)
CHECKPOINT_WORDS: Final = (
    (Checkpoint.SUBMIT.value, _("submitting a document")),
    (Checkpoint.CHANGE.value, _("changing an accepted document")),
    (Checkpoint.REOPEN.value, _("reopening a document")),
    (Checkpoint.PRINT.value, _("printing")),
    (Checkpoint.DELIVER.value, _("delivering")),
    (Checkpoint.INVOICE.value, _("invoicing")),
    (Checkpoint.POST.value, _("posting")),
    (Checkpoint.RELEASE.value, _("releasing a held document")),
)
OPTIONS: Final[Mapping[str, tuple[tuple[str, bool, _StrPromise], ...]]] = {
    RuleCode.FIRST_ORDER: (
        ("only_without_limit", True, _("only while no limit has been granted")),
    ),
    RuleCode.PAYMENT_METHOD: (
        ("analyse_non_immediate", False, _("also every payment that is not immediate")),
        ("analyse_instalments", False, _("also payment in instalments")),
    ),
}
# What the threshold of a rule means; a rule that is not named has none.
THRESHOLDS: Final[Mapping[str, _StrPromise]] = {
    RuleCode.NEAR_LIMIT: _("% of the limit"),
    RuleCode.DOCUMENT_MAXIMUM: _("amount of one document"),
    RuleCode.OVERDUE_AMOUNT: _("overdue amount that is allowed"),
    RuleCode.OLDEST_ITEM: _("days from the document date"),
}
# How exposure is read, in the order of the page; the numbers are those of docs/exposure.md.
EXPOSURE_HELP: Final[Mapping[str, _StrPromise]] = {
    "start_on": _(
        "P3: delivery notes, invoices and ledger balances dated earlier are ignored. Orders, bills "
        "and open items never are."
    ),
    "calculation_base": _(
        "P6: open items, overdue ones apart, or the balance of the customer in the ledger."
    ),
    "provisional_items_count": _("P7: items of provisional ledger entries count as open items."),
    "unprinted_invoices_count": _(
        "P9: on, an invoice counts from its first draft; off, once it was printed for good. Until "
        "then its value stays with the delivery or the order."
    ),
    "orders_count_from": _("Until then an order is shown beside what counts, for later."),
    "orders_horizon_days": _(
        "Orders to be delivered later than this many days ahead are shown and not counted. Each "
        "is still asked about in full when it is entered: nobody asks again when its day comes "
        "nearer. "
        "Empty: every order counts."
    ),
    "grace_days_subject": _(
        "P1: days after its due date during which a bill still counts that was presented subject "
        "to collection: until then the bank may hand it back unpaid."
    ),
    "grace_days_after": _(
        "P2: days after its due date during which a bill still counts that was presented after "
        "collection."
    ),
    "grace_days_discount": _(
        "Days after its due date during which a bill still counts that was presented at discount."
    ),
    "documents_with_tax": _(
        "On: orders, delivery notes and invoices count with their tax; off: without. Open items "
        "are what they are."
    ),
    "disputed_items_count": _(
        "Off: what a customer contests is left out of the exposure as far as it is contested."
    ),
}
EXPOSURE_FIELDS: Final = tuple(EXPOSURE_HELP)
WITH_GRACE: Final = frozenset({RuleCode.OVERDUE_DAYS, RuleCode.OVERDUE_AMOUNT})


class PartsWidget(forms.MultiWidget):
    """Several controls in one cell, each with its label."""

    def __init__(
        self, widgets: Sequence[forms.Widget], labels: Sequence[Any], attrs: Any = None
    ) -> None:
        super().__init__(widgets, attrs)
        self.labels = list(labels)

    def decompress(self, value: Any) -> list[Any]:
        """The stored values in the order of the controls."""
        return list(value) if isinstance(value, list | tuple) else [None] * len(self.widgets)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """One line per control."""
        context = self.get_context(name, value, attrs)
        rows = (
            (
                part["attrs"].get("id", ""),
                label,
                self._render(part["template_name"], {"widget": part}, renderer),  # type: ignore[attr-defined]
            )
            for part, label in zip(context["widget"]["subwidgets"], self.labels, strict=True)
        )
        return format_html(
            "<div>{}</div>",
            format_html_join("", '<div><label for="{}">{}</label> {}</div>', rows),
        )


class PartsField(forms.MultiValueField):
    """A JSON object as labelled controls; `keys` names its entries in their order."""

    def __init__(self, parts: Sequence[tuple[str, Any, forms.Field]], **kwargs: Any) -> None:
        self.keys = [key for key, _label, _field in parts]
        fields = [field for _key, _label, field in parts]
        widget = PartsWidget(
            [field.widget for field in fields], [label for _key, label, _field in parts]
        )
        super().__init__(
            fields=fields, widget=widget, required=False, require_all_fields=False, **kwargs
        )

    def prepare_value(self, value: Any) -> Any:
        """A stored object as the list of its entries."""
        return [value.get(key) for key in self.keys] if isinstance(value, dict) else value

    def compress(self, data_list: list[Any]) -> dict[str, Any]:
        """The object; empty entries are left out."""
        values = zip(self.keys, data_list or [None] * len(self.keys), strict=True)
        return {key: value for key, value in values if value not in (None, "")}

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the object differs from the stored one."""
        try:
            return bool(self.clean(data) != _known(initial, self.keys))
        except forms.ValidationError:
            return True


def _known(stored: Any, keys: Sequence[str]) -> dict[str, Any]:
    return {key: stored[key] for key in keys if key in stored} if isinstance(stored, dict) else {}


def _status_field() -> PartsField:
    return PartsField(
        [
            (status.value, status.label, forms.ChoiceField(choices=Effect.choices, required=False))
            for status in Customer.Status
        ]
    )


def _component_field() -> PartsField:
    return PartsField(
        [
            (
                component.value,
                COMPONENT_LABELS[component],
                forms.DecimalField(max_digits=18, decimal_places=2, min_value=0, required=False),
            )
            for component in Component
        ]
    )


def _option_field(rule: str) -> PartsField:
    return PartsField(
        [(key, label, forms.BooleanField(required=False)) for key, _default, label in OPTIONS[rule]]
    )


class PolicyForm(forms.ModelForm[CreditPolicy]):
    """A policy: what counts, where it is checked, how long a release holds."""

    checkpoints = forms.MultipleChoiceField(
        label=_("Checked when"),
        choices=CHECKPOINT_WORDS,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("None ticked means all."),
    )

    class Meta:
        model = CreditPolicy
        fields = (
            "name",
            "company",
            "include",
            *EXPOSURE_FIELDS,
            "checkpoints",
            "release_valid_days",
            "release_tolerance_percent",
            "direct_override",
            "block_print",
        )
        help_texts = EXPOSURE_HELP

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "include" not in self.fields:
            return  # shown, not edited
        self.fields["include"] = PartsField(
            [
                (
                    component.value,
                    COMPONENT_LABELS[component],
                    forms.ChoiceField(choices=INCLUDE_WORDS, required=False),
                )
                for component in Component
            ],
            label=_("What counts as exposure"),
        )

    def clean_start_on(self) -> date | None:
        """A day that has come: counting cannot begin later than now."""
        day: date | None = self.cleaned_data["start_on"]
        if day is not None and day > today():
            raise forms.ValidationError(
                _("Counting begins today or earlier: until a day to come nothing would count."),
                code="future",
            )
        return day

    def clean_include(self) -> dict[str, str]:
        """Only what differs from counting is stored."""
        chosen: dict[str, str] = self.cleaned_data["include"]
        return {key: value for key, value in chosen.items() if value != Include.COUNT}


class RuleForm(forms.ModelForm[PolicyRule]):
    """One rule: its effect and just the parameters it has."""

    class Meta:
        model = PolicyRule
        fields = ("effect", "threshold", "grace_days", "tolerance", "details")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "details" not in self.fields:
            return  # shown, not edited
        rule = self.instance.rule
        if not rule:
            return  # the empty row, which gives the columns their headings
        if rule in THRESHOLDS:
            self.fields["threshold"].help_text = str(THRESHOLDS[rule])
        else:
            _not_used(self.fields["threshold"])
        if rule not in WITH_GRACE:
            _not_used(self.fields["grace_days"])
            _not_used(self.fields["tolerance"])
        self._effects(rule)
        self.part = {
            RuleCode.CUSTOMER_STATUS.value: "by_status",
            RuleCode.COMPONENT_LIMIT.value: "by_component",
        }.get(rule, "options" if rule in OPTIONS else "")
        if not self.part:
            self.fields["details"].widget = forms.HiddenInput()
            self.fields["details"].disabled = True
            return
        field = {"by_status": _status_field, "by_component": _component_field}.get(
            self.part, lambda: _option_field(rule)
        )()
        stored = (self.instance.details or {}).get(self.part, {})
        if self.part == "options":
            stored = {key: default for key, default, _label in OPTIONS[rule]} | stored
        if self.part == "by_component":
            stored = {key: _decimal(value) for key, value in stored.items()}
        field.initial = stored
        self.initial["details"] = stored
        self.fields["details"] = field

    def _effects(self, rule: str) -> None:
        """Rules about amounts hold at most: an amount never refuses by itself."""
        if rule not in AMOUNT_RULES or self.instance.effect == Effect.REFUSE:
            return
        field = self.fields["effect"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [
                choice for choice in Effect.choices if choice[0] != Effect.REFUSE.value
            ]

    def clean_details(self) -> dict[str, Any]:
        """The stored details with this rule's part replaced; amounts as text."""
        values: dict[str, Any] = self.cleaned_data["details"]
        if not self.part:
            return values
        if self.part == "by_component":
            values = {key: str(value) for key, value in values.items()}
        return {**(self.instance.details or {}), self.part: values}


def _not_used(field: forms.Field) -> None:
    """Leave the cell empty but in its column: this rule has no such parameter."""
    field.disabled = True
    field.required = False
    field.widget.attrs["hidden"] = True


def _decimal(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
