"""What leaves for the members, and what becomes of it when the platform, the network or a person is difficult."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.message import Text
from bot.services.roads import tell
from storage.deliveries import Delivery
from storage.enums import MemberStatus
from tests.world import Person, World, build

NOTICE = "/通知 周五开会\n各位成员：周五下午三点开会。"
PUSH = "message/send"


async def delivery_of(world: World, number: int, person: Person) -> Delivery:
    async with world.reading() as tx:
        found = await tx.deliveries.get(number, person.member_id)
    assert found is not None
    return found


async def state_of(world: World, number: int, person: Person) -> tuple[str, str | None]:
    found = await delivery_of(world, number, person)
    return found.state, found.reason


async def confirmed(secretary: Person, text: str) -> None:
    """Drafted and confirmed; the undo window has not passed."""
    await secretary.says(text)
    await secretary.taps("发送")


def pushes(world: World) -> list[bytes]:
    """The bodies of the requests that carried the notice."""
    return [request.body for request in world.twin.requests_to(PUSH) if b'"key":"ack:' in request.body]


@pytest.mark.faults("OUT2", "OUT31", "OUT33", "DB18")
@pytest.mark.parametrize(
    ("fault", "shown_first"),
    [
        ({"lose_answer": True}, True),
        ({"refuse": True}, False),
        ({"http_status": 502}, False),
        ({"html": True}, False),
        ({"html": True, "act": True}, True),
        ({"garbage": True}, True),
        ({"errcode": 987654}, False),
    ],
)
async def test_in_doubt_the_same_bytes_leave_again_and_are_shown_once(
    world: World, fault: dict[str, bool | int], shown_first: bool
) -> None:
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    await confirmed(secretary, NOTICE)
    world.clock.advance(timedelta(minutes=3))
    world.twin.faults.add(PUSH, **fault)  # type: ignore[arg-type]
    await world.app.settle()
    assert bool(li.heard()) is shown_first
    assert (await delivery_of(world, 1, li)).state == "queued"
    await world.passes(seconds=10)
    first, second = pushes(world)
    assert first == second
    assert len(li.heard()) == (0 if shown_first else 1)
    assert len([shown for shown in wang.phone.messages if "周五开会" in shown.text]) == 1
    assert await state_of(world, 1, li) == ("sent", None)


@pytest.mark.faults("OUT3")
async def test_after_the_window_the_author_is_told_and_the_reminder_carries_the_words(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await confirmed(secretary, NOTICE)
    world.twin.faults.add(PUSH, times=10_000, refuse=True)
    await world.passes(hours=4)
    world.twin.faults.clear()
    assert await state_of(world, 1, li) == ("failed", "unknown")
    assert len(set(pushes(world))) == 1
    count = len(pushes(world))
    secretary.heard()
    await world.passes(minutes=10)
    (told,) = secretary.heard()
    assert told.splitlines() == [
        "#1 平台没有答复：周五开会",
        "2 人可能已经送到，也可能没有",
        "不会自动再发。点“再发”给他们再发一次，点“不发”就这样；下一次提醒总会带上内容。",
    ]
    assert li.heard() == []
    assert "再发 1" not in (await li.says("再发 1") or ""), "who manages nothing has no such word"
    li.heard()
    await secretary.taps("不发")
    assert secretary.heard()[-1] == "好的，#1 周五开会 不再发给这 2 人，下一次提醒照常。"
    none = "#1 没有要决定的：平台都答复了，或者已经处理过。"
    assert await secretary.says("再发 1") == none, "once only"
    assert await state_of(world, 1, li) == ("failed", "left_in_doubt")
    await world.passes(hours=30)
    (reminder,) = li.heard()
    assert "周五下午三点开会" in reminder
    assert len(pushes(world)) == count + 1, "only the reminder"
    await li.taps("确认收到")
    assert await state_of(world, 1, li) == ("acknowledged", "left_in_doubt")

    await confirmed(secretary, "/通知 周六植树\n对象：李四")
    world.twin.faults.add(PUSH, times=10_000, refuse=True)
    await world.passes(hours=4, longest_step=timedelta(hours=1))
    world.twin.faults.clear()
    await world.passes(minutes=10)
    li.heard()
    await secretary.taps("再发")
    assert len([words for words in li.heard() if "周六植树" in words]) == 1
    assert await state_of(world, 2, li) == ("sent", None)
    assert await secretary.says("再发 2") == none.replace("#1", "#2")
    assert await secretary.says("不发 2") == none.replace("#1", "#2")
    assert li.heard() == []
    async with world.reading() as tx:
        audited = [(row.action, row.after) for number in (1, 2) for row in await tx.audit.of(f"item:{number}")]
    assert {("item.leave_doubt", "members=2"), ("item.resend", "members=1")} <= set(audited)


@pytest.mark.faults("OUT32")
async def test_when_no_byte_had_left_it_leaves_later_with_the_same_words(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await confirmed(secretary, NOTICE)
    world.twin.faults.add("gettoken", refuse=True)
    world.twin.void_token()
    await world.passes(minutes=4)
    assert len(li.heard()) == 1
    assert await state_of(world, 1, li) == ("sent", None)


@pytest.mark.faults("OUT4", "OUT5", "OUT35", "OUT16")
async def test_whom_the_platform_leaves_out_is_unreachable_by_name(any_world: World) -> None:
    world = any_world
    secretary, li, wang, zhao = await world.branch(members=["李四", "王五", "赵六"])
    world.twin.directory.add(wang.userid, wang.name, visible=False)
    world.twin.directory.add(zhao.userid, zhao.name, licensed=False)
    number = await world.published(secretary, NOTICE)
    assert await state_of(world, number, li) == ("sent", None)
    assert await state_of(world, number, wang) == ("unreachable", "not_in_range")
    assert await state_of(world, number, zhao) == ("unreachable", "no_licence")
    second = await world.published(secretary, "/通知 交党费")
    assert world.twin.requests_to(PUSH)[-1].userids == [secretary.userid, li.userid], "they are not tried again"
    assert await state_of(world, second, wang) == ("unreachable", "not_in_range")

    world.twin.directory.add(wang.userid, wang.name, visible=True)
    await wang.says("待办")
    third = await world.published(secretary, "/通知 学习安排")
    assert await state_of(world, third, wang) == ("sent", None), "who writes can be reached"


@pytest.mark.faults("OUT6")
async def test_when_nobody_can_be_reached_nothing_is_tried_again(world: World) -> None:
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    await confirmed(secretary, "/通知 周五开会\n对象：李四，王五\n周五下午三点开会")
    for person in (li, wang):
        world.twin.directory.add(person.userid, person.name, visible=False)
    await world.passes(minutes=3)
    assert len(pushes(world)) == 1
    await world.passes(hours=2)
    assert len(pushes(world)) == 1
    for person in (li, wang):
        assert await state_of(world, 1, person) == ("unreachable", "not_in_range")


@pytest.mark.faults("OUT16")
async def test_one_unknown_name_among_many_keeps_it_from_nobody_else(world: World) -> None:
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    await confirmed(secretary, NOTICE)
    world.twin.faults.add(PUSH, errcode=40003)
    await world.skips(minutes=3)
    await world.passes(seconds=2)
    assert [len(person.heard()) > 0 for person in (li, wang)] == [True, True]


@pytest.mark.faults("OUT11", "OUT12", "OUT13", "TOK1", "TOK8")
@pytest.mark.parametrize("errcode", [45009, 45033, -1, 6000, 40014, 42001])
async def test_what_was_certainly_not_done_is_done_later_and_once(world: World, errcode: int) -> None:
    secretary, li = await world.branch(members=["李四"])
    await confirmed(secretary, NOTICE)
    await world.skips(minutes=1)
    world.twin.faults.add(PUSH, errcode=errcode)
    for _ in range(3):
        await world.skips(seconds=65)
    assert len(li.heard()) == 1
    assert await state_of(world, 1, li) == ("sent", None)


@pytest.mark.faults("OUT14", "OUT15")
async def test_a_wrong_configuration_holds_everything_tells_once_and_goes_on_by_itself(tmp_path: Path) -> None:
    administrators = {"administrators": ["user3"]}
    async with build(f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path, access=administrators) as world:
        secretary, li, admin = await world.branch(members=["李四", "管理员"])
        await confirmed(secretary, NOTICE)
        await world.passes(seconds=1)
        world.twin.faults.add(
            PUSH, times=1000, errcode=60020, errmsg="not allow to access from your ip, ip: 203.0.113.7"
        )
        before = len(world.twin.requests_to(PUSH))
        await world.passes(minutes=62)
        probes = len(world.twin.requests_to(PUSH)) - before
        assert 10 <= probes <= 14, "one call every five minutes looks whether it was mended"
        assert world.app.sender.held()
        world.twin.faults.clear()
        await world.passes(minutes=6)
        await world.passes(minutes=1)
        assert len([words for words in li.heard() if "周五开会" in words]) == 1
        assert await state_of(world, 1, li) == ("sent", None)
        alarms = [words for words in admin.heard() if "203.0.113.7" in words]
        assert len(alarms) == 1


@pytest.mark.faults("OUT8")
async def test_the_platform_never_has_to_drop_anything(world: World) -> None:
    world.twin.limits.per_minute = 4
    secretary, li = await world.branch(members=["李四"])
    for n in range(6):
        await confirmed(secretary, f"/通知 第 {n + 1} 件事\n对象：李四")
        await world.skips(seconds=61)
    for _ in range(4):
        await world.skips(seconds=61)
    assert len([card for card in li.cards() if "件事" in card.text]) == 6


@pytest.mark.faults("OUT24", "OUT37")
async def test_a_withdrawal_stops_what_is_still_waiting(world: World) -> None:
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    for number in range(3):
        async with world.app.database.transaction() as tx:
            words = Text(f"第 {number} 句")
            roads, now = world.app.settings.roads, world.clock.now() + timedelta(seconds=150)
            await tell(tx, roads, [li.member_id], words, kind="note", subject=str(number), now=now)
    await confirmed(secretary, NOTICE)
    await world.skips(seconds=150)
    assert [len([card for card in person.cards() if "周五" in card.text]) for person in (li, wang)] == [0, 1]
    await secretary.says("撤回 1")
    await world.skips(minutes=5)
    assert li.heard() == ["第 0 句", "第 1 句", "第 2 句"], "neither the notice nor that it was withdrawn"
    assert any("撤回" in words for words in wang.heard())
    assert [card for card in wang.cards() if "周五" in card.text] == []
    assert (await delivery_of(world, 1, li)).state == "excused"


@pytest.mark.faults("OUT24")
async def test_what_is_in_doubt_at_a_withdrawal_is_not_repeated(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await confirmed(secretary, NOTICE)
    world.twin.faults.add(PUSH, refuse=True)
    await world.skips(minutes=3)
    await secretary.says("撤回 1")
    await world.passes(minutes=10)
    assert len(pushes(world)) == 1
    assert not any("周五下午" in words for words in li.heard())


@pytest.mark.faults("OUT22")
async def test_who_left_before_sending_gets_nothing_and_who_moved_gets_it(world: World) -> None:
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    await world.branch("第二支部", secretary="刘书记")
    await confirmed(secretary, NOTICE)
    world.twin.faults.add(PUSH, errcode=-1)
    await world.skips(minutes=3)
    async with world.app.database.transaction() as tx:
        members = await tx.members.all()
        members[li.member_id].status = MemberStatus.LEFT
        members[wang.member_id].branch_id = (await tx.branches.named("第二支部"))[0].id
    await world.passes(seconds=10)
    assert li.heard() == []
    assert await state_of(world, 1, li) == ("unreachable", "left")
    assert len(wang.heard()) == 1


@pytest.mark.faults("OUT36")
async def test_a_trial_reaches_only_those_on_its_list(tmp_path: Path) -> None:
    trial = {"trial_members": ["USER1", "user2"]}
    async with build(f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path, publishing=trial) as world:
        secretary, li, wang = await world.branch(members=["李四", "王五"])
        number = await world.published(secretary, NOTICE)
        assert len(li.heard()) == 1
        assert wang.heard() == []
        assert await state_of(world, number, wang) == ("failed", "trial")
        await world.passes(days=3)
        assert wang.heard() == []


@pytest.mark.faults("OUT25")
async def test_the_same_words_on_purpose_are_shown_twice(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await world.published(secretary, NOTICE)
    await secretary.says(NOTICE)
    code = re.search(r"确认 2 (\d{4})", secretary.last.text)
    await secretary.says(f"确认 2 {code[1]}" if code else "确认 2")
    await world.skips(minutes=3)
    assert len([card for card in li.cards() if "周五开会" in card.text]) == 2


@pytest.mark.faults("OUT7", "OUT17")
async def test_requests_name_single_members_in_plain_letters(world: World) -> None:
    secretary, *_ = await world.branch(members=["李四"])
    await world.published(secretary, NOTICE)
    assert world.twin.broadcasts == []
    for body in pushes(world):
        assert b"\\u" not in body
        assert b"enable_duplicate_check" in body


@pytest.mark.faults("UPG6", "OUT1")
@pytest.mark.parametrize("fault", [{}, {"lose_answer": True}])
async def test_a_restart_in_the_middle_of_a_push_resolves_it(any_world: World, fault: dict[str, bool]) -> None:
    world = any_world
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    await confirmed(secretary, NOTICE)
    world.clock.advance(timedelta(minutes=3))
    world.twin.faults.add(PUSH, delay=timedelta(seconds=20), **fault)  # type: ignore[arg-type]
    await world.app.jobs.publish()
    await world.app.sender.step()
    await world.twin.until(lambda: bool(pushes(world)))
    await world.restart(abruptly=True)
    await world.passes(minutes=3)
    for person in (li, wang):
        assert len([card for card in person.cards() if "周五开会" in card.text]) == 1
        assert await state_of(world, 1, person) == ("sent", None)
    assert len(set(pushes(world))) == 1


@pytest.mark.faults("OUT28")
async def test_after_six_hours_without_a_platform_everything_still_arrives_once(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await confirmed(secretary, NOTICE)
    world.twin.faults.add("gettoken", times=10_000, refuse=True)
    world.twin.void_token()
    await world.passes(minutes=5)
    await confirmed_blind(secretary, world)
    await world.passes(hours=6)
    world.twin.faults.clear()
    await world.passes(minutes=12)
    for title in ("周五开会", "交党费"):
        assert len([card for card in li.cards() if title in card.text]) == 1


async def confirmed_blind(secretary: Person, world: World) -> None:
    """A second notice, although no card comes through to confirm it with."""
    await secretary.says("/通知 交党费")
    await secretary.says("确认 2")
