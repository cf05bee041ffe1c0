"""Header names to fields."""

import pytest

from bot.roster.columns import SPELLINGS, field_of, match


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("姓名", "name"),
        ("*姓名", "name"),
        ("姓名*", "name"),
        ("姓 名", "name"),
        ("姓　名（必填）", "name"),
        ("姓名(必填)*", "name"),
        ("姓名：", "name"),
        ("Name", "name"),
        ("ＮＡＭＥ", "name"),
        ("帐号", "userid"),
        ("企业微信id", "userid"),
        ("User_ID", "userid"),
        ("User ID", "userid"),
        ("所在党支部", "branch"),
        ("Branch", "branch"),
        ("上级支部【选填】", "parent"),
        ("parent branch", "parent"),
        ("学习层级", "tier"),
        ("角色", "role"),
        ("手机号码", "phone"),
        ("Phone Number", "phone"),
        ("职务", None),
        ("序号", None),
        ("", None),
    ],
)
def test_header_names_are_read_forgivingly(header: str, field: str | None) -> None:
    assert field_of(header) == field


def test_no_spelling_means_two_fields() -> None:
    for field, names in SPELLINGS.items():
        assert {field_of(name) for name in names} == {field}


def test_unknown_columns_are_collected() -> None:
    columns = match(["序号", "姓名", "账号", "", "支部", "备注"])
    assert columns.index == {"name": 1, "userid": 2, "branch": 4}
    assert columns.ignored == ("序号", "备注")
    assert columns.problems == ()


def test_missing_columns_are_named_with_what_is_accepted() -> None:
    problems = match(["姓名", "手机"]).problems
    assert [(p.key, p.column) for p in problems] == [
        ("roster.problem.column_missing", "账号"),
        ("roster.problem.column_missing", "支部"),
    ]
    assert "userid" in str(problems[0].params["accepted"])


def test_a_field_named_twice_is_a_problem() -> None:
    (found,) = match(["姓名", "账号", "支部", "手机", "电话"]).problems
    assert (found.key, found.params) == ("roster.problem.column_twice", {"column": "电话", "first": "手机"})
