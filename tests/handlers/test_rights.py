"""Who may do what: what one may not do or see is answered like what does not exist."""

import pytest

from tests.handlers.office import Office

ABSENT = 77
MANAGING = ("撤回 {n}", "结束 {n}", "豁免 {n} 陈静 出差", "恢复 {n} 陈静", "补发 {n} 陈静")
VIEWING = ("进度 {n}", "未读 {n}")

OWN = {"boss", "li", "admin"}
"""Who may manage an item of 第一支部."""
SEEING = OWN | {"zhao"}


@pytest.mark.faults("CMD1")
@pytest.mark.parametrize("who", ["chen", "wu"])
@pytest.mark.parametrize("command", [*MANAGING, *VIEWING, "列表", "通知 大家好", "/withdraw {n}"])
async def test_a_member_finds_no_such_command(office: Office, who: str, command: str) -> None:
    number = await office.item()
    said = command.format(n=number)
    word = said.lstrip("/").split()[0]

    answer = await office.words(who, f"/{said.lstrip('/')}")

    invented = await office.words(who, f"/画饼{said.lstrip('/').removeprefix(word)}")
    assert answer == invented.replace("画饼", word)


@pytest.mark.faults("CMD2")
@pytest.mark.parametrize("command", MANAGING)
@pytest.mark.parametrize("who", ["boss", "li", "sun", "admin"])
async def test_managing_an_item_of_a_branch(office: Office, who: str, command: str) -> None:
    number = await office.item("boss", branch="第一支部", to=["第一支部"])

    answer = await office.words(who, command.format(n=number))

    absent = await office.words(who, command.format(n=ABSENT))
    assert absent == f"没有找到 #{ABSENT}，请核对编号。"
    assert (answer == absent.replace(str(ABSENT), str(number))) == (who not in OWN)


@pytest.mark.faults("CMD2")
@pytest.mark.parametrize("command", MANAGING)
async def test_an_item_from_above_is_not_managed_below(office: Office, command: str) -> None:
    number = await office.item("boss")

    assert await office.words("li", command.format(n=number)) == f"没有找到 #{number}，请核对编号。"
    assert "已完成 0/3" in await office.words("li", f"进度 {number}")


@pytest.mark.faults("CMD2")
@pytest.mark.parametrize("command", VIEWING)
@pytest.mark.parametrize("who", ["boss", "li", "zhao", "zhou", "sun", "admin"])
async def test_viewing_an_item_of_a_branch(office: Office, who: str, command: str) -> None:
    number = await office.item("boss", branch="第一支部", to=["第一支部"])

    answer = await office.words(who, command.format(n=number))

    absent = await office.words(who, command.format(n=ABSENT))
    assert (answer == absent.replace(str(ABSENT), str(number))) == (who not in SEEING)


@pytest.mark.faults("CMD2")
@pytest.mark.parametrize("who", ["li", "zhou", "sun"])
async def test_somebody_elses_draft_does_not_exist(office: Office, who: str) -> None:
    number = await office.item("boss", timed=True)

    assert await office.words(who, f"进度 {number}") == f"没有找到 #{number}，请核对编号。"


@pytest.mark.faults("CMD1")
async def test_a_supervisor_changes_nothing(office: Office) -> None:
    number = await office.item()

    assert "没有“撤回”这个命令" in await office.words("zhao", f"/撤回 {number}")
    assert await office.status(number) == "published"


@pytest.mark.faults("CMD3")
async def test_a_secretary_who_is_one_no_longer_finds_nothing(office: Office) -> None:
    number = await office.item("li", branch="第一支部", to=["第一支部"])
    async with office.database.transaction() as tx:
        await tx.members.set_roles(office.members["li"], set())

    assert "没有“撤回”这个命令" in await office.words("li", f"/撤回 {number}")
