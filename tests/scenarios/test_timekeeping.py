"""Our clock may be wrong when the service begins: callbacks are judged by the platform's, from the first on."""

from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.clock import ManualClock
from tests.scenarios.test_sending import NOTICE, PUSH, confirmed, pushes, state_of
from tests.world import World, build, free_port

DAY = timedelta(days=1)


async def ready(world: World) -> tuple[int, str]:
    """The status of `/readyz`, and what it says of the clock."""
    async with aiohttp.ClientSession() as client, client.get(f"{world.app.config.public_url}/readyz") as response:
        return response.status, (await response.json())["checks"]["clock"]


@pytest.mark.parametrize("wrong", [DAY, -DAY])
@pytest.mark.faults("CLK7", "CB7")
async def test_a_start_with_a_wrong_clock_hears_the_first_callback(world: World, wrong: timedelta) -> None:
    secretary, li = await world.branch(members=["李四"])
    await world.published(secretary, "/通知 开会\n对象：李四")
    world.twin.clock = ManualClock(world.clock.now())
    world.clock.jump(wrong)
    await world.restart()
    assert await ready(world) == (200, "ok")
    asked = "路灯坏了"
    await world.resident().says(asked)
    (said,) = [each for each in world.twin.account.push.sent if asked in each.plaintext]
    assert said.statuses == [200]
    answer = await li.says("收到")
    assert world.twin.callbacks[-1].statuses == [200]
    assert answer is not None


@pytest.mark.faults("CLK7")
async def test_where_no_platform_tells_the_time_it_is_red_until_one_does(tmp_path: Path) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    sections = {"wecom": {"api_base": base}, "official_account": {"api_base": f"{base}/mp"}}
    async with build(f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path, **sections) as world:
        assert await ready(world) == (503, "wecom, official_account: nobody has told the time since the start")
        _, li = await world.branch(members=["李四"])
        assert await li.says("待办") is not None, "our own clock may be right"

        async def tell(_: web.Request) -> web.Response:
            return web.json_response({"errcode": 40014}, headers={"Date": format_datetime(world.clock.now(), True)})

        other = web.Application()
        other.router.add_get("/{all:.*}", tell)
        runner = web.AppRunner(other)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            await world.app.auditor.look()
            assert (await ready(world))[1] == "ok"
        finally:
            await runner.cleanup()


@pytest.mark.parametrize("wrong", [DAY, -DAY])
@pytest.mark.parametrize("under_way", [True, False])
@pytest.mark.faults("CLK7", "CLK8", "OUT3")
async def test_a_clock_that_is_wrong_while_something_is_in_doubt_neither_doubles_nor_gives_up(
    world: World, wrong: timedelta, under_way: bool
) -> None:
    """The platform's own clock says for how long it compares. `under_way`: it is set between request and answer."""
    secretary, li = await world.branch(members=["李四"])
    world.twin.clock = ManualClock(world.clock.now())

    async def passes(**length: float) -> None:
        world.twin.clock.advance(timedelta(**length))
        await world.passes(**length)

    await confirmed(secretary, NOTICE)
    if not under_way:
        world.clock.jump(wrong)
    for clock in (world.clock, world.twin.clock):
        clock.advance(timedelta(minutes=3))
    world.twin.faults.add(PUSH, html=True, act=True)
    await world.app.sender.step()
    if under_way:
        world.clock.jump(wrong)
    await world.app.sender.drain()
    world.clock.jump(-wrong)
    await passes(seconds=10)
    assert len(pushes(world)) == 2
    assert await state_of(world, 1, li) == ("sent", None)
    await passes(hours=30)
    shown = [each.text for each in li.phone.messages if "周五开会" in each.text and "提醒" not in each.text]
    assert len(shown) == 1
    assert not any("平台没有答复" in words for words in secretary.heard())
