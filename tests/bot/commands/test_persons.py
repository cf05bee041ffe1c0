"""`forget` and `person` as an operator types them."""

import json
import stat
from pathlib import Path

import pytest

from tests.bot.commands.conftest import Cli
from tests.bot.commands.test_db import database, execute


@pytest.mark.faults("PRV1", "PRV5", "IMP14")
def test_a_member_is_handed_out_and_forgotten(cli: Cli, folder: Path) -> None:
    cli("db", "upgrade")
    cli("members", "import", "roster.csv")
    out = folder / "li.json"
    done = cli("person", "member", "LiSi", "--out", out)
    assert done.code == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["member"][0]["name"] == "李四"
    assert found["account"][0]["user_id"] == "lisi"
    assert cli("person", "member", "lisi", "--out", out).code == 2  # never over a file

    assert "没有账号" in cli("forget", "member", "nobody", "--yes").err
    assert "没有找到" in cli("forget", "resident", "Q1", "--yes").err
    gone = cli("forget", "member", "lisi", "--yes")
    assert (gone.code, "已有的备份里" in gone.out) == (0, True)
    assert "没有账号" in cli("forget", "member", "lisi", "--yes").err
    ledger = database(folder).with_name("branchbot.db.forgotten")
    assert len(ledger.read_text(encoding="ascii").split()) == 2
    assert "lisi" not in ledger.read_text(encoding="ascii")
    for path in database(folder).parent.iterdir():
        content = path.read_bytes() if path.is_file() else b""
        assert "李四".encode() not in content, path
        assert b"lisi" not in content, path
    execute(folder, "SELECT 1")
    assert cli("db", "check").code == 0

    # The branch's next roster still names them: they come in as somebody new, joined to nothing of before.
    cli("members", "import", "roster.csv")
    assert cli("person", "member", "lisi", "--out", folder / "new.json").code == 0
    new = json.loads((folder / "new.json").read_text(encoding="utf-8"))
    assert new["member"][0]["id"] != found["member"][0]["id"]


@pytest.mark.faults("PRV11")
def test_how_far_a_leak_reaches(cli: Cli, folder: Path) -> None:
    cli("db", "upgrade")
    cli("members", "import", "roster.csv")
    day = "2026-11-01 02:00:00.000000"
    execute(
        folder, f"INSERT INTO resident (token, created_at, said_in_hour, missed) VALUES ('sealed-token', '{day}', 0, 0)"
    )
    cli("person", "member", "lisi", "--out", folder / "li.json")
    out = folder / "leak.json"
    assert "没看懂“昨天”" in cli("breach", "--out", out, "--since", "昨天").err
    assert not out.exists()
    done = cli("breach", "--out", out)
    assert (done.code, "2 名成员、1 名群众" in done.out, "查看 1 次" in done.out) == (0, True, True)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert "sealed-token" not in out.read_text(encoding="utf-8")
    found = json.loads(out.read_text(encoding="utf-8"))
    li = next(each for each in found["members"] if each["account"] == "lisi")
    assert (li["name"], li["branch"], li["kept"]["account"]) == ("李四", "第一支部", 1)
    assert li["since"]
    assert found["residents"] == [{"questions": [], "since": "2026-11-01T02:00:00+00:00", "kept": {"resident": 1}}]
    assert [(each["what"], each["source"]) for each in found["looks"]] == [("person", "cli")]
    cli("forget", "member", "lisi", "--yes")
    later = cli("breach", "--out", folder / "later.json", "--since", "2999-01-01")
    assert "1 名成员" in later.out
    assert "查看 0 次、操作 0 次" in later.out
