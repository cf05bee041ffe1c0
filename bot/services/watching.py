"""What the auditor found, said to the administrators and to whoever asks whether the bot is ready."""

from collections.abc import Container, Sequence
from datetime import datetime

from bot.rules.watching import Finding
from bot.services.alarms import mend_alarms, raise_lasting
from bot.services.settings import Settings
from storage.transaction import Transaction


def in_words(settings: Settings, finding: Finding) -> str:
    """One sentence that says what to do."""
    return settings.texts.say(f"alarm.{finding.key}", **_params(settings, finding))


async def tell(
    tx: Transaction, settings: Settings, findings: Sequence[Finding], *, unproven: Container[str], now: datetime
) -> None:
    """Administrators hear what is new, and what is over. See `mend_alarms` for `unproven`."""
    # A broken road first: what else there is to say must not take it.
    for finding in sorted(findings, key=lambda each: not each.road):
        await raise_lasting(
            tx, settings, finding.key, finding.about, finding.road, now=now, **_params(settings, finding)
        )
    await mend_alarms(tx, settings, unproven=unproven, now=now)


def _params(settings: Settings, finding: Finding) -> dict[str, object]:
    texts, params = settings.texts, dict(finding.params)
    match finding.key:
        case "platform":
            params["platform"] = texts.say(f"platform.{params['platform']}")
            params["reason"] = texts.reason(str(params["reason"]))
            params["detail"] = ""
        case "skew":
            params["whose"] = texts.say(f"alarm.clock.{finding.about}")
        case "unsound":
            params["rule"] = texts.say(f"alarm.rule.{finding.about}")
    return params
