"""Settings of every environment, from environment variables (listed in docs/operations.md)."""

import os
import secrets
import sys
from pathlib import Path
from typing import Any

import django_stubs_ext
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

import config.celery  # noqa: F401 - makes it the application of every shared task
from config.embedded import postgres, uses_embedded_postgres, uses_embedded_valkey, valkey
from config.embedded.base import socket_dir
from config.env import BASE_DIR, data_dir, env
from config.logs import configure_logging
from config.mail import mailers

# Lets generic Django classes be written with their types, as mypy asks: ModelAdmin[Customer].
django_stubs_ext.monkeypatch()

DATA_DIR = data_dir()
DEBUG = env.bool("DEBUG", default=False)


def _secret_key() -> str:
    """SECRET_KEY, or one made once for a private installation on embedded servers."""
    configured: str = env.str("SECRET_KEY", default="")
    if configured:
        return configured
    if not uses_embedded_postgres():
        raise ImproperlyConfigured("Set SECRET_KEY: it is required as soon as DATABASE_URL is set.")
    path = DATA_DIR / "secret_key"
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Written aside and linked, so that processes starting together agree on one key.
        fresh = path.with_name(f"secret_key.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(64))
        try:
            path.hardlink_to(fresh)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()


# --- Applications ----------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "pgtrigger",
    "django_htmx",
    "django_tables2",
    "django_filters",
    "core",
    "customers",
    "ledger",
    "approvals",
    "credit_limits",
    "documents",
    "reports",
]

MIDDLEWARE = [
    "core.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.middleware.UserLanguageMiddleware",
    "core.middleware.WholeTextMiddleware",
    "core.middleware.SignInAgainMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.middleware.DomainErrorMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context.shell",
            ],
        },
    },
]

# --- Users and sessions ----------------------------------------------------------------------

AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = ["core.backends.OneReadBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=12) * 3600

# --- Data ------------------------------------------------------------------------------------

_database: dict[str, Any]
if uses_embedded_postgres():
    _database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": postgres.DATABASE,
        "USER": postgres.USER,
        "HOST": str(socket_dir()),
        "PORT": str(postgres.PORT),
    }
else:
    _database = dict(env.db("DATABASE_URL"))
    if _database["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database: postgres://…")

_database_options = dict(_database.get("OPTIONS", {}))
if env.bool("PREPARED_STATEMENTS", default=True):
    _database_options["prepare_threshold"] = 5  # without it no statement is ever prepared

DATABASES = {
    "default": {
        **_database,
        "ATOMIC_REQUESTS": False,  # one service is one transaction
        # Long enough for plans to be kept (core/prepared.py); a broken connection is replaced.
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=600),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": _database_options,
        "TEST": {"NAME": env.str("TEST_DB_NAME", default="test_affido")},
    }
}

if uses_embedded_valkey():
    _broker_url = f"redis+socket://{valkey.socket_path()}?virtual_host=0"
    _cache_url = f"unix://{valkey.socket_path()}?db=1"
else:
    _broker_url = _cache_url = env.str("REDIS_URL")

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _cache_url,
        "KEY_PREFIX": "affido",
    }
}

# --- Language and time -----------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Rome")
USE_I18N = True
LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en")
LANGUAGES = [
    ("en", _("English")),
    ("it", _("Italian")),
    ("es", _("Spanish")),
    ("fr", _("French")),
    ("pt-br", _("Brazilian Portuguese")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]

# --- Files -----------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
# Uploads are private: views hand them out after a permission check, no URL serves the directory.
MEDIA_ROOT = DATA_DIR / "media"
if DEBUG:
    _static_storage = "django.contrib.staticfiles.storage.StaticFilesStorage"
elif env.bool("STATIC_COMPRESS", default=True):
    _static_storage = "whitenoise.storage.CompressedManifestStaticFilesStorage"
else:
    _static_storage = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _static_storage},
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440  # bytes; a larger file goes to disk while it arrives
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_242_880  # bytes of form fields, files not counted
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # an order of 500 lines posts about 3,000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
AFFIDO_ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_MB", default=20) * 1024 * 1024
# The first company of a new installation; others are made in the admin.
AFFIDO_COMPANY = {
    "code": env.str("COMPANY_CODE", default="AFF"),
    "name": env.str("COMPANY_NAME", default="My company"),
    "currency_id": env.str("COMPANY_CURRENCY", default="EUR"),
}
AFFIDO_IMPORT_MAX_BYTES = env.int("IMPORT_MAX_MB", default=100) * 1024 * 1024

# --- Security --------------------------------------------------------------------------------

SECRET_KEY = _secret_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"

# HTTPS=1 says that every user arrives over https, whoever ends the encryption.
_https = env.bool("HTTPS", default=False)
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
SECURE_SSL_REDIRECT = _https
SECURE_REDIRECT_EXEMPT = [r"^health/"]  # a probe inside the network speaks plain http
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=3600) if _https else 0
# Both bind other hosts of the domain, which only its owner may decide: nobody is warned about them.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
# Only behind a proxy that sets this header itself and drops the one of the client.
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Mail and logs ---------------------------------------------------------------------------

MAILERS = mailers(env.str("EMAIL_URL", default="") or "console:")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Affido <affido@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Absolute address of the site, for links in mails.
SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")

LOGGING = configure_logging(
    output=env.str("LOG_FORMAT", default="console" if DEBUG or sys.stderr.isatty() else "json"),
    level=env.str("LOG_LEVEL", default="INFO"),
)

# --- Background work -------------------------------------------------------------------------

CELERY_BROKER_URL = _broker_url
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_IGNORE_RESULT = True  # JobRun rows are the record of what ran
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A task that outlives the visibility timeout is handed out twice, so its time limit lies below.
_visibility_timeout = env.int("CELERY_VISIBILITY_TIMEOUT", default=3600)
CELERY_TASK_TIME_LIMIT = max(_visibility_timeout - 100, 60)
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": _visibility_timeout}
# With the broker away, a request waits about a second and then reports it; it does not hang.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0.2, "interval_max": 0.5}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "nightly": {
        "task": "reports.tasks.nightly",
        "schedule": crontab(hour=env.int("NIGHTLY_HOUR", default=2), minute=15),
    },
}
