"""Webhooks as a platform that only hears. Signed after https://www.standardwebhooks.com/."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus

import aiohttp

from bot.clock import Clock
from bot.config.sections import WebhookConfig
from bot.log import get_logger
from bot.message import Event, Message
from bot.platforms.base import Limits, Outcome, Request, Verdict
from bot.platforms.http import dump, open_session

NAME = "webhook"
API = "event"
PATIENCE = aiohttp.ClientTimeout(total=10, connect=3)
LONGEST_WAIT = timedelta(hours=1)
BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})

log = get_logger("webhook")


class Webhooks:
    """A Platform. Recipients are the names of the configured addresses; messages are events and nothing else.

    The order of events is not promised. A receiver that answers 410 hears nothing more until the next start.
    """

    name = NAME
    limits = Limits(
        recipients_per_call=1,
        concurrent_calls=2,
        calls_per_second=20,
        per_recipient_minute=10_000,
        per_recipient_day=10_000_000,
        repeat_window=timedelta(hours=24),
    )

    def __init__(
        self,
        hooks: Sequence[WebhookConfig],
        clock: Clock,
        *,
        session: Callable[[], aiohttp.ClientSession] = open_session,
    ) -> None:
        self._hooks: Mapping[str, WebhookConfig] = {hook.name: hook for hook in hooks}
        self._clock = clock
        self._open = session
        self._session: aiohttp.ClientSession | None = None
        self._gone: set[str] = set()

    def compose(self, message: Message, recipients: Sequence[str], ref: str) -> Request:
        """See Platform. Raises ValueError for what is no event, or for an address that is not configured any more."""
        (recipient,) = recipients
        if not isinstance(message, Event) or recipient not in self._hooks:
            raise ValueError("an event for a configured address")
        return Request(API, dump({"to": recipient, "id": message.id, "payload": message.payload}))

    async def deliver(self, request: Request) -> Outcome:
        """See Platform. The body of the answer is not read."""
        frozen = json.loads(request.body)
        hook = self._hooks.get(frozen["to"])
        if hook is None or hook.name in self._gone:
            return Outcome(Verdict.REFUSED, "hook_gone", code=HTTPStatus.GONE)
        payload: bytes = frozen["payload"].encode()
        timestamp = int(self._clock.now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "webhook-id": frozen["id"],
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(hook.key, frozen["id"], timestamp, payload),
        }
        if self._session is None:
            self._session = self._open()
        try:
            async with self._session.post(
                hook.url, data=payload, headers=headers, allow_redirects=False, timeout=PATIENCE
            ) as response:
                return self._outcome(hook, response.status, response.headers.get("Retry-After", ""))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            log.warning("webhook.not_sent", hook=hook.name, why=type(error).__name__)
            return Outcome(Verdict.LATER, "network", patient=True, code=0)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("webhook.no_answer", hook=hook.name, why=type(error).__name__)
            return Outcome(Verdict.LATER, "no_answer", patient=True, code=0)

    async def close(self) -> None:
        """Gives the connections back."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _outcome(self, hook: WebhookConfig, status: int, retry_after: str) -> Outcome:
        if 200 <= status < 300:
            return Outcome(Verdict.ACCEPTED, http_status=status, code=status)
        log.warning("webhook.refused", hook=hook.name, status=status)
        if status == HTTPStatus.GONE:
            self._gone.add(hook.name)
            return Outcome(Verdict.REFUSED, "hook_gone", alarm=True, detail=hook.host, http_status=status, code=status)
        wait = None
        if status in BUSY and retry_after.isdecimal() and len(retry_after) < 6:
            wait = min(timedelta(seconds=int(retry_after)), LONGEST_WAIT)
        return Outcome(Verdict.LATER, "hook_failed", patient=True, after=wait, http_status=status, code=status)


def signature(key: bytes, message_id: str, timestamp: int, payload: bytes) -> str:
    """`v1,` and the HMAC-SHA256 of id, time and payload in base64."""
    signed = f"{message_id}.{timestamp}.".encode() + payload
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
