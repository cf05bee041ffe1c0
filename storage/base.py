"""What every table stands on."""

from datetime import UTC, datetime
from typing import NewType

from sqlalchemy import BigInteger, DateTime, Dialect, Index, Integer, MetaData, String, text
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

BranchId = NewType("BranchId", int)
MemberId = NewType("MemberId", int)
ItemId = NewType("ItemId", int)
"""Also the number that people see: `#12`."""
DeliveryId = NewType("DeliveryId", int)
MessageId = NewType("MessageId", int)
CallId = NewType("CallId", int)

BigId = BigInteger().with_variant(Integer, "sqlite")
Word = String(40)
"""A value of `storage.enums`, or another short word of ours."""


class UTCDateTime(TypeDecorator[datetime]):
    """An instant. Takes aware values only and gives aware UTC back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime must not be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UTCDateTime()}  # noqa: RUF012 - SQLAlchemy reads it from the class


def partial_index(name: str, *columns: str, where: str) -> Index:
    """An index of the rows that `where` (SQL that both engines understand) admits."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))
