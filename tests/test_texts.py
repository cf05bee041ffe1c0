"""The catalogues: complete in both languages, nothing unused, nothing fuzzy, the same placeholders."""

import ast
import re
import string
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po

from bot.platforms.wecom import cards as wecom
from bot.platforms.wecom_bot import cards as wecom_bot
from bot.texts import LOCALES, Texts, catalogue

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
def test_nothing_is_fuzzy_empty_or_said_twice_and_all_is_read_as_gettext_reads_it(locale: str) -> None:
    seen: dict[str, str] = {}
    for path in sorted((ROOT / "bot/texts" / locale / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=locale):
                if message.id:
                    key = str(message.id)
                    assert not message.fuzzy, key
                    assert str(message.string).strip(), key
                    assert key not in seen, f"{key} stands twice"
                    seen[key] = str(message.string)
    assert catalogue(locale) == seen


def test_placeholders_agree() -> None:
    chinese, english = ({key: placeholders(words) for key, words in catalogue(each).items()} for each in LOCALES)
    assert {key for key in chinese if chinese[key] != english[key]} == set()


ALWAYS_MANY = {"residents.too_many", "roster.problem.branch_unclear"}
"""Sentences whose number is never one."""
LABEL = re.compile(r"(?!page\.|public\.|receipt\.).*\.(button|label)(\..+)?|card\.done\..+")
"""The keys of what stands on a card's button, before it is pressed or after."""
FILLED = {"number": 1234, "letter": "A", "words": ""}
NAMES = {"zh_CN": "欧阳娜娜", "en": "Li Na"}


@pytest.mark.parametrize("locale", LOCALES)
def test_no_label_is_cut(locale: str) -> None:
    texts, filled = Texts(locale, ZoneInfo("Asia/Shanghai")), {**FILLED, "name": NAMES[locale]}
    for key, sentence in catalogue(locale).items():
        if LABEL.fullmatch(key):
            label = texts.say(key, **{name: filled[name] for name in placeholders(sentence)})
            assert len(label) <= min(wecom.BUTTON, wecom_bot.BUTTON), (key, label)


NAME = re.compile(r"(card|announcing|signup|poll|correction)\.field\.\w+|preview\.(to|not_to|when|due|reminders|link)")


@pytest.mark.parametrize(("locale", "most"), [("zh_CN", 5), ("en", min(wecom.FIELD_NAME, wecom_bot.FIELD_NAME))])
def test_no_name_of_a_row_is_cut(locale: str, most: int) -> None:
    names = {key: sentence for key, sentence in catalogue(locale).items() if NAME.fullmatch(key)}
    assert len(names) > 15
    assert {key: name for key, name in names.items() if len(name) > most} == {}


def test_a_label_has_a_key_of_its_own() -> None:
    said = re.compile(r"(?:Button\(|done_label=|label = )\s*(?:\w+\.)*say\(f?\"([^\"]+)\"")
    keys = {key for path in SOURCES for key in said.findall(path.read_text(encoding="utf-8"))}
    assert len(keys) > 40
    assert [key for key in keys if not LABEL.fullmatch(key)] == []


def test_words_follow_the_number() -> None:
    texts = Texts("en", ZoneInfo("Asia/Shanghai"))
    assert texts.say("reminder.title", n=1) == "1 item waits for your answer"
    assert texts.say("reminder.title", n=2) == "2 items wait for your answer"
    assert texts.say("publications.spots", n=1, spots="a phone number").startswith("1 spot is blacked out")
    assert [key for key, sentence in catalogue("en").items() if re.search(r"\w\((e?s)\)", sentence)] == []
    plural = re.compile(r"\{(n|count|members|people|items|total|minutes|hours)\} (?!in |on |or |of )[a-z]+s ")
    bare = {key: sentence for key, sentence in catalogue("en").items() if plural.search(sentence)}
    unsaid = {key: words for key, words in bare.items() if not key.startswith("plan.every_n.")}
    assert unsaid.keys() <= ALWAYS_MANY, f"write {{n:item|items}}: {unsaid}"


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
