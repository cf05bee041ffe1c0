"""`结束`, and items that close by themselves."""

from datetime import timedelta

import pytest

from bot.services.closing import close_due
from storage.enums import ItemStatus, ReceiptKind
from tests.handlers.office import START, Office


async def test_the_author_hears_how_it_stands(office: Office) -> None:
    number = await office.item()
    await office.refuse("liu", "not_in_range")
    await office.send("zs1", "chen", "li", "zhou")
    await office.acknowledges("zs1", number)

    reply = await office.says("boss", f"结束 {number}", group=True)

    assert reply.text == (
        f"#{number} 支部大会\n已结束，不再催办。\n已完成 1/5  ▓▓░░░░░░░░ 20%\n"
        "已确认 1 · 已送达未读 3 · 联系不上 1 · 豁免 1"
    )
    assert reply.private is not None
    assert reply.private.text == (
        f"{reply.text}\n还没有完成的人：\n第一支部（2）：李红、陈静\n第二支部（1）：周杰\n"
        "没有发到的人：\n不在应用可见范围（1）：刘洋\n补交的回执仍然算数。"
    )
    assert await office.heard("closing") == {}
    assert await office.status(number) == ItemStatus.CLOSED
    assert await office.audits(f"item:{number}") == ["item.publish", "item.close"]


async def test_the_author_is_told_when_somebody_else_closes_it(office: Office) -> None:
    number = await office.item("li", branch="第一支部", to=["第一支部"])

    await office.words("boss", f"close {number}")

    assert set(await office.heard("closing")) == {"li"}


async def test_reminders_end_and_a_late_receipt_counts(office: Office) -> None:
    number = await office.item()
    await office.send()
    await office.words("boss", f"结束 {number}")

    async with office.database.reading() as tx:
        assert await tx.lists.next_reminder(number) is None
    assert await office.acknowledges("zs1", number) == "done"
    assert "已完成 1/6" in await office.words("boss", f"进度 {number}")


@pytest.mark.parametrize(
    ("status", "timed", "shown"),
    [(ItemStatus.DRAFT, False, "取消 1"), (ItemStatus.SCHEDULED, True, "撤销 1")],
)
async def test_what_is_not_out_is_not_closed(office: Office, status: ItemStatus, timed: bool, shown: str) -> None:
    number = await office.item(status=status, timed=timed)

    assert shown in await office.words("boss", f"结束 {number}")


async def test_once_is_enough(office: Office) -> None:
    number = await office.item()
    await office.words("boss", f"结束 {number}")

    assert await office.words("boss", f"结束 {number}") == f"#{number} 已经结束了。"
    assert await office.words("boss", "结束") == "请带上编号，例如：结束 12"
    withdrawn = await office.item()
    await office.words("boss", f"撤回 {withdrawn}")
    assert "已经撤回" in await office.words("boss", f"结束 {withdrawn}")


async def test_it_closes_when_everybody_is_done(office: Office) -> None:
    number = await office.item("sun", branch="外单位支部", to=["外单位支部"])
    await office.send()
    await office.acknowledges("sun", number)
    await office.acknowledges("wu", number)
    assert await _tick(office) == 0
    await office.words("sun", f"豁免 {number} 马超 出差")

    assert await _tick(office) == 1

    assert await office.status(number) == ItemStatus.CLOSED
    assert "都完成了，自动结束" in (await office.heard("closing"))["sun"]
    assert await _tick(office) == 0


@pytest.mark.parametrize("require", ["ack", "read"])
async def test_what_counts_as_done_depends_on_what_is_asked(office: Office, require: str) -> None:
    number = await office.item("sun", branch="外单位支部", to=["外单位支部"], require=require)
    await office.send()
    for user_id in ("sun", "admin", "wu"):
        await office.acknowledges(user_id, number, ReceiptKind.READ)

    assert await _tick(office) == (1 if require == "read" else 0)


async def test_what_asks_nothing_is_not_done_at_once(office: Office) -> None:
    number = await office.item(require="none")
    await office.send()
    assert await _tick(office) == 0

    office.wait(days=30)

    assert await _tick(office) == 1
    assert await office.status(number) == ItemStatus.CLOSED
    assert "已满 30 天" in (await office.heard("closing"))["boss"]


async def test_who_cannot_be_reached_keeps_it_open(office: Office) -> None:
    await office.item("sun", branch="外单位支部", to=["外单位支部"])
    await office.refuse("admin", "not_in_range")
    await office.send()
    for user_id in ("sun", "wu"):
        await office.acknowledges(user_id, 1)

    assert await _tick(office) == 0


@pytest.mark.parametrize(
    ("due_in_days", "closes_after_days", "words"),
    [(2, 9, "截止已过 7 天"), (60, 67, "截止已过 7 天"), (None, 30, "已满 30 天")],
)
async def test_it_closes_a_week_after_its_due_time_or_after_a_month(
    office: Office, due_in_days: int | None, closes_after_days: int, words: str
) -> None:
    await office.item(due_at=START + timedelta(days=due_in_days) if due_in_days else None)
    await office.send()
    office.now = START + timedelta(days=closes_after_days) - timedelta(seconds=1)
    assert await _tick(office) == 0

    office.now = START + timedelta(days=closes_after_days)

    assert await _tick(office) == 1
    assert words in (await office.heard("closing"))["boss"]


async def test_what_never_left_is_not_sent_after_the_end(office: Office) -> None:
    number = await office.item()
    await office.send("zs1")

    await office.words("boss", f"结束 {number}")

    assert await office.heard("item") == {}
    assert await office.state(number, "chen") == "excused"


async def _tick(office: Office) -> int:
    async with office.database.transaction() as tx:
        return await close_due(tx, office.settings, office.now, 50)
