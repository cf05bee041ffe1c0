"""Every reason that the program can give has words in every language."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.platforms.official_account import codes as account
from bot.platforms.wecom import codes as wecom
from bot.texts import LOCALES, catalogue

ROOT = Path(__file__).parents[3] / "bot"
FIRST = {"SendLater": 0, "SendRefused": 0, "SendDoubtful": 0, "later": 0, "configuration": 0, "Outcome": 1}
"""Call → which of its arguments is a reason."""
OURS = {
    *("no_account", "not_in_range", "no_licence", "withdrawn", "expired", "excused", "left", "done", "trial"),
    *("gave_up", "unknown", "pace", "bot_credentials", "bot_mode", "bot_kicked", "no_permission"),
}


def reasons() -> Iterator[str]:
    for path in ROOT.rglob("*.py"):
        if path.is_relative_to(ROOT / "simulator"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield from _of_call(node)


def _of_call(call: ast.Call) -> Iterator[str]:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    place = FIRST.get(name)
    if place is None:
        return
    arguments = [*call.args[place : place + 1], *(word.value for word in call.keywords if word.arg == "reason")]
    for argument in arguments:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value:
            yield argument.value


@pytest.mark.parametrize("locale", LOCALES)
def test_every_reason_has_words(locale: str) -> None:
    known = catalogue(locale)
    used = (
        OURS
        | set(reasons())
        | {meaning.reason for table in (account.MEANINGS, wecom.MEANINGS) for meaning in table.values()}
    )

    assert {"network", "rate", "too_late", "media"} <= used
    assert sorted(reason for reason in used if f"reason.{reason}" not in known) == []
