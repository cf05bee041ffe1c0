"""A backup is made in the middle of everything, the bot goes on, and the backup comes back: nothing is sent twice."""

import json
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest

from bot.app import App
from bot.services import resuming
from bot.services.holding import fingerprint, is_elsewhere
from bot.services.persons import forget_again
from bot.services.restores import settle_in
from storage.copies import back_up, check
from storage.enums import DeliveryState, Held, ItemStatus, Phase
from storage.restoring import restore_file, restore_schema
from storage.transaction import Transaction
from tests.world import World

NOTICE = "/通知 周五开会\n对象：第一支部\n要求：确认"


async def readiness(world: World) -> tuple[int, str]:
    async with aiohttp.ClientSession() as client, client.get(f"{world.app.config.public_url}/readyz") as response:
        return response.status, json.loads(await response.text())["checks"]["held"]


async def stopped(world: World, between: Callable[[], Awaitable[None]]) -> None:
    """Stops the app, does something to its database, starts another."""
    await world.app.stop()
    await between()
    world.app = App(world.app.config, clock=world.clock)
    await world.app.start(by_the_clock=False)


async def put_back(world: World, backup: Path) -> None:
    """What `db restore` does, on either engine."""
    milestone, now = world.app.milestone, world.clock.now()
    ledger, settings = world.app.ledger, world.app.settings
    beside, mark = milestone.read(), fingerprint(world.app.config.identity())

    async def settle(tx: Transaction) -> None:
        await forget_again(tx, settings, ledger.read(), now=now)
        milestone.write(await settle_in(tx, beside, fingerprint=mark, now=now))

    path = world.app.config.database.sqlite_path
    if path is not None:
        aside = await restore_file(path, backup, settle, now)
        assert aside is not None
        assert check(aside)
    else:
        assert await restore_schema(world.app.database, backup, settle, now) is not None
        await world.app.database.close()


async def let_go(world: World, *dropped: str) -> None:
    """What `resume` does when these are dropped."""
    database, settings, now = world.app.database, world.app.settings, world.clock.now()
    async with database.reading() as tx:
        seen = await resuming.overview(tx, now=now)
    assert seen is not None
    while True:
        async with database.transaction() as tx:
            if not await resuming.drop_some(tx, settings, seen, dropped, now=now):
                break
    async with database.transaction() as tx:
        await resuming.resume(tx, settings, seen, dropped, now=now)
    await world.app.settle()


@pytest.mark.faults("UPG3", "UPG7", "UPG8", "UPG9")
async def test_a_backup_of_this_morning_sends_nothing_again(any_world: World, tmp_path: Path) -> None:
    world, backup = any_world, tmp_path / "backup.db"
    secretary, li, wang = await world.branch(members=["李四", "王五"])
    await secretary.says(NOTICE)
    await secretary.taps("发送")
    await back_up(world.app.database, backup)  # confirmed, and nobody has it
    assert backup.stat().st_mode & 0o777 == 0o600
    await world.skips(minutes=3)
    assert len(li.heard()) == 1
    await li.says("收到")
    li.heard(), wang.heard(), secretary.heard()

    await stopped(world, lambda: put_back(world, backup))
    status, why = await readiness(world)
    assert (status, "branchbot resume" in why) == (503, True)
    await world.passes(hours=2)
    assert (li.heard(), wang.heard(), secretary.heard()) == ([], [], [])

    # What comes in is stored and answered at once; receipts count as soon as there is something to confirm.
    assert "帮助" in (await li.says("帮助") or "")
    li.heard()
    async with world.reading() as tx:
        seen = await resuming.overview(tx, now=world.clock.now())
    assert seen is not None
    assert [(lot.key, lot.title, [group.kind for group in lot.groups]) for lot in seen.lots] == [
        ("1", "周五开会", ["publish"])
    ]
    await let_go(world, "1")
    assert (await readiness(world))[0] == 200
    assert any("又是草稿了" in words for words in secretary.heard())
    assert (li.heard(), wang.heard()) == ([], [])
    async with world.reading() as tx:
        item = await tx.items.get(1)
        assert item is not None
        assert item.status == ItemStatus.DRAFT

    await secretary.says("确认 1")
    await world.skips(minutes=3)
    assert (len(li.heard()), len(wang.heard())) == (1, 1)


@pytest.mark.faults("UPG3")
async def test_a_push_in_the_middle_is_dropped_or_let_go(world: World, tmp_path: Path) -> None:
    secretary, *members = await world.branch(members=["李四", "王五", "赵六"])
    await secretary.says(NOTICE)
    await secretary.taps("发送")
    world.twin.faults.add("message/send", times=100, errcode=45009)
    await world.skips(minutes=3)
    await back_up(world.app.database, tmp_path / "backup.db")
    world.twin.faults.clear()
    await world.passes(hours=2)
    assert all(len(member.heard()) == 1 for member in members)

    await stopped(world, lambda: put_back(world, tmp_path / "backup.db"))
    await members[0].says("收到")  # from an older card: it counts although nothing is sent
    await world.passes(hours=1)
    assert all(member.heard() == [] for member in members[1:])
    await let_go(world, "1")
    await world.passes(hours=1)
    assert all(member.heard() == [] for member in members[1:])
    async with world.reading() as tx:
        rows = {row.name: (row.state, row.reason) for row in await tx.lists.rows(1)}
        assert rows["李四"][0] == DeliveryState.ACKNOWLEDGED
        assert rows["王五"] == (DeliveryState.FAILED, resuming.REASON)
        assert not {Phase.READY, Phase.WAITING} & set(await tx.messages.backlog())
    await secretary.says("催办 1")
    await world.app.settle()
    assert (await secretary.says("进度 1")) is not None


@pytest.mark.faults("UPG3", "UPG4", "UPG7")
async def test_a_file_copied_by_hand_is_noticed(world: World, tmp_path: Path) -> None:
    path = world.app.config.database.sqlite_path
    assert path is not None
    beside = world.app.config.beside("instance")
    secretary, li = await world.branch(members=["李四"])
    await world.restart()
    assert (await readiness(world))[0] == 200

    async def copy_back() -> None:
        shutil.copyfile(tmp_path / "old.db", path)

    async def keep() -> None:
        shutil.copyfile(path, tmp_path / "old.db")

    # Something left after the copy was made.
    await stopped(world, keep)
    await world.published(secretary, NOTICE)
    li.heard()
    await stopped(world, copy_back)
    assert (await readiness(world))[1].startswith(Held.OLDER)
    await let_go(world)

    # Within one run: the highest request in the file outside is newer than the copy.
    with closing(sqlite3.connect(path)) as live, closing(sqlite3.connect(tmp_path / "old.db")) as copy:
        live.backup(copy)
    await secretary.says("我的记录")
    await world.passes(minutes=1)

    await stopped(world, copy_back)
    assert (await readiness(world))[1].startswith(Held.OLDER)
    await let_go(world)
    await world.restart()
    assert (await readiness(world))[0] == 200

    async def lose() -> None:
        beside.unlink()

    await stopped(world, lose)
    assert (await readiness(world))[1].startswith(Held.COPIED)


def test_what_is_new_is_no_other_place() -> None:
    before = fingerprint({"wecom": "corp:1", "machine": "a", "bot": ""})
    assert not is_elsewhere(before, fingerprint({"wecom": "corp:1", "machine": "a", "bot": "b", "account": "wx"}))
    assert not is_elsewhere(before, fingerprint({"wecom": "", "machine": "a"}))
    assert is_elsewhere(before, fingerprint({"wecom": "corp:1", "machine": "b"}))
    assert is_elsewhere(before, fingerprint({"wecom": "corp:2", "machine": "a"}))
