"""The official account for residents."""

from collections.abc import AsyncIterator

from bot.clock import SystemClock
from bot.commands.checks.finding import Finding, Mark, bad, good, skipped
from bot.commands.session import Session
from bot.config import OfficialAccountConfig
from bot.config.secret_key import secret_key
from bot.errors import ForgedRequest
from bot.platforms.envelope import Envelope
from bot.platforms.official_account.platform import OfficialAccount

_PROBE = "公众号".encode()


async def check(session: Session) -> AsyncIterator[Finding]:
    settings, texts = session.config.official_account, session.terminal.texts
    if settings is None:
        yield skipped("account_off")
        return
    if settings.encoding_aes_key is not None:
        yield _keys(settings, settings.encoding_aes_key.get_secret_value())
    account = OfficialAccount(settings, SystemClock(), secret_key(session.config))
    try:
        for found in await account.check():
            params = dict(found.params)
            if "reason" in params:
                params["reason"] = texts.reason(str(params["reason"]))
            mark = Mark.GOOD if found.ok else Mark.BAD if found.grave else Mark.WARNING
            yield Finding(mark, f"doctor.{found.key}", params)
    finally:
        await account.close()
    yield good("account_callback", address=f"{session.config.public_url}/official-account/callback")


def _keys(settings: OfficialAccountConfig, aes_key: str) -> Finding:
    """Seals a message with the callback's keys and opens it again."""
    try:
        envelope = Envelope(settings.token.get_secret_value(), aes_key, settings.app_id)
        opened = envelope.decrypt(envelope.encrypt(_PROBE))
    except (ForgedRequest, ValueError):
        opened = b""
    return good("account_keys") if opened == _PROBE else bad("account_keys_broken")
