"""What the page of an item shows and takes besides, by kind: its section, its forms, its files."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web
from multidict import MultiMapping

from bot.services.pages import ItemPage, Tx
from bot.services.settings import Settings


@dataclass(frozen=True, slots=True)
class Visit:
    """One member at one item's page. `query` is what stands behind the address's question mark."""

    tx: Tx
    settings: Settings
    page: ItemPage
    now: datetime
    query: MultiMapping[str]


Act = Callable[[Visit, MultiMapping[Any]], Awaitable[str]]
"""Does what a form asks, in a transaction that commits when it returns: why it could not be done, "" when it was.

A UserError says the same where nothing at all is to be kept.
"""
Give = Callable[[Visit], Awaitable[web.Response | None]]
"""A file; None when there is none for this member."""


async def _nothing(visit: Visit) -> Mapping[str, object]:
    return {}


@dataclass(frozen=True)
class Section:
    """`template` is included in the page with what `values` gives, "" for none.

    A form posts to `<token>/<action>`, a file is at `<token>/<name>`.
    """

    template: str = ""
    values: Callable[[Visit], Awaitable[Mapping[str, object]]] = _nothing
    actions: Mapping[str, Act] = field(default_factory=dict)
    files: Mapping[str, Give] = field(default_factory=dict)


PLAIN = Section()
