"""Addresses of the pages that change parties.

`reports.customer_urls` puts the lists with their figures in front and gives the site the whole
namespace: this app may not know of exposure (see the layers in pyproject.toml).
"""

from django.urls import URLPattern, path

from customers import views

app_name = "customers"
urlpatterns: list[URLPattern] = [
    path("new/", views.CustomerCreateView.as_view(), name="customer_create"),
    path("<int:pk>/edit/", views.CustomerEditView.as_view(), name="customer_edit"),
    path("<int:pk>/status/", views.StatusSetView.as_view(), name="status_set"),
    path("groups/new/", views.GroupCreateView.as_view(), name="group_create"),
    path("groups/<int:pk>/edit/", views.GroupEditView.as_view(), name="group_edit"),
]
