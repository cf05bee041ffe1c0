"""`待办`, and what somebody hears on coming in."""

from datetime import timedelta

from bot.update import UpdateKind
from tests.handlers.office import START, Office


async def test_what_is_open_with_how_to_answer(office: Office) -> None:
    await office.item(title="学习安排", require="read")
    await office.item(due_at=START + timedelta(days=2))
    done = await office.item(title="已经完成的")
    await office.item(title="只是告知", require="none")
    await office.acknowledges("chen", done)

    assert await office.words("chen", "待办") == (
        "您有 2 件待办：\n#2 支部大会（11月25日（周三）10:00 前）\n#1 学习安排\n"
        "看过后请回复编号，例如：收到 2\n其他的打开消息看一看就好。"
    )


async def test_nothing_to_do(office: Office) -> None:
    assert await office.words("wu", "todo") == "您没有待办，都完成了。"


async def test_in_a_group_nobody_else_reads_it(office: Office) -> None:
    await office.item()

    reply = await office.says("chen", "待办", group=True)

    assert reply.text == "您的待办已私下发给您。"
    assert reply.private is not None
    assert "支部大会" in reply.private.text


async def test_a_long_list_is_cut(office: Office) -> None:
    for n in range(23):
        await office.item(title=f"第{n}件", to=["外单位支部"])

    assert "……另有 3 件" in await office.words("wu", "待办")


async def test_whoever_comes_in_hears_once_a_day_what_is_open(office: Office) -> None:
    assert await office.does("chen", UpdateKind.ENTER) is None
    await office.item()

    first = await office.does("chen", UpdateKind.ENTER)
    again = await office.does("chen", UpdateKind.ENTER)
    office.wait(days=1)
    tomorrow = await office.does("chen", UpdateKind.ENTER)

    assert first is not None
    assert first.text.startswith("您有 1 件待办：\n#1 支部大会")
    assert again is None
    assert tomorrow is not None


async def test_nobody_is_greeted_in_a_group(office: Office) -> None:
    await office.item()

    assert await office.does("chen", UpdateKind.ENTER, group=True) is None
