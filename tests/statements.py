"""The statements that storage builds once, when the program begins."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import storage
from storage.prepared import Prepared


def prepared() -> Iterator[tuple[str, Prepared]]:
    """(where it stands, the statement), of each."""
    for module in pkgutil.iter_modules(storage.__path__, "storage."):
        if not module.ispkg:
            for name, value in vars(import_module(module.name)).items():
                yield from ((f"{module.name}.{name}", each) for each in _within(value))


def _within(value: Any) -> Iterator[Prepared]:
    if isinstance(value, Prepared):
        yield value
    elif isinstance(value, dict):
        yield from (each for part in value.values() for each in _within(part))
