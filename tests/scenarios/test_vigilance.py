"""A secretary's account in other hands: colleagues hear of large pushes and can take them back."""

import pytest

from bot.services.vigilance import MOST_AN_HOUR, TOLD_ABOVE
from storage.enums import ItemStatus, Role
from storage.items import Item
from tests.world import World


@pytest.mark.faults("CMD15")
async def test_the_other_secretaries_hear_of_a_large_push_and_can_stop_it(world: World) -> None:
    zhang, *_ = await world.branch(members=[f"成员{n}" for n in range(TOLD_ABOVE)])
    wang = await world.member("王书记", "第一支部", roles=[Role.SECRETARY])
    other, _ = await world.branch("第二支部", members=["李四"], secretary="李书记")
    await zhang.says("/通知 转账\n请大家马上转账。\n对象：第一支部")
    await zhang.taps("发送")
    (told,) = wang.heard()
    assert told == (
        f"张书记 刚确认发出 #1「转账」，共 {TOLD_ABOVE + 2} 人，11月23日（周一）10:02 发出。"
        "如果不对，请回复：撤销 1；发出以后回复：撤回 1"
    )
    assert "没有" in str(await other.says("撤销 1"))
    zhang.heard()
    assert "已收回，没有人看到。作者也会收到通知" in str(await wang.says("撤销 1"))
    assert "已由 王书记 收回" in zhang.heard()[-1]
    await world.skips(minutes=5)
    assert world.people["成员1"].heard() == []
    async with world.reading() as tx:
        rows = [(row.action, row.actor_id) for row in await tx.audit.of("item:1")]
    assert rows[-1] == ("item.undo", wang.member_id)

    # A small push is nobody's business, and nobody publishes thirty items an hour.
    await other.says("/通知 开会\n三点")
    wang.heard()
    await other.taps("发送")
    assert wang.heard() == []
    async with world.app.database.transaction() as tx:
        item = await tx.items.get(2)
        assert item is not None
        copied = {column.key: getattr(item, column.key) for column in Item.__table__.columns if column.key != "id"}
        for _ in range(MOST_AN_HOUR - 1):
            tx.items.add(Item(**{**copied, "status": ItemStatus.SCHEDULED}))
    await other.says("/通知 再开会\n四点")
    await other.taps("发送")
    assert "请过一会儿再发" in other.heard()[-1]
