"""What comes in while the database takes nothing waits in files, and acts once when it works again."""

import asyncio
import stat
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import func, select, text

from bot.inbound.spool import Spool
from bot.update import Update, UpdateKind
from storage.receipts import Receipt
from tests.bot.platforms.wecom_bot.desk import until
from tests.world import MONDAY_MORNING, World, build

FOLDER = "bot.db.spool"
NOTICE = "/通知 周五开会\n对象：李四"


async def broken(world: World) -> None:
    """Nothing that comes in can be stored."""
    async with world.app.database.writing() as connection:
        await connection.execute(
            text("CREATE TRIGGER full BEFORE INSERT ON inbox BEGIN SELECT RAISE(ABORT, 'full'); END")
        )


async def mended(world: World) -> None:
    async with world.app.database.writing() as connection:
        await connection.execute(text("DROP TRIGGER full"))


async def receipts(world: World) -> int:
    async with world.app.database.reader.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(Receipt)) or 0


async def readiness(world: World) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"{world.app.config.public_url}/readyz") as answer:
        return answer.status, await answer.text()


def spooled(folder: Path) -> list[Path]:
    return sorted((folder / FOLDER).glob("*.update"))


@pytest.mark.faults("CB20", "DB5")
async def test_what_nobody_could_store_acts_once_after_a_restart(tmp_path: Path) -> None:
    access = {"administrators": ["user3"]}
    async with build(f"sqlite+aiosqlite:///{tmp_path}/bot.db", tmp_path, access=access) as world:
        secretary, li, admin = await world.branch(members=["李四", "管理员"])
        await world.published(secretary, NOTICE)
        await broken(world)
        await li.says("收到")
        callback = world.twin.callbacks[-1]
        assert callback.statuses == [0, 0, 0], "neither a success nor an error"
        (file,) = spooled(tmp_path)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert (await readiness(world))[0] == 503
        assert "1 updates wait" in (await readiness(world))[1]
        await world.restart()
        assert spooled(tmp_path) == [file], "it does not work yet"
        assert (await readiness(world))[0] == 503

        await mended(world)
        await world.restart()
        assert await receipts(world) == 1
        await world.app.settle()
        assert spooled(tmp_path) == []
        assert [words for words in admin.heard() if "1 条消息先存在了文件里" in words]
        li.heard()
        await world.twin.app.push(callback.plaintext, userid=li.userid)
        assert world.twin.callbacks[-1].statuses == [200]
        assert await receipts(world) == 1


@pytest.mark.faults("CB20", "CB32")
async def test_what_the_group_bot_heard_meanwhile_is_not_lost(group_world: World, tmp_path: Path) -> None:
    secretary, li = await group_world.branch(members=["李四"])
    await group_world.published(secretary, NOTICE)
    await broken(group_world)
    await li.phone.say_to_bot("收到 1")
    async with asyncio.timeout(20):
        while True:
            if spooled(tmp_path):
                break
            await asyncio.sleep(0.01)
    await group_world.app.settle()
    await mended(group_world)
    await group_world.app.settle()
    assert (await receipts(group_world), spooled(tmp_path)) == (1, [])


@pytest.mark.faults("CB20")
async def test_where_the_spool_fails_too_there_is_no_answer_and_the_next_words_are_heard(
    world: World, tmp_path: Path
) -> None:
    secretary, li = await world.branch(members=["李四"])
    await world.published(secretary, NOTICE)
    (tmp_path / FOLDER).write_text("no folder", encoding="utf-8")
    await broken(world)
    await li.says("收到")
    assert world.twin.callbacks[-1].statuses == [0, 0, 0]
    await mended(world)
    await li.says("收到")
    assert (world.twin.callbacks[-1].statuses, await receipts(world)) == ([200], 1)


@pytest.mark.faults("CB20", "CB23")
async def test_a_file_that_is_no_update_is_set_aside_and_holds_up_nobody(world: World, tmp_path: Path) -> None:
    secretary, li = await world.branch(members=["李四"])
    await world.published(secretary, NOTICE)
    await broken(world)
    await li.says("收到")
    spooled(tmp_path)[0].with_name("0.update").write_text("{", encoding="utf-8")
    await mended(world)
    await world.restart()
    for _ in range(5):
        await world.app.settle()
    assert (await receipts(world), spooled(tmp_path)) == (1, [])
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == ["0.aside"]


@pytest.mark.faults("CB20", "PRV4")
async def test_a_secret_vote_lies_in_no_file(world: World, tmp_path: Path) -> None:
    secretary, li = await world.branch(members=["李四"])
    await world.published(secretary, "/投票 去哪里\n对象：李四\n匿名：是\n选项：甲、乙")
    await broken(world)
    await li.says("投 1 A")
    assert world.twin.callbacks[-1].statuses == [0, 0, 0]
    assert spooled(tmp_path) == []
    await mended(world)


@pytest.mark.faults("CB20")
def test_the_spool_has_an_end_and_keeps_a_copy_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path / FOLDER, most=2, most_bytes=2000)
    one, two, three = (update(str(number)) for number in range(3))
    assert [spool.keep(each) for each in (one, one, two, three)] == [True, True, True, False]
    assert len(spool) == len(spooled(tmp_path)) == 2
    assert len(Spool(tmp_path / FOLDER)) == 2, "a new process finds them"
    assert [spool.read(name) for name in spool.waiting()] == [one, two]
    spool.remove(spool.waiting()[0])
    assert not spool.keep(update("long", "长" * 1000))
    assert spool.keep(three)


def update(key: str, words: str = "收到") -> Update:
    return Update("wecom", key, UpdateKind.TEXT, "user1", MONDAY_MORNING, text=words)


@pytest.mark.faults("CB1", "CB20")
async def test_what_is_given_up_before_it_was_read_is_kept_and_holds_up_nobody(world: World, tmp_path: Path) -> None:
    secretary, impatient, patient = await world.branch(members=["李四", "王五"])
    writer = world.app.writer
    waits = writer.patience, writer.grace
    async with world.app.database.transaction(), asyncio.timeout(30):
        first = asyncio.create_task(secretary.says("我是谁呀"))
        await until(lambda: bool(world.twin.callbacks) and not writer.waiting)
        writer.patience = writer.grace = timedelta()
        second = asyncio.create_task(impatient.says("我是谁呀"))
        await until(lambda: bool(spooled(tmp_path)))
        writer.patience, writer.grace = waits
        third = asyncio.create_task(patient.says("我是谁呀"))
        await until(lambda: writer.waiting >= 2)
    await asyncio.gather(first, second, third)
    await world.app.settle()

    assert spooled(tmp_path) == []
    assert [each.statuses for each in world.twin.callbacks if each.userid == patient.userid] == [[200]]
    assert len(impatient.heard()) == 1
