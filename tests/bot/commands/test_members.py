"""Importing files and syncing the directory, as the operator sees it."""

from pathlib import Path

import pytest

from bot.simulator.twin import Twin
from tests.bot.commands.conftest import Cli


@pytest.fixture(autouse=True)
def database(cli: Cli) -> None:
    cli("db", "upgrade")


def test_new_people_are_named_and_the_second_time_nothing_changes(cli: Cli) -> None:
    first = cli("members", "import", "roster.csv")
    assert first.code == 0
    assert "张三\tzhangsan\t机关总支/第一支部" in first.out
    assert "新增 2 人" in first.out
    again = cli("members", "import", "roster.csv")
    assert (again.code, again.out) == (0, "没有变化：2 人都与名单一致。\n")


def test_changes_are_shown_one_by_one(cli: Cli, folder: Path) -> None:
    cli("members", "import", "roster.csv")
    (folder / "next.csv").write_text(
        "姓名,账号,支部,学习层级,角色,备注\n张三,zhangsan,机关总支/第二支部,骨干,监督员,x\n", encoding="gb18030"
    )
    rehearsed = cli("members", "import", "next.csv", "--dry-run")
    assert "试算，没有写入" in rehearsed.out
    done = cli("members", "import", "next.csv")
    assert done.code == 0
    for ended in (rehearsed, done):
        assert "学习层级：正式 → 骨干" in ended.out
        assert "支部：机关总支/第一支部 → 机关总支/第二支部" in ended.out
        assert "监督员：无 → 机关总支/第二支部" in ended.out
        assert "没有用到的列：备注" in ended.out
        assert "李四\tlisi\t机关总支/第一支部" in ended.out


@pytest.mark.faults("IMP2", "IMP4")
def test_every_bad_row_is_named_and_nothing_is_written(cli: Cli, folder: Path) -> None:
    (folder / "bad.csv").write_text(
        "姓名,账号,支部,学习层级,角色,手机\n"
        "张三,zhangsan,第一支部,正试,,\n,lisi,第一支部,,,\n王五,wang wu,第一支部,,,1.38E+10\n赵六,zhaoliu,,,,\n",
        encoding="utf-8",
    )
    ended = cli("members", "import", "bad.csv")
    assert ended.code == 2
    for row in (2, 3, 4, 5):
        assert f"第 {row} 行" in ended.err
    assert "是不是 正式" in ended.err
    assert "Traceback" not in ended.err
    assert "新增 2 人" in cli("members", "import", "roster.csv").out


def test_problems_with_what_is_stored_are_named_too(cli: Cli, folder: Path) -> None:
    cli("members", "import", "roster.csv")
    (folder / "bad.csv").write_text("姓名,账号,支部,角色\n王五,wangwu,第九支部,书记@第八支部\n", encoding="utf-8")
    ended = cli("members", "import", "bad.csv")
    assert (ended.code, "第 2 行" in ended.err, "第八支部" in ended.err) == (2, True, True)


@pytest.mark.faults("IMP9")
@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"<html><table></table></html>", b"PK\x03\x04broken"])
def test_what_is_no_roster_is_said_in_words(cli: Cli, folder: Path, content: bytes) -> None:
    (folder / "roster.xlsx").write_bytes(content)
    ended = cli("members", "import", "roster.xlsx")
    assert ended.code == 2
    assert "请" in ended.err
    assert "roster.problem" not in ended.err


def test_no_such_file(cli: Cli) -> None:
    ended = cli("members", "import", "absent.xlsx")
    assert (ended.code, "absent.xlsx" in ended.err) == (2, True)


def test_the_directory(cli: Cli, twin: Twin) -> None:
    branch = twin.directory.add_department("第一支部")
    twin.directory.add("ZhangSan", "张三", branch)
    twin.directory.add("lisi", "李四")
    ended = cli("members", "sync")
    assert ended.code == 0
    assert "张三\tZhangSan\t街道党工委/第一支部" in ended.out
    assert "没有变化" in cli("members", "sync").out


@pytest.mark.faults("IMP13")
def test_a_part_of_the_directory_is_refused(cli: Cli, twin: Twin, folder: Path) -> None:
    lines = "".join(f"成员{n},m{n},街道党工委\n" for n in range(20))
    (folder / "many.csv").write_text(f"姓名,账号,支部\n{lines}", encoding="utf-8")
    cli("members", "import", "many.csv")
    for n in range(12):
        twin.directory.add(f"m{n}", f"成员{n}")
    ended = cli("members", "sync")
    assert (ended.code, "--missing 8" in ended.err) == (1, True)
    assert cli("members", "sync", "--missing", 8).code == 0


def test_sync_without_the_app(cli: Cli) -> None:
    ended = cli("members", "sync")
    assert (ended.code, "wecom" in ended.err) == (2, True)


def test_a_platform_that_is_not_there(cli: Cli, folder: Path, twin: Twin) -> None:
    config = (folder / "config.toml").read_text(encoding="utf-8")
    (folder / "config.toml").write_text(config.replace("simulated-app-secret", "another"), encoding="utf-8")
    ended = cli("members", "sync")
    assert ended.code == 1
    assert "Traceback" not in ended.err
