"""A resident's phone: the conversation with the official account, and the window in which it may write by itself."""

from __future__ import annotations

from base64 import b64decode
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.simulator.refusal import Refusal
from bot.simulator.shown import Content, Shown

if TYPE_CHECKING:
    from bot.simulator.account import Account

AFTER_WORDS = (5, timedelta(hours=48))
AFTER_A_TAP = (3, timedelta(minutes=1))
"""Menu items, codes and following open the window only a little: so many messages, within so long."""
PICTURE = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==")
"""The smallest PNG."""
TROUBLE = "该公众号提供的服务出现故障，请稍后再试"
"""What the vendor shows when nobody answered."""


class Window:
    """How many messages the account may still send, and until when."""

    def __init__(self) -> None:
        self._grants: dict[str, tuple[datetime, int]] = {}

    def words(self, now: datetime) -> None:
        """The person wrote."""
        self._grants["words"] = (now + AFTER_WORDS[1], AFTER_WORDS[0])

    def tap(self, now: datetime) -> None:
        """The person tapped a menu item, scanned a code or followed."""
        self._grants["tap"] = (now + AFTER_A_TAP[1], AFTER_A_TAP[0])

    def spend(self, now: datetime) -> None:
        """One message. Raises Refusal 45015 outside the window, 45047 when all were sent."""
        opened = {kind: left for kind, (until, left) in self._grants.items() if now < until}
        if not opened:
            raise Refusal(45015)
        kind = max(opened, key=lambda each: opened[each])
        if opened[kind] == 0:
            raise Refusal(45047)
        self._grants[kind] = (self._grants[kind][0], opened[kind] - 1)


class ResidentPhone:
    """One person's phone. Each act returns the words of the passive reply, or None."""

    def __init__(self, account: Account, openid: str, name: str) -> None:
        self.account = account
        self.openid = openid
        self.name = name
        self.follows = False
        self.window = Window()
        self.consents: set[str] = set()
        """Templates of which one message has been agreed to."""
        self.blocks_templates = False
        """Templates are taken by the platform and do not arrive."""
        self.reports_at_once = False
        """What became of a template is pushed before the call that sends it is answered."""
        self.last_template = ""
        """The platform's id of the last template for this phone."""
        self.messages: list[Shown] = []
        """Everything shown, oldest first, the owner's own words included."""

    def heard(self) -> list[str]:
        """The words of everything that came in."""
        return [shown.text for shown in self.messages if shown.sender != "me"]

    def show(self, content: Content, sender: str) -> Shown:
        """Puts a message on the phone."""
        twin = self.account.twin
        shown = Shown(twin.next_number(), twin.clock.now(), sender, content, "account", self.openid)
        self.messages.append(shown)
        twin.changed()
        return shown

    async def says(self, text: str, *, repeat: int = 1, at_once: bool = False) -> str | None:
        """Writes to the account."""
        return await self._sends("text", text, {"Content": text}, repeat=repeat, at_once=at_once)

    async def sends_picture(self, content: bytes | None = PICTURE) -> str | None:
        """Sends a picture; of None the platform says an address at which nothing lies."""
        name = f"{len(self.account.pictures) + 1}"
        self.account.pictures[name] = content
        url = f"{self.account.base}/pictures/{name}"
        return await self._sends("image", "[image]", {"PicUrl": url, "MediaId": "simulated-image"})

    async def sends_voice(self, recognised: str | None = "") -> str | None:
        """Speaks; None for an account without recognition of speech."""
        fields = {"MediaId": "simulated-voice", "Format": "amr"}
        if recognised is not None:
            fields["Recognition"] = recognised
        return await self._sends("voice", "[voice]", fields)

    async def sends(self, kind: str, **fields: object) -> str | None:
        """Any other kind of message with its own fields."""
        return await self._sends(kind, f"[{kind}]", fields)

    async def subscribes(self, scene: str = "") -> str | None:
        """Follows the account, by a code that carries a scene or without one."""
        self.follows = True
        self.window.tap(self._now())
        if not scene:
            return await self.account.push.event(self, "subscribe", EventKey="")
        return await self.account.push.event(self, "subscribe", EventKey=f"qrscene_{scene}", Ticket=f"ticket-{scene}")

    async def scans(self, scene: str) -> str | None:
        """Scans a code of the account; whoever does not follow yet does so by this."""
        if not self.follows:
            return await self.subscribes(scene)
        self.window.tap(self._now())
        return await self.account.push.event(self, "SCAN", EventKey=scene, Ticket=f"ticket-{scene}")

    async def taps_menu(self, key: str) -> str | None:
        """Taps the menu item with this key."""
        self._follow()
        self.window.tap(self._now())
        return await self.account.push.event(self, "CLICK", EventKey=key)

    async def unsubscribes(self) -> str | None:
        """Follows the account no longer."""
        self.follows = False
        return await self.account.push.event(self, "unsubscribe", EventKey="")

    async def template_ends(self, status: str = "failed:user block") -> str | None:
        """The platform reports what became of the last template."""
        return await self.account.push.event(self, "TEMPLATESENDJOBFINISH", MsgID=self.last_template, Status=status)

    async def _sends(
        self,
        kind: str,
        seen: str,
        fields: dict[str, object] | dict[str, str],
        *,
        repeat: int = 1,
        at_once: bool = False,
    ) -> str | None:
        self._follow()
        self.show(Content(kind, seen), "me")
        self.window.words(self._now())
        return await self.account.push.message(self, kind, fields, repeat=repeat, at_once=at_once)

    def _follow(self) -> None:
        """Whoever can write or tap must have followed before; a story need not tell it."""
        self.follows = True

    def _now(self) -> datetime:
        return self.account.twin.clock.now()
