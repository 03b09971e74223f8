"""Is this VAT number possible? Verdicts in words, from python-stdnum. No database, no network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from stdnum import get_cc_module
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise
    from stdnum.util import NumberValidationModule

# Prefixes on VAT numbers that differ from the country's ISO code.
PREFIX_TO_COUNTRY = {"EL": "GR", "XI": "GB"}
# Countries whose numbers are written with their own prefix. Elsewhere two leading letters say
# nothing about the country.
EUROPEAN = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GB",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)

_FOREIGN = _("The VAT number belongs to another country than the customer.")
_UNVERIFIED = _("The VAT number was not verified: no rules are known for this country.")


@dataclass(frozen=True, slots=True)
class VatVerdict:
    """`number` is the compact form; `problem` forbids it, `warning` only asks for a second look."""

    number: str
    problem: _StrPromise | None = None
    warning: _StrPromise | None = None


def vat_check(number: str, country: str = "") -> VatVerdict:
    """Judge `number` for a customer in `country` (ISO 3166 alpha-2, may be empty).

    A number with a European prefix may follow the rules of that country, any number those of
    `country`. Where no rules are known the number is taken as it is, with a warning.
    """
    compact = "".join(char for char in number.upper() if char not in " .-/\u00a0")
    if not compact:
        return VatVerdict("")
    home = country.upper()
    prefix = PREFIX_TO_COUNTRY.get(compact[:2], compact[:2])
    judges = [prefix] if prefix in EUROPEAN else []
    if home not in judges:
        judges.append(home)
    problems: dict[str, _StrPromise] = {}
    for judge in judges:
        module = _rules_of(judge)
        if module is None:
            continue
        problem = _problem(module, compact)
        if problem is None:
            return VatVerdict(compact, warning=_FOREIGN if home and judge != home else None)
        problems[judge] = problem
    if home in problems or not home:
        # The rules of the prefix, where there is one, are the ones the writer had in mind.
        spoken = next(iter(problems.values()), None)
        if spoken is not None:
            return VatVerdict(compact, problem=spoken)
    return VatVerdict(compact, warning=_UNVERIFIED)


def _rules_of(country: str) -> NumberValidationModule | None:
    if len(country) != 2 or not country.isalpha():
        return None
    return get_cc_module(country.lower(), "vat")


def _problem(module: NumberValidationModule, number: str) -> _StrPromise | None:
    try:
        module.validate(number)
    except InvalidChecksum:
        return _(
            "The check digit of this VAT number does not fit. "
            "Most likely a digit is wrong or two are swapped."
        )
    except InvalidLength:
        return _("This VAT number has too few or too many characters for its country.")
    except ValidationError:
        return _("This VAT number does not have the form that its country uses.")
    return None
