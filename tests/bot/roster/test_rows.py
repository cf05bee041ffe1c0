"""Whole files to checked rows."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.roster.fields import RoleGrant
from bot.roster.problems import Problem
from bot.roster.rows import Roster, Row, read_roster

TIERS = ["积极分子", "发展对象", "预备", "正式", "骨干"]
HEADER = "姓名,账号,支部,上级支部,学习层级,角色,手机"

Write = Callable[..., Path]


def read(csv: Write, *lines: str, header: str = HEADER) -> Roster:
    return read_roster(csv("\n".join([header, *lines]) + "\n"), tiers=TIERS)


def told(problems: tuple[Problem, ...]) -> list[tuple[int | None, str | None, str]]:
    return [(p.row, p.column, p.key.removeprefix("roster.problem.")) for p in problems]


def test_a_good_file(xlsx: Write) -> None:
    path = xlsx(
        [
            ["序号", "*姓名", "账号（必填）", "支部", "上级支部", "学习层级", "角色", "手机"],
            [1, "张三", "zhangsan", "第一支部", "机关总支", "正式", "书记、答复人@第二支部", 13800138000],
            [2, " 阿依古丽·买买提", "Guli.1", "机关总支／第二支部", None, None, None, "+86 139-0013-9000"],
            [3, None, None, None, None, None, None, None],
        ]
    )
    roster = read_roster(path, tiers=TIERS)
    assert roster.problems == ()
    assert roster.rows == (
        Row(
            number=2,
            name="张三",
            userid="zhangsan",
            branch_path=("机关总支", "第一支部"),
            parent=("机关总支",),
            tier="正式",
            roles=(RoleGrant("secretary", None), RoleGrant("responder", ("机关总支", "第二支部"))),
            phone="13800138000",
        ),
        Row(
            number=3,
            name="阿依古丽·买买提",
            userid="Guli.1",
            branch_path=("机关总支", "第二支部"),
            parent=("机关总支",),
            tier=None,
            roles=(),
            phone="+8613900139000",
        ),
    )
    assert roster.ignored_columns == ("序号",)
    assert [(n.key, dict(n.params)) for n in roster.notes] == [("roster.note.unfilled_rows", {"count": 1})]


@pytest.mark.faults("IMP4")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (",zhangsan,一,,,,", [("姓名", "blank")]),
        ("张三,,一,,,,", [("账号", "blank")]),
        ("张三,zhangsan,　,,,,", [("支部", "blank")]),
        ("张三,zhangsan", [("支部", "blank")]),
        ("张三,a|b,一,,,,", [("账号", "userid_form")]),
        ("张三,@all,一,,,,", [("账号", "userid_everyone")]),
        (f"张三,{'a' * 65},一,,,,", [("账号", "userid_long")]),
        (f"{'名' * 51},a,一,,,,", [("姓名", "name_long")]),
        ('"张\n三",a,一,,,,', [("姓名", "line_break")]),
        ("张三,a,一//二,,,,", [("支部", "branch_form")]),
        ("张三,a,一,/,,,", [("上级支部", "branch_form")]),
        ("张三,a,一,,正式党员,,", [("学习层级", "tier_near")]),
        ("张三,a,一,,xyz,,", [("学习层级", "tier_unknown")]),
        ("张三,a,一,,,书记员,", [("角色", "role_near")]),
        ("张三,a,一,,,委员,", [("角色", "role_unknown")]),
        ("张三,a,一,,,,电话", [("手机", "phone_form")]),
        ("张三,a,一,,,,1.38E+10", [("手机", "number")]),
        ("张三,1.38E+10,一,,,,", [("账号", "number")]),
        ("张三,a,一,一,,,", [(None, "branch_loop")]),
        (",,一,,博士,,x", [("姓名", "blank"), ("账号", "blank"), ("学习层级", "tier_unknown"), ("手机", "phone_form")]),
    ],
)
def test_every_fault_of_a_row_is_named(csv: Write, line: str, expected: list[tuple[str | None, str]]) -> None:
    roster = read(csv, line, "李四,lisi,二,,,,")
    assert told(roster.problems) == [(2, column, key) for column, key in expected]
    assert [row.userid for row in roster.rows] == ["lisi"]
    for problem in roster.problems:
        assert problem.params["row"] == problem.row
        assert problem.params.get("column") == problem.column


@pytest.mark.faults("IMP2")
def test_a_number_in_a_column_that_does_not_count_is_fine(csv: Write) -> None:
    roster = read(csv, "张三,a,一,1.1E+17", header="姓名,账号,支部,身份证")
    assert roster.problems == ()
    assert roster.ignored_columns == ("身份证",)


@pytest.mark.faults("IMP2")
def test_a_flaw_is_told_with_the_column_as_the_file_writes_it(xlsx: Write) -> None:
    path = xlsx([["姓名", "账号", "支部", "手机号码*"], ["张三", "a", "一", 1.5]])
    (found,) = read_roster(path, tiers=TIERS).problems
    assert found == Problem(2, "手机号码*", "roster.problem.number", {"value": "1.5", "row": 2, "column": "手机号码*"})


@pytest.mark.faults("IMP3", "OUT35")
def test_an_account_twice_is_named_with_both_rows(csv: Write) -> None:
    roster = read(csv, "张三,zhangsan,一,,,,", "李四,lisi,一,,,,", "张三,ZhangSan,二,,,,", "李四,lisi,一,,,,")
    assert told(roster.problems) == [(4, "账号", "userid_case"), (5, "账号", "userid_twice")]
    assert roster.problems[0].params["first"] == 2
    assert roster.problems[0].params["other"] == "zhangsan"
    assert roster.problems[1].params["first"] == 3


@pytest.mark.faults("IMP4")
def test_branches_that_contradict_each_other(csv: Write) -> None:
    roster = read(csv, "甲,a,一,乙,,,", "乙,b,乙,一,,,", "丙,c,二,东,,,", "丁,d,二,西,,,")
    assert told(roster.problems) == [
        (2, None, "branch_loop"),
        (3, None, "branch_loop"),
        (5, None, "parent_conflict"),
    ]
    assert [row.userid for row in roster.rows] == ["c"]


def test_ambiguous_names_are_told_with_their_column(csv: Write) -> None:
    roster = read(csv, "甲,a,东/一,,,,", "乙,b,西/一,,,,", "丙,c,一,,,,", "丁,d,东,,,书记@一,")
    assert told(roster.problems) == [(4, "支部", "branch_ambiguous"), (5, "角色", "branch_ambiguous")]


@pytest.mark.faults("IMP15")
def test_names_are_kept_and_branches_compared_in_nfkc(csv: Write) -> None:
    roster = read(csv, "ＭＡＲＹ　张,a,第１支部,,,,", "李四,b,第1支部,,,,")
    assert [row.name for row in roster.rows] == ["ＭＡＲＹ　张", "李四"]
    assert [row.branch_path for row in roster.rows] == [("第１支部",), ("第１支部",)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "empty"),
        (HEADER + "\n", "no_rows"),
        (HEADER + "\n\n,,,,,,\n", "no_rows"),
        ("序号,姓名,账号,支部\n1,,,\n2,,,\n", "no_rows"),
        ("a,b\nc,d\n", "no_header"),
        ("姓名,账号\n张三,a\n", "column_missing"),
        ("姓名,账号,支部,支部\n张三,a,一,二\n", "column_twice"),
        ("<html></html>", "web_page"),
    ],
)
def test_files_without_a_roster(csv: Write, content: str, expected: str) -> None:
    roster = read_roster(csv(content), tiers=TIERS)
    assert [p.key for p in roster.problems] == [f"roster.problem.{expected}"]
    assert roster.rows == ()


def test_english_headers(csv: Write) -> None:
    roster = read(csv, "Li,li,A/B,,正式,supervisor,", header="Name,User ID,Branch,Parent,Tier,Role,Phone")
    assert roster.problems == ()
    assert roster.rows[0].branch_path == ("A", "B")


def test_a_large_roster_is_read_whole(csv: Write, xlsx: Write) -> None:
    rows = [
        [f"成员{n}", f"user{n}", f"第{n % 50}支部", "机关总支", "正式", "", str(13800000000 + n)] for n in range(5_000)
    ]
    roster = read(csv, *(",".join(row) for row in rows))
    assert len(roster.rows) == 5_000
    path = xlsx([HEADER.split(","), *rows])
    assert len(read_roster(path, tiers=TIERS).rows) == 5_000
