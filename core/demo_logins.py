"""Logins of the demo portfolio. Public knowledge: never use them outside a demo."""

from typing import Final

DEMO_PASSWORD: Final = "affido-demo"  # noqa: S105 - printed on the screen by `make demo`

# (role, username, password), one per role in the order `make demo` prints them.
DEMO_LOGINS: Final[tuple[tuple[str, str, str], ...]] = (
    ("sales", "sara", DEMO_PASSWORD),
    ("billing", "bea", DEMO_PASSWORD),
    ("approver", "aldo", DEMO_PASSWORD),
    ("credit_manager", "carla", DEMO_PASSWORD),
    ("treasury", "teo", DEMO_PASSWORD),
    ("auditor", "ada", DEMO_PASSWORD),
    ("admin", "admin", DEMO_PASSWORD),
)
