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
