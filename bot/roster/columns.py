"""Which column holds what: header names in Chinese and English, forgiving about how they are written."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.roster.problems import Problem, problem

SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("姓名", "名字", "成员姓名", "党员姓名", "name", "full name"),
    "userid": (
        "账号",
        "帐号",
        "企业微信账号",
        "企业微信帐号",
        "企业微信ID",
        "成员账号",
        "成员帐号",
        "userid",
        "account",
        "wecom userid",
    ),
    "branch": ("支部", "所在支部", "所属支部", "支部名称", "党支部", "所在党支部", "所属党支部", "branch"),
    "parent": ("上级支部", "上级党支部", "上级党组织", "上级组织", "parent", "parent branch"),
    "tier": ("学习层级", "层级", "tier", "study tier"),
    "role": ("角色", "role", "roles"),
    "phone": ("手机", "手机号", "手机号码", "电话", "联系电话", "移动电话", "phone", "mobile", "phone number"),
}
"""Field to accepted header names, the preferred Chinese one first and at least one English one among them."""

REQUIRED: Final = ("name", "userid", "branch")

_DECORATION = re.compile(r"^\*+|\*+$|[(\[【](?:必填项?|选填项?|required|optional)[)\]】]|[:：]$")
_GAPS = re.compile(r"[\s_\-]+")


@dataclass(frozen=True, slots=True)
class Columns:
    """`index` maps a field to its position in the header; `ignored` are the header names that mean nothing here."""

    index: Mapping[str, int]
    ignored: tuple[str, ...]
    problems: tuple[Problem, ...]


def fold(header: str) -> str:
    """A header name without what does not matter: width, case, spaces, `*`, （必填）, a colon."""
    text = _GAPS.sub("", unicodedata.normalize("NFKC", header).casefold())
    while (plain := _DECORATION.sub("", text)) != text:
        text = plain
    return text


_FIELDS: Final[Mapping[str, str]] = {fold(name): field for field, names in SPELLINGS.items() for name in names}


def field_of(header: str) -> str | None:
    """The field that a header name stands for, or None."""
    return _FIELDS.get(fold(header))


def fields_in(cells: Sequence[str]) -> set[str]:
    """The fields that a row names, were it the header."""
    return {field for cell in cells if cell and (field := field_of(cell)) is not None}


def match(header: Sequence[str]) -> Columns:
    """Finds every field; a missing required column and a field named twice are problems."""
    index: dict[str, int] = {}
    ignored: list[str] = []
    problems: list[Problem] = []
    for position, cell in enumerate(header):
        field = field_of(cell)
        if field is None:
            if cell:
                ignored.append(cell)
        elif field in index:
            problems.append(problem("column_twice", column=cell, first=header[index[field]]))
        else:
            index[field] = position
    problems += [
        problem("column_missing", column=SPELLINGS[field][0], accepted=" / ".join(SPELLINGS[field]))
        for field in REQUIRED
        if field not in index
    ]
    return Columns(index, tuple(ignored), tuple(problems))
