"""Statements that are built once, when the program begins."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, select
from sqlalchemy.dialects.postgresql import asyncpg

import storage
from storage.among import among
from storage.prepared import Prepared


def _prepared(value: Any) -> Iterator[Prepared]:
    if isinstance(value, Prepared):
        yield value
    elif isinstance(value, dict):
        yield from (each for part in value.values() for each in _prepared(part))


def test_each_can_be_said_to_postgresql_too() -> None:
    dialect, found = asyncpg.dialect(), 0
    for module in pkgutil.iter_modules(storage.__path__, "storage."):
        if not module.ispkg:
            for value in vars(import_module(module.name)).values():
                for each in _prepared(value):
                    assert str(each.by_dialect["postgresql"].compile(dialect=dialect)), module.name
                    found += 1
    assert found > 50


def test_a_reference_without_a_type_is_refused_when_the_program_begins() -> None:
    table = Table("of_something", MetaData(), Column("it", Integer), Column("thing", ForeignKey("thing.id")))
    assert among(table.c.it, "many") is not None
    with pytest.raises(TypeError, match="thing"):
        among(table.c.thing, "many")


def test_a_list_with_a_parameter_for_each_value_is_refused() -> None:
    words = Table("of_words", MetaData(), Column("it", String))
    with pytest.raises(TypeError, match="among"):
        Prepared(select(words.c.it).where(words.c.it.in_(["read", "none"])))
