"""The connection stays up, whatever the far side does."""

import asyncio
import json
import logging
from datetime import timedelta

import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from bot.message import Text
from bot.platforms.base import Verdict
from bot.update import Update, UpdateKind
from tests.bot.platforms.wecom_bot.desk import SECRET, desk, paced, until
from tests.bot.platforms.wecom_bot.far_side import FarSide, payload

GROUP = ["chat:wrkSFfCgAA-party-group-01"]


async def test_it_subscribes_with_its_credentials_and_hears(far: FarSide) -> None:
    async with desk(far) as d:
        line = await d.line()
        assert far.subscriptions[0]["body"] == {"bot_id": "aib-branch-01", "secret": SECRET}
        assert d.bot.last_frame_at is None
        await line.push(payload("text_group"))
        update = await d.heard()
        assert (update.kind, update.text, update.user_id) == (UpdateKind.TEXT, "收到 12", "lilei")
        assert d.bot.last_frame_at == d.clock.now()


@pytest.mark.faults("CB30")
async def test_a_clean_close_leads_to_a_new_connection(far: FarSide) -> None:
    async with desk(far) as d:
        await (await d.line()).close()
        await (await d.line()).push(payload("text_single"))
        assert (await d.heard()).text == "我的"


async def test_an_abrupt_drop_leads_to_a_new_connection(far: FarSide) -> None:
    async with desk(far) as d:
        (await d.line()).drop()
        await (await d.line()).push(payload("text_single"))
        assert (await d.heard()).text == "我的"


async def test_two_pings_without_an_ack_mean_a_dead_connection(far: FarSide) -> None:
    far.answers_pings = False
    async with desk(far, paced(ping=timedelta(milliseconds=30))) as d:
        first = await d.line()
        async with asyncio.timeout(20):
            await first.gone.wait()
        assert first.pings == 2
        far.answers_pings = True
        second = await d.line()
        await until(lambda: second.pings >= 5)
        assert d.bot.connected


async def test_pings_are_no_sign_that_somebody_was_heard(far: FarSide) -> None:
    async with desk(far, paced(ping=timedelta(milliseconds=5))) as d:
        line = await d.line()
        await until(lambda: line.pings >= 3)
        assert d.bot.last_frame_at is None


async def test_a_subscription_without_an_answer_is_tried_again(far: FarSide) -> None:
    far.subscribe_codes = [None]
    async with desk(far, paced(ack=timedelta(milliseconds=30))) as d:
        await far.line()
        await d.line()
        assert len(far.subscriptions) == 2


async def test_a_close_during_the_subscription_is_tried_again(far: FarSide) -> None:
    far.subscribe_codes = [None]
    async with desk(far) as d:
        await (await far.line()).close()
        await d.line()


async def test_nobody_listens_then_somebody_does(far: FarSide) -> None:
    far.redirect_to = "/nowhere"
    async with desk(far) as d:
        with capture_logs() as logs:
            await until(lambda: sum(entry["event"] == "socket.ended" for entry in logs) >= 3)
        assert {entry["cause"] for entry in logs if entry["event"] == "socket.ended"} == {"unreachable"}
        far.redirect_to = ""
        await d.line()


async def test_a_redirect_is_not_followed(far: FarSide) -> None:
    far.redirect_to = f"{far.url.replace('ws://', 'http://')}?elsewhere"
    async with desk(far):
        with capture_logs() as logs:
            await until(lambda: any(entry["event"] == "socket.unreachable" for entry in logs))
    assert not far.subscriptions


@pytest.mark.faults("CB30", "CB31")
async def test_a_kick_is_told_and_waited_out(far: FarSide) -> None:
    async with desk(far) as d:
        line = await d.line()
        await line.push(payload("disconnected"))
        # The socket and its heartbeats may stay alive: that does not count.
        async with asyncio.timeout(20):
            await line.gone.wait()
        assert await d.alarmed() == "wecom_bot_kicked"
        await d.line()
        assert d.updates.empty()


@pytest.mark.faults("CB31")
async def test_a_kicked_bot_waits_long(far: FarSide) -> None:
    async with desk(far, paced(kicked=timedelta(minutes=10))) as d:
        with capture_logs() as logs:
            await (await d.line()).push(payload("disconnected"))
            await until(lambda: any(entry["event"] == "socket.waits" for entry in logs))
        assert [entry["seconds"] for entry in logs if entry["event"] == "socket.waits"] == [600]
        outcome = await d.bot.deliver(d.bot.compose(Text("好"), GROUP, "t-1"))
        assert (outcome.verdict, outcome.reason, outcome.counted) == (Verdict.LATER, "not_connected", False)


@pytest.mark.faults("CB31")
async def test_three_kicks_in_a_minute_end_the_fight_for_an_hour(far: FarSide) -> None:
    async with desk(far) as d:
        with capture_logs() as logs:
            for _ in range(3):
                line = await d.line()
                d.clock.advance(timedelta(seconds=20))
                await line.push(payload("disconnected"))
            keys = [await d.alarmed() for _ in range(3)]
            await until(lambda: sum(entry["event"] == "socket.waits" for entry in logs) == 3)
        assert keys == ["wecom_bot_kicked", "wecom_bot_kicked", "wecom_bot_fight"]
        assert logs[-1]["seconds"] == 3600


async def test_kicks_far_apart_are_no_fight(far: FarSide) -> None:
    async with desk(far) as d:
        for _ in range(4):
            line = await d.line()
            d.clock.advance(timedelta(minutes=2))
            await line.push(payload("disconnected"))
            assert await d.alarmed() == "wecom_bot_kicked"


@pytest.mark.parametrize(
    ("code", "key", "reason"),
    [(853000, "wecom_bot_credentials", "bot_credentials"), (846601, "wecom_bot_mode", "bot_mode")],
)
async def test_wrong_credentials_are_told_and_tried_slowly(far: FarSide, code: int, key: str, reason: str) -> None:
    far.subscribe_codes = [code]
    async with desk(far, paced(refused=timedelta(minutes=5))) as d:
        with capture_logs() as logs:
            assert await d.alarmed() == key
            await until(lambda: any(entry["event"] == "socket.waits" for entry in logs))
        assert logs[-1]["seconds"] == 300
        outcome = await d.bot.deliver(d.bot.compose(Text("好"), GROUP, "t-1"))
        assert outcome.verdict is Verdict.LATER
        assert (outcome.reason, outcome.hold, outcome.alarm, outcome.counted) == (reason, True, True, False)


async def test_credentials_that_were_mended_work(far: FarSide) -> None:
    far.subscribe_codes = [853000, 853000]
    async with desk(far) as d:
        assert await d.alarmed() == "wecom_bot_credentials"
        await far.line()
        await far.line()
        await d.line()
        outcome = await d.bot.deliver(d.bot.compose(Text("好"), GROUP, "t-1"))
        assert outcome.verdict is Verdict.ACCEPTED


async def test_other_refusals_of_the_subscription_are_tried_again(far: FarSide) -> None:
    far.subscribe_codes = [45009]
    async with desk(far) as d:
        await far.line()
        await d.line()
        assert d.alarms.empty()


async def test_the_backoff_grows_to_its_most_and_starts_anew(far: FarSide) -> None:
    def waits(logs: list[dict[str, object]]) -> list[float]:
        return [entry["seconds"] for entry in logs if entry["event"] == "socket.waits"]

    pace = paced(backoff_first=timedelta(milliseconds=200), backoff_most=timedelta(milliseconds=600))
    async with desk(far, pace) as d:
        with capture_logs() as logs:
            for count in range(4):
                await (await d.line()).close()
                await until(lambda count=count: len(waits(logs)) == count + 1)
            line = await d.line()
            d.clock.advance(timedelta(hours=1))
            await line.close()
            await until(lambda: len(waits(logs)) == 5)
    first, second, third, fourth, anew = waits(logs)
    assert 0.1 <= first <= 0.2
    assert 0.2 <= second <= 0.4
    assert all(0.3 <= wait <= 0.6 for wait in (third, fourth))
    assert 0.1 <= anew <= 0.2


async def test_a_fault_of_our_own_does_not_end_the_tries(far: FarSide) -> None:
    session = ClientSession()
    await session.close()
    async with desk(far, session=session):
        with capture_logs() as logs:
            await until(lambda: sum(entry["event"] == "socket.failed" for entry in logs) >= 2)


async def test_a_given_session_is_used_and_left_open(far: FarSide) -> None:
    async with ClientSession() as session:
        async with desk(far, session=session) as d:
            await d.line()
        assert not session.closed


async def test_an_alarm_that_fails_ends_nothing(far: FarSide) -> None:
    async def broken(key: str, /, **params: object) -> None:
        raise RuntimeError(key)

    far.subscribe_codes = [853000]
    async with desk(far, alarm=broken) as d:
        with capture_logs() as logs:
            await far.line()
            await d.line()
        assert [entry["task"] for entry in logs if entry["event"] == "task.failed"] == ["alarm"]


@pytest.mark.faults("CB32")
async def test_a_long_gap_is_told_on_reconnection(far: FarSide) -> None:
    async with desk(far) as d:
        line = await d.line()
        d.clock.advance(timedelta(minutes=30))
        await line.push(payload("text_single"))
        await d.heard()
        far.subscribe_codes = [None]
        await line.close()
        waiting = await far.line()
        d.clock.advance(timedelta(minutes=12))
        await waiting.close()
        await d.line()
        async with asyncio.timeout(20):
            assert await d.gaps.get() == timedelta(minutes=12)


async def test_a_short_gap_is_not_told(far: FarSide) -> None:
    async with desk(far) as d:
        line = await d.line()
        d.clock.advance(timedelta(hours=3))
        await line.push(payload("text_single"))
        await d.heard()
        await line.close()
        await d.line()
        assert d.gaps.empty()


@pytest.mark.faults("CB19")
@pytest.mark.parametrize(
    "frame",
    [
        {"cmd": "aibot_new_thing", "headers": {"req_id": "r"}, "body": {"x": 1}},
        {"headers": {"req_id": "nobody-waits-for-it"}, "errcode": 0},
        {"cmd": 7, "headers": [], "body": "x"},
        [1, 2],
        "not json",
        "[" * 100_000,
    ],
)
async def test_what_it_does_not_know_is_ignored(far: FarSide, frame: object) -> None:
    async with desk(far) as d:
        line = await d.line()
        await line.push(frame if isinstance(frame, str) else json.dumps(frame))
        await line.push(payload("text_single"))
        assert (await d.heard()).text == "我的"
        assert d.updates.empty()


async def test_a_handler_that_raises_stops_nobody(far: FarSide) -> None:
    async with desk(far) as d:
        keep = d.handle

        async def fails_once(update: Update) -> None:
            d.handle = keep
            raise RuntimeError("no room")

        d.handle = fails_once
        line = await d.line()
        with capture_logs() as logs:
            await line.push(payload("text_group"))
            await line.push(payload("text_single"))
            assert (await d.heard()).text == "我的"
        failed = [entry for entry in logs if entry["event"] == "update.failed"]
        assert [entry["key"] for entry in failed] == ["aib-branch-01:CAIQtext1"]
        assert d.bot.connected


async def test_a_slow_handler_stops_neither_reading_nor_answering(far: FarSide) -> None:
    async with desk(far) as d:
        release = asyncio.Event()
        keep = d.handle

        async def slow(update: Update) -> None:
            if update.in_group:
                await release.wait()
            await keep(update)

        d.handle = slow
        line = await d.line()
        await line.push(payload("text_group"))
        await line.push(payload("text_single"))
        assert (await d.heard()).text == "我的"
        outcome = await d.bot.deliver(d.bot.compose(Text("好"), GROUP, "t-1"))
        assert outcome.verdict is Verdict.ACCEPTED
        release.set()
        assert (await d.heard()).text == "收到 12"


async def test_a_handler_may_end_after_the_stop(far: FarSide) -> None:
    release = asyncio.Event()
    async with desk(far) as d:
        started, keep = asyncio.Event(), d.handle

        async def slow(update: Update) -> None:
            started.set()
            await release.wait()
            await keep(update)

        d.handle = slow
        await (await d.line()).push(payload("text_single"))
        await started.wait()
        asyncio.get_running_loop().call_later(0.02, release.set)
    assert d.updates.get_nowait().text == "我的"


async def test_a_handler_that_never_ends_is_cancelled_at_the_stop(far: FarSide) -> None:
    async with desk(far) as d:
        started, cancelled = asyncio.Event(), asyncio.Event()

        async def endless(update: Update) -> None:
            started.set()
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()

        d.handle = endless
        await (await d.line()).push(payload("text_single"))
        await started.wait()
    assert cancelled.is_set()


@pytest.mark.parametrize("stage", ["waiting", "subscribing", "ready"])
async def test_cancelling_leaves_nothing_behind(far: FarSide, stage: str) -> None:
    if stage == "subscribing":
        far.subscribe_codes = [None]
    if stage == "waiting":
        far.subscribe_codes = [853000]
    async with desk(far, paced(refused=timedelta(hours=1))) as d:
        if stage == "waiting":
            await d.alarmed()
        line = await (d.line() if stage == "ready" else far.line())
    async with asyncio.timeout(20):
        await line.gone.wait()


@pytest.mark.faults("TOK9")
@pytest.mark.parametrize("code", [0, 853000, None])
async def test_the_secret_is_never_told(
    far: FarSide, code: int | None, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    far.subscribe_codes = [code]
    with capture_logs() as logs:
        async with desk(far, paced(ack=timedelta(milliseconds=30))) as d:
            line = await far.line()
            async with asyncio.timeout(20):
                await (line.gone.wait() if code is None else line.push(payload("text_single")))
            if code is not None:
                await (d.alarmed() if code else d.heard())
            told = repr(d.bot) + str(vars(d.bot))
    printed = capfd.readouterr()
    assert logs
    assert SECRET not in told + repr(logs) + caplog.text + printed.out + printed.err
