"""Pages about limits and decisions."""

from django.urls import path

from credit_limits import views

app_name = "credit_limits"

urlpatterns = [
    path("accounts/<int:account>/limit/", views.limit_create, name="limit_create"),
    path("checks/<int:pk>/", views.check_detail, name="check_detail"),
]
