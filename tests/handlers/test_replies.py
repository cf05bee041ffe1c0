"""Words that are no command."""

import re

from storage.enums import MemberStatus
from tests.handlers.office import Office


async def test_an_answer_goes_to_the_author(office: Office) -> None:
    number = await _sent(office)

    words = await office.words("chen", "周五我在外地，可以视频参加吗？")

    assert words == f"已转给发布人：#{number} 支部大会\n这一条还等您确认，请发：收到 {number}"
    assert await office.heard("forward") == {
        "boss": f"陈静（第一支部）回复 #{number} 支部大会：\n周五我在外地，可以视频参加吗？"
    }


async def test_from_a_group_it_is_the_same(office: Office) -> None:
    await _sent(office)

    reply = await office.says("chen", "请问在哪个会议室", group=True)

    assert reply.text == "已转给发布人：#1 支部大会"
    assert "boss" in await office.heard("forward")


async def test_two_answers_are_two_messages(office: Office) -> None:
    await _sent(office)

    await office.says("chen", "几点开始呢")
    await office.says("chen", "几点开始呢")

    forwarded = [message for message in await office.waiting() if message.kind == "forward"]
    assert len(forwarded) == 2


async def test_a_long_answer_arrives_whole(office: Office) -> None:
    await _sent(office)

    await office.says("chen", "情况说明。" * 300)

    heard = ""
    while parts := await office.heard("forward"):
        heard += re.sub(r"\n\(\d/\d\)$", "", parts["boss"])
        await office.send(kinds=["forward"])
    assert heard.count("情况说明。") == 300


async def test_the_author_is_not_sent_his_own_words(office: Office) -> None:
    await office.item(to=["机关总支"])
    await office.send()

    assert "没有听懂" in await office.words("boss", "大家看到了吗")
    assert await office.heard("forward") == {}


async def test_without_an_item_just_received_there_is_a_hint(office: Office) -> None:
    await _sent(office)
    assert "帮助" in await office.words("wu", "你好呀")

    office.wait(days=3, seconds=1)

    assert "帮助" in await office.words("chen", "现在才看到")
    assert await office.heard("forward") == {}


async def test_where_the_author_has_left_a_secretary_hears_it(office: Office) -> None:
    await office.item("li", branch="机关总支")
    await office.send()
    async with office.database.transaction() as tx:
        member = await tx.members.get(office.members["li"])
        assert member is not None
        member.status = MemberStatus.LEFT

    await office.says("chen", "请假怎么办理呢")

    assert set(await office.heard("forward")) == {"boss"}


async def _sent(office: Office) -> int:
    number = await office.item()
    await office.send()
    return number
