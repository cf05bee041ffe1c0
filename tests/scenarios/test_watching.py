"""The bot watches itself: what stands still is red within two minutes, told once on a road that works, and mended."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import text

from bot.clock import ManualClock
from tests.rooms import tells_bot
from tests.world import Person, World, build, free_port

PUSH = "message/send"
MINUTE = timedelta(minutes=1)


class Ear:
    """Whoever waits for signs of life."""

    def __init__(self) -> None:
        self.heard = 0

    async def hear(self, _: web.Request) -> web.Response:
        self.heard += 1
        return web.Response()


@pytest.fixture
async def ear() -> AsyncIterator[tuple[Ear, str]]:
    ear, port = Ear(), free_port()
    app = web.Application()
    app.router.add_get("/beat", ear.hear)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield ear, f"http://127.0.0.1:{port}/beat"
    finally:
        await runner.cleanup()


@pytest.fixture
async def watched(database_url: str, tmp_path: Path, ear: tuple[Ear, str]) -> AsyncIterator[tuple[World, Person, Ear]]:
    """A branch whose secretary is the administrator, who has spoken to the group bot before."""
    async with build(
        database_url,
        tmp_path,
        bot=True,
        access={"administrators": ["user1"]},
        watching={"heartbeat_url": ear[1]},
    ) as world:
        secretary, _ = await world.branch(members=["李四"])
        await tells_bot(secretary, "你好")
        secretary.heard()
        yield world, secretary, ear[0]


async def ready(world: World) -> tuple[int, dict[str, str]]:
    """The status of `/readyz`, and cause → sentence."""
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"http://127.0.0.1:{world.app.config.server.port}/readyz") as response,
    ):
        answer = await response.json()
    assert answer["status"] == ("ok" if response.status == 200 else "failing")
    return response.status, {each["cause"]: each["words"] for each in answer["reasons"]}


async def look(world: World, minutes: int = 0, *, beating: bool = False) -> list[str]:
    """So many looks, one a minute, the metronome `beating` before each; the causes of the last one."""
    found = await world.app.auditor.look()
    for _ in range(minutes):
        world.clock.advance(MINUTE)
        if beating:
            await world.app.scheduler.beat("mind_clock", world.app.jobs.mind_clock)
        found = await world.app.auditor.look()
    await world.app.sender.drain()
    return sorted({each.key for each in found})


@pytest.mark.faults("CLK5", "CB30")
async def test_what_stands_still_is_red_within_two_minutes_and_said_where_it_can_be_heard(
    watched: tuple[World, Person, Ear],
) -> None:
    world, admin, ear = watched
    app = world.app
    assert await look(world) == []
    assert await ready(world) == (200, {})
    assert ear.heard == 1, "a sign of life as long as all is well"

    # A dead metronome.
    app.scheduler.start()
    await app.scheduler.stop()
    assert await look(world, minutes=2) == ["metronome"]
    status, why = await ready(world)
    assert (status, list(why)) == (503, ["metronome"])
    assert admin.heard() == [why["metronome"]], "once, not at every look"
    heard = ear.heard
    await look(world)
    assert ear.heard == heard, "silence is heard outside"
    app.scheduler.start()
    assert await look(world, minutes=3, beating=True) == []
    (mended,) = admin.heard()
    assert mended.startswith("好了：定时任务")
    assert (await ready(world))[0] == 200
    await app.scheduler.stop()
    assert await look(world, minutes=2) == ["metronome"]
    assert admin.heard() == [], "it has been said a moment ago"
    app.scheduler.start()
    await look(world, minutes=3, beating=True)
    assert admin.heard() == []

    # A sender that is gone without a word.
    app.tasks.keep("sender", app.sender.run)
    await app.auditor.look()
    await app.tasks.stop("sender")
    world.clock.advance(MINUTE * 2)
    assert [each.key for each in await app.auditor.look()] == ["metronome", "sender"]
    assert {"metronome", "sender"} <= (await ready(world))[1].keys()
    await app.scheduler.stop()


@pytest.mark.faults("CB30", "CLK7", "CLK8")
async def test_a_half_alive_socket_and_a_skewed_clock(watched: tuple[World, Person, Ear]) -> None:
    world, admin, _ = watched
    assert await world.twin.bot.event("disconnected_event", {}, "user1")
    await world.twin.until(lambda: not world.app.vitals.platforms["wecom_bot"].connected)
    assert await look(world, minutes=2) == ["socket"]
    assert list((await ready(world))[1]) == ["socket"]
    (words,) = [each for each in admin.heard() if "断线" in each]
    assert [shown.text for shown in admin.phone.messages if shown.text == words], (
        "by the app: the bot is what is broken"
    )

    world.twin.clock = ManualClock(world.clock.now())
    world.clock.jump(MINUTE * 5)
    assert await look(world) == ["skew", "socket"]
    status, why = await ready(world)
    assert status == 503
    assert "300 秒" in why["skew"]
    world.clock.jump(-MINUTE * 5)
    assert await look(world) == ["socket"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.faults("OUT14", "OUT15", "DB5")
async def test_alarms_take_the_road_that_works_and_two_causes_are_two(watched: tuple[World, Person, Ear]) -> None:
    world, admin, _ = watched
    app = world.app
    app.vitals.free = lambda _: 1024
    assert await look(world) == ["disk"]
    assert "磁盘" in admin.heard()[0]
    await admin.says("/通知 周五开会\n对象：李四")
    await admin.taps("发送")
    world.twin.faults.add(PUSH, times=1000, errcode=60020, errmsg="not allow, ip: 203.0.113.7")
    await world.skips(minutes=3)
    assert await look(world) == ["disk", "platform"]
    async with world.reading() as tx:
        assert await tx.alarms.broken_roads() == {"wecom"}
    (first,) = [shown.text for shown in admin.phone.bot_messages if "203.0.113.7" in shown.text]
    assert "企业微信" in first, "said through the group bot: the app is what is broken"
    world.twin.faults.clear()
    world.twin.faults.add(PUSH, times=1000, errcode=48002)
    await world.passes(minutes=6)
    said = [shown.text for shown in admin.phone.bot_messages if "企业微信" in shown.text]
    assert len(said) == 2, "a second cause on the same day is told, too"
    world.twin.faults.clear()
    await world.passes(minutes=7)
    assert await look(world, minutes=3) == ["disk"]
    assert any("好了：发送通道" in words for words in admin.heard())


async def test_what_does_not_add_up_is_found_in_open_items(watched: tuple[World, Person, Ear]) -> None:
    world, admin, _ = watched
    await world.published(admin, "/通知 周五开会\n对象：李四")
    await world.published(admin, "/通知 周六开会\n对象：李四")
    admin.heard()
    assert await look(world) == []
    async with world.app.database.writing() as connection:
        await connection.execute(text("UPDATE delivery SET acknowledged_at = sent_at WHERE item_id = 1"))
        await connection.execute(text("UPDATE tally SET n = n + 1 WHERE item_id = 2"))
        await connection.execute(text("UPDATE reminder SET round = 7 WHERE delivery_id = 2"))
        await connection.execute(text("UPDATE item SET audience_size = 9 WHERE id = 2"))
        await connection.execute(text("UPDATE delivery SET state = 'queued' WHERE id = 2"))
    assert await look(world, minutes=1) == ["unsound"]
    await look(world, minutes=2)
    said = "\n".join(admin.heard())
    assert "#1 的数据对不上：回执前后矛盾" in said
    for rule in ("对象人数", "加起来不对", "没有消息在路上", "轮次"):
        assert rule in said
