"""What a secretary has written of a draft so far, before anybody knows whether it can be understood."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.rules.drafts import Slip, split_fields
from bot.rules.folding import normalise
from bot.rules.text import clean
from bot.rules.times import Moment, read_time
from storage.enums import ItemKind

FIELDS: Mapping[str, str] = {
    **dict.fromkeys(("对象", "发给", "to"), "to"),
    **dict.fromkeys(("截止", "截至", "截止时间", "due"), "due"),
    **dict.fromkeys(("定时", "发送时间", "at"), "at"),
    **dict.fromkeys(("要求", "require"), "require"),
    **dict.fromkeys(("提醒", "remind"), "remind"),
    **dict.fromkeys(("链接", "link"), "link"),
    **dict.fromkeys(("事由", "reason"), "occasion"),
}
"""Every way to write a field's name, and the field."""

NOON = 12
BEFORE_NOON = frozenset({"上午", "早上", "早晨", "凌晨", "am", "a.m", "morning", "第一个", "前一个", "1"})
AFTER_NOON = frozenset({"下午", "晚上", "傍晚", "中午", "pm", "p.m", "afternoon", "evening", "第二个", "后一个", "2"})
_TITLE_NAME = re.compile(r"\s*(?:标题|题目|title)\s*[:：]\s*", re.IGNORECASE)
_BODY_NAME = re.compile(r"\s*(?:正文|body)\s*[:：]\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Written:
    """A draft on its way: what was written so far."""

    kind: ItemKind
    title: str = ""
    body: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    twice: tuple[str, ...] = ()
    slips: tuple[tuple[str, str], ...] = ()
    choices: tuple[str, ...] = ()
    """The instants (ISO) that what was written for a time may mean, while the bot asks which."""

    def dump(self) -> str:
        """JSON text."""
        return json.dumps(
            {
                "kind": self.kind,
                "title": self.title,
                "body": self.body,
                "fields": dict(self.fields),
                "slips": self.slips,
                "choices": self.choices,
            },
            ensure_ascii=False,
        )

    @classmethod
    def load(cls, text: str) -> "Written":
        data = json.loads(text)
        return cls(
            ItemKind(data["kind"]),
            data["title"],
            data["body"],
            data["fields"],
            (),
            tuple((written, meant) for written, meant in data["slips"]),
            tuple(data["choices"]),
        )

    def with_answer(self, asked: str, answer: str, zone: ZoneInfo, names: Mapping[str, str]) -> "Written":
        """The draft with the answer to what was asked.

        The answer may be a bare value or whole field lines; `names` as `split_fields` takes them. A line that was too
        long for a title goes into the body.
        """
        parts = split_fields(clean(answer).strip(), names)
        fields = {**self.fields, **parts.fields}
        if asked == "title":
            body = "\n".join(part for part in (self.title, self.body, _without_name(_BODY_NAME, parts.body)) if part)
            return replace(self, title=_without_name(_TITLE_NAME, parts.title), body=body, fields=fields, choices=())
        if not parts.fields or parts.title:
            fields[asked] = (
                _chosen_time(answer, [datetime.fromisoformat(each) for each in self.choices], zone) or answer
            )
        return replace(self, fields=fields, choices=())


def read_draft(kind: ItemKind, text: str, names: Mapping[str, str], lifted: Mapping[str, str]) -> Written:
    """Takes apart what follows the command word. `names` are the kind's fields, `lifted` those already taken out."""
    draft = split_fields(clean(text), names)
    slips = tuple((slip.written, slip.meant) for slip in draft.suspicious if isinstance(slip, Slip))
    title = _without_name(_TITLE_NAME, draft.title)
    return Written(
        kind, title, _without_name(_BODY_NAME, draft.body), {**draft.fields, **lifted}, draft.duplicates, slips
    )


def _without_name(name: re.Pattern[str], words: str) -> str:
    """`标题：关于开会` is only `关于开会`."""
    found = name.match(words)
    return words[found.end() :].strip() if found else words


def _chosen_time(answer: str, choices: Sequence[datetime], zone: ZoneInfo) -> str:
    """Which of the instants `下午` or `下午3点` means, on its own day and not on today's; "" when none."""
    words = normalise(answer).strip(" 。.!").lower()
    for at in choices:
        local = at.astimezone(zone)
        if words in (AFTER_NOON if local.hour >= NOON else BEFORE_NOON):
            return at.isoformat()
        midnight = local.replace(hour=0, minute=0) - timedelta(seconds=1)
        if read_time(answer, now=midnight, zone=zone, default=local.time()) == Moment(at):
            return at.isoformat()
    return ""
