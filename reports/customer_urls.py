"""The `customers` namespace: lists with figures from here, pages that change from `customers`.

`customers` stands below `credit_limits` and may not know of exposure; its lists show exposure. So
they live in this app, and this module joins both under one prefix.
"""

from django.urls import path

from customers import urls as customers
from reports.views.customers import CustomerListView, GroupDetailView, GroupListView

app_name = customers.app_name
urlpatterns = [
    path("", CustomerListView.as_view(), name="customer_list"),
    path("groups/", GroupListView.as_view(), name="group_list"),
    path("groups/<int:pk>/", GroupDetailView.as_view(), name="group_detail"),
    *customers.urlpatterns,
]
