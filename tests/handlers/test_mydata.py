"""`我的记录`."""

import pytest

from bot.services.mydata import masked
from tests.handlers.office import Office


async def test_everything_that_is_kept(office: Office) -> None:
    number = await office.item(to=["第一支部"])
    await office.send()
    await office.acknowledges("li", number)

    words = await office.words("li", "我的记录")

    assert words.startswith(
        "李红，第一支部\n学习层级：正式\n手机：138****5678\n企业微信账号：li\n角色：书记（第一支部）\n"
    )
    assert "· 发给您的条目：1 条" in words
    assert "· 您的回执：1 条" in words
    assert "· 给您的提醒：1 条" in words
    assert "· 发给您的消息：1 条" in words
    assert "保存期限：" in words
    assert "目前没有别人看过含您姓名的名单" in words
    assert words.endswith("最近几条：\n#1 支部大会  已确认 11月23日（周一）10:00")
    assert "13812345678" not in words


async def test_who_cannot_be_reached_learns_why(office: Office) -> None:
    async with office.database.transaction() as tx:
        await tx.members.mark_unreachable("wecom", {"wu": "no_licence"})

    words = await office.words("wu", "mydata")

    assert "目前发不到您：没有接口许可" in words
    assert "角色：无" in words
    assert "最近几条" not in words


async def test_an_administrator_is_named_as_one(office: Office) -> None:
    assert "角色：系统管理员" in await office.words("admin", "我的记录")


async def test_never_in_a_group(office: Office) -> None:
    reply = await office.says("chen", "我的记录", group=True)

    assert reply.text == "您的记录已私下发给您。"
    assert reply.private is not None
    assert "陈静" in reply.private.text


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        ("+8613812345678", "+86138****5678"),
        ("01012345", "******45"),
        ("7", "7"),
        ("", ""),
    ],
)
def test_a_phone_is_masked(phone: str, shown: str) -> None:
    assert masked(phone) == shown
