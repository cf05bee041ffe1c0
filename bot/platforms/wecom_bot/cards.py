"""Our messages as the bodies that the group bot sends (pages 101031, 101032).

The lengths are those that the vendor recommends for the bot's cards, in characters; whether longer text is cut or
refused is nowhere said, so it is cut here. Buttons of these cards have a key and no address: a button that opens a
page becomes a line of the card's jump list.
"""

from typing import Any

from bot.message import Button, Card, File, Text
from bot.platforms.limits import clean, cut_bytes, cut_characters
from bot.platforms.wecom_bot.markdown import escape

MARKDOWN_BYTES = 20480
URL_BYTES = 2048
NO_NAME = "·"
"""A card must have a title, a row a name."""

_SOURCE, _TITLE, _SUBTITLE, _BODY = 13, 26, 30, 112
FIELD_NAME, _FIELD_VALUE, _FIELDS = 8, 26, 6
"""Five characters are advised for a name, which are more where they are Latin letters."""
BUTTON, _BUTTONS = 10, 6
_JUMP, _JUMPS = 13, 3
_PRIMARY, _PLAIN = 1, 2


def payload(message: Text | Card | File, task_id: str) -> dict[str, Any]:
    """The message part of a body: `msgtype` and the object of that name. `task_id` is unique for the bot.

    Raises ValueError for a file that has not been uploaded.
    """
    if isinstance(message, File):
        if not message.media_id:
            raise ValueError("a file is uploaded before it is sent")
        return {"msgtype": message.kind, message.kind: {"media_id": message.media_id}}
    if isinstance(message, Text):
        return markdown(escape(clean(message.text)))
    if any(b.action for b in message.buttons) or _address(message):
        return {"msgtype": "template_card", "template_card": template_card(message, task_id)}
    return markdown(_card_as_text(message))


def markdown(content: str) -> dict[str, Any]:
    """A markdown message; `content` is already escaped."""
    return {"msgtype": "markdown", "markdown": {"content": cut_bytes(content, MARKDOWN_BYTES)}}


def template_card(card: Card, task_id: str, done_label: str = "") -> dict[str, Any]:
    """The card as JSON. With `done_label` one button is left that says so: the platform cannot grey one."""
    actions = [b for b in card.buttons if b.action]
    result: dict[str, Any] = {
        "card_type": "button_interaction" if actions else "text_notice",
        "task_id": task_id,
        "main_title": {"title": _line(card.title, _TITLE) or NO_NAME},
    }
    if card.subtitle:
        result["main_title"]["desc"] = _line(card.subtitle, _SUBTITLE)
    if card.source:
        result["source"] = {"desc": _line(card.source, _SOURCE), "desc_color": 0}
    if card.body:
        result["sub_title_text"] = cut_characters(clean(card.body).strip(), _BODY)
    if card.fields:
        result["horizontal_content_list"] = [
            {"keyname": _line(name, FIELD_NAME) or NO_NAME, "value": _line(value, _FIELD_VALUE)}
            for name, value in card.fields[:_FIELDS]
        ]
    if jumps := [b for b in card.buttons if _is_address(b.url)]:
        result["jump_list"] = [{"type": 1, "title": _line(b.label, _JUMP), "url": b.url} for b in jumps[:_JUMPS]]
    if address := _address(card):
        result["card_action"] = {"type": 1, "url": address}
    if actions and done_label:
        kept = next((b for b in actions if b.primary), actions[0])
        result["button_list"] = [_button(Button(done_label, action=kept.action))]
    elif actions:
        result["button_list"] = [_button(b) for b in actions[:_BUTTONS]]
    return result


def _button(button: Button) -> dict[str, Any]:
    return {
        "text": _line(button.label, BUTTON),
        "style": _PRIMARY if button.primary else _PLAIN,
        "key": button.action,
    }


def _address(card: Card) -> str:
    """Where a tap on the card leads; "" when nowhere."""
    return next((url for url in (card.url, *(b.url for b in card.buttons)) if _is_address(url)), "")


def _is_address(url: str) -> bool:
    """Whether a card may open it."""
    return url.startswith(("https://", "http://")) and len(url.encode(errors="ignore")) <= URL_BYTES


def _card_as_text(card: Card) -> str:
    """A card without buttons and address: the platform wants one of them, so it becomes words."""
    source, title, subtitle, body = (
        escape(clean(part)) for part in (card.source, card.title, card.subtitle, card.body)
    )
    rows = [source, f"**{title.strip()}**" if title.strip() else "", subtitle, body]
    rows += [f"{escape(clean(name))}：{escape(clean(value))}" for name, value in card.fields]
    return "\n".join(row for row in rows if row)


def _line(words: str, limit: int) -> str:
    """The words on one line, at most `limit` characters."""
    return cut_characters(" ".join(clean(words).split()), limit)
