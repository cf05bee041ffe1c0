"""Noting who looked at people's data, in the transaction of the look."""

from datetime import datetime

from storage.accesses import Access
from storage.transaction import Transaction


def note(
    tx: Transaction,
    what: str,
    *,
    by: int | None,
    source: str,
    now: datetime,
    item_id: int | None = None,
    question_id: int | None = None,
    client: str | None = None,
) -> None:
    """A list, a thread, a file: `what` is one of `Access.what`."""
    tx.accesses.add(
        Access(at=now, actor_id=by, source=source, what=what, item_id=item_id, question_id=question_id, client=client)
    )


def note_operator(tx: Transaction, *, about: int | None, now: datetime) -> None:
    """The operator had everything about one person handed out."""
    access = Access(at=now, actor_id=None, source="cli", what="person", about_id=about)
    tx.accesses.add(access)
