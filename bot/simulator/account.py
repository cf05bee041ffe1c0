"""The official account on the vendor's side: what it is, what its kind may do, and the people who follow it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.simulator.account_callbacks import AccountCallbacks
from bot.simulator.residents import ResidentPhone
from bot.simulator.shown import Json
from bot.simulator.tokens import Tokens

if TYPE_CHECKING:
    from bot.simulator.twin import Twin


class AccountKind(StrEnum):
    """What the vendor's console says under 账号类型 and 认证情况."""

    PERSONAL = "personal"
    """Not verified, which a person's account never can be: passive replies and little else."""
    SUBSCRIPTION = "subscription"
    """A verified 订阅号."""
    UNVERIFIED_SERVICE = "unverified_service"
    SERVICE = "service"
    """A verified 服务号, which may do everything."""


class Wrapping(StrEnum):
    """How callbacks travel, as the console's 消息加解密方式 says."""

    SAFE = "safe"
    COMPATIBLE = "compatible"
    PLAIN = "plain"


_VERIFIED = frozenset({AccountKind.SUBSCRIPTION, AccountKind.SERVICE})
_SERVICE = frozenset({AccountKind.SERVICE})
GRANTS: Mapping[str, frozenset[AccountKind]] = {
    "menu/create": _VERIFIED | {AccountKind.UNVERIFIED_SERVICE},
    "menu/get": _VERIFIED | {AccountKind.UNVERIFIED_SERVICE},
    "message/custom/send": _VERIFIED,
    "user/info": _VERIFIED,
    "message/template/send": _SERVICE,
    "template/get_all_private_template": _SERVICE,
    "message/subscribe/bizsend": _SERVICE,
    "qrcode/create": _SERVICE,
    "oauth2": _SERVICE,
}
"""Who may call what; a call that is not listed is everybody's."""


@dataclass(frozen=True, slots=True)
class AccountIds:
    """Ids and secrets that both sides know. The values are made up and well-formed."""

    app_id: str = "wx00branchbot0000"
    secret: str = "simulated-account-secret"
    token: str = "BranchTok2"
    encoding_aes_key: str = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba"
    original_id: str = "gh_0a1b2c3d4e5f"


class Account:
    """One official account. `kind` and `wrapping` may be changed by a test; `callback_url` is where its pushes go."""

    def __init__(self, twin: Twin, name: str = "社区党群服务") -> None:
        self.twin = twin
        self.name = name
        self.ids = AccountIds()
        self.kind = AccountKind.SERVICE
        self.wrapping = Wrapping.SAFE
        self.callback_url: str | None = None
        self.base = ""
        """Where the account's own addresses begin; pictures lie below it."""
        self.pictures: dict[str, bytes | None] = {}
        """What residents sent, by the last part of its address; None for what is not there any more."""
        self.tokens = Tokens(self.ids.app_id, self.ids.secret)
        self.push = AccountCallbacks(self)
        self.menu: Json | None = None
        self.templates: dict[str, frozenset[str]] = {}
        """The approved templates by id, with the names of their fields."""
        self.scenes: dict[str, str] = {}
        """What each code that was made carries, by its ticket."""
        self.residents: dict[str, ResidentPhone] = {}
        """Phones by openid."""

    def may(self, api: str) -> bool:
        """Whether an account of this kind is granted the call."""
        granted = GRANTS.get(api)
        return granted is None or self.kind in granted

    def resident(self, name: str) -> ResidentPhone:
        """The phone of this person; made at the first call."""
        for phone in self.residents.values():
            if phone.name == name:
                return phone
        return self._follower(name)

    def crowd(self, count: int) -> None:
        """So many people more, who follow the account and have just written to it."""
        for _ in range(count):
            phone = self._follower(f"群众{len(self.residents) + 1}")
            phone.follows = True
            phone.window.words(self.twin.clock.now())

    def _follower(self, name: str) -> ResidentPhone:
        phone = ResidentPhone(self, f"oAbc_resident_{len(self.residents) + 1:014d}", name)
        self.residents[phone.openid] = phone
        return phone
