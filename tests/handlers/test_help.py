"""`帮助`: what one may do, and nothing that one may not."""

import re

import pytest

from bot.texts import LOCALES, catalogue
from handlers import commands
from tests.handlers.office import Office

MEMBER = ("收到", "稍后", "明早", "待办", "我的记录", "帮助")
SECRETARY = (
    "通知",
    "学习",
    "确认",
    "取消",
    "撤销",
    "列表",
    "结束",
    "补发",
    "进度",
    "未读",
    "催办",
    "撤回",
    "豁免",
    "恢复",
)


async def test_a_member_is_shown_what_members_do(office: Office) -> None:
    words = await office.words("chen", "帮助")

    shown = [line.partition("：")[0] for line in words.splitlines()]
    assert set(MEMBER) <= set(shown)
    assert not set(SECRETARY) - {"确认"} & set(shown)
    assert "支部工作" not in words


async def test_a_secretary_is_shown_both_in_groups(office: Office) -> None:
    words = await office.words("li", "help")

    member, _, branch = words.partition("支部工作：")
    assert all(f"\n{word}：" in member for word in MEMBER)
    assert all(f"\n{word}：" in f"{member}{branch}" for word in SECRETARY)
    lines = [line for line in branch.splitlines() if "：" in line]
    assert all("例如" in line or "直接发" in line or "在群里发" in line for line in lines)


async def test_a_supervisor_is_shown_what_supervisors_do(office: Office) -> None:
    words = await office.words("zhao", "帮助")

    assert "\n进度：" in words
    assert "\n未读：" in words
    assert "\n撤回：" not in words


async def test_every_command_is_explained(office: Office) -> None:
    for command in office.commands.all:
        for word in command.words[:2]:
            long = await office.words("admin", f"帮助 {word}")
            assert long.startswith(f"{command.words[0]}：")
            assert 1 <= long.count("\n") <= 5


HOW = {"zh_CN": r"(例如|直接发|在群里发)：\S", "en": r"(e\.g\.|just send:|in the group:) \S"}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_entry_has_the_same_shape(locale: str) -> None:
    sentences = catalogue(locale)
    for command in commands().all:
        word = command.words[0] if locale == "zh_CN" else command.words[1]
        begins = f"{word}：" if locale == "zh_CN" else f"{word}: "
        short, long = sentences[command.help], sentences[f"{command.help}.long"]
        assert short.startswith(begins), short
        assert re.search(HOW[locale], short), short
        assert "\n" not in short, short
        assert len(short) <= (48 if locale == "zh_CN" else 110), short
        assert long.startswith(begins), long
        assert 1 <= long.count("\n") <= 5, long


async def test_one_word_with_two_meanings_is_explained_with_both(office: Office) -> None:
    office.commands = commands()
    assert (await office.words("li", "帮助 报名")).count("报名：") == 2
    assert (await office.words("chen", "帮助 报名")).count("报名：") == 1
    assert (await office.words("admin", "帮助")).count("\n撤销：") == 2
    assert "收回写给群众" not in await office.words("li", "帮助")


@pytest.mark.faults("CMD1")
@pytest.mark.parametrize("word", ["撤回", "withdraw", "通知", "豁免"])
async def test_what_one_may_not_use_is_unknown(office: Office, word: str) -> None:
    forbidden = await office.words("chen", f"帮助 {word}")
    invented = await office.words("chen", "帮助 画饼")

    assert forbidden == invented.replace("画饼", word)


async def test_a_slip_is_understood(office: Office) -> None:
    assert await office.words("li", "帮助 进渡") == "没有“进渡”这个命令，是不是想说“进度”？想看能做什么，请发：帮助"
