"""The list of an item as a workbook."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from bot.workbooks import Column, Table, workbook
from storage.enums import Role
from tests.rooms import tells_bot
from tests.world import World, build


def opened(content: bytes) -> Any:
    return load_workbook(BytesIO(content))


def rows(sheet: Any) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(values_only=True))


@pytest.mark.faults("WEB10", "WEB11", "WEB12", "EXP1", "EXP3", "EXP4")
async def test_the_list_comes_as_a_workbook_to_who_may_see_it(world: World) -> None:
    boss, _ = await world.branch("机关总支", members=["陈静"], secretary="王书记")
    li, liu, evil = await world.branch(
        "第一支部", members=["刘洋", '=HYPERLINK("http://x")'], secretary="李书记", parent="机关总支"
    )
    watcher = await world.member("周杰", "机关总支", roles=[Role.SUPERVISOR])
    number = await world.published(boss, "/通知 关于/开会\n对象：机关总支\n三点。")
    await liu.taps("确认收到")
    await li.says(f"线下确认 {number} 6")
    await boss.says(f"豁免 {number} 陈静 -出差")

    assert "正在整理" in str(await boss.says(f"导出 {number}"))
    ((name, content),) = boss.files()
    assert name == f"{number} 关于 开会 名单.xlsx"
    book = opened(content)
    assert book.sheetnames == ["名单", "合计"]
    sheet = book["名单"]
    assert sheet.freeze_panes == "A2"
    head, *lines = rows(sheet)
    assert head[:4] == ("号码", "支部", "姓名", "状态")
    by_name = {line[2]: dict(zip(head, line, strict=True)) for line in lines}
    assert [line[0] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert by_name["刘洋"]["回执来源"] == "卡片"
    assert by_name["刘洋"]["确认时间"] == "2026-11-23 10:03"
    assert (by_name[evil.name]["回执来源"], by_name[evil.name]["登记人"]) == ("纸质", "李书记")
    assert by_name["陈静"]["说明"] == "-出差"
    dangerous = [cell for line in sheet.iter_rows(min_row=2) for cell in line if str(cell.value)[:1] in "=+-@"]
    assert [(cell.data_type, cell.quotePrefix) for cell in dangerous] == [("s", True)] * 2
    head, *lines = rows(book["合计"])
    total = dict(zip(head, lines[-1], strict=True))
    assert (lines[-1][0], total["人数"], total["已完成"], total["其中纸质"], total["豁免"]) == ("合计", 6, 2, 1, 1)
    everything = "".join(str(value) for each in book for line in rows(each) for value in line)
    assert "user" not in everything
    assert "手机" not in everything

    # A branch below gets its own people; a supervisor may look, too; a member does not know the command.
    await li.says(f"导出 {number}")
    ((_, content),) = li.files()
    assert {line[1] for line in rows(opened(content)["名单"])[1:]} == {"第一支部"}
    await watcher.says(f"导出 {number}")
    assert len(rows(opened(watcher.files()[0][1])["名单"])) == 7
    await liu.says(f"/导出 {number}")
    assert liu.files() == []
    assert str(await li.says("导出 99")) == str(await li.says("进度 99"))
    assert "请带上编号" in str(await boss.says("导出"))
    await boss.says("/通知 草稿\n正文")
    assert "还没有发出" in str(await boss.says(f"导出 {number + 1}"))
    async with world.reading() as tx:
        assert [row.action for row in await tx.audit.of(f"item:{number}")].count("item.export") == 3


async def test_with_the_group_bot_alone(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    async with build(url, tmp_path, bot=True, wecom=None, public_url=None) as world:
        secretary, _ = await world.branch(members=["李四"])
        await tells_bot(secretary, "/通知 开会\n三点。")
        await tells_bot(secretary, "确认 1")
        await world.skips(minutes=3)
        await tells_bot(secretary, "导出 1")
        ((name, content),) = secretary.files()
        assert name == "1 开会 名单.xlsx"
        assert len(rows(opened(content)["名单"])) == 3


@pytest.mark.faults("EXP1", "EXP2")
@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "a\x00b\x1fc", "一" * 500])
def test_whatever_is_written_stays_a_text(value: str) -> None:
    content = workbook([Table("a/b", [Column("列", 10)], [[value], ["x"]])])

    cells = [line[0] for line in opened(content)["a b"].iter_rows(min_row=2)]

    assert [cell.data_type for cell in cells] == ["s", "s"]
    assert cells[1].value == "x"
