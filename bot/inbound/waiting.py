"""An update on its way from where it came in to the transaction that stores it."""

from dataclasses import dataclass, field

from bot.inbound.claims import Said, claim_in
from bot.update import Update


@dataclass(slots=True, eq=False)
class Waiting:
    """An update and how many bytes of words its HTTP answer can take; 0: answers leave as messages.

    It becomes 0 when the platform waits no longer: what is not answered by then is sent instead.
    """

    update: Update
    inline_bytes: int
    said: Said | None = field(init=False)
    """The receipt that it claims to be."""

    def __post_init__(self) -> None:
        self.said = claim_in(self.update)
