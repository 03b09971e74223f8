"""The environment, read once: process variables first, then an optional `.env` beside manage.py.

Needs no Django, so that the embedded servers can be started before settings are loaded.
"""

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")


def data_dir() -> Path:
    """Directory of everything the application writes (AFFIDO_DATA_DIR, default `.data/`)."""
    configured = env.str("AFFIDO_DATA_DIR", default="")
    return Path(configured).expanduser().resolve() if configured else BASE_DIR / ".data"
