"""Every command once in each language: no text is missing, no placeholder is left."""

import pytest

from bot.update import UpdateKind
from storage.enums import ItemStatus
from tests.handlers.office import Office


async def test_a_whole_story(every_office: Office) -> None:
    office = every_office
    await office.bind("第一支部")
    number = await office.item()
    await office.item(status=ItemStatus.DRAFT)
    await office.item(timed=True)
    await office.refuse("liu", "not_in_range")
    await office.send("zs1", "chen", "li", "zhou", kinds=["item", "group"])
    await office.acknowledges("zs1", number)
    said = [
        *("help", "help notice", "help nonsense", "list", "status", f"status {number}", "status x", "unread"),
        *(f"unread {number}", "mydata", "todo", f"excuse {number} 陈静 away", f"restore {number} 陈静"),
        *(f"excuse {number} 张三 away", f"restore {number} 张三", f"excuse {number} 陈靖 x", f"add {number} 吴刚"),
        *(f"add {number} 王建国", f"add {number} 张三丰", "excuse", "restore", "add", "close", "withdraw", "/statu"),
        *("close 2", "close 3", f"close {number}", f"close {number}", f"add {number} 王建国", "withdraw 2"),
        *("withdraw 3", f"withdraw {number}", f"withdraw {number}", f"status {number}", f"close {number}"),
        *(f"restore {number} 陈静", "status 77", " "),
    ]
    for words in said:
        for group in (False, True):
            reply = await office.says("boss", words, group=group)
            for part in (reply, reply.private or reply):
                _is_whole(part.text)
    _is_whole(await office.words("chen", "在哪里开会呢"))
    await office.item("li", branch="第一支部", to=["第一支部"])
    greeting = await office.does("chen", UpdateKind.ENTER)
    assert greeting is not None
    _is_whole(greeting.text)
    others = await office.item("li", branch="第一支部", to=["第一支部"])
    await office.words("boss", f"close {others}")
    for kind in ("withdrawal", "closing", "forward"):
        heard = await office.heard(kind)
        assert heard
        for words in heard.values():
            _is_whole(words)


def _is_whole(words: str) -> None:
    assert words.strip()
    assert "{" not in words


@pytest.mark.parametrize("kind", [UpdateKind.MEDIA, UpdateKind.CLICK])
async def test_what_is_not_understood(every_office: Office, kind: UpdateKind) -> None:
    reply = await every_office.does("chen", kind)

    assert reply is not None
    _is_whole(reply.text)
