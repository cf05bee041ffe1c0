"""Every sentence that a person reads, in the language of the configuration.

A sentence has a key like `notice.published` and stands in the catalogues `<locale>/LC_MESSAGES/*.po`, one file for
each area, complete in every locale. `{name}` is filled from the parameters; instants are written in the branch's zone.
`{n:item|items}` writes the words for one, or those for more or none.
"""

import json
import re
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

LOCALES = ("zh_CN", "en")

_WEEKDAYS = {"zh_CN": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_ENTRY = re.compile(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"(?:\n|\Z))+)', re.MULTILINE)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@cache
def catalogue(locale: str) -> dict[str, str]:
    """Key → sentence, of all areas."""
    found: dict[str, str] = {}
    for path in sorted((Path(__file__).parent / locale / "LC_MESSAGES").glob("*.po")):
        entries = _ENTRY.findall(path.read_text(encoding="utf-8"))
        found.update((_unquoted(key), _unquoted(sentence)) for key, sentence in entries)
    found.pop("", None)  # the head of a file, which says what it is
    return found


def _unquoted(lines: str) -> str:
    """What the quoted lines of an entry say together. What gettext escapes is what JSON escapes."""
    return "".join(json.loads(line) for line in lines.splitlines())


class _Counting(Formatter):
    """As `str.format`; `{n:item waits|items wait}` writes the words for one, or those for more or none."""

    def format_field(self, value: object, format_spec: str) -> str:
        one, divided, more = format_spec.partition("|")
        if not divided:
            return str(super().format_field(value, format_spec))
        return one if str(value) == "1" else more


_counting = _Counting()


class Texts:
    """Says sentences in one language and writes times in one zone."""

    def __init__(self, locale: str, zone: ZoneInfo) -> None:
        self.locale = locale
        self.zone = zone
        self._sentences = catalogue(locale)

    def say(self, key: str, **params: object) -> str:
        """The sentence with its parameters filled in. A datetime is written by `when`, a timedelta by `span`."""
        sentence = self._sentences[key]
        shown = {name: self._show(value) for name, value in params.items()}
        return _counting.vformat(sentence, (), shown) if "|" in sentence else sentence.format(**shown)

    def has(self, key: str) -> bool:
        return key in self._sentences

    def reason(self, key: str | None) -> str:
        """Why something could not be sent, in words; a key without words is shown as it is."""
        name = f"reason.{key or 'unknown'}"
        return self._sentences.get(name, key or "")

    def when(self, at: datetime, now: datetime | None = None) -> str:
        """`11月30日（周一）18:00`; the year is written when `now` is given and lies in another year."""
        local = at.astimezone(self.zone)
        return f"{self.day(local.date(), now)}{'' if self.locale == 'zh_CN' else ' '}{local:%H:%M}"

    def day(self, day: date, now: datetime | None = None) -> str:
        """`11月30日（周一）`."""
        year = now is not None and now.astimezone(self.zone).year != day.year
        weekday = _WEEKDAYS[self.locale][day.weekday()]
        if self.locale == "zh_CN":
            return f"{f'{day.year}年' if year else ''}{day.month}月{day.day}日（周{weekday}）"
        return f"{weekday} {day.day} {_MONTHS[day.month - 1]}{f' {day.year}' if year else ''}"

    def span(self, length: timedelta) -> str:
        """A length in its largest whole unit: `2天`, `3小时`, `90 秒`."""
        seconds = int(length.total_seconds())
        for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
            if seconds and seconds % size == 0:
                return self.say(f"span.{unit}", n=seconds // size)
        return self.say("span.second", n=seconds)

    def list(self, things: list[str], limit: int = 0) -> str:
        """`甲、乙、丙`; beyond `limit` (0: none) the number of the others."""
        separator = "、" if self.locale == "zh_CN" else ", "
        if limit and len(things) > limit:
            return self.say("list.more", shown=separator.join(things[:limit]), n=len(things) - limit)
        return separator.join(things)

    def _show(self, value: object) -> object:
        if isinstance(value, datetime):
            return self.when(value)
        if isinstance(value, timedelta):
            return self.span(value)
        return value
