"""Encrypted user ids."""

import asyncio
from datetime import timedelta

import pytest

from bot.clock import ManualClock
from bot.platforms.wecom_bot.people import People
from tests.bot.platforms.wecom_bot.desk import START, desk
from tests.bot.platforms.wecom_bot.far_side import FarSide, payload


class Directory:
    """Knows one encrypted id."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.down = False
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self, user_id: str) -> str | None:
        self.asked.append(user_id)
        await self.open.wait()
        if self.down:
            raise TimeoutError
        return {"wmEncrypted": "lilei"}.get(user_id)


@pytest.fixture
def directory() -> Directory:
    return Directory()


async def test_an_encrypted_id_is_asked_for_once(directory: Directory) -> None:
    people = People(directory, ManualClock(START))
    directory.open.clear()
    asking = [asyncio.create_task(people.plain("wmEncrypted")) for _ in range(5)]
    await asyncio.sleep(0)
    directory.open.set()
    assert await asyncio.gather(*asking) == ["lilei"] * 5
    assert directory.asked == ["wmEncrypted"]


async def test_a_plain_id_is_asked_for_again_after_ten_minutes(directory: Directory) -> None:
    clock = ManualClock(START)
    people = People(directory, clock)
    for minutes, asked in ((0, 1), (9, 1), (1, 2)):
        clock.advance(timedelta(minutes=minutes))
        assert await people.plain("zhangsan") == "zhangsan"
        assert len(directory.asked) == asked


async def test_a_failed_lookup_is_not_kept(directory: Directory) -> None:
    people = People(directory, ManualClock(START))
    directory.down = True
    assert await people.plain("wmEncrypted") == "wmEncrypted"
    directory.down = False
    assert await people.plain("wmEncrypted") == "lilei"


async def test_updates_carry_the_plain_id(far: FarSide, directory: Directory) -> None:
    async with desk(far, resolve=directory) as d:
        frame = payload("text_group")
        frame["body"]["from"]["userid"] = "wmEncrypted"
        await (await d.line()).push(frame)
        assert (await d.heard()).user_id == "lilei"


async def test_nobody_is_not_looked_up(directory: Directory) -> None:
    assert await People(directory, ManualClock(START)).plain("") == ""
    assert await People(None, ManualClock(START)).plain("wmEncrypted") == "wmEncrypted"
    assert not directory.asked
