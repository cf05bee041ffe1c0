"""A group of responders: new questions come there, everything can be said there, and nobody learns who asked."""

import pytest

from tests.desk import Desk, open_desk
from tests.rooms import Room
from tests.world import World

WORDS = "3栋501的灯坏了，电话13812345678"


@pytest.fixture
async def desk(group_world: World) -> Desk:
    return await open_desk(group_world)


async def test_questions_are_claimed_and_answered_in_the_group(desk: Desk) -> None:
    world, aunt = desk.world, desk.world.resident("王阿姨")
    room = Room(world, "答复群", [desk.secretary, desk.wang, desk.li])
    assert await room.says(desk.secretary, "绑定答复群 第一支部") == [
        "好的，“第一支部”的群众来问会发到这个群。答复人在这里 @我 就能认领和答复。"
    ]
    await aunt.scans("branch2")
    await desk.asked(WORDS)
    (posted,) = room.heard()
    assert "新问题 Q1" in posted
    assert "****的灯坏了，电话138****5678" in posted
    assert "王阿姨" not in posted

    await room.taps(desk.wang, "认领")
    assert "认领人：王芳" in room.last.text
    assert desk.wang.last.text == "Q1 由您办理。看全文：问题 Q1；答复：答复 Q1 文字"
    (thread,) = await room.says(desk.li, "问题 Q1")
    assert "138****5678" in thread.replace("\\", "")
    assert "3栋" not in thread
    assert await room.says(desk.li, "认领 Q1") == ["Q1 已由 王芳 认领。"]
    desk.wang.heard()
    assert await room.says(desk.wang, "答复 Q1 灯明天换好") == ["2 分钟后发出。收回请发：撤销 Q1"]
    assert desk.wang.heard()[0].startswith("答复 Q1")
    assert await room.says(desk.wang, "撤销 Q1") == ["Q1 的这条没有发出。"]
    await room.says(desk.wang, "答复 Q1 灯明天换好")
    await desk.after()
    assert "灯明天换好" in aunt.heard()[0]
    assert await room.says(desk.wang, "办结 Q1") == ["Q1 已办结。"]

    other = Room(world, "闲聊群", [desk.wang, desk.li])
    assert await other.says(desk.wang, "问题 Q1") == ["已私下发给您。"]
    assert "3栋501" not in "".join(other.heard())
    assert await room.says(desk.secretary, "解绑答复群") == ["好的，“第一支部”的群众来问不再发到这个群。"]
    await desk.asked("又有一件事", "李大爷")
    assert room.heard() == []


async def test_a_quoted_question_is_asked_about(desk: Desk) -> None:
    aunt, room = desk.world.resident("王阿姨"), Room(desk.world, "答复群", [desk.secretary, desk.wang])
    await room.says(desk.secretary, "绑定答复群 第一支部")
    await aunt.scans("branch2")
    await desk.asked(WORDS)
    room.heard()
    await room.says(desk.wang, "马上去看")
    assert "是答复" not in room.last.text
    await room.quotes(desk.wang, "新问题 Q1\n3栋", "马上去看")
    assert room.last.text.splitlines() == ["是答复 Q1 吗", "马上去看"]
    await room.taps(desk.wang, "是，答复")
    await desk.after()
    assert "马上去看" in aunt.heard()[0]
