"""ASGI entry point, for servers that speak it."""

import os

from django.core.asgi import get_asgi_application

from config.embedded import ensure_servers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
ensure_servers()
application = get_asgi_application()
