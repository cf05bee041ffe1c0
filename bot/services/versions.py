"""How the versions of a corrected item stand, in figures."""

from bot.texts import Texts
from storage.enums import ReceiptKind
from storage.items import Item
from storage.transaction import Transaction


async def version_lines(tx: Transaction, texts: Texts, item: Item, scope: frozenset[int] | None) -> list[str]:
    """Which version is out, who lacks it, and what was done with the ones before; none for an item never corrected.

    `scope` are the branches that may be seen, None for all.
    """
    current = await tx.versions.get(item.id, item.version) if item.version > 1 else None
    if current is None or current.published_at is None:
        return []
    lines = [texts.say("version.head", version=item.version, when=current.published_at)]
    if behind := await tx.pushes.behind(item.id, item.version, scope):
        lines.append(texts.say("version.behind", version=item.version, n=behind))
    if item.asks_since > 1:
        for version, kinds in (await tx.versions.earlier(item.id, scope)).items():
            ack = kinds.get(ReceiptKind.ACK, 0)
            read = max(kinds.get(ReceiptKind.READ, 0), ack) - ack
            lines.append(texts.say("version.earlier", version=version, ack=ack, read=read))
    return lines
