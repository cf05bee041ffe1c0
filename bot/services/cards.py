"""The cards that items are pushed as."""

from collections.abc import Sequence
from dataclasses import replace

from bot.message import Button, Card
from bot.rules.text import cut_chars, split_bytes
from bot.services.kinds.base import PLAIN, Face
from bot.services.links import Links
from bot.texts import Texts
from storage.enums import Require
from storage.items import Item

TITLE_CHARS, BODY_CHARS, VALUE_CHARS = 26, 110, 26
"""What every network's card shows whole: title, body, a field's value. The group bot's cards are the smallest."""
APP_TITLE_CHARS, APP_BODY_CHARS = 36, 158
"""The same of the app's cards."""
WORDS_BYTES = 20_000
"""What one message of the group bot takes, the only road without pages."""


def answer_button(texts: Texts, item: Item) -> Button | None:
    """The button that does what the item asks, for the words that it has now; None when it asks nothing."""
    which = f"{item.id}:{item.version}" if item.version > 1 else f"{item.id}"
    if item.require == Require.ACK:
        return Button(texts.say("card.button.ack"), action=f"ack:{which}", primary=True)
    if item.require == Require.READ:
        return Button(texts.say("card.button.read"), action=f"read:{which}", primary=True)
    return None


def asks_for(texts: Texts, item: Item, face: Face = PLAIN) -> str:
    """`请于 11月30日（周一）18:00 前确认`."""
    if face.asks:
        return face.asks
    if item.require == Require.NONE:
        return texts.say("card.asks.none")
    if item.due_at is None:
        return texts.say(f"card.asks.{item.require}")
    return texts.say(f"card.asks.{item.require}_until", due=texts.when(item.due_at, item.created_at))


def body_of(texts: Texts, item: Item, face: Face) -> str:
    """What a card shows below its title: why it asks so much, what the kind has to say, and the item's own words."""
    occasion = texts.say("burden.because", occasion=item.occasion) if item.occasion else ""
    return "\n".join(part for part in (occasion, *face.lines, item.body) if part)


def whole_text(texts: Texts, links: Links, item: Item, face: Face = PLAIN) -> list[str]:
    """The item in words, to go before its card in so many messages; none where the card or its page shows all of it."""
    if links.item_url(item.id):
        return []
    title = texts.say(f"card.title.{item.kind}", number=item.id, title=item.title)
    body = body_of(texts, item, face)
    if len(title) <= TITLE_CHARS and len(body) <= BODY_CHARS and not item.link:
        return []
    return split_bytes("\n".join(part for part in (title, body, item.link or "") if part), WORDS_BYTES)


def correction_card(
    texts: Texts, links: Links, item: Item, *, branch: str, face: Face = PLAIN, lines: Sequence[str], major: bool
) -> Card:
    """The card of an item that was corrected, for who had it before: what changed, and whether to answer once more."""
    usual = item_card(texts, links, item, branch=branch, face=face)
    again = texts.say("card.corrected.major" if major else "card.corrected.minor")
    return replace(
        usual,
        title=texts.say("card.title.correction", number=item.id, title=item.title),
        body=cut_chars("\n".join(lines), BODY_CHARS),
        fields=((texts.say("card.field.correction"), again), *usual.fields),
    )


def item_card(
    texts: Texts,
    links: Links,
    item: Item,
    *,
    branch: str,
    face: Face = PLAIN,
    count: str = "",
    answer: str = "",
    reminder: str = "",
) -> Card:
    """The card of an item.

    `branch` is in whose name it speaks; `face` is what its kind shows; `count` is a group's line (`已确认 3/38`);
    `answer` is what the one person who sees it has said; `reminder` says when a reminder was made, so that it differs
    from what was sent before.
    """
    url = links.item_url(item.id)
    usual = answer_button(texts, item)
    buttons = list(face.buttons) if face.buttons is not None else [] if usual is None else [usual]
    if url:
        buttons.append(Button(texts.say("card.button.open"), url=url))
    title = texts.say(f"card.title.{'reminder' if reminder else item.kind}", number=item.id, title=item.title)
    attached = texts.say("card.attached", n=item.attached) if item.attached else ""
    rows = (("answer", answer), ("attached", attached), ("receipts", count), ("reminder", reminder))
    return Card(
        title=title,
        subtitle=asks_for(texts, item, face),
        body=cut_chars(body_of(texts, item, face), BODY_CHARS),
        source=branch,
        fields=(*face.fields, *((texts.say(f"card.field.{name}"), value) for name, value in rows if value)),
        buttons=tuple(buttons),
        url=url,
    )
