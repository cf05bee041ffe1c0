"""Many residents ask in a short time: whoever answers is told in few messages, and still gets what is for everybody."""

from datetime import timedelta

import pytest

from storage.enums import QuestionState
from tests.desk import open_desk
from tests.rooms import Room
from tests.world import World

SECONDS = timedelta(seconds=10)
FLOOD = 24


@pytest.mark.faults("OUT12", "CB34")
async def test_a_responder_in_a_flood_of_questions_still_gets_notices(world: World) -> None:
    desk = await open_desk(world)
    wang, li = desk.wang, desk.li
    await desk.secretary.says("/通知 周五开会\n对象：第一支部\n请看")
    await desk.secretary.taps("发送")
    published = world.clock.now() + timedelta(minutes=2)
    before = len(wang.phone.messages)
    for n in range(FLOOD):
        await world.resident(f"居民{n}").says(f"{n:02}号楼的路灯不亮，电话13812345678")
        await desk.after(SECONDS)
    for _ in range(2):
        await desk.after(timedelta(seconds=61))

    heard = wang.phone.messages[before:]
    singles = [shown for shown in heard if "新问题 Q" in shown.text]
    lists = [shown for shown in heard if "个新问题" in shown.text]
    (notice,) = [shown for shown in heard if "周五开会" in shown.text]
    assert published <= notice.at < published + timedelta(seconds=90), "it does not wait for the end of the flood"
    told = [int(shown.card["main_title"]["title"].split()[0]) for shown in lists]
    assert len(singles) + sum(told) == FLOOD, "each question was brought once"
    assert len(heard) <= 10
    first = lists[0]
    assert [button.text for button in first.buttons][-1] == "看其他的"
    assert "13812345678" not in first.text

    number = int(first.buttons[0].text.removeprefix("认领 Q"))
    asked = await desk.question(number)
    assert asked.due_at is not None
    assert asked.due_at - asked.asked_at == timedelta(hours=24), "its clock runs from when it was asked"
    wang.heard()
    await wang.taps(first.buttons[0].text, first)
    assert (await desk.question(number)).state == QuestionState.ASSIGNED
    (words,) = wang.heard()
    assert words.startswith(f"Q{number} 由您办理。")
    (changed,) = [shown for shown in wang.cards() if shown.text.startswith(f"Q{number} 已由 王芳 认领。")]
    assert f"认领 Q{number}" not in [button.text for button in changed.buttons]
    await desk.after(timedelta(seconds=61))
    assert f"Q{number} 已由 王芳 认领。" in "".join(li.heard()), "whoever has other cards is told"

    mine = {number}
    await wang.says("认领")
    while True:
        shown = wang.last
        free = [button.text for button in shown.buttons if button.text.startswith("认领 Q")]
        if not free:
            break
        for label in free:
            await wang.taps(label, shown)
            mine.add(int(label.removeprefix("认领 Q")))
            await desk.after(SECONDS)
        await wang.taps("看其他的", shown)
    assert mine == set(range(1, FLOOD + 1)), "each is claimed with one tap"
    assert wang.last.text == "没有等认领的问题。"


async def test_what_waits_for_a_group_of_responders_is_one_card(group_world: World) -> None:
    desk = await open_desk(group_world)
    room = Room(group_world, "答复群", [desk.secretary, desk.wang, desk.li])
    await room.says(desk.secretary, "绑定答复群 第一支部")
    await group_world.passes(hours=12, minutes=30)
    for n in range(3):
        resident = group_world.resident(f"居民{n}")
        await resident.scans("branch2")
        await resident.says(f"{n}栋501的灯坏了")
    room.heard()
    await group_world.passes(hours=10)
    (posted,) = room.heard()
    assert "3 个新问题" in posted
    assert "****的灯坏了" in posted
    assert "501" not in posted
    await room.taps(desk.wang, "认领 Q2")
    assert "Q2" in room.last.text
    assert "由 王芳 认领" in room.last.text.replace("已", "")
    assert {button.text for button in room.last.buttons} == {"认领 Q1", "认领 Q3", "看其他的"}
    await room.taps(desk.li, "看其他的")
    assert "2 个问题等认领" in room.last.text
