"""Single cells."""

import pytest

from bot.roster.fields import RoleGrant, name_fault, nearest, read_phone, read_roles, read_tier, userid_fault

TIERS = ["积极分子", "发展对象", "预备", "正式", "骨干"]


@pytest.mark.parametrize(
    ("userid", "fault"),
    [
        ("zhangsan", None),
        ("9.z_-@x", None),
        ("a" * 64, None),
        ("a" * 65, "userid_long"),
        ("@all", "userid_everyone"),
        ("＠ALL", "userid_everyone"),
        ("zhang|li", "userid_form"),
        ("zhang san", "userid_form"),
        ("zhang\nsan", "userid_form"),
        ("zhangsan\n", "userid_form"),
        ("_zhang", "userid_form"),
        ("张三", "userid_form"),
        ("ｚｈａｎｇ", "userid_form"),
    ],
)
def test_accounts(userid: str, fault: str | None) -> None:
    assert userid_fault(userid) == fault


@pytest.mark.faults("IMP15")
@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("张三", None),
        ("阿依古丽·买买提", None),
        ("Jean-Luc O’Neil", None),
        ("𠮷田㛃", None),
        ("张　三", None),
        ("名" * 50, None),
        ("名" * 51, "name_long"),
        ("张\n三", "line_break"),
        ("张\t三", "line_break"),
    ],
)
def test_names(name: str, fault: str | None) -> None:
    assert name_fault(name) == fault


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("13800138000", "13800138000"),
        ("+86 138-0013-8000", "+8613800138000"),
        ("（010）6550 1234", "01065501234"),
        ("１３８００１３８０００", "13800138000"),
        ("8001", "8001"),
        ("12", None),
        ("1234567890123456", None),
        ("138x", None),
        ("13800138000/13900139000", None),
        ("86+138", None),
        ("٣٤٥٦", None),
        ("无", None),
    ],
)
def test_phones(text: str, phone: str | None) -> None:
    assert read_phone(text) == phone


@pytest.mark.parametrize(
    ("text", "tier", "near"),
    [
        ("正式", "正式", "正式"),
        (" 正 式 ", "正式", "正式"),
        ("正式党员", None, "正式"),
        ("预备党员", None, "预备"),
        ("入党积极分子", None, "积极分子"),
        ("xyz", None, None),
    ],
)
def test_tiers(text: str, tier: str | None, near: str | None) -> None:
    assert read_tier(text, TIERS) == tier
    assert nearest(text, TIERS) == near


@pytest.mark.parametrize(
    ("text", "grants", "unknown"),
    [
        ("", [], []),
        ("成员", [], []),
        ("无", [], []),
        ("书记", [RoleGrant("secretary", None)], []),
        ("管理员,书记", [RoleGrant("secretary", None)], []),
        ("Secretary；监督员", [RoleGrant("secretary", None), RoleGrant("supervisor", None)], []),
        ("书记@第二支部", [RoleGrant("secretary", ("第二支部",))], []),
        ("答复人＠机关总支/第二支部", [RoleGrant("responder", ("机关总支", "第二支部"))], []),
        ("书记、responder@第二支部", [RoleGrant("secretary", None), RoleGrant("responder", ("第二支部",))], []),
        ("书记、组织委员", [RoleGrant("secretary", None)], ["组织委员"]),
        ("副书记", [], ["副书记"]),
        ("书记@", [], ["书记@"]),
        ("书记@/", [], ["书记@/"]),
    ],
)
def test_roles(text: str, grants: list[RoleGrant], unknown: list[str]) -> None:
    assert read_roles(text) == (grants, unknown)
