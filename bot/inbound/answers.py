"""From a handler's reply to what leaves: words in the HTTP answer, or messages in the outbox. Never both."""

from functools import lru_cache

from bot.inbound.router import Reply
from bot.message import Card, CardUpdate, Message, Text, dump
from bot.services.roads import BOT, RESIDENTS, Roads, parts
from bot.services.settings import Settings
from bot.update import Update, UpdateKind
from storage.enums import Priority
from storage.messages import NewMessage


def sender_of(update: Update) -> str:
    """The recipient that answers to this update go to: the group it came from, or the person."""
    if update.in_group:
        return Roads.to_chat(update.chat_id)
    return f"user:{update.user_id}" if update.platform == BOT else update.user_id


def answer_with(
    settings: Settings, update: Update, row_id: int, reply: Reply, *, inline_bytes: int
) -> tuple[str | None, list[NewMessage]]:
    """The words for the HTTP answer, if they fit in `inline_bytes`, and what is queued."""
    queued: list[NewMessage] = []
    if (reply.done_label or reply.changed) and (update.card_code or reply.pressed[0]):
        queued.append(card_update(update, row_id, reply))
    public = reply if update.in_group or reply.private is None else reply.private
    bodies: list[Message] = [public.card] if public.card is not None else []
    inline, rest = _said(update, public.text, alone=not bodies, inline_bytes=inline_bytes)
    bodies[:0] = [Text(part) for part in rest]
    recipient = sender_of(update)
    queued.extend(
        NewMessage(
            kind="reply",
            subject=str(row_id),
            number=number,
            platform=update.platform,
            recipient=recipient,
            body=dump(body),
            priority=Priority.REPLY,
            lane=f"{update.platform}:{recipient}",
            reply_to=(update.reply_to or None) if number == 1 else None,
        )
        for number, body in enumerate(bodies, 1)
    )
    if update.in_group and reply.private is not None:
        queued.extend(_privately(settings, update, row_id, reply.private))
    return inline, queued


def _said(update: Update, text: str, *, alone: bool, inline_bytes: int) -> tuple[str | None, list[str]]:
    """The words for the HTTP answer, and those for messages.

    A resident's first words are always answered inline, whatever follows them: an account may not be able to say
    anything later. To a member all is said at once, and WeCom does not say for sure that it shows words behind a click.
    """
    if not text:
        return None, []
    pieces = [text] if _most_bytes(text) <= inline_bytes else parts(text)
    fits = not update.in_group and _most_bytes(pieces[0]) <= inline_bytes
    at_once = alone and len(pieces) == 1 and update.kind is not UpdateKind.CLICK
    if fits and (at_once or update.platform == RESIDENTS):
        return pieces[0], pieces[1:]
    return None, parts(text)


def _most_bytes(words: str) -> int:
    """What an adapter may make of the words: a sign that its network would read as markup grows by two bytes."""
    return len(words.encode()) + 2 * words.count("<")


def _privately(settings: Settings, update: Update, row_id: int, reply: Reply) -> list[NewMessage]:
    roads = settings.roads
    recipient = roads.to_user(update.user_id)
    bodies: list[Message] = [Text(part) for part in parts(reply.text)] if reply.text else []
    if reply.card is not None:
        bodies.append(reply.card)
    return [
        NewMessage(
            kind="reply",
            subject=f"{row_id}:{update.chat_id}",  # the group is told where this may not be said
            number=number,
            platform=roads.private,
            recipient=recipient,
            body=dump(body),
            priority=Priority.REPLY,
            lane=f"{roads.private}:{recipient}",
        )
        for number, body in enumerate(bodies, 1)
    ]


@lru_cache(maxsize=256)
def _change(card_id: str, done_label: str, card: Card | None, others: tuple[str, ...]) -> str:
    """The change that all who press the same button of the same card get: who and by which code is the message's."""
    return dump(CardUpdate("", "", done_label, card_id=card_id, card=card, note=done_label, others=others))


def card_update(update: Update, row_id: int, reply: Reply) -> NewMessage:
    """Changes the card that was clicked; the code is known when it leaves, see `outbound.freezing`."""
    code, card_id = reply.pressed if reply.pressed[0] else (update.card_code, update.card_id)
    return NewMessage(
        kind="card",
        subject=str(row_id),
        platform=update.platform,
        recipient=sender_of(update),
        body=_change(card_id, reply.done_label, reply.changed, reply.others),
        priority=Priority.REPLY,
        reply_to=code,
    )
