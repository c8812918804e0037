"""A registry that fails loudly: names are unique, and an unknown name says which ones are known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class UnknownName(LookupError):
    """Nothing is registered under that name."""


class Registry(Generic[T]):
    """Named things of one kind, filled at import time.

    Args:
        noun: what is registered, in the singular, for the error messages.
    """

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self._items: dict[str, T] = {}

    def register(self, name: str, item: T) -> T:
        """Adds `item` under `name` and returns it; raises `ValueError` when the name is taken."""
        if name in self._items:
            raise ValueError(f"The {self.noun} {name!r} is registered twice.")
        self._items[name] = item
        return item

    def unregister(self, name: str) -> None:
        """Takes `name` out again; raises `UnknownName`."""
        self.get(name)
        del self._items[name]

    def get(self, name: str) -> T:
        """What is registered under `name`; raises `UnknownName`."""
        try:
            return self._items[name]
        except KeyError:
            known = ", ".join(sorted(self._items))
            raise UnknownName(f"There is no {self.noun} {name!r}. Known: {known}.") from None

    def __contains__(self, name: str) -> bool:
        return name in self._items

    def __iter__(self) -> Iterator[T]:
        return iter(self._items.values())

    def names(self) -> list[str]:
        """All names, in the order of registration."""
        return list(self._items)
