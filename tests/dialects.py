"""SQLAlchemy's dialects, one object of each for a whole run, so that a statement is compiled once and not in each test.

A statement is found again by its dialect and its words. Each test opens databases of its own, and each engine would
have a dialect and a store of its own: most of what a short story takes would be compiling.
"""

from typing import Any

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.engine import Engine
from sqlalchemy.engine.interfaces import Dialect

_made: dict[tuple[type[Dialect], frozenset[tuple[str, str]]], Dialect] = {}
_compiled: dict[Any, Any] = {}


class _Once:
    """Made alike, it is the one that there is."""

    def __new__(cls, **options: Any) -> Any:
        key = cls, frozenset((name, repr(value)) for name, value in options.items() if name != "dbapi")
        if key not in _made:
            _made[key] = super().__new__(cls)
        return _made[key]

    def __init__(self, **options: Any) -> None:
        if "_options" not in self.__dict__:
            super().__init__(**options)
            self._options = options

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=_compiled)


class SQLite(_Once, SQLiteDialect_aiosqlite):
    supports_statement_cache = True


class PostgreSQL(_Once, PGDialect_asyncpg):
    supports_statement_cache = True


def share() -> None:
    """Every engine that is made from now on."""
    registry.register("sqlite.aiosqlite", __name__, "SQLite")
    registry.register("postgresql.asyncpg", __name__, "PostgreSQL")
