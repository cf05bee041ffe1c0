"""`进度` and `未读`."""

from datetime import timedelta

import pytest

from bot.services.access import item_to_view
from bot.services.progress import open_items, progress_of
from storage.enums import ItemStatus, ReceiptKind, Require
from tests.handlers.office import START, Office

PRIVATE_NAMES = ("张三", "陈静", "刘洋", "周杰", "李红")


async def test_counts_by_state_and_branch(office: Office) -> None:
    number = await office.item(due_at=START + timedelta(days=2))
    await office.refuse("liu", "not_in_range")
    await office.send()
    await office.acknowledges("zs1", number)
    await office.acknowledges("chen", number, ReceiptKind.READ)

    words = await office.words("boss", f"进度 {number}")

    assert words == (
        f"#{number} 支部大会\n"
        "进行中，截止 11月25日（周三）10:00\n"
        "已完成 1/6  ▓▓░░░░░░░░ 17%\n"
        "已确认 1 · 已读 1 · 已送达未读 3 · 联系不上 1\n"
        "第一支部  1/3  ▓▓▓░░░░░░░ 33%\n"
        "第二支部  0/3  ░░░░░░░░░░ 0%"
    )


async def test_reminders_so_far_are_counted(office: Office) -> None:
    number = await office.item()
    await office.send()
    office.wait(hours=1)
    await office.words("boss", f"催办 {number}")
    await office.send(kinds=["digest"])

    words = await office.words("boss", f"status {number}")

    assert "已催办 6 人次，下次 11月25日（周三）10:00" in words


async def test_who_sees_a_part_gets_the_counts_of_that_part(office: Office) -> None:
    number = await office.item()
    await office.acknowledges("liu", number)

    words = await office.words("zhou", f"进度 {number}")

    assert "已完成 1/3" in words
    assert "以上只统计您能看到的支部" in words
    assert "第一支部" not in words


async def test_in_a_group_there_are_counts_only(office: Office) -> None:
    number = await office.item()

    reply = await office.says("boss", f"进度 {number}", group=True)

    assert "已完成 0/6" in reply.text
    assert reply.private is None
    assert not any(name in reply.text for name in PRIVATE_NAMES)


async def test_without_a_number_the_open_items_are_listed(office: Office) -> None:
    assert await office.words("boss", "进度") == "现在没有进行中的条目。"
    first = await office.item(title="学习安排", require="none")
    second = await office.item()
    await office.item(title="草稿", status=ItemStatus.DRAFT)
    await office.item("sun", branch="外单位支部", to=["外单位支部"], title="别处的事")
    await office.send()

    reply = await office.says("zhao", "进度", group=True)

    assert reply.private is not None
    assert reply.private.text == (
        f"进行中的条目：\n#{second} 支部大会\n已完成 0/6  ░░░░░░░░░░ 0%\n#{first} 学习安排\n已送达 6/6，不要求回复"
    )
    assert "支部大会" not in reply.text


async def test_who_once_wrote_an_item_as_a_secretary_is_told_of_what_they_may_see_now(office: Office) -> None:
    await office.item("zhou", branch="外单位支部", to=["外单位支部"], title="从前的事")
    number = await office.item(to=["第二支部"])

    words = await office.words("zhou", "进度")

    assert words.splitlines()[1] == f"#{number} 支部大会"
    assert "从前的事" not in words


@pytest.mark.parametrize("require", [Require.NONE, Require.READ, Require.ACK])
async def test_the_list_says_of_an_item_what_the_item_says_of_itself(office: Office, require: Require) -> None:
    number = await office.item(require=require)
    await office.refuse("liu", "not_in_range")
    await office.send("li", "zs1", "zs2", "chen")
    for user_id, kind in (("zs1", ReceiptKind.ACK), ("chen", ReceiptKind.READ), ("zs2", ReceiptKind.READ)):
        await office.acknowledges(user_id, number, kind)
    if require != Require.NONE:
        await office.says("boss", f"豁免 {number} 李红 出差")

    for user_id in ("boss", "li", "zhou", "admin"):
        async with office.database.transaction() as tx:
            who = await office.speaker(tx, user_id)
            (outline,) = await open_items(tx, who, 5)
            counts = (await progress_of(tx, *await item_to_view(tx, who, number))).counts
        assert outline.audience == counts.audience > 0
        if require == Require.NONE:
            assert outline.reached == counts.reached
        else:
            assert (outline.done, outline.open) == (counts.done, counts.open)


async def test_many_items_are_cut(office: Office) -> None:
    for n in range(22):
        await office.item(title=f"第{n}项")

    words = await office.words("boss", "进度")

    assert "第21项" in words
    assert "第1项" not in words
    assert "只列出最近 20 项" in words


async def test_many_branches_are_cut(office: Office) -> None:
    async with office.database.transaction() as tx:
        root = (await tx.branches.named("机关总支"))[0]
        for n in range(25):
            branch = await tx.branches.add(f"小组{n}", root)
            office.branches[branch.name] = branch.id
            await office.join(tx, f"m{n}", f"组员{n}", branch.name)
    number = await office.item(to=[f"小组{n}" for n in range(25)])

    words = await office.words("boss", f"进度 {number}")

    assert "小组19" in words
    assert "小组20" not in words
    assert words.endswith("……等 25 个支部")


@pytest.mark.parametrize(
    ("status", "shown"),
    [(ItemStatus.DRAFT, "草稿，还没有确认"), (ItemStatus.SCHEDULED, "已确认，11月23日（周一）10:00 发出")],
)
async def test_what_is_not_out_yet(office: Office, status: ItemStatus, shown: str) -> None:
    number = await office.item(status=status, timed=True)

    assert shown in await office.words("boss", f"进度 {number}")
    assert "待发送 6" in await office.words("boss", f"进度 {number}")
    assert "还没有发出" in await office.words("boss", f"未读 {number}")


async def test_unread_names_the_open_members_by_branch(office: Office) -> None:
    number = await office.item()
    await office.refuse("liu", "not_in_range")
    await office.send()
    await office.acknowledges("zs1", number)

    reply = await office.says("boss", f"未读 {number}", group=True)

    assert reply.private is not None
    assert reply.private.text == (
        f"#{number} 支部大会\n还有 5 人没有完成：\n"
        "第一支部（2）：1 李红、3 陈静\n"
        "第二支部（3）：4 周杰、5 张三、6 刘洋（不在应用可见范围）\n\n"
        f"不用手机的可以签在纸上，打印名单：{office.settings.links.sheet_url(number)}\n"
        f"签好后按号码登记，例如：线下确认 {number} 1,3"
    )
    assert reply.text == f"#{number} 支部大会\n还有 5 人没有完成，名单已私下发给您。"


async def test_unread_of_a_part_names_that_part(office: Office) -> None:
    number = await office.item()

    words = await office.words("zhou", f"未读 {number}")

    assert "第二支部（3）" in words
    assert "李红" not in words


async def test_unread_takes_the_only_open_item(office: Office) -> None:
    assert await office.words("boss", "未读") == "请带上编号，例如：未读 12"
    number = await office.item()
    assert f"#{number}" in await office.words("boss", "未读")
    await office.item()
    assert await office.words("boss", "未读") == "请带上编号，例如：未读 12"


async def test_unread_when_nobody_is_missing(office: Office) -> None:
    number = await office.item(to=["外单位支部"])
    for user_id in ("sun", "admin", "wu"):
        await office.acknowledges(user_id, number)
    asks_nothing = await office.item(require="none")

    assert "都完成了" in await office.words("boss", f"未读 {number}")
    assert "没有要求回复" in await office.words("boss", f"未读 {asks_nothing}")


async def test_a_long_list_of_names_ends_with_a_number(office: Office) -> None:
    async with office.database.transaction() as tx:
        for n in range(230):
            await office.join(tx, f"m{n}", f"组员{n}", "第一支部")
    number = await office.item(to=["第一支部", "第二支部"])

    words = await office.words("boss", f"未读 {number}")

    assert "第一支部（233）" in words
    assert "\n……另有 36 人\n" in words


@pytest.mark.faults("CMD16")
@pytest.mark.parametrize("said", ["进度 １２", "进度＃１２", "进度 012", "进度12", "/status 12", "／进度　12号"])
async def test_a_number_is_understood_however_it_is_written(office: Office, said: str) -> None:
    for _ in range(12):
        number = await office.item()
    assert number == 12
    assert (await office.words("boss", said)).startswith("#12 支部大会")


@pytest.mark.faults("CMD16")
@pytest.mark.parametrize("said", ["进度 12;13", "进度 12 13", "进度 99999999999999999999", "进度 0", "进度 十二"])
async def test_what_is_no_number_is_refused_with_an_example(office: Office, said: str) -> None:
    assert await office.words("boss", said) == "请带上编号，例如：进度 12"
