"""Everything that can be wrong with a roster is said in both languages."""

import re
from pathlib import Path

import pytest

from bot.roster import fields
from bot.texts import LOCALES, catalogue

ROOM = Path(fields.__file__).parent
NAMES = re.compile(r'\b(?P<kind>problem|refusal|note|Flaw)\(\s*"(?P<name>\w+)"')
FAULTS = re.compile(r'(?:return|else|None if .* else) "(\w+)"')


def names() -> set[str]:
    """The keys that the room can give: named in a call, or returned by a check of one cell."""
    found = set()
    for path in ROOM.glob("*.py"):
        for match in NAMES.finditer(path.read_text(encoding="utf-8")):
            found.add(f"roster.{'note' if match['kind'] == 'note' else 'problem'}.{match['name']}")
    checks = (ROOM / "fields.py").read_text(encoding="utf-8")
    found |= {f"roster.problem.{name}" for name in FAULTS.findall(checks)}
    for name in ("blank", "branch_form", "phone_form", "date", "cell_error", "userid_twice", "userid_case"):
        found.add(f"roster.problem.{name}")
    return found | {f"roster.problem.{what}_{how}" for what in ("tier", "role") for how in ("unknown", "near")}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_problem_has_its_sentence(locale: str) -> None:
    sentences = catalogue(locale)
    assert len(names()) > 45
    assert sorted(name for name in names() if not sentences.get(name)) == []


@pytest.mark.parametrize("area", ["roster", "config", "cli", "doctor"])
def test_both_languages_say_the_same(area: str) -> None:
    chinese, english = ({k: v for k, v in catalogue(each).items() if k.startswith(f"{area}.")} for each in LOCALES)
    assert chinese.keys() == english.keys()
    for key, sentence in chinese.items():
        assert set(re.findall(r"\{(\w+)\}", sentence)) == set(re.findall(r"\{(\w+)\}", english[key])), key
        assert "！" not in sentence
