"""URLs of the kernel, at the root of the site."""

from django.urls import URLPattern, path

from core import views
from core.views_styleguide import styleguide

app_name = "core"

urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("theme/", views.theme_set, name="theme_set"),
    path("notifications/", views.notification_list, name="notification_list"),
    path("notifications/read/", views.notification_read_all, name="notification_read_all"),
    path("notifications/<int:pk>/", views.notification_open, name="notification_open"),
    path("companies/<int:pk>/logo/", views.company_logo, name="company_logo"),
    path("styleguide/", styleguide, name="styleguide"),
    path("health/live/", views.health_live, name="health_live"),
    path("health/ready/", views.health_ready, name="health_ready"),
]
