"""A notice from the secretary's words to the last reminder."""

import pytest

from tests.world import World

NOTICE = "/通知 关于召开支部大会的通知\n截止：12月1日 18:00\n各位成员：周五下午三点开会。"


@pytest.mark.faults("OUT23")
async def test_reminders_stop_once_a_member_confirms(world: World) -> None:
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    await secretary.says(NOTICE)
    preview = secretary.last
    assert "预览 #1 关于召开支部大会的通知" in preview.text
    assert "第一支部，3 人" in preview.text
    assert li.heard() == []

    await secretary.taps("发送")
    assert li.heard() == []
    await world.passes(minutes=3)
    (pushed,) = li.heard()
    assert "#1 关于召开支部大会的通知" in pushed
    assert "12月1日（周二）18:00" in pushed

    await li.taps("确认收到")
    assert not li.cards()[-1].button("已确认").enabled
    assert await wang.says("收到") == "#1 关于召开支部大会的通知，已确认，谢谢。"
    for person in (li, wang, secretary):
        person.heard()

    await world.passes(hours=25)
    (reminder,) = secretary.heard()
    assert "提醒：#1 关于召开支部大会的通知" in reminder
    assert li.heard() == []
    assert wang.heard() == []
