"""A sign-up: so many places, and a waiting list behind them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from bot.errors import UserError
from bot.message import Button
from bot.rules.folding import normalise
from bot.rules.numerals import with_digits
from bot.services.asking import Ask
from bot.services.kinds.base import Amendment, Face, Keep, Kind
from bot.services.settings import Settings
from bot.services.signups import close_signups, set_places
from bot.services.written import Written
from storage.enums import ItemKind, Require
from storage.items import Item
from storage.signups import Signup
from storage.transaction import Transaction

FIELDS: Mapping[str, str] = {**dict.fromkeys(("名额", "人数", "places"), "places")}
MOST = 100_000
_NO_LIMIT = frozenset({"", "不限", "无", "没有", "none", "no"})


class SignupKind(Kind):
    """`/报名`."""

    corrects: ClassVar[frozenset[str]] = frozenset({"places"})

    def is_answer(self, text: str) -> bool:
        plain = normalise(text).strip().removeprefix("#")
        return not plain or plain.isdecimal()

    def read(self, settings: Settings, written: Written, draft: Item, *, now: datetime) -> Keep:
        places = _places(written.fields.get("places", ""))
        draft.keep_until = draft.due_at

        async def keep(tx: Transaction, item: Item) -> None:
            tx.signups.add(Signup(item_id=item.id, places=places))
            await tx.flush()

        return keep

    async def amend(
        self, tx: Transaction, settings: Settings, item: Item, fields: Mapping[str, str], *, now: datetime
    ) -> Amendment | None:
        signup = await tx.signups.get(item.id)
        if signup is None or not fields.get("places", "").strip():
            return None
        places = _places(fields["places"])
        if places == signup.places:
            return None
        taken, _ = (await tx.signups.counts([item.id]))[item.id]
        if places is not None and places < taken:
            raise UserError("signup.fewer", number=item.id, taken=taken)
        name, old, new = settings.texts.say("signup.field.places"), _of(settings, signup.places), _of(settings, places)
        line = settings.texts.say("difference.own", name=name, old=old, new=new)
        return Amendment({"places": places}, (line,), ("places",))

    async def take_over(
        self, tx: Transaction, settings: Settings, item: Item, amendment: Amendment, *, major: bool, now: datetime
    ) -> None:
        places = amendment.values["places"]
        await set_places(tx, settings, item, int(places) if places is not None else None, now=now)

    async def faces(self, tx: Transaction, settings: Settings, items: Sequence[Item]) -> Mapping[int, Face]:
        texts, numbers = settings.texts, [item.id for item in items]
        signups, counts = await tx.signups.many(numbers), await tx.signups.counts(numbers)
        found = {}
        for item in items:
            if item.id not in signups:
                continue
            places, (taken, waiting) = signups[item.id].places, counts[item.id]
            asks = texts.say("signup.asks_until", due=item.due_at) if item.due_at else texts.say("signup.asks")
            found[item.id] = Face(
                asks=asks,
                fields=((texts.say("signup.field.places"), _of(settings, places)),),
                buttons=(
                    Button(texts.say("signup.button.enter"), action=f"enter:{item.id}", primary=True),
                    Button(texts.say("signup.button.quit"), action=f"quit:{item.id}"),
                    Button(texts.say("signup.button.not"), action=f"read:{item.id}"),
                ),
                count=texts.say("signup.count", taken=taken, waiting=waiting) if taken else "",
            )
        return found

    async def progress(
        self, tx: Transaction, settings: Settings, item: Item, scope: frozenset[int] | None, *, now: datetime
    ) -> list[str]:
        signup = await tx.signups.get(item.id)
        if signup is None or scope is not None:
            return []
        taken, waiting = (await tx.signups.counts([item.id]))[item.id]
        places = _of(settings, signup.places)
        return [settings.texts.say("signup.progress", taken=taken, waiting=waiting, places=places)]

    async def any_due(self, tx: Transaction, *, now: datetime) -> bool:
        return await tx.items.any_past_due(ItemKind.SIGNUP, now)

    async def do_due(self, tx: Transaction, settings: Settings, *, now: datetime) -> int:
        return await close_signups(tx, settings, now=now)


def _of(settings: Settings, places: int | None) -> str:
    return settings.texts.say("signup.no_limit") if places is None else settings.texts.say("signup.places", n=places)


def _places(words: str) -> int | None:
    """Raises Ask for what is no number of places."""
    plain = with_digits(normalise(words).strip().casefold())
    if plain in _NO_LIMIT:
        return None
    for unit in ("个名额", "个人", "人", "个", "名", "位", "places", "people"):
        plain = plain.removesuffix(unit).strip()
    if not plain.isdecimal() or not plain.isascii() or not 1 <= int(plain[:9]) <= MOST:
        raise Ask("places", "signup.ask_places", words=words[:20])
    return int(plain)


SIGNUP = SignupKind(
    ItemKind.SIGNUP,
    ("报名", "signup"),
    Require.READ,
    chooses=False,
    fields=FIELDS,
    help_key="help.call_signup",
)
