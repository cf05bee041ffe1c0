"""What a rehearsal tells beforehand is what happens, when people do as it assumes."""

import re
import time as stopwatch
from collections import Counter
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from bot.rules.rehearsing import Player, Script, What, rehearse
from bot.rules.reminding import Policy, Quiet
from storage.audit import AuditRow
from storage.enums import ItemStatus, ReminderState
from storage.items import Item
from storage.messages import TO_SEND, OutboxMessage
from storage.reminders import Reminder
from tests.world import MONDAY_MORNING, Person, World

NOTICE = "/通知 周五开会\n对象：第一支部\n截止：周五 12:00\n提醒：24h，36h，72h，96h\n请准时参加"
LINE = re.compile(r"(\d+月\d+日（周.）\d\d:\d\d)(?: 到 (\d\d:\d\d))? (发给|提醒还没完成的) (\d+) 人")


def told(transcript: str) -> list[tuple[str, str, str, int]]:
    """(when it begins, its last minute, what, to how many) of each message."""
    return [(at, last or at[-5:], what, int(n)) for at, last, what, n in LINE.findall(transcript)]


async def next_moment(world: World) -> datetime | None:
    """When something becomes due next."""
    async with world.app.database.reader.connect() as connection:
        found = [
            (await connection.execute(query)).scalar()
            for query in (
                select(func.min(Reminder.due_at)).where(Reminder.state == ReminderState.OPEN),
                select(func.min(OutboxMessage.not_before)).where(OutboxMessage.phase.in_(TO_SEND)),
                select(func.min(Item.publish_at)).where(Item.status == ItemStatus.SCHEDULED),
            )
        ]
    return min((at for at in found if at is not None), default=None)


def came(people: list[Person]) -> list[Person]:
    """Those who got a card of the item since then, in the order of the roster."""
    fresh = [p for p in people if any(s.card is not None and "周五开会" in s.text for s in p.phone.messages[seen(p) :])]
    return sorted(fresh, key=lambda person: person.member_id)


_seen: dict[str, int] = {}


def seen(person: Person) -> int:
    return _seen.get(person.userid, 0)


async def rows(world: World) -> list[int]:
    """How many rows there are of what a rehearsal plays."""
    async with world.app.database.reader.connect() as connection:
        counted = [select(func.count()).select_from(table) for table in (Reminder, Item, OutboxMessage, AuditRow)]
        return [(await connection.execute(query)).scalar_one() for query in counted]


async def test_giving_way_to_the_full_hour_needs_no_excuse(world: World) -> None:
    secretary, *_ = await world.branch(members=["李四", "王五"])
    await secretary.says("/通知 交表\n对象：王五\n截止：周五 18:00")
    transcript = await secretary.says("演练 1")
    assert transcript is not None
    assert "11月26日（周四）18:0" in transcript
    assert "不能打扰" not in transcript


async def test_what_is_told_is_what_happens(world: World) -> None:
    people = await world.branch(members=[f"成员{n}" for n in range(29)])
    secretary = people[0]
    await secretary.says(NOTICE)
    before = await rows(world)
    transcript = await secretary.says("演练 1")
    assert transcript is not None
    assert "没有发给任何人" in transcript
    assert "七成当天完成" in transcript
    assert "如果发出时连不上企业微信一小时：11月23日（周一）11:0" in transcript
    assert "如果一成被平台拒收：3 人记为没送到" in transcript
    assert "成员1" not in transcript, "nobody is named as somebody who will not answer"
    assert await rows(world) == before

    for person in people:
        _seen[person.userid] = len(person.phone.messages)
    await secretary.taps("发送")
    happened: list[tuple[datetime, list[Person]]] = []
    end = world.clock.now() + timedelta(days=5)
    open_people = list(people)
    while (at := await next_moment(world)) is not None and at < end:
        world.clock.advance(max(at - world.clock.now(), timedelta()))
        await world.app.settle()
        reached = came(people)
        for person in people:
            _seen[person.userid] = len(person.phone.messages)
        if not reached:
            continue
        if happened and world.clock.now() - happened[-1][0] < timedelta(minutes=10):
            happened[-1][1].extend(reached)
        else:
            happened.append((world.clock.now(), reached))
        following = await next_moment(world)
        if following is not None and following - happened[-1][0] < timedelta(minutes=10):
            continue
        everybody = sorted(happened[-1][1], key=lambda person: person.member_id)
        for person in everybody[: len(everybody) * 7 // 10]:
            await person.phone.say("收到")
            open_people.remove(person)
        await world.app.settle()
        for person in people:
            _seen[person.userid] = len(person.phone.messages)

    texts = world.app.settings.texts
    assert [(texts.when(at), len(reached)) for at, reached in happened] == [
        (at, n) for at, _, _, n in told(transcript) if at < "11月29日"
    ]
    assert Counter(what for _, _, what, _ in told(transcript)) == {"发给": 1, "提醒还没完成的": len(happened) - 1}
    assert [len(reached) for _, reached in happened] == [30, 9, 3, 1]
    assert "11月25日（周三）08:00" in transcript, "36 hours later it is quiet: in the morning"
    assert "11月27日（周五）10:02 有 1 人的提醒次数满了，截止前不再提醒" in transcript
    assert f"还差 {len(open_people)} 人" in transcript


def test_five_hundred_for_a_fortnight_take_no_time() -> None:
    hours = [timedelta(hours=n) for n in range(6, 14 * 24, 6)]
    quiet = Quiet(time(22), time(8), ZoneInfo("Asia/Shanghai"))
    script = Script(
        sent_at=MONDAY_MORNING,
        due_at=None,
        closes_at=MONDAY_MORNING + timedelta(days=30),
        until=MONDAY_MORNING + timedelta(days=14),
        policy=Policy(tuple(hours)),
        quiet=quiet,
        workdays=None,
        daily=1,
        weekly=3,
        again_after=timedelta(minutes=10),
        answered=1,
    )
    begun = stopwatch.process_time()
    events = rehearse(script, [Player(n) for n in range(1, 501)], now=MONDAY_MORNING)
    assert stopwatch.process_time() - begun < 3
    assert {event.what for event in events} >= {What.SENT, What.REMINDED, What.HELD, What.OPEN}
    assert not any(quiet.is_quiet(event.at) for event in events if event.what is What.REMINDED)
