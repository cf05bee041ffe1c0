"""Where SQLite begins with a statement of several tables.

It keeps no statistics here, and so takes every index for equally good: that of the items that are out for one as good
as that of a member's open deliveries. PostgreSQL knows better by itself.
"""

from typing import TypeVar

from sqlalchemy import ColumnElement, literal_column
from sqlalchemy.orm import InstrumentedAttribute

Value = TypeVar("Value", int, str)


def in_passing(column: InstrumentedAttribute[Value]) -> ColumnElement[Value]:
    """The column's value as no index has it: what it is compared with is looked at on the way, and never the way in;
    nor is an index chosen for having it in order.

    An integer, or a text.
    """
    nothing: ColumnElement[Value] = literal_column("0" if column.type.python_type is int else "''", column.type)
    return column + nothing
