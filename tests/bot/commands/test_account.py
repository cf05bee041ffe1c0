"""The official account from the command line: what it may do, and its menu."""

from pathlib import Path

import pytest

from bot.simulator.account import AccountKind
from bot.simulator.twin import Twin
from tests.bot.commands.conftest import Cli

CAN = {
    "messages": "可以主动发答复",
    "menu": "可以设置菜单",
    "codes": "可以做带支部的二维码",
    "templates": "可以发模板消息",
}
CANNOT = {
    "messages": "不能主动发消息",
    "menu": "不能设置菜单",
    "codes": "不能做带支部的二维码",
    "templates": "不能发模板消息",
}


@pytest.mark.parametrize(
    ("kind", "may"),
    [
        (AccountKind.PERSONAL, set()),
        (AccountKind.SUBSCRIPTION, {"messages", "menu"}),
        (AccountKind.UNVERIFIED_SERVICE, {"menu"}),
        (AccountKind.SERVICE, set(CAN)),
    ],
)
def test_doctor_says_what_the_account_may(cli: Cli, twin: Twin, kind: AccountKind, may: set[str]) -> None:
    twin.account.kind = kind
    seen = cli("doctor").out
    for ability in CAN:
        assert (CAN[ability] in seen, CANNOT[ability] in seen) == (ability in may, ability not in may), ability
    assert "公众号：凭据有效" in seen
    assert "http://127.0.0.1:8080/official-account/callback" in seen


@pytest.mark.faults("CB10")
def test_doctor_says_that_plain_mode_proves_nothing(cli: Cli, twin: Twin, folder: Path) -> None:
    config = (folder / "config.toml").read_text(encoding="utf-8")
    (folder / "config.toml").write_text(config + "allow_plain = true\n", encoding="utf-8")
    assert "! 公众号：允许明文模式" in cli("doctor").out


def test_the_menu(cli: Cli, twin: Twin) -> None:
    assert cli("account", "menu", "--show").out.splitlines() == ["公众号现在没有菜单。"]
    ended = cli("account", "menu")
    assert (ended.code, ended.out.splitlines()[1:3]) == (0, ["怎么提问", "查询进度"])
    assert cli("account", "menu", "--show").out.splitlines()[-1] == "更多 / 找人工"

    twin.account.kind = AccountKind.PERSONAL
    refused = cli("account", "menu")
    assert (refused.code, "没有这项权限" in refused.err, "Traceback" in refused.err) == (1, True, False)


def test_the_branches_codes(cli: Cli, twin: Twin) -> None:
    cli("db", "upgrade")
    cli("members", "import", "roster.csv")
    rows = [line.split("\t") for line in cli("account", "codes").out.splitlines()]
    assert [name for name, *_ in rows] == ["机关总支", "第一支部"]
    assert all(picture.startswith("https://mp.weixin.qq.com/") for _, _, picture in rows)
    assert sorted(twin.account.scenes.values()) == ["branch1", "branch2"]


def test_without_an_account(cli: Cli) -> None:
    ended = cli("account", "menu")
    assert (ended.code, "[official_account]" in ended.err) == (2, True)
    assert "公众号：没有配置" in cli("doctor").out


@pytest.mark.parametrize(
    "entry",
    [
        'menu = [{name = "空的"}]',
        'menu = [{name = "两样", says = "查询", url = "https://example.org"}]',
        'menu = [{name = "网址", url = "javascript:alert(1)"}]',
        'menu = [{name = "里面", items = [{name = "空的"}]}]',
        'template_id = "t1"',
        'template_fields = {thing1 = "{who}"}',
        "menu = [" + '{name = "又", says = "一项"},' * 4 + "]",
    ],
)
def test_what_the_platform_would_not_take(cli: Cli, twin: Twin, folder: Path, entry: str) -> None:
    config = (folder / "config.toml").read_text(encoding="utf-8")
    (folder / "config.toml").write_text(f"{config}{entry}\n", encoding="utf-8")
    ended = cli("account", "menu")
    assert (ended.code, "official_account." in ended.err) == (2, True)
    assert twin.account.menu is None
