"""`撤回`: what can be taken back is, everybody who had it is told, and the answer is honest."""

from datetime import timedelta

import pytest

from bot.errors import UserError
from bot.services.withdrawing import withdraw
from storage.enums import ItemStatus, ReceiptKind
from tests.handlers.office import GROUP, Office

pytestmark = pytest.mark.faults("OUT24", "OUT37")


async def test_half_was_sent(office: Office) -> None:
    number = await office.item()
    await office.send("zs1", "chen", "liu")
    await office.acknowledges("zs1", number)
    await office.acknowledges("chen", number, ReceiptKind.READ)

    words = await office.words("boss", f"撤回 {number}")

    assert words == (
        f"#{number} 支部大会\n已撤回，催办已停止。撤回不能恢复。\n"
        "· 撤回前已有 2 人看过\n"
        f"· 正在从 3 人的手机撤回，结果出来就告诉您，也可以问：进度 {number}\n"
        "· 3 人还没有发到，不会再发\n"
        "· 收到过的人都会接到一句说明"
    )
    assert await office.status(number) == ItemStatus.WITHDRAWN
    assert [await office.state(number, who) for who in ("zs1", "liu", "zs2")] == ["acknowledged", "sent", "excused"]
    told = await office.heard("withdrawal")
    assert set(told) == {"zs1", "chen", "liu"}
    assert set(told.values()) == {f"#{number} 支部大会 已撤回，请不要再按它办理，也不用回复了。"}
    assert await office.heard("recall") == {"-": "Recall(ref='MSGID-1', type='recall')"}
    assert await office.heard("item") == {}


async def test_those_who_are_told_are_told_in_one_call(office: Office) -> None:
    await office.words("boss", f"撤回 {await _sent(office)}")

    told = [message for message in await office.waiting() if message.kind == "withdrawal"]

    assert len(told) == 6
    assert len({message.content_id for message in told}) == 1


async def test_reminders_end(office: Office) -> None:
    number = await _sent(office)
    async with office.database.reading() as tx:
        assert await tx.lists.next_reminder(number) is not None

    await office.words("boss", f"撤回 {number}")

    async with office.database.reading() as tx:
        assert await tx.lists.next_reminder(number) is None


async def test_what_is_older_than_a_day_stays_and_the_answer_says_so(office: Office) -> None:
    number = await office.item()
    await office.send("zs1", "chen")
    office.wait(hours=24)
    await office.send()

    words = await office.words("boss", f"撤回 {number}")

    assert "正在从 4 人的手机撤回" in words
    assert "2 人的消息撤不回来：超过 24 小时，或平台不支持" in words
    assert await office.heard("recall") == {"-": "Recall(ref='MSGID-2', type='recall')"}


async def test_a_group_post_stays_and_gets_a_line(office: Office) -> None:
    await office.bind("第一支部")
    number = await _sent(office)

    words = await office.words("boss", f"撤回 {number}", group=True)

    assert "1 个群里的消息撤不回来，已在群里说明" in words
    assert f"chat:{GROUP}" in await office.heard("withdrawal")
    assert "张三" not in words


async def test_a_group_that_never_got_the_post_gets_no_line(office: Office) -> None:
    await office.bind("第一支部")
    number = await office.item()
    await office.send(kinds=["item"])

    words = await office.words("boss", f"撤回 {number}")

    assert "群里" not in words
    assert f"chat:{GROUP}" not in await office.heard("withdrawal")
    assert await office.heard("group") == {}


async def test_how_the_recall_went_is_shown_with_the_progress(office: Office) -> None:
    number = await office.item()
    await office.send("zs1", "chen")
    await office.send("liu")
    office.wait(hours=1)
    await office.words("boss", f"撤回 {number}")
    assert "正在撤回 3 人的消息" in await office.words("boss", f"进度 {number}")

    await office.settle_recall(f"{number}:1", reason=None)
    await office.settle_recall(f"{number}:2", reason="too_late")

    words = await office.words("boss", f"进度 {number}")
    assert "已从 2 人的手机撤回" in words
    assert "1 人的消息没能撤回：超过平台允许的时间" in words


async def test_a_call_that_nobody_answered_is_never_promised(office: Office) -> None:
    number = await office.item()
    await office.doubt("zs1")

    words = await office.words("boss", f"撤回 {number}")

    assert "1 人的消息撤不回来" in words
    assert set(await office.heard("withdrawal")) == {"zs1"}


async def test_a_scheduled_item_is_taken_back_before_anybody_saw_it(office: Office) -> None:
    number = await office.item(timed=True)

    words = await office.words("boss", f"撤回 {number}")

    assert words == f"#{number} 支部大会\n还没有发出，已收回，没有人看到。"
    assert await office.status(number) == ItemStatus.WITHDRAWN
    assert await office.waiting() == []


@pytest.mark.faults("CMD17")
async def test_a_withdrawal_is_recorded_and_says_that_it_is_final(office: Office) -> None:
    number = await _sent(office)

    assert "撤回不能恢复" in await office.words("boss", f"撤回 {number}")
    assert await office.words("boss", f"撤回 {number}") == f"#{number} 已经撤回过了。"
    assert (await office.audits(f"item:{number}")).count("item.withdraw") == 1


async def test_a_draft_is_not_withdrawn(office: Office) -> None:
    number = await office.item(status=ItemStatus.DRAFT)

    assert f"取消 {number}" in await office.words("boss", f"撤回 {number}")
    assert await office.status(number) == ItemStatus.DRAFT


async def test_a_closed_item_can_be_withdrawn(office: Office) -> None:
    number = await _sent(office)
    await office.words("boss", f"结束 {number}")

    assert "正在从 6 人的手机撤回" in await office.words("boss", f"撤回 {number}")


@pytest.mark.faults("CMD16")
@pytest.mark.parametrize("said", ["撤回", "撤回 1;2", "撤回 1 2", "撤回 1 写错了", "撤回 99999999999999999999"])
async def test_the_number_is_never_guessed(office: Office, said: str) -> None:
    number = await _sent(office)

    assert await office.words("boss", said) == "撤回不能恢复，请写明编号，例如：撤回 12"
    assert await office.status(number) == ItemStatus.PUBLISHED


async def test_another_system_withdraws_by_the_same_door(office: Office) -> None:
    number = await _sent(office)
    async with office.database.transaction() as tx:
        item = await tx.items.get(number)
        assert item is not None
        done = await withdraw(tx, office.settings, item, actor_id=None, source="api", now=office.now)
        assert (done.recalling, done.kept, done.seen) == (6, 0, 0)
        with pytest.raises(UserError) as again:
            await withdraw(tx, office.settings, item, actor_id=None, source="api", now=office.now)
    assert again.value.key == "withdrawing.withdrawn"


async def test_a_late_receipt_does_not_count_for_a_withdrawn_item(office: Office) -> None:
    number = await _sent(office)
    await office.words("boss", f"撤回 {number}")

    assert await office.acknowledges("zs1", number) == "withdrawn"


async def test_the_recall_is_not_tried_when_the_day_is_over(office: Office) -> None:
    number = await _sent(office)
    await office.words("boss", f"撤回 {number}")

    (recall,) = [message for message in await office.waiting() if message.kind == "recall"]

    assert recall.expires_at == office.now + timedelta(hours=24)


async def _sent(office: Office) -> int:
    number = await office.item()
    await office.send()
    return number
