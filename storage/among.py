"""One of many values, given as one parameter.

An `IN` with a parameter for each value is compiled again for each number of values and ends at the engine's limit of
parameters. A list given whole does neither.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ARRAY, Dialect, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Boolean, NullType, TypeDecorator, TypeEngine


class Listed(TypeDecorator[Sequence[Any]]):
    """A list of values of one type: an array where the engine has them, else JSON text."""

    impl = Text
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(self.of) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return list(value) if dialect.name == "postgresql" else json.dumps(list(value))


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> "_Among":
        """A condition by itself: compared with true, as SQLAlchemy would write it, it could use no index."""
        return self


def among(column: Any, name: str) -> ColumnElement[bool]:
    """Whether the column is one of the values of the parameter `name`: a list of numbers or words, of any length."""
    return _Among(column, bindparam(name, type_=_list_of(column)))


def one_of(column: Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """Whether the column is one of these values."""
    return _Among(column, bindparam(None, list(values), type_=_list_of(column), unique=True))


def _list_of(column: Any) -> Listed:
    """A reference has no type of its own until the table that it names is there: say it beside the reference."""
    if isinstance(column.type, NullType):
        raise TypeError(f"{column} has no type yet")
    return Listed(column.type)


class _Pairs(TypeDecorator[Sequence[tuple[int, int]]]):
    """Pairs of numbers as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[tuple[int, int]] | None, dialect: Dialect) -> str:
        return json.dumps(list(value or ()))


class _PairAmong(_Among):
    inherit_cache = True


def pair_among(first: Any, second: Any, name: str) -> ColumnElement[bool]:
    """Whether two columns are together one of the pairs of numbers of the parameter `name`, of any length."""
    return _PairAmong(first, second, bindparam(name, type_=_Pairs()))


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = element.clauses
    listed = f"SELECT value FROM json_each({compiler.process(values, **options)})"
    return f"{compiler.process(column, **options)} IN ({listed})"


@compiles(_Among, "postgresql")
def _any(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = element.clauses
    return f"{compiler.process(column, **options)} = ANY({compiler.process(values, **options)})"


@compiles(_PairAmong, "sqlite")
def _pair_in_json(element: _PairAmong, compiler: SQLCompiler, **options: Any) -> str:
    first, second, values = (compiler.process(each, **options) for each in element.clauses)
    listed = f"SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each({values})"
    return f"({first}, {second}) IN ({listed})"


@compiles(_PairAmong, "postgresql")
def _pair_in_array(element: _PairAmong, compiler: SQLCompiler, **options: Any) -> str:
    first, second, values = (compiler.process(each, **options) for each in element.clauses)
    listed = f"SELECT (p->>0)::bigint, (p->>1)::bigint FROM jsonb_array_elements(({values})::jsonb) AS p"
    return f"({first}, {second}) IN ({listed})"
