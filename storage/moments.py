"""Instants by the database's own clock: the one that all who share it agree on."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Float, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from storage.base import UTCDateTime


class _FromNow(FunctionElement[datetime]):
    type = UTCDateTime()
    inherit_cache = True


def from_now(length: timedelta) -> _FromNow:
    """So long after the instant at which the statement runs."""
    return _FromNow(literal(length.total_seconds(), Float()))


def now() -> _FromNow:
    """The instant at which the statement runs."""
    return from_now(timedelta())


@compiles(_FromNow, "sqlite")
def _sqlite(element: _FromNow, compiler: SQLCompiler, **options: Any) -> str:
    # As UTCDateTime writes it; SQLite knows thousandths of a second.
    seconds = compiler.process(element.clauses, **options)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', printf('%+f seconds', {seconds}))"


@compiles(_FromNow, "postgresql")
def _postgresql(element: _FromNow, compiler: SQLCompiler, **options: Any) -> str:
    return f"(clock_timestamp() + make_interval(secs => {compiler.process(element.clauses, **options)}))"
