"""Another system that calls the API, and the office that it asks about."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType, TracebackType
from typing import Any, Self

from aiohttp import ClientSession

from bot.clock import ManualClock
from bot.services.settings import Settings
from storage.audiences import Audience
from storage.database import Database
from storage.enums import DeliveryState, ItemKind, ItemStatus, ReceiptKind, Require
from storage.items import Item

Query = Mapping[str, str | int]

READ = "r" * 32
WRITE = "w" * 32


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: Any
    """What the JSON says."""

    @property
    def code(self) -> str:
        """The code of an error."""
        assert self.body.keys() == {"error"}
        assert self.body["error"].keys() == {"code", "message"}
        assert self.body["error"]["message"]
        return str(self.body["error"]["code"])


class System:
    """Sends requests below `/api/v1`."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._session = ClientSession()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def asks(
        self,
        path: str,
        query: Query = MappingProxyType({}),
        *,
        method: str = "GET",
        authorization: str | None = f"Bearer {READ}",
        body: bytes | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Answer:
        sent = dict(headers) if authorization is None else {"Authorization": authorization, **headers}
        address = f"{self.base}api/v1{path}"
        async with self._session.request(
            method, address, headers=sent, data=body, params=dict(query) or None
        ) as response:
            assert response.content_type == "application/json"
            return Answer(response.status, dict(response.headers), await response.json())

    async def posts(self, path: str, body: bytes | None = None) -> Answer:
        return await self.asks(path, method="POST", authorization=f"Bearer {WRITE}", body=body)

    async def publishes(self, key: str | None, **fields: object) -> Answer:
        """Publishes an item; `fields` are its body."""
        return await self.asks(
            "/items",
            method="POST",
            authorization=f"Bearer {WRITE}",
            body=json.dumps(fields).encode(),
            headers={} if key is None else {"Idempotency-Key": key},
        )

    async def turns(self, path: str, noun: str, query: Query) -> list[list[Any]]:
        """All pages of a list, in order."""
        pages: list[list[Any]] = []
        following: str | None = None
        while True:
            answer = await self.asks(path, {**query, "after": following} if following else query)
            assert answer.body.keys() == {noun, "next"}
            pages.append(answer.body[noun])
            following = answer.body["next"]
            if following is None:
                return pages


@dataclass(slots=True)
class Office:
    database: Database
    settings: Settings
    clock: ManualClock
    system: System
    commits: list[datetime]
    branches: dict[str, int] = field(default_factory=dict)
    members: dict[str, int] = field(default_factory=dict)

    async def drafts(
        self,
        title: str = "周五开会",
        *,
        kind: ItemKind = ItemKind.NOTICE,
        status: ItemStatus = ItemStatus.DRAFT,
        require: Require = Require.ACK,
        due_at: datetime | None = None,
    ) -> int:
        """An item for everybody that is not out: its number."""
        now = self.clock.now()
        async with self.database.transaction() as tx:
            item = Item(
                kind=kind,
                status=status,
                title=title,
                body="三楼会议室",
                require=require,
                author_id=self.members["赵"],
                branch_id=self.branches["机关总支"],
                audience="",
                audience_size=6,
                due_at=due_at,
                created_at=now,
            )
            tx.items.add(item)
            await tx.flush()
            return item.id

    async def publishes(
        self, title: str = "周五开会", *, kind: ItemKind = ItemKind.NOTICE, require: Require = Require.ACK
    ) -> int:
        """An item for everybody that has gone out to all five who can be reached."""
        now = self.clock.now()
        number = await self.drafts(title, kind=kind, require=require)
        async with self.database.transaction() as tx:
            await tx.items.change_status(number, [ItemStatus.DRAFT], ItemStatus.PUBLISHED, published_at=now)
            item = await tx.items.get(number)
            assert item is not None
            await tx.deliveries.create(item, Audience(branches=frozenset(self.branches.values())), "wecom")
            reached = [row.id for row in await tx.lists.rows(number, states=[DeliveryState.QUEUED])]
            await tx.deliveries.settle(reached, DeliveryState.SENT, reason=None, at=now)
        return number

    async def becomes(self, number: int, status: ItemStatus) -> None:
        async with self.database.transaction() as tx:
            assert await tx.items.change_status(number, list(ItemStatus), status, ended_at=self.clock.now())

    async def delivery(self, number: int, name: str) -> int:
        async with self.database.transaction() as tx:
            found = await tx.deliveries.get(number, self.members[name])
        assert found is not None
        return found.id

    async def receives(self, number: int, name: str, kind: ReceiptKind) -> None:
        async with self.database.transaction() as tx:
            found = await tx.deliveries.of_pairs([(number, self.members[name])])
            await tx.deliveries.receive(list(found.values()), kind, self.clock.now())

    async def fails(self, number: int, name: str, reason: str) -> None:
        delivery = await self.delivery(number, name)
        async with self.database.transaction() as tx:
            await tx.deliveries.settle([delivery], DeliveryState.FAILED, reason=reason, at=self.clock.now())
