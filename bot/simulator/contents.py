"""Messages of every type but template cards: whether the vendor would take them, and what people see."""

import re
from datetime import datetime

from bot.simulator import cards
from bot.simulator.cards import NoteCut
from bot.simulator.media import MediaStore
from bot.simulator.refusal import Refusal
from bot.simulator.shown import Content, Json

LONGEST_TEXT = 2048
"""Bytes of a text or markdown message."""

_LINK = re.compile(r'<a\s+href="([^"]*)"\s*>(.*?)</a>', re.DOTALL)
_MEDIA = ("image", "voice", "video", "file")
_TAG = re.compile(r"<[^>]*>")


def read(body: Json, media: MediaStore, now: datetime, note: NoteCut) -> Content:
    """What is seen of a `message/send` body. Raises Refusal as the vendor words it (40008 for an unknown type)."""
    kind = body.get("msgtype")
    if kind == "template_card":
        return cards.content(cards.check(body.get("template_card")), note)
    payload = body.get(str(kind))
    if kind not in ("text", "markdown", "textcard", "news", *_MEDIA):
        raise Refusal(40008)
    if not isinstance(payload, dict):
        raise Refusal(40035, str(kind))
    if kind == "text":
        return text(_words(payload, "content"), note)
    if kind == "markdown":
        return markdown(_words(payload, "content"), LONGEST_TEXT)
    if kind == "textcard":
        return _textcard(payload, note)
    if kind == "news":
        return _news(payload)
    medium = media.find(payload.get("media_id"), now)
    return Content(str(kind), str(payload.get("title") or medium.filename), media_id=medium.media_id)


def text(words: str, note: NoteCut) -> Content:
    """A text: cut at 2048 bytes, `<a href>` shown as its label; other markup stands as written."""
    size = len(words.encode())
    if size > LONGEST_TEXT:
        note("text.content", size, LONGEST_TEXT)
        words = words.encode()[:LONGEST_TEXT].decode(errors="ignore")
    links = tuple((label, url) for url, label in _LINK.findall(words))
    return Content("text", _LINK.sub(r"\2", words), markup=words, links=links)


def markdown(words: str, longest: int) -> Content:
    """A markdown message, shown as written. Raises Refusal 45002 when longer than so many bytes."""
    if len(words.encode()) > longest:
        raise Refusal(45002)
    return Content("markdown", words)


def _textcard(payload: Json, note: NoteCut) -> Content:
    title, description = payload.get("title"), payload.get("description")
    url = payload.get("url")
    if not title or not description:
        raise Refusal(41016)
    if not url:
        raise Refusal(41033)
    if "://" not in url:
        raise Refusal(45034)
    if len(url.encode()) > 2048:
        raise Refusal(45035)
    for part, words, most in (("title", title, 128), ("description", description, 512)):
        if len(words) > most:
            note(f"textcard.{part}", len(words), most)
    visible = _TAG.sub("\n", description[:512])
    lines = [title[:128], *(line.strip() for line in visible.splitlines())]
    return Content("textcard", "\n".join(line for line in lines if line), card=payload, url=url)


def _news(payload: Json) -> Content:
    articles = payload.get("articles")
    if not isinstance(articles, list) or not articles:
        raise Refusal(40035, "articles")
    if len(articles) > 8:
        raise Refusal(45008)
    if not all(isinstance(article, dict) and article.get("title") for article in articles):
        raise Refusal(41016)
    words = [f"{article['title']} {article.get('description', '')}".strip() for article in articles]
    return Content("news", "\n".join(words), card=payload, url=str(articles[0].get("url") or ""))


def _words(payload: Json, name: str) -> str:
    words = payload.get(name)
    if not isinstance(words, str) or not words:
        raise Refusal(44004)
    return words
