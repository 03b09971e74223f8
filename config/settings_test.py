"""Settings of the test suite: the real ones, with what makes tests slow or talkative replaced."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 40)
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ["HTTPS"] = "0"
os.environ["DEBUG"] = "0"

from config.env import BASE_DIR
from config.settings import *

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = DATA_DIR / "test-media"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
LANGUAGE_CODE = "en"
TIME_ZONE = CELERY_TIMEZONE = "Europe/Rome"

# Tests of tasks call the task or its service; what is queued stays in memory.
CELERY_BROKER_URL = "memory://"
CELERY_TASK_ALWAYS_EAGER = False
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
