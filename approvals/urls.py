"""URLs of the inbox."""

from django.urls import path

from approvals import views

app_name = "approvals"

urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("<int:pk>/", views.request_detail, name="request_detail"),
    path("<int:pk>/approve/", views.request_approve, name="request_approve"),
    path("<int:pk>/refuse/", views.request_refuse, name="request_refuse"),
]
