"""`列表`."""

from datetime import timedelta

from storage.enums import ItemStatus
from tests.handlers.office import START, Office


async def test_what_is_out_and_what_waits(office: Office) -> None:
    await office.item(due_at=START + timedelta(days=2))
    await office.item(title="材料", status=ItemStatus.DRAFT)
    await office.item(title="定时的", timed=True)
    await office.item("li", branch="第一支部", to=["第一支部"], title="一支部的事")
    await office.item("li", branch="第一支部", to=["第一支部"], title="别人的草稿", status=ItemStatus.DRAFT)
    closed = await office.item(title="结束了的")
    await office.words("boss", f"结束 {closed}")

    assert await office.words("boss", "列表") == (
        "进行中：\n#4 一支部的事\n已完成 0/3  ░░░░░░░░░░ 0%\n"
        "#1 支部大会\n已完成 0/6  ░░░░░░░░░░ 0%，截止 11月25日（周三）10:00\n"
        "您的草稿和待发：\n#3 定时的\n11月23日（周一）10:00 发出，收回请回复：撤销 3\n"
        "#2 材料\n草稿，发出请回复：确认 2；不要了请回复：取消 2"
    )


async def test_a_secretary_below_sees_their_own_part(office: Office) -> None:
    await office.item()
    await office.item(to=["第二支部"], title="二支部的事")

    words = await office.words("li", "list")

    assert "#1 支部大会\n已完成 0/3" in words
    assert "二支部的事" not in words


async def test_nothing_at_all(office: Office) -> None:
    assert "没有进行中的条目，也没有草稿" in await office.words("boss", "列表")


async def test_a_long_list_is_cut_and_private(office: Office) -> None:
    for n in range(21):
        await office.item(title=f"第{n}件", status=ItemStatus.DRAFT)

    reply = await office.says("boss", "列表", group=True)

    assert reply.text == "列表已私下发给您。"
    assert reply.private is not None
    assert reply.private.text.endswith("每类只列出最近 20 项。")
