"""URLs of the kernel, at the root of the site."""

from importlib.util import find_spec

from django.urls import URLPattern, path
from django.utils.module_loading import import_string

from core import views

app_name = "core"

urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("theme/", views.theme_set, name="theme_set"),
    path("notifications/", views.notification_list, name="notification_list"),
    path("notifications/read/", views.notification_read_all, name="notification_read_all"),
    path("notifications/<int:pk>/", views.notification_open, name="notification_open"),
    path("health/live/", views.health_live, name="health_live"),
    path("health/ready/", views.health_ready, name="health_ready"),
]

if find_spec("core.views_styleguide"):
    urlpatterns.append(
        path("styleguide/", import_string("core.views_styleguide.styleguide"), name="styleguide")
    )
