"""The kinds of items, in the order of 帮助. A new one is a module beside these and a name in the list."""

from collections.abc import Iterable, Mapping

from bot.services.kinds.base import PLAIN, Face, Kind
from bot.services.kinds.meeting import MEETING
from bot.services.kinds.plain import MATERIAL, NOTICE
from bot.services.kinds.poll import POLL
from bot.services.kinds.signup import SIGNUP
from bot.services.settings import Settings
from storage.items import Item
from storage.transaction import Transaction

__all__ = ["KINDS", "PLAIN", "Face", "Kind", "face_of", "faces_of", "kind_of"]

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (NOTICE, MATERIAL, MEETING, POLL, SIGNUP)}


def kind_of(item: Item) -> Kind:
    """The kind of an item."""
    return KINDS[item.kind]


async def faces_of(tx: Transaction, settings: Settings, items: Iterable[Item]) -> dict[int, Face]:
    """Item → what its kind shows of it; a few queries for each kind among them, however many there are."""
    by_kind: dict[str, list[Item]] = {}
    for item in items:
        by_kind.setdefault(item.kind, []).append(item)
    found = {item.id: PLAIN for of_kind in by_kind.values() for item in of_kind}
    for name, of_kind in by_kind.items():
        found.update(await KINDS[name].faces(tx, settings, of_kind))
    return found


async def face_of(tx: Transaction, settings: Settings, item: Item) -> Face:
    """What the item's kind shows of it."""
    return (await faces_of(tx, settings, [item]))[item.id]
