"""An update as text, and back: for the inbox, and for the spool while there is none."""

from pydantic import TypeAdapter

from bot.update import Update

_updates = TypeAdapter(Update)


def dump(update: Update) -> str:
    """JSON text."""
    return _updates.dump_json(update).decode()


def load(text: str | bytes) -> Update:
    """What `dump` wrote. Raises ValueError for anything else."""
    return _updates.validate_json(text)
