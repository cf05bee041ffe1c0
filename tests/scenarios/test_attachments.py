"""Pictures and files that a secretary sends with a notice: in by either road, looked at, kept, shown, sent."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.inbound.fetching import LEASE
from bot.simulator.browser import Browser
from tests import samples
from tests.rooms import Room, over_the_socket, sends_bot_file, taps_bot, tells_bot
from tests.world import Person, World, build

LARGE = 200 * 1024 * 1024


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Phones whose browser is logged in by the vendor's own address, which nothing here reaches."""
    real = {"oauth_base": "https://open.weixin.qq.com"}
    async with build(f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path, bot=True, wecom=real) as built:
        yield built


async def opens(person: Person) -> tuple[Browser, str]:
    """The member's browser, logged in, and the address of the page that their newest card leads to."""
    card = person.cards()[-1]
    browser = person.world.twin.browser(person.userid)
    page = await browser.get(card.url)
    assert page.status == 200
    return browser, card.url


def stored(world: World) -> list[Path]:
    folder = world.app.settings.files.folder.root
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.faults("WEB20")
async def test_a_notice_with_a_picture_and_a_file(world: World) -> None:
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    photo = samples.photographed()
    assert await secretary.sends_file("IMG_1.jpg", photo) == (
        "已收到图片。15 分钟内写 /通知 或 /学习，就会附在后面；不要附请发：不附"
    )
    await secretary.says("/通知 关于召开支部大会的通知\n各位成员：请看附件。")
    assert "图片1.jpg（4 KB）" in secretary.last.text
    said = await secretary.sends_file("会议\u202e议程.docx", samples.DOCX)
    assert said == "已收到文件，#1 现在有 2 个附件，发布时一起附上。只拿掉这一个请发：不附 1 2"
    await secretary.sends_file("../多余的.pdf", samples.PDF)
    assert await secretary.says("不附 1 3") == "已从 #1 拿掉 1 个附件，还剩 2 个。"
    await secretary.taps("发送")
    await world.skips(minutes=3)

    card = li.cards()[-1]
    assert "附件" in card.text
    assert "2 个" in card.text
    assert li.files() == []  # the page has them
    browser, url = await opens(li)
    page = (await browser.get(url)).text
    assert 'alt="图片1.jpg"' in page
    assert 'loading="lazy"' in page
    assert "会议议程.docx" in page
    assert "DOCX · " in page
    assert "多余的" not in page

    token = url.rpartition("/")[2]
    numbers = [int(part.partition('"')[0]) for part in page.split(f'src="{token}/f/')[1:]]
    picture = await browser.get(f"{url}/f/{numbers[0]}")
    assert picture.status == 200
    assert picture.headers["Content-Type"] == "image/jpeg"
    assert picture.headers["Content-Disposition"].startswith("inline;")
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    assert picture.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert picture.body.startswith(samples.PHOTO[:2])
    assert len(picture.body) < len(photo)
    document = await browser.get(f"{url}/f/{numbers[0] + 1}", "bytes=0-3")
    assert (document.status, document.body) == (206, b"PK\x03\x04")
    disposition = document.headers["Content-Disposition"]
    assert disposition == f"attachment; filename=\"file.docx\"; filename*=UTF-8''{quote('会议议程.docx')}"
    assert (await browser.get(f"{url}/f/999")).status == 404

    (other,) = await world.branch("第二支部", secretary="赵书记")
    for outsider in (world.stranger(), other):
        foreign = world.twin.browser(outsider.userid)
        assert (await foreign.get(url)).status == 404
        assert (await foreign.get(f"{url}/f/{numbers[0]}")).status == 404
    await secretary.says("撤回 1")
    assert (await browser.get(f"{url}/f/{numbers[0]}")).status == 404
    assert wang.files() == []


@pytest.mark.faults("WEB20", "OUT21")
async def test_what_cannot_be_attached_says_so_and_nothing_is_kept(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    assert await li.sends_file("a.jpg", samples.PHOTO) == "目前只看得懂文字，图片、语音和文件请改用文字告诉我。"
    assert (await secretary.phone.send("link") or "").startswith("链接收到了")
    await secretary.says("/通知 周五开会")
    secretary.heard()
    for name, content, options, why in (
        ("通知.pdf", samples.EXE, {}, "“通知.pdf”不能附：内容和文件名的后缀对不上。请用原来的文件再发一次。"),
        ("议程.docm", samples.DOCM, {}, "“议程.docm”不能附：里面带有宏。请另存为 docx、xlsx 或 pptx 再发。"),
        ("资料.zip", samples.zipped("a.exe"), {}, "“资料.zip”不能附：只收图片"),
        ("旧.doc", samples.OLD_OFFICE, {}, "“旧.doc”不能附：是旧版文档，或者设了密码。"),
        ("一半.docx", samples.DOCX[:-30], {}, "“一半.docx”不能附：文件不完整，打不开。请重新发一次。"),
        ("录像.pdf", b"", {"swollen": LARGE}, "“录像.pdf”不能附：超过了 20 MB。请压缩后再发"),
        ("无底洞.pdf", b"", {"swollen": -LARGE}, "“无底洞.pdf”不能附：超过了 20 MB。"),
        ("照片.jpg", b"<html>", {}, "刚才发的文件不能附：只收图片"),
    ):
        answer = await secretary.sends_file(name, content, **options)
        assert answer is not None
        assert "#1" in answer
        assert secretary.heard()[-1].startswith(why)
        await world.skips(minutes=1)
    assert stored(world) == []
    async with world.reading() as tx:
        item = await tx.items.get(1)
        assert item is not None
        assert item.attached == 0
    assert await secretary.says("不附 1") == "#1 没有附件。"
    assert await secretary.says("不附 一二") == "请这样写：不附 12，或 不附 12 2（只拿掉第 2 个）"
    assert await secretary.says("不附") == "没有等着附上的图片或文件。"
    assert await li.says("不附 1") != "#1 没有附件。"


async def test_equal_files_lie_there_once_and_old_ones_go(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    await secretary.says("/通知 第一件")
    await secretary.sends_file("议程.pdf", samples.PDF)
    await secretary.sends_file("同一份.pdf", samples.PDF)
    assert secretary.heard()[-1] == "“同一份.pdf”已经附过了，不用再发。"
    await secretary.says("/通知 第二件")
    await secretary.sends_file("又一次.pdf", samples.PDF)
    await secretary.sends_file("照片.jpg", samples.PHOTO)
    assert len(stored(world)) == 2
    await secretary.says("确认 1")
    assert await secretary.says("不附 1") == "#1 已经确认，附件改不了。先发：撤销 1"
    await world.skips(minutes=3)
    assert await secretary.says("不附 1") == "#1 已经发出，附件拿不掉了。要收回整条请发：撤回 1"
    await secretary.says("取消 2")
    await world.skips(days=8)
    await world.app.settle()
    assert [path.read_bytes() for path in stored(world)] == [samples.PDF]
    browser, url = await opens(li)
    assert "议程.pdf" in (await browser.get(url)).text


async def test_nine_and_no_more(world: World) -> None:
    (secretary,) = await world.branch()
    for number in range(9):
        await secretary.phone.send_file(f"{number}.pdf", samples.PDF + str(number).encode())
    assert await secretary.sends_file("9.pdf", samples.PDF) == "一条最多附 9 个，刚才这个没有收下。"
    await secretary.says("/通知 材料很多")
    assert await secretary.sends_file("9.pdf", samples.PDF) == "一条最多附 9 个，刚才这个没有收下。"
    assert await secretary.says("不附 1 10") == "#1 只有 9 个附件，请写 1 到 9 中的一个。"
    assert await secretary.says("不附 1") == "#1 的附件都拿掉了。"
    await secretary.sends_file("早的.pdf", samples.PDF)
    await world.skips(hours=3)
    await secretary.says("/通知 第二天")
    assert "附件" not in secretary.last.text


async def test_nothing_is_confirmed_half(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    world.twin.faults.add("media/get", http_status=500, times=3)
    await secretary.says("/通知 周五开会")
    await secretary.sends_file("议程.pdf", samples.PDF)
    await secretary.taps("发送")
    assert secretary.heard()[-1] == "#1 还有附件没收完，请过几秒再确认；不等了请先发：不附 1"
    await world.restart(abruptly=True)
    for seconds in (2, 6, 31):
        await world.skips(seconds=seconds)
    await secretary.taps("发送")
    await world.skips(minutes=3)
    browser, url = await opens(li)
    assert "议程.pdf" in (await browser.get(url)).text

    await secretary.says("/通知 第二件")
    world.twin.faults.add("media/get", errcode=40007)
    await secretary.sends_file("没了.pdf", samples.PDF)
    assert secretary.heard()[-1] == "“没了.pdf”没有收到：平台上已经取不到了。请重新发一次。"
    await secretary.phone.send_file("断了.pdf", samples.PDF)
    async with world.app.database.transaction() as tx:  # a process that dies while it fetches
        now = world.clock.now()
        assert len(await tx.attachments.claim(now, ["wecom"], 2, until=now + LEASE)) == 1
    await world.restart(abruptly=True)
    await world.skips(minutes=6)
    async with world.reading() as tx:
        assert [each.name for each in await tx.attachments.of_item(2)] == ["断了.pdf"]


@pytest.mark.faults("OUT20")
async def test_the_group_bot_alone(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    async with build(url, tmp_path, bot=True, wecom=None, public_url=None) as world:
        secretary, li = await world.branch(members=["李四"])
        room = Room(world, "group-1", [secretary, li])
        for person in (secretary, li):
            await tells_bot(person, "帮助")
        await room.says(secretary, "绑定 第一支部")
        await tells_bot(secretary, "/通知 周五开会")
        said = await sends_bot_file(secretary, "会议议程.docx", samples.DOCX)
        assert said == ["已收到文件，发布时附在 #1 后。不要附请发：不附 1"]
        await sends_bot_file(secretary, "照片.jpg", samples.photographed())
        await taps_bot(secretary, "发送")
        await world.skips(minutes=3)
        names = [name for name, _ in li.files()]
        assert names == ["会议议程.docx", "图片2.jpg"]
        assert samples.PLACE_BYTES not in li.files()[1][1]
        kinds = [shown.kind for shown in li.phone.bot_messages if shown.sender == "bot"][-3:]
        assert kinds == ["card", "file", "image"]
        assert [shown.kind for shown in room.group.messages if shown.sender == "bot"][-3:] == kinds

        uploads = len([r for r in world.twin.requests if r.api == "aibot_upload_media_init"])
        assert uploads == 2
        zhao = await world.member("赵六", "第一支部")
        await tells_bot(zhao, "帮助")
        await world.skips(days=3, hours=1)
        await tells_bot(secretary, "补发 1 赵六")
        assert [name for name, _ in zhao.files()] == names
        assert len([r for r in world.twin.requests if r.api == "aibot_upload_media_init"]) == 4

        await tells_bot(secretary, "更正 1\n改到周六")
        await tells_bot(secretary, "确认 1 小修")
        await world.skips(minutes=3)
        assert [name for name, _ in li.files()] == names, "a small change brings no files again"
        await tells_bot(secretary, "更正 1\n改到周日")
        await tells_bot(secretary, "确认 1 重要")
        await world.skips(minutes=3)
        assert [name for name, _ in li.files()] == [*names, *names]


async def test_a_picture_beside_the_command_in_a_group(world: World) -> None:
    secretary, li = await world.branch(members=["李四"])
    room = Room(world, "group-1", [secretary, li])
    await room.says(secretary, "绑定 第一支部")
    words = "/通知 会场照片"
    await over_the_socket(world, room.group.mention_with(secretary.userid, words, "a.jpg", samples.PHOTO))
    assert "1 个" in room.last.text
    async with world.reading() as tx:
        assert [each.name for each in await tx.attachments.of_item(1)] == ["图片1.jpg"]
    await room.taps(secretary, "发送")
    await world.skips(minutes=3)
    assert room.last.kind == "image"
    browser, url = await opens(li)
    assert 'alt="图片1.jpg"' in (await browser.get(url)).text
