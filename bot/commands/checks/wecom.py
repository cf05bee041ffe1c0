"""The self-built app of WeCom."""

from collections.abc import AsyncIterator

from bot.clock import SystemClock
from bot.commands.checks.finding import Finding, Mark, bad, good, skipped
from bot.commands.session import Session
from bot.config import WeComConfig
from bot.errors import ForgedRequest
from bot.platforms.envelope import Envelope
from bot.platforms.wecom.platform import WeCom

_PROBE = "支部助手".encode()


async def check(session: Session) -> AsyncIterator[Finding]:
    settings, texts = session.config.wecom, session.terminal.texts
    if settings is None:
        yield skipped("wecom_off")
        return
    yield _keys(settings)
    wecom = WeCom(settings, SystemClock())
    try:
        for found in await wecom.check():
            params = dict(found.params)
            if "reason" in params:
                params["reason"] = texts.reason(str(params["reason"]))
            yield Finding(Mark.GOOD if found.ok else Mark.BAD, f"doctor.{found.key}", params)
    finally:
        await wecom.close()


def _keys(settings: WeComConfig) -> Finding:
    """Seals a message with the callback's keys and opens it again."""
    try:
        envelope = Envelope(
            settings.token.get_secret_value(), settings.encoding_aes_key.get_secret_value(), settings.corp_id
        )
        opened = envelope.decrypt(envelope.encrypt(_PROBE))
    except (ForgedRequest, ValueError):
        opened = b""
    return good("wecom_keys") if opened == _PROBE else bad("wecom_keys_broken")
