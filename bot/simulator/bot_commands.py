"""What the group bot may ask of its connection: answers, welcomes, card updates, pushes, uploads."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.simulator import cards, contents
from bot.simulator.aibot import Asked
from bot.simulator.bot_uploads import BotUploads
from bot.simulator.refusal import Refusal
from bot.simulator.shown import Content, Json, Shown

if TYPE_CHECKING:
    from bot.simulator.twin import Twin

LONGEST_MARKDOWN = 20480
ANSWER_WITHIN = timedelta(hours=24)
"""For messages, by the twin's clock."""
EVENT_WITHIN = timedelta(seconds=5)
"""For welcomes and card updates, in real time."""
STREAM_WITHIN = timedelta(minutes=10)

_MINUTE = timedelta(minutes=1).total_seconds()
_HOUR = timedelta(hours=1).total_seconds()
_MEDIA = ("image", "voice", "video", "file")


class BotCommands:
    """Each command by its name; raises Refusal for what the vendor refuses."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin
        self._uploads = BotUploads(twin)
        self.per_minute = 30
        self.per_hour = 1000

    def act(self, cmd: str, req_id: str, body: Json) -> Json:
        """Does one command and gives the body of its acknowledgement, `{}` for none. Raises Refusal 846610."""
        if cmd == "aibot_respond_msg":
            return self._respond_msg(self._asked(req_id), body)
        if cmd == "aibot_respond_welcome_msg":
            return self._respond_welcome(self._asked(req_id), body)
        if cmd == "aibot_respond_update_msg":
            return self._respond_update(self._asked(req_id), body)
        if cmd == "aibot_send_msg":
            return self._send_msg(body)
        if cmd.startswith("aibot_upload_media_"):
            return self._uploads.act(cmd.removeprefix("aibot_upload_media_"), body)
        raise Refusal(846610)

    def _respond_msg(self, asked: Asked, body: Json) -> Json:
        if asked.kind != "message":
            raise Refusal(846605)
        if self.twin.clock.now() - asked.at > ANSWER_WITHIN:
            raise Refusal(846604)
        if asked.answered:
            raise Refusal(846606)
        kind = body.get("msgtype")
        if kind in ("stream", "stream_with_template_card"):
            self._stream(asked, body)
        elif kind in ("template_card", *_MEDIA):
            self._show(asked.conversation, self._content(body))
            asked.answered = True
        else:
            raise Refusal(40008)
        return {}

    def _stream(self, asked: Asked, body: Json) -> None:
        """One frame of an answer that grows; frames with the same id replace its text."""
        stream = body.get("stream")
        if not isinstance(stream, dict) or not stream.get("id"):
            raise Refusal(40035, "stream")
        content = contents.markdown(str(stream.get("content") or ""), LONGEST_MARKDOWN)
        if asked.stream is None:
            asked.stream, asked.stream_id = self._show(asked.conversation, content), str(stream["id"])
        elif asked.stream_id != stream["id"]:
            raise Refusal(846606)
        elif time.monotonic() - asked.started > STREAM_WITHIN.total_seconds():
            raise Refusal(846608)
        else:
            asked.stream.content = content
            self.twin.changed()
        if body.get("template_card"):
            self._show(asked.conversation, self._card(body["template_card"]))
        asked.answered = bool(stream.get("finish"))

    def _respond_welcome(self, asked: Asked, body: Json) -> Json:
        self._check_event(asked, "enter_chat")
        if body.get("msgtype") not in ("text", "template_card"):
            raise Refusal(40008)
        self._show(asked.conversation, self._content(body))
        asked.answered = True
        return {}

    def _respond_update(self, asked: Asked, body: Json) -> Json:
        self._check_event(asked, "template_card_event")
        shown = asked.shown
        card = body.get("template_card")
        if body.get("response_type") != "update_template_card" or shown is None:
            raise Refusal(40035, "response_type")
        if not isinstance(card, dict) or card.get("task_id") != shown.task_id:
            raise Refusal(846625)
        content = self._card(card)
        userids = body.get("userids")
        if userids:
            views = shown.views = shown.views or {}
            views.update({self._plain(userid).casefold(): content for userid in userids})
        else:
            shown.content, shown.views = content, None
        asked.answered = True
        self.twin.changed()
        return {}

    def _send_msg(self, body: Json) -> Json:
        chat_id, chat_type = str(body.get("chatid") or ""), body.get("chat_type", 0)
        is_group = chat_type == 2 or (chat_type != 1 and chat_id in self.twin.groups)
        if is_group:
            group = self.twin.groups.get(chat_id)
            if group is None:
                raise Refusal(93006)
            if not group.has_bot:
                raise Refusal(93001)
            conversation = chat_id
        else:
            conversation = self._plain(chat_id)
            if self.twin.directory.find(conversation) is None:
                raise Refusal(93006)
        if (conversation if is_group else conversation.casefold()) not in self.twin.bot.spoken:
            raise Refusal(846607)
        if body.get("msgtype") not in ("markdown", "template_card", *_MEDIA):
            raise Refusal(40008)
        self._show(conversation, self._content(body))
        return {}

    def _content(self, body: Json) -> Content:
        kind = str(body.get("msgtype"))
        payload = body.get(kind)
        if not isinstance(payload, dict):
            raise Refusal(40035, kind)
        if kind == "template_card":
            return self._card(payload)
        if kind in _MEDIA:
            medium = self.twin.media.find(payload.get("media_id"), self.twin.clock.now())
            return Content(kind, medium.filename, media_id=medium.media_id)
        words = payload.get("content")
        if not isinstance(words, str) or not words:
            raise Refusal(44004)
        return contents.text(words, self._note_cut) if kind == "text" else contents.markdown(words, LONGEST_MARKDOWN)

    def _card(self, card: object) -> Content:
        return cards.content(cards.check(card), self._note_cut)

    def _show(self, conversation: str, content: Content) -> Shown:
        """Shows a message of the bot. Raises Refusal 45009 over 30 a minute or 1000 an hour in one conversation."""
        now = self.twin.clock.now()
        shown_at = self.twin.bot.rates.setdefault(conversation.casefold(), [])
        at = now.timestamp()
        for most, window in ((self.per_minute, _MINUTE), (self.per_hour, _HOUR)):
            if len(shown_at) >= most and shown_at[-most] > at - window:
                raise Refusal(45009)
        shown_at.append(at)
        del shown_at[: -self.per_hour]
        self.twin.log.write("shown", now, conversation=conversation, kind=content.kind, text=content.text)
        group = self.twin.groups.get(conversation)
        if group is not None:
            return group.show(content, "bot")
        return self.twin.phone(conversation).show(content, "bot", "bot")

    def _asked(self, req_id: str) -> Asked:
        asked = self.twin.bot.asked.get(req_id)
        if asked is None:
            raise Refusal(846605)
        return asked

    def _check_event(self, asked: Asked, kind: str) -> None:
        if asked.kind != kind:
            raise Refusal(846605)
        if time.monotonic() - asked.started > EVENT_WITHIN.total_seconds():
            raise Refusal(846604)
        if asked.answered:
            raise Refusal(846606)

    def _plain(self, userid: object) -> str:
        """The userid behind an encrypted spelling; any other as it stands."""
        return self.twin.bot.plain_userid(str(userid))

    def _note_cut(self, part: str, size: int, most: int) -> None:
        self.twin.log.write("cut", self.twin.clock.now(), part=part, size=size, most=most)
