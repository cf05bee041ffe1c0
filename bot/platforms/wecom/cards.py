"""From our messages to WeCom's JSON.

Texts: https://developer.work.weixin.qq.com/document/path/90236; changed cards: 94888. The lengths are those that the
pages give or advise; WeCom cuts longer parts anywhere, so we cut them ourselves, at a character's border.
"""

import re
from typing import Any

from bot.message import Button, Card, CardUpdate
from bot.platforms.limits import clean, cut_bytes, cut_characters, plain

TEXT_BYTES = 2048
URL_BYTES = 2048
TITLE, DESCRIPTION, BODY, SOURCE = 36, 44, 160, 20
FIELD_NAME, FIELD_VALUE = 8, 30
"""Five characters are advised for a name; four Chinese ones and a blank should not lose their end."""
BUTTON, JUMP = 10, 18
MOST_FIELDS, MOST_BUTTONS, MOST_JUMPS = 6, 6, 3
NO_NAME = "·"
"""A row must have a name."""

Json = dict[str, Any]

_WEB = re.compile(r"https?://[^\s\x00-\x1f\ud800-\udfff]+")


def text(words: str) -> str:
    """A text's content: at most 2048 bytes. Callers split or shorten before; what is cut shows that it is."""
    return cut_bytes(plain(words), TEXT_BYTES)


def card(message: Card, task_id: str) -> Json | None:
    """A template card: with buttons where one of them calls back, else a notice that opens its page.

    None when the card has neither a button that calls back nor an address; WeCom has no card for that.
    """
    buttons = [row for row in map(_button, message.buttons) if row is not None]
    url = _url(message.url) or next((row["url"] for row in buttons if row["type"] == 1), "")
    interactive = any(row["type"] == 0 for row in buttons)
    if not interactive and not url:
        return None
    built: Json = {"card_type": "button_interaction" if interactive else "text_notice"}
    if message.source:
        built["source"] = {"desc": _words(message.source, SOURCE), "desc_color": 0}
    built["main_title"] = _title(message)
    if message.body:
        built["sub_title_text"] = _words(message.body, BODY)
    if message.fields:
        built["horizontal_content_list"] = [
            {"keyname": _words(name, FIELD_NAME) or NO_NAME, "value": _words(value, FIELD_VALUE)}
            for name, value in message.fields[:MOST_FIELDS]
        ]
    if not interactive and buttons:
        built["jump_list"] = [{"type": 1, "title": _words(b.label, JUMP), "url": b.url} for b in _links(message)]
    if url:
        built["card_action"] = {"type": 1, "url": url}
    if interactive:
        built["task_id"] = task_id
        built["button_list"] = buttons[:MOST_BUTTONS]
    return built


def as_text(message: Card) -> str:
    """The card's words, for a card that WeCom cannot show as one."""
    rows = (f"{name}：{value}" for name, value in message.fields)
    return "\n".join(part for part in (message.title, message.subtitle, message.body, *rows) if part)


def update(message: CardUpdate) -> Json:
    """What changes the clicked card: a grey button, or a whole new card whose buttons go on working."""
    replacement = card(message.card, message.card_id) if message.card is not None else None
    if replacement is not None:
        return {"template_card": replacement}
    return {"button": {"replace_name": _words(message.done_label, BUTTON)}}


def _title(message: Card) -> Json:
    title = {"title": _words(message.title or message.subtitle or message.body or NO_NAME, TITLE)}
    if message.subtitle and message.title:
        title["desc"] = _words(message.subtitle, DESCRIPTION)
    return title


def _button(button: Button) -> Json | None:
    label = _words(button.label, BUTTON)
    style = 1 if button.primary else 2
    if button.action:
        return {"type": 0, "text": label, "style": style, "key": button.action}
    url = _url(button.url)
    return {"type": 1, "text": label, "style": style, "url": url} if url else None


def _links(message: Card) -> list[Button]:
    return [button for button in message.buttons if _url(button.url)][:MOST_JUMPS]


def _words(words: str, limit: int) -> str:
    return cut_characters(clean(words).strip(), limit)


def _url(url: str) -> str:
    """The address, if it is one that a card may open."""
    return url if _WEB.fullmatch(url) and len(url.encode()) <= URL_BYTES else ""
