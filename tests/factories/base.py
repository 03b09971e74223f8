"""The base of all factories: calling one is typed as the model it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Model
from factory.django import DjangoModelFactory


class ModelFactory[M: Model](DjangoModelFactory[M]):
    """A factory of `M`."""

    class Meta:
        abstract = True

    if TYPE_CHECKING:

        def __new__(cls, **kwargs: Any) -> M: ...  # type: ignore[misc]
