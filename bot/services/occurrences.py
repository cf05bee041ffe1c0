"""What the kind of an item keeps beside it, for each time of a plan: read anew from what was written."""

import json
import re
from collections.abc import Mapping
from datetime import datetime

from bot.rules.repeat_words import for_occurrence, names_date
from bot.services.asking import Ask
from bot.services.kinds import Kind, kind_of
from bot.services.kinds.base import Keep
from bot.services.repeats import FAR
from bot.services.settings import Settings
from bot.services.written import Written
from storage.enums import ItemKind
from storage.items import Item
from storage.plans import Plan
from storage.transaction import Transaction

_CLOCK = re.compile(r"[0-9]{1,2}[:：][0-9]{2}")
"""`15:00-17:00` would be read as a date, too."""


def own_fields(kind: Kind, written: Written) -> dict[str, str]:
    """The kind's own of what was written."""
    names = set(kind.fields.values())
    return {name: words for name, words in written.fields.items() if name in names and words.strip()}


def read_own(settings: Settings, kind: Kind, fields: Mapping[str, str], item: Item, goes_at: datetime) -> Keep:
    """Reads them as they are meant on the day when the occurrence goes; sets the item's columns, which is not stored.

    Raises Ask for what is unclear, and for a time that would be the same each time.
    """
    seen = {name: for_occurrence(words) if name in kind.times else words for name, words in fields.items()}
    written = Written(ItemKind(item.kind), fields=seen)
    keep = kind.read(settings, written, item, now=goes_at)
    for name in sorted(kind.times & fields.keys()):
        later = Item(kind=item.kind)
        kind.read(settings, written, later, now=goes_at + FAR)
        if later.keep_until == item.keep_until or names_date(_CLOCK.sub(" ", fields[name])):
            raise Ask(name, "plan.time_fixed", words=fields[name][:40])
    return keep


async def keep_next(tx: Transaction, settings: Settings, plan: Plan, item: Item, goes_at: datetime) -> None:
    """Stores them for a new occurrence, which is stored and has its times. Raises Ask."""
    await read_own(settings, kind_of(item), written_of(plan), item, goes_at)(tx, item)


async def keep_moved(tx: Transaction, settings: Settings, plan: Plan, item: Item, goes_at: datetime) -> None:
    """The same for an occurrence that was moved, whose times move with it. Raises Ask."""
    kind = kind_of(item)
    keep = read_own(settings, kind, written_of(plan), item, goes_at)
    if kind.times:
        await kind.forget(tx, item)
        await keep(tx, item)


def written_of(plan: Plan) -> Mapping[str, str]:
    """What was written of the kind's own fields."""
    found: Mapping[str, str] = json.loads(plan.own) if plan.own else {}
    return found
