"""The catalogues: complete in both languages, nothing unused, nothing fuzzy, the same placeholders."""

import ast
import re
import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from bot.texts import LOCALES, catalogue

ROOT = Path(__file__).parent.parent
SOURCES = [
    path for room in ("bot", "handlers") for path in (ROOT / room).rglob("*.py") if "simulator" not in path.parts
]
TEMPLATES = list((ROOT / "handlers").rglob("*.html"))


def placeholders(sentence: str) -> set[str]:
    return {name.split(".")[0] for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_both_languages_have_the_same_keys() -> None:
    assert catalogue("zh_CN").keys() == catalogue("en").keys()


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_is_fuzzy_empty_or_said_twice(locale: str) -> None:
    seen: set[str] = set()
    for path in sorted((ROOT / "bot/texts" / locale / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=locale):
                if message.id:
                    key = str(message.id)
                    assert not message.fuzzy, key
                    assert str(message.string).strip(), key
                    assert key not in seen, f"{key} stands twice"
                    seen.add(key)


@pytest.mark.parametrize("key", sorted(catalogue("zh_CN")))
def test_placeholders_agree(key: str) -> None:
    assert placeholders(catalogue("zh_CN")[key]) == placeholders(catalogue("en")[key])


def test_chinese_is_said_without_exclamation_marks() -> None:
    assert [key for key, sentence in catalogue("zh_CN").items() if "！" in sentence or "!" in sentence] == []


def _strings() -> tuple[set[str], list[re.Pattern[str]]]:
    """Every string constant of the program, and a pattern for every string that is put together."""
    constants: set[str] = set()
    patterns: list[re.Pattern[str]] = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                constants.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in node.values]
                if any("\\." in part or "." in part[:1] for part in parts) and parts != [".+"]:
                    patterns.append(re.compile("".join(parts)))
    for path in TEMPLATES:
        constants.update(re.findall(r"[\"']([a-z_]+(?:\.[a-z_0-9]+)+)[\"']", path.read_text(encoding="utf-8")))
    return constants, patterns


def test_nothing_is_unused() -> None:
    constants, patterns = _strings()
    keyed = [pattern for pattern in patterns if not pattern.pattern.startswith(".+")]
    ends = {pattern.pattern.rpartition("\\.")[2] for pattern in patterns if pattern.pattern.startswith(".+\\.")}
    endings = [pattern.pattern[2:].replace("\\", "") for pattern in patterns if pattern.pattern.startswith(".+\\.")]

    def used(key: str) -> bool:
        if key in constants or any(pattern.fullmatch(key) for pattern in keyed):
            return True
        if any(key.endswith(ending) and key.removesuffix(ending) in constants for ending in endings):
            return True
        area, _, name = key.rpartition(".")
        return ".+" in ends and area in constants and name in constants

    assert [key for key in catalogue("zh_CN") if not used(key)] == []
