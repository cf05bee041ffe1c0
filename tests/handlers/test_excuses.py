"""`豁免` and `恢复`."""

from datetime import timedelta

import pytest

from storage.enums import ItemStatus
from tests.handlers.office import START, Office


async def test_an_excused_member_is_not_waited_for(office: Office) -> None:
    number = await office.item()
    await office.send()

    words = await office.words("boss", f"豁免 {number} 陈静 出差到月底")

    assert words == f"陈静 的 #{number} 已豁免：出差到月底。不再催办；想恢复请发：恢复 {number} 陈静"
    assert await office.state(number, "chen") == "excused"
    assert "豁免 1" in await office.words("boss", f"进度 {number}")
    assert "陈静" not in await office.words("boss", f"未读 {number}")
    assert await _next(office, number, "chen") is None


@pytest.mark.faults("CMD17")
async def test_an_excuse_can_be_taken_back(office: Office) -> None:
    number = await office.item()
    await office.send()
    await office.words("boss", f"豁免 {number} 陈静 出差")
    office.wait(hours=30)

    words = await office.words("boss", f"恢复 {number} 陈静")

    assert words == f"陈静 的 #{number} 已恢复，原事由：出差。下次提醒 11月25日（周三）10:00。"
    assert await office.state(number, "chen") == "sent"
    assert await _next(office, number, "chen") == START + timedelta(days=2)
    subject = f"item:{number}:member:{office.members['chen']}"
    assert await office.audits(subject) == ["item.excuse", "item.restore"]


async def test_after_the_last_moment_no_reminder_is_promised(office: Office) -> None:
    number = await office.item()
    await office.send()
    await office.words("boss", f"豁免 {number} 陈静 出差")
    office.wait(days=3)

    assert await office.words("boss", f"恢复 {number} 陈静") == f"陈静 的 #{number} 已恢复，原事由：出差。"


async def test_who_was_excused_before_it_left_gets_it_after_all(office: Office) -> None:
    number = await office.item()
    await office.words("boss", f"豁免 {number} 陈静 出差")
    assert "chen" not in await office.heard("item")

    words = await office.words("boss", f"恢复 {number} 陈静")

    assert words.endswith("还没有发到过，现在补发。")
    assert "chen" in await office.heard("item")
    await office.send()
    assert await office.state(number, "chen") == "sent"
    async with office.database.reading() as tx:
        delivery = await tx.deliveries.get(number, office.members["chen"])
        assert delivery is not None
        assert [phase for _, phase in await tx.pushes.of_delivery(delivery.id)] == ["dropped", "accepted"]


@pytest.mark.faults("CMD10")
async def test_two_of_one_name_are_both_shown_and_none_is_picked(office: Office) -> None:
    number = await office.item()

    words = await office.words("boss", f"豁免 {number} 张三 出差")

    assert words == (f"请写明是哪一位“张三”：张三@第一支部、张三@第二支部。例如：豁免 {number} 张三@第一支部 事由")
    assert {await office.state(number, who) for who in ("zs1", "zs2")} == {"queued"}


@pytest.mark.faults("CMD10")
@pytest.mark.parametrize(
    "said", ["张三@第二支部 出差", "张三（第二支部）出差", "张三＠第二支部　出差", "张三@zs2 出差"]
)
async def test_namesakes_are_told_apart(office: Office, said: str) -> None:
    number = await office.item()

    assert "已豁免：出差" in await office.words("boss", f"豁免 {number} {said}")
    assert [await office.state(number, who) for who in ("zs1", "zs2")] == ["queued", "excused"]


@pytest.mark.faults("CMD10")
async def test_two_of_one_name_in_one_branch_are_told_apart_by_account(office: Office) -> None:
    async with office.database.transaction() as tx:
        await office.join(tx, "zs9", "张三", "第二支部")
    number = await office.item()

    words = await office.words("boss", f"恢复 {number} 张三@第二支部")

    assert words.endswith(f"张三@zs2（第二支部）、张三@zs9（第二支部）。例如：恢复 {number} 张三@zs2")


async def test_names_of_several_words(office: Office) -> None:
    async with office.database.transaction() as tx:
        await office.join(tx, "smith", "John Smith", "第一支部")
    number = await office.item()

    assert "John Smith 的" in await office.words("boss", f"excuse {number} John Smith on leave")
    assert await office.state(number, "smith") == "excused"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("豁免 1 陈靖 出差", "#1 的对象里没有“陈靖”，是不是“陈静”？"),
        ("豁免 1 诸葛亮 出差", "#1 的对象里没有“诸葛亮”。"),
        ("豁免 1 吴刚 出差", "#1 的对象里没有“吴刚”。"),
        ("豁免 1 陈静", "请写明事由，例如：豁免 1 陈静 出差"),
        ("豁免 1", "请写明编号、姓名和事由，例如：豁免 12 张三 出差"),
        ("豁免 陈静 出差", "请写明编号、姓名和事由，例如：豁免 12 张三 出差"),
        ("恢复 1", "请写明编号和姓名，例如：恢复 12 张三"),
        ("恢复 1 陈静", "陈静 的 #1 没有豁免，不用恢复。"),
    ],
)
async def test_what_is_missing_is_asked_for(office: Office, said: str, answer: str) -> None:
    assert await office.item() == 1
    assert await office.words("boss", said) == answer


async def test_who_is_done_needs_no_excuse(office: Office) -> None:
    number = await office.item()
    await office.acknowledges("chen", number)

    words = await office.words("boss", f"豁免 {number} 陈静 出差")

    assert words == f"陈静 在 11月23日（周一）10:00 已经完成 #{number}，不用豁免。"
    assert await office.state(number, "chen") == "acknowledged"


async def test_twice_is_once(office: Office) -> None:
    number = await office.item()
    await office.words("boss", f"豁免 {number} 陈静 出差")

    assert "已经豁免：出差" in await office.words("boss", f"豁免 {number} 陈静 生病")


async def test_in_a_group_nothing_about_a_person_is_said(office: Office) -> None:
    number = await office.item()

    reply = await office.says("boss", f"豁免 {number} 陈静 出差", group=True)

    assert reply.text == "结果已私下发给您。"
    assert reply.private is not None
    assert "陈静" in reply.private.text


async def test_what_is_not_out_needs_no_excuse(office: Office) -> None:
    number = await office.item(status=ItemStatus.DRAFT)

    assert await office.words("boss", f"豁免 {number} 陈静 出差") == f"#{number} 不在进行中，不用豁免或恢复。"


async def _next(office: Office, number: int, user_id: str) -> object:
    async with office.database.reading() as tx:
        delivery = await tx.deliveries.get(number, office.members[user_id])
        assert delivery is not None
        found = await tx.reminders.open_of([delivery.id])
        return found[delivery.id].due_at if found else None
