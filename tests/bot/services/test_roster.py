"""Roster rows and the directory, laid over what is stored."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import UserError
from bot.platforms.base import DirectoryDepartment, DirectoryMember
from bot.roster.columns import match
from bot.roster.rows import check_table
from bot.roster.sheet import read_table
from bot.services.roster import apply, sync
from bot.services.roster_changes import Changes
from storage.database import Database
from storage.enums import MemberStatus
from tests.tables import open_database

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
TIERS = ["积极分子", "发展对象", "预备", "正式", "骨干"]
HEADER = "姓名,账号,支部,上级支部,学习层级,角色,手机"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    found = await open_database(f"sqlite+aiosqlite:///{tmp_path / 'branchbot.db'}")
    yield found
    await found.close()


class Office:
    """Imports files and looks at what is stored then."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self._file = folder / "roster.csv"

    async def imports(self, *lines: str, header: str = HEADER, dry_run: bool = False, now: datetime = NOW) -> Changes:
        self._file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        table = read_table(self._file)
        roster = check_table(table, tiers=TIERS)
        async with self.database.transaction() as tx:
            return await apply(tx, roster, fields=match(table.header).index, now=now, dry_run=dry_run)

    async def syncs(
        self, departments: list[tuple[int, str, int]], members: list[tuple[str, str, int]], missing: int | None = None
    ) -> Changes:
        async with self.database.transaction() as tx:
            return await sync(
                tx,
                [DirectoryDepartment(*each) for each in departments],
                [DirectoryMember(user_id, name, (at,)) for user_id, name, at in members],
                now=NOW,
                missing=missing,
            )

    async def people(self) -> dict[str, str]:
        """Account → `name branch tier roles`, of the active members."""
        async with self.database.reading() as tx:
            paths = await self.paths()
            members, roles = await tx.members.all(), await tx.members.all_roles()
            found = {}
            for account in (await tx.members.accounts("wecom")).values():
                member = members[account.member_id]
                if member.status == MemberStatus.ACTIVE:
                    held = " ".join(f"{role}@{paths[at]}" for role, at in sorted(roles.get(member.id, set())))
                    shown = f"{member.name} {paths[member.branch_id]} {member.tier or '-'} {member.phone or '-'} {held}"
                    found[account.user_id] = shown.strip()
            return found

    async def paths(self) -> dict[int, str]:
        async with self.database.reading() as tx:
            branches = {branch.id: branch for branch in await tx.branches.all()}
            return {
                branch.id: "/".join(branches[int(part)].name for part in branch.path.strip("/").split("/"))
                for branch in branches.values()
            }


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return Office(database, tmp_path)


def keys(changes: Changes) -> list[tuple[int | None, str]]:
    return [(found.row, found.key.removeprefix("roster.problem.")) for found in changes.problems]


async def test_a_first_file(office: Office) -> None:
    changes = await office.imports(
        "张三,zhangsan,第一支部,机关总支,正式,书记、答复人@机关总支,13800138000",
        "李四,LiSi,机关总支/第二支部,,预备,,",
    )
    assert [(one.name, one.user_id, one.branch) for one in changes.added] == [
        ("张三", "zhangsan", "机关总支/第一支部"),
        ("李四", "LiSi", "机关总支/第二支部"),
    ]
    assert list(changes.branches_added) == ["机关总支", "机关总支/第一支部", "机关总支/第二支部"]
    assert await office.people() == {
        "zhangsan": "张三 机关总支/第一支部 正式 13800138000 responder@机关总支 secretary@机关总支/第一支部",
        "LiSi": "李四 机关总支/第二支部 预备 -",
    }
    async with office.database.reading() as tx:
        (row,) = await tx.audit.of("member:1")
        assert (row.source, row.action, row.actor_id) == ("cli", "roster.add", None)


@pytest.mark.faults("IMP3", "IMP12")
async def test_the_same_file_twice_changes_nothing(office: Office) -> None:
    lines = ("张三,zhangsan,第一支部,机关总支,正式,书记,138 0013 8000", "李四,lisi,第一支部,机关总支,,,")
    await office.imports(*lines)
    before = await office.people()
    again = await office.imports(*lines, now=NOW + timedelta(days=1))
    assert again.nothing
    assert again.unchanged == 2
    assert await office.people() == before
    async with office.database.reading() as tx:
        member = await tx.members.by_account("wecom", "zhangsan")
        assert member is not None
        assert member.updated_at == NOW
        assert len(await tx.audit.of("member:1")) == 1


async def test_a_known_account_is_updated_and_shown(office: Office) -> None:
    await office.imports("张三,zhangsan,第一支部,,预备,书记,13800138000")
    changes = await office.imports("张三丰,ZhangSan,第二支部,,正式,监督员,13800138000")
    (changed,) = changes.changed
    assert {(each.field, each.before, each.after) for each in changed.differences} == {
        ("name", "张三", "张三丰"),
        ("branch", "第一支部", "第二支部"),
        ("tier", "预备", "正式"),
        ("role.secretary", "第一支部", None),
        ("role.supervisor", None, "第二支部"),
    }
    assert await office.people() == {"zhangsan": "张三丰 第二支部 正式 13800138000 supervisor@第二支部"}


async def test_a_column_that_is_absent_changes_nothing(office: Office) -> None:
    await office.imports("张三,zhangsan,第一支部,,正式,书记,13800138000")
    changes = await office.imports("张三,zhangsan,第一支部", header="姓名,账号,支部")
    assert changes.nothing
    changes = await office.imports("张三,zhangsan,第一支部,", header="姓名,账号,支部,角色")
    assert [each.field for each in changes.changed[0].differences] == ["role.secretary"]
    assert await office.people() == {"zhangsan": "张三 第一支部 正式 13800138000"}


@pytest.mark.faults("IMP11")
async def test_missing_people_are_listed_and_stay(office: Office) -> None:
    await office.imports("张三,zhangsan,第一支部,,,,", "李四,lisi,第一支部,,,,")
    changes = await office.imports("李四,lisi,第一支部,,,,")
    assert [one.name for one in changes.missing] == ["张三"]
    assert set(await office.people()) == {"zhangsan", "lisi"}


async def test_a_dry_run_says_the_same_and_writes_nothing(office: Office) -> None:
    await office.imports("张三,zhangsan,第一支部,,,,")
    lines = ("张三,zhangsan,第一支部,机关总支,正式,书记,", "王五,wangwu,第三支部,,,,")
    before = await office.people(), await office.paths()
    rehearsed = await office.imports(*lines, dry_run=True)
    assert (await office.people(), await office.paths()) == before
    assert rehearsed == await office.imports(*lines)


@pytest.mark.faults("IMP15")
async def test_names_are_compared_in_nfkc_and_kept(office: Office) -> None:
    await office.imports("ＡＢ·㐂,x1,第１支部,,,,")
    assert (await office.imports("AB·㐂,x1,第1支部,,,,")).nothing
    assert await office.people() == {"x1": "ＡＢ·㐂 第１支部 - -"}


async def test_somebody_who_left_comes_back(office: Office) -> None:
    await office.imports("张三,zhangsan,第一支部,,,,")
    async with office.database.transaction() as tx:
        member = await tx.members.by_account("wecom", "zhangsan")
        assert member is not None
        member.status = MemberStatus.LEFT
        await tx.members.mark_unreachable("wecom", {"zhangsan": "not_visible"})
    changes = await office.imports("张三,zhangsan,第一支部,,,,")
    assert [each.field for each in changes.changed[0].differences] == ["status"]
    async with office.database.reading() as tx:
        account = (await tx.members.accounts("wecom"))["zhangsan"]
        assert account.unreachable is None


async def test_a_name_alone_means_the_branch_of_that_name(office: Office) -> None:
    await office.imports("张三,zhangsan,局党委/机关总支/第一支部,,,,")
    changes = await office.imports("李四,lisi,第一支部,,,,", "王五,wangwu,机关总支/第二支部,,,,")
    assert [one.branch for one in changes.added] == ["局党委/机关总支/第一支部", "局党委/机关总支/第二支部"]


@pytest.mark.faults("IMP4")
async def test_a_name_that_several_branches_have(office: Office) -> None:
    await office.imports("张三,zhangsan,甲/第一支部,,,,", "李四,lisi,乙/第一支部,,,,")
    changes = await office.imports("王五,wangwu,第一支部,,,,", "赵六,zhaoliu,第九支部,,,,")
    assert keys(changes) == [(2, "branch_unclear")]
    assert changes.problems[0].params["candidates"] == "乙/第一支部 / 甲/第一支部"
    assert set(await office.people()) == {"zhangsan", "lisi"}
    assert "第九支部" not in (await office.paths()).values()
    # Whoever is in one of them already stays there.
    assert (await office.imports("张三,zhangsan,第一支部,,,,")).nothing


async def test_a_branch_gets_its_parent(office: Office) -> None:
    await office.imports("张三,zhangsan,第一支部,,,书记,", "李四,lisi,第一支部,,,,")
    changes = await office.imports("张三,zhangsan,第一支部,机关总支,,书记,")
    assert [(move.before, move.after) for move in changes.branches_moved] == [("第一支部", "机关总支/第一支部")]
    assert not changes.changed
    assert (await office.people())["lisi"] == "李四 机关总支/第一支部 - -"


async def test_a_branch_moves_with_all_its_people_only(office: Office) -> None:
    await office.imports("张三,zhangsan,甲/党小组,,,,", "李四,lisi,甲/党小组,,,,", "王五,wangwu,乙,,,,")
    changes = await office.imports("张三,zhangsan,乙/党小组,,,,")
    assert list(changes.branches_added) == ["乙/党小组"]
    assert (await office.people())["lisi"] == "李四 甲/党小组 - -"

    await office.imports("赵六,zhaoliu,丙/学习组,,,,")
    changes = await office.imports("赵六,zhaoliu,乙/学习组,,,,")
    assert [(move.before, move.after) for move in changes.branches_moved] == [("丙/学习组", "乙/学习组")]


@pytest.mark.faults("IMP4")
async def test_no_branch_goes_below_itself(office: Office) -> None:
    await office.imports("张三,zhangsan,甲,,,,", "李四,lisi,甲/乙,,,,")
    changes = await office.imports("张三,zhangsan,甲,乙,,,")
    assert keys(changes) == [(2, "branch_below_itself")]
    assert sorted((await office.paths()).values()) == ["甲", "甲/乙"]


async def test_a_role_makes_no_branch(office: Office) -> None:
    changes = await office.imports("张三,zhangsan,第一支部,,,书记@第二支布,")
    assert keys(changes) == [(2, "role_branch_unknown")]
    assert await office.people() == {}


async def test_thousands_of_rows_are_applied_at_once(office: Office) -> None:
    lines = [
        f"成员{n},member{n},总支{n % 20}/支部{n % 400},,正式,{'书记' if n % 50 == 0 else ''}," for n in range(5_000)
    ]
    changes = await office.imports(*lines)
    assert len(changes.added) == 5_000
    assert (await office.imports(*lines)).nothing


DEPARTMENTS = [(1, "某某局", 0), (2, "机关总支", 1), (3, "第一支部", 2)]


async def test_the_directory_becomes_branches_and_members(office: Office) -> None:
    changes = await office.syncs(DEPARTMENTS, [("ZhangSan", "张三", 3), ("lisi", "李四", 1)])
    assert list(changes.branches_added) == ["某某局", "某某局/机关总支", "某某局/机关总支/第一支部"] or set(
        changes.branches_added
    ) == {"某某局", "某某局/机关总支", "某某局/机关总支/第一支部"}
    assert await office.people() == {
        "ZhangSan": "张三 某某局/机关总支/第一支部 - -",
        "lisi": "李四 某某局 - -",
    }
    assert (await office.syncs(DEPARTMENTS, [("ZhangSan", "张三", 3), ("lisi", "李四", 1)])).nothing


async def test_the_directory_leaves_tiers_and_roles_alone(office: Office) -> None:
    await office.imports("张三,zhangsan,某某局/机关总支/第一支部,,正式,书记,13800138000", "李四,lisi,某某局,,,,")
    async with office.database.transaction() as tx:
        await tx.members.mark_unreachable("wecom", {"zhangsan": "not_visible"})
    changes = await office.syncs(DEPARTMENTS, [("ZhangSan", "张三", 3)])
    assert changes.nothing
    assert [one.user_id for one in changes.missing] == ["lisi"]
    assert (await office.people())["ZhangSan"] == (
        "张三 某某局/机关总支/第一支部 正式 13800138000 secretary@某某局/机关总支/第一支部"
    )
    async with office.database.reading() as tx:
        assert (await tx.members.accounts("wecom"))["zhangsan"].unreachable is None


@pytest.mark.faults("IMP13")
@pytest.mark.parametrize(
    ("departments", "members", "key"),
    [
        (DEPARTMENTS, [], "roster.sync.empty"),
        (DEPARTMENTS[:2], [("zhangsan", "张三", 3)], "roster.sync.partial"),
        ([(1, "甲", 2), (2, "乙", 1)], [("zhangsan", "张三", 1)], "roster.sync.partial"),
        (DEPARTMENTS, [("stranger", "生人", 1)], "roster.sync.missing"),
        (DEPARTMENTS, [(f"m{n}", f"成员{n}", 1) for n in range(44)], "roster.sync.missing"),
    ],
)
async def test_half_a_directory_is_refused(
    office: Office,
    departments: list[tuple[int, str, int]],
    members: list[tuple[str, str, int]],
    key: str,
) -> None:
    await office.imports(*(f"成员{n},m{n},某某局,,,," for n in range(50)))
    before = await office.people()
    with pytest.raises(UserError) as refused:
        await office.syncs(departments, members)
    assert refused.value.key == key
    assert await office.people() == before


async def test_whoever_knows_the_number_may_sync_a_smaller_directory(office: Office) -> None:
    await office.imports(*(f"成员{n},m{n},某某局,,,," for n in range(50)))
    changes = await office.syncs(DEPARTMENTS, [(f"m{n}", f"成员{n}", 1) for n in range(44)], missing=6)
    assert len(changes.missing) == 6
    assert len(await office.people()) == 50
