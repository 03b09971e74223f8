"""Pages that change parties. The pages that show them stand in `reports`: they show figures."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from core.errors import Conflict, DomainError, Invalid, NotAllowed
from core.links import subject_url
from core.views import signed_in
from customers.forms import CustomerForm, GroupForm, StatusForm
from customers.formsets import account_formset, contact_formset, errors_of, filled
from customers.models import Customer, CustomerGroup
from customers.selectors import accounts_visible, customer_fingerprint, groups_visible
from customers.services import (
    customer_create,
    customer_status_set,
    customer_update,
    group_create,
    group_update,
)

if TYPE_CHECKING:
    from django.forms import BaseForm, BaseFormSet
    from django.http import HttpRequest, HttpResponse

    from core.models import User


class _CustomerFormView(PermissionRequiredMixin, View):
    """A customer with its accounts and contacts on one page, saved by one command."""

    raise_exception = True

    def customer(self, request: HttpRequest, pk: int | None) -> Customer | None:
        """The customer being edited; None when adding one. 404 for a foreign one."""
        if pk is None:
            return None
        return get_object_or_404(Customer.objects.visible_to(signed_in(request.user)), pk=pk)

    def get(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """The form, filled."""
        customer = self.customer(request, pk)
        return self._page(request, customer, *self._forms(request, customer))

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Save and go to the credit file, or show everything again with its errors."""
        customer = self.customer(request, pk)
        form, accounts, contacts = parts = self._forms(request, customer, request.POST)
        valid = all([form.is_valid(), accounts.is_valid(), contacts.is_valid()])
        rows = filled(accounts) if accounts.is_valid() else []
        if valid and customer is None and not any(not row.to_input().remove for row in rows):
            form.add_error(None, _("Choose at least one company that trades with this customer."))
            valid = False
        if valid:
            try:
                saved = self._save(signed_in(request.user), customer, form, accounts, contacts)
            except NotAllowed:
                raise
            except DomainError as error:
                _put(form, error)
            else:
                for warning in form.warnings:
                    messages.warning(request, str(warning))
                messages.success(request, _("%(name)s was saved.") % {"name": saved.name})
                return redirect(customer_url(saved))
        return self._page(request, customer, *parts, status=422)

    def _forms(
        self, request: HttpRequest, customer: Customer | None, data: Any = None
    ) -> tuple[CustomerForm, BaseFormSet[Any], BaseFormSet[Any]]:
        user = signed_in(request.user)
        initial = {"seen": customer_fingerprint(customer)} if customer and data is None else {}
        return (
            CustomerForm(data, user=user, customer=customer, initial=initial),
            account_formset(
                user=user,
                data=data,
                accounts=accounts_visible(user, customer) if customer else (),
            ),
            contact_formset(data=data, contacts=customer.contacts.all() if customer else ()),
        )

    def _save(
        self,
        user: User,
        customer: Customer | None,
        form: CustomerForm,
        accounts: BaseFormSet[Any],
        contacts: BaseFormSet[Any],
    ) -> Customer:
        values: dict[str, Any] = {
            "fields": form.to_input(),
            "accounts": [row.to_input() for row in filled(accounts)],
            "contacts": [row.to_input() for row in filled(contacts)],
            "actor": user,
        }
        if customer is None:
            return customer_create(**values)
        return customer_update(customer=customer, seen=form.cleaned_data["seen"], **values)

    def _page(
        self,
        request: HttpRequest,
        customer: Customer | None,
        form: CustomerForm,
        accounts: BaseFormSet[Any],
        contacts: BaseFormSet[Any],
        status: int = 200,
    ) -> HttpResponse:
        errors = errors_of(form, accounts, contacts) if form.is_bound else []
        context = {
            "form": form,
            "accounts": accounts,
            "contacts": contacts,
            "summary": SimpleNamespace(error_summary=errors),
            "customer": customer,
            "title": customer.name if customer else _("New customer"),
            "cancel_url": customer_url(customer)
            if customer
            else reverse("customers:customer_list"),
        }
        return render(request, "customers/customer_form.html", context, status=status)


class CustomerCreateView(_CustomerFormView):
    """Add a customer."""

    permission_required = "customers.add_customer"


class CustomerEditView(_CustomerFormView):
    """Change a customer."""

    permission_required = "customers.change_customer"


class StatusSetView(PermissionRequiredMixin, View):
    """Change the commercial status: GET asks, POST does."""

    permission_required = "customers.change_customer_status"
    raise_exception = True

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The question."""
        customer = self._customer(request, pk)
        initial = {"expected": customer.status, "on": timezone.localdate()}
        return self._page(request, customer, StatusForm(initial=initial))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Set it and go to the credit file, or ask again."""
        customer = self._customer(request, pk)
        form = StatusForm(request.POST)
        if form.is_valid():
            try:
                changed = customer_status_set(
                    customer=customer, actor=signed_in(request.user), **form.cleaned_data
                )
            except NotAllowed:
                raise
            except DomainError as error:
                _put(form, error)
            else:
                words = {"name": changed.name, "status": changed.get_status_display()}
                messages.success(request, _("%(name)s is now: %(status)s.") % words)
                return redirect(customer_url(changed))
        return self._page(request, customer, form, status=422)

    def _customer(self, request: HttpRequest, pk: int) -> Customer:
        return get_object_or_404(Customer.objects.visible_to(signed_in(request.user)), pk=pk)

    def _page(
        self, request: HttpRequest, customer: Customer, form: StatusForm, status: int = 200
    ) -> HttpResponse:
        context = {
            "form": form,
            "customer": customer,
            "title": _("Change the status of %(name)s") % {"name": customer.name},
            "submit_label": _("Change status"),
            "cancel_url": customer_url(customer),
        }
        return render(request, "customers/status_form.html", context, status=status)


class _GroupFormView(PermissionRequiredMixin, View):
    """A customer group: its name, its code, its head."""

    raise_exception = True

    def get(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """The form."""
        group = self._group(request, pk)
        return self._page(request, group, GroupForm(user=signed_in(request.user), group=group))

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Save and go to the group, or show the errors."""
        user = signed_in(request.user)
        group = self._group(request, pk)
        form = GroupForm(request.POST, user=user, group=group)
        if form.is_valid():
            try:
                if group is None:
                    saved = group_create(fields=form.to_input(), actor=user)
                else:
                    saved = group_update(group=group, fields=form.to_input(), actor=user)
            except NotAllowed:
                raise
            except DomainError as error:
                _put(form, error)
            else:
                messages.success(request, _("%(name)s was saved.") % {"name": saved.name})
                return redirect("customers:group_detail", saved.pk)
        return self._page(request, group, form, status=422)

    def _group(self, request: HttpRequest, pk: int | None) -> CustomerGroup | None:
        if pk is None:
            return None
        group = groups_visible(signed_in(request.user)).filter(pk=pk).first()
        if group is None:
            raise Http404
        return group

    def _page(
        self,
        request: HttpRequest,
        group: CustomerGroup | None,
        form: GroupForm,
        status: int = 200,
    ) -> HttpResponse:
        context = {
            "form": form,
            "group": group,
            "title": group.name if group else _("New customer group"),
            "cancel_url": reverse("customers:group_detail", args=[group.pk])
            if group
            else reverse("customers:group_list"),
        }
        return render(request, "customers/group_form.html", context, status=status)


class GroupCreateView(_GroupFormView):
    """Add a group."""

    permission_required = "customers.add_customergroup"


class GroupEditView(_GroupFormView):
    """Change a group."""

    permission_required = "customers.change_customergroup"


def customer_url(customer: Customer) -> str:
    """The page that shows a customer: its credit file, or the list where that is not installed."""
    return subject_url("customers.customer", customer.pk) or reverse("customers:customer_list")


def _put(form: BaseForm, error: DomainError) -> None:
    """Show a refusal of a service beside its field, or above the form."""
    field = error.field if isinstance(error, Invalid | Conflict) else None
    form.add_error(field if field in form.fields else None, str(error))
