"""What was done to a question, for the audit."""

from datetime import datetime

from storage.transaction import Transaction


def trace(
    tx: Transaction,
    number: int,
    action: str,
    *,
    by: int | None,
    source: str,
    now: datetime,
    before: object = None,
    after: object = None,
) -> None:
    """One row about question `number`. Words of residents and answers never enter it."""
    tx.audit.add(
        at=now,
        actor_id=by,
        source=source,
        action=action,
        subject=f"question:{number}",
        before=None if before is None else str(before),
        after=None if after is None else str(after),
    )
