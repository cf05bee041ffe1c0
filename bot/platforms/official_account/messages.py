"""From our messages to the official account's JSON: 客服消息 and 被动回复用户消息 on developers.weixin.qq.com."""

import re

from bot.message import Card, Text
from bot.platforms.http import Json
from bot.platforms.limits import clean, cut_bytes, cut_characters, plain

TEXT_BYTES = 2048
TITLE, DESCRIPTION = 64, 120
"""Characters that a link's two lines show."""

_WEB = re.compile(r"https?://[^\s\x00-\x1f\"<>\ud800-\udfff]+")


def words(text: str) -> str:
    """A text's content: at most 2048 bytes. Callers split or shorten before; what is cut shows that it is."""
    return cut_bytes(plain(text), TEXT_BYTES)


def content(message: Text | Card) -> Json:
    """The message without its recipient. A card that only opens a page is a link; other cards become words."""
    if isinstance(message, Card):
        link = _link(message)
        return link if link is not None else _text(_as_words(message))
    return _text(words(message.text))


def _text(said: str) -> Json:
    return {"msgtype": "text", "text": {"content": said}}


def _link(card: Card) -> Json | None:
    if card.buttons or card.fields or not _WEB.fullmatch(card.url):
        return None
    description = "\n".join(part for part in (card.subtitle, card.body) if part)
    article = {
        "title": cut_characters(clean(card.title), TITLE),
        "description": cut_characters(clean(description), DESCRIPTION),
        "url": card.url,
        "picurl": "",
    }
    return {"msgtype": "news", "news": {"articles": [article]}}


def _as_words(card: Card) -> str:
    """Everything that the card says; buttons that open a page as links, the others have no place here."""
    rows = (f"{name}：{value}" for name, value in card.fields)
    said = "\n".join(part for part in (card.title, card.subtitle, card.body, *rows) if part)
    links = [
        f'<a href="{url}">{plain(label)}</a>'
        for label, url in (*((button.label, button.url) for button in card.buttons), (card.title, card.url))
        if _WEB.fullmatch(url)
    ]
    room = TEXT_BYTES - sum(len(link.encode()) + 1 for link in links)
    return "\n".join([cut_bytes(plain(said), max(room, 0)), *links])
