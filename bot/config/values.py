"""The types that the configuration's values have. A wrong one says what was expected: `config.expected.<key>`."""

import base64
import ipaddress
import re
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_core import PydanticCustomError

_DURATION = re.compile(r"(\d{1,6})(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _wrong(expected: str) -> PydanticCustomError:
    """A problem whose words are `config.expected.<expected>` in the catalogues."""
    return PydanticCustomError("expected", "{expected}", {"expected": expected})


def _duration(value: object) -> timedelta:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise _wrong("duration")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError):
        raise _wrong("timezone") from None
    return value


def is_loopback(host: str | None) -> bool:
    """Whether a host name means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _base(value: str, secure: str, plain: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in (secure, plain) or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise _wrong(f"{secure}_base")
    if parts.scheme == plain and not is_loopback(parts.hostname):
        raise _wrong(f"{secure}_only")
    return value.rstrip("/")


def _http_base(value: str) -> str:
    return _base(value, "https", "http")


def _secret_url(value: SecretStr) -> SecretStr:
    parts = urlsplit(value.get_secret_value())
    if not value.get_secret_value():
        return value
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise _wrong("https_only")
    if not parts.hostname:
        raise _wrong("https_base")
    return value


def _ws_base(value: str) -> str:
    return _base(value, "wss", "ws")


def _database_url(value: str) -> str:
    if not value.startswith(("sqlite+aiosqlite:///", "postgresql+asyncpg://")):
        raise _wrong("database_url")
    return value


def _aes_key(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[0-9A-Za-z]{43}", value.get_secret_value()):
        raise PydanticCustomError("aes_key", "{length}", {"length": len(value.get_secret_value())})
    return value


def _callback_token(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[0-9A-Za-z]{1,32}", value.get_secret_value()):
        raise _wrong("callback_token")
    return value


def _network(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError:
        raise _wrong("network") from None
    return value


def span_of_day(value: str) -> tuple[time, time]:
    """The two times in `09:00-12:00`."""
    start, _, end = value.partition("-")
    return _time_of_day(start.strip()), _time_of_day(end.strip())


def _hours(value: str) -> str:
    start, end = span_of_day(value)
    if start >= end:
        raise _wrong("hours")
    return value


def _working_hours(value: list[str]) -> list[str]:
    """In order of the day; spans that overlap are no working hours."""
    spans = sorted(value, key=span_of_day)
    if any(span_of_day(a)[1] > span_of_day(b)[0] for a, b in pairwise(spans)):
        raise _wrong("working_hours")
    return spans


def _bearer_token(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[0-9A-Za-z._~+/=-]+", value.get_secret_value()):
        raise _wrong("bearer_token")
    return value


def _webhook_secret(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except ValueError:
        raise _wrong("webhook_secret") from None
    if not text.startswith("whsec_") or not 24 <= len(key) <= 64:
        raise _wrong("webhook_secret")
    return value


def _filled(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().strip():
        raise _wrong("filled")
    return value


def _quiet_hours(value: list[time]) -> list[time]:
    if len(value) not in (0, 2) or (len(value) == 2 and value[0] == value[1]):
        raise _wrong("quiet_hours")
    return value


def _time_of_day(value: object) -> time:
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", value) if isinstance(value, str) else None
    if match is None:
        raise _wrong("time_of_day")
    return time(int(match[1]), int(match[2]))


def _holiday(value: str) -> str:
    try:
        date.fromisoformat(value.removeprefix("+"))
    except ValueError:
        raise _wrong("holiday") from None
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
HttpBase = Annotated[str, AfterValidator(_http_base)]
SecretUrl = Annotated[SecretStr, AfterValidator(_secret_url)]
WsBase = Annotated[str, AfterValidator(_ws_base)]
WebhookSecret = Annotated[SecretStr, AfterValidator(_webhook_secret)]
Filled = Annotated[SecretStr, AfterValidator(_filled)]
AesKey = Annotated[SecretStr, AfterValidator(_aes_key)]
CallbackToken = Annotated[SecretStr, AfterValidator(_callback_token)]
Words = Annotated[str, Field(min_length=1)]
Label = Annotated[str, Field(min_length=1, max_length=40)]
QuietHours = Annotated[list[TimeOfDay], AfterValidator(_quiet_hours)]
Holiday = Annotated[str, AfterValidator(_holiday)]
Zone = Annotated[str, AfterValidator(_zone)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
LongSecret = Annotated[SecretStr, Field(min_length=32)]
BearerToken = Annotated[LongSecret, AfterValidator(_bearer_token)]
Hours = Annotated[str, AfterValidator(_hours)]
WorkingHours = Annotated[list[Hours], AfterValidator(_working_hours)]
Network = Annotated[str, AfterValidator(_network)]
