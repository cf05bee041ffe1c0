"""The one thing that may be said outside the window: an approved template, 模板消息 or 订阅通知.

Which fields a template has, and what may stand in them, is the platform's; the configuration says what goes where.
"""

from bot.config import OfficialAccountConfig
from bot.message import Nudge
from bot.platforms.base import Request
from bot.platforms.http import Json, dump
from bot.platforms.limits import clean, cut_characters

TEMPLATE, SUBSCRIPTION = "message/template/send", "message/subscribe/bizsend"
SHORT = 20
"""Characters of a field whose name begins with `thing`; a longer one is refused."""


def request(settings: OfficialAccountConfig, message: Nudge, recipient: str, ref: str) -> Request:
    """A template message where one is configured, else a subscription message. Raises ValueError without either."""
    said = {"text": message.text, "number": message.number, "time": message.at}
    data = {name: {"value": _field(name, words.format(**said))} for name, words in settings.template_fields.items()}
    body: Json = {"touser": recipient, "data": data}
    if settings.template_id:
        return Request(TEMPLATE, dump({**body, "template_id": settings.template_id, "client_msg_id": ref}))
    if settings.subscribe_template_id:
        return Request(SUBSCRIPTION, dump({**body, "template_id": settings.subscribe_template_id}))
    raise ValueError("no template is configured")


def _field(name: str, words: str) -> str:
    line = " ".join(clean(words).split())
    return cut_characters(line, SHORT) if name.startswith("thing") else line
