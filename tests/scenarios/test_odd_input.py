"""What no person types: NUL and its like from every side; everybody at once; a database that hangs up."""

import asyncio
import json
from pathlib import Path

import aiohttp
import pytest

from storage.enums import DeliveryState
from tests.postgres import Postgres
from tests.world import World, build

READ, WRITE = "r" * 32, "w" * 32
API = {"tokens": [{"name": "r", "token": READ}, {"name": "w", "token": WRITE, "scope": "write"}]}
AT_ONCE = 120


@pytest.mark.faults("DB17", "DB16", "CB16")
async def test_nul_is_nobodys_trouble(database_url: str, tmp_path: Path) -> None:
    async with build(database_url, tmp_path, api=API) as world:
        secretary, li = await world.branch(members=["李四"])
        number = await world.published(secretary, "/通知 周五\x00开会\n各位\x00成员")
        (card,) = li.cards()
        assert "周五开会" in card.text
        await li.says("收\x00到")
        aunt = world.resident()
        assert "Q1" in str(await aunt.says("路灯\x00坏了，晚上看不见"))
        item = {
            "author": secretary.userid,
            "title": "a\x00b",
            "body": "c\x00d",
            "to": ["第一支部\x00"],
            "reason": "\x00",
        }
        async with aiohttp.ClientSession(world.app.config.public_url) as browser:
            reads, writes = ({"Authorization": f"Bearer {token}"} for token in (READ, WRITE))
            for path in (
                "/questions?q=%00路",
                "/questions?page=%00",
                "/i/%00",
                "/api/v1/items?status=%00",
                "/api/v1/items?after=%00",
                "/api/v1/members?branch=%00",
                "/api/v1/members?q=a%00b",
                "/api/v1/questions?topic=%00",
                "/api/v1/questions/Q%00",
                f"/api/v1/items/{number}/deliveries?state=%00",
            ):
                async with browser.get(path, headers=reads) as answer:
                    assert answer.status < 500, path
            for key, body in (("1", item), ("2", {**item, "author": "U\x00"}), ("3", {**item, "to": []})):
                headers = {**writes, "Idempotency-Key": key, "Content-Type": "application/json"}
                async with browser.post("/api/v1/items", data=json.dumps(body), headers=headers) as answer:
                    assert answer.status < 500, body


@pytest.mark.faults("CB34")
async def test_everybody_at_once_is_stored_and_answered(world: World) -> None:
    secretary, *members = await world.branch(members=[f"成员{n}" for n in range(AT_ONCE)])
    number = await world.published(secretary, "/通知 周五开会\n各位成员")
    answers = await asyncio.gather(*(each.phone.say("收到") for each in members))
    assert set(answers) == {f"#{number} 周五开会，已确认，谢谢。"}
    assert all(callback.statuses == [200] for callback in world.twin.callbacks[-AT_ONCE:])
    await world.app.settle()
    async with world.reading() as tx:
        (states,) = (await tx.items.tallies([number])).values()
    assert states[DeliveryState.ACKNOWLEDGED] == AT_ONCE


@pytest.mark.postgres
@pytest.mark.faults("DB12")
async def test_a_database_that_hangs_up_loses_nothing(postgres: Postgres, tmp_path: Path) -> None:
    address = await postgres.fresh()
    async with build(address, tmp_path) as world:
        secretary, *members = await world.branch(members=[f"成员{n}" for n in range(20)])
        number = await world.published(secretary, "/通知 周五开会\n各位成员")
        await postgres.cut(address)
        assert await members[0].says("收到") == f"#{number} 周五开会，已确认，谢谢。"

        saying = asyncio.gather(*(each.phone.say("收到") for each in members[1:]))
        for _ in range(2):  # the platform tries three times
            await postgres.cut(address)
        await saying
        await world.skips(minutes=1)
        async with world.reading() as tx:
            (states,) = (await tx.items.tallies([number])).values()
        assert states[DeliveryState.ACKNOWLEDGED] == len(members)
